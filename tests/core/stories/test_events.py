"""What titles tell, against a table of invented ones."""

import csv
from pathlib import Path

import pytest

from bot.config_files import read_model
from bot.core.rules.aliases import NO_ALIASES
from bot.core.stories.events import EventsFile, EventTypes
from bot.errors import ConfigError
from bot.subject import config_folder, read_aliases, read_subject
from tests.builders import item

_TABLE = Path(__file__).with_name("title_events.tsv").read_text(encoding="utf-8")
TITLES = list(csv.DictReader(_TABLE.splitlines(), delimiter="\t"))


@pytest.fixture(scope="module")
def shipped() -> EventTypes:
    return read_subject(config_folder()).events


@pytest.mark.parametrize("row", TITLES, ids=lambda row: row["title"])
def test_a_title_tells_these_event_types_and_so_much_conflict(shipped: EventTypes, row: dict[str, str]) -> None:
    report = item(row["title"], lang=row["lang"])
    assert shipped.told_by(report).types == frozenset(row["types"].split())
    weight = shipped.weight_of(report) or 0
    assert (weight > 0) - (weight < 0) == {"+": 1, "-": -1, "0": 0}[row["sign"]]


ROWS: dict[str, object] = {
    "stopped": {"en": ["put_off"]},
    "exclusion": [
        {"id": "place", "takes": "title", "yields_to": 2, "words": {"en": ["museum"]}},
        {"id": "tale", "takes": "title", "words": {"en": ["legend"]}},
        {"id": "wish", "takes": "clause", "news": True, "words": {"en": ["wish"]}},
    ],
    "event": [
        {
            "id": "shots",
            "what": "a boat fires",
            "gravity": 2,
            "weight": -8,
            "words": {"en": ["boat fires"], "ru": ["лодка стреляет"]},
            "unless": {"en": ["barge"]},
        },
        {
            "id": "talks",
            "what": "crews talk",
            "gravity": 1,
            "weight": 4,
            "words": {"en": ["talks"]},
            "stopped": "silence",
        },
        {"id": "truce", "what": "crews rest", "gravity": 1, "weight": 4, "words": {"en": ["truce"]}},
        {
            "id": "silence",
            "what": "crews talk no more",
            "gravity": 1,
            "weight": -2,
            "words": {"en": ["talks end"]},
            "denied": {"en": ["crews talking"]},
            "instead_of": ["talks"],
        },
        {"id": "boast", "what": "a crew boasts", "gravity": 0, "weight": -1, "words": {"en": ["brag"]}, "said": True},
    ],
}


@pytest.fixture(scope="module")
def types() -> EventTypes:
    return EventTypes(EventsFile.model_validate(ROWS), NO_ALIASES)


def told(types: EventTypes, title: str, **fields: str) -> set[str]:
    return set(types.told_by(item(title, **fields)).types)


def test_a_pattern_is_looked_for_in_its_language_alone(types: EventTypes) -> None:
    assert told(types, "Boat fires", lang="en") == {"shots"}
    assert told(types, "Boat fires", lang="et") == set()
    assert told(types, "Лодка стреляет") == {"shots"}


CALM = {
    "own_only": ["ru"],
    "sign": {"coast": {"countries": "Estonia"}},
    "event": [
        {
            "id": "calm",
            "what": "a boat waits",
            "gravity": 0,
            "weight": 1,
            "words": {"any": ["boat topic:coast"], "uk": ["баржа"], "ru": ["лодка"]},
            "unless": {"any": ["storm"], "uk": ["зоря"]},
        }
    ],
}


def test_rules_for_any_language_are_looked_for_by_what_their_words_mean() -> None:
    types = EventTypes(EventsFile.model_validate(CALM), read_aliases(config_folder() / "subject"))
    assert told(types, "Paat ootab Tallinna lähedal", lang="et") == {"calm"}
    assert told(types, "Paat ootab", lang="et") == set()
    assert told(types, "Laivas laukia prie Talino per audrą", lang="lt") == set()
    assert told(types, "Лодка у Таллина", lang="ru") == {"calm"}
    assert told(types, "Катер у Таллина", lang="ru") == set()
    assert told(types, "Човен біля Таллінна", lang="uk") == told(types, "Баржа", lang="uk") == {"calm"}
    assert told(types, "Зоря: баржа", lang="uk") == set()


def test_a_clause_that_tells_of_something_else_is_left_out(types: EventTypes) -> None:
    assert told(types, "Barge near boat fires") == set()
    assert told(types, "Boat fires, barge watches") == {"shots"}


