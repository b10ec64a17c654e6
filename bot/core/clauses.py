"""Clauses: what a rule asks of an item's tokens, and the least sets of tokens without which it cannot hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.core.aliases import Aliases, Name, name_of, names_in
from bot.core.patterns import Reading, exact
from bot.core.terms import AllOf, AnyOf, Filter, InTitle, Keyword, Node, Not, Phrase, Prefix, Term
from bot.core.text import fold, words_in
from bot.core.tokens import Token, any_token, field_token, is_field, pattern_token, title_token


@dataclass(frozen=True, slots=True)
class Lacks:
    """The token must not be there."""

    token: Token


@dataclass(frozen=True, slots=True)
class Every:
    """All of these; never an `Every` among them."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of these."""

    clauses: tuple["Clause", ...]


Clause = Token | Lacks | Every | Some


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Tokens that must all be there, at least one; tokens that must not; groups each of which must hold."""

    needs: tuple[Token, ...]
    bars: tuple[Token, ...]
    groups: tuple[Some, ...]

    def holds(self, tokens: set[Token]) -> bool:
        """Whether an item with these tokens satisfies it."""
        return (
            tokens.issuperset(self.needs)
            and tokens.isdisjoint(self.bars)
            and (not self.groups or all(holds(group, tokens) for group in self.groups))
        )

    def wanted(self) -> Iterator[Token]:
        """The tokens that speak for a match."""
        yield from self.needs
        for group in self.groups:
            yield from _tokens(group, barred=False)

    def tokens(self) -> Iterator[Token]:
        """All tokens that it speaks of, also those that it bars."""
        yield from self.needs
        yield from self.bars
        for group in self.groups:
            yield from _tokens(group, barred=True)


def clause_of(node: Node, aliases: Aliases) -> Clause:
    """What a tree asks for, with negations moved down to the tokens."""
    return _clause(node, aliases, wanted=True)


def conjunctions(clause: Clause) -> Iterator[Conjunction]:
    """A clause cut into conjunctions of which one must hold: never more than it has tokens.

    Only as many groups are opened as it takes for each conjunction to need a word: fields have few values, which many
    items share. A full disjunctive normal form of a rule of 50 words could have 2^25 of them.
    """
    if isinstance(clause, Some):
        for choice in clause.clauses:
            yield from conjunctions(choice)
        return
    parts = clause.clauses if isinstance(clause, Every) else (clause,)
    opened = None if _needs_words(parts) else min(filter(_cost, _groups(parts)), key=_cost, default=None)
    if opened is None:
        needs = {part for part in parts if isinstance(part, str)}
        bars = {part.token for part in parts if isinstance(part, Lacks)}
        yield Conjunction(tuple(sorted(needs)), tuple(sorted(bars)), tuple(_groups(parts)))
        return
    rest = [part for part in parts if part is not opened]
    for choice in opened.clauses:
        yield from conjunctions(_every([choice, *rest]))


def holds(clause: Clause, tokens: set[Token]) -> bool:
    """Whether a clause holds for an item with these tokens."""
    match clause:
        case str():
            return clause in tokens
        case Lacks(token):
            return token not in tokens
        case Every(clauses):
            return all(holds(part, tokens) for part in clauses)
        case Some(clauses):
            return any(holds(part, tokens) for part in clauses)


def _tokens(clause: Clause, *, barred: bool) -> Iterator[Token]:
    match clause:
        case str():
            yield clause
        case Lacks(token):
            if barred:
                yield token
        case Every(clauses) | Some(clauses):
            for part in clauses:
                yield from _tokens(part, barred=barred)


def _clause(node: Node | Name, aliases: Aliases, *, wanted: bool) -> Clause:
    match node:
        case Not(child):
            return _clause(child, aliases, wanted=not wanted)
        case AllOf(nodes):
            parts = [_clause(part, aliases, wanted=wanted) for part in names_in(nodes, aliases)]
            return _every(parts) if wanted else _some(parts)
        case AnyOf(nodes):
            parts = [_clause(part, aliases, wanted=wanted) for part in nodes]
            return _some(parts) if wanted else _every(parts)
        case _:
            token = _token(node, aliases)
            return token if wanted else Lacks(token)


def _token(term: Term | Name, aliases: Aliases) -> Token:
    if isinstance(term, Name):
        return any_token(term.patterns)
    match term:
        case Keyword():
            return any_token(name_of(term, aliases).patterns)
        case Phrase(text):
            return pattern_token(exact(words_in(text)))
        case Prefix(text):
            return pattern_token(((Reading.BEGINNING, fold(text)),))
        case InTitle(text):
            return title_token(_token(text, aliases))
        case Filter(key, value):
            return field_token(key, value)


def _every(parts: list[Clause]) -> Every:
    return Every(tuple(inner for part in parts for inner in (part.clauses if isinstance(part, Every) else (part,))))


def _some(parts: list[Clause]) -> Some:
    return Some(tuple(inner for part in parts for inner in (part.clauses if isinstance(part, Some) else (part,))))


def _groups(parts: tuple[Clause, ...]) -> Iterator[Some]:
    return (part for part in parts if isinstance(part, Some))


def _needs_words(parts: tuple[Clause, ...]) -> bool:
    return any(isinstance(part, str) and not is_field(part) for part in parts)


def _cost(clause: Clause) -> int:
    """How many conjunctions a clause makes; 0 if one of them would need nothing."""
    match clause:
        case str():
            return 1
        case Lacks():
            return 0
        case Some(clauses):
            costs = [_cost(part) for part in clauses]
            return sum(costs) if all(costs) else 0
        case Every(clauses):
            return 1 if _needs_words(clauses) else min(filter(None, map(_cost, clauses)), default=0)
