"""How well items are graded that the model has not learnt from: splits by outlet and by time, F1, and simpler rivals.

Core is what is looked for. `F1 against none` leaves out the items that are labelled related; `against all the rest`
counts them as none.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import exp

from bot.core.model import Relevance
from bot.core.subject.config_models import BIAS
from tests.bench.train_relevance import Features, Labelled, Weights, train

CORE_FROM = 0.38  # of a general source in topics.toml
LATER = "2025-10"  # the month from which on the split by time tests

Split = Callable[[Labelled], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of the items: core ones found and missed, others taken for core."""

    found: int
    missed: int
    none_taken: int
    related_taken: int

    @property
    def against_none(self) -> float:
        """F1 of core, items labelled related left out."""
        return self._f1(self.none_taken)

    @property
    def against_rest(self) -> float:
        """F1 of core."""
        return self._f1(self.none_taken + self.related_taken)

    def _f1(self, taken: int) -> float:
        return 2 * self.found / max(1, 2 * self.found + self.missed + taken)

    def __str__(self) -> str:
        counts = f"found {self.found:3} missed {self.missed:3} none {self.none_taken:2} related {self.related_taken:2}"
        return f"{self.against_none:.3f}  {self.against_rest:.3f}   {counts}"


def counts(items: Sequence[Labelled], taken: Sequence[bool]) -> Counts:
    """Labels against verdicts."""
    of = [(labelled.relevance, core) for labelled, core in zip(items, taken, strict=True)]
    return Counts(
        found=of.count((Relevance.CORE, True)),
        missed=of.count((Relevance.CORE, False)),
        none_taken=of.count((Relevance.NONE, True)),
        related_taken=of.count((Relevance.RELATED, True)),
    )


def by_outlet(labelled: Labelled) -> str:
    """The large outlets each by themselves, the small ones together, those in Russian apart."""
    outlet = labelled.outlet if labelled.outlet in _LARGE else "others"
    return f"{labelled.item.lang} {outlet}"


_LARGE = frozenset({"bbc.com", "rt", "tass", "kremlin", "TASS", "RIA Novosti"})


def by_three(labelled: Labelled) -> str:
    """Outlets in three lots of like size: cheaper than `by_outlet`, and no outlet is in two of them."""
    return _LOTS.get(labelled.outlet, "third")


_LOTS = {"bbc.com": "first", "TASS": "first", "kremlin": "first", "rt": "second", "RIA Novosti": "second"}


def by_week(labelled: Labelled) -> str:
    """The week of an item of a whole week."""
    return labelled.week


def by_lot(labelled: Labelled) -> str:
    """Outlets in four lots by a hash of language and name."""
    return str(sha256(f"{labelled.item.lang}{labelled.outlet}".encode()).digest()[0] % 4)


def verdicts(
    items: Sequence[Labelled],
    features: Sequence[Features],
    more: Sequence[tuple[Labelled, Features]],
    split: Split,
) -> list[bool]:
    """For each item whether it is core, by weights learnt from the items of the other lots and from `more`."""
    lots = [split(labelled) for labelled in items]
    taken = [False] * len(items)
    for lot in sorted(set(lots)):
        weights = _learnt(items, features, more, [place for place, other in enumerate(lots) if other != lot])
        for place in (place for place, other in enumerate(lots) if other == lot):
            taken[place] = is_core(weights, features[place])
    return taken


def later_verdicts(
    items: Sequence[Labelled], features: Sequence[Features], more: Sequence[tuple[Labelled, Features]]
) -> Iterator[tuple[Labelled, bool]]:
    """The items from `LATER` on with verdicts by weights that were learnt from those before."""
    weights = _learnt(items, features, more, [place for place, of in enumerate(items) if of.month < LATER])
    for labelled, row in zip(items, features, strict=True):
        if labelled.month >= LATER:
            yield labelled, is_core(weights, row)


def _learnt(
    items: Sequence[Labelled],
    features: Sequence[Features],
    more: Sequence[tuple[Labelled, Features]],
    places: Iterable[int],
) -> Weights:
    pairs = [*((items[place], features[place]) for place in places), *more]
    return train([labelled for labelled, _ in pairs], [row for _, row in pairs])


def is_core(weights: Weights, features: Features) -> bool:
    """The verdict of a classifier with these weights on an item of a general source."""
    score = weights[BIAS][0] + sum(weights[name][0] for name in features if name in weights)
    return 1 / (1 + exp(-score)) >= CORE_FROM


def only(features: Sequence[Features], *kinds: str) -> list[Features]:
    """The features of these kinds (the first words of their names) alone."""
    return [tuple(name for name in row if name.removeprefix("title ").split(" ")[0] in kinds) for row in features]


def by_rules(features: Iterable[Features]) -> list[bool]:
    """What the rules of the grades say without any weights."""
    return ["grades core" in row for row in features]


def by_keywords(features: Iterable[Features]) -> list[bool]:
    """Russia (or Belarus) and NATO or the West both named."""
    return [
        any(name.startswith("sides russia") and ("nato" in name or "west" in name) for name in row) for row in features
    ]
