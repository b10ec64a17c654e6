"""Which of its tags a post gets in a forum that wants one: the one whose name fits a topic or the level. Pure."""

import re
from collections.abc import Sequence

from discord import ForumTag

from bot.core.message.blocks import Card

_WORD = re.compile(r"\w{3,}")
# As many letters must be alike for two words to be one in the singular and the plural.
SHORTEST_STEM = 4


def tag_for(tags: Sequence[ForumTag], card: Card | None) -> ForumTag | None:
    """The tag for an alert: its topics first, then its level; the first that anybody may apply where none fits."""
    free = [tag for tag in tags if not tag.moderated] or list(tags)
    for label in (*card.topics.split(", "), card.level.value) if card else ():
        fit, best = max(((_fit(tag.name, label), -place) for place, tag in enumerate(free)), default=(0, 0))
        if fit:
            return free[-best]
    return free[0] if free else None


def _fit(name: str, label: str) -> int:
    """How many words of a label are in the name of a tag."""
    count, own = 0, _WORD.findall(name.casefold())
    for word in _WORD.findall(label.casefold()):
        pairs = (sorted((word, each), key=len) for each in own)
        count += any(a == b or (len(a) >= SHORTEST_STEM and b.startswith(a)) for a, b in pairs)
    return count
