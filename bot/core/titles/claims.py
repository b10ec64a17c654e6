"""What a title claims, word by word: who, how many, what, and whether it is asserted, denied or only supposed.

Words are compared by the lexicon's terms where it has them, else by their stems.
"""

import re
from collections.abc import Set
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache
from itertools import pairwise, takewhile

from bot.core.language.amounts import Amount, amount_at, ordinal
from bot.core.language.language import Language
from bot.core.language.lexicon import NAME, Lexicon
from bot.core.language.text import capitals_tell_names, fold, stem_of, stems_of
from bot.core.titles.phrases import Mark, finder_of
from bot.core.titles.scan import Scan, scan


class ClaimKind(Enum):
    """What sort of word a claim is."""

    NAME = auto()
    AMOUNT = auto()
    WORD = auto()


DENIED, SUPPOSED, ENDED = "-", "?", "."
IS = "is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One word, name or amount of a title that says something.

    `key` is what it is compared by; `is_known` tells that the lexicon has it; `signs` are DENIED, SUPPOSED and ENDED
    where they hold; `handle` tells of a name or an amount what it goes with (`>sink` does it, `<sink` has it done, or
    `to`), and of a name that something `is` it.
    """

    key: str
    kind: ClaimKind
    stem: str
    folded: str
    is_known: bool = False
    amount: Amount | None = None
    signs: frozenset[str] = frozenset()
    handle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleClaims:
    """All claims of a title in their order; `marks` are the signs given, one for each word that gives one.

    `corrects` says that the title calls itself a correction.
    """

    claims: tuple[Claim, ...]
    marks: tuple[str, ...]
    corrects: bool = False


class ComparedWords:
    """The lists of `[corrections]` of a language, as words are compared with them."""

    def __init__(self, language: Language) -> None:
        of, code = language.corrections, language.code
        # Their change, coming or going changes no claim.
        self.idle = stems_of(of.idle | language.words.small | (language.words.empty - of.telling), code)
        rows = [[stem_of(fold(form), code) for form in line.split()] for line in of.irregular]
        self.base = {form: row[0] for row in rows for form in row[1:]}
        self.labels, self.ornaments = stems_of(of.labels, code), stems_of(of.ornaments, code)
        self.days, self.of_days = stems_of(of.days, code), stems_of(of.of_days, code)
        self.in_row = stems_of(of.in_row, code)


@cache
def compared_words_of(language: Language) -> ComparedWords:
    """The lists of a language."""
    return ComparedWords(language)


# The time at which a live page was written on.
_CLOCK = re.compile(r"^\s*\d{1,2}[:.]\d\d\b")
_BRACKETS = frozenset("()[]")
_CUTS = frozenset({"connectives", "circumstances"})
_NEGATION = frozenset({"negation", "nobody", "lacking"})
_SUPPOSING = frozenset({"hedges", "hedging"})
_OF_NOTHING = frozenset({"nobody", "lacking"})
_DENIALS = frozenset({"denials", "refusals"})


def claims_of(title: str, language: Language, lexicon: Lexicon) -> TitleClaims:
    """What a title claims."""
    text = scan(_CLOCK.sub(" ", title), language)
    reading = _ClaimReader(text, lexicon)
    claims, marks = reading.claims, reading.marks
    if reading.is_false:
        claims = [replace(claim, signs=claim.signs | {DENIED}) for claim in claims]
    opens = finder_of(text.language).kinds_of
    if "?" in text.borders[-1] and not any(opens(word, "questions") for word in text.words):
        claims = [replace(claim, signs=claim.signs | {SUPPOSED}) for claim in claims]
        marks = [*marks, SUPPOSED]
    return TitleClaims(claims=tuple(claims), marks=tuple(sorted(marks)), corrects=reading.corrects)


class _ClaimReader:
    """Reads the claims of a title from left to right, one piece between borders after the other.

    `corrects` and `is_false` tell of a piece that says nothing but that: Correction: ..., ... — fake.
    """

    def __init__(self, text: Scan, lexicon: Lexicon) -> None:
        self._text = text
        self._words = text.words
        self._lexicon = lexicon
        self._lists = compared_words_of(text.language)
        self._stance = {mark.place: mark for mark in text.marks["stance"]}
        self._tells_names = not text.language.corrections.capital_nouns and capitals_tell_names(text.words)
        self._pending: set[str] = set()  # signs of the next claim: Allegedly, ...
        self.claims: list[Claim] = []
        self.marks: list[str] = []
        self.corrects = self.is_false = False
        cuts = {mark.place for mark in text.marks["clauses"] if mark.kinds & _CUTS}
        for stretch in text.stretches:
            words = self._words[stretch.start : stretch.stop]
            is_ornament = all(word.stem in self._lists.ornaments or word.folded.isdigit() for word in words)
            if is_ornament and not _BRACKETS.isdisjoint(text.borders[stretch.start]):
                continue
            for start, end in pairwise([stretch.start, *sorted(cuts.intersection(stretch[1:])), stretch.stop]):
                self._read_piece(range(start, end))

    def _read_piece(self, piece: range) -> None:
        self._piece = piece
        self._rest: set[str] = set()  # signs of all that follow
        self._of = False  # what follows is part of what is denied: no sign of ...
        self._first = len(self.claims)
        self._places: list[int] = []
        corrects, place = False, piece.start
        while place < piece.stop:
            if self._words[place].stem in self._lists.labels:
                corrects, length = True, 1
            else:
                length = self._ornament(place) or self._mark(place) or self._claim(place)
            place += length
        self.corrects |= corrects and len(self.claims) == self._first
        for number in range(self._first, len(self.claims)):
            if self.claims[number].kind is not ClaimKind.WORD:
                self.claims[number] = replace(self.claims[number], handle=self._handle(number))
        for number in range(self._first, len(self.claims)):
            handle = self.claims[number].handle
            if handle.startswith("by>"):  # it is done by this one, to whom is before
                verb = handle.removeprefix("by>")
                for other in range(self._first, number):
                    if self.claims[other].handle == f">{verb}":
                        self.claims[other] = replace(self.claims[other], handle=f"<{verb}")
                self.claims[number] = replace(self.claims[number], handle=f">{verb}")

    def _ornament(self, place: int) -> int:
        """How many words only tell when a page was written on: updated 14:05, day 1,203 of the war, the second day."""
        lists, after = self._lists, self._words[place + 1 : self._piece.stop]
        word = self._words[place]
        if word.stem in lists.ornaments:
            lead = 1 if after and after[0].stem in lists.idle else 0
            digits = sum(1 for _ in takewhile(lambda each: each.folded.isdigit(), after[lead:]))
            return 1 + lead + digits if digits > 1 else 0
        if word.stem in lists.days and after and (len(after) == 1 or after[1].stem in lists.of_days):
            return len(("day", "1,203"))
        if ordinal(word, after[0] if after else None):
            lead = 1 if after and after[0].stem in lists.in_row else 0
            if after[lead:] and after[lead].stem in lists.days:
                return len(("second", "day")) + lead
        return 0

    def _claim(self, place: int) -> int:
        """Read a name, an amount or a word; how many words it takes."""
        word, lists = self._words[place], self._lists
        if amount := amount_at(self._words[: self._piece.stop], place):
            read, length = amount
            if read.high:
                claim = Claim(key=str(read), kind=ClaimKind.AMOUNT, stem=word.stem, folded=word.folded, amount=read)
                self._add(place, claim)
            else:
                self._sign(DENIED)
            return length
        found = self._lexicon.at(self._words[: self._piece.stop], place)
        if word.stem in lists.idle and (found is None or found.length == 1):
            return 1
        term = self._lexicon.stands_for.get(found.term, found.term) if found else ""
        stem = lists.base.get(word.stem, word.stem)
        key = term or stem
        kind = ClaimKind.NAME if self._is_name(place, key) else ClaimKind.WORD
        self._add(place, Claim(key=key, kind=kind, stem=stem, folded=word.folded, is_known=bool(found)))
        if self._kinds(place) & _DENIALS:
            self._deny_rest(is_denied=DENIED in self.claims[-1].signs)
        return found.length if found else 1

    def _add(self, place: int, claim: Claim) -> None:
        of_nothing = {DENIED} if self._of and claim.kind is not ClaimKind.NAME else set()
        self.claims.append(replace(claim, signs=frozenset(self._pending | self._rest | of_nothing)))
        self._places.append(place)
        if claim.kind is not ClaimKind.NAME:
            follows = self._words[place + 1].folded if place + 1 < self._piece.stop else ""
            is_none = bool(self._kinds(place - 1) & _OF_NOTHING)
            self._of = is_none and follows in self._text.language.corrections.part
        self._pending.clear()

    def _mark(self, place: int) -> int:
        """Take note of words that only give a sign to others; how many they are, 0 if there are none."""
        mark = self._stance.get(place)
        if mark is None:
            return 0
        if "ended" in mark.kinds:
            self._sign(ENDED)
        elif mark.kinds & _NEGATION:
            self._sign(DENIED)
            self._deny_before(mark.place + mark.length)
        elif mark.kinds & _SUPPOSING:
            self._sign(SUPPOSED)
        elif "refusals" in mark.kinds and mark.length > 1:  # fails to
            self._sign(DENIED)
        elif "denials" in mark.kinds and mark.length > 1:  # rules out
            self._deny_rest(is_denied=DENIED in self._pending)
        elif mark.kinds & {"falsehoods", "wrong"}:
            return self._take_back(mark)
        else:
            return int("no_negation" in mark.kinds)
        return mark.length

    def _kinds(self, place: int) -> Set[str]:
        mark = self._stance.get(place)
        return mark.kinds if mark and place >= self._piece.start else frozenset()

    def _sign(self, sign: str) -> None:
        self._pending.add(sign)
        self.marks.append(sign)

    def _deny_rest(self, *, is_denied: bool) -> None:
        """All that follows; what is not denied, not ruled out, is supposed."""
        sign = DENIED
        if is_denied:
            sign = SUPPOSED
            if DENIED in self.marks:  # of a row of denials only the first was noted
                self.marks.remove(DENIED)
            self._pending.discard(DENIED)
        self._rest.add(sign)
        self.marks.append(sign)

    def _deny_before(self, place: int) -> None:
        """Where nothing follows that could be denied, it is what is before: погибших нет, взрыва не было."""
        if any(word.stem not in self._lists.idle for word in self._words[place : self._piece.stop]):
            return
        things = [
            number for number in range(self._first, len(self.claims)) if self.claims[number].kind is ClaimKind.WORD
        ]
        if things:
            last = self._text.language.titles.stance.final_negation == "thing"
            for number in things[-1:] if last else things:
                self._deny(number)
            self._pending.discard(DENIED)

    def _deny(self, number: int) -> None:
        self.claims[number] = replace(self.claims[number], signs=self.claims[number].signs | {DENIED})

    def _take_back(self, mark: Mark) -> int:
        """Take note of a word that says that something is not true: what follows, or else all that is before."""
        before = range(self._piece.start, mark.place)
        is_wrong = "wrong" in mark.kinds and any("told" in self._kinds(place) for place in before)
        if not is_wrong and "falsehoods" not in mark.kinds:
            return 0
        told = [place for place in before if self._words[place].folded not in self._text.language.corrections.articles]
        is_said_of_it = is_wrong or bool(told and "copulas" in self._kinds(told[-1]))
        after = self._words[mark.place + mark.length : self._piece.stop]
        if not is_said_of_it and any(word.stem not in self._lists.idle for word in after):
            if mark.kinds & _DENIALS:
                return 0
            self._sign(DENIED)
            return mark.length
        if DENIED in self._pending:  # it is not false
            return mark.length
        self.marks.append(DENIED)
        self.is_false = len(self.claims) == self._first
        for number in range(self._first, len(self.claims)):
            if self.claims[number].kind is not ClaimKind.NAME:
                self._deny(number)
        return mark.length

    def _is_name(self, place: int, key: str) -> bool:
        word = self._words[place]
        if key in self._lexicon.countries or key in self._lexicon.towns or any(map(str.isdigit, word.folded)):
            return True
        may_be = word.surface[:1].isupper() and (bool(self.claims) or place > self._piece.start or key.startswith(NAME))
        return bool(word.name) or (self._tells_names and may_be)

    def _handle(self, number: int) -> str:
        """What a name or an amount goes with; `by>verb` where it does what the words before it have done to them."""
        lists = self._text.language.corrections
        place = self._places[number - self._first]
        leading = self._words[place - 1].folded if place > self._piece.start else ""
        others = self.claims[self._first : number]
        before = next((each for each in reversed(others) if each.kind is ClaimKind.WORD), None)
        if leading in lists.joining and others and others[-1].handle:
            return others[-1].handle
        if "copulas" in self._kinds(place - 1) and self.claims[number].kind is ClaimKind.NAME:
            return IS
        if leading in lists.by and before:
            return f"by>{before.key}"
        if leading in lists.prepositions:
            return leading
        after = next((each for each in self.claims[number + 1 :] if each.kind is ClaimKind.WORD), None)
        return f">{after.key}" if after else f"<{before.key}" if before else ""
