"""What the entries of a feed are as items: their identity, their dates, their words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from operator import gt, lt

from bot.core.intake.urls import canonical_url
from bot.core.language.detection import language_in
from bot.core.language.text import title_key, words_of
from bot.core.model import FeedEntry, Item, PublisherKind, Source, SourceId, SourceKind

# Clocks of publishers run ahead by minutes; a later date is a mistake.
CLOCK_SKEW = timedelta(minutes=10)

# No feed is older: an earlier date is a default (1970) or a typing error.
FIRST_FEEDS = datetime(1999, 1, 1, tzinfo=UTC)

MIDNIGHT = time(tzinfo=UTC)

LONGEST_TITLE = 500
LONGEST_SUMMARY = 2000


def to_items(source: Source, entries: Sequence[FeedEntry], now: datetime) -> tuple[Item, ...]:
    """The entries of one fetch as items, not yet classified, the oldest first: so they are grouped, and told."""
    # Ids and links that several entries of one fetch share identify none of them; the links are shown all the same.
    guids = Counter(entry.guid for entry in entries)
    pages = [canonical_url(entry.link) if entry.link else None for entry in entries]
    links = Counter(pages)
    items = []
    for entry, page in zip(entries, pages, strict=True):
        guid = entry.guid if guids[entry.guid] == 1 else None
        link, url = (page, page) if links[page] == 1 else (None, entry.link)
        title, summary = entry.title[:LONGEST_TITLE], entry.summary[:LONGEST_SUMMARY]
        lang = language_in(f"{title} {summary}", source.lang, mixes=source.kind is SourceKind.TELEGRAM_CHANNEL)
        # Any other source speaks for itself alone: else a blog could pass as six publishers who confirm one another.
        outlet = entry.outlet if source.publisher_kind is PublisherKind.AGGREGATOR else None
        items.append(
            Item(
                keys=identity_keys(source.id, replace(entry, guid=guid, link=link)),
                source=source.id,
                source_name=outlet or source.name,
                publisher=title_key(outlet) if outlet else source.publisher,
                publisher_kind=source.publisher_kind,
                side=source.side,
                lang=lang,
                url=url,
                title=title,
                summary=summary,
                published=plausible_date(entry.published, now),
                first_seen=now,
                dated=is_plausible(entry.published, now),
                timed=is_plausible(entry.published, now) and not is_day_alone(entry.published),
                words=words_of(title, summary, lang),
            )
        )
    return _oldest_first(items)


def _oldest_first(items: Sequence[Item]) -> tuple[Item, ...]:
    """By date; those of one moment (of a day alone, or without a date) the other way round than they are listed.

    For feeds list the newest first, unless their dates show that they do not.
    """
    dates = [item.published for item in items if item.published < item.first_seen]
    rises, falls = (sum(map(compare, dates[1:], dates)) for compare in (gt, lt))
    return tuple(sorted(items if rises > falls else reversed(items), key=lambda item: item.published))


def identity_keys(source: SourceId, entry: FeedEntry) -> tuple[bytes, ...]:
    """What tells that an entry of the source is one that we have: its id, its link, or its title at its date.

    Each alone can change or lie (ids that change at every fetch, links with session numbers), so any one will do.
    An entry without id and link has its title alone, too: the date of such entries is often that of the fetch.
    """
    title, date = title_key(entry.title), entry.published.isoformat() if entry.published else ""
    keys = [digest(source, "guid", _secure(entry.guid))] if entry.guid else []
    keys += [_link_key(source, entry.link)] if entry.link else []
    keys.append(digest(source, "title", f"{title}\x00{date}"))
    return (*keys,) if entry.guid or entry.link else (*keys, digest(source, "title alone", title))


def is_identified_by_link(item: Item) -> bool:
    """Whether its link is the item's own: several items can share one, and show it all the same."""
    return item.url is not None and _link_key(item.source, item.url) in item.keys


def _link_key(source: SourceId, link: str) -> bytes:
    return digest(source, "url", _secure(link))


def _secure(address: str) -> str:
    """A site that goes over to https has written no new article."""
    return f"https:{address[5:]}" if address.startswith("http:") else address


def is_plausible(published: datetime | None, now: datetime) -> bool:
    """Whether a date can be true: neither missing, nor in the future, nor before there were feeds."""
    return published is not None and FIRST_FEEDS <= published <= now + CLOCK_SKEW


def own_keys(item: Item) -> tuple[bytes, ...]:
    """The keys of an item's id and of its link, where it has both; else none."""
    return item.keys[:2] if len(item.keys) == len(("id", "link", "title")) else ()


def plausible_date(published: datetime | None, now: datetime) -> datetime:
    """The date as published, or `now` where that can't be true.

    Midnight of the last 24 hours means a day without a time of day (as nato.int dates): that is `now`, too.
    """
    if published is None or not is_plausible(published, now):
        return now
    is_today = is_day_alone(published) and now - published < timedelta(days=1)
    return now if is_today else min(published, now)


def is_day_alone(published: datetime | None) -> bool:
    """Whether a date says only on which day: midnight means that."""
    return published is not None and published.timetz() == MIDNIGHT


def digest(*parts: str) -> bytes:
    """The parts as a hash of 16 bytes; they cannot run into each other."""
    return blake2b("\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