def test_a_type_takes_the_place_of_another(types: EventTypes) -> None:
    assert told(types, "Talks begin") == {"talks"}
    assert told(types, "Talks end") == {"silence"}


def test_cooperation_that_is_stopped_is_told_as_what_its_type_says(types: EventTypes) -> None:
    assert told(types, "Talks put off") == {"silence"}
    assert told(types, "Truce put off") == set()
    assert told(types, "Boat fires, race put off") == {"shots"}
    assert told(types, "Race put off, talks begin") == {"talks"}


def test_an_exclusion_yields_to_a_grave_event_before_its_words(types: EventTypes) -> None:
    assert told(types, "Boat fires on museum") == {"shots"}
    assert told(types, "Museum: boat fires") == set()
    assert told(types, "Talks begin at museum") == set()


def test_a_year_that_is_over_is_history_but_not_after_since(types: EventTypes) -> None:
    assert told(types, "In 1991 boat fires") == set()
    assert told(types, "Boat fires for first time since 1991") == {"shots"}
    assert told(types, "Boat fires 2,000 times") == {"shots"}


def test_a_denying_clause_tells_only_what_is_told_by_denying(types: EventTypes) -> None:
    assert told(types, "Crews are not talking") == {"silence"}
    assert told(types, "No boat fires") == set()


def test_a_supposing_clause_tells_only_what_is_done_by_saying_it(types: EventTypes) -> None:
    assert told(types, "Crews wish boat fires") == set()
    assert told(types, "Crews wish and brag") == {"boast"}


def test_only_the_title_tells(types: EventTypes) -> None:
    assert told(types, "A day at sea", summary="A boat fires.") == set()


def test_the_gravest_types_make_the_weight(types: EventTypes) -> None:
    assert types.weight_of(item("Boat fires, talks begin")) == -8
    assert types.weight_of(item("Talks begin, crews brag")) == 4
    assert types.weight_of(item("Legend: boat fires")) is None


FAULTY = """
[[exclusion]]
id = "old"
takes = "word"
news = "yes"
words.en = ["legend"]

[[event]]
id = "shots"
what = "a boat fires"
gravity = 4
weight = -11
words.en = ["boat OR", "title:boat"]

[[event]]
id = "shots"
what = ""
gravity = 1
weight = 1.5
words = ["boat"]
colour = "red"
"""


def faults(file: Path, text: str) -> list[str]:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_model(file, EventsFile)
    return [str(fault).removeprefix(f"{file}, ") for fault in caught.value.faults]


def test_every_fault_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    assert faults(tmp_path / "events.toml", FAULTY) == [
        "line 4, [[exclusion]] old, takes: should be title or clause",
        "line 5, [[exclusion]] old, news: should be true or false",
        "line 11, [[event]] shots, gravity: should be 3 or less",
        "line 12, [[event]] shots, weight: should be -10 or more",
        "line 13, [[event]] shots, words en 1: A word is missing after OR.",
        "line 13, [[event]] shots, words en 2: only words and topic are allowed here, not title",
        'line 16, [[event]] shots, id: "shots" is used twice; give each event type or exclusion its own',
        "line 17, [[event]] shots, what: should not be empty",
        "line 19, [[event]] shots, weight: should be a whole number",
        "line 20, [[event]] shots, words: should be a table",
        "line 21, [[event]] shots, colour: isn't known here; the keys are id, what, short, short_with, gravity, "
        "weight, words, unless, denied, said, instead_of, stopped",
    ]


@pytest.mark.parametrize(
    ("lang", "advice"),
    [("russian", "did you mean ru?"), ("rus", "did you mean ru?"), ("xx", "it has no file in config/languages")],
)
def test_words_in_a_language_without_a_file_are_a_fault(lang: str, advice: str, tmp_path: Path) -> None:
    row = f'[[event]]\nid = "end"\nwhat = "an end"\ngravity = 1\nweight = 1\nwords.{lang} = ["truce"]\n'
    (told,) = faults(tmp_path / "events.toml", row)
    assert told.endswith(f"[[event]] end, words {lang}: isn't a language here; {advice}")


def test_a_type_that_names_an_unknown_one_is_a_fault(tmp_path: Path) -> None:
    row = '[[event]]\nid = "end"\nwhat = "it ends"\ngravity = 1\nweight = 1\nwords.en = ["end"]\n'
    names = 'instead_of = ["talks"]\nstopped = "truce"\n'
    assert faults(tmp_path / "events.toml", row + names) == [
        "line 7, [[event]] end, instead_of: “talks” isn't an event type",
        "line 8, [[event]] end, stopped: “truce” isn't an event type",
    ]
