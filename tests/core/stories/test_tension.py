from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Item, Level, Story
from bot.core.rules.aliases import NO_ALIASES
from bot.core.stories.events import STRONGEST, EventsFile, EventTypes
from bot.core.stories.tension import PEAKS, Tension, tension
from bot.subject import config_folder, read_subject
from tests.builders import NOW, item, story

TABLE = {
    "event": [
        {
            "id": "shots",
            "what": "a boat fires",
            "gravity": 1,
            "weight": -10,
            "words": {"en": ["fires OR shots"], "ru": ["стрельба"]},
        },
        {"id": "talks", "what": "envoys talk", "gravity": 1, "weight": 4, "words": {"en": ["talks"]}},
    ]
}
WEEK = timedelta(days=7)
FIGHT, TALK, NEITHER = "Boat fires on a buoy", "Envoys hold talks in Varn", "Boat is painted grey"


@pytest.fixture(scope="module")
def events() -> EventTypes:
    return EventTypes(EventsFile.model_validate(TABLE), NO_ALIASES)


def ago(days: int, title: str, **fields: Any) -> Item:
    return item(title, ago=timedelta(days=days), **fields)


def of(events: EventTypes, *stories: Story) -> Tension:
    return tension(stories, events, now=NOW, period=WEEK)


@pytest.mark.parametrize(
    ("title", "weight"),
    [(FIGHT, -10), ("Стрельба у берега", -10), (TALK, 4), ("Talks end as boat fires", -3), (NEITHER, None)],
)
def test_a_title_weighs_the_mean_of_its_events(events: EventTypes, title: str, weight: float | None) -> None:
    assert events.weight_of(item(title)) == weight


def test_only_the_title_is_weighed(events: EventTypes) -> None:
    assert events.weight_of(item(NEITHER, summary="A boat fires.")) is None


def test_a_story_weighs_the_mean_of_its_titles_that_tell_an_event(events: EventTypes) -> None:
    assert of(events, story(item(FIGHT), item(TALK), item(NEITHER))).days[-1].index == -3 / 4
    assert of(events, story(item(NEITHER))).days[-1].index == 0


def test_stories_are_counted_by_level_on_the_day_of_their_first_report(events: EventTypes) -> None:
    found = of(
        events,
        story(ago(2, FIGHT), ago(0, FIGHT), level=Level.BREAKING),
        story(ago(2, NEITHER)),
        story(ago(9, FIGHT)),
    )
    assert [day.date for day in found.days] == [date(2026, 11, 16) + timedelta(days=n) for n in range(7)]
    counted = {day.date: dict(day.levels) for day in found.days if any(day.levels.values())}
    assert counted == {date(2026, 11, 20): {Level.BREAKING: 1, Level.MAJOR: 0, Level.NORMAL: 1}}


def test_the_index_grows_with_what_is_told_and_is_near_0_for_little(events: EventTypes) -> None:
    one = of(events, story(ago(1, FIGHT))).days[-2].index
    many = of(events, *(story(ago(1, FIGHT)) for _ in range(30))).days[-2].index
    assert one == -2.5
    assert many is not None
    assert -STRONGEST < many < -9
    assert of(events, story(ago(1, NEITHER))).days[-2].index == 0.0


def test_a_day_without_news_has_no_index_and_counts_for_no_mean(events: EventTypes) -> None:
    found = of(events, story(ago(1, FIGHT)), story(ago(3, TALK)), story(ago(4, NEITHER)))
    assert [day.index for day in found.days] == [None, None, 0, 1, None, -2.5, None]
    assert found.mean == -0.5
    assert of(events, story(ago(9, FIGHT), ago(1, FIGHT))).mean is None


def test_of_few_days_with_news_all_are_labelled(events: EventTypes) -> None:
    assert [peak.item.title for peak in of(events, story(ago(1, FIGHT))).peaks] == [FIGHT]
    days = [story(ago(1, FIGHT)), story(ago(2, FIGHT)), story(ago(3, f"{FIGHT} again")), story(ago(5, NEITHER))]
    assert [peak.date.day for peak in of(events, *days).peaks] == [19, 20, 21]


