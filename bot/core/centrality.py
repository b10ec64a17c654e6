"""Which sentences say best what several reports of one event have in common.

A word counts by how many reports use it, in their title or their text: squared, for what all sides tell is the event
and what one tells is its view. A sentence is worth the mean of its words. The numbers were chosen on the training part
of NeuS (tests/bench/test_summaries.py); all of them are flat optima.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.core.sentences import dateline, sentences_in
from bot.core.text import SMALL_WORDS, words_in

# Keeps very short sentences, all of whose words are weighty, from winning.
_MORE_WORDS = 10
# What a sentence loses for each one before it in its report, up to the third: reports begin with what matters.
_LATER = 0.2
_LATEST = 2
# What a word still counts that a chosen sentence has said.
_SAID = 0.3


@dataclass(frozen=True)
class Sentence:
    """A sentence of a report: the place of the report among those of the event, its own place in the report."""

    report: int
    place: int
    text: str

    @cached_property
    def stems(self) -> frozenset[str]:
        """Its words, small ones left out."""
        return stems_of(self.text)


class Centrality:
    """What the words of an event's reports are worth. `reports` are pairs of title and text."""

    def __init__(self, reports: Iterable[tuple[str, str]]) -> None:
        self._reports: Counter[str] = Counter()
        for title, text in reports:
            self._reports.update(stems_of(title))
            self._reports.update(stems_of(text))

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
        length = len(words_in(sentence.text)) + _MORE_WORDS
        return worth / length * (1 - _LATER * min(sentence.place, _LATEST))


def sentences_of(texts: Sequence[str]) -> tuple[Sentence, ...]:
    """The sentences of an event's reports, without their datelines."""
    return tuple(
        [
            Sentence(report, place, sentence)
            for report, text in enumerate(texts)
            for place, sentence in enumerate(sentences_in(text[len(dateline(text)) :].lstrip(" .—–-")))
        ]
    )


def stems_of(text: str) -> frozenset[str]:
    """The words of a text as they are compared, small ones left out."""
    return frozenset([word.stem for word in words_in(text) if word.folded not in SMALL_WORDS and len(word.stem) > 1])
