"""The rule index: which of many rules an item satisfies, without asking each of them.

A rule is cut into conjunctions (see clauses.py); equal ones are kept once, and each is filed under the rarest token
that it needs and, within that, under its second rarest. An item's own tokens lead to the few that it may satisfy.
"""

import gc
from collections.abc import Iterable, Iterator, Set

from bot.core.language.lexicon import Lexicon
from bot.core.language.text import Words
from bot.core.model import LONE, Item, Match, RuleId, StoryCoverage
from bot.core.rules.aliases import NO_ALIASES, Aliases
from bot.core.rules.features import NOTHING, Token, TokenFinder, is_titled, meanings_in, patterns_in
from bot.core.rules.normal_form import Conjunction, conjunctions
from bot.core.rules.rule import Rule

_SEVERAL = (tuple, dict)
_FEW = 8  # ids that a tuple holds more cheaply than a dict

# A million rules must fit into memory: what is usually one (an id, a conjunction in a place) is kept bare while it is.
Ids = RuleId | tuple[RuleId, ...] | dict[RuleId, None]


class _Filed:
    """A conjunction in its place, with the ids of the rules that have it.

    `more` is the whole conjunction, or None if it asks for no more than the tokens that it is filed under.
    """

    __slots__ = ("first", "ids", "more", "needs", "second", "slot")

    def __init__(self, conjunction: Conjunction, first: Token, second: Token) -> None:
        self.ids: Ids = ()
        self.first = first
        self.second = second
        self.slot = 0
        self.needs = conjunction.needs
        self.more = None if conjunction.is_plain and len(conjunction.needs) <= 2 else conjunction  # noqa: PLR2004

    @property
    def conjunction(self) -> Conjunction:
        """What is asked for."""
        return self.more or Conjunction(self.needs, (), ())


