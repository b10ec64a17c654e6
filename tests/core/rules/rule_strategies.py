"""Rules and items by chance, and what a rule means, told without an index."""

import re
from collections.abc import Callable
from functools import partial

from hypothesis import strategies as st

from bot.core.language.language import ANY
from bot.core.language.patterns import exact, places
from bot.core.language.text import Word, fold, words_in
from bot.core.model import Item, Level, Relevance, StoryCoverage
from bot.core.rules.aliases import Aliases, Name, aliases_of, name_of, names_in
from bot.core.rules.ast import (
    AllOf,
    AnyOf,
    Filter,
    InTitle,
    Keyword,
    Node,
    Not,
    Phrase,
    Prefix,
    Term,
    all_of,
    any_of,
    demands,
    keyword_text,
    negated,
    phrase_text,
    value_key,
)
from bot.core.rules.operators import OPERATORS
from bot.core.rules.rule import Rule
from tests.builders import OUTLETS, item

ALIASES = aliases_of(
    {"names": [["NATO", "НАТО", "North Pact"], ["US", "США", "United States"], ["Riga", "Рига", '"Ryga"']]}
)
# Few words, so that rules and items meet; many that differ in case, inflection or hyphens only.
VOCABULARY = re.findall(
    r"\S+",
    "drone drones Drone riga Рига Риге Ryga us US U.S. Us NATO nato Nato НАТО США states United north Pact pacts air "
    "Air space spaces air-space S-400 S400 5% Су-57 учения учений exercise exercising war Warsaw",
)
TOPICS = ("airspace", "cables")

words = st.sampled_from(VOCABULARY)
keywords = words.map(lambda word: Keyword(keyword_text(words_in(word, ANY))))
phrases = st.lists(words, min_size=1, max_size=3).map(lambda some: Phrase(phrase_text(words_in(" ".join(some), ANY))))
prefixes = st.sampled_from(["dro", "exerci", "учен", "nat", "war", "spac", "drones"]).map(Prefix)
texts = st.one_of(keywords, keywords, phrases, prefixes)
filters = st.one_of(
    st.sampled_from(sorted(OUTLETS)).map(lambda outlet: Filter("source", outlet)),
    st.sampled_from(["Volga Courier", "northgate wire"]).map(lambda name: Filter("publisher", name)),
    st.sampled_from(["nato", "russia"]).map(lambda side: Filter("side", side)),
    st.sampled_from(TOPICS).map(lambda topic: Filter("topic", topic)),
    st.sampled_from(["core", "related"]).map(lambda relevance: Filter("relevance", relevance)),
    st.sampled_from(["en", "ru"]).map(lambda lang: Filter("lang", lang)),
    st.sampled_from(Level).map(lambda level: Filter("level", level)),
    st.sampled_from("12349").map(lambda number: Filter("sources", number, sign=">=")),
    st.sampled_from("123").map(lambda number: Filter("sides", number, sign=">=")),
)
terms = st.one_of(texts, texts, texts, texts.map(InTitle), filters)


def _grown(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(children, min_size=1, max_size=4).map(tuple)
    return st.one_of(several.map(all_of), several.map(any_of), children.map(lambda node: negated(node, 0)))


rules = st.recursive(terms, _grown, max_leaves=12).filter(demands).map(Rule)
items = st.builds(
    lambda title, summary, outlet, topics, relevance: item(
        " ".join(title), summary=" ".join(summary), outlet=outlet, topics=topics, relevance=relevance
    ),
    st.lists(words, max_size=6),
    st.lists(words, max_size=6),
    st.sampled_from(sorted(OUTLETS)),
    st.lists(st.sampled_from(TOPICS), unique=True).map(tuple),
    st.sampled_from(Relevance),
)


standings = st.builds(
    StoryCoverage, level=st.sampled_from(Level), publishers=st.integers(1, 12), sides=st.integers(1, 4)
)


def satisfies(rule: Rule, found: Item, aliases: Aliases, standing: StoryCoverage) -> bool:
    """What a rule means, read off its tree."""
    reads = partial(_has, found=found, aliases=aliases, standing=standing)
    return _holds(rule.root, reads, aliases, (found.words.title, found.words.summary))


def _holds(node: Node | Name, has: Callable[..., bool], aliases: Aliases, parts: tuple[tuple[Word, ...], ...]) -> bool:
    match node:
        case Not(child):
            return not _holds(child, has, aliases, parts)
        case AllOf(nodes):
            return all(_holds(child, has, aliases, parts) for child in names_in(nodes, aliases))
        case AnyOf(nodes):
            return any(_holds(child, has, aliases, parts) for child in nodes)
        case InTitle(text):
            return _holds(text, has, aliases, parts[:1])
        case _:
            return has(node, parts=parts)


def _has(
    term: Term | Name, *, found: Item, aliases: Aliases, standing: StoryCoverage, parts: tuple[tuple[Word, ...], ...]
) -> bool:
    match term:
        case Keyword():
            name = name_of(term, aliases)
            return any(list(places(pattern, part)) for pattern in name.patterns for part in parts)
        case Phrase(text):
            return any(list(places(exact(words_in(text, ANY)), part)) for part in parts)
        case Prefix(text):
            return any(word.folded.startswith(fold(text)) for part in parts for word in part)
        case Filter(key, value, sign=">="):
            return int(value) <= {"sources": standing.publishers, "sides": standing.sides}[key]
        case Filter("level", value):
            loudness = [Level.NORMAL, Level.MAJOR, Level.BREAKING]
            return loudness.index(Level(value)) <= loudness.index(standing.level)
        case Filter(key, value):
            return value_key(value) in {value_key(had) for had in OPERATORS[key].of(found)}
        case Name():
            return any(list(places(pattern, part)) for pattern in term.patterns for part in parts)
        case InTitle():
            raise AssertionError("a title is looked into before its words are")
