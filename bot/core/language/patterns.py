"""Patterns: what a rule word looks for among the words of an item, one reading for each word in a row."""

from collections.abc import Iterator
from enum import StrEnum

from bot.core.language.language import ANY
from bot.core.language.text import Word, fold, is_form_of, is_name, is_part_of, sought, stem_of, words_in


class WordForm(StrEnum):
    """How a word is read when it is compared; the values of the first three are attributes of `Word`."""

    STEM = "stem"  # any inflection: each text has its own, in its language
    FOLDED = "folded"  # just this form
    NAME = "name"  # a short name in capitals
    BEGINNING = "beginning"  # a form that begins so
    ENDING = "ending"  # a form that ends so
    INSIDE = "inside"  # a form that has it somewhere


# What English stems may end in though some of their words have another letter there.
_CHANGED_LETTERS = ("e", "i", "y", "bl")

# Adjacent words, in this order; never empty. What any inflection is asked of is the word as typed, and folded.
Pattern = tuple[tuple[WordForm, str], ...]


def typed_name(word: Word) -> str:
    """The short name that somebody meant who typed this word (`NATO`, `U.S.`, `UAVs`; not `Nato`), or ""."""
    return word.name if is_name(word.surface.replace(".", "")[:2]) else ""


def inflected(words: tuple[Word, ...]) -> Pattern:
    """Unquoted words: any inflection, but names in capitals as they are."""
    return tuple(
        [(WordForm.NAME, name) if (name := typed_name(word)) else (WordForm.STEM, word.form) for word in words]
    )


def exact(words: tuple[Word, ...]) -> Pattern:
    """Quoted words: no inflection; names in capitals as they are."""
    return tuple(
        [(WordForm.NAME, name) if (name := typed_name(word)) else (WordForm.FOLDED, word.folded) for word in words]
    )


def is_at(pattern: Pattern, words: tuple[Word, ...], place: int) -> bool:
    """Whether the pattern is found from a place on."""
    return place + len(pattern) <= len(words) and all(map(_fits, pattern, words[place:]))


def places(pattern: Pattern, words: tuple[Word, ...]) -> Iterator[int]:
    """Where in `words` the pattern begins, from left to right."""
    return (place for place in range(len(words)) if is_at(pattern, words, place))


def implies(pattern: Pattern, other: Pattern) -> bool:
    """Whether the other is found wherever the pattern is, as their letters are mostly read."""
    starts = range(len(pattern) - len(other) + 1)
    return any(all(map(_implies, pattern[start:], other)) for start in starts)


def _implies(element: tuple[WordForm, str], other: tuple[WordForm, str]) -> bool:
    (reading, value), (wanted, wanted_value) = element, other
    if element == other:
        return True
    if wanted is WordForm.STEM:
        return reading is not WordForm.BEGINNING and _fits(other, words_in(fold(value), ANY)[0])
    if wanted is not WordForm.BEGINNING:
        return False
    if reading is not WordForm.STEM:
        return fold(value).startswith(wanted_value)
    stem = stem_of(value, ANY)  # hoping has the stem `hope`, possibility `possibl`
    may_change = stem.isascii() and stem.endswith(_CHANGED_LETTERS)
    return (stem[:-1] if may_change else stem).startswith(wanted_value)


def _fits(element: tuple[WordForm, str], word: Word) -> bool:
    reading, value = element
    match reading:
        case WordForm.STEM:
            if word.stem == sought(value, word.lang):
                return is_form_of(value, word)
            return is_part_of(value, word)
        case WordForm.FOLDED:
            return word.folded == value
        case WordForm.NAME:
            return word.name == value
        case WordForm.BEGINNING:
            return word.folded.startswith(value)
        case WordForm.ENDING:
            return word.folded.endswith(value)
        case WordForm.INSIDE:
            return value in word.folded
