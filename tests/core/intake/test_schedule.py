import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.intake.schedule import (
    MAX_INTERVAL,
    MIN_INTERVAL,
    PACE,
    Rhythm,
    after_items,
    first_rhythm,
    next_interval,
    stagger,
    trusted_for,
    wait_after,
)
from tests.core.intake.schedule_replay import compare, invented_feeds, recorded_feeds

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MOMENTS = st.datetimes(timezones=st.just(UTC))
WAITS = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))


def every(step: timedelta, count: int = 10) -> Rhythm:
    """Items that came `step` apart, the last one `step` before now."""
    return Rhythm(times=tuple(NOW - step * back for back in range(count, 0, -1)))


@pytest.mark.parametrize(
    ("step", "interval"),
    [
        (HOUR, PACE),
        (HOUR / 4, PACE / 2),
        (HOUR * 4, PACE * 2),
        (HOUR / 100, MIN_INTERVAL),
        (timedelta(days=30), MAX_INTERVAL),
    ],
)
def test_the_interval_grows_with_the_root_of_the_time_between_items(step: timedelta, interval: timedelta) -> None:
    assert next_interval(every(step), NOW) == interval


def test_silence_slows_a_source_down() -> None:
    rhythm = every(HOUR / 4)
    waits = [next_interval(rhythm, NOW + HOUR * hours) for hours in (0, 3, 24, 24 * 90)]
    assert waits == sorted(waits)
    assert waits[0] < waits[1]
    assert waits[-1] == MAX_INTERVAL


def test_a_source_without_history_gets_the_middle() -> None:
    assert next_interval(Rhythm(), NOW) == timedelta(seconds=math.sqrt(60 * 3600))


def test_the_operators_bounds_hold() -> None:
    assert next_interval(every(HOUR / 100), NOW, shortest=2 * MINUTE) == 2 * MINUTE
    assert next_interval(every(HOUR * 100), NOW, longest=3 * MINUTE) == 3 * MINUTE


def test_the_servers_wish_is_a_floor_up_to_the_longest_interval() -> None:
    busy = every(HOUR / 100)
    assert next_interval(busy, NOW, wishes=[None, 15 * MINUTE, 5 * MINUTE]) == 15 * MINUTE
    assert next_interval(busy, NOW, wishes=[timedelta(days=365)]) == MAX_INTERVAL
    assert next_interval(every(4 * HOUR), NOW, wishes=[MINUTE]) == 2 * PACE


def test_the_first_poll_believes_only_plausible_dates() -> None:
    published = [None, datetime(1970, 1, 1, tzinfo=UTC), NOW + HOUR, NOW - HOUR, NOW - 2 * HOUR]
    assert first_rhythm(published, NOW) == Rhythm(times=(NOW - 2 * HOUR, NOW - HOUR))


def test_later_items_count_when_they_are_found() -> None:
    assert after_items(Rhythm(times=(NOW - HOUR,)), 2, NOW) == Rhythm(times=(NOW - HOUR, NOW, NOW))
    assert after_items(every(HOUR), 0, NOW) == every(HOUR)


@given(st.lists(st.none() | MOMENTS), st.integers(0, 10**6), MOMENTS, WAITS, st.lists(st.none() | WAITS))
def test_whatever_came_the_interval_stays_within_its_bounds(
    published: list[datetime | None], new: int, now: datetime, later: timedelta, wishes: list[timedelta | None]
) -> None:
    rhythm = after_items(first_rhythm(published, now), new, now)
    assert len(rhythm.times) <= 10
    assert list(rhythm.times) == sorted(rhythm.times)
    # A clock that is set back must not hurt either.
    for moment in (
        now,
        min(now, datetime(9000, 1, 1, tzinfo=UTC)) + later,
        max(now, datetime(2, 1, 1, tzinfo=UTC)) - HOUR,
    ):
        assert MIN_INTERVAL <= next_interval(rhythm, moment, wishes=wishes) <= MAX_INTERVAL


@given(st.text(), WAITS.filter(bool))
def test_stagger_is_steady_and_within_the_interval(source_id: str, interval: timedelta) -> None:
    assert timedelta(0) <= stagger(source_id, interval) <= interval
    assert stagger(source_id, interval) == stagger(source_id, interval)


def test_stagger_spreads_sources_evenly() -> None:
    moments = [stagger(f"source-{number}", HOUR) for number in range(60)]
    quarters = [
        sum(1 for moment in moments if quarter * HOUR / 4 <= moment < (quarter + 1) * HOUR / 4) for quarter in range(4)
    ]
    assert min(quarters) >= 8


@pytest.mark.parametrize(
    ("rhythm", "trusted"),
    [
        (every(HOUR / 2), 5 * HOUR),
        (every(HOUR / 2, count=3), 5 * HOUR),
        (every(MINUTE / 10), 10 * MIN_INTERVAL),
        (every(timedelta(days=7)), timedelta(days=1)),
        (Rhythm(times=(NOW,)), timedelta(days=1)),
        (Rhythm(), timedelta(days=1)),
    ],
)
def test_silence_is_believed_for_ten_times_the_rhythm_and_a_day_at_most(rhythm: Rhythm, trusted: timedelta) -> None:
    assert trusted_for(rhythm) == trusted


def test_backoff_doubles_up_to_an_hour() -> None:
    waits = [wait_after(failures, 0.0) / MINUTE for failures in range(1, 9)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert wait_after(3, 0.5) == 3 * MINUTE


def test_backoff_keeps_the_wait_that_the_server_named() -> None:
    assert wait_after(1, 0.0, retry_after=HOUR * 3) == HOUR * 3
    assert wait_after(7, 0.0, retry_after=MINUTE) == HOUR
    assert wait_after(1, 0.0, retry_after=timedelta(days=3650)) == timedelta(days=1)


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_max=True))
def test_backoff_is_never_longer_than_an_hour_nor_shorter_than_half_a_minute(failures: int, jitter: float) -> None:
    assert MINUTE / 2 <= wait_after(failures, jitter) <= HOUR


def test_invented_feeds_wait_far_less_than_with_a_fixed_interval() -> None:
    comparison = compare(invented_feeds())
    assert comparison.fixed_wait / comparison.adaptive_wait > 1.6, comparison.lines()[-1]


def test_recorded_feeds_wait_less_than_with_a_fixed_interval() -> None:
    # Seven feeds of much the same rate leave little to gain: 1.13 times is the best that unchanging intervals can do.
    comparison = compare(recorded_feeds())
    assert comparison.fixed_wait / comparison.adaptive_wait > 1.15, comparison.lines()[-1]
