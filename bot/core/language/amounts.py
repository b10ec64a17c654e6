"""How many, as titles say it: 3,000, three thousand, at least 12, dozens; by the words of their languages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf

from bot.core.language.language import Language, Languages, language_of, languages
from bot.core.language.text import Word, fold, stem_by


@dataclass(frozen=True, slots=True)
class Amount:
    """What a number may mean: `low` to `high`, both ends included; `said` is the number itself (0: dozens)."""

    low: float
    high: float
    said: float = 0
    unit: str = ""

    def holds(self, other: "Amount") -> bool:
        """Whether one who was told this amount is told nothing else by the other."""
        if self.unit != other.unit:
            return False
        is_same = self.said == other.said != 0 and (self.low == other.low or self.high == other.high)
        return is_same or (self.low <= other.low and other.high <= self.high)


_ROUGHLY = 0.2  # what "about" leaves open
_DIGITS = re.compile(r"(\d+(?:\.\d+)?)%?")
_TENS = range(20, 100, 10)


def amount_at(words: Sequence[Word], place: int) -> tuple[Amount, int] | None:
    """The amount that begins at a place of a text, and how many words it takes; None if there is none."""
    word = words[place]
    language = language_of(word.lang)
    if vague := _vague(language).get(word.folded):
        return vague, 1
    digits = _DIGITS.fullmatch(word.folded) or _glued(languages()).fullmatch(word.folded)
    unit = "%" if word.folded.endswith("%") else ""
    value = float(digits[1]) if digits else _by_form(language)[0].get(word.folded)
    if value is None:
        return None
    end = place + 1
    if value in _TENS and end < len(words) and not word.folded.isdigit():
        ones = _by_form(language_of(words[end].lang))[0].get(words[end].folded, 0)
        if 0 < ones < 10:  # noqa: PLR2004  twenty-five
            value, end = value + ones, end + 1
    while end < len(words) and (times := _by_form(language_of(words[end].lang))[1].get(words[end].folded)):
        value, end = value * times, end + 1
    return _bounded(value, unit, words[:place]), end - place


def cardinal(word: Word) -> int:
    """The number that a word in any inflection says; 0 if it says none."""
    return _by_stem(language_of(word.lang), word.lang)[0].get(word.stem, 0)


def ordinal(word: Word, following: Word | None) -> int:
    """Which of several a word names: 12th, twelfth, 12-й (its ending is the word that follows); 0 if it names none."""
    if word.folded[0].isdigit():
        if match := _glued(languages()).fullmatch(word.folded):
            return int(match[1])
        endings = language_of(following.lang).numbers.hyphened_ordinals if following else ()
        return int(word.folded) if word.folded.isdigit() and following and following.folded in endings else 0
    return _by_stem(language_of(word.lang), word.lang)[1].get(word.stem, 0)


def _bounded(value: float, unit: str, before: Sequence[Word]) -> Amount:
    """The number with what the words before it make of it."""
    numbers = language_of(before[-1].lang).numbers if before else language_of("").numbers
    folded = [word.folded for word in before[-2:]]
    leading = {" ".join(folded[-count:]) for count in (1, 2)}
    rises = folded[-1:] and folded[-1] in numbers.rising_to and not numbers.rising.isdisjoint(folded[:-1])
    if leading & _phrases(numbers.at_most):
        return Amount(0, value, value, unit)
    if leading & _phrases(numbers.at_least) or rises:
        return Amount(value, inf, value, unit)
    if leading & _phrases(numbers.about):
        return Amount(value * (1 - _ROUGHLY), value * (1 + _ROUGHLY), value, unit)
    return Amount(value, value, value, unit)


@cache
def _by_form(language: Language) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Numbers, and what multiplies them."""
    numbers = language.numbers
    ordinals, cardinals, multipliers = (
        {fold(word): float(number) for number, words in table.items() for word in words}
        for table in (numbers.ordinals, numbers.counting, numbers.multipliers)
    )
    return ordinals | cardinals, multipliers


@cache
def _vague(language: Language) -> Mapping[str, Amount]:
    return {fold(word): Amount(row.low, row.high) for row in language.numbers.vague for word in row.words}


@cache
def _by_stem(language: Language, reader: str) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Cardinals and ordinals."""
    cardinals, ordinals = (
        {stem_by(fold(word), reader): number for number, words in table.items() for word in words}
        for table in (language.numbers.counting, language.numbers.ordinals)
    )
    return cardinals, ordinals


@cache
def _glued(found: Languages) -> re.Pattern[str]:
    """A number with an ending that makes an ordinal of it, in any language."""
    endings = [fold(ending) for language in found.by_code.values() for ending in language.numbers.glued_ordinals]
    return re.compile(rf"(\d+)(?:{'|'.join(sorted(endings)) or '(?!)'})")


@cache
def _phrases(phrases: frozenset[str]) -> frozenset[str]:
    return frozenset(map(fold, phrases))
