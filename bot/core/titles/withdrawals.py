"""Titles of pages whose articles their publishers have taken back, which say that instead of what they told."""

from collections.abc import Sequence

from bot.core.titles.phrases import Mark
from bot.core.titles.scan import Scan

_ENDS_LABEL = frozenset(":])|–—-.")


def is_withdrawn(text: Scan) -> bool:
    """Whether a title only says that the article is there no more, rather than what happened."""
    marks = text.marks("withdrawn")
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
        if "gone" in mark.kinds:
            return not _is_elsewhere(text, mark.place + mark.length)
        place = mark.place + mark.length
    return False


def _is_elsewhere(text: Scan, place: int) -> bool:
    """Whether it was taken from something that is not ours: removed from the draft treaty."""
    kinds = [mark.kinds for mark in text.marks("withdrawn") if place <= mark.place <= place + 1]
    return "not_gone" in (kinds or [frozenset()])[0] and not any("of_us" in each for each in kinds)
