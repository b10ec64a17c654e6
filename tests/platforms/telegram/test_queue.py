"""One person who asks too much, over the wire and at Telegram's pace, must not silence the others."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.commands import answer
from bot.commands.framework.admission import Admission
from bot.delivery.limits import Limits
from bot.platforms.registry import chat_session
from bot.platforms.telegram.adapter import LIMITS as TELEGRAM
from bot.platforms.telegram.platform import Telegram
from bot.platforms.telegram.topics import topic_book
from tests.commands.room import Room as Desk
from tests.platforms.telegram.line import Ledger
from tests.platforms.telegram.server import TOKEN, TelegramServer
from tests.platforms.telegram.world import Room


@asynccontextmanager
async def at_its_pace(server: TelegramServer, desk: Desk, limits: Limits) -> AsyncIterator[None]:
    """The bot, with admission and the real clock for its sends."""
    async with chat_session() as session:
        telegram = Telegram(
            Admission(answer, desk.services).answer,
            token=TOKEN,
            api_url=server.url,
            session=session,
            changes=Ledger().changes,
            topics=topic_book(desk.database),
            limits=limits,
        )
        running = asyncio.create_task(telegram.run())
        await server.until(lambda: server.idle)
        yield
        running.cancel()
        await asyncio.wait([running])


async def test_one_person_does_not_silence_a_group(desk: Desk, ann: Room, bob: Room, server: TelegramServer) -> None:
    server.limited = True
    group = server.group(admin=ann)
    async with at_its_pace(server, desk, TELEGRAM):
        server.says(ann, "/start", where=group)
        await server.sees(group, "Welcome")
        for _ in range(40):
            server.says(bob, "/latest", where=group)
        began = time.monotonic()
        asked = server.says(ann, "/rules", where=group)
        press = server.presses_button(ann, "Nuclear weapons", where=group)
        too_many = [server.presses_button(bob, "Nuclear weapons", where=group) for _ in range(2)]
        rules = await server.sees(group, "doesn't follow any rules")
        await server.until(lambda: all(server.presses[each] is not None for each in (press, *too_many)))
        assert time.monotonic() - began < 4
    assert rules.reply_to == asked
    assert server.refused[429] == 0


@pytest.mark.parametrize(("is_private", "most"), [(True, 20), (False, 6)])
async def test_who_asks_too_much_at_once_gets_one_polite_word(
    desk: Desk, ann: Room, server: TelegramServer, is_private: bool, most: int
) -> None:
    where = ann if is_private else server.group(admin=ann)
    async with at_its_pace(server, desk, Limits()):
        for _ in range(24):
            server.says(ann, "/rules", where=where)
        await server.sees(where, f"That was {most} questions in a minute")
    assert len(where.sent) == most + 1
