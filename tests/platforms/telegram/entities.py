"""What Telegram makes of a text by itself: mentions, commands, tags, addresses, numbers.

After its own finder (https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp), and stricter where that
looks things up: any ending of letters is a domain, any seven digits are the number of a telephone.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from tests.platforms.telegram.html import Entity, units

_ENDING = r"(?![\w/<>])"
_FINDERS = {
    "mention": re.compile(r"(?<!\w)@[A-Za-z0-9_]{2,32}(?!\w)"),
    "bot_command": re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?" + _ENDING),
    "hashtag": re.compile(r"(?<![\w\u200c\u00b7])#[\w\u200c\u00b7]*[^\W\d_][\w\u200c\u00b7]*(?!#)"),
    "cashtag": re.compile(r"(?<![\w$])\$(?:1INCH|[A-Z]{1,8})(?![\w$])"),
    "phone_number": re.compile(r"\+?\d(?:[ ()-]{0,2}\d){6,}"),
    "url": re.compile(r"(?i)(?:tg|ton|tonsite)://[a-z0-9_-]+"),
}
_PROTECTING = {"code", "pre"}


def found_in(text: str, entities: Sequence[Entity]) -> list[tuple[str, str]]:
    """The kind and the words of all that comes alive in a text beside the entities that were sent with it."""
    sent = [
        (entity.offset, entity.offset + entity.length)
        for entity in entities
        if entity.type in _PROTECTING or (entity.type == "text_link" and _is_taken(entity.url or ""))
    ]
    spans = [(kind, *found.span()) for kind, pattern in _FINDERS.items() for found in pattern.finditer(text)]
    spans += [("url", start, end) for start, end in _addresses(text)]
    return [
        (kind, text[start:end])
        for kind, start, end in spans
        if not any(units(text[:start]) < until and units(text[:end]) > since for since, until in sent)
    ]


def _is_taken(url: str) -> bool:
    """Links to hosts without a dot are dropped, and their words are looked through like any others."""
    host = urlsplit(url).hostname or ""
    return "." in host and "_" not in host


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    """Addresses of sites and of mail: what stands between signs that no domain has."""
    at = 0
    while at < len(text):
        end = at
        while end < len(text) and _may_be_in_domain(text[end]):
            end += 1
        host = text[at:end].strip(".").rpartition("@")[2]
        *_, last = labels = host.split(".")
        is_domain = len(last) > 1 and (last.isalpha() or last.lower().startswith("xn--"))
        is_address = len(labels) == 4 and all(label.isdecimal() and len(label) <= 3 for label in labels)
        if len(labels) > 1 and all(labels) and (is_domain or is_address or text[:at].endswith("://")):
            yield at, end
        at = end + 1


def _may_be_in_domain(sign: str) -> bool:
    if sign < "\u00c0":
        return sign.isascii() and (sign.isalnum() or sign in "._~-@")
    if "\u2000" <= sign <= "\u206f":
        return sign in "\u200c\u200d" or "\u2010" <= sign <= "\u2015"
    return not unicodedata.category(sign).startswith("Z")