def test_three_days_that_stand_out_are_labelled_by_what_did_most(events: EventTypes) -> None:
    found = of(
        events,
        *(story(ago(6, FIGHT)) for _ in range(5)),
        story(ago(6, "Three boats fire shots near Kestrel"), ago(6, FIGHT, outlet="volga")),
        *(story(ago(5, FIGHT)) for _ in range(4)),
        *(story(ago(3, TALK)) for _ in range(3)),
        story(ago(1, FIGHT)),
        story(ago(1, NEITHER)),
    )
    assert [(peak.date.day, peak.item.title) for peak in found.peaks] == [
        (16, "Three boats fire shots near Kestrel"),
        (19, TALK),
        (21, FIGHT),
    ]


def test_a_label_is_english_if_it_can_be_and_never_a_question(events: EventTypes) -> None:
    asked = ago(3, "Who fires on the buoys?")
    assert of(events, story(ago(3, f"{FIGHT}, week in review"))).peaks == ()
    russian = ago(3, "Стрельба слышна у самого берега", outlet="volga-ru")
    assert of(events, story(asked)).peaks == ()
    assert of(events, story(asked, russian)).peaks[0].item == russian
    english = ago(2, FIGHT)
    assert of(events, story(asked, russian, english)).peaks[0].item == english


def test_a_label_is_a_title_that_tells_why_the_day_stands_out(events: EventTypes) -> None:
    told = story(ago(2, NEITHER), ago(2, TALK), ago(2, FIGHT), ago(2, "Two boats fire shots off Kestrel"))
    assert of(events, told).peaks[0].item.title == FIGHT


def test_a_day_alone_is_labelled_by_what_pulls_its_own_way(events: EventTypes) -> None:
    talks = story(*(ago(1, TALK, outlet=outlet) for outlet in ("westmark", "volga", "meridian", "flankpost")))
    assert of(events, talks, *(story(ago(1, FIGHT)) for _ in range(4))).peaks[0].item.title == FIGHT


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([FIGHT, TALK, NEITHER]), st.sampled_from(Level))))
def test_whatever_the_stories_days_are_whole_and_peaks_apart(
    events: EventTypes, told: list[tuple[int, str, Level]]
) -> None:
    found = of(events, *(story(ago(days, title), level=level) for days, title, level in told))
    assert len(found.days) == 7
    assert sum(sum(day.levels.values()) for day in found.days) == sum(days < 7 for days, _, _ in told)
    assert all((day.index is None) == (not any(day.levels.values())) for day in found.days)
    assert all(abs(day.index or 0) < STRONGEST for day in found.days)
    telling = {days for days, title, _ in told if days < 7 and title != NEITHER}
    assert len(found.peaks) == min(PEAKS, len(telling))
    assert sorted({peak.date for peak in found.peaks}) == [peak.date for peak in found.peaks]


def test_peaks_are_not_next_to_each_other_if_there_are_others(events: EventTypes) -> None:
    fights = [story(ago(days, FIGHT)) for days in (6, 5, 4, 4, 3, 1) for _ in range(1 + days % 2)]
    dates = [peak.date for peak in of(events, *fights).peaks]
    assert len(dates) == PEAKS
    assert all((later - sooner).days >= 2 for sooner, later in pairwise(dates))


@pytest.mark.parametrize(
    ("calmer", "tenser"),
    [
        ("Envoys meet in Geneva for talks", "Moscow warns of retaliation"),
        ("Moscow warns of retaliation", "Missile attack kills ten in Kharkiv"),
        ("Ceasefire agreed for Easter", "EU adds tankers to sanctions list"),
        ("Hundreds freed in prisoner swap", "NATO scrambles jets over Estonia"),
        ("Стороны обсудили мирный план", "МИД пригрозил Польше ответом"),
        ("Пленные возвращены по обмену", "Ракета попала в дом, есть погибшие"),
    ],
)
def test_the_shipped_scale_knows_calm_from_tense(calmer: str, tenser: str) -> None:
    shipped = read_subject(config_folder()).events
    weights = [shipped.weight_of(item(title)) for title in (calmer, tenser)]
    assert weights[0] is not None
    assert weights[1] is not None
    assert weights[0] > weights[1]