class RuleIndex:
    """Rules by id; `aliases` are the names that their words stand for. Adding and removing take constant time."""

    def __init__(self, aliases: Aliases = NO_ALIASES) -> None:
        self._aliases = aliases
        self._finder = TokenFinder(aliases.lexicon)
        self._rules: dict[RuleId, _Filed | tuple[_Filed, ...]] = {}
        self._filed: dict[tuple[object, ...], _Filed] = {}
        self._nodes: dict[Token, dict[Token, _Filed | list[_Filed]]] = {}

    def __len__(self) -> int:
        return len(self._rules)

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._rules

    def add(self, rule_id: RuleId, rule: Rule) -> None:
        """File a rule; one that had this id before is replaced."""
        if rule_id in self._rules:
            self.remove(rule_id)
        found = conjunctions(rule.root, self._aliases)
        distinct = dict.fromkeys(found) if len(found) > 1 else found
        filed = tuple([self._filed.get(_key(conjunction)) or self._file(conjunction) for conjunction in distinct])
        for entry in filed:
            entry.ids = _with(entry.ids, rule_id)
        self._rules[rule_id] = filed[0] if len(filed) == 1 else filed

    def add_all(self, rules: Iterable[tuple[RuleId, Rule]]) -> None:
        """File many rules, as `add` does each.

        The collector of reference cycles rests meanwhile: an index has none, and looking for them in a growing one
        takes a quarter of the time.
        """
        resting = gc.isenabled()
        gc.disable()
        try:
            for rule_id, rule in rules:
                self.add(rule_id, rule)
        finally:
            if resting:
                gc.enable()

    def remove(self, rule_id: RuleId) -> None:
        """Take a rule out; raises KeyError for an id that is not here."""
        filed = self._rules.pop(rule_id)
        for entry in filed if isinstance(filed, tuple) else (filed,):
            entry.ids = _without(entry.ids, rule_id)
            if entry.ids == ():
                self._unfile(entry)

    def matches(self, item: Item, coverage: StoryCoverage = LONE) -> Iterable[RuleId]:
        """The ids of all rules that the item satisfies as part of a story that stands so, each once, in no order."""
        tokens = self._finder.tokens_of(item, coverage)
        found: set[RuleId] = set()
        for first in self._nodes.keys() & tokens:
            node = self._nodes[first]
            for second in node.keys() & tokens:
                bucket = node[second]
                for entry in bucket if isinstance(bucket, list) else (bucket,):
                    if entry.more is None or entry.more.holds(tokens):
                        found.update(entry.ids if isinstance(entry.ids, _SEVERAL) else (entry.ids,))
        return found

    def explain(self, rule_id: RuleId, item: Item, coverage: StoryCoverage = LONE) -> Match:
        """The words of the item for which it satisfies a rule, in the order of the text; none for fields alone.

        Raises KeyError for an id that is not here.
        """
        tokens = self._finder.tokens_of(item, coverage)
        return Match(rule=rule_id, words=tuple(self._words_for(self._satisfied(rule_id, tokens), tokens, item)))

    def is_satisfied(self, rule_id: RuleId, item: Item, coverage: StoryCoverage = LONE) -> bool:
        """Whether the item satisfies this rule as part of a story that stands so.

        Raises KeyError for an id that is not here.
        """
        return bool(self._satisfied(rule_id, self._finder.tokens_of(item, coverage)))

    def _satisfied(self, rule_id: RuleId, tokens: set[Token]) -> list[Conjunction]:
        filed = self._rules[rule_id]
        asked = [entry.conjunction for entry in (filed if isinstance(filed, tuple) else (filed,))]
        return [conjunction for conjunction in asked if conjunction.holds(tokens)]

    def _file(self, conjunction: Conjunction) -> _Filed:
        self._finder.hold(conjunction.tokens())
        needs = conjunction.needs
        rarest = sorted(needs, key=self._finder.holders) if len(needs) > 1 else needs
        first, second = rarest[0], rarest[1] if len(rarest) > 1 else NOTHING
        entry = self._filed[_key(conjunction)] = _Filed(conjunction, first, second)
        node = self._nodes.setdefault(first, {})
        bucket = node.setdefault(second, entry)
        if isinstance(bucket, list):
            entry.slot = len(bucket)
            bucket.append(entry)
        elif bucket is not entry:
            entry.slot = 1
            node[second] = [bucket, entry]
        return entry

    def _unfile(self, entry: _Filed) -> None:
        node = self._nodes[entry.first]
        bucket = node[entry.second]
        if isinstance(bucket, list) and len(bucket) > 1:
            last = bucket.pop()
            if last is not entry:
                bucket[entry.slot] = last
                last.slot = entry.slot
        else:
            del node[entry.second]
        if not node:
            del self._nodes[entry.first]
        del self._filed[_key(entry.conjunction)]
        self._finder.release(entry.conjunction.tokens())

    def _words_for(self, conjunctions: list[Conjunction], tokens: Set[Token], item: Item) -> Iterator[str]:
        """The pieces of the text that satisfied conjunctions, each once: words as printed, phrases whole."""
        wanted = [token for each in conjunctions for token in each.wanted() if token in tokens]
        spans = [span for token in wanted for span in _spans(token, item.words, self._aliases.lexicon)]
        told: set[str] = set()
        end = (0, 0)
        for part, start, length in sorted(spans, key=lambda span: (span[0], span[1], -span[2])):
            words = (item.words.title, item.words.summary)[part][start : start + length]
            key = " ".join(word.stem for word in words)
            if (part, start) >= end and key not in told:
                yield " ".join(word.surface for word in words)
                told.add(key)
            end = max(end, (part, start + length))


def _key(conjunction: Conjunction) -> tuple[object, ...]:
    """What equal conjunctions share: of plain ones, which most are, only their tokens, to save room."""
    return conjunction if conjunction.bars or conjunction.groups else conjunction.needs


def _with(ids: Ids, added: RuleId) -> Ids:
    if isinstance(ids, dict):
        ids[added] = None
        return ids
    held = ids if isinstance(ids, tuple) else (ids,)
    if not held:
        return added
    return (*held, added) if len(held) < _FEW else dict.fromkeys((*held, added))


def _without(ids: Ids, gone: RuleId) -> Ids:
    if isinstance(ids, dict):
        del ids[gone]
        return ids or ()
    return tuple([rule_id for rule_id in ids if rule_id != gone]) if isinstance(ids, tuple) else ()


def _spans(token: Token, words: Words, lexicon: Lexicon) -> Iterator[tuple[int, int, int]]:
    """Where a token is found: 0 for title or 1 for summary, the first word, how many words."""
    parts = (words.title,) if is_titled(token) else (words.title, words.summary)
    for part, text in enumerate(parts):
        for pattern in patterns_in(token):
            yield from ((part, place, len(pattern)) for place in lexicon.places(pattern, text))
        for meaning in meanings_in(token):
            yield from ((part, place, length) for place, length in meaning.places(text, lexicon))
