"""Words of rules that are found in other languages by what they mean."""

import pytest

from bot.core.language.lexicon_files import TranslationsFile, WordsFile, lexicon_of
from bot.core.model import LONE, RuleId
from bot.core.rules.aliases import aliases_of
from bot.core.rules.explain import How, Reason, reasons_for
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from tests.builders import item

NAMES = {"places": [["Kestrel", "Кестрел"], ["Tundrania", "Тундрания"]], "weapons": [["drone", "дрон"]]}
THINGS = TranslationsFile.model_validate(
    {"attacks": [["attack", "strike", "удар*"]], "forces": [["air force", "ВВС"], ["attack plan"]]}
)
WORDS = {
    "ro": WordsFile.model_validate(
        {
            "names": {"drone": "dron*", "Kestrel": "Vânturel"},
            "things": {"attack": "atac*", "air force": "forțele aeriene"},
        }
    ),
    "da": WordsFile.model_validate({"things": {"attack": "angreb*", "attack plan": "angrebsplan*"}}),
    "en": WordsFile.model_validate({"homographs": "fort"}),
}
ALIASES = aliases_of(NAMES, lexicon_of(NAMES, THINGS, WORDS))
ONLY = RuleId(1)


def index_of(rule: str) -> RuleIndex:
    index = RuleIndex(ALIASES)
    index.add(ONLY, parse_rule(rule))
    return index


@pytest.mark.parametrize(
    ("rule", "lang", "title", "words"),
    [
        ("drone kestrel", "ro", "Dronele au ajuns la Vânturel", ("Dronele", "Vânturel")),
        ("strike", "ro", "Atacul de la Vânturel", ("Atacul",)),
        ("strikes OR harbour", "ru", "Удары по порту", ("Удары",)),
        ("vânturel", "en", "Storm over Kestrel", ("Kestrel",)),
        ("strike", "da", "Angrebsplanen er lagt", ("Angrebsplanen",)),
        ("title:strike", "ro", "Atacuri în port", ("Atacuri",)),
    ],
)
def test_a_word_is_found_by_what_it_means(rule: str, lang: str, title: str, words: tuple[str, ...]) -> None:
    found = item(title, lang=lang)
    assert ONLY in index_of(rule).matches(found)
    assert index_of(rule).explain(ONLY, found).words == words


@pytest.mark.parametrize(
    ("rule", "lang", "title"),
    [
        ("strike", "en", "Attack on the harbour"),  # in its own language a word is only itself
        ('"strike"', "ro", "Atacul de la Vânturel"),  # what is quoted is asked for as it is
        ("strike*", "ro", "Atacul de la Vânturel"),
        ("strike -drone", "ro", "Atacul cu drone de la Vânturel"),
        ("drone", "en", "The dron of the Carpathians"),
        ("strike", "da", "Nu er strikken rød"),  # their stems look alike, and that language has its own word
        ("fort", "da", "Fort gik det"),
        ("tundrania", "ro", "Un tundran la Varn"),
    ],
)
def test_a_word_is_not_found(rule: str, lang: str, title: str) -> None:
    assert ONLY not in index_of(rule).matches(item(title, lang=lang))


def test_why_says_what_a_word_means() -> None:
    reasons = reasons_for(parse_rule("strike kestrel"), item("Atacul de la Vânturel", lang="ro"), LONE, ALIASES)
    assert reasons == (
        Reason(how=How.MEANING, asked="strike", found="Atacul"),
        Reason(how=How.NAME, asked="Kestrel", found="Vânturel"),
    )


def test_an_index_that_was_emptied_has_no_meanings_left() -> None:
    index = index_of("strike kestrel OR title:drone")
    index.remove(ONLY)
    assert not index.matches(item("Atacul cu drone de la Vânturel", lang="ro"))
    assert not index._finder._meanings
