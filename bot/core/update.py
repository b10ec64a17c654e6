"""What one poll changes: entries become items, items find their stories, stories meet the rules.

`plan_update` decides with data alone; storage.news.apply writes the plan in one transaction.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from bot.core.matcher import RuleIndex
from bot.core.model import FeedEntry, Item, ItemId, Relevance, RuleId, Source, SourceId, StoryId
from bot.core.stories import Recent, assign, digest, reprint_keys
from bot.core.text import title_key, words_in, words_of
from bot.core.urls import canonical_url

# An item so much older than the newest of its feed is an archive piece that the source has put back, or was published
# long ago while we were away: kept, not alerted.
ALERT_WINDOW = timedelta(hours=48)

# Clocks of publishers run ahead by minutes; a later date is a mistake.
CLOCK_SKEW = timedelta(minutes=10)

# No feed is older: an earlier date is a default (1970) or a typing error.
FIRST_FEEDS = datetime(1999, 1, 1, tzinfo=UTC)

MIDNIGHT = time(tzinfo=UTC)

LONGEST_TITLE = 500
LONGEST_SUMMARY = 2000

LIKENESS = 0.3

RANK = {Relevance.NONE: 0, Relevance.RELATED: 1, Relevance.CORE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """An item that a key leads to; `title` is None when the item itself has been deleted since."""

    id: ItemId
    story: StoryId | None
    title: str | None
    summary: str | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item that its source has rewritten: the new wording for the old row."""

    id: ItemId
    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPlan:
    """What becomes of one story: `story` is None for a new one; `matches` are the rules to be told."""

    story: StoryId | None
    items: tuple[Item, ...] = ()
    changes: tuple[Change, ...] = ()
    matches: tuple[RuleId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePlan:
    """All that one poll changes, applied in one transaction. `seen` are the keys that known items showed again."""

    stories: tuple[StoryPlan, ...] = ()
    seen: tuple[tuple[bytes, ItemId], ...] = ()

    @property
    def new_items(self) -> tuple[Item, ...]:
        """The items that were not known before."""
        return tuple(item for story in self.stories for item in story.items)


@dataclass(slots=True)
class _Draft:
    """A StoryPlan in the making; `None` for `story` marks a new one."""

    story: StoryId | None
    items: list[Item] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    matches: dict[RuleId, None] = field(default_factory=dict)

    def plan(self) -> StoryPlan:
        return StoryPlan(
            story=self.story, items=tuple(self.items), changes=tuple(self.changes), matches=tuple(self.matches)
        )


def to_items(source: Source, entries: Sequence[FeedEntry], now: datetime) -> tuple[Item, ...]:
    """The entries of one fetch as items, not yet classified."""
    # Ids and links that several entries of one fetch share identify none of them.
    guids = Counter(entry.guid for entry in entries)
    links = Counter(entry.link for entry in entries)
    return tuple(
        _to_item(
            source,
            replace(
                entry,
                guid=entry.guid if guids[entry.guid] == 1 else None,
                link=entry.link if links[entry.link] == 1 else None,
            ),
            now,
        )
        for entry in entries
    )


def _to_item(source: Source, entry: FeedEntry, now: datetime) -> Item:
    title, summary = entry.title[:LONGEST_TITLE], entry.summary[:LONGEST_SUMMARY]
    return Item(
        keys=identity_keys(source.id, entry),
        source=source.id,
        source_name=entry.outlet or source.name,
        publisher=title_key(entry.outlet) if entry.outlet else source.publisher,
        publisher_kind=source.publisher_kind,
        side=source.side,
        lang=source.lang,
        url=canonical_url(entry.link) if entry.link else None,
        title=title,
        summary=summary,
        published=plausible_date(entry.published, now),
        first_seen=now,
        words=words_of(title, summary),
    )


def identity_keys(source: SourceId, entry: FeedEntry) -> tuple[bytes, ...]:
    """What tells that an entry of the source is one that we have: its id, its link, or its title at its date.

    Each alone can change or lie (ids that change at every fetch, links with session numbers), so any one will do.
    An entry without id and link has its title alone, too: the date of such entries is often that of the fetch.
    """
    url = canonical_url(entry.link) if entry.link else None
    title, date = title_key(entry.title), entry.published.isoformat() if entry.published else ""
    parts = [("guid", entry.guid), ("url", url), ("title", f"{title}\x00{date}")]
    if not (entry.guid or url):
        parts.append(("title alone", title))
    return tuple(digest(source, name, value) for name, value in parts if value)


def plausible_date(published: datetime | None, now: datetime) -> datetime:
    """The date as published, or `now` where it is missing, in the future, or before there were feeds.

    Midnight of the last 24 hours stands for a day without a time of day (as nato.int dates): that is `now`, too.
    """
    if published is None or published < FIRST_FEEDS or published > now + CLOCK_SKEW:
        return now
    is_day_alone = published.timetz() == MIDNIGHT and now - published < timedelta(days=1)
    return now if is_day_alone else min(published, now)


def most_relevant(relevances: Iterable[Relevance]) -> Relevance:
    """The nearest to our subject; NONE for no items."""
    return max(relevances, key=RANK.__getitem__, default=Relevance.NONE)


def plan_update(
    *,
    items: Sequence[Item],
    known: Mapping[bytes, KnownItem],
    recent: Recent[StoryId],
    index: RuleIndex,
    alerting: bool,
) -> UpdatePlan:
    """The whole decision of one poll.

    `items` are classified; `known` and `recent` cover at least their keys; without `alerting` (a source's first poll)
    everything is stored and nobody is told.
    """
    newest = max((item.published for item in items), default=FIRST_FEEDS)
    since = newest - ALERT_WINDOW if alerting else None
    planner = _Planner(known=known, recent=recent, index=index, since=since)
    for item in items:
        planner.place(item)
    return planner.plan()


class _Planner:
    """A plan in the making; items published before `since` (all, when it is None) are told to nobody."""

    def __init__(
        self,
        *,
        known: Mapping[bytes, KnownItem],
        recent: Recent[StoryId],
        index: RuleIndex,
        since: datetime | None,
    ) -> None:
        self._known = known
        self._index = index
        self._since = since
        self._drafts: list[_Draft] = []
        self._by_story: dict[StoryId, _Draft] = {}
        self._recent: dict[bytes, tuple[_Draft, datetime]] = {
            key: (self._draft_of(story), seen) for key, (story, seen) in recent.items()
        }
        self._placed: set[bytes] = set()
        self._seen: dict[bytes, ItemId] = {}

    def place(self, item: Item) -> None:
        if not self._placed.isdisjoint(item.keys):
            return  # the same entry twice in one fetch
        self._placed.update(item.keys)
        before = self._known_as(item)
        if before is None:
            # A link that it shares with another article of its source makes it no reprint of that.
            shares_link = any(known.url == item.url for key in item.keys if (known := self._known.get(key)))
            self._add(item, shares_link=shares_link)
        else:
            self._seen.update((key, before.id) for key in item.keys)
            if before.story is not None and (before.title, before.summary) != (item.title, item.summary):
                self._rewrite(before.id, before.story, item)

    def plan(self) -> UpdatePlan:
        drafts = (draft for draft in self._drafts if draft.items or draft.changes)
        return UpdatePlan(stories=tuple(draft.plan() for draft in drafts), seen=tuple(self._seen.items()))

    def _known_as(self, item: Item) -> KnownItem | None:
        for key in item.keys:
            before = self._known.get(key)
            if before is not None and not self._is_another(before, item):
                return before
        return None

    def _is_another(self, before: KnownItem, item: Item) -> bool:
        """Some sources give old ids or links to new articles.

        It is another article when its title has little of the old one, and its link or its id is new, too.
        """
        if before.title is None or _alike(before.title, item.title):
            return False
        has_known_id = item.keys[0] in self._known and (item.url is None or len(item.keys) > len(("url", "title")))
        return before.url != item.url or not has_known_id

    def _draft_of(self, story: StoryId | None) -> _Draft:
        if story is not None and story in self._by_story:
            return self._by_story[story]
        draft = _Draft(story)
        self._drafts.append(draft)
        if story is not None:
            self._by_story[story] = draft
        return draft

    def _add(self, item: Item, *, shares_link: bool) -> None:
        draft = assign(replace(item, url=None) if shares_link else item, self._recent) or self._draft_of(None)
        draft.items.append(item)
        for key in reprint_keys(item):
            seen = self._recent[key][1] if key in self._recent else item.published
            self._recent[key] = (draft, max(seen, item.published))
        self._match(draft, item)

    def _rewrite(self, id_: ItemId, story: StoryId, item: Item) -> None:
        draft = self._draft_of(story)
        draft.changes.append(Change(id=id_, item=item))
        self._match(draft, item)

    def _match(self, draft: _Draft, item: Item) -> None:
        timely = self._since is not None and item.published >= self._since
        if timely and item.relevance is not Relevance.NONE:
            draft.matches.update(dict.fromkeys(self._index.matches(item)))


def _alike(one: str, other: str) -> bool:
    """Whether two titles can be wordings of one article: they share three in ten of their words."""
    ours, theirs = ({word.stem for word in words_in(title)} for title in (one, other))
    return ours == theirs or len(ours & theirs) >= LIKENESS * len(ours | theirs)
