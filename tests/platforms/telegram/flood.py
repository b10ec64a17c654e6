"""The real bot, outbox and dispatcher before a loopback Telegram that refuses floods, in real time."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from bot.clock import SystemClock
from bot.platforms.registry import chat_session
from bot.platforms.telegram.platform import Telegram
from bot.platforms.telegram.topics import topic_book
from bot.storage.database import Database
from tests.commands.room import Room as Desk
from tests.delivery.outbox_rush import Rush
from tests.platforms.telegram.line import Ledger, answer_with
from tests.platforms.telegram.server import TOKEN, TelegramServer
from tests.platforms.telegram.world import Refusal, Room


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """How a flood went: the seconds that each answer took and that all took, and whose limit each refusal was for."""

    messages: int
    waits: list[float]
    took: float
    refusals: Mapping[str, int]


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


async def a_flood(
    database: Database, *, people: int, groups: int, alerts: int, asking: int, first: float, every: float, most: float
) -> Flood:
    """Every chat is sent so many alerts at once while people ask, one `every` so many seconds from `first` on.

    Raises TimeoutError where it takes more than `most` seconds.
    """
    async with asyncio.timeout(most), StrictTelegram() as server, chat_session() as session:
        rooms = [server.person(f"Person {number}") for number in range(people)]
        asked = rooms[:: people // asking][:asking]
        rooms += [server.group(f"Group {number}") for number in range(groups)]
        answer = answer_with(Desk(database).services)
        telegram = Telegram(
            answer,
            token=TOKEN,
            api_url=server.url,
            session=session,
            changes=Ledger().changes,
            topics=topic_book(database),
        )
        rush = Rush(database, telegram.send, SystemClock())
        await rush.settle_in([room.id for room in rooms], every=10)
        running = asyncio.create_task(telegram.run())
        await server.until(lambda: server.idle)
        for number in range(alerts):
            await rush.publish(f"Cable number {number} cut off Kestrel")
        began = time.perf_counter()
        async with rush.dispatching():
            delays = [first + every * place for place in range(asking)]
            waits = await asyncio.gather(*map(partial(_answered_in, server), asked, delays))
            while _messages_in(server) < alerts * len(rooms) + asking:
                await _change(server)
        took = time.perf_counter() - began
        running.cancel()
        await asyncio.wait([running])
    return Flood(messages=_messages_in(server), waits=waits, took=took, refusals=server.met)


async def _answered_in(server: TelegramServer, room: Room, delay: float) -> float:
    """Somebody asks, after a while; returns the seconds until the answer is there."""
    await asyncio.sleep(delay)
    began = time.perf_counter()
    server.says(room, "/about")
    while not any("Faultline" in sent.text for sent in room.sent):
        await _change(server)
    return time.perf_counter() - began


async def _change(server: TelegramServer) -> None:
    server.changed.clear()
    await server.changed.wait()


def _messages_in(server: TelegramServer) -> int:
    return sum(len(room.sent) for room in server.rooms.values())
