"""The bot against a loopback Telegram that refuses floods: a thousand alerts are queued while twenty people ask.

In real time and with the real limits, so it takes as long as they make it.
"""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.app import chat_session
from bot.clock import SystemClock
from bot.core.model import Level, Urgency
from bot.platforms.telegram import Telegram
from bot.platforms.telegram_topics import topic_book
from bot.storage.database import Database, open_database
from tests.commands.room import Room as Desk
from tests.delivery.flood import percentile
from tests.delivery.outbox_rush import PacedChats, Rush
from tests.platforms.telegram_line import Ledger, answer_with
from tests.platforms.telegram_server import TOKEN, TelegramServer
from tests.platforms.telegram_world import Refusal, Room

PEOPLE, GROUPS, ALERTS = 160, 40, 5
ASKING, EVERY = 20, 1.3  # people, and seconds from one question to the next


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(f"sqlite:///{tmp_path}/flood.db")
    yield database
    await database.close()


class StrictTelegram(TelegramServer):
    """Telegram with its limits; notes whose limit each refusal was for."""

    def __init__(self) -> None:
        super().__init__(limited=True)
        self.met: Counter[str] = Counter()

    def _pace(self, room: Room) -> None:
        try:
            super()._pace(room)
        except Refusal:
            self.met["overall" if len(self._overall._times) >= 30 else room.chat["type"]] += 1
            raise


async def answered_in(server: TelegramServer, room: Room, delay: float) -> float:
    """Somebody asks, after a while; returns the seconds until the answer is there."""
    await asyncio.sleep(delay)
    began = time.perf_counter()
    server.says(room, "/about")
    while not any("Faultline" in sent.text for sent in room.sent):
        server.changed.clear()
        await server.changed.wait()
    return time.perf_counter() - began


def messages_in(server: TelegramServer) -> int:
    return sum(len(room.sent) for room in server.rooms.values())


@pytest.mark.bench
async def test_people_are_answered_while_a_thousand_alerts_are_queued(database: Database) -> None:
    async with StrictTelegram() as server, chat_session() as session:
        people = [server.person(f"Person {number}") for number in range(PEOPLE)]
        groups = [server.group(f"Group {number}") for number in range(GROUPS)]
        telegram = Telegram(
            answer_with(Desk(database).services),
            token=TOKEN,
            api_url=server.url,
            session=session,
            changes=Ledger().changes,
            topics=topic_book(database),
        )
        rush = Rush(database, telegram.send, SystemClock())
        await rush.settle_in([room.id for room in people + groups], every=10)
        running = asyncio.create_task(telegram.run())
        began = time.perf_counter()
        async with rush.dispatching():
            for number in range(ALERTS):
                await rush.publish(f"Cable number {number} cut off Kestrel")
            asking = people[:: PEOPLE // ASKING]
            delays = [2 + EVERY * place for place in range(ASKING)]
            waits = await asyncio.gather(*map(partial(answered_in, server), asking, delays))
            while messages_in(server) < ALERTS * (PEOPLE + GROUPS) + ASKING:
                server.changed.clear()
                await server.changed.wait()
        took = time.perf_counter() - began
        running.cancel()
        await asyncio.wait([running])
    met = ", ".join(f"{count} {whose}" for whose, count in server.met.items()) or "none"
    print(f"\n{messages_in(server):,} messages in {took:.1f} s; refused with 429: {met}")
    median, slowest = statistics.median(waits), max(waits)
    print(f"answers to {ASKING} people: median {median:.2f} s, slowest {slowest:.2f} s (aim: under 1.5 s)")


@pytest.mark.bench
async def test_breaking_news_find_the_outbox_full(database: Database) -> None:
    clock = SystemClock()
    chats = PacedChats(clock)
    rush = Rush(database, chats.send, clock)
    await rush.settle_in(range(9_000), every=30)
    async with rush.dispatching():
        await rush.publish("Cable cut off Kestrel")
        await asyncio.sleep(10)
        began = clock.now()
        await rush.publish("Drone hits Kestrel harbour", Level.BREAKING)
        while len(chats.times(Urgency.BREAKING)) < 300:  # noqa: ASYNC110  nobody tells when
            await asyncio.sleep(0.1)
    waits = sorted((at - began).total_seconds() for at in chats.times(Urgency.BREAKING))
    p99, bound = percentile(waits, 99), 296 / 30
    earlier = sum(at <= began for at in chats.times(Urgency.ALERT))
    print(f"\nbreaking news to 300 of 9,000 chats, {earlier} alerts after the start of a broadcast:")
    print(f"99th percentile {p99:.1f} s, {p99 / bound:.2f} times its bound (aim: 1.1)")
