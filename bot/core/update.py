"""What the entries of a feed are as items: their identity, their dates, their words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from operator import gt, lt

from bot.core.model import FeedEntry, Item, PublisherKind, Source, SourceId
from bot.core.text import title_key, words_of
from bot.core.urls import canonical_url

# Clocks of publishers run ahead by minutes; a later date is a mistake.
CLOCK_SKEW = timedelta(minutes=10)

# No feed is older: an earlier date is a default (1970) or a typing error.
FIRST_FEEDS = datetime(1999, 1, 1, tzinfo=UTC)

MIDNIGHT = time(tzinfo=UTC)

LONGEST_TITLE = 500
LONGEST_SUMMARY = 2000


def to_items(source: Source, entries: Sequence[FeedEntry], now: datetime) -> tuple[Item, ...]:
    """The entries of one fetch as items, not yet classified, the oldest first: so they are grouped, and told."""
    # Ids and links that several entries of one fetch share identify none of them.
    guids = Counter(entry.guid for entry in entries)
    links = Counter(entry.link for entry in entries)
    return _oldest_first(
        [
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
        ]
    )


def _oldest_first(items: Sequence[Item]) -> tuple[Item, ...]:
    """By date; those of one moment (of a day alone, or without a date) the other way round than they are listed.

    For feeds list the newest first, unless their dates show that they do not.
    """
    dates = [item.published for item in items if item.published < item.first_seen]
    rises, falls = (sum(map(compare, dates[1:], dates)) for compare in (gt, lt))
    return tuple(sorted(items if rises > falls else reversed(items), key=lambda item: item.published))


def _to_item(source: Source, entry: FeedEntry, now: datetime) -> Item:
    title, summary = entry.title[:LONGEST_TITLE], entry.summary[:LONGEST_SUMMARY]
    # Any other source speaks for itself alone: else a blog could pass as six publishers who confirm one another.
    outlet = entry.outlet if source.publisher_kind is PublisherKind.AGGREGATOR else None
    return Item(
        keys=identity_keys(source.id, entry),
        source=source.id,
        source_name=outlet or source.name,
        publisher=title_key(outlet) if outlet else source.publisher,
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


def digest(*parts: str) -> bytes:
    """16 bytes that stand for the parts; the parts cannot run into each other."""
    return blake2b("\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
