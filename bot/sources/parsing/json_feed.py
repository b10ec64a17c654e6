"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), which feedparser does not read."""

import json
from collections.abc import Mapping
from typing import Any

from bot.core.model import Source
from bot.errors import ParseError
from bot.sources.base import MOST_ENTRIES, Parsed
from bot.sources.parsing.dates import written_date
from bot.sources.parsing.entries import name_of, to_entry

_Item = Mapping[str, Any]


def parse_json_feed(text: str, source: Source) -> Parsed:
    """Reads a JSON Feed; raises ParseError. What a field should not hold (numbers for texts ...) is passed over."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError("this is broken JSON, not a feed") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise ParseError("this is JSON, but not a JSON Feed")
    entries = (
        to_entry(
            title=_text(item, "title"),
            summary=_text(item, "summary") or _text(item, "content_text") or _text(item, "content_html"),
            guid=str(item["id"]) if isinstance(item.get("id"), str | int) else None,
            link=_text(item, "url") or _text(item, "external_url"),
            base=source.url,
            published=written_date(_text(item, "date_published") or _text(item, "date_modified")),
        )
        for item in items[:MOST_ENTRIES]
        if isinstance(item, dict)
    )
    found = tuple(entry for entry in entries if entry)
    return Parsed(entries=found, title=name_of(_text(feed, "title")), problem=None if found else "has no entries")


def _text(item: _Item, name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
