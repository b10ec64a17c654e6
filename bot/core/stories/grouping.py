"""Which items report one event: each is put into a running story or begins one, in the order in which they come.

An item's evidence for a story is a handful of numbers (SIGNALS), summed up with weights; the best story gets the item
if the sum is positive. Frequencies of terms are learnt from the items themselves. Nothing is ever put elsewhere later,
for a story that has been told to people cannot be split or joined behind their backs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from heapq import nlargest
from math import log
from operator import mul
from types import MappingProxyType
from typing import Any

from bot.core.language.lexicon import Lexicon
from bot.core.model import Item, StoryId
from bot.core.stories.bursts import Bursts, Pair
from bot.core.stories.frequencies import Frequencies, Places, common, length, lengths_of, united
from bot.core.stories.signature import (
    IN_TITLE,
    Signature,
    counted_apart,
    nights_apart,
    places_apart,
    signature_of,
    spoken_in,
)

QUIET = timedelta(hours=72)  # after so long without an item a story is over
LONGEST = timedelta(days=5)  # from its first item on a story takes no more

# A title that its source prints again without a text is another event's after this time.
SAME_TITLE = timedelta(hours=12)

# Warnings of one publisher are one story from five to five o'clock (UTC): a night over Ukraine, or a day.
_WATCH, _EPOCH = timedelta(hours=12), datetime(2000, 1, 1, 5, tzinfo=UTC)

_DAY = timedelta(days=1)

# Rounded from climbs on labelled items (tests/bench/train_grouping.py); the bias is lower than is best for F1 there,
# for merging two events misinforms, while missing a report does not.
WEIGHTS: Mapping[str, float] = {
    "terms": 8.0,  # cosine of the item's terms with the story's
    "core": 2.6,  # share of the story's core that the item has
    "evidence": 0.8,  # how much is shared at all
    "title": 2.0,  # what tells most of what its title and the story share: 1 for a rare word
    "gap": -1.3,  # days since the story's last item
    "age": -0.15,  # days since its first
    "publisher": -0.8,  # the publisher has an item in it
    "burst": 4.0,  # both are about what happens to a name much more often than usual
    "bias": -7.0,
}
SIGNALS = tuple(WEIGHTS)

_FULL_WORTH = 5.0  # of a new word among the few hundred items that the weights were learnt on
_TELLING = 6  # shared terms that count as evidence: a long text shares something with every other
_CORE = 6  # terms of a story that most of its items share
_SHARE = 0.4  # of a story's items: what so many say is what it is about
_SELDOM = 0.1  # of its items: what fewer say is by the way
_RETOLD = 1 / 3  # of the terms of a text: a report that is printed again shares more with what it said before
_VISITS = 500  # stories looked up for an item, by its rarest terms first
_NEAR = 50  # of which its other terms are looked at
_CANDIDATES = 6  # of which weighed
_LARGEST = 2  # weighed too


_NONE: Mapping[str, Any] = MappingProxyType({})
_SUMS: dict[float, float] = {}  # halves, up to some hundreds: one object for each of the millions that are kept


def _none() -> Mapping[str, Any]:
    return _NONE


@dataclass(frozen=True, slots=True)
class NewStory:
    """A story of a draft that has no id yet: the first, second ... that the draft began."""

    number: int


Label = StoryId | NewStory


@dataclass(slots=True)
class _Profile:
    """What a story has said so far: `terms` are sums over the `count` items that lent it their words.

    `named` counts the titles that each country is in; `lengths` has the squared length of the weighed terms by language
    and is empty where they are to be weighed.
    """

    first: datetime
    last: datetime
    count: int = 0
    terms: dict[str, float] = field(default_factory=dict)
    # Thousands of stories run, most of one item: what is empty or the same in all of them is one object.
    counted: Mapping[str, frozenset[str]] = field(default_factory=_none)
    named: Mapping[str, int] = field(default_factory=_none)
    towns: frozenset[str] = frozenset()
    partners: frozenset[str] = frozenset()
    nights: frozenset[date] = frozenset()
    publishers: tuple[str, ...] = ()
    titles: tuple[int, ...] = ()  # as their sources printed them: see `printed`
    is_round_up: bool = False
    is_warning: bool = False
    core: Mapping[str, float] = field(default_factory=_none)
    lengths: Mapping[str, float] = field(default_factory=_none)

    def add(self, item: Item, signature: Signature) -> None:
        self.first, self.last = min(self.first, item.published), max(self.last, item.published)
        if item.publisher not in self.publishers:
            self.publishers += (item.publisher,)
        if (title := printed(item)) not in self.titles:
            self.titles += (title,)
        self.nights = united(self.nights, signature.nights)
        if self.count and not signature.lends:
            return
        self.is_round_up |= signature.is_round_up
        self.is_warning |= signature.is_warning
        self.count += 1
        if signature.countries:
            self.named = {**self.named, **{country: self.named.get(country, 0) + 1 for country in signature.countries}}
        self.towns = united(self.towns, signature.towns)
        self.partners = united(self.partners, signature.partners)
        if signature.counted:
            counted = {
                noun: united(self.counted.get(noun, ordinals), ordinals) for noun, ordinals in signature.counted.items()
            }
            self.counted = {**self.counted, **counted}
        for term, value in signature.terms.items():
            total = self.terms.get(term, 0.0) + value
            self.terms[term] = _SUMS.setdefault(total, total)
        self.lengths = _NONE

    def weigh(self, frequencies: Frequencies) -> None:
        """What is the same for all items that are held against the story, with frequencies as they are by now."""
        if self.lengths:
            return
        worths = {term: frequencies.worth(term) * value for term, value in self.terms.items()}
        shared = filter(self.is_about, self.terms)
        self.core = {term: worths[term] for term in nlargest(_CORE, shared, key=worths.__getitem__)}
        self.lengths = lengths_of(worths)

    def copy(self) -> "_Profile":
        return replace(self, terms=dict(self.terms))  # all else is replaced where it changes

    def shared(self, bursts: Mapping[Pair, float]) -> Mapping[Pair, float]:
        """Those of an item's bursting pairs that this story is about too."""
        return {pair: excess for pair, excess in bursts.items() if all(map(self.is_about, pair))}

    def is_about(self, term: str, share: float = _SHARE) -> bool:
        """Whether so many of its items say it."""
        return self.terms.get(term, 0.0) >= share * self.count

    def is_of_others(self, signature: Signature, parties: frozenset[str]) -> bool:
        """Whether the item names a country that the story never does, and leaves out one that the story is about."""
        others = signature.countries - self.terms.keys() - parties
        return bool(others) and any(
            titles >= _SHARE * self.count and country not in signature.terms and country not in parties
            for country, titles in self.named.items()
        )

    def is_with_others(self, signature: Signature, lexicon: Lexicon) -> bool:
        """Whether both tell of what two sides do, each with one that the other hardly names: Modi, and Trump."""
        ours, theirs = signature.partners, self.partners
        return (
            not (ours <= theirs or theirs <= ours)
            and not ours <= lexicon.sides_of(term for term in self.terms if self.is_about(term, _SELDOM))
            and not theirs <= lexicon.sides_of(signature.terms)
        )

    def is_other_under_title(self, item: Item, signature: Signature) -> bool:
        """Whether a source prints a title of this story again, on another article that reports something else.

        "Statement by the Council" tells nothing then; its text does, or time where there is none.
        """
        if printed(item) not in self.titles:
            return False
        text = [term for term, value in signature.terms.items() if value < IN_TITLE]
        text = [term for term in text if term not in signature.countries]
        if not text or self.terms.keys() <= signature.terms.keys() - set(text):  # one of both has no text to compare
            return item.published - self.last >= SAME_TITLE
        return sum(term in self.terms for term in text) < _RETOLD * len(text)

    def may_take(self, item: Item, signature: Signature, bursts: Mapping[Pair, float], lexicon: Lexicon) -> bool:
        """Whether nothing rules out that the item reports this story's event.

        `bursts` are the pairs that both are about. What happens to an alliance happens in many countries.
        """
        return not (
            item.published - self.last > QUIET
            or self.first - item.published > QUIET
            or item.published - self.first > LONGEST
            or self.is_round_up
            or self.is_warning
            or counted_apart(signature.counted, self.counted)
            or nights_apart(signature.nights, self.nights)
            or (not bursts and places_apart(signature.countries, self.named.keys()))
            or (
                lexicon.alliances.isdisjoint(name for name, _ in bursts)
                and self.is_of_others(signature, lexicon.parties)
            )
            or places_apart(signature.towns, self.towns)
            or self.is_with_others(signature, lexicon)
        )


