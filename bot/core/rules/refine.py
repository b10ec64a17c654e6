"""Rules that are stricter than one that is followed, made from what it brought. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from bot.core.language.text import is_small
from bot.core.model import Item, Relevance
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
    all_of,
    any_of,
    keyword_text,
)
from bot.core.rules.rule import Rule, parse_rule
from bot.errors import RuleError

# Shorter words are seldom what a story is about.
SHORTEST_WORD = 4


def narrower_rules(rule: Rule, items: Sequence[Item], hits: frozenset[str]) -> tuple[tuple[Rule, ...], ...]:
    """Rules that leave out something that these items have (those of a story that fit the rule), grouped by what.

    In this order: a topic, a publisher, what is only related, what is not said in the title, an alternative, a word.
    `hits` are the stems of the words that satisfied the rule: to leave those out would contradict it. Some may fit the
    items all the same: whoever offers them tries them.
    """
    named = rule.fields()
    topics = () if "topic" in named else _distinct(item.topics for item in items)
    publishers = () if named & {"source", "publisher"} else _distinct((item.publisher,) for item in items)
    nodes = rule.root.nodes if isinstance(rule.root, AllOf) else (rule.root,)
    # What the rule says of relevance gives way to `relevance:core`.
    others = [node for node in nodes if not (isinstance(node, Filter) and node.key == "relevance")]
    groups = (
        [_without(rule, Filter("topic", topic)) for topic in topics],
        [_without(rule, Filter("publisher", name)) for name in publishers],
        [all_of((*others, Filter("relevance", Relevance.CORE)))],
        [_in_title(rule.root)],
        list(_with_fewer_choices(rule.root)),
        [_without(rule, Keyword(word)) for word in _distinct(_telling_words(item, hits) for item in items)],
    )
    return tuple(tuple(_readable(rule, group)) for group in groups)


def _distinct(lists: Iterable[Iterable[str]]) -> Iterable[str]:
    return dict.fromkeys(chain.from_iterable(lists))


def _without(rule: Rule, node: Node) -> Node:
    return all_of((rule.root, Not(node)))


def _in_title(node: Node) -> Node:
    """The rule with all that it looks for in the title; what it leaves out, it leaves out as before."""
    match node:
        case Keyword() | Phrase() | Prefix():
            return InTitle(node)
        case AllOf(nodes):
            return all_of(tuple(map(_in_title, nodes)))
        case AnyOf(nodes):
            return any_of(tuple(map(_in_title, nodes)))
        case _:
            return node


def _with_fewer_choices(root: Node) -> Iterator[Node]:
    """The rule without one of its alternatives, for each of them."""
    nodes = root.nodes if isinstance(root, AllOf) else (root,)
    for place, node in enumerate(nodes):
        for gone in node.nodes if isinstance(node, AnyOf) else ():
            rest = any_of(tuple(each for each in node.nodes if each is not gone)) if isinstance(node, AnyOf) else node
            yield all_of((*nodes[:place], rest, *nodes[place + 1 :]))


def _telling_words(item: Item, hits: frozenset[str]) -> Iterator[str]:
    """The words of the title that could name what the story is about."""
    for word in item.words.title:
        is_telling = (
            len(word.folded) >= SHORTEST_WORD and word.folded.isalpha() and not is_small(word.folded, word.lang)
        )
        if is_telling and word.stem not in hits:
            yield keyword_text((word,))


def _readable(rule: Rule, nodes: Sequence[Node]) -> Iterator[Rule]:
    """The rules that these trees are when they are read back; those that cannot be, or are the same rule, are left."""
    for text in dict.fromkeys(map(str, nodes)):
        try:
            read = parse_rule(text)
        except RuleError:
            # Over the length that rules may have, or nothing is left that must be there.
            continue
        if read != rule:
            yield read
