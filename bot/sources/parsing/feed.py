"""Feeds: RSS 0.9x to 2.0, RDF, Atom through feedparser, and JSON Feed."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from heapq import nlargest
from typing import Any

import feedparser

from bot.core.model import FeedEntry, Source
from bot.errors import ParseError
from bot.sources.base import MOST_ENTRIES, Parsed
from bot.sources.parsing.dates import written_date
from bot.sources.parsing.decoding import harmless_xml, text_of
from bot.sources.parsing.entries import name_of, to_entry
from bot.sources.parsing.json_feed import parse_json_feed

# Our text is always UTF-8 by then; without this header feedparser would go by the document's first line.
_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(r"<([A-Za-z][\w.:-]*)")
_FEED = re.compile(r"<(?:rss|feed|rdf:RDF)[\s>]")
_ITEM = re.compile(r"<(?:item|entry)[\s>]")
# What describes a picture or a video (https://www.rssboard.org/media-rss): feedparser takes it for a description of
# the entry, so it gets another name.
_MEDIA = re.compile(r"""xmlns:([\w.-]{1,20})\s*=\s*["']http://search\.yahoo\.com/mrss/?["']""")
_CAPTION = "media_caption"
_NOT_WEB = re.compile(r"\s*(?!https?:)[A-Za-z][A-Za-z0-9+.-]*:", re.IGNORECASE)
_HEAD = 5000
_LATEST = datetime.max.replace(tzinfo=UTC)

# What feedparser is known to raise on garbage: character references out of range, ports that are no numbers, ...
_STUMBLES = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

_Raw = dict[str, Any]


def parse_feed(body: bytes, source: Source, content_type: str | None) -> Parsed:
    """Reads a feed of any format; relative links are resolved against the source's address. Raises ParseError."""
    text, lie = text_of(body, content_type)
    text = text.lstrip()
    if not text:
        raise ParseError("the answer is empty")
    if text.startswith("{"):
        return parse_json_feed(text, source)
    head = _COMMENT.sub("", text[:_HEAD])
    root = _ROOT.search(head)
    if root is not None and root[1].lower() == "html" and not _FEED.search(head):
        raise ParseError("this is a web page, not a feed")
    try:
        return _parsed(harmless_xml(text), source, lie)
    except _STUMBLES as error:
        raise ParseError("this feed is too broken to read") from error


def _parsed(xml: str, source: Source, lie: str | None) -> Parsed:
    starts = [match.start() for match in _ITEM.finditer(xml)]
    if len(starts) > 2 * MOST_ENTRIES:
        # A whole archive: its first and its last items, for feedparser takes a millisecond for each.
        xml = xml[: starts[MOST_ENTRIES]] + xml[starts[-MOST_ENTRIES] :]
    media = "|".join({"media", *map(re.escape, _MEDIA.findall(xml))})
    xml = re.sub(rf"(</?(?:{media})):description(?=[\s>/])", r"\1:caption", xml)
    # Our own plain text does the work of sanitize_html and resolve_relative_uris; without them feedparser takes a
    # quarter of its time. Bytes only: it would open an address or a file name.
    result = feedparser.parse(xml.encode(), response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False)
    if not result.version and not result.entries:
        raise ParseError("this is not RSS, Atom or JSON Feed")
    title = name_of(dict.get(result.feed, "title") or "")
    raws: Sequence[_Raw] = result.entries
    if len(raws) > MOST_ENTRIES:
        # The newest, in the order of the feed; those without a date count as new.
        kept = nlargest(MOST_ENTRIES, range(len(raws)), key=lambda index: _published(raws[index]) or _LATEST)
        raws = [raws[index] for index in sorted(kept)]
    entries = tuple(entry for raw in raws if (entry := _entry(raw, source, title)))
    minutes = str(dict.get(result.feed, "ttl") or "").strip()
    ttl = timedelta(minutes=int(minutes)) if minutes.isdecimal() and 0 < int(minutes[:7]) < 10**6 else None
    problem = None
    if not entries:
        problem = "has no entries"
    elif result.bozo:
        problem = "the XML is broken; read as far as it goes"
    elif not any(entry.published for entry in entries):
        problem = "no entry has a date"
    return Parsed(entries=entries, ttl=ttl, title=title, problem=lie or problem)


def _entry(raw: _Raw, source: Source, feed_title: str | None) -> FeedEntry | None:
    content = next((part["value"] for part in _get(raw, "content") or () if part.get("value")), "")
    video = _text(raw, _CAPTION) if _get(raw, "yt_videoid") else ""  # YouTube describes its videos nowhere else
    # The paper that an aggregator names: <source> in RSS and Atom (Google News), <News:Source> (Bing).
    origin = _get(raw, "source")
    outlet = (_get(origin, "title") if isinstance(origin, dict) else None) or _get(raw, "news_source") or None
    link = _get(raw, "link")
    # An id is a link by default in RSS 2.0, even where it is plainly none, such as "12345".
    if _get(raw, "guidislink") and link == _get(raw, "id") and "/" not in link:
        link = None
    alternates = (each.get("href") for each in _get(raw, "links") or () if each.get("rel") == "alternate")
    return to_entry(
        title=_text(raw, "title") or _text(raw, "itunes_title"),
        summary=_get(raw, "summary") or content or video,
        guid=_get(raw, "id"),
        link=next((found for found in (link, *alternates) if found and not _NOT_WEB.match(found)), None),
        base=source.url,
        published=_published(raw),
        outlet=outlet if outlet != feed_title else None,
    )


def _get(raw: _Raw, name: str) -> Any:
    """A value under its own name: feedparser's dict answers some names with other values, and warns of it."""
    return dict.get(raw, name)


def _text(raw: _Raw, name: str) -> str:
    """Empty where an element that feedparser doesn't know has attributes: it keeps these instead."""
    value = _get(raw, name)
    return value if isinstance(value, str) else ""


def _published(raw: _Raw) -> datetime | None:
    texts = (_get(raw, name) for name in ("published", "updated", "created"))
    dates = (written_date(text) for text in texts if isinstance(text, str))
    return next((date for date in dates if date), None)
