"""Rules: what a subscriber follows, what a topic is and what is relevant, in one language.

`drone (poland OR estonia) -football "air space" source:tass exercis*`: words side by side are joined by AND.
The grammar is in rule_grammar.py, its reading in rule_reader.py, the fields in operators.py, the nodes in terms.py.
"""

from dataclasses import dataclass

from bot.core.rules.aliases import NO_ALIASES, Aliases
from bot.core.rules.ast import Filter, InTitle, Node, normal, terms_of
from bot.core.rules.grammar import Unreadable, straight
from bot.core.rules.operators import RuleVocabulary
from bot.core.rules.parser import read
from bot.core.rules.wording import in_words
from bot.errors import RuleError

_CARET_WIDTH = 36  # characters: about what a phone shows of a monospace line


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read; `str()` is its canonical text, which reads back as an equal rule."""

    root: Node

    def __str__(self) -> str:
        return str(self.root)

    def describe(self, aliases: Aliases = NO_ALIASES) -> str:
        """The rule in plain words, with the names that its words stand for."""
        return in_words(self.root, aliases)

    def fields(self) -> frozenset[str]:
        """The keys of the fields that the rule names, such as `relevance`."""
        return frozenset(term.key for term in terms_of(self.root) if isinstance(term, Filter | InTitle))


def parse_rule(text: str, vocabulary: RuleVocabulary | None = None) -> Rule:
    """The rule that a text means; the values of fields are checked against `vocabulary` where one is given.

    Raises RuleError; its `rule` is the text as it was read (clean, straight quotes), its suggestion can be read.
    """
    known = vocabulary or RuleVocabulary()
    typed = straight(normal(text))
    try:
        return Rule(read(typed, known))
    except Unreadable as fault:
        suggestion = _first_readable(fault.repairs, known)
        raise RuleError(fault.message, rule=typed, position=fault.position, suggestion=suggestion) from None


def caret(error: RuleError) -> str:
    """The rule, a ^ beneath the place and what is wrong: for a monospace block, narrow enough for a phone."""
    start = max(0, min(error.position - _CARET_WIDTH // 2, len(error.rule) - _CARET_WIDTH))
    end = start + _CARET_WIDTH
    left, right = "…" if start else "", "…" if end < len(error.rule) else ""
    mark = " " * (len(left) + error.position - start) + "^"
    lines = [f"{left}{error.rule[start:end]}{right}", mark, error.message]
    return "\n".join(lines + ([f"Did you mean: {error.suggestion}"] if error.suggestion else []))


def _first_readable(texts: tuple[str, ...], vocabulary: RuleVocabulary) -> str | None:
    for text in texts:
        try:
            return str(read(text, vocabulary))
        except Unreadable:
            continue
    return None
