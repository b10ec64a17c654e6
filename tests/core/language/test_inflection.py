"""Which forms are one word: inflections, other spellings; and what only shares a stem with it."""

import pytest

from bot.core.language.inflection import is_same_word
from bot.core.language.language import language_of
from bot.core.language.text import stem_by


def are_one(one: str, other: str, lang: str) -> bool:
    return stem_by(one, lang) == stem_by(other, lang) and is_same_word(one, other, language_of(lang))


@pytest.mark.parametrize(
    ("forms", "lang"),
    [
        ("attack attacks attacked attacking", "en"),
        ("jam jams jammed jamming", "en"),
        ("base bases", "en"),
        ("trained training", "en"),
        ("policy policies", "en"),
        ("deny denied", "en"),
        ("warn warnings", "en"),
        ("violate violation violations", "en"),
        ("deploy deployment", "en"),
        ("цель цели целей целями", "ru"),
        ("ракета ракеты ракетой ракетами", "ru"),
        ("россия россии россией", "ru"),
        ("путин путина путиным", "ru"),
        ("русский русского русских", "ru"),
        ("сбит сбитого сбиты", "ru"),
        ("уничтожить уничтожил уничтожены уничтоживший", "ru"),
        ("начал начался начались", "ru"),
        ("удар ударов ударила", "ru"),
        ("атака атакует", "ru"),
    ],
)
def test_inflections_are_one_word(forms: str, lang: str) -> None:
    first, *others = forms.split()
    assert [other for other in others if not are_one(first, other, lang)] == []


@pytest.mark.parametrize(
    ("one", "other", "lang"),
    [
        ("unit", "united", "en"),
        ("units", "united", "en"),
        ("unite", "united", "en"),
        ("train", "training", "en"),
        ("import", "important", "en"),
        ("base", "based", "en"),
        ("nation", "national", "en"),
        ("office", "officer", "en"),
        ("author", "authorities", "en"),
        ("accord", "according", "en"),
        ("цель", "целом", "ru"),
        ("часть", "часто", "ru"),
        ("страна", "странный", "ru"),
        ("оборона", "оборонный", "ru"),
    ],
)
def test_what_has_the_stem_of_another_word_is_not_that_word(one: str, other: str, lang: str) -> None:
    assert not are_one(one, other, lang)
    assert not are_one(other, one, lang)


@pytest.mark.parametrize(
    "pair",
    [
        "defense defence",
        "organisations organization",
        "mobilised mobilizing",
        "armored armoured",
        "harbor harbours",
        "grey gray",
        "theatre theaters",
        "centre centers",
        "fueled fuelled",
        "programmes program",
        "manoeuvres maneuver",
        "analyse analyzed",
        "dialogue dialogs",
        "sceptical skeptical",
        "licence licenses",
    ],
)
def test_british_and_american_spellings_are_one_word(pair: str) -> None:
    one, other = pair.split()
    assert are_one(one, other, "en")


@pytest.mark.parametrize("pair", ["hour hor", "fence fense", "prise prize", "timbre timid", "flour flor"])
def test_words_that_are_spelt_alike_are_not(pair: str) -> None:
    one, other = pair.split()
    assert not are_one(one, other, "en")
