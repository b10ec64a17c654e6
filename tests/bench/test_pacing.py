"""How long floods take with our pacing and in two usual ways, how many refusals they meet, what a decision costs."""

import time
import tracemalloc
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.core.model import Urgency
from bot.delivery.limits import ChatKind, Limits
from bot.delivery.scheduler import Permit, SendScheduler
from bot.platforms.telegram.adapter import LIMITS as TELEGRAM
from tests.builders import NOW
from tests.delivery.flood import (
    SENDERS,
    Platform,
    Post,
    Record,
    bound,
    broadcast,
    face,
    forty_alerts,
    percentile,
    replies_in_flood,
    urgent_in_broadcast,
)

pytestmark = pytest.mark.bench

TWENTY = Limits(per_second=20, chat=TELEGRAM.chat)
URGENT_BOUND = 296 / 30  # the 297th of 300, thirty a second
HEAD = "\n| flood | sender | last delivery | times its bound | median alert | urgent p99 times its bound | 429s |"


def row(name: str, sender: str, record: Record, least: float) -> str:
    urgent = record.waits(Urgency.BREAKING)
    ratio = f"{percentile(urgent, 99) / URGENT_BOUND:.2f}" if urgent else ""
    times = f"{record.last:.0f} s | {record.last / least:.2f} | {percentile(record.waits(Urgency.ALERT), 50):.0f} s"
    return f"| {name} | {sender} | {times} | {ratio} | {record.refused:,} |"


def print_floods(name: str, posts: Sequence[Post], limits: Limits = TELEGRAM) -> None:
    for sender in SENDERS:
        print(row(name, sender, face(SENDERS[sender], posts, Platform(limits)), bound(posts, limits)))


def test_floods() -> None:
    print(HEAD)
    print_floods("1 alert, 9,000 chats", broadcast())
    print_floods("40 alerts, 4,835 messages", forty_alerts())
    print_floods("urgent to 300 of 9,000, after 60 s", urgent_in_broadcast())
    print_floods("1 alert, true limit 20/s", broadcast(), TWENTY)


def test_our_floods_on_worse_platforms() -> None:
    print(HEAD)
    ours, posts, forty = SENDERS["ours"], broadcast(), forty_alerts()
    for wait in (1, 5, 30):
        record = face(ours, posts, Platform(TWENTY, wait))
        print(row("1 alert, true limit 20/s", f"ours, told to wait {wait} s", record, bound(posts, TWENTY)))
    print(row("40 alerts, true limit 20/s", "ours", face(ours, forty, Platform(TWENTY)), bound(forty, TWENTY)))
    for jitter in (0.02, 0.05, 0.1):
        record = face(ours, posts, jitter=jitter)
        print(row("1 alert, 9,000 chats", f"ours, jitter of {jitter} s each way", record, bound(posts)))


def test_replies() -> None:
    print("\ntwo replies while 200 alerts wait in each of their chats and 9,000 elsewhere (aim: under 1.5 s)")
    for sender, moments, patience in (("ours", 30, 10), ("global-only", 2, 600), ("naive", 2, 600)):
        starts = [1.37 * number for number in range(moments)]
        records = [face(SENDERS[sender], replies_in_flood(at), until=at + patience) for at in starts]
        waits = sorted(wait for record in records for wait in record.waits(Urgency.REPLY))
        slowest = f"after {waits[-1]:.2f} s" if len(waits) == 2 * moments else f"not within {patience} s"
        print(f"  {sender}: the slowest of {2 * moments} {slowest}")


@pytest.mark.parametrize("chats", [1_000, 10_000, 100_000])
def test_decisions(chats: int) -> None:
    scheduler: SendScheduler[int] = SendScheduler(TELEGRAM, NOW)
    now = NOW
    begin = time.process_time()
    for number in range(chats):
        scheduler.push(number, chat=number, kind=ChatKind.PRIVATE, urgency=Urgency.ALERT, now=now)
    pushed = time.process_time()
    under_way: list[Permit[int]] = []
    count = min(chats, 20_000)
    for _ in range(count):
        now = scheduler.next_time(now) or now
        turn = scheduler.pop(now)
        assert turn
        under_way.append(turn)
        if len(under_way) > 3:
            scheduler.sent(under_way.pop(0), now + timedelta(microseconds=1))
    done = time.process_time()
    push, decide = (pushed - begin) / chats * 1e6, (done - pushed) / count * 1e6
    print(f"\n{chats:7,} chats wait: {push:.0f} µs to push, {decide:.0f} µs for next_time, pop and sent together")


def test_memory() -> None:
    chats = 100_000
    tracemalloc.start()
    scheduler: SendScheduler[int] = SendScheduler(TELEGRAM, NOW)
    for number in range(chats):
        scheduler.push(number, chat=number, kind=ChatKind.PRIVATE, urgency=Urgency.ALERT, now=NOW)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"\n{used / chats:.0f} bytes for each of {chats:,} chats with a message that waits")
