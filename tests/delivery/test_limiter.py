import asyncio
from datetime import datetime, timedelta

import pytest

from bot.core.model import Urgency
from bot.delivery.limiter import RateLimiter
from bot.delivery.limits import ChatKind, Limits, Window
from bot.errors import NotBegun, SendLater
from tests.builders import ManualClock

ONE_A_SECOND = Limits(chat={ChatKind.PRIVATE: (Window(messages=1, seconds=1),)})
SOON = timedelta(seconds=20)


class Platform:
    """Takes messages in the order in which the limiter lets them through, or refuses."""

    def __init__(self, limits: Limits = ONE_A_SECOND) -> None:
        self.clock = ManualClock()
        self.limiter = RateLimiter(
            limits, lambda error: error.retry_after if isinstance(error, SendLater) else None, self.clock
        )
        self.taken: list[str] = []
        self.refusal: Exception | None = None

    def sends(
        self, words: str, chat: str = "ann", urgency: Urgency = Urgency.ALERT, patience: timedelta = SOON
    ) -> asyncio.Task[str]:
        async def request() -> str:
            if self.refusal is not None:
                refusal, self.refusal = self.refusal, None
                raise refusal
            self.taken.append(words)
            return words

        return asyncio.create_task(
            self.limiter.run(request, chat=chat, kind=ChatKind.PRIVATE, urgency=urgency, patience=patience)
        )

    async def passes(self, **span: float) -> None:
        """Time goes by, and everything that may go goes."""
        self.clock.advance(**span)
        self.limiter._let_through()
        for _ in range(20):
            await asyncio.sleep(0)


async def test_a_chat_gets_one_message_a_second_and_holds_up_no_other() -> None:
    platform = Platform()
    sends = [platform.sends("first"), platform.sends("second"), platform.sends("other", chat="bob")]
    await platform.passes()
    assert platform.taken == ["first", "other"]
    await platform.passes(seconds=1.1)
    assert platform.taken == ["first", "other", "second"]
    await asyncio.gather(*sends)


async def test_a_reply_goes_before_alerts_that_came_earlier() -> None:
    platform = Platform()
    sends = [platform.sends("alert 1"), platform.sends("alert 2"), platform.sends("reply", urgency=Urgency.REPLY)]
    await platform.passes()
    await platform.passes(seconds=1.1)
    await platform.passes(seconds=1.1)
    assert platform.taken == ["alert 1", "reply", "alert 2"]
    await asyncio.gather(*sends)


async def test_a_refused_chat_waits_as_long_as_was_asked_and_others_do_not() -> None:
    platform = Platform()
    platform.refusal = SendLater(timedelta(seconds=30))
    refused = platform.sends("refused")
    await platform.passes()
    with pytest.raises(SendLater):
        await refused
    assert platform.limiter.refusals == 1
    sends = [platform.sends("later"), platform.sends("other", chat="bob")]
    await platform.passes(seconds=29)
    assert platform.taken == ["other"]
    await platform.passes(seconds=2)
    await platform.passes(seconds=2)
    assert platform.taken == ["other", "later"], "and the refused one is its sender's business"
    await asyncio.gather(*sends)


async def test_whoever_has_no_patience_left_is_told_to_come_later_and_takes_no_turn() -> None:
    platform = Platform()
    first = platform.sends("first")
    hasty = platform.sends("hasty", patience=timedelta(0))
    last = platform.sends("last")
    with pytest.raises(SendLater):
        await hasty
    await platform.passes(seconds=1.1)
    await platform.passes(seconds=1.1)
    assert platform.taken == ["first", "last"]
    await asyncio.gather(first, last)


async def test_an_error_of_the_request_is_the_callers_and_the_next_goes_on() -> None:
    platform = Platform()
    platform.refusal = ConnectionError("broken")
    with pytest.raises(ConnectionError):
        await platform.sends("lost")
    await platform.passes(seconds=1.1)
    assert await platform.sends("next") == "next"