def printed(item: Item) -> int:
    """The key of a title as a source printed it, within this run."""
    return hash((item.source, item.title))


Watch = tuple[str, int]
"""The publisher of a warning, and the number of the half day that it is of."""


def _watch(item: Item) -> Watch:
    return item.publisher, (item.published - _EPOCH) // _WATCH


class Grouper:
    """All stories that still run. Rebuilt after a start by `add`ing the stored items of the last days, oldest first."""

    def __init__(self, lexicon: Lexicon, weights: Mapping[str, float] = WEIGHTS) -> None:
        self.lexicon = lexicon
        self.weights = tuple(weights[signal] for signal in SIGNALS)
        self.frequencies = Frequencies()
        self.bursts = Bursts(lexicon.usual)
        self.profiles: dict[Label, _Profile] = {}
        self.warnings: dict[Watch, Label] = {}  # the story that warnings of a watch are put into
        self._stories_with: Places[Label] = Places()
        self._swept: datetime | None = None

    def draft(self) -> "Draft":
        """A place to assign items without changing anything here."""
        return Draft(self)

    def add(self, item: Item, story: StoryId) -> None:
        """Take note that an item is part of a story."""
        self._note(item, signature_of(item, self.lexicon), story)

    def accept(self, draft: "Draft", ids: Mapping[NewStory, StoryId]) -> None:
        """Take over what a draft assigned, now that it is stored and its new stories have ids."""
        for item, signature, label in draft.assigned:
            self._note(item, signature, ids[label] if isinstance(label, NewStory) else label)

    def candidates(self, signature: Signature, bursts: Mapping[Pair, float]) -> Iterable[Label]:
        """The stories that share most with an item, and the largest that are about what bursts."""
        shared = self._sharing(signature)
        about = {label for name, thing in bursts for label in self._stories_with.both(name, thing)}
        return dict.fromkeys([*shared, *nlargest(_LARGEST, about, key=lambda label: self.profiles[label].count)])

    def _sharing(self, signature: Signature) -> list[Label]:
        """Stories are looked up by the rarest terms; the others only tell which of those are nearest."""
        found: defaultdict[Label, float] = defaultdict(float)
        near: list[Label] | None = None
        visits = 0
        for count, term in sorted((len(self._stories_with.of(term)), term) for term in signature.terms):
            visits += count
            if not count:
                continue
            if near is None and visits > _VISITS and found:
                near = nlargest(_NEAR, found, key=found.__getitem__)
            stories = self._stories_with.of(term)
            gain = self.frequencies.worth(term) * signature.terms[term]
            # Of equals that comes first which a set has first, whatever the stories are kept in.
            for label in set(stories) if near is None else common(stories, near):
                found[label] += gain
        return nlargest(_CANDIDATES, found if near is None else near, key=found.__getitem__)

    def _note(self, item: Item, signature: Signature, story: StoryId) -> None:
        profile = self.profiles.get(story)
        if profile is None:
            profile = self.profiles[story] = _Profile(first=item.published, last=item.published)
        self.frequencies.add(signature.terms)
        self.bursts.add(item.published, signature)
        profile.add(item, signature)
        if signature.is_warning:
            self.warnings[_watch(item)] = story
        for term in profile.terms.keys() & signature.terms.keys():
            self._stories_with.add(term, story)
        now = item.published
        if self._swept is None or now - self._swept >= timedelta(hours=1):  # of the items' own time
            self._swept = now
            for label in [label for label, profile in self.profiles.items() if now - profile.last > QUIET]:
                for term in self.profiles.pop(label).terms:
                    self._stories_with.discard(term, label)
            self.warnings = {watch: label for watch, label in self.warnings.items() if label in self.profiles}


