"""The JSON search of nato.int, which took the place of its feeds in 2025.

`{"numberOfPages": n, "pages": [{"title", "description", "link", "pageDate": "07 July 2026"}]}`: links are relative to
the site, dates have no time of day.
"""

import json

from bot.core.model import Source
from bot.errors import ParseError
from bot.sources.base import MOST_ENTRIES, Parsed
from bot.sources.parsing.dates import written_date
from bot.sources.parsing.decoding import text_of
from bot.sources.parsing.entries import to_entry


def parse_search_page(body: bytes, source: Source, content_type: str | None) -> Parsed:
    """Reads one page of results; raises ParseError."""
    text, _ = text_of(body, content_type)
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError("this is not the JSON that the site's search gives") from error
    pages = answer.get("pages") if isinstance(answer, dict) else None
    if not isinstance(pages, list):
        raise ParseError("this JSON has no list of pages: the site's search has changed")
    entries = []
    for page in pages[:MOST_ENTRIES]:
        if isinstance(page, dict):
            texts = (str(page.get(name) or "") for name in ("title", "description", "link", "pageDate"))
            title, summary, link, date = texts
            entry = to_entry(title=title, summary=summary, link=link, base=source.url, published=written_date(date))
            entries += [entry] if entry else []
    return Parsed(entries=tuple(entries), problem=None if entries else "has no entries")
