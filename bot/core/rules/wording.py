"""Rules in plain words, for the confirmation before one is followed."""

from collections.abc import Iterator, Sequence

from bot.core.rules.aliases import Aliases, Name, name_of, names_in
from bot.core.rules.ast import AllOf, AnyOf, Filter, InTitle, Keyword, Node, Not, Phrase, Prefix, Term
from bot.core.rules.operators import OPERATORS

_SHOWN = 3  # other names of a set that are told


def in_words(root: Node, aliases: Aliases) -> str:
    """What must be there, what must not, where it must come from; then the other names that will be found."""
    nodes = root.nodes if isinstance(root, AllOf) else (root,)
    filters = ", ".join([_worded(node, aliases) for node in nodes if _is_filter(node)])
    words = tuple(node for node in nodes if not _is_filter(node))
    wanted, barred = _wanted(words, aliases), _barred(words, aliases)
    text = f"{wanted}{barred}" if wanted else f"everything {filters}{barred}"
    if wanted and filters:
        text = f"{text}; {filters}"
    others = dict.fromkeys(_others(name) for name in _names(root, aliases) if name.alias_set)
    return f"{text}. Also matches: {'; '.join(others)}" if others else text


def _is_filter(node: Node) -> bool:
    match node:
        case Filter():
            return True
        case Not(child):
            return _is_filter(child)
        case AnyOf(nodes):
            return all(map(_is_filter, nodes))
        case _:
            return False


def _wanted(nodes: tuple[Node, ...], aliases: Aliases) -> str:
    parts = names_in(tuple(node for node in nodes if not isinstance(node, Not)), aliases)
    said = [_worded(part, aliases) for part in parts]
    grouped = any(isinstance(node, AnyOf) for node in nodes)
    return ", and ".join(said) if grouped else _listed(said, "and")


def _barred(nodes: tuple[Node, ...], aliases: Aliases) -> str:
    inner = [node.node for node in nodes if isinstance(node, Not)]
    opened = [child for node in inner for child in (node.nodes if isinstance(node, AnyOf) else (node,))]
    return f", but not {_listed([_nested(node, aliases) for node in opened], 'or')}" if opened else ""


def _worded(node: Node | Name, aliases: Aliases) -> str:
    match node:
        case Not(child):
            return f"not {_nested(child, aliases)}"
        case AnyOf(nodes):
            anything = "" if _is_filter(node) else "anything "
            said = [anything * isinstance(child, Filter) + _nested(child, aliases) for child in nodes]
            return _listed(said, "or")
        case AllOf(nodes):
            return f"{_wanted(nodes, aliases)}{_barred(nodes, aliases)}"
        case Name():
            return node.shown
        case _:
            return _term(node, aliases)


def _term(term: Term, aliases: Aliases) -> str:
    match term:
        case Keyword():
            return name_of(term, aliases).shown
        case Phrase(text):
            return f"exactly “{text}”"
        case Prefix(text):
            return f"words that begin with “{text}”"
        case InTitle(text):
            return OPERATORS[term.key].says.format(_term(text, aliases))
        case Filter(key, value):
            operator = OPERATORS[key]
            return operator.says.format(operator.words().get(value, value))


def _nested(node: Node, aliases: Aliases) -> str:
    text = _worded(node, aliases)
    return f"({text})" if isinstance(node, AllOf | AnyOf) else text


def _names(node: Node | Name, aliases: Aliases) -> Iterator[Name]:
    """The names that a rule speaks of, in the order of its text."""
    match node:
        case Name():
            yield node
        case Keyword():
            yield name_of(node, aliases)
        case InTitle(text):
            yield from _names(text, aliases)
        case Not(child):
            yield from _names(child, aliases)
        case AllOf(nodes) | AnyOf(nodes):
            for part in names_in(nodes, aliases) if isinstance(node, AllOf) else nodes:
                yield from _names(part, aliases)


def _others(name: Name) -> str:
    """A name and what else its set holds: `Poland (Polish, Польша, польский and 5 more)`."""
    known = name.alias_set.names if name.alias_set else ()
    others = [other for other in known if other != name.shown]
    more = len(others) - _SHOWN
    told = [*others[:_SHOWN], f"{more} more"] if more > 1 else others
    return f"{name.shown} ({_listed(told, 'and')})"


def _listed(parts: Sequence[str], conjunction: str) -> str:
    return f" {conjunction} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
