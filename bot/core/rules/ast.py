"""What a rule is made of: the nodes of its tree, each with its canonical text.

Nodes compare by meaning as typed; `position`, their place in the text they were read from, is left out of that.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar

from bot.core.language.language import ANY, Languages, languages
from bot.core.language.patterns import typed_name
from bot.core.language.text import Word, clean, fold, words_in

_BARE_VALUE = re.compile(r"[^\W_][\w.-]*")


@dataclass(frozen=True, slots=True)
class Keyword:
    """An unquoted word in any of its inflections, with its aliases; compounds (air-defence) are adjacent words."""

    text: str
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Phrase:
    """Quoted words: adjacent, not inflected, without aliases."""

    text: str
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Prefix:
    """All words that begin so."""

    text: str
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.text}*"


@dataclass(frozen=True, slots=True)
class InTitle:
    """A term that must be found in the title."""

    key: ClassVar[str] = "title"
    term: "Keyword | Phrase | Prefix"
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.key}:{self.term}"


@dataclass(frozen=True, slots=True)
class Filter:
    """A value that a field of the item, or of its story, must have; values are compared by `value_key`."""

    key: str
    value: str
    position: int = field(default=0, compare=False)
    sign: str = ":"

    def __str__(self) -> str:
        value = self.value if is_bare(self.value) else f'"{self.value}"'
        return f"{self.key}{self.sign}{value}"


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; never of another `Not`."""

    node: "Node"
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"-({self.node})" if isinstance(self.node, AllOf | AnyOf) else f"-{self.node}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of at least two nodes, none of them an `AllOf`."""

    nodes: tuple["Node", ...]
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return " ".join(f"({node})" if isinstance(node, AnyOf) else str(node) for node in self.nodes)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of at least two nodes, none of them an `AnyOf`."""

    nodes: tuple["Node", ...]
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return " OR ".join(f"({node})" if isinstance(node, AllOf) else str(node) for node in self.nodes)


Text = Keyword | Phrase | Prefix
Term = Text | InTitle | Filter
Node = Term | Not | AllOf | AnyOf


def all_of(nodes: tuple[Node, ...]) -> Node:
    """The nodes joined by AND: groups in groups are opened, repetitions dropped."""
    return _joined(AllOf, nodes)


def any_of(nodes: tuple[Node, ...]) -> Node:
    """The nodes joined by OR, in the same way."""
    return _joined(AnyOf, nodes)


def negated(node: Node, position: int) -> Node:
    """The opposite of a node; of a `Not`, what stands in it."""
    return node.node if isinstance(node, Not) else Not(node, position)


def terms_of(node: Node) -> Iterator[Term]:
    """All terms of a tree, in the order of the text."""
    match node:
        case AllOf(nodes) | AnyOf(nodes):
            for child in nodes:
                yield from terms_of(child)
        case Not(child):
            yield from terms_of(child)
        case _:
            yield node


def demands(node: Node, wanted: bool = True) -> bool:
    """Whether a tree (its opposite, if not `wanted`) can hold only where something is present, not merely absent."""
    match node:
        case Not(child):
            return demands(child, not wanted)
        case AllOf(nodes) | AnyOf(nodes):
            choose = any if isinstance(node, AllOf) is wanted else all
            return choose(demands(child, wanted) for child in nodes)
        case _:
            return wanted


def normal(text: str) -> str:
    """A rule as it is read: clean, compatibility forms (full-width letters, ligatures) as plain ones."""
    return clean(unicodedata.normalize("NFKC", text))


def keyword_text(words: tuple[Word, ...]) -> str:
    """The canonical text of unquoted words: lower case but for names, compounds with hyphens."""
    return _spelling(words, "-", "_")


def phrase_text(words: tuple[Word, ...]) -> str:
    """The canonical text of quoted words, without the quotation marks."""
    return _spelling(words, " ", " ")


def is_bare(value: str) -> bool:
    """Whether a value of a field can be written without quotation marks."""
    return _BARE_VALUE.fullmatch(value) is not None and value.lower() not in connectives()


def connectives() -> frozenset[str]:
    """The words that join others in a rule, in all languages.

    Lower case too: who types `poland or estonia` on a phone means OR, and nobody looks for the word "or".
    """
    return _connectives(languages())


@cache
def _connectives(found: Languages) -> frozenset[str]:
    tables = [language.rules for language in found.by_code.values()]
    return frozenset[str]().union(*[table.either | table.both | table.negation for table in tables])


def value_key(value: str) -> str:
    """What values of fields are compared by: letters and digits, folded (`Kyiv Independent` is kyivindependent)."""
    return "".join(char for char in fold(value) if char.isalnum())


def _joined(kind: type[AllOf] | type[AnyOf], nodes: tuple[Node, ...]) -> Node:
    opened = [inner for node in nodes for inner in (node.nodes if isinstance(node, kind) else (node,))]
    distinct = tuple(dict.fromkeys(opened))
    return distinct[0] if len(distinct) == 1 else kind(distinct, nodes[0].position)


def _spelling(words: tuple[Word, ...], *joiners: str) -> str:
    """The first spelling that is read back as itself: a few letters change when they are put into lower case."""
    if len(words) == 1 and words[0].surface == words[0].folded:
        return words[0].folded
    ways: tuple[Callable[[Word], str], ...] = (_as_typed, _as_folded)
    spellings = [(joiner.join(map(way, words)), joiner, way) for joiner in joiners for way in ways]
    return next((text for text, joiner, way in spellings if _is_stable(text, words, joiner, way)), spellings[-1][0])


def _is_stable(text: str, words: tuple[Word, ...], joiner: str, way: Callable[[Word], str]) -> bool:
    again = words_in(text, ANY)
    same = [typed_name(word) or word.folded for word in again] == [typed_name(word) or word.folded for word in words]
    return same and normal(text) == text and joiner.join(map(way, again)) == text


def _as_typed(word: Word) -> str:
    return typed_name(word) or word.surface.lower()


def _as_folded(word: Word) -> str:
    return typed_name(word) or word.folded
