"""The circuit breaker: whether a platform takes messages at all, judged by how sends to its chats end.

It is a plain object without a clock of its own. A send that has begun ends in `answered`, `failed` or `ended`. While
the breaker is open, its caller sends nothing but one probe at a time: `probe_at`, `probe_begins`, `probe_ends`.
"""

from collections.abc import Hashable
from datetime import datetime, timedelta

# Sends to so many chats in a row that had no answer: it is not the chats' fault.
SEVERAL = 3
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=1)
# With so many sends under way and no answer to any for so long, the next one waits to see what becomes of them.
MANY_UNHEARD = 10
LONGEST_SILENCE = timedelta(seconds=1)


class CircuitBreaker:
    """Closed while the platform answers; open from the third chat in a row on that had no answer, until the next one.

    An answer is also that a message or a chat is refused, or has to wait. What is no answer: a 502, a time-out, a
    connection that breaks or does not come about.
    """

    def __init__(self) -> None:
        self.open_since: datetime | None = None
        self._failed: set[Hashable] = set()
        self._under_way: dict[Hashable, datetime] = {}
        self._answered_at: datetime | None = None
        self._paused_at: datetime | None = None
        self._pause = FIRST_PAUSE
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        """Whether nothing but a probe is to be sent."""
        return self.open_since is not None

    def began(self, send: Hashable, now: datetime) -> None:
        """A request may leave from now on."""
        self._under_way[send] = now

    def answered(self, send: Hashable, now: datetime) -> None:
        """The platform answered, whatever it said."""
        self.ended(send)
        self._answered_at = now
        self._failed.clear()
        self.open_since = None
        self._pause = FIRST_PAUSE

    def failed(self, send: Hashable, chat: Hashable, now: datetime) -> None:
        """The platform did not answer."""
        self.ended(send)
        self._failed.add(chat)
        if not self.is_open and len(self._failed) >= SEVERAL:
            self.open_since = self._paused_at = now

    def ended(self, send: Hashable) -> None:
        """A send is under way no more; nothing is known of the platform by that."""
        self._under_way.pop(send, None)

    def is_silent(self, now: datetime) -> bool:
        """Whether many sends are under way, and the platform has answered none for longer than it should take."""
        if len(self._under_way) < MANY_UNHEARD:
            return False
        oldest = next(iter(self._under_way.values()))
        return now - max(oldest, self._answered_at or oldest) >= LONGEST_SILENCE

    def probe_at(self, now: datetime) -> datetime | None:
        """When the next probe may go; None while the breaker is closed or a probe is under way."""
        if self._paused_at is None or not self.is_open or self._is_probing:
            return None
        # A clock that is set back makes no pause longer.
        self._paused_at = min(self._paused_at, now)
        return self._paused_at + self._pause

    def probe_begins(self) -> None:
        """The next send is the probe."""
        self._is_probing = True

    def probe_ends(self, now: datetime, *, has_asked: bool) -> None:
        """The probe is over; the pause before the next grows only if the platform was asked."""
        self._is_probing = False
        self._paused_at = now
        if has_asked and self.is_open:
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
