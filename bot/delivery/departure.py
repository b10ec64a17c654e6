"""Departures: the last look at a delivery once its turn has come, and the note that its request may leave."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.core.model import Chat, Delivery
from bot.delivery.breaker import CircuitBreaker
from bot.errors import NotBegun, PlatformAway, SendError, SendUnknown
from bot.storage import outbox
from bot.storage.group_commit import GroupCommit

log = structlog.get_logger()

# What a kill repeats at most is what has left and is not written down: so few outcomes may wait for that.
MOST_UNWRITTEN = 8

NO_ANSWER = (PlatformAway, SendUnknown)
# A platform that takes longer to say that it is there is not there.
QUESTION_TIMEOUT = timedelta(seconds=15)

IsThere = Callable[[], Awaitable[None]]
"""Asks the platform for something that shows nothing to anybody. Raises SendError."""


class ClaimLost(NotBegun):
    """The delivery is not ours any more: its chat's wishes have changed, or it is forgotten."""


class Postponed(NotBegun):
    """The platform takes nothing at present."""


class ShutOut(NotBegun):
    """Its chat may receive nothing any more."""


class Watch:
    """A platform's breaker, with whoever waits to hear what becomes of the sends that are under way."""

    def __init__(self, platform: str, clock: Clock, is_there: IsThere) -> None:
        self.breaker = CircuitBreaker()
        self._platform = platform
        self._clock = clock
        self._is_there = is_there
        self._news = asyncio.Event()

    async def until_heard(self) -> None:
        """Wait while it is in doubt whether the platform answers, or too many sends are under way."""
        while not self.breaker.is_open and self.breaker.has_to_be_heard(self._clock.now()):
            await self._news.wait()

    def asks_at(self) -> datetime | None:
        """When to `ask`; None while there is no doubt, or the question is under way."""
        return self.breaker.asks_at(self._clock.now())

    async def ask(self) -> None:
        """Ask the platform whether it is there, after a send that had no answer."""
        self.breaker.is_asked()
        try:
            async with asyncio.timeout(QUESTION_TIMEOUT.total_seconds()):
                await self._is_there()
        except (*NO_ANSWER, TimeoutError) as error:
            self._noted(lambda: self.breaker.is_not_there(self._clock.now()), str(error) or "no answer in time")
            return
        except SendError:
            pass  # a refusal is an answer
        except Exception:  # our own fault must keep back no alert
            log.exception("a platform cannot be asked whether it is there", platform=self._platform)
        self._noted(self.breaker.is_there)

    def began(self, delivery: Delivery) -> None:
        """A request for it may leave from now on."""
        self.breaker.began(delivery.id, self._clock.now())

    def answered(self, delivery: Delivery) -> None:
        """The platform took it, or said something about its chat or this message: so it is there."""
        self._noted(lambda: self.breaker.answered(delivery.id, self._clock.now()))

    def failed(self, delivery: Delivery, error: Exception, *, has_begun: bool) -> None:
        """It was not sent, or perhaps not."""
        now = self._clock.now()
        if isinstance(error, NO_ANSWER):
            self._noted(lambda: self.breaker.failed(delivery.id, delivery.chat.address, now), str(error))
        elif has_begun and isinstance(error, SendError):
            self.answered(delivery)
        else:
            self._noted(lambda: self.breaker.ended(delivery.id))

    def _noted(self, note: Callable[[], None], problem: str = "") -> None:
        was_open = self.breaker.is_open
        note()
        if self.breaker.is_open and not was_open:
            log.warning("a platform takes nothing; its alerts wait", platform=self._platform, problem=problem)
        if was_open and not self.breaker.is_open:
            log.info("a platform takes alerts again", platform=self._platform)
        self._news.set()
        self._news = asyncio.Event()


class Departure:
    """One attempt at one delivery. `begin` goes along with the message to its turn (see `Outgoing.begin`)."""

    def __init__(
        self,
        delivery: Delivery,
        *,
        watch: Watch,
        commit: GroupCommit,
        may_receive: Callable[[Chat], bool],
    ) -> None:
        self.has_begun = False
        self._delivery = delivery
        self._watch = watch
        self._commit = commit
        self._may_receive = may_receive

    async def begin(self) -> None:
        """Let its requests leave from now on, if it is still wanted. Raises NotBegun."""
        if self.has_begun:
            return
        await self._watch.until_heard()
        self._look()
        # Counted from here, so that all who wait for the disk together count one another.
        self._watch.began(self._delivery)
        if not await self._commit.write(lambda tx: outbox.begin(tx, [self._delivery])):
            raise ClaimLost("it is no longer owed, or not in this form")
        await self._commit.catch_up(MOST_UNWRITTEN)
        self._look()
        self.has_begun = True

    def sent(self) -> None:
        """The platform took it."""
        self._watch.answered(self._delivery)

    def failed(self, error: Exception) -> None:
        """It was not sent, or perhaps not."""
        self._watch.failed(self._delivery, error, has_begun=self.has_begun)

    def _look(self) -> None:
        if not self._may_receive(self._delivery.chat):
            raise ShutOut("the owner has taken this chat's access away")
        if self._watch.breaker.is_open:
            raise Postponed("the platform isn't accepting anything right now")
