"""Which items report one event.

For now an item joins a story only as a reprint: its canonical URL or its folded title equals that of an item of the
last 72 hours. Real grouping goes here too.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TypeVar

from bot.core.model import Item
from bot.core.text import title_key

REPRINT_WINDOW = timedelta(hours=72)

# "Live", "Video of the day": a title this short is shared by items that have nothing else in common.
SHORTEST_TELLING_TITLE = 4

StoryLabel = TypeVar("StoryLabel")
Recent = Mapping[bytes, tuple[StoryLabel, datetime]]


def reprint_keys(item: Item) -> tuple[bytes, ...]:
    """What a reprint of the item would share with it: digests of its URL and of its folded title."""
    keys = [digest("url", item.url)] if item.url else []
    title = title_key(item.title)
    if len(title.split()) >= SHORTEST_TELLING_TITLE:
        keys.append(digest("title", title))
    return tuple(keys)


def assign(item: Item, recent: Recent[StoryLabel]) -> StoryLabel | None:
    """The story that the item belongs to, or None when it begins one.

    `recent` tells for each reprint key the story and the newest time of publication under it.
    """
    for key in reprint_keys(item):
        if key in recent and abs(item.published - recent[key][1]) <= REPRINT_WINDOW:
            return recent[key][0]
    return None


def digest(*parts: str) -> bytes:
    """16 bytes that stand for the parts; the parts cannot run into each other."""
    return blake2b("\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
