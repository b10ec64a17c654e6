"""The rule index: which of many rules an item satisfies, without asking each of them.

A rule is cut into conjunctions (see clauses.py); equal ones are kept once, and each is filed under the rarest token
that it needs and, within that, under its second rarest. An item's own tokens lead to the few that it may satisfy.
"""

from collections.abc import Iterable, Iterator, Set

from bot.core.aliases import NO_ALIASES, Aliases
from bot.core.clauses import Conjunction, clause_of, conjunctions
from bot.core.model import Item, Match, RuleId
from bot.core.patterns import places
from bot.core.rules import Rule
from bot.core.text import Words
from bot.core.tokens import NOTHING, Token, TokenFinder, is_titled, patterns_in

_FEW = 8  # ids that a tuple holds more cheaply than a dict


class _Filed:
    """A conjunction in its place, with the ids of the rules that have it."""

    __slots__ = ("conjunction", "first", "ids", "plain", "second", "slot")

    def __init__(self, conjunction: Conjunction, first: Token, second: Token) -> None:
        self.conjunction = conjunction
        self.first = first
        self.second = second
        self.plain = len(conjunction.needs) <= 2 and not conjunction.bars and not conjunction.groups  # noqa: PLR2004
        self.slot = 0
        self.ids: tuple[RuleId, ...] | dict[RuleId, None] = ()


class RuleIndex:
    """Rules by id; `aliases` are the names that their words stand for. Adding and removing take constant time."""

    def __init__(self, aliases: Aliases = NO_ALIASES) -> None:
        self._aliases = aliases
        self._finder = TokenFinder()
        self._rules: dict[RuleId, tuple[_Filed, ...]] = {}
        self._filed: dict[Conjunction, _Filed] = {}
        self._nodes: dict[Token, dict[Token, list[_Filed]]] = {}

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._rules

    def add(self, rule_id: RuleId, rule: Rule) -> None:
        """File a rule; one that had this id before is replaced."""
        if rule_id in self._rules:
            self.remove(rule_id)
        found = dict.fromkeys(conjunctions(clause_of(rule.root, self._aliases)))
        filed = tuple([self._filed.get(conjunction) or self._file(conjunction) for conjunction in found])
        for entry in filed:
            entry.ids = _with(entry.ids, rule_id)
        self._rules[rule_id] = filed

    def remove(self, rule_id: RuleId) -> None:
        """Take a rule out; raises KeyError for an id that is not here."""
        for entry in self._rules.pop(rule_id):
            entry.ids = _without(entry.ids, rule_id)
            if not entry.ids:
                self._unfile(entry)

    def matches(self, item: Item) -> Iterable[RuleId]:
        """The ids of all rules that the item satisfies, each once, in no order."""
        tokens = self._finder.tokens_of(item)
        found: set[RuleId] = set()
        for first in self._nodes.keys() & tokens:
            node = self._nodes[first]
            for second in node.keys() & tokens:
                for entry in node[second]:
                    if entry.plain or entry.conjunction.holds(tokens):
                        found.update(entry.ids)
        return found

    def explain(self, rule_id: RuleId, item: Item) -> Match:
        """The words of the item for which it satisfies a rule, in the order of the text; none for fields alone.

        Raises KeyError for an id that is not here.
        """
        tokens = self._finder.tokens_of(item)
        satisfied = [entry.conjunction for entry in self._rules[rule_id] if entry.conjunction.holds(tokens)]
        return Match(rule=rule_id, words=tuple(_words_for(satisfied, tokens, item)))

    def _file(self, conjunction: Conjunction) -> _Filed:
        for token in conjunction.tokens():
            self._finder.hold(token)
        first, second, *_ = [*sorted(conjunction.needs, key=self._finder.holders), NOTHING]
        entry = self._filed[conjunction] = _Filed(conjunction, first, second)
        bucket = self._nodes.setdefault(first, {}).setdefault(second, [])
        entry.slot = len(bucket)
        bucket.append(entry)
        return entry

    def _unfile(self, entry: _Filed) -> None:
        node = self._nodes[entry.first]
        bucket = node[entry.second]
        last = bucket.pop()
        if last is not entry:
            bucket[entry.slot] = last
            last.slot = entry.slot
        if not bucket:
            del node[entry.second]
        if not node:
            del self._nodes[entry.first]
        del self._filed[entry.conjunction]
        for token in entry.conjunction.tokens():
            self._finder.release(token)


def _with(ids: tuple[RuleId, ...] | dict[RuleId, None], added: RuleId) -> tuple[RuleId, ...] | dict[RuleId, None]:
    if isinstance(ids, tuple):
        return (*ids, added) if len(ids) < _FEW else dict.fromkeys((*ids, added))
    ids[added] = None
    return ids


def _without(ids: tuple[RuleId, ...] | dict[RuleId, None], gone: RuleId) -> tuple[RuleId, ...] | dict[RuleId, None]:
    if isinstance(ids, tuple):
        return tuple([rule_id for rule_id in ids if rule_id != gone])
    del ids[gone]
    return ids


def _words_for(conjunctions: list[Conjunction], tokens: Set[Token], item: Item) -> Iterator[str]:
    """The pieces of the text that satisfied conjunctions, each once: words as printed, phrases whole."""
    wanted = [token for each in conjunctions for token in each.wanted() if token in tokens]
    spans = [span for token in wanted for span in _spans(token, item.words)]
    told: set[str] = set()
    end = (0, 0)
    for part, start, length in sorted(spans, key=lambda span: (span[0], span[1], -span[2])):
        words = (item.words.title, item.words.summary)[part][start : start + length]
        key = " ".join(word.stem for word in words)
        if (part, start) >= end and key not in told:
            yield " ".join(word.surface for word in words)
            told.add(key)
        end = max(end, (part, start + length))


def _spans(token: Token, words: Words) -> Iterator[tuple[int, int, int]]:
    """Where a token is found: 0 for title or 1 for summary, the first word, how many words."""
    parts = (words.title,) if is_titled(token) else (words.title, words.summary)
    for part, text in enumerate(parts):
        for pattern in patterns_in(token):
            yield from ((part, place, len(pattern)) for place in places(pattern, text))
