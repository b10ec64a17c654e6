"""Patterns: what a rule word looks for among the words of an item, one reading for each word in a row."""

from collections.abc import Iterator
from enum import StrEnum

from bot.core.text import Word, is_name


class Reading(StrEnum):
    """How a word is read when it is compared; the values are the attributes of `Word`."""

    STEM = "stem"  # any inflection
    FOLDED = "folded"  # just this form
    NAME = "name"  # a short name in capitals
    BEGINNING = "beginning"  # a form that begins so


Pattern = tuple[tuple[Reading, str], ...]  # adjacent words, in this order; never empty


def typed_name(word: Word) -> str:
    """The short name that somebody meant who typed this word (`NATO`, `U.S.`, `UAVs`; not `Nato`), or ""."""
    return word.name if is_name(word.surface.replace(".", "")[:2]) else ""


def inflected(words: tuple[Word, ...]) -> Pattern:
    """Unquoted words: any inflection, but names in capitals as they are."""
    return tuple([(Reading.NAME, name) if (name := typed_name(word)) else (Reading.STEM, word.stem) for word in words])


def exact(words: tuple[Word, ...]) -> Pattern:
    """Quoted words: no inflection; names in capitals as they are."""
    return tuple(
        [(Reading.NAME, name) if (name := typed_name(word)) else (Reading.FOLDED, word.folded) for word in words]
    )


def fits(element: tuple[Reading, str], word: Word) -> bool:
    """Whether one element of a pattern accepts a word."""
    reading, value = element
    if reading is Reading.BEGINNING:
        return word.folded.startswith(value)
    return bool(getattr(word, reading) == value)


def places(pattern: Pattern, words: tuple[Word, ...]) -> Iterator[int]:
    """Where in `words` the pattern begins, from left to right."""
    for start in range(len(words) - len(pattern) + 1):
        if all(fits(element, word) for element, word in zip(pattern, words[start:], strict=False)):
            yield start
