"""Telegram's public previews of channels (t.me/s/NAME): the last twenty posts as a web page, no account needed."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.core.model import FeedEntry, Source
from bot.errors import ParseError
from bot.sources.base import Parsed
from bot.sources.parsing.dates import written_date
from bot.sources.parsing.decoding import text_of
from bot.sources.parsing.entries import headline, name_of, to_entry
from bot.sources.parsing.plain import plain_text

_POST = ".tgme_widget_message[data-post]"
# What a post says, the best first: its text, the question of a poll, the headline of a link without comment.
_TEXTS = (".tgme_widget_message_text.js-message_text", ".tgme_widget_message_poll_question", ".link_preview_title")
_LINE_END = re.compile(r"<br\s*/?>|</?(?:p|blockquote|pre)\b[^>]*>", re.IGNORECASE)
_NAME = re.compile(r"\w+/\d+")
_WORD = re.compile(r"(?<![#@\w])[^\W\d_]{2,}")


def parse_channel(body: bytes, source: Source, content_type: str | None) -> Parsed:
    """Reads a preview page; posts of nothing but pictures, and the channel's own notices, are left out.

    Raises ParseError.
    """
    text, _ = text_of(body, content_type)
    page = LexborHTMLParser(text)
    title = name_of(_text(page.root, ".tgme_channel_info_header_title")) if page.root else None
    posts = page.css(_POST)
    if not posts and not title:
        raise ParseError("this page shows no channel: it may be private, renamed, or closed to previews")
    entries = tuple(entry for post in posts if (entry := _entry(post, source)))
    return Parsed(entries=entries, title=title, problem=None if entries else "has no entries")


def _entry(post: LexborNode, source: Source) -> FeedEntry | None:
    name = post.attributes.get("data-post") or ""
    if "service_message" in (post.attributes.get("class") or "").split() or not _NAME.fullmatch(name):
        return None
    words = next((node for selector in _TEXTS if (node := post.css_first(selector))), None)
    pieces = _LINE_END.split(words.html or "") if words is not None else []
    lines = [line for piece in pieces if (line := plain_text(piece))]
    if not lines:
        return None
    first = next((index for index, line in enumerate(lines) if _WORD.search(line)), 0)  # after marks, emoji, hashtags
    # The first line if it is a headline, else its first sentence, and then all of the text.
    title = headline(lines[first])
    rest = lines[first + 1 :] if title == lines[first] else lines[first:]
    time = post.css_first(".tgme_widget_message_date time[datetime]")
    address = f"https://t.me/{name}"
    return to_entry(
        title=title,
        summary=" ".join(rest),
        guid=address,
        link=address,
        base=source.url,
        published=written_date(time.attributes.get("datetime") or "") if time else None,
        outlet=_text(post, ".tgme_widget_message_forwarded_from_name") or None,
    )


def _text(node: LexborNode, selector: str) -> str:
    found = node.css_first(selector)
    return plain_text(found.html or "") if found is not None else ""
