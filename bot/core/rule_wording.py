"""Rules in plain words, for the confirmation before one is followed."""

from collections.abc import Sequence

from bot.core.aliases import Aliases, Name, name_of, names_in
from bot.core.operators import OPERATORS
from bot.core.patterns import inflected
from bot.core.terms import AllOf, AnyOf, Filter, InTitle, Keyword, Node, Not, Phrase, Prefix, Term
from bot.core.text import words_in

_SHOWN = 4  # other names of a set that are told


def in_words(root: Node, aliases: Aliases) -> str:
    """What must be there, what must not, and, behind a semicolon, where it must come from."""
    nodes = root.nodes if isinstance(root, AllOf) else (root,)
    filters = ", ".join([_worded(node, aliases) for node in nodes if _is_filter(node)])
    words = tuple(node for node in nodes if not _is_filter(node))
    wanted, barred = _wanted(words, aliases), _barred(words, aliases)
    if not wanted:
        return f"everything {filters}{barred}"
    return f"{wanted}{barred}; {filters}" if filters else f"{wanted}{barred}"


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
            return _listed([_nested(child, aliases) for child in nodes], "or")
        case AllOf(nodes):
            return f"{_wanted(nodes, aliases)}{_barred(nodes, aliases)}"
        case Name():
            return _name(node)
        case _:
            return _term(node, aliases)


def _term(term: Term, aliases: Aliases) -> str:
    match term:
        case Keyword():
            return _name(name_of(term, aliases))
        case Phrase(text):
            return f"“{text}”"
        case Prefix(text):
            return f"words that begin with “{text}”"
        case InTitle(text):
            return OPERATORS[term.key].says.format(_term(text, aliases))
        case Filter(key, value):
            operator = OPERATORS[key]
            return operator.says.format(operator.words.get(value, value))


def _nested(node: Node, aliases: Aliases) -> str:
    text = _worded(node, aliases)
    return f"({text})" if isinstance(node, AllOf | AnyOf) else text


def _name(name: Name) -> str:
    """What was typed, in the spelling of its set, and the other names of the set."""
    typed = " ".join(keyword.text for keyword in name.keywords)
    if name.alias_set is None:
        return typed
    names = name.alias_set.names
    shown = next((known for known in names if inflected(words_in(known)) == name.pattern), names[0])
    others = [known for known in names if known != shown]
    more = len(others) - _SHOWN
    told = [*others[:_SHOWN], f"{more} more"] if more > 1 else others
    return f"{shown} (also {_listed(told, 'and')})"


def _listed(parts: Sequence[str], conjunction: str) -> str:
    return f" {conjunction} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
