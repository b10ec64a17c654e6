"""The dispatcher with a full outbox: what is urgent waits for nothing that is not."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from bot.core.model import Level, Urgency
from bot.delivery.dispatcher import CLAIM_LIMIT, MAX_LANES
from tests.builders import ManualClock
from tests.delivery.outbox_rush import Rush, a_rush

STEP = 1 / 29  # seconds from one message to the next


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110  nobody tells when
            await asyncio.sleep(0)


async def arrive(rush: Rush, clock: ManualClock, messages: int) -> list[Urgency]:
    """Time goes by until so many more messages have arrived; returns how urgent they were."""
    before = len(rush.chats.arrived)
    while len(rush.chats.arrived) < before + messages:
        clock.advance(seconds=STEP)
        rush.chats.gate._let_through()
        for _ in range(5):
            await asyncio.sleep(0)
    return [outgoing.urgency for outgoing, _ in rush.chats.arrived[before : before + messages]]


async def test_breaking_news_wait_for_no_alert_that_was_taken_up_before(tmp_path: Path) -> None:
    clock = ManualClock()
    async with a_rush(tmp_path, clock) as rush:
        await rush.settle_in(MAX_LANES + 500, every=25)
        async with rush.dispatching():
            await rush.publish("Cable cut off Kestrel", Level.NORMAL)
            await until(lambda: len(rush.dispatcher._under_way()) > MAX_LANES - CLAIM_LIMIT)
            alerts = rush.chats.offered[Urgency.ALERT]
            await rush.publish("Drone hits Kestrel harbour", Level.BREAKING)
            await until(lambda: rush.chats.offered[Urgency.BREAKING] == 60)
            assert rush.chats.offered[Urgency.ALERT] - alerts < 200, "nor for their being composed"
            assert await arrive(rush, clock, 60) == [Urgency.BREAKING] * 60
