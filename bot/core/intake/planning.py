"""What one poll changes: items find their stories, stories come to a level, and both meet the rules.

A `Planner` decides with data alone; storage.updates.apply writes its plan in one transaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.core.intake.items import FIRST_FEEDS, is_identified_by_link, own_keys
from bot.core.message.blocks import text_of
from bot.core.model import Item, ItemId, Level, Relevance, RuleId, Story, StoryId
from bot.core.rules.index import RuleIndex
from bot.core.stories.corroboration import corroboration, coverage_of
from bot.core.stories.grouping import Draft, Label, NewStory
from bot.core.stories.levels import LevelRules, is_louder, level_of
from bot.core.titles.corrections import alike, is_retold, is_reversed

# An item so much older than the newest of its feed is an archive piece that the source has put back, or was published
# long ago while we were away: kept, not alerted.
ALERT_WINDOW = timedelta(hours=48)

# What is dated so shortly before an empty first answer may have been published after it: sites are slow, clocks differ.
EMPTY_MARGIN = timedelta(hours=1)

_RANK = {Relevance.NONE: 0, Relevance.RELATED: 1, Relevance.CORE: 2}

_UNSTORED = StoryId(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """An item that a key leads to; `title` is None when the item itself has been deleted since."""

    id: ItemId
    story: StoryId | None
    title: str | None
    summary: str | None
    url: str | None
    lead: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStory:
    """A story as it is stored; `ids` are those of its items, in their order."""

    story: Story
    ids: tuple[ItemId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item that its source has rewritten: the new wording for the old row.

    `before` is the old title where the new one does not tell the same; `reverses` says that the new one takes it back.
    """

    id: ItemId
    item: Item
    before: str | None = None
    reverses: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPlan:
    """What becomes of one story.

    `matches` are the rules to be told; `reason` says by which rule of levels.toml it came to its level now, if it did;
    `revised` says that alerts about it, as they were sent, no longer read right.
    """

    story: Label
    items: tuple[Item, ...]
    changes: tuple[Change, ...]
    matches: tuple[RuleId, ...]
    relevance: Relevance
    topics: tuple[str, ...]
    level: Level
    reason: str | None
    revised: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePlan:
    """All that one poll changes, applied in one transaction.

    `seen` are the keys that known items showed again; `keeps_ids` is what `ids_are_kept` found.
    """

    stories: tuple[StoryPlan, ...] = ()
    seen: tuple[tuple[bytes, ItemId], ...] = ()
    keeps_ids: bool = False

    @property
    def new_items(self) -> tuple[Item, ...]:
        """The items that were not known before."""
        return tuple(item for story in self.stories for item in story.items)


def most_relevant(relevances: Iterable[Relevance]) -> Relevance:
    """The nearest to our subject; NONE for no items."""
    return max(relevances, key=_RANK.__getitem__, default=Relevance.NONE)


def with_items(story: Story, items: Iterable[Item]) -> Story:
    """The story when it is told by all these items: as near to our subject as ever, its topics those of all of them."""
    told = tuple(sorted(items, key=lambda item: item.published))
    return replace(
        story,
        items=told,
        relevance=most_relevant([story.relevance, *(item.relevance for item in told)]),
        topics=tuple(dict.fromkeys([*story.topics, *(topic for item in told for topic in item.topics)])),
    )


def begun_by(items: Sequence[Item]) -> Story:
    """A story that these items begin; it has no id yet."""
    return with_items(Story(id=_UNSTORED, items=(), relevance=Relevance.NONE, topics=()), items)


def shown_again(items: Iterable[Item], known: Mapping[bytes, KnownItem]) -> frozenset[ItemId]:
    """The known items that a fetch shows under an id or a link of theirs."""
    return frozenset(known[key].id for item in items for key in own_keys(item) if key in known)


def ids_are_kept(items: Iterable[Item], known: Mapping[bytes, KnownItem], before: bool) -> bool:
    """Whether a source keeps both ids and links of its entries, by those of a fetch that are shown again.

    `before` is what was found earlier. One entry with a known title at its date, a new id and a new link proves
    nothing: it may be another article under that title. Several do, for each would have lost the entry of that title.
    """
    items = tuple(items)
    shown = shown_again(items, known)
    kept = lost = 0
    for item in items:
        own = [key in known for key in own_keys(item)]
        kept += bool(own) and all(own)
        titled = known.get(item.keys[-1])
        lost += bool(own) and not any(own) and titled is not None and titled.id not in shown
    return (kept > 0 or before) and lost <= 1


