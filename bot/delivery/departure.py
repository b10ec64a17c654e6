"""Departures: the last look at a delivery once its turn has come, and the note that its request may leave."""

import asyncio
from collections.abc import Callable

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


class ClaimLost(NotBegun):
    """The delivery is not ours any more: its chat's wishes have changed, or it is forgotten."""


class Postponed(NotBegun):
    """The platform takes nothing at present."""


class ShutOut(NotBegun):
    """Its chat may receive nothing any more."""


class Watch:
    """A platform's breaker, with whoever waits to hear what becomes of the sends that are under way."""

    def __init__(self, platform: str, clock: Clock) -> None:
        self.breaker = CircuitBreaker()
        self._platform = platform
        self._clock = clock
        self._news = asyncio.Event()

    async def until_heard(self) -> None:
        """Wait while many sends are under way and none is answered."""
        while not self.breaker.is_open and self.breaker.is_silent(self._clock.now()):
            await self._news.wait()

    def began(self, delivery: Delivery) -> None:
        """A request for it may leave from now on."""
        self.breaker.began(delivery.id, self._clock.now())

    def sent(self, delivery: Delivery) -> None:
        """The platform took it."""
        self._answered(delivery)

    def failed(self, delivery: Delivery, error: Exception, *, has_begun: bool) -> None:
        """It was not sent, or perhaps not."""
        if isinstance(error, NO_ANSWER):
            was_open = self.breaker.is_open
            self.breaker.failed(delivery.id, delivery.chat.address, self._clock.now())
            if self.breaker.is_open and not was_open:
                log.warning("a platform takes nothing; its alerts wait", platform=self._platform, problem=str(error))
        elif has_begun and isinstance(error, SendError):
            # It said something about this chat or this message, so it is there.
            self._answered(delivery)
        else:
            self.breaker.ended(delivery.id)
        self._tell()

    def _answered(self, delivery: Delivery) -> None:
        if self.breaker.is_open:
            log.info("a platform takes alerts again", platform=self._platform)
        self.breaker.answered(delivery.id, self._clock.now())
        self._tell()

    def _tell(self) -> None:
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
        is_probe: bool,
    ) -> None:
        self.has_begun = self.has_asked = False
        self._delivery = delivery
        self._watch = watch
        self._commit = commit
        self._may_receive = may_receive
        self._is_probe = is_probe

    async def begin(self) -> None:
        """Let its requests leave from now on, if it is still wanted. Raises NotBegun."""
        if self.has_begun:
            return
        await self._watch.until_heard()
        self._look()
        if not await self._commit.write(lambda tx: outbox.begin(tx, [self._delivery])):
            raise ClaimLost("it is no longer owed, or not in this form")
        await self._commit.catch_up(MOST_UNWRITTEN)
        self._look()
        self.has_begun = self.has_asked = True
        self._watch.began(self._delivery)

    def sent(self) -> None:
        """The platform took it."""
        self._watch.sent(self._delivery)

    def failed(self, error: Exception) -> None:
        """It was not sent, or perhaps not."""
        self.has_asked = self.has_asked or isinstance(error, NO_ANSWER)
        self._watch.failed(self._delivery, error, has_begun=self.has_begun)

    def _look(self) -> None:
        if not self._may_receive(self._delivery.chat):
            raise ShutOut("the owner has taken this chat's access away")
        if self._watch.breaker.is_open and not self._is_probe:
            raise Postponed("the platform isn't accepting anything right now")
