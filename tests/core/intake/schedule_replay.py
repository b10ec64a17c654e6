"""Replays how items appeared in feeds, and counts requests and waits under a schedule."""

import random
import re
import statistics
import tarfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from bot.core.intake.items import FIRST_FEEDS
from bot.core.intake.schedule import Rhythm, after_items, first_rhythm, next_interval

MINUTE = timedelta(minutes=1)
BEFORE = timedelta(hours=24)
ITEM = re.compile(rb"<item>.*?</item>", re.DOTALL)
TITLE = re.compile(rb"<title>(.*?)</title>", re.DOTALL)
DATE = re.compile(rb"<pubDate>(.*?)</pubDate>", re.DOTALL)
RECORDED = Path(__file__).parents[4] / "shared" / "data" / "feeds_replay.tar.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearances:
    """When the items of one feed appeared, oldest first; those before `start` only show the rhythm."""

    start: datetime
    end: datetime
    times: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    polls: int
    waits: tuple[float, ...]  # minutes from an item's appearance to the poll that found it


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The adaptive schedule beside a fixed interval that makes as many requests."""

    adaptive: Mapping[str, Outcome]
    fixed: Mapping[str, Outcome]
    interval: timedelta

    @property
    def adaptive_wait(self) -> float:
        return _mean_wait(self.adaptive.values())

    @property
    def fixed_wait(self) -> float:
        return _mean_wait(self.fixed.values())

    def lines(self) -> list[str]:
        rows = [
            f"{name:<12} {len(outcome.waits):>5} items  {outcome.polls:>5} polls  {_mean_wait([outcome]):>5.1f} min"
            f"   fixed {self.fixed[name].polls:>5} polls  {_mean_wait([self.fixed[name]]):>5.1f} min"
            for name, outcome in self.adaptive.items()
        ]
        total = (
            f"mean wait {self.adaptive_wait:.2f} min; {self.fixed_wait:.2f} min with a fixed interval of "
            f"{self.interval / MINUTE:.1f} min and as many requests: {self.fixed_wait / self.adaptive_wait:.2f} times"
        )
        return [*rows, total]


def compare(feeds: Mapping[str, Appearances]) -> Comparison:
    adaptive = {name: replay(feed, next_interval) for name, feed in feeds.items()}
    span = sum((feed.end - feed.start for feed in feeds.values()), timedelta(0))
    interval = span / sum(outcome.polls for outcome in adaptive.values())
    fixed = {name: replay(feed, lambda rhythm, now: interval) for name, feed in feeds.items()}
    return Comparison(adaptive=adaptive, fixed=fixed, interval=interval)


def replay(feed: Appearances, interval: Callable[[Rhythm, datetime], timedelta]) -> Outcome:
    found = sum(time <= feed.start for time in feed.times)
    rhythm = first_rhythm(feed.times[:found], feed.start)
    now, polls, waits = feed.start, 0, list[float]()
    while (now := now + interval(rhythm, now)) < feed.end:
        before, polls = found, polls + 1
        while found < len(feed.times) and feed.times[found] <= now:
            waits.append((now - feed.times[found]) / MINUTE)
            found += 1
        rhythm = after_items(rhythm, found - before, now)
    return Outcome(polls=polls, waits=tuple(waits))


def recorded_feeds() -> dict[str, Appearances]:
    """The feeds of feeds_replay: an item appeared at its date or, where that can't be true, with its first snapshot."""
    if not RECORDED.exists():
        pytest.skip(f"{RECORDED.name} is not here")
    snapshots: dict[str, dict[datetime, bytes]] = defaultdict(dict)
    with tarfile.open(RECORDED) as archive:
        for member in archive:
            if (file := archive.extractfile(member)) is not None:
                _, name, stamp = member.name.split("/")
                taken = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ.xml").replace(tzinfo=UTC)
                snapshots[name][taken] = file.read()
    return {name: _appearances(bodies) for name, bodies in snapshots.items()}


def invented_feeds(seed: int = 1) -> dict[str, Appearances]:
    """Sixty feeds over a week, from a news agency (ten items an hour) to a think tank (one a week), quiet at night."""
    chance = random.Random(seed)
    start = datetime(2026, 3, 2, tzinfo=UTC)
    feeds = {}
    for rank in range(60):
        rate, time, times = 10 * 0.9**rank, start - timedelta(days=7), list[datetime]()
        while (time := time + timedelta(hours=chance.expovariate(rate))) < start + timedelta(days=7):
            if 6 <= time.hour < 22 or chance.random() < 0.2:
                times.append(time)
        feeds[f"feed {rank}"] = Appearances(start=start, end=start + timedelta(days=7), times=tuple(times))
    return feeds


def _appearances(bodies: Mapping[datetime, bytes]) -> Appearances:
    appeared: dict[bytes, datetime] = {}
    for taken in sorted(bodies):
        for item in ITEM.findall(bodies[taken]):
            title, date = TITLE.search(item), DATE.search(item)
            published = parsedate_to_datetime(date[1].decode()) if date else taken
            appeared.setdefault(
                title[1] if title else item, min(published, taken) if published >= FIRST_FEEDS else taken
            )
    return Appearances(start=min(bodies) - BEFORE, end=max(bodies), times=tuple(sorted(appeared.values())))


def _mean_wait(outcomes: Iterable[Outcome]) -> float:
    return statistics.mean([wait for outcome in outcomes for wait in outcome.waits] or [0.0])
