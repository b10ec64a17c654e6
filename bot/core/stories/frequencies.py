"""What is remembered of terms, within bounds: in how many items each was, and in which stories that still run it is."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from math import log, sqrt
from typing import Generic, TypeVar

from bot.core.language.lexicon import NAME
from bot.core.stories.signature import NUMBER, SOUND, spoken_in

T = TypeVar("T")

# A name tells most; one that is only heard, and a number, tell less than a word.
_KINDS = {NAME: 1.17, SOUND: 0.6, NUMBER: 0.7}
_LEAST_WORTH = 0.05
_BEFORE = 60  # items that seem to have come before the first: or no word would tell anything at the start
_FEW = 64  # stories
_MOST_TERMS = 60_000  # some 8 MB; what is the rarest by then is as good as new
_LONGEST_MEMORY = 60_000  # items; then all frequencies are halved, so that old ones fade


class Frequencies:
    """In how many items each term was, so far."""

    def __init__(self) -> None:
        self._items = 0
        self._items_in: Counter[str] = Counter()  # by language
        self._with: Counter[str] = Counter()

    def add(self, terms: Iterable[str]) -> None:
        terms = tuple(terms)  # a mapping would be added up by its values
        self._with.update(terms)
        self._items += 1
        self._items_in.update(set(map(spoken_in, terms)) - {""})
        if self._items > _LONGEST_MEMORY:
            self._items //= 2
            self._items_in = Counter({lang: count // 2 for lang, count in self._items_in.items()})
            self._with = Counter({term: count // 2 for term, count in self._with.items() if count > 1})
        least = 1
        while len(self._with) > _MOST_TERMS:
            least += 1
            self._with = Counter({term: count for term, count in self._with.items() if count >= least})

    def __len__(self) -> int:
        """How many terms are remembered."""
        return len(self._with)

    def worth(self, term: str) -> float:
        """How much a term tells: its inverse document frequency among the texts that it can be in, by its kind.

        A term that nobody has used yet tells the same in all languages.
        """
        lang = spoken_in(term)
        could = (self._items_in[lang] if lang else self._items) + _BEFORE
        rarity = log(could / (self._with.get(term, 0) + 2)) / log(could / 2)
        return max(rarity * log((self._items + _BEFORE) / 2), _LEAST_WORTH) * _KINDS.get(term[:1], 1.0)


def lengths_of(worths: Mapping[str, float]) -> Mapping[str, float]:
    """The squared length of weighed terms by the language that they are of; see `spoken_in`."""
    lengths: dict[str, float] = {}
    for term, worth in worths.items():
        lang = spoken_in(term)
        lengths[lang] = lengths.get(lang, 0.0) + worth * worth
    return lengths


def length(ours: Mapping[str, float], theirs: Mapping[str, float]) -> float:
    """The product of two lengths, without the words that the other side, of another language, could not have had."""
    mine = sum(square for lang, square in ours.items() if not lang or lang in theirs)
    other = sum(square for lang, square in theirs.items() if not lang or lang in ours)
    return sqrt(mine * other) or 1.0


class Places(Generic[T]):
    """In which stories each term is. Most terms are in few, and a set takes 216 bytes for one of them."""

    def __init__(self) -> None:
        self._with: dict[str, tuple[T, ...] | set[T]] = {}

    def of(self, term: str) -> Collection[T]:
        """The stories with a term."""
        return self._with.get(term, ())

    def both(self, one: str, other: str) -> Iterable[T]:
        """The stories with two terms."""
        return common(self.of(one), self.of(other))

    def add(self, term: str, story: T) -> None:
        stories = self._with.get(term, ())
        if isinstance(stories, set):
            stories.add(story)
        elif story not in stories:
            self._with[term] = (*stories, story) if len(stories) < _FEW else {*stories, story}

    def discard(self, term: str, story: T) -> None:
        stories = self._with.get(term, ())
        if isinstance(stories, set) and len(stories) > 1:
            stories.discard(story)
        elif left := tuple([each for each in stories if each != story]):
            self._with[term] = left
        else:
            self._with.pop(term, None)


def common(ours: Collection[T], theirs: Collection[T]) -> Iterable[T]:
    """What is in both."""
    few, many = sorted((ours, theirs), key=len)
    many = many if isinstance(many, set) else frozenset(many)
    return [label for label in few if label in many]


def united(ours: frozenset[T], theirs: frozenset[T]) -> frozenset[T]:
    """What is in either; the very same set where it has all already."""
    return ours if theirs <= ours else theirs if ours <= theirs else ours | theirs
