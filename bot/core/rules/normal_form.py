"""Clauses: what a rule asks of an item's tokens, and the least sets of tokens without which it cannot hold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from bot.core.language.language import ANY
from bot.core.language.patterns import WordForm, exact
from bot.core.language.text import fold, words_in
from bot.core.rules.aliases import Aliases, Name, name_of, names_in
from bot.core.rules.ast import AllOf, AnyOf, Filter, InTitle, Keyword, Node, Not, Phrase, Prefix, Term
from bot.core.rules.compounds import Compound, with_compounds
from bot.core.rules.features import Token, any_token, field_token, is_field, pattern_token, title_token


@dataclass(frozen=True, slots=True)
class Lacks:
    """The token must not be there."""

    token: Token


@dataclass(frozen=True, slots=True)
class Every:
    """All of these."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of these. Most are tokens, and are asked for all at once."""

    clauses: tuple["Clause", ...]
    _tokens: frozenset[Token] = field(init=False, repr=False, compare=False)
    _others: tuple["Clause", ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tokens", frozenset([part for part in self.clauses if isinstance(part, str)]))
        object.__setattr__(self, "_others", tuple([part for part in self.clauses if not isinstance(part, str)]))

    def holds(self, tokens: set[Token]) -> bool:
        """Whether one of them holds for an item with these tokens."""
        return not self._tokens.isdisjoint(tokens) or any(holds(part, tokens) for part in self._others)


Clause = Token | Lacks | Every | Some


class Conjunction(NamedTuple):
    """Tokens that must all be there, at least one; tokens that must not; groups each of which must hold.

    A tuple, because an index keeps a million of them and compares them by their hashes.
    """

    needs: tuple[Token, ...]
    bars: tuple[Token, ...]
    groups: tuple[Some, ...]

    def holds(self, tokens: set[Token]) -> bool:
        """Whether an item with these tokens satisfies it."""
        return (
            tokens.issuperset(self.needs)
            and tokens.isdisjoint(self.bars)
            and (not self.groups or all(group.holds(tokens) for group in self.groups))
        )

    def wanted(self) -> Iterator[Token]:
        """The tokens that speak for a match."""
        yield from self.needs
        for group in self.groups:
            yield from _tokens(group, barred=False)

    @property
    def is_plain(self) -> bool:
        """Whether it asks for nothing but its tokens."""
        return not self.bars and not self.groups

    def tokens(self) -> tuple[Token, ...]:
        """All tokens that it speaks of, also those that it bars."""
        in_groups = [token for group in self.groups for token in _tokens(group, barred=True)]
        return (*self.needs, *self.bars, *in_groups) if in_groups or self.bars else self.needs


def conjunctions(root: Node, aliases: Aliases) -> list[Conjunction]:
    """A rule cut into conjunctions of which one must hold: never more than it has terms.

    Only as many groups are opened as it takes for each conjunction to need a word: fields have few values, which many
    items share. A full disjunctive normal form of a rule of 50 words could have 2^25 of them.
    """
    found = []
    for node in root.nodes if isinstance(root, AnyOf) else (root,):
        if isinstance(node, Keyword):
            found.append(_keyword_alone(node.text, aliases))
        else:
            found += _conjunctions(clause_of(node, aliases))
    return found


def clause_of(node: Node | Name | Compound, aliases: Aliases, wanted: bool = True) -> Clause:
    """What a tree, or its opposite if it is not `wanted`, asks for; negations are moved down to the tokens."""
    if isinstance(node, Keyword):
        token = _keyword_token(node.text, aliases)
    elif isinstance(node, AllOf):
        pieces = with_compounds(tuple(names_in(node.nodes, aliases)))
        parts = tuple([clause_of(part, aliases, wanted) for part in pieces])
        return Every(parts) if wanted else Some(parts)
    elif isinstance(node, Compound):
        whole, apart = (
            clause_of(node.whole, aliases, wanted),
            tuple(clause_of(part, aliases, wanted) for part in node.parts),
        )
        return Some((Every(apart), whole)) if wanted else Every((Some(apart), whole))
    elif isinstance(node, AnyOf):
        parts = tuple([clause_of(part, aliases, wanted) for part in node.nodes])
        return Some(parts) if wanted else Every(parts)
    elif isinstance(node, Not):
        return clause_of(node.node, aliases, not wanted)
    else:
        token = _token(node, aliases)
    return token if wanted else Lacks(token)


def _conjunctions(clause: Clause) -> list[Conjunction]:
    if isinstance(clause, str):
        return [Conjunction((clause,), (), ())]
    if isinstance(clause, Some):
        return [each for choice in clause.clauses for each in _conjunctions(choice)]
    needs: list[Token] = []
    bars: list[Token] = []
    groups: list[Some] = []
    _sort_out(clause, needs, bars, groups)
    # What makes the fewest conjunctions, each with a token; nothing if the needs hold a word already.
    opened = min(filter(_cost, groups), key=_cost, default=None) if groups and all(map(is_field, needs)) else None
    if opened is None:
        return [_conjunction(needs, bars, groups)]
    groups.remove(opened)
    found = []
    for choice in opened.clauses:
        if isinstance(choice, str):
            found.append(_conjunction([*needs, choice], bars, groups))
        else:
            found += _conjunctions(Every((choice, *needs, *map(Lacks, bars), *groups)))
    return found


def _sort_out(clause: Every | Lacks, needs: list[Token], bars: list[Token], groups: list[Some]) -> None:
    """Puts what must hold into the list for its kind."""
    for part in clause.clauses if isinstance(clause, Every) else (clause,):
        if isinstance(part, str):
            needs.append(part)
        elif isinstance(part, Lacks):
            bars.append(part.token)
        elif isinstance(part, Some):
            groups.append(part)
        else:
            _sort_out(part, needs, bars, groups)


def _conjunction(needs: list[Token], bars: list[Token], groups: list[Some]) -> Conjunction:
    return Conjunction(tuple(sorted(set(needs))), tuple(sorted(set(bars))) if bars else (), tuple(groups))


@lru_cache(maxsize=32_768)
def _keyword_alone(text: str, aliases: Aliases) -> Conjunction:
    """What most rules are made of: words of which one is enough."""
    return Conjunction((_keyword_token(text, aliases),), (), ())


def holds(clause: Clause, tokens: set[Token]) -> bool:
    """Whether a clause holds for an item with these tokens."""
    match clause:
        case str():
            return clause in tokens
        case Lacks(token):
            return token not in tokens
        case Every(clauses):
            return all(holds(part, tokens) for part in clauses)
        case Some():
            return clause.holds(tokens)


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


def _token(term: Term | Name, aliases: Aliases) -> Token:
    match term:
        case Keyword(text):
            return _keyword_token(text, aliases)
        case Filter(key, value):
            return field_token(key, value)
        case Phrase(text):
            return pattern_token(exact(words_in(text, ANY)))
        case Prefix(text):
            return pattern_token(((WordForm.BEGINNING, fold(text)),))
        case InTitle(text):
            return title_token(_token(text, aliases))
        case Name():
            return any_token(term.patterns, term.meaning)


@lru_cache(maxsize=32_768)
def _keyword_token(text: str, aliases: Aliases) -> Token:
    name = name_of(Keyword(text), aliases)
    return any_token(name.patterns, name.meaning)


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
            worded = any(isinstance(part, str) and not is_field(part) for part in clauses)
            return 1 if worded else min(filter(None, map(_cost, clauses)), default=0)
