"""Tokens: what an item has or has not, and what rules are filed under.

A token is a string that says itself what it stands for:

    drone                   a word with this stem
    NATO                    a short name in capitals
    =drone                  just this form
    exercis*                a form that begins so
    =air =space             a pattern: such words side by side
    NATO|НАТО|nord stream   any of these
    title:drone             this, in the title
    source:tass             a value of a field
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from sys import intern
from typing import Any

from bot.core.language.patterns import Pattern, Reading, is_at
from bot.core.language.text import Word, fold, stem_of
from bot.core.model import LONE, Item, StoryCoverage
from bot.core.rules.ast import InTitle, value_key
from bot.core.rules.operators import OPERATORS

Token = str
NOTHING = ""  # the token that every item has

_IN_TITLE = f"{InTitle.key}:"
_STEP = 3  # letters that prefixes are filed under; terms have at least as many


def pattern_token(pattern: Pattern) -> Token:
    """The token of one pattern."""
    return intern(" ".join(_WRITTEN[reading].format(value) for reading, value in pattern))


def any_token(patterns: Iterable[Pattern]) -> Token:
    """The token of several patterns of which any will do."""
    return intern("|".join(map(pattern_token, patterns)))


def title_token(token: Token) -> Token:
    """The token of another that must be had by the title."""
    return intern(_IN_TITLE + token)


@lru_cache(maxsize=4096)
def field_token(key: str, value: str) -> Token:
    """The token of a value of a field."""
    return intern(f"{key}:{value_key(value)}")


def patterns_in(token: Token) -> tuple[Pattern, ...]:
    """The patterns that a token asks for, in the title or anywhere; none for a field."""
    if is_titled(token):
        return patterns_in(token.removeprefix(_IN_TITLE))
    return () if is_field(token) else tuple(map(_pattern, token.split("|")))


def is_titled(token: Token) -> bool:
    """Whether a token asks for something in the title."""
    return token.startswith(_IN_TITLE)


def is_field(token: Token) -> bool:
    """Whether a token is a value of a field."""
    return ":" in token and not is_titled(token)


_WRITTEN = {Reading.STEM: "{}", Reading.NAME: "{}", Reading.FOLDED: "={}", Reading.BEGINNING: "{}*"}


def _pattern(text: str) -> Pattern:
    return tuple(map(_element, text.split(" ")))


def _element(text: str) -> tuple[Reading, str]:
    if text.startswith("="):
        return Reading.FOLDED, text[1:]
    if text.endswith("*"):
        return Reading.BEGINNING, text[:-1]
    return (Reading.NAME if text.isupper() else Reading.STEM), text


class TokenFinder:
    """The tokens of an item, as far as rules ask for them.

    Stems, names and fields are found unasked; the rest only while somebody holds the token.
    """

    def __init__(self) -> None:
        self._holders: dict[Token, int] = {}
        self._forms: dict[str, Token] = {}
        self._beginnings: dict[str, dict[str, Token]] = {}  # by their first letters
        self._phrases: dict[str, dict[str, dict[Token, Pattern]]] = {}  # by the stems of their first two words
        self._groups: dict[Token, dict[Token, Token]] = {}  # by member
        self._titled: dict[Token, Token] = {}  # by what the title must have

    def holders(self, token: Token) -> int:
        """How many hold a token: the more, the more items are likely to have it."""
        return self._holders.get(token, 0)

    def hold(self, tokens: Iterable[Token]) -> None:
        """Look out for tokens from now on; each hold needs its release."""
        holders = self._holders
        for token in tokens:
            held = holders.get(token, 0)
            holders[token] = held + 1
            if not held and not token.isalnum():  # a stem or a name is found unasked
                self.hold(members(token))
                for shelf, path, value in self._places(token):
                    _put(shelf, path, value)

    def release(self, tokens: Iterable[Token]) -> None:
        """The opposite of `hold`."""
        holders = self._holders
        for token in tokens:
            holders[token] -= 1
            if not holders[token]:
                del holders[token]
                self.release(members(token))
                for shelf, path, _ in self._places(token):
                    _take(shelf, path)

    def tokens_of(self, item: Item, standing: StoryCoverage = LONE) -> set[Token]:
        """All tokens that the item and its story have and somebody may ask for; `NOTHING` is among them."""
        in_title = self._found(item.words.title)
        tokens = self._found(item.words.summary)
        tokens |= in_title
        tokens.update([self._titled[token] for token in self._titled.keys() & in_title])
        tokens.update([field_token(key, value) for key, of in _FIELDS for value in of(item)])
        tokens.update(_standing_tokens(standing))
        tokens.add(NOTHING)
        return tokens

    def _found(self, words: tuple[Word, ...]) -> set[Token]:
        tokens = {word.stem for word in words}
        tokens.update([word.name for word in words])
        if self._forms or self._beginnings:
            forms = {word.folded for word in words}
            tokens.update([self._forms[form] for form in self._forms.keys() & forms])
            tokens.update(self._begun(forms))
        if self._phrases:
            tokens.update(self._said(words))
        for token in self._groups.keys() & tokens:
            tokens.update(self._groups[token])
        return tokens

    def _begun(self, forms: set[str]) -> Iterator[Token]:
        for form in forms:
            beginnings = self._beginnings.get(form[:_STEP], {})
            lengths = range(_STEP, len(form) + 1) if beginnings else ()
            yield from (beginnings[form[:length]] for length in lengths if form[:length] in beginnings)

    def _said(self, words: tuple[Word, ...]) -> Iterator[Token]:
        for place, (word, following) in enumerate(pairwise(words)):
            phrases = self._phrases.get(word.stem)
            if phrases and following.stem in phrases:
                for token, pattern in phrases[following.stem].items():
                    if is_at(pattern, words, place):
                        yield token

    def _places(self, token: Token) -> Iterator[tuple[dict[str, Any], tuple[str, ...], Token | Pattern]]:
        """Where a token is filed, by what it is found by; stems, names and fields need no place."""
        if is_titled(token):
            yield self._titled, tuple(members(token)), token
        elif "|" in token:
            yield from ((self._groups, (member, token), token) for member in members(token))
        elif " " in token:
            pattern = _pattern(token)
            first, second = (_stem(element) for element in pattern[:2])
            yield self._phrases, (first, second, token), pattern
        elif token.startswith("="):
            yield self._forms, (token[1:],), token
        elif token.endswith("*"):
            yield self._beginnings, (token[:_STEP], token[:-1]), token


@lru_cache(maxsize=1024)
def _standing_tokens(standing: StoryCoverage) -> tuple[Token, ...]:
    return tuple(field_token(row.key, value) for row in OPERATORS.values() for value in row.of_story(standing))


_FIELDS = tuple((operator.key, operator.of) for operator in OPERATORS.values())


def members(token: Token) -> list[Token]:
    """The tokens that a token is made of: what must be in the title, or those of which one is enough."""
    return [intern(token.removeprefix(_IN_TITLE))] if is_titled(token) else choices(token)


def choices(token: Token) -> list[Token]:
    """The tokens of which one is enough; none for a token that stands for itself."""
    return list(map(intern, token.split("|"))) if "|" in token and not is_titled(token) else []


def _stem(element: tuple[Reading, str]) -> str:
    """The stem of the words that an element of a phrase accepts."""
    reading, value = element
    return value if reading is Reading.STEM else stem_of(fold(value))


def _put(shelf: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    for key in path[:-1]:
        shelf = shelf.setdefault(key, {})
    shelf[path[-1]] = value


def _take(shelf: dict[str, Any], path: tuple[str, ...]) -> None:
    """The opposite of `_put`; leaves no empty shelves behind."""
    if len(path) > 1:
        _take(shelf[path[0]], path[1:])
    if len(path) == 1 or not shelf[path[0]]:
        del shelf[path[0]]
