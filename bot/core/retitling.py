"""What a changed title means: another article, the same told in other words, or a correction."""

from re import findall

from bot.core.text import SMALL_WORDS, fold, stem_of, words_in

# Two titles that share so much of their words can be wordings of one article.
_LIKENESS = 0.3
# A title that drops more than this of what it said no longer tells the same.
_DROPPED = 0.4

_TAKEN_BACK = frozenset(
    stem_of(fold(match))
    for match in findall(
        r"\w+",
        "withdrawn withdraws retracted retracts retraction corrected correction refuted refutes false not no "
        "опровергли опровергла опроверг опровержение отозвано отозвали исправлено ложь не нет",
    )
)


def alike(one: str, other: str) -> bool:
    """Whether two titles can be wordings of one article."""
    ours, theirs = _stems(one), _stems(other)
    return ours == theirs or len(ours & theirs) >= _LIKENESS * len(ours | theirs)


def is_retold(before: str, after: str) -> bool:
    """Whether a title still tells what it told before, maybe more: no number has gone, few other words, and it takes
    nothing back.
    """
    old, new = _stems(before), _stems(after)
    said = {word.stem for word in words_in(before) if word.folded not in SMALL_WORDS}
    gone = said - new
    if any(stem[0].isdigit() for stem in gone) or (new - old) & _TAKEN_BACK:
        return False
    return len(gone) <= _DROPPED * len(said)


def _stems(title: str) -> set[str]:
    return {word.stem for word in words_in(title)}