@dataclass(slots=True)
class _Draft:
    """A StoryPlan in the making."""

    items: list[Item] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    matches: dict[RuleId, None] = field(default_factory=dict)


class Planner:
    """A plan in the making: `place` each item, then run through `decide`; both in steps of some milliseconds.

    `known` covers the items' keys, `shown` is what `shown_again` found there; `reprinted` tells for addresses which
    recent story they belong to; `keeps_ids` that an id and a link never seen before are another article, unless its
    title has been there at that very time (see `ids_are_kept`).
    """

    def __init__(
        self,
        *,
        known: Mapping[bytes, KnownItem],
        reprinted: Mapping[str, StoryId],
        draft: Draft,
        shown: Set[ItemId] = frozenset(),
        keeps_ids: bool = False,
    ) -> None:
        self._known = known
        self._shown = shown
        self._reprinted: dict[str, Label] = dict(reprinted)
        self._grouping = draft
        self._drafts: dict[Label, _Draft] = {}
        self._keeps_ids = keeps_ids
        self._placed: set[bytes] = set()
        self._titles: set[str] = set()
        self._seen: dict[bytes, ItemId] = {}
        self._newest = FIRST_FEEDS
        self._plans: list[StoryPlan] = []

    @property
    def touched(self) -> tuple[StoryId, ...]:
        """The stored stories that something changes."""
        return tuple(label for label in self._drafts if not isinstance(label, NewStory))

    def place(self, item: Item) -> None:
        """Find out whether the item is new, or rewritten, and which story it belongs to."""
        if item.dated:  # a pinned entry of the future makes nothing else old
            self._newest = max(self._newest, item.published)
        if not self._placed.isdisjoint(own_keys(item) or item.keys):
            return  # the same entry twice in one fetch
        self._placed.update(item.keys)
        known = (self._known[key] for key in item.keys if key in self._known)
        same = (each for each in known if not self._is_another(each, item) and not self._is_namesake(each, item))
        before = next(same, None)
        if before is None:
            self._add(item)
        else:
            self._seen.update((key, before.id) for key in item.keys)
            if before.story is not None and (before.title, before.summary) != (item.title, item.summary):
                self._rewrite(before, before.story, item)

    def decide(
        self,
        stored: Mapping[StoryId, StoredStory],
        *,
        index: RuleIndex,
        levels: LevelRules,
        alerting: bool,
        now: datetime,
        empty_at: datetime | None = None,
    ) -> Iterator[None]:
        """Decide about one story after the other; `stored` has those that are `touched`.

        Without `alerting` (a source's first reading) everything is stored and no rule is told; but where the source was
        read before and found empty at `empty_at`, what gives a later date is news.
        """
        period = alert_period(self._newest, alerting=alerting, now=now, empty_at=empty_at)
        for label, draft in self._drafts.items():
            before = None if isinstance(label, NewStory) else stored.get(label)
            if before is None and not draft.items:
                continue  # its story has been deleted this very moment
            after = _story_after(before, draft)
            grade = level_of(after, levels, now)
            after = replace(after, level=grade.level)
            old = None if before is None else before.story
            yield from _match(draft, old, after, index, period)
            self._plans.append(
                StoryPlan(
                    story=label,
                    items=tuple(draft.items),
                    changes=tuple(draft.changes),
                    matches=tuple(draft.matches),
                    relevance=after.relevance,
                    topics=after.topics,
                    level=after.level,
                    reason=grade.rule.says if grade.rule else None,
                    revised=before is not None and _is_revised(before, after, draft.changes),
                )
            )

    def plan(self) -> UpdatePlan:
        """All that was decided."""
        return UpdatePlan(stories=tuple(self._plans), seen=tuple(self._seen.items()), keeps_ids=self._keeps_ids)

    def _is_namesake(self, before: KnownItem, item: Item) -> bool:
        """Whether only its title is known, with an id and a link of its own, and it is another article nevertheless.

        So it is where both are shown side by side; else in a source that keeps its ids, but for the same title at the
        same time of day: that is one entry, whose id and link have changed.
        """
        own = own_keys(item)
        if not own or not self._known.keys().isdisjoint(own):
            return False
        return before.id in self._shown or (self._keeps_ids and not item.timed)

    def _is_another(self, before: KnownItem, item: Item) -> bool:
        """Some sources give old ids or links to new articles.

        It is another article when its title has little of the old one, and its link or its id is new, too.
        """
        if before.title is None or alike(before.title, item.title):
            return False
        has_known_id = item.keys[0] in self._known and (
            not is_identified_by_link(item) or len(item.keys) > len(("url", "title"))
        )
        return before.url != item.url or not has_known_id

    def _add(self, item: Item) -> None:
        # A link that it shares with another article of its source makes it no reprint of that.
        shares_link = any(known.url == item.url for key in item.keys if (known := self._known.get(key)))
        address = item.url if is_identified_by_link(item) else None
        reprinted = self._reprinted.get(address) if address and not shares_link else None
        # Two articles that a fetch shows side by side are two, whatever is known of the source.
        is_own = bool(own_keys(item)) and (self._keeps_ids or item.title in self._titles)
        self._titles.add(item.title)
        label = self._grouping.assign(item, reprinted, is_own=is_own)
        if address:
            self._reprinted[address] = label
        self._drafts.setdefault(label, _Draft()).items.append(item)

    def _rewrite(self, before: KnownItem, story: StoryId, item: Item) -> None:
        lexicon = self._grouping.lexicon
        former = before.title
        if former is not None and is_retold(former, item.title, lang=item.lang, lexicon=lexicon):
            former = None
        reverses = former is not None and is_reversed(former, item.title, lang=item.lang, lexicon=lexicon)
        change = Change(id=before.id, item=item, before=former, reverses=reverses)
        self._drafts.setdefault(story, _Draft()).changes.append(change)


