"""The words of two languages under one name, and names as they sound."""

from pathlib import Path

import pytest

from bot.config_files import faults_in, read_model
from bot.core.language.language import ANY
from bot.core.language.lexicon import NO_LEXICON
from bot.core.language.lexicon_files import TranslationsFile, lexicon_of
from bot.core.language.phonetics import sound_of
from bot.core.language.text import words_in
from bot.core.rules.aliases import AliasFile
from bot.errors import ConfigError

CONFIG = Path(__file__).parents[3] / "config" / "subject"
SHIPPED = lexicon_of(
    read_model(CONFIG / "aliases.toml", AliasFile).root, read_model(CONFIG / "translations.toml", TranslationsFile)
)


def term(text: str) -> str | None:
    found = SHIPPED.at(words_in(text, ANY), 0)
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
    found = SHIPPED.at(words_in("NATO Secretary General visits", ANY), 0)
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


@pytest.mark.parametrize(("text", "term"), [("Denis Orlov speaks", "~denial"), ("Press access", "~membership")])
def test_words_that_only_share_a_stem_are_not_taken_for_things(text: str, term: str) -> None:
    words = words_in(text, ANY)
    assert term not in {found.term for place in range(len(words)) if (found := SHIPPED.at(words, place))}


def test_what_two_sides_do_with_each_other_is_known_by_term() -> None:
    assert {"~talks", "~phone call"} <= SHIPPED.bilateral


def test_sides_are_those_of_people_seats_and_alliances() -> None:
    assert SHIPPED.sides_of(["@putin", "@brussels", "@nato", "~talks"]) == {"@russia", "@european union", "@nato"}


def test_what_is_usual_is_known_by_term() -> None:
    assert {"@russia": 125, "@nato": 72, "~talks": 16}.items() <= SHIPPED.usual.items()


def test_without_tables_there_are_no_terms() -> None:
    assert NO_LEXICON.at(words_in("NATO strikes", ANY), 0) is None


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ('trade = "oil"', ["line 1, trade: should be a list in square brackets"]),
        ('trade = [["oil", 5]]', ["line 1, trade 1.2: should be a text in quotes"]),
        ("trade = [\n[]]", ["line 2, trade 1: should list at least 1"]),
        ('trade = [["oil", "—"]]', ["line 1, trade 1.2: “—” has no letters or digits"]),
        ('stands_for = ["Riga"]', ["line 1, stands_for: should be a table"]),
        (
            '[usual]\noil = "often"\ngas = true',
            ["line 2, [usual], oil: should be a whole number", "line 3, [usual], gas: should be a whole number"],
        ),
        (
            """trade = [
  ["oil", "газ"],
  ["gas", "газ"],
]
bilateral = ["ale"]
[stands_for]
Riga = "Latvia"
[lies_in]
Oslo = "Norway"
[usual]
oil = 3
ale = 12
""",
            [
                "line 3, trade 2: a word of “gas” is also in the set of “oil”; keep it in one of them",
                "line 5, bilateral 1: “ale” is the first word of no set",
                "line 7, [stands_for], Riga: “Riga” is the first name of no set in aliases.toml",
                "line 7, [stands_for], Riga: “Latvia” is the first name of no set in aliases.toml",
                "line 9, [lies_in], Oslo: “Oslo” is the first name of no set in aliases.toml",
                "line 12, [usual], ale: “ale” is the first name of no set in either file",
            ],
        ),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, faults: list[str]) -> None:
    path = tmp_path / "translations.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught, faults_in(path, TranslationsFile):
        lexicon_of({"countries": [["Norway", "Норвегия"]]}, read_model(path, TranslationsFile))
    assert str(caught.value).splitlines() == [f"{path}, {fault}" for fault in faults]


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
