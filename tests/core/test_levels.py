import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.aliases import NO_ALIASES
from bot.core.levels import Grade, LevelRules, is_louder, level_of, level_rules_of
from bot.core.model import Item, Level, PublisherKind, Relevance
from bot.errors import ConfigError
from bot.subject import config_folder, read_subject
from tests.builders import NOW, OUTLETS, item, story

TABLES: dict[str, Any] = {
    "rule": [
        {"id": "many", "level": "major", "says": "two report", "publishers": 2, "within": "12 hours"},
        {
            "id": "shots",
            "level": "breaking",
            "says": "shots are reported",
            "publishers": 2,
            "within": "3 hours",
            "words": ["boat (fires OR sinks)"],
        },
        {
            "id": "sky",
            "level": "breaking",
            "says": "three groups report",
            "publishers": 3,
            "groups": 3,
            "within": "1 hour",
            "topics": ["airspace"],
            "official": True,
        },
        {
            "id": "war",
            "level": "major",
            "says": "both report",
            "publishers": 2,
            "within": "2 days",
            "relevance": "related",
            "both": True,
        },
    ],
    "event": [],
}


@pytest.fixture(scope="module")
def rules() -> LevelRules:
    return level_rules_of(TABLES, {"airspace"}, NO_ALIASES)


@pytest.fixture(scope="module")
def shipped() -> LevelRules:
    subject = read_subject(config_folder())
    return _shipped({topic.id for topic in subject.classifier.topics}, config_folder())


def _shipped(topics: set[str], folder: Path) -> LevelRules:
    tables = tomllib.loads((folder / "levels.toml").read_text("utf-8"))
    return level_rules_of(tables, topics, read_subject(folder).aliases)


def grade(rules: LevelRules, *items: Item, level: Level = Level.NORMAL) -> tuple[Level, str | None]:
    found = level_of(story(*items, level=level), rules, NOW)
    return found.level, found.rule.id if found.rule else None


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def test_two_publishers_in_time_make_a_story_major(rules: LevelRules) -> None:
    one, two = item(outlet="westmark", ago=hours(11)), item(outlet="volga", ago=hours(1))
    assert grade(rules, one) == (Level.NORMAL, None)
    assert grade(rules, one, two) == (Level.MAJOR, "many")


def test_what_was_reported_too_long_ago_does_not_count(rules: LevelRules) -> None:
    assert grade(rules, item(outlet="westmark", ago=hours(13)), item(outlet="meridian")) == (Level.NORMAL, None)


def test_what_is_reported_after_the_moment_asked_about_does_not_count(rules: LevelRules) -> None:
    later = [item(outlet=outlet, ago=hours(-1)) for outlet in ("westmark", "volga")]
    assert grade(rules, *later) == (Level.NORMAL, None)


def test_two_feeds_of_one_owner_count_once(rules: LevelRules) -> None:
    assert grade(rules, item("Boat sinks"), item("Boat sinks again")) == (Level.NORMAL, None)


def test_words_are_looked_for_in_titles_in_all_their_forms(rules: LevelRules) -> None:
    shots = item("Patrol boats fired on", outlet="westmark"), item("Boat sinks off Kestrel", outlet="meridian")
    assert grade(rules, *shots) == (Level.BREAKING, "shots")
    hidden = item("Trouble off Kestrel", summary="A boat sinks, we hear.", outlet="meridian")
    assert grade(rules, shots[0], hidden) == (Level.MAJOR, "many")


def test_a_rule_may_ask_for_topics_groups_and_somebody_official(rules: LevelRules) -> None:
    sky: dict[str, Any] = {"topics": ("airspace",)}
    told = [item(outlet=outlet, **sky) for outlet in ("westmark", "volga", "meridian")]
    palace = item(outlet="volga", publisher_kind=PublisherKind.RUSSIAN_OFFICIAL, **sky)
    assert grade(rules, *told) == (Level.MAJOR, "many")
    assert grade(rules, told[0], palace, told[2]) == (Level.BREAKING, "sky")
    assert grade(rules, told[0], palace, item(outlet="flankpost", **sky)) == (Level.MAJOR, "many")


def test_the_wider_circle_rises_only_by_rules_that_name_it(rules: LevelRules) -> None:
    wider: dict[str, Any] = {"relevance": Relevance.RELATED}
    sinking = item("Boat sinks", outlet="westmark", **wider), item("Boat sinks", outlet="ostrov", **wider)
    assert grade(rules, *sinking) == (Level.NORMAL, None)
    both = item(outlet="westmark", **wider), item(outlet="volga", **wider)
    assert grade(rules, *both) == (Level.MAJOR, "war")


PARTIES = {
    "Russian state media": ("volga", PublisherKind.RUSSIAN_STATE_MEDIA),
    "governments of NATO": ("northgate", PublisherKind.WESTERN_GOVERNMENT),
    "Ukraine": ("dnipro", PublisherKind.UKRAINIAN),
}


