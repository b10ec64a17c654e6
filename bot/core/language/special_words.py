"""Words that count little in any text of their language, in any inflection."""

from collections.abc import Iterable, Sequence
from functools import cache

from bot.core.language.language import Language, Languages, language_of, languages
from bot.core.language.text import Word, fold, stem_by


def is_empty(word: Word) -> bool:
    """Whether a word is in reports of anything, and says nothing of an event."""
    return word.stem in _stems_that_count_little(language_of(word.lang), word.lang)[0]


def is_date(word: Word) -> bool:
    """Whether a word only dates a report: a month, a day of the week, the weekend."""
    return word.stem in _stems_that_count_little(language_of(word.lang), word.lang)[1]


def is_night(words: Iterable[Word]) -> bool:
    """Whether words tell of a night."""
    return not _nights(languages()).isdisjoint([word.folded for word in words])


@cache
def _nights(found: Languages) -> frozenset[str]:
    return frozenset([fold(word) for language in found.by_code.values() for word in language.time.overnight])


@cache
def _stems_that_count_little(language: Language, reader: str) -> Sequence[frozenset[str]]:
    """Of words that are in reports of anything, and of those that date one."""
    empty = language.words.small | language.words.empty
    dates = frozenset().union(*language.time.months, language.time.weekdays, language.time.moments)
    return [frozenset([stem_by(fold(word), reader) for word in words]) for words in (empty, dates)]
