"""Whatever is to be sent, however slow, late and capricious everything is: what pacing never does."""

import math
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Urgency
from bot.delivery.limits import ChatKind, Limits, Window
from bot.delivery.scheduler import Permit, SendScheduler
from bot.platforms.discord.adapter import LIMITS as DISCORD
from bot.platforms.telegram.adapter import LIMITS as TELEGRAM
from bot.platforms.telegram.adapter import PAID_LIMITS as TELEGRAM_PAID
from tests.builders import NOW
from tests.delivery.flood import SECOND, Network, Paced, Post, World

NARROW = Limits(
    per_second=3,
    chat={
        ChatKind.PRIVATE: (Window(messages=2, seconds=3),),
        ChatKind.GROUP: (Window(messages=1, seconds=1), Window(messages=4, seconds=20, kept_for_replies=1)),
    },
)
KINDS = [ChatKind.PRIVATE, ChatKind.GROUP, ChatKind.PRIVATE, ChatKind.GROUP, ChatKind.CHANNEL]

LIMITS = st.sampled_from([TELEGRAM, TELEGRAM_PAID, DISCORD, Limits(), NARROW])
MOMENTS = st.just(0.0) | st.floats(0, 100, allow_subnormal=False)
CHATS = st.integers(0, len(KINDS) - 1)
URGENCIES = st.sampled_from(Urgency)
SEEDS = st.integers(0, 1_000_000)


@st.composite
def loads(draw: st.DrawFn) -> list[Post]:
    """Posts in the order of their coming, each with a number of its own."""
    drawn = draw(st.lists(st.tuples(MOMENTS, CHATS, URGENCIES, st.integers(1, 8)), max_size=25))
    return [
        Post(
            chat=f"{KINDS[chat]} {chat}",
            kind=KINDS[chat],
            urgency=urgency,
            at=at,
            number=number,
        )
        for number, (at, chat, urgency) in enumerate(each for *each, times in sorted(drawn) for _ in range(times))
    ]


class Capricious:
    """A platform that refuses whom it likes."""

    def __init__(self, refusing: float, seed: int) -> None:
        self._refusing = refusing
        self._chance = random.Random(seed)
        self.accepted: list[tuple[int, Post]] = []

    def receive(self, post: Post, time: int) -> int | None:
        if self._chance.random() < self._refusing:
            return self._chance.choice([1, 3, 30, 200])
        self.accepted.append((time, post))
        return None


