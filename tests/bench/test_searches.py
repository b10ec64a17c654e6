"""How long the dispatcher, cheap questions and the searches take while many chats search 60,000 reports."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import pytest
from sqlalchemy import insert

from bot.app import SWITCH_INTERVAL
from bot.core.model import Level, Relevance
from bot.delivery.dispatcher import Dispatcher
from bot.storage.database import Database, open_database
from bot.storage.schema import items, stories
from tests import builders
from tests.builders import NOW, OUTLETS
from tests.commands.room import Room

pytestmark = pytest.mark.bench

STORIES, REPORTS_EACH = 30_000, 2
DAYS = 30
# One report in so many has both words that are searched for.
RARITY = 3000


def rows(chance: random.Random) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Stories and their reports, of some 5,000 words, which people use as unequally as they do."""
    syllables = ["ba", "ker", "lo", "mi", "nor", "pe", "ru", "sta", "tin", "vol"]
    vocabulary = ["".join(chance.choices(syllables, k=chance.randrange(2, 5))) for _ in range(5000)]
    weights = [1 / place for place in range(1, len(vocabulary) + 1)]
    words = chance.choices(vocabulary, weights, k=STORIES * REPORTS_EACH * 40)
    told = {"relevance": Relevance.CORE, "topics": [], "level": Level.NORMAL, "revision": 1}
    reports = []
    for number in range(STORIES * REPORTS_EACH):
        story = number // REPORTS_EACH + 1
        moment = NOW - timedelta(days=DAYS) * (story / STORIES)
        some = words[number * 40 : number * 40 + 40]
        title = " ".join(some[:9]) + (" drone treaty" if number % RARITY == RARITY - 1 else "")
        outlet = chance.choice([*OUTLETS])
        report = builders.item(title, summary=" ".join(some[9:]), outlet=outlet, published=moment)
        names = ("source_name", "publisher", "publisher_kind", "side", "lang", "url", "title", "summary", "published")
        fields = {name: getattr(report, name) for name in (*names, "first_seen", "relevance")}
        reports.append(fields | {"story_id": story, "source_id": report.source, "topics": []})
    same = told | {"created": NOW, "updated": NOW}
    return [same | {"id": number} for number in range(1, STORIES + 1)], reports


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("crowded") / "faultline.db"

    async def make() -> None:
        database = await open_database(f"sqlite:///{file}")
        told, reports = rows(random.Random(7))
        async with database.write() as tx:
            await tx.execute(insert(stories), told)
            await tx.execute(insert(items), reports)
        await database.close()

    asyncio.run(make())
    return file


@pytest.fixture
async def database(crowded: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{crowded}")
    yield database
    await database.close()


async def waits_of(act: Callable[[], Awaitable[object]], until: asyncio.Event) -> list[float]:
    """How long an act takes, over and over, in milliseconds."""
    waits = []
    while not until.is_set():
        began = perf_counter()
        await act()
        waits.append((perf_counter() - began) * 1000)
        await asyncio.sleep(0.05)
    return waits


def told(name: str, waits: list[float]) -> None:
    late = quantiles(waits, n=100)[98]
    print(f"  {name}: {median(waits):.0f} ms in the median, {late:.0f} ms for one in 100, {max(waits):.0f} ms at most")


@pytest.fixture
def as_in_the_bot() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("as_in_the_bot")
@pytest.mark.parametrize("line", ["/latest drone treaty", "/search drone treaty 30d"])
@pytest.mark.parametrize("chats", [0, 1, 8, 16])
async def test_searches_hold_up_nobody_else(database: Database, chats: int, line: str) -> None:
    room = Room(database)
    dispatcher = Dispatcher(
        database=database, sends={"fake": refuse}, index=room.index, aliases=room.services.aliases, clock=room.clock
    )
    done = asyncio.Event()
    watching = [
        asyncio.create_task(waits_of(dispatcher.dispatch_due, done)),
        asyncio.create_task(waits_of(lambda: room.say("/rules", chat=builders.chat("cheap")), done)),
        asyncio.create_task(waits_of(lambda: asyncio.sleep(0), done)),
    ]
    await asyncio.sleep(0.3 if chats else 3)

    async def search(number: int) -> float:
        began = perf_counter()
        reply = await room.say(line, chat=builders.chat(f"chat{number}"), user=f"user{number}")
        assert "drone" in reply.text, reply.text
        return perf_counter() - began

    took = await asyncio.gather(*map(search, range(chats))) or [0.0]
    done.set()
    dispatches, cheap, loop = [await each for each in watching]
    print(
        f"\n{chats} chats, {line}: first after {min(took):.1f} s, median {median(took):.1f} s, last {max(took):.1f} s"
    )
    told("dispatcher", dispatches)
    told("/rules", cheap)
    told("loop", loop)


async def refuse(_outgoing: object) -> str:
    raise AssertionError("nothing is owed")
