"""A chat platform with true limits, senders that face it, and a clock that jumps from event to event.

All is simulated and seeded: five minutes of a flood take a second, and the same flood is met by every sender.
"""

import math
import random
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Protocol

from bot.core.model import Urgency
from bot.delivery.limits import ChatKind, Limits, Window
from bot.delivery.scheduler import Permit, SendScheduler
from bot.platforms.telegram.adapter import LIMITS as TELEGRAM
from tests.builders import NOW

SECOND = 1_000_000  # the clock of the simulation counts microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message that is to be sent, from `at` (seconds) on."""

    chat: str
    kind: ChatKind = ChatKind.PRIVATE
    urgency: Urgency = Urgency.ALERT
    at: float = 0.0
    number: int = 0


@dataclass(slots=True)
class Record:
    """What happened: when each post was accepted (seconds), in that order, and how many were refused."""

    accepted: dict[Post, float] = field(default_factory=dict)
    refused: int = 0

    @property
    def last(self) -> float:
        return max(self.accepted.values())

    def waits(self, urgency: Urgency) -> list[float]:
        """Seconds from a post's coming to its acceptance, sorted."""
        return sorted(time - post.at for post, time in self.accepted.items() if post.urgency is urgency)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the sorted values don't exceed."""
    return values[max(math.ceil(len(values) * percent / 100) - 1, 0)]


class World:
    """The clock, and what is to happen when."""

    def __init__(self) -> None:
        self.time = 0
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._count = count()

    def at(self, time: int, act: Callable[[], None]) -> None:
        heappush(self._agenda, (max(time, self.time), next(self._count), act))

    def run(self, until: float = math.inf) -> None:
        while self._agenda and self._agenda[0][0] <= until * SECOND:
            self.time, _, act = heappop(self._agenda)
            act()


class Sliding:
    """A limit in its strictest reading: no stretch of the window's length, wherever it begins, holds more."""

    def __init__(self, messages: int, seconds: float) -> None:
        self._length = int(seconds * SECOND)
        self._taken: deque[int] = deque(maxlen=messages)

    def free_at(self) -> int:
        full = len(self._taken) == self._taken.maxlen
        return self._taken[0] + self._length if full else 0

    def take(self, time: int) -> None:
        self._taken.append(time)


class Receiver(Protocol):
    """What a network leads to."""

    def receive(self, post: Post, time: int) -> int | None:
        """None when it took the message, else how many seconds to wait."""
        ...


class Platform:
    """Refuses what exceeds its true limits, and then all to that chat until the wait that it named is over.

    It names whole seconds, three at least: the shortest that is met in reality.
    """

    def __init__(self, limits: Limits, shortest_wait: int = 3) -> None:
        self._all = Sliding(int(limits.per_second), 1) if limits.per_second < math.inf else None
        self._windows = limits.chat
        self._chats: dict[str, list[Sliding]] = {}
        self._banned: dict[str, int] = defaultdict(int)
        self._shortest = shortest_wait
        self.record = Record()

    def receive(self, post: Post, time: int) -> int | None:
        if post.chat not in self._chats:
            self._chats[post.chat] = [Sliding(each.messages, each.seconds) for each in self._windows.get(post.kind, ())]
        limits = self._chats[post.chat] + ([self._all] if self._all else [])
        free_at = max([self._banned[post.chat], *(limit.free_at() for limit in limits)])
        if free_at > time:
            self.record.refused += 1
            wait = max(math.ceil((free_at - time) / SECOND), self._shortest)
            self._banned[post.chat] = time + wait * SECOND
            return wait
        for limit in limits:
            limit.take(time)
        self.record.accepted[post] = time / SECOND
        return None


class Network:
    """Carries posts to the platform and its answers back, each way in `delay` seconds and up to `jitter` more."""

    def __init__(
        self, world: World, platform: Receiver, *, delay: float = 0.04, jitter: float = 0, seed: int = 1
    ) -> None:
        self.world = world
        self._platform = platform
        self._delay = delay
        self._jitter = jitter
        self._chance = random.Random(seed)

    def send(self, post: Post, answered: Callable[[int | None], None]) -> None:
        def arrive() -> None:
            answer = self._platform.receive(post, self.world.time)
            self.world.at(self.world.time + self._way(), lambda: answered(answer))

        self.world.at(self.world.time + self._way(), arrive)

    def _way(self) -> int:
        return int((self._delay + self._chance.random() * self._jitter) * SECOND)


