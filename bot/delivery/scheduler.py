"""Pacing: which message goes next, and when, so that no limit of the platform is met and nobody waits for another.

It is a plain object without a clock or a loop of its own. Its caller pushes what is to be sent, pops what may go now,
sends it, and reports what the platform answered:

    while permit := scheduler.pop(clock.now()):
        start(send, permit)     # ends in scheduler.sent(permit, now) or scheduler.refused(permit, retry_after, now)
    await sleep_until(scheduler.next_time(clock.now()))     # or until something is pushed or answered

Each chat has one message under way at the most, and its windows count from the platform's answer. So the order within
a chat is kept, and its limits hold wherever between our send and the answer the platform counts. (A process that died
has forgotten what it sent in its last minute.)
"""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Generic, TypeVar

from bot.core.model import Urgency
from bot.delivery.heap import IndexedHeap
from bot.delivery.limits import ChatKind, Limits, Window
from bot.delivery.window import SECOND, Rate

T = TypeVar("T")
Key = tuple[int, int, int]  # urgency, place, number: the lowest goes first

MICROSECOND = timedelta(microseconds=1)
MINUTE = 60 * SECOND

# Each alert of a chat counts as if it had come so much later than the one before it. Of alerts that come together, all
# chats get their first before any gets its second; and nobody is overtaken for ever, as counting alone would allow.
SPREAD = MINUTE

# A long queue takes so much longer than its limits alone would have it, since answers take time too.
ALLOWANCE = 1.25

# So many chats refused without cause of their own, with nothing accepted between: all are meant.
SEVERAL = 3
# The longest that all then wait before one is tried again; chats themselves wait as long as they were told.
LONGEST_HOLD = MINUTE


@dataclass(frozen=True, slots=True)
class Permit(Generic[T]):
    """A message that is to go now: the caller's ticket, and the chat that it goes to."""

    chat: Hashable
    ticket: T


_Entry = tuple[Key, T]  # a message that waits


class _Chat(Generic[T]):
    """What waits for one chat, and what it had lately."""

    __slots__ = (
        "address",
        "flying",
        "flying_since",
        "has_reserved",
        "held_until",
        "log",
        "pace",
        "place",
        "waiting",
        "windows",
    )

    def __init__(self, address: Hashable, windows: tuple[Window, ...]) -> None:
        self.address = address
        self.windows = windows
        # Microseconds for each message of a long queue.
        self.pace = int(max((window.pace for window in windows), default=0) * ALLOWANCE * SECOND)
        self.waiting: list[_Entry[T]] = []  # a heap; no key is there twice
        self.flying: _Entry[T] | None = None
        self.flying_since = 0
        self.has_reserved = False
        self.log: tuple[int, ...] = ()  # when the last messages were answered, as many as the widest window needs
        self.place = 0
        self.held_until = 0

    def place_of(self, urgency: Urgency, time: int) -> int:
        """The place in its class of a message that comes now."""
        if urgency is not Urgency.ALERT:
            return time
        place = max(self.place, time)
        self.place = place + SPREAD
        return place

    def take(self, time: int) -> T:
        self.flying = heappop(self.waiting)
        self.flying_since = time
        return self.flying[1]

    def land(self) -> _Entry[T]:
        """The message that was under way is so no longer."""
        if self.flying is None:
            raise ValueError(f"nothing is under way to {self.address!r}: its turn has been reported before")
        entry, self.flying = self.flying, None
        return entry

    def answered(self, time: int) -> None:
        self.log = (*self.log, time)[-max((window.messages for window in self.windows), default=1) :]

    def free_at(self) -> int:
        """When its first message may go, as far as this chat is concerned."""
        reply = self.waiting[0][0][0] == Urgency.REPLY
        free = self.held_until
        for window in self.windows:
            messages = window.messages if reply else window.messages - window.kept_for_replies
            if len(self.log) >= messages:
                free = max(free, self.log[-messages] + window.seconds * SECOND)
        return free

    def quiet_at(self) -> int:
        """When there is nothing left to remember of it."""
        return max(self.held_until, self.place, self.log[-1] + MINUTE if self.log else 0)

    def left_alone(self, time: int) -> bool:
        """It had nothing for a minute, so that limits of its own cannot be why it is refused."""
        return not self.log or time - self.log[-1] >= MINUTE


