"""The operators of the rule language: what may stand before a colon.

Parser, descriptions, matcher and help follow from the table; a new operator is a row of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.core.language.language import languages
from bot.core.model import Item, Level, Relevance, Side, StoryCoverage
from bot.core.rules.ast import Filter, InTitle, Node, Text
from bot.core.sides import KNOWN_GROUPS, SIDE_LABELS


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVocabulary:
    """The values that exist here, so that a misspelt one can be told; a field left empty is not checked."""

    sources: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands behind a colon: as a value, and as words to look for."""

    value: str
    text: Text
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One field of the language.

    `says` puts a value into words, `words` are better words for some values, `holds` those for what an item or its
    story has come to (else `says`); `known` are the values that may be typed
    (none: any); `of` are the values that an item has, `of_story` those that its story has, neither for a field of the
    text; `build` makes the node; `sign` stands between the field and its value; `is_single` says that an item has one
    value only.
    """

    key: str
    help: str
    example: str
    says: str
    build: Callable[[str, Typed], Node]
    known: Callable[[RuleVocabulary], Iterable[str]] = lambda _: ()
    of: Callable[[Item], Iterable[str]] = lambda _: ()
    of_story: Callable[[StoryCoverage], Iterable[str]] = lambda _: ()
    sign: str = ":"
    is_single: bool = False
    words: Callable[[], Mapping[str, str]] = dict
    holds: Mapping[str, str] = field(default_factory=dict)


def build_filter(key: str, typed: Typed) -> Node:
    """A field of the item or of its story."""
    return Filter(key, typed.value, typed.position)


def build_at_least(key: str, typed: Typed) -> Node:
    """A number that the story has reached."""
    return Filter(key, typed.value, typed.position, sign=AT_LEAST)


def build_in_title(_key: str, typed: Typed) -> Node:
    """A field of the text."""
    return InTitle(typed.text, typed.position)


def relevance_values(item: Item) -> tuple[Relevance, ...]:
    """`related` is the wider circle: it holds for core items, too."""
    return _WIDENING[item.relevance]


def level_values(coverage: StoryCoverage) -> tuple[Level, ...]:
    """`major` holds for breaking stories, too."""
    return tuple(level for level in Level if level.loudness <= coverage.level.loudness)


def language_names() -> Mapping[str, str]:
    """As their files say."""
    return {code: language.name for code, language in languages().by_code.items()}


AT_LEAST = ">="
# Nobody asks for more publishers than this.
MOST_COUNTED = 9
MOST_SIDES = len(KNOWN_GROUPS)
_NUMBERS = tuple(str(number) for number in range(1, MOST_COUNTED + 1))

_WIDENING = {
    Relevance.CORE: (Relevance.CORE, Relevance.RELATED),
    Relevance.RELATED: (Relevance.RELATED,),
    Relevance.NONE: (),
}

_ROWS = (
    Operator(
        key="source",
        help="reports from one source, or from all sources of one publisher",
        example="source:tass",
        says="from {}",
        build=build_filter,
        known=lambda vocabulary: vocabulary.sources and vocabulary.sources + vocabulary.publishers,
        of=lambda item: (item.source, item.publisher),
    ),
    Operator(
        key="publisher",
        help="reports from one publisher",
        example="publisher:tass",
        says="published by {}",
        build=build_filter,
        known=lambda vocabulary: vocabulary.publishers,
        of=lambda item: (item.publisher,),
        is_single=True,
    ),
    Operator(
        key="side",
        help="reports from the publishers of one side",
        example="side:russia",
        says="labelled {}",
        build=build_filter,
        known=lambda _: tuple(Side),
        of=lambda item: (item.side,),
        is_single=True,
        words=lambda: {str(side): label for side, label in SIDE_LABELS.items()},
    ),
    Operator(
        key="topic",
        help="reports on one topic",
        example="topic:airspace",
        says="on the topic {}",
        build=build_filter,
        known=lambda vocabulary: vocabulary.topics,
        of=lambda item: item.topics,
    ),
    Operator(
        key="lang",
        help="reports in one language",
        example="lang:ru",
        says="in {}",
        build=build_filter,
        known=lambda vocabulary: vocabulary.langs,
        of=lambda item: (item.lang,),
        is_single=True,
        words=language_names,
    ),
    Operator(
        key="relevance",
        help="core: Russia and NATO face each other; related: also the war in Ukraine and the affairs of one side",
        example="relevance:related",
        says="{}",
        build=build_filter,
        known=lambda _: (Relevance.CORE, Relevance.RELATED),
        of=relevance_values,
        words=lambda: {
            Relevance.CORE: "of the core subject",
            Relevance.RELATED: "of the core subject or related to it",
        },
    ),
    Operator(
        key="level",
        help="how loud the story has become: breaking, or major and breaking",
        example="level:breaking",
        says="{}",
        build=build_filter,
        known=lambda _: tuple(Level),
        of_story=level_values,
        words=lambda: {
            Level.BREAKING: "if it becomes breaking",
            Level.MAJOR: "if it becomes major or breaking",
            Level.NORMAL: "of any level",
        },
        holds={Level.BREAKING: "breaking", Level.MAJOR: "major or breaking"},
    ),
    Operator(
        key="sources",
        help="stories told by at least this many independent publishers",
        example="sources>=2",
        says="told by at least {} publishers",
        build=build_at_least,
        known=lambda _: _NUMBERS,
        of_story=lambda coverage: _NUMBERS[: coverage.publishers],
        sign=AT_LEAST,
    ),
    Operator(
        key="sides",
        help="stories told by at least this many sides",
        example="sides>=2",
        says="told by at least {} sides",
        build=build_at_least,
        known=lambda _: _NUMBERS[:MOST_SIDES],
        of_story=lambda coverage: _NUMBERS[: coverage.sides],
        sign=AT_LEAST,
    ),
    Operator(
        key="title",
        help="the word, “exact phrase” or prefix* must be in the title",
        example="title:oreshnik",
        says="{} in the title",
        build=build_in_title,
    ),
)
OPERATORS = {operator.key: operator for operator in _ROWS}
