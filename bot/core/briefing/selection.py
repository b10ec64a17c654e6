"""The briefing: what a period brought, in sentences of the outlets themselves, told from each side.

Nothing is invented: every sentence is printed as its source wrote it, beside who wrote it.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cached_property
from heapq import nlargest
from itertools import islice, tee
from math import log2
from operator import itemgetter

from bot.core.briefing.centrality import (
    Centrality,
    Sentence,
    SourceText,
    capitals_in,
    central_names,
    sentences_of,
    stems_of,
)
from bot.core.language.sentences import LONGEST, can_stand
from bot.core.message.splitting import units
from bot.core.model import Item, Level, Relevance, Story
from bot.core.sides import NATO_FRONT, RUSSIAN_FRONT, Front, Group
from bot.core.stories.corroboration import group_of, publishers_of, vouched
from bot.core.titles.reading import Genre

MOST_QUOTES = 4
FEWEST_QUOTES = 2
READERS_LANG = "en"

# Of a story that very many tell, the newest reports say enough.
_REPORTS_READ = 20
# How far down its list a section looks when what is above was told already or has no sentence to show.
_STORIES_READ = 60
# Sentences that share more of their words than this say the same.
_ALIKE = 0.6

# Words that a sentence shares with its title, if it tells the same; else it leans on the title, not understood without.
_FEWEST_SHARED = 2

_DIPLOMACY = frozenset({"diplomacy", "guarantees"})
_LOUD = {Level.NORMAL: 0.0, Level.MAJOR: 2.0, Level.BREAKING: 4.0}
# What a section takes from another's field only if it has little of its own.
_NOT_ITS_FIELD = 0.5
# How much a media report counts as the voice of its side, beside the side's own governments.
_MEDIA = 0.5


class _Form(IntEnum):
    """What may tell a story, worst first."""

    ASIDE = 0  # a sentence that leans on its title
    TITLE = 1
    SENTENCE = 2


# Whether it has the words that were asked for, is about our subject itself, and in a language that readers know; then
# whose voice it is, and its form.
_Rank = tuple[bool, bool, bool, bool, float, _Form]

Reports = Callable[[Story], Sequence[Item]]
"""The reports of a story that may be quoted."""

Named = Callable[[Story], Set[str]]
"""The stems of the words for which a story was chosen; none: for what it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A sentence of an item, or its title, that tells a story."""

    story: Story
    item: Item
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the briefing, most important first.

    Of one that is empty, `stories` are those that belong here, and `elsewhere` what other sections quote of their news.
    """

    title: str
    quotes: tuple[Quote, ...]
    stories: int
    elsewhere: tuple[Quote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Stories of a period: all, the breaking ones, and those that publishers of each group tell."""

    stories: int
    breaking: int
    groups: Mapping[Group, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """A period in four sections, beside the one before; `before` is None if nothing is known of that."""

    period: timedelta
    tally: Tally
    before: Tally | None
    sections: tuple[Section, ...]

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """All quotes, in the order in which they are told and numbered."""
        return tuple([quote for section in self.sections for quote in section.quotes])


@dataclass(frozen=True, slots=True, kw_only=True)
class _SectionKind:
    """What a section tells: how much a story belongs to it (0: not at all), and whose words it takes (empty: any)."""

    title: str
    fit: Callable[["_ToldStory"], float]
    voices: Mapping[Group, float]


def on_subject(story: Story) -> Sequence[Item]:
    """The reports that are about our subject or touch it: a story may have others."""
    return [item for item in story.items if item.relevance is not Relevance.NONE]


def unnamed(_story: Story) -> Set[str]:
    """For stories that no words were asked of."""
    return frozenset()


def briefing(
    stories: Sequence[Story],
    *,
    before: Sequence[Story],
    now: datetime,
    period: timedelta,
    reports: Reports = on_subject,
    named: Named = unnamed,
    langs: Container[str] = (),
) -> Briefing:
    """The briefing of the stories of the last `period`, for who reads these languages (none: what most readers do);
    `before` are those of the period before it.

    A story is told by its reports of the period, in a sentence with the words that were asked for if there is one. No
    story and no sentence is told twice.
    """
    readings = [_ToldStory(story, now - period, reports, named, langs or (READERS_LANG,)) for story in stories]
    weighed = [(_importance(reading, now, period), reading) for reading in readings]
    queues = [_Queue(kind, weighed) for kind in _KINDS]
    hands = _dealt(queues)
    sections = []
    for queue, hand in zip(queues, hands, strict=True):
        ids = {reading.story.id for reading in queue.readings}
        others = () if hand else [quote for other in hands for quote in other]
        elsewhere = [quote for quote in others if quote.story.id in ids or not _is_new(quote, queue.quotes())]
        sections.append(Section(title=queue.title, quotes=hand, stories=len(ids), elsewhere=tuple(elsewhere)))
    return Briefing(
        period=period,
        tally=tally(stories),
        before=tally(before) if before else None,
        sections=tuple(sections),
    )


def tally(stories: Iterable[Story]) -> Tally:
    """The numbers of a period."""
    groups = dict.fromkeys(Group, 0)
    count = breaking = 0
    for story in stories:
        count += 1
        breaking += story.level is Level.BREAKING
        for group in set(map(group_of, vouched(story.items) or story.items)):
            groups[group] += 1
    return Tally(stories=count, breaking=breaking, groups=groups)


class _Queue:
    """What a section would tell, most important first."""

    def __init__(self, kind: _SectionKind, weighed: Iterable[tuple[float, "_ToldStory"]]) -> None:
        fitting = [(weight * kind.fit(reading), reading) for weight, reading in weighed]
        told = nlargest(_STORIES_READ, (each for each in fitting if each[0] > 0), key=itemgetter(0))
        self.title = kind.title
        self.readings = [reading for _, reading in told]
        self._quotes = _quotes(self.readings, kind.voices)

    def quotes(self) -> Iterator[Quote]:
        """From the first; each is looked for once, when it is first asked for."""
        self._quotes, again = tee(self._quotes)
        return again


def _dealt(queues: Sequence[_Queue]) -> Sequence[tuple[Quote, ...]]:
    """What each section tells. The first, to which all news belongs, takes the most important, unless that leaves
    another with less than enough: then whoever has the least to choose from chooses first.
    """
    first, *others = range(len(queues))
    scarcest = sorted((*others, first), key=lambda place: len(queues[place].readings))
    fair = _in_turns(queues, scarcest)
    hands = _in_turns(queues, [first, *(place for place in scarcest if place != first)])
    enough = all(len(hands[place]) >= min(len(fair[place]), FEWEST_QUOTES) for place in others)
    return hands if enough else fair


def _in_turns(queues: Sequence[_Queue], order: Sequence[int]) -> Sequence[tuple[Quote, ...]]:
    """The queues' quotes, dealt in turns, so that no section eats up what belongs to another."""
    left = [queue.quotes() for queue in queues]
    hands: list[list[Quote]] = [[] for _ in queues]
    for _ in range(MOST_QUOTES):
        for place in order:
            told = [quote for hand in hands for quote in hand]
            hands[place].extend(islice((quote for quote in left[place] if _is_new(quote, told)), 1))
    return [tuple(hand) for hand in hands]


def _importance(reading: "_ToldStory", now: datetime, period: timedelta) -> float:
    """Louder, more widely told, nearer to our subject, newer."""
    story = reading.story
    age = (now - max(item.published for item in story.items)) / period
    return (
        _LOUD[story.level]
        + log2(1 + len(reading.publishers))
        + len(set(map(group_of, reading.publishers))) / 2
        + (story.relevance is Relevance.CORE)
        + max(0.0, 1 - age) / 2
    )


def _is_diplomacy(reading: "_ToldStory") -> bool:
    return not _DIPLOMACY.isdisjoint(reading.story.topics)


def _told_by(front: Front) -> _SectionKind:
    """A section of stories that a front's own voices tell: the more of their publishers, the more it fits."""
    voices = {group: _MEDIA if group is Group.WEST else 1.0 for group in front.groups}

    def fit(reading: "_ToldStory") -> float:
        share = sum([voices.get(group_of(item), 0.0) for item in reading.publishers]) / len(reading.publishers)
        field = _NOT_ITS_FIELD if _is_diplomacy(reading) else 1.0
        return field * (1 + share) / 2 if share else 0.0

    return _SectionKind(title=front.name, fit=fit, voices=voices)


_KINDS = (
    _SectionKind(
        title="Latest developments",
        fit=lambda reading: _NOT_ITS_FIELD if _is_diplomacy(reading) else 1.0,
        voices={},
    ),
    *map(_told_by, (NATO_FRONT, RUSSIAN_FRONT)),
    _SectionKind(
        title="Diplomacy and de-escalation",
        fit=lambda reading: float(_is_diplomacy(reading)),
        voices={},
    ),
)


def _quotes(readings: Iterable["_ToldStory"], voices: Mapping[Group, float]) -> Iterator[Quote]:
    """What tells each story best; first of all those that it tells in the words that were asked for."""
    others: list[Quote] = []
    for reading in readings:
        if best := _best(reading, voices):
            quote = Quote(story=reading.story, item=reading.items[best.report], text=best.text)
            if reading.is_asked(best):
                yield quote
            else:
                others.append(quote)
    yield from others


def _best(reading: "_ToldStory", voices: Mapping[Group, float]) -> Sentence | None:
    """What tells a story best in one of these voices; None if none of their sentences or titles can be shown alone."""
    ranked: dict[_Rank, list[Sentence]] = {}
    for form, sentence in reading.candidates:
        item = reading.items[sentence.report]
        if not voices or group_of(item) in voices:
            is_core, is_read = item.relevance is Relevance.CORE, item.lang in reading.langs
            # Where no side is asked for, what happened is told before it is denied.
            is_told = bool(voices) or item.reading.reports
            rank = reading.is_asked(sentence), is_core, is_told, is_read, voices.get(group_of(item), 0.0), form
            ranked.setdefault(rank, []).append(sentence)
    if not ranked:
        return None
    (best,) = reading.centrality.most_central(ranked[max(ranked)], 1)
    return best


class _ToldStory:
    """A story with what several sections ask of it, found out once; it is told by its reports `since` then."""

    def __init__(self, story: Story, since: datetime, reports: Reports, named: Named, langs: Container[str]) -> None:
        self.story = story
        self.langs = langs
        self._since = since
        self._reports = reports
        self._named = named

    @cached_property
    def publishers(self) -> Sequence[Item]:
        """The first report of each."""
        return tuple(publishers_of(self.story.items).values())

    @cached_property
    def items(self) -> Sequence[Item]:
        """The reports that are read: no views of their authors, and no observers where somebody else tells it."""
        recent = [item for item in self._reports(self.story) if item.published >= self._since]
        told = [item for item in recent if item.reading.genre is not Genre.OPINION]
        return sorted(vouched(told) or told, key=lambda item: item.published)[-_REPORTS_READ:]

    @cached_property
    def named(self) -> Set[str]:
        """The stems of the words that were asked for."""
        return self._named(self.story)

    @cached_property
    def texts(self) -> Sequence[SourceText]:
        """Titles and texts of these reports."""
        return [SourceText(item.title, item.text, item.lang) for item in self.items]

    @cached_property
    def centrality(self) -> Centrality:
        """What the words of these reports are worth."""
        return Centrality(self.texts)

    @cached_property
    def candidates(self) -> Sequence[tuple[_Form, Sentence]]:
        """Whole sentences and telling titles that name whom or what the story is about."""
        found: list[tuple[_Form, Sentence]] = []
        titles = [stems_of(item.title, item.lang) for item in self.items]
        for sentence in sentences_of(self.texts):
            if can_stand(sentence.text, sentence.lang) and units(sentence.text) <= LONGEST:
                tells_the_title = len(sentence.stems & titles[sentence.report]) >= _FEWEST_SHARED
                found.append((_Form.SENTENCE if tells_the_title else _Form.ASIDE, sentence))
        for place, item in enumerate(self.items):
            if item.reading.tells and units(item.title) <= LONGEST:
                found.append((_Form.TITLE, Sentence(place, 0, item.title, item.lang)))
        central = central_names(self.texts)
        return [
            each for each in found if not central or not central.isdisjoint(capitals_in(each[1].text, each[1].lang))
        ]

    def is_asked(self, sentence: Sentence) -> bool:
        """Whether a sentence has a word that was asked for, or none was."""
        return not self.named or not sentence.stems.isdisjoint(self.named)


def _is_new(quote: Quote, told: Iterable[Quote]) -> bool:
    """Whether neither its story is told already nor, by other reports that were not grouped with it, its news."""
    stems = stems_of(quote.text, quote.item.lang)
    for other in told:
        others = stems_of(other.text, other.item.lang)
        if quote.story.id == other.story.id or len(stems & others) > _ALIKE * min(len(stems), len(others)):
            return False
    return True
