"""Which report of a story shows it best where only one can be shown."""

from collections.abc import Iterable

from bot.core.model import Item
from bot.core.sentences import can_head
from bot.core.summaries import READERS_LANG


def best_told(items: Iterable[Item]) -> Item:
    """The first report whose title tells what happened, rather than asking or promising it, in our readers' language
    if there is one. Raises ValueError for no items.
    """
    return min(items, key=lambda item: (not can_head(item.title), item.lang != READERS_LANG, item.published))
