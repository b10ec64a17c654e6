"""The limiter: where all that goes to one platform waits for its turn (scheduler.py decides whose turn it is)."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from datetime import timedelta
from typing import TypeVar

from bot.clock import Clock, SystemClock
from bot.core.model import Urgency
from bot.delivery.limits import ChatKind, Limits
from bot.delivery.outgoing import Begin
from bot.delivery.scheduler import Permit, SendScheduler
from bot.errors import SendLater

T = TypeVar("T")
Ticket = asyncio.Future[Permit["Ticket"]]

HaveToWait = Callable[[Exception], timedelta | None]
"""How long the platform's refusal asks us to wait; None for an error that is no such refusal."""


class RateLimiter:
    """Lets requests to one platform through at its pace.

    `refusals` counts how often the platform asked us to wait all the same.
    """

    def __init__(self, limits: Limits, have_to_wait: HaveToWait, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._scheduler: SendScheduler[Ticket] = SendScheduler(limits, self._clock.now())
        self._have_to_wait = have_to_wait
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: set[Ticket] = set()
        self._is_open = True
        self.refusals = 0

    def __len__(self) -> int:
        """How many requests wait."""
        return len(self._scheduler)

    async def run(
        self,
        request: Callable[[], Awaitable[T]],
        *,
        chat: Hashable,
        kind: ChatKind,
        urgency: Urgency,
        patience: timedelta,
        begin: Begin | None = None,
    ) -> T:
        """Wait for the chat's permit, make the request, and return or raise what came of it.

        `begin` is asked in between: if it raises, nothing leaves, and the turn is the next one's.
        A refusal is raised like any other error; the chat's later requests wait as long as it asked. Raises SendLater
        when the turn does not come within `patience`, and at once when the limiter is closed.
        """
        if not self._is_open:
            raise SendLater(timedelta(0))
        ticket: Ticket = asyncio.get_running_loop().create_future()
        self._waiting.add(ticket)
        self._scheduler.push(ticket, chat=chat, kind=kind, urgency=urgency, now=self._clock.now())
        self._let_through()
        try:
            permit = await self._permit(ticket, patience)
        except TimeoutError:
            raise SendLater(patience) from None
        finally:
            self._waiting.discard(ticket)
        if begin is not None:
            await self._begin(permit, begin)
        try:
            result = await request()
        except Exception as error:
            self._report(permit, self._have_to_wait(error))
            raise
        except BaseException:
            self._report(permit, None)
            raise
        self._report(permit, None)
        return result

    def open(self) -> None:
        """Let requests through, as a new limiter does."""
        self._is_open = True

    def close(self) -> None:
        """Let nobody through any more: who waits learns at once that nothing was sent, what is under way goes on.

        For the end of a run: an alert that was never begun must not be taken for one that may have arrived.
        """
        self._is_open = False
        for ticket in self._waiting:
            if not ticket.done():
                ticket.set_exception(SendLater(timedelta(0)))

    async def _permit(self, ticket: Ticket, patience: timedelta) -> Permit[Ticket]:
        try:
            async with asyncio.timeout(patience.total_seconds()):
                return await ticket  # giving up cancels it, and its turn is passed over
        except BaseException:
            if (
                ticket.done() and not ticket.cancelled() and ticket.exception() is None
            ):  # its turn came in the very instant of giving up
                self._scheduler.unsent(ticket.result(), self._clock.now())
                self._let_through()
            raise

    async def _begin(self, permit: Permit[Ticket], begin: Begin) -> None:
        """The way to the disk is no part of the way to the platform, and may take longer: replies pass meanwhile."""
        self._scheduler.reserve(permit, self._clock.now())
        try:
            await begin()
            while wait := self._scheduler.depart(permit, self._clock.now()):  # noqa: ASYNC110  time alone makes room
                await asyncio.sleep(wait.total_seconds())
        except BaseException:
            self._scheduler.unsent(permit, self._clock.now())
            self._let_through()
            raise
        self._let_through()

    def _report(self, permit: Permit[Ticket], wait: timedelta | None) -> None:
        if wait is None:
            self._scheduler.sent(permit, self._clock.now())
        else:
            # The scheduler queues the message again; whoever sent it knows better, so its ticket is spent already.
            self.refusals += 1
            self._scheduler.refused(permit, wait, self._clock.now())
        self._let_through()

    def _let_through(self) -> None:
        """Give turns to all who may go now, and look again when the next may."""
        now = self._clock.now()
        while permit := self._scheduler.pop(now):
            if permit.ticket.done():  # given up meanwhile, or refused before
                self._scheduler.unsent(permit, now)
            else:
                permit.ticket.set_result(permit)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        at = self._scheduler.next_time(now)
        if at is not None:
            self._timer = asyncio.get_running_loop().call_later((at - now).total_seconds(), self._let_through)
