"""Tokens: what an item has or has not, and what rules are filed under.

A token is a string that says itself what it stands for:

    drone                   this word in any inflection
    NATO                    a short name in capitals
    =drone                  just this form
    exercis*                a form that begins so
    =air =space             a pattern: such words side by side
    NATO|НАТО|nord stream   any of these
    title:drone             this, in the title
    source:tass             a value of a field
"""

import re
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from itertools import product
from sys import intern
from typing import Any

from bot.core.language.patterns import Pattern, Reading, places
from bot.core.language.text import Word, sought, stems_sought
from bot.core.model import LONE, Item, StoryCoverage
from bot.core.rules.ast import InTitle, value_key
from bot.core.rules.operators import OPERATORS

Token = str
NOTHING = ""  # the token that every item has

_IN_TITLE = f"{InTitle.key}:"
_OTHER = re.compile("[=*| :]")  # what other tokens than words and names are written with; NOTHING has no letters
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

    Names and fields are found unasked; the rest only while somebody holds the token.
    """

    def __init__(self) -> None:
        self._holders: dict[Token, int] = {}
        self._stems: dict[str, dict[str, tuple[Token, ...]]] = {}  # by who reads them
        self._forms: dict[str, Token] = {}
        self._beginnings: dict[str, dict[str, Token]] = {}  # by their first letters
        self._phrases: dict[str, dict[str, dict[Token, Pattern]]] = {}  # by the looks of their first two words
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
            if not held:
                self.hold(members(token))
                if _is_inflected(token):
                    for reader, shelf in self._stems.items():
                        _shelve(shelf, sought(token, reader), token)
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
                if _is_inflected(token):
                    for reader, shelf in self._stems.items():
                        _unshelve(shelf, sought(token, reader), token)
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
        tokens, forms = {word.name for word in words}, {word.folded for word in words}
        stems = self._stems
        for reader in {word.lang for word in words} - stems.keys():
            self._shelve_for(reader)
        if self._phrases:
            tokens.update(self._said(words, tokens | forms | {word.stem for word in words}))
        tokens.update(*[stems[word.lang][word.stem] for word in words if word.stem in stems[word.lang]])
        if self._forms or self._beginnings:
            tokens.update([self._forms[form] for form in self._forms.keys() & forms])
            tokens.update(self._begun(forms))
        for token in self._groups.keys() & tokens:
            tokens.update(self._groups[token])
        return tokens

    def _shelve_for(self, reader: str) -> None:
        """File the words that are looked for by their stems as a reader has them; it waits for its first text."""
        shelf = self._stems[reader] = {}
        for token in filter(_is_inflected, self._holders):
            _shelve(shelf, sought(token, reader), token)

    def _begun(self, forms: set[str]) -> Iterator[Token]:
        for form in forms:
            beginnings = self._beginnings.get(form[:_STEP], {})
            lengths = range(_STEP, len(form) + 1) if beginnings else ()
            yield from (beginnings[form[:length]] for length in lengths if form[:length] in beginnings)

    def _said(self, words: tuple[Word, ...], looks: set[str]) -> Iterator[Token]:
        for first in self._phrases.keys() & looks:
            shelf = self._phrases[first]
            for second in shelf.keys() & looks:
                for token, pattern in shelf[second].items():
                    if next(places(pattern, words), None) is not None:
                        yield token

    def _places(self, token: Token) -> Iterator[tuple[dict[str, Any], tuple[str, ...], Token | Pattern]]:
        """Where a token is filed, by what it is found by; words, names and fields need no place."""
        if is_titled(token):
            yield self._titled, tuple(members(token)), token
        elif "|" in token:
            yield from ((self._groups, (member, token), token) for member in members(token))
        elif " " in token:
            pattern = _pattern(token)
            for first, second in product(*map(_looks, pattern[:2])):
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


def _is_inflected(token: Token) -> bool:
    """Whether a token is one word in any inflection."""
    return bool(token) and not _OTHER.search(token) and not token.isupper()


def _shelve(shelf: dict[str, tuple[Token, ...]], stem: str, token: Token) -> None:
    if stem:
        shelf[stem] = (*shelf.get(stem, ()), token)


def _unshelve(shelf: dict[str, tuple[Token, ...]], stem: str, token: Token) -> None:
    if left := tuple([other for other in shelf.get(stem, ()) if other != token]):
        shelf[stem] = left
    else:
        shelf.pop(stem, None)


def _looks(element: tuple[Reading, str]) -> Set[str]:
    """What words that an element of a phrase accepts look like: their form, name or stem."""
    reading, value = element
    return stems_sought(value) if reading is Reading.STEM else {value}


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
