"""The poller with the real fetcher, against a site on the loopback whose answers are not to be believed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.core.model import Source
from bot.core.rules.index import RuleIndex
from bot.polling.poller import Poller
from bot.sources.catalog import Catalog
from bot.sources.http.fetcher import Fetcher
from bot.sources.roster import Roster
from bot.storage.database import Database, open_database
from bot.storage.poll_state import PollState
from tests.builders import NOW, ManualClock, source
from tests.fakes import an_intake, read_here, some_leads
from tests.sources.site import Site, running_site

OLD = ("Ferry delayed off Kestrel", "Choir of Tarn tours the north")
NEWS = "Cable cut between two islands off Kestrel"


@dataclass
class Desk:
    """The poller of one source, under a clock of our own."""

    poller: Poller
    site: Site
    clock: ManualClock
    source: Source

    @property
    def state(self) -> PollState:
        return self.poller.states[self.source.id]

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request in self.site.requests]

    async def advance(self, **span: float) -> None:
        """Time goes by in steps of half an hour; what falls due in it is polled."""
        end = self.clock.now() + timedelta(**span)
        while self.clock.now() < end:
            self.clock.advance(seconds=min(1800.0, (end - self.clock.now()).total_seconds()))
            await self.poller.poll_due()


def feed(*titles: str) -> bytes:
    """A feed of these articles, a day between one and the next."""
    rows = "".join(
        f"<item><guid isPermaLink='false'>{title}</guid><title>{title}</title>"
        f"<pubDate>{format_datetime(NOW - timedelta(days=place + 1))}</pubDate></item>"
        for place, title in enumerate(titles)
    )
    return f"<rss version='2.0'><channel><title>Site</title>{rows}</channel></rss>".encode()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    yield database
    await database.close()


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    """The first poll of /feed is done."""
    clock = ManualClock()
    async with running_site() as site, Fetcher(contact="x", allow_private=True, clock=clock) as fetcher:
        read = source("northgate", url=site.says("/feed", feed(*OLD)))
        desk = Desk(a_poller(database, fetcher, Roster(Catalog(sources=(read,))), clock), site, clock, read)
        await desk.poller.load()
        await desk.advance(minutes=30)
        assert desk.poller.facts.new == len(OLD)
        yield desk


def a_poller(database: Database, fetcher: Fetcher, roster: Roster, clock: ManualClock) -> Poller:
    return Poller(
        database=database,
        fetch=fetcher.fetch,
        read=read_here,
        leads=some_leads(database),
        roster=roster,
        intake=an_intake(database, RuleIndex()),
        clock=clock,
        min_interval=timedelta(minutes=30),
        max_interval=timedelta(minutes=30),
        told=lambda: None,
    )


# Conditions that are answered with lies


async def test_a_server_that_says_not_modified_for_a_day_is_asked_for_everything(desk: Desk) -> None:
    desk.site.says("/feed", feed(*OLD), ETag='"frozen"')
    await desk.advance(minutes=30)
    desk.site.says("/feed", feed(NEWS, *OLD), ETag='"frozen"')
    await desk.advance(hours=12)
    assert desk.poller.facts.new == len(OLD), "it is believed for a while"
    await desk.advance(hours=12)
    assert desk.poller.facts.new == len(OLD) + 1


async def test_a_busy_source_is_doubted_after_ten_times_its_rhythm(desk: Desk) -> None:
    ferries = [f"Ferry {number} delayed off Kestrel" for number in range(11)]
    for number in range(11):
        desk.site.says("/feed", feed(*ferries[: number + 1]), ETag='"frozen"' if number == 10 else "")
        await desk.advance(hours=1)
    before = desk.poller.facts.new
    desk.site.says("/feed", feed(NEWS), ETag='"frozen"')
    await desk.advance(hours=9)
    assert desk.poller.facts.new == before
    await desk.advance(hours=2)
    assert desk.poller.facts.new == before + 1


async def test_once_conditions_were_answered_with_lies_none_are_sent_for_a_week(desk: Desk) -> None:
    desk.site.says("/feed", feed(*OLD), ETag='"frozen"')
    await desk.advance(minutes=30)
    desk.site.says("/feed", feed(NEWS, *OLD), ETag='"frozen"')
    await desk.advance(hours=25)
    desk.site.says("/feed", feed("Harbour library opens on Sundays", NEWS, *OLD), ETag='"frozen"')
    await desk.advance(hours=1)
    assert desk.poller.facts.new == len(OLD) + 2
    assert "If-None-Match" not in desk.site.requests[-1].headers
    await desk.advance(days=8)
    assert any("If-None-Match" in request.headers for request in desk.site.requests[-60:]), "then it may try again"


async def test_an_honest_server_is_asked_for_everything_once_a_day(desk: Desk) -> None:
    desk.site.says("/feed", feed(*OLD), ETag='"1"')
    await desk.advance(days=2)
    whole = [request for request in desk.site.requests if "If-None-Match" not in request.headers]
    assert len(whole) <= 2 + 2
    assert desk.state.unconditional_until is None


async def test_not_modified_without_a_condition_is_a_fault(desk: Desk) -> None:
    desk.site.says("/feed", status=304)
    await desk.advance(hours=1)
    assert "asked for everything" in (desk.state.problem or "")


# Moved for good, or by mistake


async def moved(desk: Desk) -> None:
    desk.site.says("/new", feed(*OLD))
    desk.site.redirects("/feed", "/new", 301)
    await desk.advance(hours=1)
    assert desk.state.url == desk.site.url + "/new"
    desk.site.requests.clear()


async def test_a_source_that_moved_is_read_at_its_new_address(desk: Desk) -> None:
    await moved(desk)
    await desk.advance(hours=20)
    assert set(desk.asked) == {"/new"}


async def test_a_move_that_is_taken_back_is_noticed_within_a_day(desk: Desk) -> None:
    await moved(desk)
    desk.site.says("/feed", feed(NEWS, *OLD))
    await desk.advance(hours=25)
    assert desk.poller.facts.new == len(OLD) + 1
    assert desk.state.url is None


@pytest.mark.parametrize(("status", "body"), [(500, b""), (410, b""), (200, b"<html>This domain is for sale</html>")])
async def test_the_old_address_is_asked_at_once_when_the_new_one_fails(desk: Desk, status: int, body: bytes) -> None:
    await moved(desk)
    desk.site.says("/new", body, status=status)
    desk.site.says("/feed", feed(NEWS, *OLD))
    await desk.advance(hours=1)
    assert desk.poller.facts.new == len(OLD) + 1
    assert (desk.state.failures, desk.state.gone) == (0, False)


@pytest.mark.parametrize(("status", "body"), [(404, b""), (200, b"<html>For sale</html>"), (200, feed())])
async def test_an_old_address_that_is_dead_takes_nothing_from_the_new_one(desk: Desk, status: int, body: bytes) -> None:
    await moved(desk)
    desk.site.says("/feed", body, status=status)
    await desk.advance(hours=30)
    desk.site.says("/new", feed(NEWS, *OLD))
    await desk.advance(hours=1)
    assert desk.poller.facts.new == len(OLD) + 1
    assert (desk.state.failures, desk.state.url) == (0, desk.site.url + "/new")
    assert desk.asked.count("/feed") <= 2


async def test_where_both_addresses_fail_the_fault_is_that_of_the_one_in_use(desk: Desk) -> None:
    await moved(desk)
    desk.site.says("/new", status=503)
    desk.site.says("/feed", status=404)
    await desk.advance(hours=1)
    assert desk.state.problem == "the server says 503: service unavailable"


# Gone


async def test_a_source_that_is_gone_is_asked_once_a_day_and_comes_back(desk: Desk) -> None:
    desk.site.says("/feed", status=410)
    await desk.advance(minutes=30)
    assert desk.state.gone
    desk.site.requests.clear()
    await desk.advance(hours=23)
    assert desk.asked == []
    desk.site.says("/feed", feed(NEWS, *OLD))
    await desk.advance(hours=2)
    assert desk.poller.facts.new == len(OLD) + 1
    assert (desk.state.gone, desk.state.trouble) == (False, None)


# The first reading


async def test_the_first_reading_is_the_first_with_entries(database: Database) -> None:
    clock = ManualClock()
    async with running_site() as site, Fetcher(contact="x", allow_private=True, clock=clock) as fetcher:
        read = source("northgate", url=site.says("/feed", feed()))
        desk = Desk(a_poller(database, fetcher, Roster(Catalog(sources=(read,))), clock), site, clock, read)
        await desk.poller.load()
        await desk.advance(hours=1)
        assert desk.state.last_success is not None
        assert desk.state.rhythm == (), "or what comes next would be told as news"
        site.says("/feed", feed(*OLD))
        await desk.advance(hours=1)
        assert desk.poller.facts.new == len(OLD)
        assert len(desk.state.rhythm) == len(OLD), "by their dates, as in any first reading"


async def test_another_address_under_the_same_name_is_another_feed(database: Database) -> None:
    clock, roster = ManualClock(), Roster(Catalog(sources=()))
    async with running_site() as site, Fetcher(contact="x", allow_private=True, clock=clock) as fetcher:
        read = source("northgate", url=site.says("/feed", status=410))
        desk = Desk(a_poller(database, fetcher, roster, clock), site, clock, read)
        await desk.poller.load()
        roster.change(added=(read,), switched={})
        await desk.advance(hours=1)
        roster.change(added=(replace(read, url=site.says("/other", feed(*OLD))),), switched={})
        await desk.advance(hours=1)
        assert desk.poller.facts.new == len(OLD)
