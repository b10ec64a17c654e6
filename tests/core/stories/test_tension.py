import tomllib
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Item, Level, Story
from bot.core.rules.aliases import NO_ALIASES
from bot.core.stories.tension import PEAKS, STRONGEST, EventWeights, Tension, scale_of, tension, title_weight, weight_of
from bot.errors import ConfigError
from bot.subject import config_folder, read_subject
from tests.builders import NOW, item, story

TABLES: dict[str, Any] = {
    "event": [
        {"id": "shots", "weight": -10, "words": ["fires OR shots", "стрельба"]},
        {"id": "talks", "weight": 4, "words": ["talks"]},
    ]
}
WEEK = timedelta(days=7)
FIGHT, TALK, NEITHER = "Boat fires on a buoy", "Envoys hold talks in Varn", "Boat is painted grey"


@pytest.fixture(scope="module")
def scale() -> EventWeights:
    return scale_of(TABLES, NO_ALIASES)


def ago(days: int, title: str, **fields: Any) -> Item:
    return item(title, ago=timedelta(days=days), **fields)


def of(scale: EventWeights, *stories: Story) -> Tension:
    return tension(stories, scale, now=NOW, period=WEEK)


@pytest.mark.parametrize(
    ("title", "weight"),
    [(FIGHT, -10), ("Стрельба у берега", -10), (TALK, 4), ("Talks end as boat fires", -3), (NEITHER, None)],
)
def test_a_title_weighs_the_mean_of_its_events(scale: EventWeights, title: str, weight: float | None) -> None:
    assert title_weight(item(title), scale) == weight


def test_only_the_title_is_weighed(scale: EventWeights) -> None:
    assert title_weight(item(NEITHER, summary="A boat fires."), scale) is None


def test_a_story_weighs_the_mean_of_its_titles_that_tell_an_event(scale: EventWeights) -> None:
    assert weight_of(story(item(FIGHT), item(TALK), item(NEITHER)), scale) == -3
    assert weight_of(story(item(NEITHER)), scale) is None


def test_stories_are_counted_by_level_on_the_day_of_their_first_report(scale: EventWeights) -> None:
    found = of(
        scale,
        story(ago(2, FIGHT), ago(0, FIGHT), level=Level.BREAKING),
        story(ago(2, NEITHER)),
        story(ago(9, FIGHT)),
    )
    assert [day.date for day in found.days] == [date(2026, 11, 16) + timedelta(days=n) for n in range(7)]
    counted = {day.date: dict(day.levels) for day in found.days if any(day.levels.values())}
    assert counted == {date(2026, 11, 20): {Level.BREAKING: 1, Level.MAJOR: 0, Level.NORMAL: 1}}


def test_the_index_grows_with_what_is_told_and_is_near_0_for_little(scale: EventWeights) -> None:
    one = of(scale, story(ago(1, FIGHT))).days[-2].index
    many = of(scale, *(story(ago(1, FIGHT)) for _ in range(30))).days[-2].index
    assert one == -2.5
    assert many is not None
    assert -STRONGEST < many < -9
    assert of(scale, story(ago(1, NEITHER))).days[-2].index == 0.0


def test_a_day_without_news_has_no_index_and_counts_for_no_mean(scale: EventWeights) -> None:
    found = of(scale, story(ago(1, FIGHT)), story(ago(3, TALK)), story(ago(4, NEITHER)))
    assert [day.index for day in found.days] == [None, None, 0, 1, None, -2.5, None]
    assert found.mean == -0.5
    assert of(scale, story(ago(9, FIGHT), ago(1, FIGHT))).mean is None


def test_of_few_days_with_news_all_are_labelled(scale: EventWeights) -> None:
    assert [peak.item.title for peak in of(scale, story(ago(1, FIGHT))).peaks] == [FIGHT]
    days = [story(ago(1, FIGHT)), story(ago(2, FIGHT)), story(ago(3, f"{FIGHT} again")), story(ago(5, NEITHER))]
    assert [peak.date.day for peak in of(scale, *days).peaks] == [19, 20, 21]


