"""The circuit breaker: whether a platform takes messages at all, judged by how sends to its chats end.

It is a plain object without a clock of its own. A send that has begun ends in `answered`, `failed` or `ended`. When one
had no answer, the platform itself is to be asked whether it is there, by what shows nothing to anybody: when `asks_at`
says so, `is_asked`, then `is_there` or `is_not_there`.
"""

from collections import deque
from collections.abc import Hashable
from datetime import datetime, timedelta

from bot.clock import backoff

# Sends to so many chats in a row that had no answer: it is not the chats' fault, though the platform itself answers.
SEVERAL = 3
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=1)
# With so many sends under way the next one waits to see what becomes of them: a kill may repeat each. What a platform
# has lately answered in a third of a second may be under way as well, or paid broadcasts would be held up. Counted over
# a whole second, so that the thirty with which a fan-out begins count as what they are: Telegram's pace.
MANY_UNHEARD = 10
LATELY = timedelta(seconds=1)
# What goes on for so long while the platform answers others is its own chat's trouble.
LONGEST_SILENCE = timedelta(seconds=1)


class CircuitBreaker:
    """Closed while the platform answers; in doubt from the first send on that had no answer, until the platform is
    asked; open when it does not answer that either, or when three chats in a row had no answer.

    An answer is also that a message or a chat is refused, or has to wait. What is no answer: a 502, a time-out, a
    connection that breaks or does not come about.
    """

    def __init__(self) -> None:
        self.open_since: datetime | None = None
        self._doubted_since: datetime | None = None
        self._failed: set[Hashable] = set()
        self._under_way: dict[Hashable, datetime] = {}
        self._answered: deque[datetime] = deque()  # those of the last moments, and the newest before
        self._asks_at: datetime | None = None
        self._opened = 0
        self._is_asked = False

    @property
    def is_open(self) -> bool:
        """Whether nothing is to be sent."""
        return self.open_since is not None

    def began(self, send: Hashable, now: datetime) -> None:
        """A request may leave from now on."""
        self._under_way[send] = now

    def answered(self, send: Hashable, now: datetime) -> None:
        """The platform answered, whatever it said."""
        self.ended(send)
        self._answered.append(now)
        while len(self._answered) > 1 and not now - LATELY < self._answered[0] <= now:
            self._answered.popleft()
        self._failed.clear()
        self._close()

    def failed(self, send: Hashable, chat: Hashable, now: datetime) -> None:
        """The platform did not answer."""
        self.ended(send)
        self._failed.add(chat)
        if self._doubted_since is None:
            self._doubted_since = self._asks_at = now
        if not self.is_open and len(self._failed) >= SEVERAL:
            self._open(now)

    def ended(self, send: Hashable) -> None:
        """A send is under way no more; nothing is known of the platform by that."""
        self._under_way.pop(send, None)

    def has_to_be_heard(self, now: datetime) -> bool:
        """Whether the next send waits to hear from the platform: in doubt; while so many are under way that it had
        better wait until one is answered; or, if the last three chats had no answer, while one is under way.
        """
        if self._doubted_since is not None:
            return True
        if len(self._failed) >= SEVERAL:
            return bool(self._under_way)
        if len(self._under_way) < MANY_UNHEARD:
            return False
        newest = self._answered[-1] if self._answered else None
        unheard = [began for began in self._under_way.values() if newest is None or newest - began < LONGEST_SILENCE]
        lately = sum(now - answered < LATELY for answered in self._answered) // 3
        return len(unheard) >= max(MANY_UNHEARD, lately)

    def asks_at(self, now: datetime) -> datetime | None:
        """When the platform is to be asked whether it is there; None while that is not in doubt, or being asked."""
        if self._asks_at is None or self._is_asked:
            return None
        # A clock that is set back makes no pause longer.
        self._asks_at = min(self._asks_at, now + self._pause)
        return self._asks_at

    @property
    def _pause(self) -> timedelta:
        return backoff(self._opened, FIRST_PAUSE, LONGEST_PAUSE)

    def is_asked(self) -> None:
        """The question leaves."""
        self._is_asked = True

    def is_there(self) -> None:
        """It answered that. Whether it takes messages as well, the next one shows."""
        self._is_asked = False
        self._close()

    def is_not_there(self, now: datetime) -> None:
        """It did not answer that either."""
        self._is_asked = False
        if self._doubted_since is None:
            return  # a send has been answered meanwhile
        self._open(now)

    def _open(self, now: datetime) -> None:
        self.open_since = self.open_since or self._doubted_since
        self._opened += 1
        self._asks_at = now + self._pause

    def _close(self) -> None:
        self.open_since = self._doubted_since = self._asks_at = None
        if len(self._failed) < SEVERAL:
            self._opened = 0
