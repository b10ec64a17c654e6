"""Files of words: what a language calls names and things, looked for in its own texts alone."""

from pathlib import Path

import pytest

from bot.config_files import faults_in, read_model
from bot.core.language.language import languages
from bot.core.language.lexicon import FoundTerm, Meaning
from bot.core.language.lexicon_files import TranslationsFile, WordsFile, check_words, lexicon_of
from bot.core.language.text import words_in
from bot.core.rules.aliases import AliasFile
from bot.errors import ConfigError

CONFIG = Path(__file__).parents[3] / "config" / "subject"
NAMES = {"places": [["Kestrel", "Кестрел"], ["Oman"], ["Tarsin"]], "weapons": [["drone", "дрон"]]}
THINGS = TranslationsFile.model_validate(
    {"attacks": [["attack", "strike", "удар*"], ["injured", "wounded", "ранен*"]], "forces": [["air force", "ВВС"]]}
)
WORDS = {
    "ro": WordsFile.model_validate(
        {
            "ordinary": "=țarsin",
            "names": {"drone": "dron*", "Kestrel": "Vânturel, Vânturelului"},
            "things": {"attack": "atac*, a lovit", "injured": "răniți, =rana", "air force": "forțele aeriene, AI"},
        }
    ),
    "de": WordsFile.model_validate({"names": {"drone": "*drohne, drohnen*"}, "things": {"attack": "*angriff"}}),
    "fi": WordsFile.model_validate({"ordinary": "oman"}),
    "no": WordsFile.model_validate({"things": {"attack": "angrep, bølge, kamper"}}),
    "en": WordsFile.model_validate({"homographs": "kamper"}),
}
LEXICON = lexicon_of(NAMES, THINGS, WORDS)


def terms(text: str, lang: str) -> list[str]:
    return [term for _, found in LEXICON.found_in(words_in(text, lang)) for term in found.terms]


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("ro", "Atacul cu drone: doi răniți la Vânturel", ["~attack", "@drone", "~injured", "@kestrel"]),
        ("ro", "Rusia a lovit din nou", ["~attack"]),
        ("ro", "Forțele Aeriene Române", ["~air force"]),
        ("ro", "strike", []),  # English words are looked for in English texts
        ("en", "The atac of 1917", []),
        ("en", "A strike by the air force", ["~attack", "~air force"]),
        ("ro", "AI, ai noștri", ["~air force"]),  # a short name in capitals, though it is a small word otherwise
        ("ru", "Удары ВВС", ["~attack", "~air force"]),
        ("ro", "Kestrel", ["@kestrel"]),  # names are looked for everywhere
        ("de", "Drohnenangriff auf Kestrel", ["@drone", "~attack", "@kestrel"]),
        ("de", "Großangriff", ["~attack"]),
        ("fi", "Oman linja", []),
        ("ro", "Țarsin de Tarsin", ["@tarsin"]),  # ordinary with its accent only
        ("en", "Oman", ["@oman"]),
    ],
)
def test_a_text_is_read_by_the_words_of_its_language(lang: str, text: str, expected: list[str]) -> None:
    assert terms(text, lang) == expected


def test_a_compound_names_what_its_parts_do() -> None:
    assert LEXICON.at(words_in("Drohnenangriff", "de"), 0) == FoundTerm("@drone", 1, ("~attack",))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("strike", Meaning("~attack", frozenset({"en"}))),
        ("strikes", Meaning("~attack", frozenset({"en"}))),
        ("удары", Meaning("~attack", frozenset({"ru"}))),
        ("răniți", Meaning("~injured", frozenset({"ro"}))),
        ("vanturel", Meaning("@kestrel", frozenset({"ro"}))),
        ("Drohnen", Meaning("@drone", frozenset({"de"}))),
        ("rana", None),  # too short to be taken for a word of another language than English
        ("atacamenos", None),  # only begins like a word of one
        ("angrep", Meaning("~attack", frozenset({"no"}))),
        ("angreper", None),  # a stem may be one of English, too
        ("bølgen", Meaning("~attack", frozenset({"no"}))),
        ("kamper", None),  # English has it for something else
        ("harbour", None),
        ("", None),
    ],
)
def test_what_somebody_means_by_a_word(text: str, meaning: Meaning | None) -> None:
    assert LEXICON.meaning_of(text) == meaning


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            '[things]\nattak = "atac"',
            ["line 2, [things], attak: “attak” is the first name of no set in translations.toml"],
        ),
        ('[names]\nRiga = "Rīga"', ["line 2, [names], Riga: “Riga” is the first name of no set in aliases.toml"]),
        (
            '[things]\nattack = "atac, răni"\ninjured = "raniţi, rani"',
            ["line 3, [things], injured: “rani” is also a word of “attack”; keep it in one of them"],
        ),
        (
            '[things]\nattack = "at*, *grif"',
            [
                "line 2, [things], attack: “at*” needs more letters beside its star",
                "line 2, [things], attack: “*grif” needs more letters beside its star",
            ],
        ),
        ('[things]\nattack = "—"', ["line 2, [things], attack: “—” has no letters or digits"]),
        ('ordinar = "oman"', ["line 1, ordinar: isn't known here; did you mean ordinary?"]),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, faults: list[str]) -> None:
    path = tmp_path / "ro.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught, faults_in(path, WordsFile):
        check_words(read_model(path, WordsFile), NAMES, THINGS)
    assert str(caught.value).splitlines() == [f"{path}, {fault}" for fault in faults]


@pytest.mark.parametrize("path", sorted((CONFIG / "words").glob("*.toml")), ids=lambda path: path.stem)
def test_the_files_that_ship_are_sound(path: Path) -> None:
    assert path.stem in languages().by_code
    names = read_model(CONFIG / "aliases.toml", AliasFile).root
    check_words(read_model(path, WordsFile), names, read_model(CONFIG / "translations.toml", TranslationsFile))
