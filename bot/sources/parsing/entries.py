"""From an entry's own words to a FeedEntry: plain text, an absolute link, a title in any case."""

import re
from datetime import datetime
from functools import cache
from urllib.parse import urljoin

from bot.core.intake.urls import shown_url
from bot.core.language.detection import language_in
from bot.core.language.language import ANY, Languages, languages
from bot.core.language.sentences import sentences_in
from bot.core.language.text import clean
from bot.core.model import FeedEntry
from bot.sources.parsing.plain import plain_text

_LONGEST_HEADLINE = 140
_LONGEST_GUID = 500
_LONGEST_NAME = 80
_SHORTEST_HEADLINE = 20
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
    heading = plain_text(title)
    if name:
        # Aggregators append " - Outlet" to the titles of others.
        heading = heading.removesuffix(f" - {name}")
    text = _CUT_MARK.sub(" …", _tail(languages()).sub("", plain_text(summary))).strip()
    if not heading:
        heading = headline(text)
    if not heading:
        return None
    try:
        address = shown_url(urljoin(base, link.strip())) if link and link.strip() else None
    except ValueError:
        address = None
    return FeedEntry(
        title=heading,
        summary="" if text in {heading, f"{heading} {name}", f"{heading} - {name}"} else text,
        guid=clean(guid or "")[:_LONGEST_GUID] or None,
        link=address,
        published=published,
        outlet=name,
    )


@cache
def _tail(found: Languages) -> re.Pattern[str]:
    """What content systems add to each summary, and says nothing of it."""
    more = [each for language in found.by_code.values() for each in language.sentences.read_more]
    return re.compile(
        r"\s*(?:The post .{1,300} (?:appeared first|first appeared) on .{1,100}"
        rf"|(?:{'|'.join(more) or '(?!)'})\W{{0,4}})$"
    )


def name_of(text: str) -> str | None:
    """What a feed or a paper calls itself, as plain text; None if it does not."""
    return plain_text(text)[:_LONGEST_NAME].rstrip() or None


def headline(text: str) -> str:
    """The first sentence of a plain text, or as many whole words as a headline holds."""
    start = ""
    for sentence in sentences_in(text, language_in(text, ANY, mixes=True)):
        start = f"{start} {sentence}".lstrip()
        if len(start) >= _SHORTEST_HEADLINE:
            break
    if len(start) <= _LONGEST_HEADLINE:
        return start
    return start[:_LONGEST_HEADLINE].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"
