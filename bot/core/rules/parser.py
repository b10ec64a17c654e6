"""Reading a rule: from the grammar's tree to nodes, with the checks that a grammar cannot make."""

import re
from difflib import get_close_matches
from functools import lru_cache

from lark import Token
from lark.exceptions import VisitError
from lark.visitors import Transformer_NonRecursive

from bot.core.language.language import ANY
from bot.core.language.text import Word, is_filling, words_in
from bot.core.rules.ast import (
    AllOf,
    AnyOf,
    Filter,
    InTitle,
    Keyword,
    Node,
    Phrase,
    Prefix,
    Text,
    all_of,
    any_of,
    connectives,
    demands,
    is_bare,
    keyword_text,
    negated,
    normal,
    phrase_text,
    value_key,
)
from bot.core.rules.grammar import Unreadable, key_of, name_in, tree_of
from bot.core.rules.operators import AT_LEAST, OPERATORS, Operator, RuleVocabulary, Typed

MAX_LENGTH = 1000  # characters
MAX_TERMS = 50
MIN_PREFIX = 3  # letters: what begins with two is a good part of any language
_LISTED = 10  # values that an error names at most
_LIKENESS = 0.6
_MARKS = re.compile(r'[":()\-]')
_LONG_WORD = 5  # letters; shorter ones in capitals are names


def read(text: str, vocabulary: RuleVocabulary) -> Node:
    """The tree of a rule, from a text that is `normal` and has straight quotes; raises Unreadable."""
    if not text:
        raise Unreadable("The rule is empty: write a word to follow, such as drone.", 0)
    if len(text) > MAX_LENGTH:
        raise Unreadable(f"The rule has {len(text):,} characters; the limit is {MAX_LENGTH:,}.", MAX_LENGTH)
    # A rule typed wholly in capitals is no evidence that its short words are names.
    longer = any(len(word.surface) >= _LONG_WORD and word.surface.isupper() for word in words_in(text, ANY))
    calm = text
    if text.isupper() and longer:
        calm = "".join(low if len(low := char.lower()) == 1 else char for char in text)  # places must not shift
    try:
        root = _Reader(calm, vocabulary).transform(tree_of(calm))
    except VisitError as error:
        raise error.orig_exc from None
    if not demands(root):
        raise _only_negations(root)
    if _is_in_all(root):
        message = "That is in nearly every report: add a word that tells what it is about, or put it in quotes."
        raise Unreadable(message, root.position, [] if _MARKS.search(text) else [f'"{text}"'])
    return root


