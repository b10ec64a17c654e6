"""From an entry's own words to a FeedEntry: plain text, an absolute link, a title in any case."""

import re
from datetime import datetime
from urllib.parse import urljoin

from bot.core.intake.urls import shown_url
from bot.core.language.text import clean
from bot.core.model import FeedEntry
from bot.sources.parsing.plain import plain_text

_LONGEST_HEADLINE = 140
_LONGEST_GUID = 500
_LONGEST_NAME = 80
_SENTENCE = re.compile(r".{20,}?[.!?…](?=\s)")
# What content systems add to each summary, and says nothing of it.
_TAIL = re.compile(
    r"\s*(?:The post .{1,300} (?:appeared first|first appeared) on .{1,100}"
    r"|(?:Continue reading|Read more|Read the full story|Читать далее|Подробнее)\W{0,4})$"
)
_CUT_MARK = re.compile(r"\s*\[?(?:…|\.\.\.)\]?$")


def to_entry(
    *,
    title: str,
    base: str,
    summary: str = "",
    guid: str | None = None,
    link: str | None = None,
    published: datetime | None = None,
    outlet: str | None = None,
) -> FeedEntry | None:
    """An entry as published: texts may be HTML, `link` relative to `base`. None if there is no text at all.

    Without a title the start of the summary is the title.
    """
    name = name_of(outlet or "")
    heading = _without_outlet(plain_text(title), name)
    text = _CUT_MARK.sub(" …", _TAIL.sub("", plain_text(summary))).strip()
    if not heading:
        heading = headline(text)
    if not heading:
        return None
    return FeedEntry(
        title=heading,
        summary="" if _repeats(heading, text, name) else text,
        guid=clean(guid or "")[:_LONGEST_GUID] or None,
        link=_absolute(link, base),
        published=published,
        outlet=name,
    )


def name_of(text: str) -> str | None:
    """What a feed or a paper calls itself, as plain text; None if it does not."""
    return plain_text(text)[:_LONGEST_NAME].rstrip() or None


def headline(text: str) -> str:
    """The first sentence of a plain text, or as many whole words as a headline holds."""
    sentence = _SENTENCE.match(text)
    start = sentence[0] if sentence else text
    if len(start) <= _LONGEST_HEADLINE:
        return start
    return start[:_LONGEST_HEADLINE].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"


def _without_outlet(title: str, outlet: str | None) -> str:
    """Aggregators append " - Outlet" to the titles of others."""
    return title.removesuffix(f" - {outlet}") if outlet else title


def _repeats(title: str, summary: str, outlet: str | None) -> bool:
    return summary in {title, f"{title} {outlet}", f"{title} - {outlet}"}


def _absolute(link: str | None, base: str) -> str | None:
    try:
        return shown_url(urljoin(base, link.strip())) if link and link.strip() else None
    except ValueError:
        return None
