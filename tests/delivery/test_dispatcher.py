"""The dispatcher with a full outbox: what is urgent waits for nothing that is not."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot.core.model import Level, Urgency
from bot.delivery.dispatcher import CLAIM_LIMIT, MAX_LANES
from bot.delivery.outgoing import Outgoing
from tests.builders import ManualClock
from tests.delivery.outbox_rush import PacedChats, a_rush

STEP = 1 / 29  # seconds from one message to the next


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110  nobody tells when
            await asyncio.sleep(0)


async def arrive(chats: PacedChats, clock: ManualClock, messages: int) -> list[Urgency]:
    """Time goes by until so many more messages have arrived; returns how urgent they were."""
    before = len(chats.arrived)
    while len(chats.arrived) < before + messages:
        clock.advance(seconds=STEP)
        chats.limiter._let_through()
        # No time goes by while what has its turn is on its way to the disk.
        await until(lambda: not any(chat.flying for chat in chats.limiter._scheduler._chats.values()))
    return [outgoing.urgency for outgoing, _ in chats.arrived[before : before + messages]]


async def test_breaking_news_wait_for_no_alert_that_was_taken_up_before(tmp_path: Path) -> None:
    clock = ManualClock()
    chats = PacedChats(clock)
    async with a_rush(tmp_path, chats.send, clock) as rush:
        await rush.settle_in(range(MAX_LANES + 500), every=25)
        async with rush.dispatching():
            await rush.publish("Cable cut off Kestrel")
            await until(lambda: len(rush.dispatcher._under_way()) > MAX_LANES - CLAIM_LIMIT)
            await rush.publish("Drone hits Kestrel harbour", Level.BREAKING)
            await until(lambda: bool(rush.dispatcher._lanes[Urgency.BREAKING, "telegram"]))
            alerts = chats.offered[Urgency.ALERT]
            await until(lambda: chats.offered[Urgency.BREAKING] == 60)
            assert chats.offered[Urgency.ALERT] - alerts < 200, "nor for their being composed"
            assert await arrive(chats, clock, 60) == [Urgency.BREAKING] * 60


async def test_a_platform_that_hangs_takes_no_place_of_anothers(tmp_path: Path) -> None:
    async def hangs(_outgoing: Outgoing) -> str:
        await asyncio.Event().wait()
        raise AssertionError("it never answers")

    arrived: list[Outgoing] = []

    async def takes(outgoing: Outgoing) -> str:
        arrived.append(outgoing)
        return "ref"

    async with a_rush(tmp_path, hangs, ManualClock(), other=takes) as rush:
        await rush.settle_in(range(MAX_LANES), every=MAX_LANES)
        await rush.settle_in(range(50), every=50, platform="other")
        async with rush.dispatching():
            await rush.publish("Cable cut off Kestrel")
            await until(lambda: len(arrived) == 50)