def test_three_days_that_stand_out_are_labelled_by_what_did_most(scale: EventWeights) -> None:
    found = of(
        scale,
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


def test_a_label_is_english_if_it_can_be_and_never_a_question(scale: EventWeights) -> None:
    asked = ago(3, "Who fires on the buoys?")
    assert of(scale, story(ago(3, f"{FIGHT}, week in review"))).peaks == ()
    russian = ago(3, "Стрельба слышна у самого берега", outlet="volga-ru")
    assert of(scale, story(asked)).peaks == ()
    assert of(scale, story(asked, russian)).peaks[0].item == russian
    english = ago(2, FIGHT)
    assert of(scale, story(asked, russian, english)).peaks[0].item == english


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([FIGHT, TALK, NEITHER]), st.sampled_from(Level))))
def test_whatever_the_stories_days_are_whole_and_peaks_apart(
    scale: EventWeights, told: list[tuple[int, str, Level]]
) -> None:
    found = of(scale, *(story(ago(days, title), level=level) for days, title, level in told))
    assert len(found.days) == 7
    assert sum(sum(day.levels.values()) for day in found.days) == sum(days < 7 for days, _, _ in told)
    assert all((day.index is None) == (not any(day.levels.values())) for day in found.days)
    assert all(abs(day.index or 0) < STRONGEST for day in found.days)
    telling = {days for days, title, _ in told if days < 7 and title != NEITHER}
    assert len(found.peaks) == min(PEAKS, len(telling))
    assert sorted({peak.date for peak in found.peaks}) == [peak.date for peak in found.peaks]


def test_peaks_are_not_next_to_each_other_if_there_are_others(scale: EventWeights) -> None:
    fights = [story(ago(days, FIGHT)) for days in (6, 5, 4, 4, 3, 1) for _ in range(1 + days % 2)]
    dates = [peak.date for peak in of(scale, *fights).peaks]
    assert len(dates) == PEAKS
    assert all((later - sooner).days >= 2 for sooner, later in pairwise(dates))


@pytest.mark.parametrize(
    ("calmer", "tenser"),
    [
        ("Envoys meet in Geneva for talks", "Moscow warns of retaliation"),
        ("Moscow warns of retaliation", "Missile attack kills ten in Kharkiv"),
        ("Ceasefire agreed for Easter", "EU adds tankers to sanctions list"),
        ("Hundreds freed in prisoner swap", "NATO scrambles jets over Estonia"),
        ("Стороны обсудили мирный план", "МИД обвинил Польшу в провокации"),
        ("Пленные возвращены по обмену", "Ракета попала в дом, есть погибшие"),
    ],
)
def test_the_shipped_scale_knows_calm_from_tense(calmer: str, tenser: str) -> None:
    folder = config_folder()
    shipped = scale_of(
        tomllib.loads((folder / "subject" / "levels.toml").read_text("utf-8")), read_subject(folder).aliases
    )
    weights = [title_weight(item(title), shipped) for title in (calmer, tenser)]
    assert weights[0] is not None
    assert weights[1] is not None
    assert weights[0] > weights[1]


def test_every_fault_is_told_at_once() -> None:
    faulty = {"event": [{"id": "a", "weight": -11, "words": []}, {"weight": 1.5, "words": ["boat OR"], "when": 1}]}
    with pytest.raises(ConfigError) as caught:
        scale_of(faulty, NO_ALIASES)
    assert [str(fault) for fault in caught.value.faults] == [
        "levels.toml: event a: needs weight, a whole number from -10 to 10",
        'levels.toml: event a: needs words, a list of rules such as ["drone (fires OR falls)"]',
        "levels.toml: event 2: needs id, in words",
        "levels.toml: event 2: needs weight, a whole number from -10 to 10",
        "levels.toml: event 2: words, rule 1: A word is missing after OR.",
        'levels.toml: event 2: needs words, a list of rules such as ["drone (fires OR falls)"]',
        "levels.toml: event 2: “when” isn't known here; the keys are id, weight, words",
    ]
