"""Titles of pages whose articles their publishers have taken back, which say that instead of what they told."""

from collections.abc import Sequence

from bot.core.titles.phrases import Mark
from bot.core.titles.scan import Scan

_ENDS_LABEL = frozenset(":])|–—-.")


def is_withdrawn(text: Scan) -> bool:
    """Whether a title only says that the article is there no more, rather than what happened."""
    marks = text.marks["withdrawn"]
    labels = ((number, mark) for number, mark in enumerate(marks, 1) if text.opens(mark.place))
    return any(_is_notice(text, mark, marks[number:]) for number, mark in labels)


def _is_notice(text: Scan, first: Mark, others: Sequence[Mark]) -> bool:
    place = first.place + first.length
    if "notices" in first.kinds or ("labels" in first.kinds and not _ENDS_LABEL.isdisjoint(text.borders[place])):
        return True
    if not first.kinds & {"articles", "own_articles"}:
        return False
    for mark in others:
        if "articles" in first.kinds and mark.place != place:
            return False
        place = mark.place + mark.length
        if "gone" in mark.kinds:
            kinds = [each.kinds for each in others if place <= each.place <= place + 1]
            is_elsewhere = bool(kinds) and "not_gone" in kinds[0]  # removed from the draft treaty
            return not is_elsewhere or any("of_us" in each for each in kinds)
    return False
