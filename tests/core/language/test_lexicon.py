"""The words of two languages under one name, and names as they sound."""

import tomllib
from pathlib import Path

import pytest

from bot.core.language.lexicon import NO_LEXICON, lexicon_of
from bot.core.language.phonetics import sound_of
from bot.core.language.text import words_in
from bot.errors import ConfigError

CONFIG = Path(__file__).parents[3] / "config" / "subject"
TABLES = [tomllib.loads((CONFIG / name).read_text(encoding="utf-8")) for name in ("aliases.toml", "translations.toml")]
SHIPPED = lexicon_of(*TABLES)


def term(text: str) -> str | None:
    found = SHIPPED.at(words_in(text), 0)
    return found.term if found else None


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("strikes", "ударили"),
        ("attacked", "атакованы"),
        ("shot down", "сбиты"),
        ("NATO chief", "Генсек НАТО"),
        ("sanctions", "санкционного"),
        ("Iran", "Ирану"),
        ("Israeli", "Израилю"),
        ("Zelenskyy", "Зеленским"),
        ("Russia's", "РФ"),
        ("truce", "перемирия"),
        ("foreign minister", "глава МИД"),
        ("refinery", "НПЗ"),
    ],
)
def test_two_languages_have_one_term(english: str, russian: str) -> None:
    assert term(english) == term(russian) is not None


@pytest.mark.parametrize("text", ["важный", "important", "ответственный", "портрет", "за рекой", "senators"])
def test_words_of_another_sense_are_left_alone(text: str) -> None:
    assert term(text) in {None, "~senator"}


def test_the_longest_name_wins() -> None:
    found = SHIPPED.at(words_in("NATO Secretary General visits"), 0)
    assert found is not None
    assert (found.term, found.length) == ("~nato secretary general", 3)


def test_a_seat_stands_for_its_country() -> None:
    assert SHIPPED.stands_for["@kyiv"] == "@ukraine"
    assert "@ukraine" in SHIPPED.countries
    assert "@kyiv" not in SHIPPED.towns
    assert {"@kaliningrad", "@dubai"} <= SHIPPED.towns


@pytest.mark.parametrize(
    ("term", "country"),
    [("@kyiv", "@ukraine"), ("@munich", "@germany"), ("@saratov", "@russia"), ("@poland", "@poland"), ("@drone", None)],
)
def test_a_place_is_of_a_country(term: str, country: str | None) -> None:
    assert SHIPPED.country_of(term) == country


def test_a_town_in_no_country_is_told() -> None:
    with pytest.raises(ConfigError, match="lies_in: “riga” is the first name of no set"):
        lexicon_of({}, {"lies_in": {"Riga": "Latvia"}})


@pytest.mark.parametrize(("text", "term"), [("Denis Orlov speaks", "~denial"), ("Press access", "~membership")])
def test_words_that_only_share_a_stem_are_not_taken_for_things(text: str, term: str) -> None:
    words = words_in(text)
    assert term not in {found.term for place in range(len(words)) if (found := SHIPPED.at(words, place))}


def test_what_is_usual_is_known_by_term() -> None:
    assert {"@russia": 125, "@nato": 72, "~talks": 16}.items() <= SHIPPED.usual.items()


def test_without_tables_there_are_no_terms() -> None:
    assert NO_LEXICON.at(words_in("NATO strikes"), 0) is None


@pytest.mark.parametrize(
    ("translations", "fault"),
    [
        ({"trade": "oil"}, "translations.toml: trade: must be a list of sets"),
        ({"trade": [["oil", 5]]}, "translations.toml: trade, set 1: must be a list of words in quotes"),
        ({"trade": [[]]}, "translations.toml: trade, set 1: must be a list of words in quotes"),
        ({"trade": [["oil", "—"]]}, "translations.toml: trade, set 1: “—” has no letters or digits"),
        ({"trade": [["oil", "газ"], ["gas", "газ"]]}, "a word of “gas” is also in the set of “oil”"),
        ({"stands_for": ["Riga"]}, "translations.toml: stands_for: must be a table of names"),
        ({"stands_for": {"Riga": "Latvia"}}, "“riga” is the first name of no set in aliases.toml"),
        ({"usual": {"oil": "often"}}, "translations.toml: usual: must be a table of numbers"),
        ({"usual": {"oil": True}}, "translations.toml: usual: must be a table of numbers"),
        ({"usual": {"oil": 12}}, "translations.toml: usual: “oil” is the first name of no set in either file"),
    ],
)
def test_what_is_wrong_is_said(translations: dict[str, object], fault: str) -> None:
    with pytest.raises(ConfigError, match=r"translations\.toml") as raised:
        lexicon_of({}, translations)
    assert fault in str(raised.value)


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("hegseth", "хегсет"),
        ("scholz", "шольц"),
        ("johnson", "джонсон"),
        ("araghchi", "арагчи"),
        ("witkoff", "уиткофф"),
        ("frederiksen", "фредериксен"),
        ("chernyshov", "чернышев"),
        ("kherson", "херсон"),
        ("fordow", "фордо"),
        ("khamenei", "хаменеи"),
        ("wadephul", "вадефуль"),
        ("crosetto", "крозетто"),
    ],
)
def test_a_name_sounds_alike_in_both_alphabets(latin: str, cyrillic: str) -> None:
    assert sound_of(latin) == sound_of(cyrillic)


@pytest.mark.parametrize(("one", "other"), [("merkel", "markov"), ("budanov", "bogdan"), ("riga", "praha")])
def test_other_names_sound_otherwise(one: str, other: str) -> None:
    assert sound_of(one) != sound_of(other)
