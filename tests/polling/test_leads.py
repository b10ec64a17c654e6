"""Leads of items: a real fetcher and poller, and a site on the loopback with a feed and pages."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime
from functools import partial
from html import escape
from pathlib import Path

import pytest

from bot.core.intake.items import to_items
from bot.core.model import FeedEntry, Item, Relevance, Scope, Side, Source, SourceKind
from bot.core.rules.index import RuleIndex
from bot.polling.leads import MOST_PAGES, Leads
from bot.polling.poller import Poller
from bot.polling.worker import Formerly, ReadBody, prepare, with_lead
from bot.sources.base import Fetched
from bot.sources.catalog import Catalog
from bot.sources.http.fetcher import CONNECTIONS_PER_HOST, Fetcher
from bot.sources.http.pages import PAGE, Pages
from bot.sources.parsing.robots import may_ask
from bot.sources.parsing.worker import ParserPool
from bot.sources.roster import Roster
from bot.storage import news
from bot.storage.database import Database, open_database
from bot.storage.poll_state import PollState
from bot.subject import config_folder
from tests import builders
from tests.builders import NOW, ManualClock
from tests.fakes import an_intake, fetched, read_here, read_lead_here, real_subject, some_leads
from tests.sources.site import Site, running_site

CORE = "Russian drone violates airspace of Estonia, NATO jets scrambled"
# Which of them may be core is the classifier's to say.
VAGUE = (
    "Alliance checks reports of an aircraft",
    "Ministry of Estonia summons ambassador over aircraft",
    "Estonia closes its border at night",
    "Moscow blamed for explosion near the border",
    "Object fell near the border of Latvia",
    "Unknown aircraft seen over the Baltic",
)
VAGUE_LEAD = (
    "An aircraft of Russia violated the airspace of Estonia near the border, NATO said on Tuesday after an explosion "
    "over the sea, and fighter jets of the alliance were scrambled to follow the object."
)
STRANGE = "Choir of Tarn wins a prize for its songs"
LEAD = (
    "NATO jets were scrambled over the town of Kestrel on Tuesday after a Russian drone had crossed into Estonia, the "
    "ministry said, and it was lost from radar."
)
SUMMARY = LEAD.replace("Tuesday", "Monday")


# A source that has been read before.
READ = PollState(source=builders.source().id, asked="", next_poll=NOW, stored_once=True)


@dataclass
class Desk:
    """The poller of one source."""

    poller: Poller
    database: Database
    site: Site
    clock: ManualClock
    entries: list[tuple[str, str, str]]

    def publishes(self, title: str, page: str = "", *, summary: str = "", path: str = "") -> None:
        """An article, whose page says this in its head, or is this whole."""
        path = path or f"/{len(self.entries)}"
        self.entries.append((path, title, summary))
        if page:
            whole = page if page.startswith("<") else f'<meta property="og:description" content="{page}">'
            self.site.says(path, whole.encode(), Content_Type="text/html")
        self.prints()

    def rewrites(self, old: str, title: str, summary: str = "") -> None:
        self.entries = [(path, title, summary) if was == old else (path, was, text) for path, was, text in self.entries]
        self.prints()

    def prints(self) -> None:
        at = format_datetime(self.clock.now())
        rows = "".join(
            f"<item><title>{escape(title)}</title><link>{self.site.url}{path}</link><pubDate>{at}</pubDate>"
            f"<description>{escape(text)}</description></item>"
            for path, title, text in reversed(self.entries)
        )
        self.site.says("/feed", f"<rss version='2.0'><channel><title>Site</title>{rows}</channel></rss>".encode())

    async def polls(self) -> None:
        self.clock.advance(minutes=1)
        await self.poller.poll_due()

    async def items(self) -> dict[str, Item]:
        """What is stored, by title."""
        async with self.database.read() as tx:
            ids = await news.running_items(tx, self.clock.now())
            return {item.title: item for item in map(news.item_of, await news.item_rows(tx, ids))}

    @property
    def asked(self) -> list[str]:
        """The pages that were asked for, in order."""
        return [path for request in self.site.requests if (path := request.path) not in {"/feed", "/robots.txt"}]


@dataclass
class Net:
    """Pages that all say the same, after a while."""

    page: str = f'<meta property="og:description" content="{LEAD}">'
    slow: float = 0.0
    asked: list[str] = field(default_factory=list)

    async def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        await asyncio.sleep(self.slow)
        return replace(fetched(self.page.encode()), content_type="text/html")


def a_body(*titles: str, site: str = "https://northgate.example", outlet: str = "northgate") -> ReadBody:
    """Core items of an outlet, the last of them the newest."""
    entries = [
        FeedEntry(title=title, link=f"{site}/{place}", published=NOW - timedelta(seconds=len(titles) - place))
        for place, title in enumerate(titles)
    ]
    items = [replace(item, relevance=Relevance.CORE) for item in to_items(builders.source(outlet), entries, NOW)]
    return ReadBody(items=items, promising=set(range(len(items))), ttl=None, problem=None)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    yield database
    await database.close()


async def allows(robots: Fetched, url: str) -> bool:
    return may_ask(robots, url)


def a_poller(
    database: Database, fetcher: Fetcher, read: Source, clock: ManualClock, leads: Leads | None = None
) -> Poller:
    pages = Pages(fetcher, allows, clock, page=replace(PAGE, timeout=timedelta(seconds=0.3)))
    return Poller(
        database=database,
        fetch=fetcher.fetch,
        read=read_here,
        leads=leads or some_leads(database, pages.fetch),
        roster=Roster(Catalog(sources=(read,))),
        intake=an_intake(database, RuleIndex()),
        clock=clock,
        min_interval=timedelta(minutes=1),
        max_interval=timedelta(minutes=1),
        told=lambda: None,
    )


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(contact="x", allow_private=True) as fetcher:
        yield fetcher


@pytest.fixture
async def desk(database: Database, fetcher: Fetcher) -> AsyncIterator[Desk]:
    """Its first reading, of one article with a page, is done."""
    clock = ManualClock()
    async with running_site() as site:
        read = builders.source(url=f"{site.url}/feed", side=Side.NATO_FLANK)
        desk = Desk(a_poller(database, fetcher, read, clock), database, site, clock, [])
        await desk.poller.load()
        desk.publishes(CORE.replace("drone", "helicopter"), LEAD)
        await desk.polls()
        yield desk


async def test_a_first_reading_fetches_no_page(desk: Desk) -> None:
    assert len(await desk.items()) == 1
    assert desk.asked == []


async def test_a_doubtful_title_becomes_core_by_its_page(desk: Desk) -> None:
    classify = real_subject().classifier.classify
    title = next(each for each in VAGUE if classify(builders.item(each, side=Side.NATO_FLANK), Scope.GENERAL).doubtful)
    desk.publishes(title, VAGUE_LEAD)
    await desk.polls()
    item = (await desk.items())[title]
    assert (item.relevance, item.lead, item.summary) == (Relevance.CORE, VAGUE_LEAD, "")
    assert "alliance" in {word.folded for word in item.words.summary}


async def test_only_what_may_matter_and_says_little_is_looked_up(desk: Desk) -> None:
    desk.publishes(CORE, LEAD)
    desk.publishes(STRANGE, LEAD)
    desk.publishes(f"{CORE} again", LEAD, summary=SUMMARY)
    await desk.polls()
    assert desk.asked == ["/1"]
    assert {title: item.lead for title, item in (await desk.items()).items() if item.lead} == {CORE: LEAD}


async def test_a_page_is_fetched_once_also_over_a_restart(desk: Desk, fetcher: Fetcher) -> None:
    desk.publishes(CORE, LEAD)
    await desk.polls()
    desk.publishes(STRANGE)
    await desk.polls()
    (read,) = desk.poller._roster.catalog.sources
    desk.poller = a_poller(desk.database, fetcher, read, desk.clock)
    await desk.poller.load()
    desk.publishes(f"{STRANGE} again")
    await desk.polls()
    assert desk.asked == ["/1"]
    assert (await desk.items())[CORE].lead == LEAD


async def test_an_article_of_two_feeds_is_looked_up_once_also_over_a_restart(database: Database) -> None:
    net = Net()
    read = await some_leads(database, net.fetch).add(builders.source(), a_body(CORE), READ, NOW)
    await an_intake(database, RuleIndex()).take(read.items, NOW, alerting=False)
    await some_leads(database, net.fetch).add(builders.source("flankpost"), a_body(CORE, outlet="flankpost"), READ, NOW)
    assert len(net.asked) == 1


# What becomes of a lead


async def test_a_lead_stays_while_the_title_tells_the_same(desk: Desk) -> None:
    desk.publishes(CORE, LEAD)
    await desk.polls()
    told = f"{CORE}, ministry says"
    desk.rewrites(CORE, told, "By Jo Orel")
    for _ in range(2):
        await desk.polls()
        item = (await desk.items())[told]
        assert (item.lead, item.summary, item.relevance) == (LEAD, "By Jo Orel", Relevance.CORE)
    assert desk.asked == ["/1"]


@pytest.mark.parametrize(
    ("title", "summary"),
    [(CORE, SUMMARY), ("Russian drone did not violate airspace of Estonia, NATO says", "")],
    ids=["summary", "denial"],
)
async def test_a_lead_that_may_be_out_of_date_goes_and_stays_away(desk: Desk, title: str, summary: str) -> None:
    desk.publishes(CORE, LEAD)
    await desk.polls()
    desk.rewrites(CORE, title, summary)
    await desk.polls()
    desk.rewrites(title, title, "")
    await desk.polls()
    item = (await desk.items())[title]
    assert (item.lead, item.summary) == ("", "")
    assert desk.asked == ["/1"]


# Switches


@pytest.mark.parametrize("kind", [SourceKind.FEED, SourceKind.TELEGRAM_CHANNEL])
@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("all_", [True, False])
async def test_pages_are_read_where_both_switches_are_on(
    database: Database, kind: SourceKind, own: bool, all_: bool
) -> None:
    net = Net()
    leads = Leads(database=database, fetch=net.fetch, read=read_lead_here, is_on=all_)
    await leads.add(builders.source(kind=kind, leads=own), a_body(CORE), READ, NOW)
    assert bool(net.asked) == (kind is SourceKind.FEED and own and all_)


async def test_addresses_that_a_script_alone_resolves_are_left(database: Database) -> None:
    net = Net()
    await some_leads(database, net.fetch).add(
        builders.source(), a_body(CORE, site="https://news.google.com/rss/articles"), READ, NOW
    )
    assert net.asked == []


# What goes wrong


async def test_a_page_whose_item_could_not_be_stored_is_not_fetched_again(database: Database) -> None:
    net = Net()
    leads = some_leads(database, net.fetch)
    first, second = [(await leads.add(builders.source(), a_body(CORE), READ, NOW)).items for _ in range(2)]
    assert (first[0].lead, second[0].lead) == (LEAD, "")
    assert len(net.asked) == 1


async def test_of_many_the_core_and_newest_are_looked_up(database: Database) -> None:
    net = Net()
    titles = [f"{CORE}, part {number}" for number in range(MOST_PAGES + 5)]
    body = a_body(*titles)
    items = [
        replace(item, relevance=Relevance.CORE if place < 3 else Relevance.RELATED)
        for place, item in enumerate(body.items)
    ]
    read = await some_leads(database, net.fetch).add(builders.source(), replace(body, items=items), READ, NOW)
    assert [place for place, item in enumerate(read.items) if item.lead] == [0, 1, 2, *range(8, 15)]


async def test_a_poll_is_held_up_for_a_while_only(database: Database) -> None:
    net = Net(slow=0.05)
    leads = Leads(
        database=database, fetch=net.fetch, read=read_lead_here, is_on=True, begin_within=timedelta(milliseconds=20)
    )
    body = a_body(*[f"{CORE}, part {number}" for number in range(MOST_PAGES)])
    read = await leads.add(builders.source(), body, READ, NOW)
    assert len(net.asked) == sum(bool(item.lead) for item in read.items) == CONNECTIONS_PER_HOST, "what had begun"
    await leads.add(builders.source(), body, READ, NOW)
    assert len(net.asked) == len(set(net.asked)) == 2 * CONNECTIONS_PER_HOST, "what had not"


async def test_a_reader_that_others_keep_busy_holds_up_no_poll_either(database: Database) -> None:
    net, read = Net(), 0

    async def slow_read(item: Item, said: Fetched | Formerly, scope: Scope) -> Item:
        nonlocal read
        read += 1
        await asyncio.sleep(0.05)
        return await read_lead_here(item, said, scope)

    leads = Leads(
        database=database, fetch=net.fetch, read=slow_read, is_on=True, read_within=timedelta(milliseconds=20)
    )
    found = await leads.add(builders.source(), a_body(CORE, f"{CORE} again", f"{CORE}, again"), READ, NOW)
    assert read == sum(bool(item.lead) for item in found.items) == 1


async def test_an_archive_piece_is_not_looked_up(database: Database) -> None:
    net, body = Net(), a_body(CORE, STRANGE)
    old = replace(body.items[0], published=builders.NOW - timedelta(days=3))
    await some_leads(database, net.fetch).add(builders.source(), replace(body, items=[old, *body.items[1:]]), READ, NOW)
    assert net.asked == ["https://northgate.example/1"]


async def test_an_end_waits_for_no_page(desk: Desk) -> None:
    desk.publishes(CORE)
    desk.site.drips("/1")
    desk.clock.advance(minutes=1)
    polling = asyncio.create_task(desk.poller.poll_due())
    await desk.site.asked(len(desk.site.requests) + len(("feed", "robots", "page")))
    started = time.monotonic()
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    assert time.monotonic() - started < 0.2


@pytest.mark.parametrize("trouble", ["drips", "breaks", "robots", "redirect", "money", "binary", "bomb"])
async def test_an_alert_goes_without_a_lead_where_there_is_none(desk: Desk, trouble: str) -> None:
    page = f'<meta property="og:description" content="{LEAD}">'.encode()
    desk.publishes(CORE, LEAD)
    match trouble:
        case "drips":
            desk.site.drips("/1")
        case "breaks":
            desk.site.breaks("/1")
        case "robots":
            desk.site.says("/robots.txt", b"User-agent: *\nDisallow: /\n")
        case "redirect":
            desk.site.redirects("/1", "http://127.0.0.1:1/")
        case "money":
            desk.site.says("/1", page, status=402)
        case "binary":
            desk.site.says("/1", bytes(range(256)) * 100, Content_Type="text/html")
        case "bomb":
            desk.site.says(
                "/1", gzip.compress(page + bytes(20_000_000)), Content_Encoding="gzip", Content_Type="text/html"
            )
    await desk.polls()
    item = (await desk.items())[CORE]
    assert (item.lead, item.relevance) == ("", Relevance.CORE)


async def test_a_hostile_page_costs_the_leads_of_those_after_it_in_its_poll_alone(database: Database) -> None:
    async with ParserPool(prepare=partial(prepare, config_folder())) as pool:

        async def read(item: Item, said: Fetched | Formerly, scope: Scope) -> Item:
            return await pool.run_quickly(with_lead, item, said, scope, config_folder())

        net = Net()
        leads = Leads(database=database, fetch=net.fetch, read=read, is_on=True)
        net.page += "<div>" * 90_000
        hostile = await leads.add(builders.source(), a_body(CORE, f"{CORE} again"), READ, NOW)
        net.page = Net().page
        good = await leads.add(builders.source(), a_body(CORE, site="https://northgate.example/b"), READ, NOW)
        assert [item.lead for item in (*hostile.items, *good.items)] == ["", "", LEAD]
