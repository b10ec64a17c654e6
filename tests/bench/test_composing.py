"""What of a processor an alert takes to be composed when a claim's worth of them is owed at once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import process_time

import pytest

from bot.core.message.blocks import plain
from bot.core.model import Delivery, Item, Nothing, Urgency
from bot.core.rules.aliases import NO_ALIASES
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.delivery.composing import Composer, ToSend
from bot.storage import mutes, outbox, subscribers
from bot.storage.database import Database, open_database
from tests.builders import NOW, OUTLETS, ManualClock, chat, item
from tests.fakes import an_intake

pytestmark = pytest.mark.bench

ALERTS = 200
RUNS = 7
# What reading for fifty together spares at least, on whatever machine.
LEAST_GAIN = 2.5
LATER = NOW + timedelta(minutes=1)
EXTRACT = (
    "Crews of two tugs towed the vessel to the outer anchorage of Kestrel before noon, said the harbour master. "
    "Nobody was hurt, and the ferries to Orrin and Varn go on as planned until the evening. "
)
PLACES = [f"{first}{last}" for first in ("Var", "Or", "Pel", "Lom", "Kes") for last in ("ny", "sa", "li", "by", "to")]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    yield database
    await database.close()


async def follow(database: Database, index: RuleIndex) -> None:
    """Each chat follows three rules, of which one is told, and has muted a word."""
    async with database.write() as tx:
        for number in range(ALERTS):
            who = await subscribers.ensure(tx, chat(f"chat{number}"), NOW)
            for rule in (f"cable {PLACES[number % 25]}", "submarine OR frigate", '"air defence" NOT exercise'):
                parsed = parse_rule(rule)
                saved = await subscribers.follow(tx, who.id, str(parsed), names_relevance=False, now=NOW)
                if saved.fresh:
                    index.add(saved.following.rule, parsed)
            await mutes.add_rule(tx, who.id, "football", None, NOW)


def reports(place: str) -> list[Item]:
    """Three outlets tell one event."""
    title = f"Anchor of a tanker tears a cable off {place}"
    return [item(title, summary=EXTRACT, outlet=outlet) for outlet in list(OUTLETS)[:3]]


async def owed(database: Database, index: RuleIndex) -> list[Delivery]:
    intake = an_intake(database, index)
    for place in PLACES:
        await intake.take(reports(place), NOW, alerting=True)
    async with database.write() as tx:
        lease = timedelta(minutes=20)
        claimed = [
            await outbox.claim(tx, ("console",), urgency, LATER, limit=ALERTS, lease=lease) for urgency in Urgency
        ]
    return [delivery for urgent in claimed for delivery in urgent]


async def alone(composer: Composer, deliveries: Sequence[Delivery]) -> Sequence[ToSend | Nothing]:
    return [await composer.compose(delivery) for delivery in deliveries]


async def together(composer: Composer, deliveries: Sequence[Delivery]) -> Sequence[ToSend | Nothing]:
    return await asyncio.gather(*map(composer.compose, deliveries))


async def test_time_of_an_alert(database: Database) -> None:
    """Fifty of one moment against fifty one by one, by turns in one run: the machine does others' work beside it."""
    index = RuleIndex()
    await follow(database, index)
    deliveries = await owed(database, index)
    assert len(deliveries) == ALERTS
    work: dict[tuple[str, int], list[float]] = {}
    words = set()
    for _ in range(RUNS):
        for how, count in ((alone, 50), (together, 50), (together, ALERTS)):
            composer = Composer(database=database, index=index, aliases=NO_ALIASES, clock=ManualClock(LATER))
            began = process_time()
            composed = await how(composer, deliveries[:count])
            work.setdefault((how.__name__, count), []).append((process_time() - began) * 1000 / count)
            words.add(digest_of(composed[:50]))
    for (name, count), times in work.items():
        print(f"\n{count} alerts {name}, median of {RUNS}: {median(times):.2f} ms each", end="")
    assert len(words) == 1, "each reads as if it had been alone"
    cheaper = median(work["alone", 50]) / median(work["together", 50])
    print(f"\n50 of one moment are {cheaper:.1f} times cheaper each", end="")
    assert cheaper >= LEAST_GAIN


def digest_of(composed: Sequence[ToSend | Nothing]) -> str:
    """What stands for the words of alerts, and for all else about them."""
    read = sha256()
    for each in composed:
        assert isinstance(each, ToSend)
        read.update(repr(each.outgoing).encode() + plain(each.outgoing.message).encode())
    return read.hexdigest()
