"""What happens to a name much more often than usual, as far as headlines tell: a summit of NATO, strikes on Iran.

Terms that are common for two days only are evidence for one event, while their frequency speaks against it. So pairs of
a name and a thing are counted over these two days and held against how often either comes otherwise.
"""

from collections import Counter, deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import product
from math import log

from bot.core.language.lexicon import NAME, THING
from bot.core.stories.signature import IN_TITLE, Signature

WINDOW = timedelta(hours=48)

Pair = tuple[str, str]

_RARE = 3.0  # headlines in a thousand that a term is thought to be in, if the lexicon does not say
_BEFORE = 2000  # headlines that the usual shares seem to have been counted on
_KINSHIP = 4.0  # how much oftener two terms of one subject meet than by chance
_LEAST_EXPECTED = 0.3
_BURSTING = 2.5  # logarithm of how many times more than expected: twelve times
_MOST = 0.8  # with its weight less than the bias: an item must bring evidence of its own


class Bursts:
    """The pairs of the last two days; what is older becomes part of what is usual."""

    def __init__(self, usual: Mapping[str, float]) -> None:
        self._before = _BEFORE
        self._usual = Counter({term: round(share * _BEFORE / 1000) for term, share in usual.items()})
        self._headlines: deque[tuple[datetime, tuple[str, ...], tuple[str, ...]]] = deque()
        self._pairs: Counter[Pair] = Counter()

    def add(self, published: datetime, signature: Signature) -> None:
        """Take note of an item."""
        names, things = _names_and_things(signature)
        self._headlines.append((published, names, things))
        self._pairs.update(product(names, things))
        while published - self._headlines[0][0] > WINDOW:
            _, names, things = self._headlines.popleft()
            pairs = tuple(product(names, things))
            self._pairs.subtract(pairs)
            self._usual.update((*names, *things))
            self._before += 1
            for pair in pairs:
                if not self._pairs[pair]:
                    del self._pairs[pair]

    def of(self, signature: Signature) -> Mapping[Pair, float]:
        """The bursting pairs of an item's title, with how much they burst, up to 0.8."""
        bursting: dict[Pair, float] = {}
        for pair in product(*_names_and_things(signature)):
            if pair in self._pairs:
                by_chance = len(self._headlines) * self._share(pair[0]) * self._share(pair[1])
                excess = log((self._pairs[pair] + 1) / max(_KINSHIP * by_chance, _LEAST_EXPECTED)) - _BURSTING
                if excess > 0:
                    bursting[pair] = min(excess, _MOST)
        return bursting

    def _share(self, term: str) -> float:
        return max(self._usual[term] / self._before, _RARE / 1000)


def _names_and_things(signature: Signature) -> tuple[tuple[str, ...], tuple[str, ...]]:
    title = [term for term, value in signature.terms.items() if value == IN_TITLE]
    return tuple([term for term in title if term[0] == NAME]), tuple([term for term in title if term[0] == THING])
