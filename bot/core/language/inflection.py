"""Which forms are one word: by a language's rules of spelling, and by the endings that inflect its words.

A stemmer joins more than inflections: united and unit, important and import, целом and цель. What it joins is one word
only where a paradigm of the language's file has both endings.
"""

import re
from functools import cache, lru_cache

from bot.core.language.language import Language, Paradigm

_MOST_IN_COMMON = 3  # letters that two of its endings may begin with


def respelled(folded: str, language: Language) -> str:
    """A folded word in the one spelling that its language's variants are compared by: defence is defense."""
    for pattern, spelling in _spellings(language):
        folded = pattern.sub(spelling, folded)
    return folded


@lru_cache(maxsize=200_000)
def is_same_word(one: str, other: str, language: Language) -> bool:
    """Whether two folded forms that share a stem are forms of one word; all are where a language has no paradigms."""
    words = language.words
    if not words.paradigms:
        return True
    one, other = respelled(one, language), respelled(other, language)
    if one == other:
        return True
    are_nouns = _is_noun(one, language) or _is_noun(other, language)
    paradigms = [paradigm for paradigm in words.paradigms if paradigm.of_nouns or not are_nouns]
    # Of several ways to part the two from their endings any will do: bas-e and bas-ed, base- and base-s.
    shared = next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        len(min(one, other, key=len)),
    )
    starts = range(max(1, shared - _MOST_IN_COMMON), shared + 1)
    return any(_joins(paradigm, one, other, start) for start in starts for paradigm in paradigms)


def _joins(paradigm: Paradigm, one: str, other: str, start: int) -> bool:
    """Whether both forms have endings of a paradigm behind their first `start` letters."""
    last = one[start - 1]
    if paradigm.after and last not in paradigm.after:
        return False
    endings = one[start:], other[start:]
    if paradigm.doubles:  # jam, jammed
        endings = endings[0].removeprefix(last), endings[1].removeprefix(last)
    return paradigm.all_endings.issuperset(endings)


def _is_noun(form: str, language: Language) -> bool:
    """Whether a folded form is that of a noun by which a language's verbs are not meant: base, bases."""
    words = language.words
    return form in words.nouns or any(
        form.endswith(ending) and form.removesuffix(ending) + paradigm.first in words.nouns
        for paradigm in words.paradigms
        if paradigm.of_nouns
        for ending in paradigm.all_endings
    )


@cache
def _spellings(language: Language) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple([(re.compile(pattern), spelling) for pattern, spelling in language.words.spellings])