@pytest.mark.parametrize("party", PARTIES)
def test_one_party_alone_never_makes_a_story_breaking(rules: LevelRules, shipped: LevelRules, party: str) -> None:
    outlet, kind = PARTIES[party]
    titles = ("Boat sinks", "Polish navy sinks Russian boat", "Poland shoots down Russian jet")
    told = [
        item(titles[n % 3], outlet=outlet, publisher=f"voice {n}", publisher_kind=kind, topics=("airspace", "nuclear"))
        for n in range(12)
    ]
    for taken in (rules, shipped):
        assert grade(taken, *told)[0] is Level.MAJOR
    another = item(titles[0], outlet="meridian"), item(titles[1], outlet="meridian", publisher="atoll")
    assert grade(rules, *told, *another)[0] is Level.BREAKING


@given(
    st.lists(st.tuples(st.sampled_from(sorted(OUTLETS)), st.integers(-5, 30)), min_size=1, max_size=8),
    st.sampled_from(Level),
)
def test_a_level_never_falls(rules: LevelRules, told: list[tuple[str, int]], level: Level) -> None:
    reports = [item("Boat sinks", outlet=outlet, ago=hours(ago)) for outlet, ago in told]
    found = level_of(story(*reports, level=level), rules, NOW)
    assert not is_louder(level, found.level)
    assert (found.rule is None) is (found.level is level)


def test_a_loud_story_stays_as_it_is(rules: LevelRules) -> None:
    assert level_of(story(level=Level.BREAKING), rules, NOW) == Grade(level=Level.BREAKING, rule=None)


SHOTS = "Poland shoots down Russian drones over Lublin"


@pytest.mark.parametrize(
    ("titles", "level", "rule"),
    [
        ([SHOTS, "Польша сбила российские беспилотники"], Level.BREAKING, "clash"),
        ([SHOTS], Level.NORMAL, None),
        (["Estonia asks for Article 4 consultations"] * 3, Level.BREAKING, "article"),
        (["Kyiv wants guarantees in the style of Article 5"] * 3, Level.NORMAL, None),
        (["Senator says NATO should shoot down Russian jets"] * 4, Level.MAJOR, "both_sides"),
        (["Ceasefire signed in Varn, both capitals say"] * 5, Level.BREAKING, "truce"),
        (["Envoys hope for a ceasefire before winter"] * 3, Level.NORMAL, None),
    ],
)
def test_the_shipped_rules(shipped: LevelRules, titles: list[str], level: Level, rule: str | None) -> None:
    sides = ["westmark", "volga", "meridian", "ostrov", "flankpost"]
    told = [item(title, outlet=outlet) for title, outlet in zip(titles, sides, strict=False)]
    assert grade(shipped, *told) == (level, rule)


def test_each_shipped_rule_says_itself_in_words(shipped: LevelRules) -> None:
    assert all(rule.says.startswith("at least ") and not rule.says.endswith(".") for rule in shipped.rules)


def test_every_fault_is_told_at_once() -> None:
    good = TABLES["rule"][0]
    faulty: dict[str, object] = {
        "rules": [],
        "rule": [
            3,
            good,
            good,
            {"id": "dim", "level": "normal", "publishers": 0, "within": "soon", "colour": "red"},
            good
            | {
                "id": "odd",
                "groups": True,
                "topics": ["skies"],
                "official": "yes",
                "words": ["boat OR", "title:boat", "source:volga"],
                "relevance": "none",
            },
            good | {"id": "listless", "topics": "airspace", "words": [4]},
        ],
    }
    with pytest.raises(ConfigError) as caught:
        level_rules_of(faulty, {"airspace"}, NO_ALIASES)
    assert [str(fault) for fault in caught.value.faults] == [
        "levels.toml: rules: there is no table “rules”; there are rule, event",
        "levels.toml: rule 1: must be a table: [[rule]]",
        "levels.toml: rule many: this id is given twice",
        "levels.toml: rule dim: needs level: breaking, major",
        "levels.toml: rule dim: needs says, in words",
        "levels.toml: rule dim: needs publishers, a whole number from 1 to 50",
        'levels.toml: rule dim: needs within, a length of time such as "3 hours"',
        "levels.toml: rule dim: there is no “colour” here; there are both, groups, id, level, official, publishers, "
        "relevance, says, topics, within, words",
        "levels.toml: rule odd: words, rule 1: After OR a word is missing.",
        "levels.toml: rule odd: words, rule 2: only words are looked for here, not title",
        "levels.toml: rule odd: words, rule 3: only words are looked for here, not source",
        "levels.toml: rule odd: needs relevance: core, related",
        "levels.toml: rule odd: needs groups, a whole number from 1 to 6",
        "levels.toml: rule odd: official must be true or false",
        "levels.toml: rule odd: there is no topic “skies”",
        "levels.toml: rule listless: words must be a list of texts",
        "levels.toml: rule listless: topics must be a list of texts",
    ]


def test_a_file_without_rules_is_a_fault() -> None:
    with pytest.raises(ConfigError, match=r"levels.toml: rule: needs tables: \[\[rule\]\]"):
        level_rules_of({"event": []}, (), NO_ALIASES)
