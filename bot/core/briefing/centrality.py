"""Which sentences say best what several reports of one event have in common.

A word counts by how many reports use it, in their title or their text: squared, for what all sides tell is the event
and what one tells is its view. A sentence is worth the mean of its words. The numbers were chosen on the training part
of NeuS (tests/bench/test_summaries.py); all of them are flat optima.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from bot.core.language.phonetics import sound_of
from bot.core.language.sentences import sentences_in, told
from bot.core.language.special_words import is_date
from bot.core.language.text import Word, is_small, words_in

# Keeps very short sentences, all of whose words are weighty, from winning.
_MORE_WORDS = 10
# What a sentence loses for each one before it in its report, up to the third: reports begin with what matters.
_LATER = 0.2
_LATEST = 2
# Of so many words with a capital, capitals tell no names.
_TITLE_CASE = 0.75
# What a word still counts that a chosen sentence has said.
_SAID = 0.3


class SourceText(NamedTuple):
    """What is read of an item."""

    title: str
    text: str
    lang: str


@dataclass(frozen=True)
class Sentence:
    """A sentence of a report: the place of the report among those of the event, its own place in the report."""

    report: int
    place: int
    text: str
    lang: str

    @cached_property
    def stems(self) -> frozenset[str]:
        """Its words, small ones left out."""
        return stems_of(self.text, self.lang)


class Centrality:
    """What the words of an event's reports are worth."""

    def __init__(self, reports: Iterable[SourceText]) -> None:
        self._reports: Counter[str] = Counter()
        for title, text, lang in reports:
            self._reports.update(stems_of(title, lang))
            self._reports.update(stems_of(text, lang))

    def most_central(self, sentences: Iterable[Sentence], count: int) -> tuple[Sentence, ...]:
        """At most `count` sentences that tell most together, best first; none only repeats words of those before."""
        left, chosen, said = list(sentences), list[Sentence](), set[str]()
        while left and len(chosen) < count:
            best = max(left, key=lambda sentence: self._worth(sentence, said))
            chosen.append(best)
            said |= best.stems
            left = [sentence for sentence in left if not sentence.stems <= said]
        return tuple(chosen)

    def _worth(self, sentence: Sentence, said: set[str]) -> float:
        worth = sum(self._reports[stem] ** 2 * (_SAID if stem in said else 1) for stem in sentence.stems)
        length = len(words_in(sentence.text, sentence.lang)) + _MORE_WORDS
        return worth / length * (1 - _LATER * min(sentence.place, _LATEST))


def sentences_of(reports: Sequence[SourceText]) -> tuple[Sentence, ...]:
    """The sentences of an event's reports, without datelines and credits."""
    return tuple(
        [
            Sentence(place_of_report, place, sentence, lang)
            for place_of_report, (_, text, lang) in enumerate(reports)
            for place, sentence in enumerate(sentences_in(told(text, lang), lang))
        ]
    )


def stems_of(text: str, lang: str) -> frozenset[str]:
    """The words of a text as they are compared, small ones left out."""
    return frozenset(
        [word.stem for word in words_in(text, lang) if not is_small(word.folded, word.lang) and len(word.stem) > 1]
    )


def names_in(text: str, lang: str) -> frozenset[str]:
    """The names in a text by their sounds, which are the same in both alphabets: words with a capital that begin no
    sentence. None of a sentence that prints most words with one.
    """
    names: set[str] = set()
    for sentence in sentences_in(text, lang):
        words = words_in(sentence, lang)
        capitals = list(filter(_is_capital, words))
        if len(capitals) <= _TITLE_CASE * len(words):
            names.update(sound_of(word.stem) for word in capitals if word is not words[0])
    return frozenset(names)


def central_names(reports: Sequence[SourceText]) -> frozenset[str]:
    """The names that at least half of an event's reports have, and two; of a lone one, those of its title."""
    known = frozenset[str]().union(*(names_in(title, lang) | names_in(text, lang) for title, text, lang in reports))
    read = [(f"{each.title} {each.text}" if len(reports) > 1 else each.title, each.lang) for each in reports]
    counted = Counter(name for text, lang in read for name in known & capitals_in(text, lang))
    fewest = max(len(reports) / 2, min(len(reports), 2))
    return frozenset([name for name, count in counted.items() if count >= fewest])


def capitals_in(text: str, lang: str) -> frozenset[str]:
    """The sounds of all words with a capital, which may be names."""
    return frozenset([sound_of(word.stem) for word in words_in(text, lang) if _is_capital(word)])


def _is_capital(word: Word) -> bool:
    return word.surface[0].isupper() and len(word.surface) > 1 and not is_date(word)