class Draft:
    """Items assigned to stories, among them new ones, before anything is stored; see `Grouper.accept`."""

    def __init__(self, grouper: Grouper) -> None:
        self._grouper = grouper
        self._profiles: dict[Label, _Profile] = {}
        self._warnings: dict[Watch, Label] = {}
        self._begun = 0
        self.assigned: list[tuple[Item, Signature, Label]] = []

    @property
    def lexicon(self) -> Lexicon:
        """By which items are read."""
        return self._grouper.lexicon

    def assign(self, item: Item, story: Label | None = None, *, is_own: bool = False) -> Label:
        """The story that the item belongs to; `story` where that is known already (a reprint).

        `is_own` tells that it is an article of its own, though its source may have printed its title before.
        """
        signature = signature_of(item, self._grouper.lexicon)
        label = self._best(item, signature, is_own=is_own) if story is None else story
        if label is None:
            self._begun += 1
            label = NewStory(self._begun)
        if label not in self._profiles:
            known = self._grouper.profiles.get(label)
            self._profiles[label] = known.copy() if known else _Profile(first=item.published, last=item.published)
        self._profiles[label].add(item, signature)
        if signature.is_warning:
            self._warnings[_watch(item)] = label
        self.assigned.append((item, signature, label))
        return label

    def _best(self, item: Item, signature: Signature, *, is_own: bool) -> Label | None:
        if signature.is_warning:
            watch = _watch(item)
            return self._warnings.get(watch, self._grouper.warnings.get(watch))
        if signature.is_round_up or not signature.terms:
            return None
        weighed = _WeighedItem(item, signature, self._grouper.frequencies)
        bursts = self._grouper.bursts.of(signature)
        scores = []
        for place, label in enumerate([*self._profiles, *self._grouper.candidates(signature, bursts)]):
            profile = self._profiles.get(label) or self._grouper.profiles[label]
            if is_own and profile.is_other_under_title(item, signature):
                continue
            shared = profile.shared(bursts)
            if profile.may_take(item, signature, shared, self._grouper.lexicon):
                signals = weighed.signals(profile, max(shared.values(), default=0.0))
                scores.append((float(sum(map(mul, self._grouper.weights, signals))), place, label))
        best = max(scores, default=None, key=lambda score: score[:1])
        return best[-1] if best and best[0] > 0 else None