class Watched(SendScheduler[Post]):
    """A scheduler that is checked at each step against a plain reading of what it promises."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits, NOW)
        self._windows = limits.chat
        self._queues: dict[str, list[Post]] = defaultdict(list)
        self._under_way: dict[str, Post] = {}
        self._answers: dict[str, list[int]] = defaultdict(list)
        self._held: dict[str, int] = defaultdict(int)
        self.departures: list[int] = []
        self._promised: datetime | None = None

    def next_time(self, now: datetime) -> datetime | None:
        self._promised = super().next_time(now)
        return self._promised

    def push(self, ticket: Post, **more: object) -> None:
        self._promised = None
        super().push(ticket, **more)  # type: ignore[arg-type]
        self._queues[ticket.chat].append(ticket)

    def pop(self, now: datetime) -> Permit[Post] | None:
        may_go = self._may_go(micros(now))
        turn = super().pop(now)
        if turn is None:
            assert now != self._promised
            assert not may_go or self._is_over_the_rate(now)
            return None
        self._promised = None
        assert turn.ticket in may_go
        assert turn.ticket.urgency == min(post.urgency for post in may_go)
        self._queues[turn.ticket.chat].remove(turn.ticket)
        self._under_way[turn.ticket.chat] = turn.ticket
        self.departures.append(micros(now))
        return turn

    def sent(self, turn: Permit[Post], now: datetime) -> None:
        super().sent(turn, now)
        self._promised = None
        self._answers[turn.ticket.chat].append(micros(now))
        del self._under_way[turn.ticket.chat]

    def refused(self, turn: Permit[Post], retry_after: timedelta, now: datetime) -> None:
        super().refused(turn, retry_after, now)
        self._promised = None
        chat = turn.ticket.chat
        self._held[chat] = micros(now + retry_after)
        del self._under_way[chat]
        self._queues[chat].insert(0, turn.ticket)

    def _is_over_the_rate(self, now: datetime) -> bool:
        """Nothing may go yet though chats are free: after a message for a moment, after refusals for up to a minute."""
        next_time = self.next_time(now)
        return next_time is not None and timedelta(0) < next_time - now <= timedelta(minutes=1)

    def _may_go(self, time: int) -> list[Post]:
        """The message that each free chat would get: the first of its most urgent ones."""
        firsts = [min(queue, key=lambda post: post.urgency) for queue in self._queues.values() if queue]
        return [post for post in firsts if post.chat not in self._under_way and self._is_free(post, time)]

    def _is_free(self, post: Post, time: int) -> bool:
        for window in self._windows.get(post.kind, ()):
            most = window.messages - (0 if post.urgency is Urgency.REPLY else window.kept_for_replies)
            lately = [each for each in self._answers[post.chat] if each > time - window.seconds * SECOND]
            if len(lately) >= most:
                return False
        return self._held[post.chat] <= time


class SetBack(Paced):
    """A caller whose clock is set back at every tenth look."""

    back = 0.0

    def now(self) -> datetime:
        if self._chance.random() < 0.1:
            self.back += self._chance.random() * 100
        return super().now() - timedelta(seconds=self.back)


def stream_of(post: Post) -> tuple[object, ...]:
    """What order is promised within: one class of one chat."""
    return post.chat, post.urgency


def micros(now: datetime) -> int:
    return (now - NOW) // timedelta(microseconds=1)


def send_all(load: Sequence[Post], platform: Capricious, sender: Paced, world: World) -> None:
    for post in load:
        world.at(int(post.at * SECOND), lambda post=post: sender.push(post))  # type: ignore[misc]
    world.run()


def assert_kept(times: Sequence[int], messages: float, seconds: int) -> None:
    """No stretch of so many seconds, the last instant not counted, holds more than so many of the times."""
    if messages < len(times):
        pairs = zip(times, times[int(messages) :], strict=False)
        assert min(later - earlier for earlier, later in pairs) >= seconds * SECOND


def assert_limits_kept(accepted: Sequence[tuple[int, Post]], limits: Limits) -> None:
    for chat in {post.chat for _, post in accepted}:
        times = [time for time, post in accepted if post.chat == chat]
        kind = next(post.kind for _, post in accepted if post.chat == chat)
        for window in limits.chat.get(kind, ()):
            assert_kept(times, window.messages, window.seconds)


def longest(load: Sequence[Post], limits: Limits, round_trip: float) -> float:
    """When all is surely done, if something goes whenever anything may: its chat or all are always busy."""
    per_chat = []
    for chat in {post.chat for post in load}:
        posts = [post for post in load if post.chat == chat]
        windows = limits.chat.get(posts[0].kind, ())
        rounds = [math.ceil(len(posts) / (each.messages - each.kept_for_replies)) * each.seconds for each in windows]
        per_chat.append(sum(rounds) + len(posts) * round_trip)
    everybody = len(load) * 30 / 29 / limits.per_second
    return max(post.at for post in load) + everybody + max(per_chat) + 0.01


@given(
    load=loads(),
    limits=LIMITS,
    refusing=st.sampled_from([0, 0, 0.1, 0.4]),
    jitter=st.sampled_from([0, 0.05, 2]),
    late=st.sampled_from([0, 0.02, 1]),
    seed=SEEDS,
)
def test_limits_hold_nothing_is_lost_and_order_is_kept(
    *, load: list[Post], limits: Limits, refusing: float, jitter: float, late: float, seed: int
) -> None:
    world, platform, scheduler = World(), Capricious(refusing, seed), Watched(limits)
    sender = Paced(Network(world, platform, jitter=jitter, seed=seed), scheduler, late=late, seed=seed)
    send_all(load, platform, sender, world)

    delivered = [post for _, post in platform.accepted]
    assert sorted(delivered, key=lambda post: post.number) == load
    assert len(scheduler) == 0
    assert_kept(scheduler.departures, limits.per_second, 1)
    assert_limits_kept(platform.accepted, limits)
    for stream in {stream_of(post) for post in load}:
        numbers = [post.number for post in delivered if stream_of(post) == stream]
        assert numbers == sorted(numbers)
    if load and not refusing and not late:
        assert platform.accepted[-1][0] <= longest(load, limits, 2 * (0.04 + jitter)) * SECOND


@given(loads(), LIMITS, SEEDS)
def test_a_clock_that_is_set_back_breaks_no_limit_and_loses_nothing(
    load: list[Post], limits: Limits, seed: int
) -> None:
    world, platform = World(), Capricious(0.1, seed)
    sender = SetBack(Network(world, platform, jitter=0.05, seed=seed), SendScheduler(limits, NOW), seed=seed)
    send_all(load, platform, sender, world)

    delivered = [post for _, post in platform.accepted]
    assert sorted(delivered, key=lambda post: post.number) == load
    assert_limits_kept(platform.accepted, limits)