class _Reader(Transformer_NonRecursive[Token, Node]):
    """Makes nodes of the grammar's rules: each method is named for one and takes its parts."""

    def __init__(self, text: str, vocabulary: RuleVocabulary) -> None:
        super().__init__()
        self._text = text
        self._vocabulary = vocabulary
        self._terms = 0

    def start(self, parts: list[Node]) -> Node:
        return parts[0]

    def either(self, parts: list[Node]) -> Node:
        return any_of(tuple(parts))

    def both(self, parts: list[Node]) -> Node:
        return _without_small_words(all_of(tuple(parts)))

    def negation(self, parts: tuple[Token, Node]) -> Node:
        sign, node = parts
        return negated(node, _start(sign))

    def term(self, parts: list[Token]) -> Node:
        self._count(parts[0])
        return self._words(parts[0])

    def operator(self, parts: tuple[Token, Token]) -> Node:
        field, token = parts
        self._count(field)
        operator = OPERATORS.get(key_of(field))
        if operator is None:
            raise _unknown_field(field, self._text)
        typed = Typed(value=self._value(operator, token), text=self._words(token), position=_start(field))
        node = operator.build(operator.key, typed)
        if isinstance(node, Filter) and token.type == "PREFIX":
            raise Unreadable(f"{operator.key}{operator.sign} takes a whole name, without *.", _end(token) - 1)
        return node

    def _count(self, token: Token) -> None:
        self._terms += 1
        if self._terms > MAX_TERMS:
            message = f"The rule has more than {MAX_TERMS} words: split it into several."
            raise Unreadable(message, _start(token))

    def _value(self, operator: Operator, token: Token) -> str:
        """The value of a field as this installation spells it; as typed where it has no list of them."""
        typed = token.strip('"*').strip()
        known = _known_values(operator.key, self._vocabulary)
        if not known:
            return typed
        if value_key(typed) not in known:
            raise self._unknown_value(operator, typed, token, known)
        return known[value_key(typed)]

    def _unknown_value(self, operator: Operator, typed: str, token: Token, known: dict[str, str]) -> Unreadable:
        if operator.sign == AT_LEAST and typed.isdecimal():
            *_, most = known.values()
            message = f"{operator.key}{operator.sign}{typed} never matches: the number must be between 1 and {most}."
            return Unreadable(message, _start(token), [self._instead(token, most)])
        named = {value_key(name): value_key(value) for value, name in operator.words().items()}
        likely = get_close_matches(value_key(typed), [*known, *named], n=1, cutoff=_LIKENESS)
        repairs = [self._instead(token, named.get(value, value)) for value in likely]
        listed = f" It can be {', '.join(known.values())}." if len(known) <= _LISTED else ""
        return Unreadable(f"{operator.key}{operator.sign}{typed} isn't known here.{listed}", _start(token), repairs)

    def _words(self, token: Token) -> Text:
        words = words_in(token, ANY)
        position = _start(token)
        if not words:
            message = f"{token} has no letters or digits to look for."
            if token.type == "PHRASE":
                message = "Nothing between these quotation marks can be searched for."
            raise Unreadable(message, position, [self._instead(token, "")])
        if token.type == "PREFIX":
            return self._prefix(token, words, position)
        text = keyword_text(words)
        if token.type == "PHRASE" or text.lower() in connectives():
            return Phrase(phrase_text(words), position)
        return Keyword(text, position)

    def _prefix(self, token: Token, words: tuple[Word, ...], position: int) -> Prefix:
        if len(words) > 1:
            message = "The * works with a single word, not with a compound."
            raise Unreadable(message, _end(token) - 1, [self._instead(token, f"{token[:-1]}")])
        if len(words[0].folded) < MIN_PREFIX:
            message = f"A * needs at least {MIN_PREFIX} letters before it."
            raise Unreadable(message, _end(token) - 1, [self._instead(token, token[:-1])])
        # İ in lower case is two characters, and the second is no letter: it would end the word.
        return Prefix(words[0].surface.lower().replace("i\u0307", "i"), position)

    def _instead(self, token: Token, new: str) -> str:
        return self._text[: _start(token)] + new + self._text[_end(token) :]


@lru_cache(maxsize=64)
def _known_values(key: str, vocabulary: RuleVocabulary) -> dict[str, str]:
    """The values that exist for a field, by what they are compared by."""
    values = [normal(value).replace('"', "") for value in OPERATORS[key].known(vocabulary)]
    return {value_key(value): value for value in sorted(values, key=is_bare)}  # of two spellings the one without quotes


def _unknown_field(field: Token, text: str) -> Unreadable:
    """A word before a colon that is no field: perhaps misspelt, perhaps just followed by a colon."""
    name, position, after = name_in(field), _start(field), text[_end(field) :]
    likely = get_close_matches(name.lower(), OPERATORS, n=1, cutoff=_LIKENESS)
    repairs = [f"{text[:position]}{key}{OPERATORS[key].sign}{after}" for key in likely]
    repairs += [f"{text[:position]}{name}{after}"] if after[:1].isspace() else []
    return Unreadable(f"{name} isn't a field. The fields are {', '.join(OPERATORS)}.", position, repairs)


def _start(token: Token) -> int:
    return token.start_pos or 0


def _end(token: Token) -> int:
    return _start(token) + len(token)


def _without_small_words(node: Node) -> Node:
    """`balloons from belarus` asks for balloons and Belarus; small words count when quoted."""
    if not isinstance(node, AllOf):
        return node
    telling = tuple([part for part in node.nodes if not _is_small(part)])
    return all_of(telling) if any(map(demands, telling)) else node


def _is_small(node: Node) -> bool:
    return isinstance(node, Keyword) and all(map(is_filling, words_in(node.text, ANY)))


def _is_in_all(node: Node) -> bool:
    """Whether nothing but small words must be there."""
    match node:
        case AllOf(nodes):
            return all(_is_in_all(part) for part in nodes if demands(part))
        case InTitle(text):
            return _is_small(text)
        case _:
            return _is_small(node)


def _only_negations(root: Node) -> Unreadable:
    if isinstance(root, AnyOf):
        loose = next(node for node in root.nodes if not demands(node))
        message = "This branch of OR only leaves something out: it would match nearly everything."
        return Unreadable(message, loose.position, [str(all_of(root.nodes))])
    return Unreadable("This rule only leaves things out: add a word that must be there.", root.position)
