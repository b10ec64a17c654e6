"""What a rule with a misspelt word may have meant: names, and words that have been in the news. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import SequenceMatcher

from bot.core.language.language import ANY
from bot.core.language.text import fold, stem_of
from bot.core.rules.aliases import Aliases, name_of
from bot.core.rules.ast import AllOf, AnyOf, InTitle, Keyword, Node, Not, terms_of
from bot.core.rules.rule import Rule, parse_rule
from bot.errors import RuleError

_ODD_LETTERS = 2  # by which what was meant may be longer or shorter
_LIKENESS = 0.83  # polland and poland .92, estonai and estonia .86, tnaker and tanker .83
_KIN = 3  # letters that all inflections of a word share
_SLIPS = 30  # times that a word is printed for each time that it is misprinted, or is a word of another language
_WORD = re.compile(r"[^\W\d_]{5,}")  # of shorter words too many are near


def words_printed(titles: str) -> Counter[str]:
    """How often each longer word is in titles that are joined to one text; in lower case."""
    return Counter(_WORD.findall(titles.lower()))


def unknown_words(rule: Rule, aliases: Aliases) -> tuple[str, ...]:
    """The longer words that a rule looks for and that are no names."""
    terms = (term.term if isinstance(term, InTitle) else term for term in terms_of(rule.root))
    words = (term for term in terms if isinstance(term, Keyword) and _WORD.fullmatch(term.text))
    return tuple(dict.fromkeys(word.text for word in words if name_of(word, aliases).alias_set is None))


def likely_rule(rule: Rule, aliases: Aliases, printed: Mapping[str, int]) -> Rule | None:
    """The rule with each word that nobody prints replaced by the likeliest that it was meant for; None if none is."""
    meant = {word: likely for word in unknown_words(rule, aliases) if (likely := _likely(word, aliases, printed))}
    if not meant:
        return None
    try:
        return parse_rule(str(_with_words(rule.root, meant)))
    except RuleError:  # a word that joins others
        return None


def _likely(word: str, aliases: Aliases, printed: Mapping[str, int]) -> str | None:
    form = fold(word)
    stem, first = stem_of(form, ANY), form[0]
    names = frozenset(_names(aliases))
    near = {each: fold(each) for each in names.union(printed) if fold(each[0]) == first}
    own = {each for each, other in near.items() if other[:_KIN] == form[:_KIN] and stem_of(other, ANY) == stem}
    if own & names:
        return None
    matcher = SequenceMatcher(None, b=form, autojunk=False)
    best = (_LIKENESS, False, 0, "")
    for candidate, other in near.items():
        if candidate not in own and abs(len(other) - len(form)) <= _ODD_LETTERS:
            matcher.set_seq1(other)
            if matcher.quick_ratio() >= best[0]:
                has_such_letters = candidate.isascii() == word.isascii()
                best = max(best, (matcher.ratio(), has_such_letters, printed.get(candidate, 0), candidate))
    _, _, count, likeliest = best
    is_slip = count >= _SLIPS * sum(printed.get(each, 0) for each in own)
    return likeliest if likeliest and is_slip else None


def _names(aliases: Aliases) -> Iterator[str]:
    names = (name for each in aliases.sets for name in each.names)
    return (word for name in names for word in _WORD.findall(name.lower()))


def _with_words(node: Node, words: Mapping[str, str]) -> Node:
    match node:
        case Keyword(text):
            return Keyword(words.get(text, text))
        case InTitle(Keyword(text)):
            return InTitle(Keyword(words.get(text, text)))
        case AllOf(nodes) | AnyOf(nodes):
            return replace(node, nodes=tuple(_with_words(child, words) for child in nodes))
        case Not(child):
            return Not(_with_words(child, words))
        case _:
            return node
