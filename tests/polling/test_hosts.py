"""Which polls may begin while others are under way."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.core.model import Source
from bot.core.rules.index import RuleIndex
from bot.errors import FetchError
from bot.polling.poller import Poller
from bot.sources.base import Fetched, Validators
from bot.sources.catalog import Catalog
from bot.sources.http.fetcher import CONNECTIONS_PER_HOST
from bot.sources.roster import Roster
from bot.storage.database import Database, open_database
from tests.builders import ManualClock, source
from tests.fakes import an_intake, read_here, some_leads

EMPTY = b"<rss version='2.0'><channel><title>Site</title></channel></rss>"


class Net:
    """Addresses that answer at once, or hang until they are let go; counts how many are under way."""

    def __init__(self) -> None:
        self.hanging: set[str] = set()
        self.asked: list[str] = []
        self.under_way: set[str] = set()
        self.most_at_once = 0
        self._let_go = asyncio.Event()

    async def fetch(self, url: str, _validators: Validators) -> Fetched:
        self.asked.append(url)
        self.under_way.add(url)
        self.most_at_once = max(self.most_at_once, len(self.under_way))
        try:
            if url in self.hanging:
                await self._let_go.wait()
                raise FetchError("no answer within 20 s", hung=True)
            await asyncio.sleep(0)
        finally:
            self.under_way.discard(url)
        return Fetched(
            body=EMPTY, content_type=None, validators=Validators(), moved_to=None, fresh_for=None, status=200
        )

    def time_out(self) -> None:
        """What hangs is given up."""
        self._let_go.set()
        self._let_go = asyncio.Event()


class Counting(ManualClock):
    """Counts how often it is looked at."""

    reads = 0

    def now(self) -> datetime:
        self.reads += 1
        return super().now()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    yield database
    await database.close()


async def a_poller(database: Database, net: Net, clock: ManualClock, *sources: Source) -> Poller:
    every = timedelta(minutes=1)
    poller = Poller(
        database=database,
        fetch=net.fetch,
        read=read_here,
        leads=some_leads(database),
        roster=Roster(Catalog(sources=sources)),
        intake=an_intake(database, RuleIndex()),
        clock=clock,
        min_interval=every,
        max_interval=every,
        told=lambda: None,
    )
    await poller.load()
    clock.advance(minutes=1)
    return poller


def on_one_host(*names: str) -> list[Source]:
    return [source(name, url=f"https://papers.example/{name}") for name in names]


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(10_000):
        if is_so():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("that never came")


async def test_a_hundred_hosts_that_hang_hold_up_no_other(database: Database) -> None:
    net, clock = Net(), ManualClock()
    dead = [source(f"dead{number}") for number in range(100)]
    net.hanging = {each.url for each in dead}
    poller = await a_poller(database, net, clock, *dead, source("good"))
    polling = asyncio.create_task(poller.poll_due())
    await until(lambda: poller.states[source("good").id].last_success is not None)
    assert net.under_way == net.hanging
    net.time_out()
    await polling


async def test_a_host_is_asked_twice_at_a_time_and_who_waits_for_it_takes_nobodys_place(database: Database) -> None:
    net, clock = Net(), ManualClock()
    crowd = on_one_host(*(f"paper{number}" for number in range(10)))
    net.hanging = {each.url for each in crowd}
    poller = await a_poller(database, net, clock, *crowd, source("good"))
    polling = asyncio.create_task(poller.poll_due())
    await until(lambda: "https://good.example/feed" in net.asked)
    assert len(net.under_way & net.hanging) == CONNECTIONS_PER_HOST
    while net.under_way or not polling.done():
        net.time_out()
        await asyncio.sleep(0.001)
    assert set(net.asked) >= net.hanging, "each had its turn"
    assert net.most_at_once <= CONNECTIONS_PER_HOST + 1


async def test_two_feeds_that_hang_leave_the_third_of_their_host_alone(database: Database) -> None:
    net, clock = Net(), ManualClock()
    bad1, bad2, good = on_one_host("bad1", "bad2", "good")
    net.hanging = {bad1.url, bad2.url}
    poller = await a_poller(database, net, clock, bad1, bad2, good)
    polling = asyncio.create_task(poller.poll_due())
    await until(lambda: len(net.under_way) == CONNECTIONS_PER_HOST)
    net.time_out()
    await polling

    clock.advance(minutes=10)
    net.asked.clear()
    polling = asyncio.create_task(poller.poll_due())
    await until(lambda: poller.states[good.id].last_success == clock.now())
    assert len(net.under_way) == 1, "those that hung share one connection"
    while not polling.done():
        net.time_out()
        await asyncio.sleep(0.001)
    assert sorted(net.asked) == sorted([bad1.url, bad2.url, good.url])


async def test_a_feed_that_answers_again_gets_its_place_back(database: Database) -> None:
    net, clock = Net(), ManualClock()
    sources = on_one_host("bad1", "bad2")
    net.hanging = {each.url for each in sources}
    poller = await a_poller(database, net, clock, *sources)
    for _ in range(2):
        polling = asyncio.create_task(poller.poll_due())
        while not polling.done():
            net.time_out()
            await asyncio.sleep(0.001)
        net.hanging = set()
        clock.advance(minutes=10)
    net.most_at_once = 0
    await poller.poll_due()
    assert net.most_at_once == CONNECTIONS_PER_HOST


async def test_waiting_for_a_host_costs_no_turn_of_the_loop(database: Database) -> None:
    net, clock = Net(), Counting()
    crowd = on_one_host("paper1", "paper2", "paper3")
    net.hanging = {each.url for each in crowd}
    poller = await a_poller(database, net, clock, *crowd)
    polling = asyncio.create_task(poller.run())
    await until(lambda: len(net.under_way) == CONNECTIONS_PER_HOST)
    await asyncio.sleep(0.01)
    before = clock.reads
    for _ in range(200):
        await asyncio.sleep(0)
    assert clock.reads - before <= 2, "it sleeps until a poll ends"
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
