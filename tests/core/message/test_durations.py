from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.message.durations import (
    FOREVER,
    Also,
    below_zero,
    duration_words,
    split_leading,
    split_trailing,
    to_duration,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
        ("30 min", timedelta(minutes=30)),
        ("1 week", timedelta(weeks=1)),
        ("2 Weeks", timedelta(weeks=2)),
        ("1h30m", timedelta(minutes=90)),
        ("1 day 12 hours", timedelta(hours=36)),
        ("  3 days ", timedelta(days=3)),
        ("1 month", timedelta(days=30)),
        ("a week", timedelta(weeks=1)),
        ("week", timedelta(weeks=1)),
        ("last 3 days", timedelta(days=3)),
        ("for the last two weeks", timedelta(weeks=2)),
        ("half an hour", timedelta(minutes=30)),
        ("1 day and 6 hours", timedelta(hours=30)),
        ("1 year", timedelta(days=365)),
        ("3 дня", timedelta(days=3)),
        ("2 часа", timedelta(hours=2)),
        ("7 дней", timedelta(weeks=1)),
        ("за неделю", timedelta(weeks=1)),
        ("на полчаса", timedelta(minutes=30)),
        ("полтора часа", timedelta(minutes=90)),
        ("НЕДЕЛЯ", timedelta(weeks=1)),
        ("eine halbe Stunde", timedelta(minutes=30)),
        ("seit einer halben Stunde", timedelta(minutes=30)),
        ("für fünfundzwanzig Minuten", timedelta(minutes=25)),
        ("pół roku", timedelta(days=182.5)),
        ("пол часа", timedelta(minutes=30)),
        ("pół godziny", timedelta(minutes=30)),
        ("півгодини", timedelta(minutes=30)),
        ("пів години", timedelta(minutes=30)),
        ("2ч30м", timedelta(minutes=150)),
        ("за последние две недели", timedelta(weeks=2)),
        ("за 3d", timedelta(days=3)),
        ("en uge", timedelta(weeks=1)),
        ("2 jours et 3 heures", timedelta(hours=51)),
        ("o săptămână", timedelta(weeks=1)),
        ("2 години", timedelta(hours=2)),
        ("2 г", timedelta(hours=2)),
    ],
)
def test_lengths_are_read_as_people_type_them(text: str, meant: timedelta) -> None:
    assert to_duration(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "h",
        "2x",
        "2 hectares",
        "0h",
        "tomorrow",
        "2h later",
        "-2h",
        "999999999d",
        "1.5h",
        "a",
        "for",
        "half",
        "3",
        "forever",
        "yesterday",
        "неделя дронов",
    ],
)
def test_what_is_no_length_is_none(text: str) -> None:
    assert to_duration(text) is None


@pytest.mark.parametrize(
    ("text", "divided"),
    [
        ("drone poland 3d", ("drone poland", "3d")),
        ("drone 2 weeks", ("drone", "2 weeks")),
        ("drone 1 day 12 h", ("drone", "1 day 12 h")),
        ("drone", ("drone", "")),
        ('"30 days"', ('"30 days"', "")),
        ("mig-31d", ("mig-31d", "")),
        ("7d", ("", "7d")),
        ("football for 2 weeks", ("football", "for 2 weeks")),
        ("дрон 3 дня", ("дрон", "3 дня")),
        ("дрон на неделю", ("дрон", "на неделю")),
        ("дрон неделю", ("дрон", "неделю")),
        ("футбол полчаса", ("футбол", "полчаса")),
        ("Victory Day", ("Victory Day", "")),
        ("комендантский час", ("комендантский час", "")),
        ("полицейски час", ("полицейски час", "")),
        ("mezinárodní den", ("mezinárodní den", "")),
        ("fashion week", ("fashion week", "")),
        ("football last week", ("football", "last week")),
    ],
)
def test_a_length_at_the_end_is_told_from_the_words_before_it(text: str, divided: tuple[str, str]) -> None:
    assert split_trailing(text) == divided


@pytest.mark.parametrize(
    ("text", "divided"),
    [
        ("3d drone", ("3d", "drone")),
        ("1 day 12 hours drone poland", ("1 day 12 hours", "drone poland")),
        ("24h", ("24h", "")),
        ("drone 3d", ("", "drone 3d")),
        ("3dogs bark", ("", "3dogs bark")),
        ("за неделю дрон", ("за неделю", "дрон")),
        ("last week poland", ("last week", "poland")),
        ("week poland", ("", "week poland")),
        ("", ("", "")),
    ],
)
def test_a_length_at_the_start_is_told_from_the_words_after_it(text: str, divided: tuple[str, str]) -> None:
    assert split_leading(text) == divided


def test_what_looks_back_may_name_its_day_and_what_is_to_come_may_have_no_end() -> None:
    assert to_duration("yesterday", Also.BACK) == to_duration("вчера", Also.BACK) == timedelta(days=2)
    assert split_leading("today poland", Also.BACK) == ("today", "poland")
    assert to_duration("Навсегда", Also.AHEAD) == to_duration("for good", Also.AHEAD) == FOREVER
    assert split_trailing("football forever", Also.AHEAD) == ("football", "forever")
    assert split_trailing("russia today", Also.AHEAD) == ("russia today", "")


@pytest.mark.parametrize(
    ("text", "found"),
    [("football -3d", "-3d"), ("football − 3 дня", "− 3 дня"), ("-2h", "-2h"), ("mig-31d", ""), ("drone -3", "")],
)
def test_a_length_below_zero_is_noticed(text: str, found: str) -> None:
    assert below_zero(text) == found


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (timedelta(0), "0 minutes"),
        (timedelta(seconds=61), "1 minute"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=36), "1 day 12 hours"),
        (timedelta(days=3, hours=4, minutes=5), "3 days 4 hours"),
        (timedelta(seconds=-5), "0 minutes"),
    ],
)
def test_lengths_are_said_in_two_units_at_most(duration: timedelta, words: str) -> None:
    assert duration_words(duration) == words


@given(st.integers(1, 999), st.sampled_from([1, 60, 1440]))
def test_what_is_said_is_read_back_as_the_same_to_the_second_unit(count: int, minutes: int) -> None:
    duration = timedelta(minutes=count * minutes)
    said = duration_words(duration)
    read = to_duration(said)
    assert read is not None
    assert duration_words(read) == said
    assert timedelta(0) <= duration - read < timedelta(hours=1)
