"""Telegram's HTML, read as strictly as the Bot API server reads it: what it would refuse is refused here, in its words.

https://core.telegram.org/bots/api#html-style
"""

import re
from dataclasses import dataclass
from html import unescape

TAGS = {"b": "bold", "i": "italic", "s": "strikethrough", "code": "code", "pre": "pre", "a": "text_link"}
ALONE = {"code", "pre"}

_TAG = re.compile(r"<(/?)([a-z-]*)((?:\s[^<>]*)?)>")
_HREF = re.compile(r'\s+href="([^"<>]*)"')
_SEEN_AS_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);", re.IGNORECASE)


class EntitiesError(Exception):
    """The text cannot be parsed; `str()` is the description that Telegram gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A stretch of the text, measured in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def parse(html: str) -> tuple[str, tuple[Entity, ...]]:
    """The text as it is shown and its entities. Raises EntitiesError."""
    text, at = "", 0
    open_tags: list[tuple[str, int, str | None]] = []
    entities: list[Entity] = []
    while at < len(html):
        if html[at] != "<":
            end = html.find("<", at)
            end = len(html) if end < 0 else end
            text += _unescaped(html[at:end])
            at = end
            continue
        tag = _TAG.match(html, at)
        place = len(html[:at].encode())
        if tag is None:
            raise EntitiesError(f"can't parse entities: Unclosed start tag at byte offset {place}")
        closing, name, attributes = tag.groups()
        if closing:
            entities.append(_closed(open_tags, name, text, place))
        else:
            open_tags.append((_allowed(name, open_tags, place), units(text), _link(name, attributes, place)))
        at = tag.end()
    if open_tags:
        raise EntitiesError(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{open_tags[-1][0]}\""
        )
    return text, tuple(entities)


def _unescaped(text: str) -> str:
    return _SEEN_AS_ENTITY.sub(lambda found: unescape(found.group()), text)


def _allowed(name: str, open_tags: list[tuple[str, int, str | None]], place: int) -> str:
    if name not in TAGS:
        raise EntitiesError(f'can\'t parse entities: Unsupported start tag "{name}" at byte offset {place}')
    around = {opened for opened, _, _ in open_tags}
    # Telegram would only drop a style here; to us it is a fault all the same.
    if around & ALONE or (around and name in ALONE):
        raise EntitiesError(f"can't parse entities: {name} within {around}")
    return name


def _link(name: str, attributes: str, place: int) -> str | None:
    href = _HREF.fullmatch(attributes)
    if name == "a" and href is None:
        raise EntitiesError(f"can't parse entities: a link without an address at byte offset {place}")
    if name != "a" and attributes:
        raise EntitiesError(f"can't parse entities: attributes at byte offset {place}")
    return _unescaped(href.group(1)) if href else None


def _closed(open_tags: list[tuple[str, int, str | None]], name: str, text: str, place: int) -> Entity:
    if not open_tags:
        raise EntitiesError(f"can't parse entities: Unexpected end tag at byte offset {place}")
    opened, start, url = open_tags.pop()
    if opened != name:
        raise EntitiesError(
            f"can't parse entities: Unmatched end tag at byte offset {place}, "
            f'expected "</{opened}>", found "</{name}>"'
        )
    return Entity(type=TAGS[name], offset=start, length=units(text) - start, url=url)
