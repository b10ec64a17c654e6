"""Which report of a story shows it best where only one can be shown."""

from collections.abc import Container, Iterable

from bot.core.briefing.selection import READERS_LANG
from bot.core.model import Item


def best_told(items: Iterable[Item], langs: Container[str] = ()) -> Item:
    """The first report whose title tells what happened, rather than asking or promising it; if there is one, in one of
    these languages, which its readers have chosen, or else in that of most readers.

    What is denied goes after what is reported, what was withdrawn last. Never by who wrote it, and never by what others
    wrote later: a headline that changes with each report would be edited with each. Raises ValueError for no items.
    """
    return min(
        items,
        key=lambda item: (
            item.reading.is_withdrawn,
            not item.reading.tells,
            not item.reading.reports,
            item.lang not in (langs or (READERS_LANG,)),
            item.published,
        ),
    )
