"""What sort of text a title heads, as its words say it."""

from collections.abc import Sequence
from enum import StrEnum

from bot.core.titles.phrases import Mark
from bot.core.titles.scan import Scan
from bot.core.titles.speakers import Speakers


class Genre(StrEnum):
    """What sort of text a title heads."""

    NEWS = "news"
    STATEMENT = "statement"  # a text that an office issues itself
    OPINION = "opinion"
    ROUNDUP = "roundup"
    LIVE = "live"
    FEATURE = "feature"
    WARNING = "warning"  # where drones or missiles fly right now: one of the many of a night


# The first that a title has a word of.
_BY_KIND = {
    "opinions": Genre.OPINION,
    "live": Genre.LIVE,
    "roundups": Genre.ROUNDUP,
    "features": Genre.FEATURE,
    "warnings": Genre.WARNING,
}
_LABELS = frozenset({*_BY_KIND, "labels", "own_articles", "teasers"})


def genre_of(marks: Sequence[Mark], speakers: Speakers) -> tuple[Genre, int | None]:
    """The genre by the phrases of `[titles.genre]`; of a statement, the word at which the name of its issuer begins."""
    for kind, genre in _BY_KIND.items():
        if any(kind in mark.kinds for mark in marks):
            return genre, None
    for mark in marks:
        end = mark.place + mark.length
        if "issuers" in mark.kinds:
            return Genre.STATEMENT, mark.place
        if "statements" in mark.kinds or ("texts" in mark.kinds and speakers.is_office(end)):
            return Genre.STATEMENT, end
    return Genre.NEWS, None


def labels_in(marks: Sequence[Mark]) -> frozenset[int]:
    """The words that begin a label of a genre, which is nobody's name."""
    return frozenset(mark.place for mark in marks if mark.kinds & _LABELS)


def opens_question(text: Scan) -> bool:
    """Whether a label or the title begins as questions do: Why ..., Kestrel: how it held."""
    return any("openers" in mark.kinds and text.opens(mark.place) for mark in text.marks["questions"])