class Sender(Protocol):
    """Somebody who must get all posts through."""

    def push(self, post: Post) -> None: ...


class Paced:
    """Ours: the caller that bot/delivery/scheduler.py describes. It wakes up to `late` seconds late."""

    def __init__(self, network: Network, scheduler: SendScheduler[Post], *, late: float = 0, seed: int = 2) -> None:
        self._network = network
        self._world = network.world
        self._scheduler = scheduler
        self._late = late
        self._chance = random.Random(seed)
        self._wake_at = math.inf

    def now(self) -> datetime:
        return NOW + timedelta(microseconds=self._world.time)

    def push(self, post: Post) -> None:
        self._scheduler.push(post, chat=post.chat, kind=post.kind, urgency=post.urgency, now=self.now())
        self._wake()

    def _pop_all(self) -> None:
        self._wake_at = math.inf
        while turn := self._scheduler.pop(self.now()):
            self._network.send(turn.ticket, partial(self._answered, turn))
        self._wake()

    def _answered(self, turn: Permit[Post], wait: int | None) -> None:
        if wait is None:
            self._scheduler.sent(turn, self.now())
        else:
            self._scheduler.refused(turn, timedelta(seconds=wait), self.now())
        self._wake()

    def _wake(self) -> None:
        now = self.now()
        next_time = self._scheduler.next_time(now)
        if next_time is None:
            return
        late = int(self._chance.random() * self._late * SECOND)
        time = self._world.time + (next_time - now) // timedelta(microseconds=1) + late
        if time < self._wake_at:
            self._wake_at = time
            self._world.at(time, lambda: self._pop_all() if self._wake_at == self._world.time else None)