def _story_after(before: StoredStory | None, draft: _Draft) -> Story:
    if before is None:
        return begun_by(draft.items)
    rewritten = {change.id: change.item for change in draft.changes}
    # What is reworded keeps the dates when it was published and first seen.
    kept = [
        replace(rewritten[id_], published=item.published, first_seen=item.first_seen) if id_ in rewritten else item
        for id_, item in zip(before.ids, before.story.items, strict=True)
    ]
    return with_items(before.story, [*kept, *draft.items])


def alert_period(
    newest: datetime, *, alerting: bool, now: datetime, empty_at: datetime | None
) -> tuple[datetime, datetime] | None:
    """From when until before when a report must have been published to be news; None: none is."""
    since = newest - ALERT_WINDOW
    if alerting:
        return since, now + ALERT_WINDOW
    # What had no date has been given the present one.
    return None if empty_at is None else (max(since, empty_at - EMPTY_MARGIN), now)


def _match(
    draft: _Draft, before: Story | None, after: Story, index: RuleIndex, period: tuple[datetime, datetime] | None
) -> Iterator[None]:
    """Add the rules that are to be told, yielding after each item.

    What is new is matched; all that was told before only when the story has become louder, or for rules that hold
    since more publishers or sides tell it.
    """
    if period is None:
        return
    since, until = period
    coverage = coverage_of(after)
    written = [*draft.items, *(change.item for change in draft.changes)]
    for item in written:
        if since <= item.published < until and item.relevance is not Relevance.NONE:
            draft.matches.update(dict.fromkeys(index.matches(item, coverage)))
        yield
    if before is None or coverage == (previous := coverage_of(before)):
        return
    rose = is_louder(after.level, before.level)
    for item in before.items:
        if item.relevance is not Relevance.NONE:
            before_too = () if rose else index.matches(item, previous)
            draft.matches.update(dict.fromkeys(set(index.matches(item, coverage)).difference(before_too)))
        yield


def _is_revised(before: StoredStory, after: Story, changes: Sequence[Change]) -> bool:
    """Whether an alert about the story would read otherwise now."""
    titles = dict(zip(before.ids, (item.title for item in before.story.items), strict=True))
    is_retitled = any(titles.get(change.id) != change.item.title for change in changes)
    return is_retitled or _shown(before.story) != _shown(after)


def _shown(story: Story) -> tuple[object, ...]:
    return text_of(corroboration(story)), story.level, story.topics