async def test_a_cancelled_send_frees_its_chat() -> None:
    platform = Platform()
    stuck = asyncio.Event()

    async def hangs() -> None:
        await stuck.wait()

    send = asyncio.create_task(
        platform.limiter.run(hangs, chat="ann", kind=ChatKind.PRIVATE, urgency=Urgency.ALERT, patience=SOON)
    )
    await platform.passes()
    send.cancel()
    await platform.passes()
    await platform.passes(seconds=1.1)
    assert await platform.sends("next") == "next"


async def test_a_send_given_up_in_the_instant_of_its_turn_leaves_the_turn_to_the_next() -> None:
    platform = Platform()
    await platform.sends("first")
    given_up = platform.sends("given up")
    await platform.passes()
    platform.clock.advance(seconds=1.1)
    platform.limiter._let_through()
    given_up.cancel()
    await platform.passes()
    assert await platform.sends("next") == "next"
    assert platform.taken == ["first", "next"]


async def test_a_closed_gate_tells_who_waits_that_nothing_was_sent() -> None:
    platform = Platform()
    await platform.sends("first")
    waiting = platform.sends("waiting")
    await platform.passes()
    platform.limiter.close()
    with pytest.raises(SendLater):
        await waiting
    with pytest.raises(SendLater):
        await platform.sends("too late")
    platform.limiter.open()
    platform.clock.advance(seconds=1.1)
    assert await platform.sends("next run") == "next run"
    assert platform.taken == ["first", "next run"]


async def test_what_is_held_up_between_its_turn_and_its_leaving_still_leaves_at_the_platforms_pace() -> None:
    platform = Platform(Limits(per_second=30))
    written = asyncio.Event()

    async def begin() -> None:
        await written.wait()

    async def request() -> datetime:
        return platform.clock.now()

    sends = [
        asyncio.create_task(
            platform.limiter.run(
                request, chat=number, kind=ChatKind.PRIVATE, urgency=Urgency.ALERT, patience=SOON, begin=begin
            )
        )
        for number in range(90)
    ]
    for _ in range(80):
        await platform.passes(seconds=0.04)
    written.set()
    for _ in range(120):
        await platform.passes(seconds=0.04)
    left = sorted(await asyncio.gather(*sends))
    assert max(sum(at <= other < at + timedelta(seconds=1) for other in left) for at in left) <= 30


async def test_what_is_not_to_leave_any_more_leaves_its_turn_to_the_next() -> None:
    platform = Platform()

    async def begin() -> None:
        raise NotBegun("not wanted any more")

    async def request() -> str:
        raise AssertionError("it must not leave")

    with pytest.raises(NotBegun):
        await platform.limiter.run(
            request, chat="ann", kind=ChatKind.PRIVATE, urgency=Urgency.ALERT, patience=SOON, begin=begin
        )
    assert await platform.sends("next") == "next", "at once: nothing was sent to the chat"


async def test_replies_pass_alerts_that_wait_for_the_disk() -> None:
    platform = Platform(Limits(per_second=30))
    disk = asyncio.Event()

    async def begin() -> None:
        await disk.wait()

    async def request() -> str:
        platform.taken.append("alert")
        return "alert"

    alerts = [
        asyncio.create_task(
            platform.limiter.run(
                request, chat=number, kind=ChatKind.PRIVATE, urgency=Urgency.ALERT, patience=SOON, begin=begin
            )
        )
        for number in range(40)
    ]
    for _ in range(100):
        await platform.passes(seconds=0.04)
    reply = platform.sends("reply", urgency=Urgency.REPLY)
    await platform.passes(seconds=0.04)
    assert platform.taken == ["reply"]
    disk.set()
    await platform.passes()
    assert len(platform.taken) <= 30, "no second holds more than the platform allows"
    while not all(alert.done() for alert in alerts):
        await platform.passes(seconds=0.5)
        await asyncio.sleep(0.01)
    await asyncio.gather(reply, *alerts)
