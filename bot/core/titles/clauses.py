"""The clauses of a title, and what it does with each: assert, suppose, deny, ask or only tell as background."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import pairwise

from bot.core.language.language import Language
from bot.core.language.text import Word, stems_of
from bot.core.titles.phrases import Mark
from bot.core.titles.scan import Scan


class Stance(StrEnum):
    """What a title does with a clause."""

    ASSERTED = "asserted"
    PRESUPPOSED = "presupposed"  # it happened, but is told beside something else: after ..., amid ...
    SUPPOSED = "supposed"
    DENIED = "denied"
    ASKED = "asked"
    BACKGROUND = "background"  # whom or what it is about: who ..., how ..., under which ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A statement of a title; `is_attribution`: it only says whose word the rest is."""

    words: tuple[Word, ...]
    stance: Stance
    is_attribution: bool = False


_BESIDE = frozenset({Stance.PRESUPPOSED, Stance.BACKGROUND})
_DENYING = frozenset({"negation", "nobody", "denials", "refusals", "falsehoods"})
_NEGATION = frozenset({"negation", "nobody"})
_OPENINGS = {"connectives": None, "circumstances": Stance.PRESUPPOSED, "background": Stance.BACKGROUND}
_REACH = 2  # words between a negation and the harm that it denies


def spans_of(text: Scan) -> Sequence[tuple[range, Stance]]:
    """Where each clause is, and its stance as far as its own words tell.

    What is told beside something else is the news itself where there is nothing else.
    """
    marks = text.marks["stance"]
    asked = max(text.question_ends, default=0)
    found = []
    for span, opening in _spans(text):
        within = [mark for mark in marks if mark.place in span]
        stance = _stance(text, span, within)
        if within and within[0].place == span.start and "lacking" in within[0].kinds:
            stance = Stance.BACKGROUND
        elif opening is Stance.BACKGROUND or (opening and stance is not Stance.DENIED):
            stance = opening
        found.append((span, Stance.ASKED if span.start < asked else stance))
    if all(stance in _BESIDE for _, stance in found):
        return [(span, Stance.ASSERTED if stance is Stance.PRESUPPOSED else stance) for span, stance in found]
    return found


def _spans(text: Scan) -> Iterator[tuple[range, Stance | None]]:
    """Clauses, each with the stance that its first word gives it."""
    cuts: dict[int, Stance | None] = {place: None for place in range(len(text.words) + 1) if text.ends_clause(place)}
    before = -1
    for mark in text.marks["stance"]:
        end = mark.place + mark.length
        if "hedges" in mark.kinds and {mark.place, end} <= cuts.keys():  # ..., allegedly, ...
            for place in (mark.place, end):
                if text.borders[place] == ",":
                    del cuts[place]
    for mark in text.marks["clauses"]:
        if "complements" in mark.kinds and text.borders[mark.place] == ",":
            cuts.pop(mark.place, None)  # a hedge may have taken it out before: perhaps, that ...
        for kind in mark.kinds & _OPENINGS.keys():
            is_led = kind == "background" and before == mark.place - 1 and not text.borders[mark.place]
            cuts[before if is_led else mark.place] = _OPENINGS[kind]
        before = mark.place if "before_background" in mark.kinds else -1
    places = sorted(cuts)
    for start, end in pairwise(places):
        yield range(start, end), cuts[start]


def _stance(text: Scan, span: range, marks: Sequence[Mark]) -> Stance:
    for mark in marks:
        if "hedges" in mark.kinds:
            return Stance.SUPPOSED
        if mark.kinds & _NEGATION:
            near = range(max(span.start, mark.place - 1), min(span.stop, mark.place + mark.length + _REACH))
            harm = _harm(text.language)["nobody" in mark.kinds]
            if any(text.words[place].stem in harm for place in near):  # nobody was hurt, nothing damaged
                continue
        if mark.kinds & _DENYING:
            return Stance.DENIED
        if "wrong" in mark.kinds and any("told" in each.kinds for each in marks if each.place < mark.place):
            return Stance.DENIED
    return Stance.ASSERTED


@cache
def _harm(language: Language) -> tuple[Set[str], Set[str]]:
    """What is no event if it is denied, and what is none if nobody suffers it."""
    found = language.corrections
    harmless = stems_of(found.harmless, language.code)
    return harmless, harmless.union(*[stems_of(each, language.code) for pair in found.harm for each in pair])
