"""One word or two: compounds that outlets write together, apart or with a hyphen, designations and long numbers.

`airspace` finds air space, `cyber attack` finds cyberattack, `F 35` finds F-35, `10 000` finds 10,000.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.core.language.language import ANY, language_of
from bot.core.language.patterns import Pattern, WordForm
from bot.core.language.text import Word, in_both_alphabets, is_small, words_in
from bot.core.rules.ast import Keyword

T = TypeVar("T")

_LEAST = 3  # letters of a second part
_DESIGNATION = re.compile(r"([^\W\d_]{1,4})(\d{1,3}[^\W\d_]?)")
_THOUSANDS = re.compile(r"\d{1,3} \d{3}")


@dataclass(frozen=True, slots=True)
class Compound:
    """Two keywords side by side, and the keyword that they are in one word."""

    parts: tuple[Keyword, Keyword]
    whole: Keyword


def with_compounds(parts: Sequence[T]) -> Iterator[T | Compound]:
    """Parts of a rule that must all hold; two keywords that may be one word are a compound."""
    start = 0
    while start < len(parts):
        first, second = (*parts[start : start + 2], None)[:2]
        compound = _compound(first, second) if isinstance(first, Keyword) and isinstance(second, Keyword) else None
        yield compound or parts[start]
        start += 2 if compound else 1


def _compound(first: Keyword, second: Keyword) -> Compound | None:
    words = words_in(f"{first.text} {second.text}", ANY)
    if len(words) == 1 and _THOUSANDS.fullmatch(words[0].surface):
        return Compound((first, second), Keyword(words[0].folded, first.position))
    if len(words) != len((first, second)):
        return None
    whole = words[0].form + words[1].form
    is_noun = words[0].form in _first_parts(words[0]) and len(words[1].form) >= _LEAST and whole.isalpha()
    if is_noun or (_DESIGNATION.fullmatch(whole) and words[0].form.isalpha()):
        return Compound((first, second), Keyword(whole, first.position))
    return None


def other_spellings(words: tuple[Word, ...]) -> Iterator[Pattern]:
    """How else a keyword may be written: air-space as airspace, airspace as air space, F-35 as F 35."""
    forms = [word.form for word in words]
    if len(forms) > 1:
        yield ((WordForm.STEM, "".join(forms)),)
        return
    if designation := _DESIGNATION.fullmatch(forms[0]):
        for letters in sorted(in_both_alphabets(designation[1])):
            if not is_small(letters, words_in(letters, ANY)[0].lang):  # «с 300» says from, a 50 one of fifty
                yield (WordForm.FOLDED, letters), (WordForm.FOLDED, designation[2])
    for end in range(2, len(forms[0]) - _LEAST + 1):
        if forms[0][:end] in _first_parts(words[0]):
            yield (WordForm.FOLDED, forms[0][:end]), (WordForm.STEM, forms[0][end:])


def _first_parts(word: Word) -> frozenset[str]:
    return language_of(word.lang).words.first_parts
