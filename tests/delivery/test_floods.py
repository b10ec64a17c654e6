"""Floods of messages against a platform that measures as strictly as words allow; seeded, on a clock that jumps."""

from functools import partial

import pytest

from bot.core.model import Urgency
from bot.delivery.limits import ChatKind, Limits, Window
from bot.delivery.scheduler import SendScheduler
from bot.platforms.telegram.adapter import LIMITS as TELEGRAM
from tests.builders import NOW
from tests.delivery.flood import (
    SENDERS,
    Network,
    Paced,
    Platform,
    Post,
    Record,
    Sender,
    World,
    bound,
    broadcast,
    face,
    forty_alerts,
    percentile,
    replies_in_flood,
    urgent_in_broadcast,
)

TWENTY = Limits(per_second=20, chat=TELEGRAM.chat)

ours = SENDERS["ours"]


def others_end(record: Record) -> float:
    """When the last private chat has its message."""
    return max(time for post, time in record.accepted.items() if post.kind is ChatKind.PRIVATE)


def test_one_alert_to_9_000_chats_takes_as_long_as_the_limit_makes_it() -> None:
    record = face(ours, broadcast())
    assert len(record.accepted) == 9_000
    assert record.refused == 0
    assert record.last <= 1.05 * bound(broadcast())


def test_forty_alerts_to_heavy_tailed_chats_take_as_long_as_the_limits_make_them() -> None:
    posts = forty_alerts()
    record = face(ours, posts)
    assert len(record.accepted) == len(posts) == 4_835
    assert record.refused == 0
    assert record.last <= 1.05 * bound(posts)

    firsts = {post.chat: position for position, post in reversed(list(enumerate(record.accepted)))}
    # Nearly all first alerts come before the second ones; the groups with forty alerts are served all along.
    assert max(firsts.values()) < 1.3 * len(firsts)


def test_breaking_news_overtakes_a_broadcast() -> None:
    record = face(ours, urgent_in_broadcast())
    waits = record.waits(Urgency.BREAKING)
    assert len(waits) == 300
    # The broadcast has left the platform's window of a second full; from then on, 30 go a second.
    assert percentile(waits, 99) <= 1.1 * 296 / 30
    assert record.refused == 0
    assert record.last <= 1.05 * bound(urgent_in_broadcast())


@pytest.mark.parametrize("jitter", [0.02, 0.1, 0.3])
def test_messages_that_travel_unevenly_meet_no_limit_either(jitter: float) -> None:
    posts = broadcast(2_000)
    record = face(ours, posts, jitter=jitter)
    assert len(record.accepted) == 2_000
    assert record.refused == 0
    assert record.last <= (1.05 + jitter) * bound(posts)


def test_a_platform_that_allows_less_than_it_says_is_found_out() -> None:
    record = face(ours, broadcast(), Platform(TWENTY))
    assert len(record.accepted) == 9_000
    assert record.last <= 1.15 * bound(broadcast(), TWENTY)
    assert record.refused < 50


@pytest.mark.parametrize("at", [0.0, 19.9, 41.7])
def test_two_people_are_answered_at_once_while_hundreds_of_alerts_wait_for_them(at: float) -> None:
    record = face(ours, replies_in_flood(at), until=at + 5)
    waits = record.waits(Urgency.REPLY)
    assert len(waits) == 2
    assert waits[-1] < 1.25, "the chat's own second, and the way there"
    assert record.refused == 0


def test_groups_that_are_refused_for_their_own_sake_slow_down_nobody_else() -> None:
    narrow = {ChatKind.GROUP: (Window(messages=1, seconds=1), Window(messages=10, seconds=60))}
    platform = Platform(Limits(per_second=30, chat={**TELEGRAM.chat, **narrow}), shortest_wait=20)
    groups = [
        Post(chat=f"group {number}", kind=ChatKind.GROUP, number=alert) for alert in range(40) for number in range(20)
    ]
    record = face(ours, groups + broadcast(3_000), platform)
    assert len(record.accepted) == 20 * 40 + 3_000
    # By then, all that the groups are allowed has gone between: twenty each.
    assert others_end(record) <= 1.05 * (3_000 / 30 + 20 * 20 / 30)


def test_a_caller_that_wakes_late_loses_nothing() -> None:
    def late(network: Network) -> Sender:
        return Paced(network, SendScheduler(TELEGRAM, NOW), late=0.02)

    record = face(late, broadcast(3_000))
    assert record.refused == 0
    assert record.last <= 1.05 * bound(broadcast(3_000))


@pytest.mark.parametrize("name", ["naive", "global-only"])
def test_the_platform_of_these_tests_refuses_those_who_hurry(name: str) -> None:
    posts = broadcast(1_000)
    record = face(SENDERS[name], posts)
    assert len(record.accepted) == len(posts)
    assert record.refused > 500
    assert record.last > 2 * bound(posts)


def test_the_platform_measures_windows_that_begin_anywhere() -> None:
    world, platform = World(), Platform(TELEGRAM)
    answers: list[int | None] = []
    for time, chat in [(0, "ann"), (999_999, "ann"), (999_999, "bob"), (1_000_000, "cid"), (4_000_000, "ann")]:
        world.at(time, partial(lambda time, chat: answers.append(platform.receive(Post(chat=chat), time)), time, chat))
    world.run()
    assert answers == [None, 3, None, None, None]
