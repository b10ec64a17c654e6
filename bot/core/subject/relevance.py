"""How near an item is to our subject: core, related or none.

Signs (see topics.py), the sides that they stand for, terms of the lexicon and words, each with two weights of
config/subject/relevance.json, add up to two logistic scores: that an item is core, and that it is none. The weights are
learnt from labelled items by tests/bench/train_relevance.py; a feature without weights counts nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import exp

from bot.core.language.sentences import dateline
from bot.core.language.text import Word, Words, words_in
from bot.core.model import Item, Relevance, Scope, Side
from bot.core.subject.config_models import BIAS, CoreFrom, WeightsFile
from bot.core.subject.topics import Signs, Topic, Topics
from bot.core.titles.genres import Genre

READ = 60  # words of a summary: what stands after them is mostly background
_EVEN = 0.5
_SHORTEST = 3  # letters of a stem that counts
# From this share of the threshold an item may be core, with more to read. Of 13 items of whole weeks that are core and
# found to be so only with their summaries, 12 have as much by their titles; so have 8% of all items.
_DOUBT = 0.1
_PARTIES = frozenset({Side.NATO, Side.RUSSIA, Side.UKRAINE})
_LARGEST = 700.0  # exp() overflows a little above it


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an item is about; `score` is the probability (0 to 1) that it is core. `none` has no topics.

    `doubtful` tells that it is not core, but near it.
    """

    relevance: Relevance
    topics: tuple[str, ...]
    score: float
    doubtful: bool


class Classifier:
    """Grades items and finds their topics; made by `classifier_of`."""

    def __init__(
        self, topics: Topics, weights: Mapping[str, tuple[float, float]], core_from: Mapping[str, float]
    ) -> None:
        self._topics = topics
        self._weights = weights
        self._core_from = core_from

    @property
    def topics(self) -> tuple[Topic, ...]:
        """The topics that there are, in the order of topics.toml."""
        return self._topics.topics

    def classify(self, item: Item, scope: Scope) -> Verdict:
        """How near an item of a source of this scope is to our subject, and its topics in the order of topics.toml."""
        view = read_part(item)
        signs = self._topics.signs(view)
        core, none = self._scores(features_of(view, signs, self._topics))
        threshold = self._core_from[_source_kind(scope, item.side)]
        # A warning that something flies is of the war, be there no place in it.
        is_far = none >= _EVEN and item.reading.genre is not Genre.WARNING
        nearly = Relevance.NONE if is_far else Relevance.RELATED
        relevance = Relevance.CORE if core >= threshold else nearly
        found = frozenset() if relevance is Relevance.NONE else self._topics.topics_for(view, signs)
        topics = tuple([topic.id for topic in self.topics if topic.id in found])
        return Verdict(relevance, topics, core, doubtful=_DOUBT * threshold <= core < threshold)

    def _scores(self, features: Iterable[str]) -> tuple[float, float]:
        core, none = self._weights[BIAS]
        for feature in features:
            if pair := self._weights.get(feature):
                core += pair[0]
                none += pair[1]
        return _logistic(core), _logistic(none)


def _source_kind(scope: Scope, side: Side) -> str:
    if scope is Scope.TOPICAL:
        return "topical"
    return "one_sided" if side in _PARTIES else "general"


def read_part(item: Item) -> Item:
    """The item with the words that are looked at: its title and the beginning of its summary, without a dateline."""
    start = len(words_in(dateline(item.text), item.lang))
    return replace(item, words=Words(item.words.title, item.words.summary[start : start + READ]))


def features_of(item: Item, signs: Signs, topics: Topics) -> Iterator[str]:
    """What counts for relevance, each once: `sign nato`, `title sides russia+west`, `term ~sanction` ..."""
    yield from _signs_and_sides("", signs.anywhere, topics.sides)
    yield from _signs_and_sides("title ", signs.title, topics.sides)
    grades = topics.grades_for(item, signs)
    yield f"grades {topics.grade(grades)}"
    yield from (f"grade {name}" for name in grades)
    yield from (f"title term {term}" for term in signs.title_terms)
    yield from (f"term {term}" for term in signs.terms)
    in_title = set(_stems(item.words.title))
    yield from (f"title word {stem}" for stem in in_title)
    yield from (f"word {stem}" for stem in in_title.union(_stems(item.words.summary)))


def _signs_and_sides(where: str, signs: frozenset[str], sides: Mapping[str, frozenset[str]]) -> Iterator[str]:
    actors = "+".join(side for side, members in sides.items() if not members.isdisjoint(signs)) or "nobody"
    yield f"{where}sides {actors}"
    for sign in signs:
        yield f"{where}sign {sign}"
        yield f"{where}pair {actors}/{sign}"


def _stems(words: tuple[Word, ...]) -> Iterator[str]:
    return (word.stem for word in words if len(word.stem) >= _SHORTEST and word.stem.isalpha())


def _logistic(score: float) -> float:
    return 1 / (1 + exp(min(-score, _LARGEST)))


def classifier_of(topics: Topics, weights: WeightsFile, core_from: CoreFrom) -> Classifier:
    """The classifier of topics.toml and relevance.json."""
    by_feature = {f"{kind} {name}": pair for kind, features in weights.root.items() for name, pair in features.items()}
    return Classifier(topics, by_feature, core_from.model_dump())
