"""Whose word a title passes on."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

from bot.core.titles.phrases import finder_of
from bot.core.titles.scan import Scan

_REACH = 6  # words between a speaker's party and what tells that somebody speaks
_LONGEST = 12  # words of the name of an office


class Party(StrEnum):
    """For whom somebody speaks who speaks for a party."""

    NATO = "nato"  # or a government of its members
    RUSSIA = "russia"
    UKRAINE = "ukraine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Whose word a title passes on, in its words.

    `is_doubted`: it says so with doubt, or the source has no name. `acts`: it warns, threatens, calls for something,
    which is no account of what happened.
    """

    name: str
    party: Party | None
    is_doubted: bool = False
    acts: bool = False


@dataclass(frozen=True, slots=True)
class Attribution:
    """A speaker, and the words that only tell that it speaks; empty where what it says is among them."""

    speaker: Speaker
    words: range


class Speakers:
    """Finds whose word a title passes on."""

    def __init__(self, text: Scan, labels: Set[int]) -> None:
        """`labels` are the places where a word tells the sort of text, which is no speaker."""
        self._text = text
        self._labels = labels
        self._marks = text.marks["speakers"]
        find = finder_of(text.language).kinds_of
        self._kinds = [find(word, "speakers") for word in text.words]
        stance = text.marks["stance"]
        for mark in stance:
            self._kinds[mark.place] |= mark.kinds & _DENIALS
        self._denied = {mark.place for mark in stance if "negation" in mark.kinds}
        self._asks = {mark.place for mark in text.marks["questions"] if "openers" in mark.kinds}

    def found(self, spans: Sequence[range]) -> Iterator[Attribution]:
        """All speakers of a title whose clauses these are."""
        for mark in self._marks:
            place = mark.place + mark.length
            if mark.kinds & {"according", "unsure"}:  # according to the army ...
                span = next((span for span in spans if place in span), range(0))
                if speaker := self._named_first(range(place, span.stop)[:_REACH], mark.kinds):
                    yield Attribution(speaker, range(0))
        yield from self._in_labels()
        follows = False  # a clause after one without a speaker speaks of that only if it adds nothing itself
        for span in spans:
            found = self._in_clause(span, follows=follows)
            follows = found is None
            if found:
                yield found

    def issuer(self, place: int) -> Speaker | None:
        """The office that issues the text, named from a word on."""
        return self._named_first(range(place, len(self._text.words))[:_LONGEST], _NONE)

    def is_office(self, place: int) -> bool:
        """Whether an office or a party is named at a word."""
        return place < len(self._kinds) and bool(self._kinds[place] & _OFFICES)

    def _in_labels(self) -> Iterator[Attribution]:
        """Peskov: ...; ... — the governor; ...: Russian army; “...”: Kremlin on ..."""
        text = self._text
        for part in text.stretches:
            is_quoted = text.quotes_before(part.start)
            ends = (place for place in part if is_quoted and "no_names" in self._kinds[place])
            name = range(part.start, next(ends, part.stop))
            if not name or len(name) > _REACH or part.start in self._labels:
                continue
            has_article = "leading" in self._kinds[name.start]
            if not all(map(self._is_named, name[1:] if has_article else name)):
                continue
            is_label = ":" in text.borders[part.stop] and text.opens(part.start)
            is_last = part.stop == len(text.words) and part.start > 0
            is_tail = is_last and not _LEADS_TAIL.isdisjoint(text.borders[part.start])
            is_office = "offices" in self._kinds[name.start] or all(self._kinds[place] & _NAMES for place in name)
            if is_label and not is_quoted and self._is_place(name) and not self._is_statement(part.stop):
                continue
            if (is_quoted or is_label or (is_tail and is_office)) and (speaker := self._named_last(name, _NONE)):
                yield Attribution(speaker, part)

    def _is_place(self, name: range) -> bool:
        """Whether a label names no more than where it happened: Romania: drone hits flats."""
        kinds = [self._kinds[place] for place in name if "leading" not in self._kinds[place]]
        return any(each & _PLACES for each in kinds) and not any(each & _VOICES for each in kinds)

    def _is_statement(self, start: int) -> bool:
        """Whether what follows a label is somebody's word: “...”; we ...; no ...; warns of ..."""
        text = self._text
        if text.quotes_at(start):
            return True
        first = next((part for part in text.stretches if part.start == start), range(0))
        is_denied = any(mark.place in first and mark.kinds & _DENYING for mark in text.marks["stance"])
        begins = [self._kinds[place] for place in first[:2]]
        is_said = any(kinds & _VERBS for kinds in begins) and not any(kinds & _OWN_VOICES for kinds in begins)
        return is_denied or is_said or any(map(text.is_of_us, range(start, len(text.words))))

    def _in_clause(self, span: range, *, follows: bool) -> Attribution | None:
        """The army says ...; ..., says the army."""
        verb = next((place for place in span if self._is_verb(place)), None)
        if verb is None or (verb + 1 == span.stop and not follows):  # a noun: clash over attack claims
            return None
        start = next((place for place in range(verb, span.start, -1) if ":" in self._text.borders[place]), span.start)
        before, after = range(start, verb), range(verb + 1, span.stop)
        is_somebody = follows or not before or any(map(self._is_named, before))
        if not is_somebody or not self._asks.isdisjoint(before) or not self._denied.isdisjoint(before):
            return None
        if all("leading" in self._kinds[place] for place in before):  # as the army said, says the army
            speaker = self._named_first(after[:_REACH], self._kinds[verb])
            return Attribution(speaker, span) if speaker and (speaker.party or follows or before) else None
        if follows and len(after) > 1:
            return None
        is_reply = follows and self._kinds[verb] & _VERBS == _DENIALS
        speaker = self._named_last(before[-_REACH:], _REPLY if is_reply else self._kinds[verb])
        return Attribution(speaker, span if len(after) <= 1 and not is_reply else range(0)) if speaker else None

    def _is_verb(self, place: int) -> bool:
        if not self._kinds[place] & _VERBS:
            return False
        is_last = place + 1 == len(self._kinds)
        return is_last or not ("own_voices" in self._kinds[place] and self._kinds[place + 1] & _VERBS)  # a report says

    def _named_last(self, span: range, how: Set[str]) -> Speaker | None:
        """The speaker whose name ends a stretch."""
        cut = next((place + 1 for place in reversed(span) if "no_names" in self._kinds[place]), span.start)
        return self._speaker(range(cut, span.stop), self._party(reversed(span)), how)

    def _named_first(self, span: range, how: Set[str]) -> Speaker | None:
        """The speaker whose name begins a stretch."""
        ends = (at for at in span if "no_names" in self._kinds[at] or (at > span.start and self._text.cuts_name(at)))
        name = range(span.start, next(ends, span.stop))
        return self._speaker(name, self._party(iter(name)), how)

    def _speaker(self, span: range, party: Party | None, how: Set[str]) -> Speaker | None:
        named = [place for place in span if "leading" not in self._kinds[place]]
        if not named:
            return None
        is_unnamed = any("unnamed" in self._kinds[place] for place in named)
        return Speaker(
            name=self._text.printed(range(named[0], named[-1] + 1)),
            party=party,
            is_doubted=is_unnamed or "unsure" in how or how & _VERBS == {"claims"},
            acts=how & _VERBS == {"acts"},
        )

    def _party(self, places: Iterator[int]) -> Party | None:
        """The party that is named first, up to a word that tells that somebody else speaks."""
        is_at_home = False
        for place in places:
            kinds = self._kinds[place]
            if found := next((party for kind, party in _PARTIES.items() if kind in kinds), None):
                return found
            of_state = "media" in kinds and place > 0 and "state_media" in self._kinds[place - 1]
            if kinds & _OWN_VOICES and not of_state:
                return None
            is_at_home |= "home_offices" in kinds
        return Party.RUSSIA if is_at_home else None

    def _is_named(self, place: int) -> bool:
        """Whether a word is of a name: an office, a party, a source, or in capitals."""
        word = self._text.words[place]
        return bool(self._kinds[place] & _NAMES) or word.surface.istitle() or word.surface == word.name


_NONE: Set[str] = frozenset()
_REPLY: Set[str] = frozenset({"acts"})  # what is before it is not its word
_DENIALS = frozenset({"denials"})
_VERBS = frozenset({"says", "acts", "claims", "denials"})
_DENYING = frozenset({"negation", "denials", "refusals", "falsehoods"})
_PARTIES = {kind: party for party in Party for kind in (party.value, f"of_{party.value}")}
_PLACES = frozenset({f"of_{party.value}" for party in Party})
_OFFICES = frozenset({*_PARTIES, "offices", "home_offices"})
_OWN_VOICES = frozenset({"no_names", "own_voices", "unnamed", "media"})
_NAMES = frozenset({*_OFFICES, "own_voices", "unnamed", "media", "state_media"})
_VOICES = _NAMES - _PLACES
_LEADS_TAIL = frozenset(":-–—−")
