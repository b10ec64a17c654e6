"""Rules that nothing can fit: they ask for what they leave out, or for two values of a field that has one."""

from collections.abc import Iterable, Set

from bot.core.language.patterns import implies
from bot.core.rules.aliases import Aliases
from bot.core.rules.ast import AllOf, Filter, Node, Not, all_of, any_of, value_key
from bot.core.rules.features import Token, choices, is_titled, members, patterns_in
from bot.core.rules.normal_form import Clause, Conjunction, Lacks, Some, conjunctions
from bot.core.rules.operators import OPERATORS
from bot.core.rules.rule import Rule
from bot.errors import RuleError


def refuse_contradictory(rule: Rule, aliases: Aliases) -> None:
    """Raise RuleError for a rule that nothing can fit, with the part that makes it so and a rule without that."""
    nodes = rule.root.nodes if isinstance(rule.root, AllOf) else ()
    if rivals := _rivals(nodes):
        message = "A report has only one {key}, so nothing can match both {both}.".format(
            key=rivals[0].key, both=" and ".join(map(str, rivals))
        )
        others = tuple(node for node in nodes if node not in rivals)
        raise _error(rule, rivals[1], message, all_of((*others, any_of(rivals))))
    if any(_can_hold(each) for each in conjunctions(rule.root, aliases)):
        return
    for node in nodes:
        rest = all_of(tuple(other for other in nodes if other is not node)) if isinstance(node, Not) else None
        if rest is not None and any(_can_hold(each) for each in conjunctions(rest, aliases)):
            raise _error(rule, node, f"{node} leaves out what the rule asks for, so nothing can match.", rest)
    raise _error(rule, rule.root, "It leaves out what it asks for, so nothing can match.", None)


def _rivals(nodes: tuple[Node, ...]) -> tuple[Filter, ...]:
    """Several values of a field of which a report has only one."""
    for key in [operator.key for operator in OPERATORS.values() if operator.is_single]:
        found = {value_key(node.value): node for node in nodes if isinstance(node, Filter) and node.key == key}
        if len(found) > 1:
            return tuple(found.values())
    return ()


def _can_hold(conjunction: Conjunction) -> bool:
    barred = _with_choices(conjunction.bars)
    needed = frozenset(conjunction.needs)
    return not any(_is_barred(need, barred) for need in needed) and all(
        _may_hold(group, needed, barred) for group in conjunction.groups
    )


def _may_hold(clause: Clause, needed: Set[Token], barred: Set[Token]) -> bool:
    match clause:
        case str():
            return not _is_barred(clause, barred)
        case Lacks(token):
            return not any(_is_barred(need, _with_choices([token])) for need in needed)
        case Some(clauses):
            return any(_may_hold(each, needed, barred) for each in clauses)
        case _:
            return all(_may_hold(each, needed, barred) for each in clause.clauses)


def _is_barred(token: Token, barred: Set[Token]) -> bool:
    """Whether whatever has the token has one that is barred: it itself, all of which it is any one, or what it implies:
    "drone strike" has a drone.
    """
    if token in barred:
        return True
    if is_titled(token):
        in_title = [inner for bar in barred if is_titled(bar) for inner in members(bar)]
        return all(_is_barred(part, barred | _with_choices(in_title)) for part in members(token))
    if parts := choices(token):
        return all(_is_barred(part, barred) for part in parts)
    words = patterns_in(token)
    return bool(words) and any(
        implies(words[0], pattern)
        for bar in barred
        if not is_titled(bar) and not choices(bar)
        for pattern in patterns_in(bar)
    )


def _with_choices(tokens: Iterable[Token]) -> frozenset[Token]:
    """The tokens, and all of which any one is enough to have one of them."""
    return frozenset(each for token in tokens for each in (token, *choices(token)))


def _error(rule: Rule, node: Node, message: str, suggestion: Node | None) -> RuleError:
    text = str(rule)
    position = max(text.find(str(node)), 0)
    return RuleError(message, rule=text, position=position, suggestion=None if suggestion is None else str(suggestion))
