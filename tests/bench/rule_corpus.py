"""Rules and news by the hundred thousand, from a seed: made-up words, as frequent as words are in the news."""

from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from random import Random

from bot.core.language.language import ANY
from bot.core.language.text import words_in
from bot.core.model import Item
from bot.core.rules.ast import Filter, Keyword, Node, Not, Phrase, all_of, any_of
from bot.core.rules.rule import Rule
from tests.builders import OUTLETS, item

VOCABULARY_SIZE = 20_000
# Zipf-Mandelbrot: the word of rank r has the weight 1 / (r + SHIFT). News repeats its first words; nobody follows the
# STOP_WORDS most frequent ones.
SHIFT = 2.7
STOP_WORDS = 1000
TITLE_WORDS, SUMMARY_WORDS = (8, 14), (22, 46)  # least and most
SYLLABLES = [f"{consonant}{vowel}" for consonant in "bdfghklmnprstvz" for vowel in "aeiou"] + ["sk", "nd", "rt", "lm"]
TOPICS = tuple(f"topic{number}" for number in range(15))
ANDS, NOTS, PHRASES, FILTERS = 0.30, 0.15, 0.10, 0.20
FIELD_VALUES = (
    *(Filter("source", outlet) for outlet in OUTLETS),
    *(Filter("side", str(side)) for _, side, _ in OUTLETS.values()),
    *(Filter("topic", topic) for topic in TOPICS),
    *(Filter("lang", lang) for lang in ("en", "ru")),
)


class Corpus:
    """A stream of made-up news and of rules about it; equal seeds make equal streams."""

    def __init__(self, seed: int = 7) -> None:
        self._random = Random(seed)
        self._words = self._vocabulary()
        self._news = list(accumulate(1 / (rank + SHIFT) for rank in range(VOCABULARY_SIZE)))
        self._followed = self._words[STOP_WORDS:]
        self._interests = list(accumulate(1 / (rank + SHIFT) for rank in range(STOP_WORDS, VOCABULARY_SIZE)))

    def items(self, count: int) -> list[Item]:
        """News of 30 to 60 words."""
        outlets = sorted(OUTLETS)
        return [
            item(
                self._text(*TITLE_WORDS).capitalize(),
                summary=f"{self._text(*SUMMARY_WORDS).capitalize()}.",
                outlet=self._random.choice(outlets),
                topics=tuple(self._random.sample(TOPICS, self._random.randint(0, 2))),
            )
            for _ in range(count)
        ]

    def rules(self, count: int) -> Iterator[Rule]:
        """Rules of 1 to 4 terms: 30% joined by AND, 15% with NOT, 10% with a phrase, 20% with a filter."""
        return (Rule(self._rule()) for _ in range(count))

    def _vocabulary(self) -> list[str]:
        by_stem: dict[str, str] = {}
        while len(by_stem) < VOCABULARY_SIZE:
            word = "".join(self._random.choices(SYLLABLES, k=self._random.randint(2, 4)))
            by_stem.setdefault(words_in(word, ANY)[0].stem, word)
        return list(by_stem.values())

    def _text(self, least: int, most: int) -> str:
        return " ".join(self._random.choices(self._words, cum_weights=self._news, k=self._random.randint(least, most)))

    def _interest(self) -> str:
        return self._followed[bisect(self._interests, self._random.random() * self._interests[-1])]

    def _rule(self) -> Node:
        chance = self._random.random
        terms: list[Node] = [Keyword(self._interest()) for _ in range(self._random.randint(1, 4))]
        if chance() < PHRASES:
            terms[-1] = Phrase(f"{self._interest()} {self._interest()}")
        root = (all_of if chance() < ANDS else any_of)(tuple(terms))
        if chance() < NOTS:
            root = all_of((root, Not(Keyword(self._interest()))))
        return all_of((root, self._filter())) if chance() < FILTERS else root

    def _filter(self) -> Filter:
        return self._random.choice(FIELD_VALUES)