class Naive:
    """As fast as fifty connections allow, in the order of arrival; a refusal makes everybody sleep as it says."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._world = network.world
        self._queue: deque[Post] = deque()
        self._free = 50
        self._asleep_until = 0

    def push(self, post: Post) -> None:
        self._queue.append(post)
        self._world.at(self._world.time, self._pop_all)

    def _pop_all(self) -> None:
        while self._queue and self._free and self._world.time >= self._asleep_until:
            self._free -= 1
            self._send(self._queue.popleft())

    def _send(self, post: Post) -> None:
        def answered(wait: int | None) -> None:
            self._free += 1
            if wait is not None:
                self._queue.appendleft(post)
                self._asleep_until = max(self._asleep_until, self._world.time + wait * SECOND)
            self._world.at(self._asleep_until, self._pop_all)

        self._network.send(post, answered)


class Bucket:
    """A leaky bucket with depth: `messages` at once when it is empty, then one each `seconds / messages`."""

    def __init__(self, messages: float, seconds: float) -> None:
        self._gap = int(seconds * SECOND / messages)
        self._depth = int(seconds * SECOND) - self._gap
        self._full_at = 0

    def take(self, time: int) -> int:
        """When the next in the queue may pass."""
        passes = max(time, self._full_at - self._depth)
        self._full_at = max(self._full_at, passes) + self._gap
        return passes


class GlobalOnly:
    """What the AIORateLimiter of python-telegram-bot 22.8 does, by its source, told to repeat until all is sent.

    Buckets of 30 a second for all and 20 a minute for a group, none for a chat's second. A refusal halts everybody;
    whoever wakes first, or gets an answer that was under way, lets all go at once that passed the buckets meanwhile.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._world = network.world
        self._all = Bucket(30, 1)
        self._groups: dict[str, Bucket] = defaultdict(lambda: Bucket(20, 60))
        self._halted = False
        self._herd: list[Post] = []

    def push(self, post: Post) -> None:
        if post.kind is ChatKind.PRIVATE:
            self._queue(post)
        else:
            self._world.at(self._groups[post.chat].take(self._world.time), lambda: self._queue(post))

    def _queue(self, post: Post) -> None:
        self._world.at(self._all.take(self._world.time), lambda: self._pass(post))

    def _pass(self, post: Post) -> None:
        if self._halted:
            self._herd.append(post)
        else:
            self._network.send(post, lambda wait: self._answered(post, wait))

    def _answered(self, post: Post, wait: int | None) -> None:
        if wait is None:
            self._release()
        else:
            self._halted = True
            self._world.at(self._world.time + wait * SECOND + SECOND // 10, lambda: self._repeat(post))

    def _repeat(self, post: Post) -> None:
        self._release()
        self.push(post)

    def _release(self) -> None:
        self._halted = False
        herd, self._herd = self._herd, []
        for post in herd:
            self._pass(post)


SENDERS: dict[str, Callable[[Network], Sender]] = {
    "ours": lambda network: Paced(network, SendScheduler(TELEGRAM, NOW)),
    "global-only": GlobalOnly,
    "naive": Naive,
}


def face(
    sender: Callable[[Network], Sender],
    posts: Iterable[Post],
    platform: Platform | None = None,
    *,
    jitter: float = 0,
    until: float = math.inf,
) -> Record:
    """Let a sender get posts through to a platform (Telegram, if none is given), all of them or `until` a time."""
    world = World()
    platform = platform or Platform(TELEGRAM)
    who = sender(Network(world, platform, jitter=jitter))
    for post in posts:
        world.at(int(post.at * SECOND), partial(who.push, post))
    world.run(until)
    return platform.record


def broadcast(chats: int = 9_000) -> list[Post]:
    """One alert to all chats."""
    return [Post(chat=f"chat {number}") for number in range(chats)]


def forty_alerts(messages: int = 4_835, alerts: int = 40, seed: int = 3) -> list[Post]:
    """Forty alerts at once to chats of heavy-tailed wishes, a quarter of them groups or channels.

    Most chats want one or two of the alerts, one in twenty wants all. Alert after alert is queued, as the outbox is.
    """
    chance = random.Random(seed)
    wishes: list[tuple[str, ChatKind, frozenset[int]]] = []
    total = 0
    while total < messages:
        wanted = min(int(chance.paretovariate(0.8)), alerts, messages - total)
        kind = chance.choices(list(ChatKind), weights=[75, 20, 5])[0]
        wishes.append((f"{kind} {len(wishes)}", kind, frozenset(chance.sample(range(alerts), wanted))))
        total += wanted
    return [
        Post(chat=chat, kind=kind, number=alert)
        for alert in range(alerts)
        for chat, kind, wanted in wishes
        if alert in wanted
    ]


def urgent_in_broadcast() -> list[Post]:
    """Breaking news for 300 of 9,000 chats, sixty seconds into a broadcast to all of them."""
    chance = random.Random(4)
    chats = chance.sample(range(9_000), 300)
    urgent = [Post(chat=f"chat {number}", urgency=Urgency.BREAKING, at=60) for number in chats]
    return broadcast() + urgent


def replies_in_flood(at: float) -> list[Post]:
    """Two people ask, one in private and one in a group, while 200 alerts wait for each of them and 9,000 elsewhere."""
    waiting = [
        Post(chat=kind, kind=kind, number=number)
        for number in range(200)
        for kind in (ChatKind.PRIVATE, ChatKind.GROUP)
    ]
    replies = [Post(chat=kind, kind=kind, urgency=Urgency.REPLY, at=at) for kind in (ChatKind.PRIVATE, ChatKind.GROUP)]
    return waiting + broadcast() + replies


def bound(posts: Iterable[Post], limits: Limits = TELEGRAM) -> float:
    """Seconds from the start before which no sender can be done, if limits are kept and nothing else takes time.

    Each limit is looked at alone, and filled as early as posts come: the latest of their ends is a lower bound.
    """
    posts = sorted(posts, key=lambda post: post.at)
    chats: dict[tuple[str, ChatKind], list[float]] = defaultdict(list)
    for post in posts:
        chats[post.chat, post.kind].append(post.at)
    everybody = (Window(messages=int(limits.per_second), seconds=1),)
    ends = [_end(times, limits.chat.get(kind, ())) for (_, kind), times in chats.items()]
    return max(_end([post.at for post in posts], everybody), *ends)


def _end(times: Sequence[float], windows: Sequence[Window]) -> float:
    taken: list[float] = []
    for time in times:
        frees = [taken[-each.messages] + each.seconds for each in windows if len(taken) >= each.messages]
        taken.append(max([time, *taken[-1:], *frees]))
    return taken[-1]