class _WeighedItem:
    """An item with the worth of its terms, to be held against one story after the other."""

    def __init__(self, item: Item, signature: Signature, frequencies: Frequencies) -> None:
        self._item, self._signature, self._frequencies = item, signature, frequencies
        self._worths = {term: frequencies.worth(term) for term in signature.terms}
        self._scale = min(1.0, _FULL_WORTH / frequencies.worth(""))  # a long stream makes all words rarer
        self._title = {
            term: worth * self._scale / _FULL_WORTH
            for term, worth in self._worths.items()
            if signature.terms[term] == IN_TITLE
        }
        self._lengths = lengths_of({term: worth * signature.terms[term] for term, worth in self._worths.items()})

    def signals(self, profile: _Profile, burst: float) -> tuple[float, ...]:
        """The evidence that the item is of a story, in the order of SIGNALS."""
        item, signature = self._item, self._signature
        profile.weigh(self._frequencies)
        told = {
            term: worth * min(1.0, profile.terms[term] / profile.count)
            for term, worth in self._worths.items()
            if term in profile.terms
        }
        product = sum(
            worth * worth * signature.terms[term] * profile.terms[term]
            for term, worth in self._worths.items()
            if term in profile.terms
        )
        # A word of another language is none that the item could have had.
        core = {
            term: worth
            for term, worth in profile.core.items()
            if not (lang := spoken_in(term)) or lang in self._lengths
        }
        gap = max(item.published - profile.last, profile.first - item.published, timedelta(0))
        return (
            product / length(self._lengths, profile.lengths),
            sum(worth for term, worth in core.items() if term in told) / (sum(core.values()) or 1.0),
            log(1.0 + sum(nlargest(_TELLING, told.values())) * self._scale),
            max([worth for term, worth in self._title.items() if profile.is_about(term)], default=0.0),
            gap / _DAY,
            max(item.published - profile.first, timedelta(0)) / _DAY,
            float(item.publisher in profile.publishers),
            burst,
            1.0,
        )