class SendScheduler(Generic[T]):
    """Paces all messages to one platform; every operation takes O(log n) of the chats that wait.

    Chats are whatever the platform counts by (on Telegram a forum is one, with all its topics). Of the chats that may
    be sent to, the one with the most urgent message goes first; of several, whose message came first, and with alerts
    the one served least. Within a class, a chat whose queue would take longer by its own limits than all that waits by
    the platform's goes before the rest, or it would still be busy when all others are done.

    The clock may be set back or forward: time stops for a moment, or jumps.
    """

    def __init__(self, limits: Limits, now: datetime) -> None:
        self._limits = limits
        self._rate = Rate(limits.per_second)
        self._now = now
        self._time = 0  # microseconds since the start, never running back
        self._numbers = count()
        self._waiting = 0
        self._chats: dict[Hashable, _Chat[T]] = {}
        # The place of a chat: it may be sent to (and, with several messages, is among the longest queues as well), must
        # wait until a moment, or has nothing to send and is remembered until a moment. With a message under way: none.
        self._ready: IndexedHeap[Key, _Chat[T]] = IndexedHeap()
        self._longest: IndexedHeap[tuple[int, int], _Chat[T]] = IndexedHeap()
        self._later: IndexedHeap[tuple[int], _Chat[T]] = IndexedHeap()
        self._idle: IndexedHeap[tuple[int], _Chat[T]] = IndexedHeap()
        self._refused: dict[Hashable, int] = {}  # chats refused in a row for no fault of theirs, and until when

    def __len__(self) -> int:
        """How many messages wait, those under way not counted."""
        return self._waiting

    def push(self, ticket: T, *, chat: Hashable, kind: ChatKind, urgency: Urgency, now: datetime) -> None:
        """Queue a message."""
        time = self._move(now)
        known = self._chats.get(chat)
        if known is None:
            known = self._chats[chat] = _Chat(chat, self._limits.chat.get(kind, ()))
        self._queue(known, ((urgency, known.place_of(urgency, time), next(self._numbers)), ticket))
        self._place(known)

    def pop(self, now: datetime) -> Permit[T] | None:
        """The next message that may go now, None if none may. Report by sent(), refused() or unsent(), exactly once."""
        time = self._move(now)
        while (first := self._idle.first()) and first[0][0] <= time:
            self._idle.leave(first[1])
            del self._chats[first[1].address]
        while (first := self._later.first()) and first[0][0] <= time:
            self._place(first[1])
        ready, longest = self._ready.first(), self._longest.first()
        if ready is None or time < self._rate.free_at(time, passes=_is_reply(ready[1])):
            return None
        key, chat = ready
        if longest and longest[0][0] == key[0] and -longest[0][1] > self._waiting * self._rate.gap:
            chat = longest[1]
        self._rate.take(time)
        ticket = chat.take(time)
        self._waiting -= 1
        self._place(chat)
        return Permit(chat.address, ticket)

    def next_time(self, now: datetime) -> datetime | None:
        """When to pop again, at the earliest `now`; None if nothing can go before a push or an answer."""
        time = self._move(now)
        if ready := self._ready.first():
            free_at = self._rate.free_at(time, passes=_is_reply(ready[1]))
        elif later := self._later.first():
            free_at = max(self._rate.free_at(time, passes=_is_reply(later[1])), *later[0])
        else:
            return None
        return now + max(free_at - time, 0) * MICROSECOND

    def reserve(self, permit: Permit[T], now: datetime) -> None:
        """A message cannot leave yet; others of its kind wait for it, and replies to other chats do not."""
        self._move(now)
        chat = self._chats[permit.chat]
        self._rate.arrivals.reserve(chat.flying_since)
        chat.has_reserved = True

    def depart(self, permit: Permit[T], now: datetime) -> timedelta:
        """What could not leave does so now, unless it has to wait, since replies have passed: returned is how long."""
        time = self._move(now)
        chat = self._chats[permit.chat]
        at = self._rate.arrivals.depart(time)
        if at == time:
            chat.flying_since, chat.has_reserved = time, False
        return (at - time) * MICROSECOND

    def sent(self, permit: Permit[T], now: datetime) -> None:
        """The platform has answered, or never will: delivered, or failed for another reason than haste."""
        time = self._move(now)
        chat = self._chats[permit.chat]
        chat.land()
        chat.answered(time)
        self._rate.arrivals.answered(chat.flying_since, time)
        self._refused.clear()
        self._place(chat)

    def refused(self, permit: Permit[T], retry_after: timedelta, now: datetime) -> None:
        """The platform asks to wait before anything else goes to this chat; then the message goes first."""
        time = self._move(now)
        chat = self._chats[permit.chat]
        entry = chat.land()
        self._rate.arrivals.answered(chat.flying_since, time)
        chat.held_until = max(chat.held_until, time + retry_after // MICROSECOND)
        self._slow_down(chat, time)
        self._queue(chat, entry)
        self._place(chat)

    def unsent(self, permit: Permit[T], now: datetime) -> None:
        """Nothing went to the platform after all (nobody wants it any more): the chat's limits don't count it."""
        self._move(now)
        chat = self._chats[permit.chat]
        chat.land()
        if chat.has_reserved:
            self._rate.arrivals.release()
            chat.has_reserved = False
        else:
            self._rate.arrivals.unsent(chat.flying_since)
        self._place(chat)

    def _move(self, now: datetime) -> int:
        self._time += max((now - self._now) // MICROSECOND, 0)
        self._now = now
        return self._time

    def _queue(self, chat: _Chat[T], entry: _Entry[T]) -> None:
        heappush(chat.waiting, entry)
        self._waiting += 1

    def _place(self, chat: _Chat[T]) -> None:
        """Put a chat where it belongs, after anything about it has changed."""
        for heap in (self._ready, self._longest, self._later, self._idle):
            heap.leave(chat)
        if chat.flying:
            return
        if not chat.waiting:
            self._idle.put(chat, (chat.quiet_at(),))
        elif (free_at := chat.free_at()) > self._time:
            self._later.put(chat, (free_at,))
        else:
            key = chat.waiting[0][0]
            self._ready.put(chat, key)
            if len(chat.waiting) > 1:
                self._longest.put(chat, (key[0], -len(chat.waiting) * chat.pace))

    def _slow_down(self, chat: _Chat[T], time: int) -> None:
        """Everybody pays for a refusal that the chat's own limits cannot explain, and nobody for one that they may."""
        self._rate.disturb(time)
        if not chat.left_alone(time):
            return
        self._rate.give_way(time)
        self._refused[chat.address] = chat.held_until
        self._refused = {each: until for each, until in self._refused.items() if until > time}
        if len(self._refused) >= SEVERAL:
            self._rate.hold(min(*self._refused.values(), time + LONGEST_HOLD))


def _is_reply(chat: _Chat[T]) -> bool:
    """Whether the next message of a chat answers somebody."""
    return chat.waiting[0][0][0] == Urgency.REPLY
