"""Tokens: what an item has or has not, and what rules are filed under.

A token is a string that says itself what it stands for:

    drone                   this word in any inflection
    NATO                    a short name in capitals
    =drone                  just this form
    exercis*                a form that begins so
    =air =space             a pattern: such words side by side
    NATO|НАТО|nord stream   any of these
    title:drone             this, in the title
     drone                  (behind a space) a word of a phrase, which is only looked for to find the phrase
    source:tass             a value of a field
    ~air_force/en.sv        a thing or a name (@black_sea/) by the words that a text has for it, in other languages than
                            these: there the word itself is looked for
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from sys import intern
from typing import Any

from bot.core.language.lexicon import NAME, NO_LEXICON, THING, Lexicon, Meaning
from bot.core.language.patterns import Pattern, WordForm
from bot.core.language.text import Word, is_form_of, parts_in, sought
from bot.core.model import LONE, Item, StoryCoverage
from bot.core.rules.ast import InTitle, value_key
from bot.core.rules.operators import OPERATORS

Token = str
NOTHING = ""  # the token that every item has

_IN_TITLE = f"{InTitle.key}:"
_OTHER = re.compile("[=*| :@~]")  # what other tokens than words and names are written with; NOTHING has no letters
_MEMO_LIMIT = 10_000  # words of a reader
_SHORTEST_BEGINNING = 3  # letters
_NO_TOKENS: Mapping[Token, frozenset[str]] = {}


def pattern_token(pattern: Pattern) -> Token:
    """The token of one pattern."""
    return intern(" ".join(_WRITTEN[reading].format(value) for reading, value in pattern))


def any_token(patterns: Iterable[Pattern], meaning: Meaning | None = None) -> Token:
    """The token of several patterns and a meaning of which any will do."""
    return intern("|".join([*map(pattern_token, patterns), *([meaning_token(meaning)] if meaning else ())]))


def meaning_token(meaning: Meaning) -> Token:
    """The token of what a word means in other languages."""
    return intern(f"{meaning.term.replace(' ', '_')}/{'.'.join(sorted(meaning.langs))}")


def meaning_in(token: Token) -> Meaning | None:
    """The meaning that a token stands for, if it is one of a meaning."""
    if not token.startswith((NAME, THING)):
        return None
    term, _, langs = token.rpartition("/")
    return Meaning(term.replace("_", " "), frozenset(langs.split(".") if langs else ()))


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
    return () if is_field(token) else tuple([_pattern(part) for part in token.split("|") if not meaning_in(part)])


def meanings_in(token: Token) -> tuple[Meaning, ...]:
    """The meanings that a token asks for, in the title or anywhere; see `patterns_in`."""
    return tuple([meaning for part in token.removeprefix(_IN_TITLE).split("|") if (meaning := meaning_in(part))])


def is_titled(token: Token) -> bool:
    """Whether a token asks for something in the title."""
    return token.startswith(_IN_TITLE)


def is_field(token: Token) -> bool:
    """Whether a token is a value of a field."""
    return ":" in token and not is_titled(token)


_WRITTEN = {WordForm.STEM: "{}", WordForm.NAME: "{}", WordForm.FOLDED: "={}", WordForm.BEGINNING: "{}*"}


def _pattern(text: str) -> Pattern:
    return tuple(map(_element, text.split(" ")))


def _element(text: str) -> tuple[WordForm, str]:
    if text.startswith("="):
        return WordForm.FOLDED, text[1:]
    if text.endswith("*"):
        return WordForm.BEGINNING, text[:-1]
    return (WordForm.NAME if text.isupper() else WordForm.STEM), text


class TokenFinder:
    """The tokens of an item, as far as rules ask for them.

    Fields are found unasked; the rest only while somebody holds the token.
    """

    def __init__(self, lexicon: Lexicon = NO_LEXICON) -> None:
        self._lexicon = lexicon
        self._meanings: dict[str, dict[Token, frozenset[str]]] = {}  # by term, with the languages that do not count
        self._holders: dict[Token, int] = {}
        self._stems: dict[str, dict[str, tuple[Token, ...]]] = {}  # by who reads them, from the first such text on
        self._memo: dict[str, dict[str, tuple[Token, ...]]] = {}  # what words have, by who reads them and as printed
        self._parts: set[Token] = set()  # the words of phrases
        self._phrases: dict[str, dict[str, dict[Token, Pattern]]] = {}  # by their first two words
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
                self._memo.clear()
                self._parts.update([token] if token[0] == " " else ())
                self.hold(members(token))
                for reader, shelf in self._stems.items() if _is_inflected(token) else ():
                    _shelve(shelf, sought(token.strip(), reader), token)
                for shelf, path, value in self._places(token):
                    _put(shelf, path, value)

    def release(self, tokens: Iterable[Token]) -> None:
        """The opposite of `hold`."""
        holders = self._holders
        for token in tokens:
            holders[token] -= 1
            if not holders[token]:
                del holders[token]
                self._memo.clear()
                self._parts.discard(token)
                self.release(members(token))
                for reader, shelf in self._stems.items() if _is_inflected(token) else ():
                    stem = sought(token.strip(), reader)
                    if left := tuple([other for other in shelf.get(stem, ()) if other != token]):
                        shelf[stem] = left
                    else:
                        shelf.pop(stem, None)
                for shelf, path, _ in self._places(token):
                    _take(shelf, path)

    def tokens_of(self, item: Item, coverage: StoryCoverage = LONE) -> set[Token]:
        """All tokens that the item and its story have and somebody may ask for; `NOTHING` is among them."""
        in_title = self._found(item.words.title)
        tokens = self._found(item.words.summary)
        tokens |= in_title
        tokens.update([self._titled[token] for token in self._titled.keys() & in_title])
        tokens.update([field_token(key, value) for key, of in _FIELDS for value in of(item)])
        tokens.update(_coverage_tokens(coverage))
        tokens.add(NOTHING)
        return tokens

    def _found(self, words: tuple[Word, ...]) -> set[Token]:
        memo = self._memo
        try:
            tokens = set[Token]().union(*[memo[word.lang][word.surface] for word in words])
        except KeyError:
            tokens = set[Token]().union(*map(self._remember, words))
        if self._meanings:
            tokens.update(self._meant(words))
        if not self._parts:
            return tokens
        found = tokens - self._parts
        for first in self._phrases.keys() & tokens:
            shelf = self._phrases[first]
            for second in shelf.keys() & tokens:
                for token, pattern in shelf[second].items():
                    if next(self._lexicon.places(pattern, words), None) is not None:
                        found.update((token, *self._groups.get(token, ())))
        return found

    def _meant(self, words: tuple[Word, ...]) -> Iterator[Token]:
        """The tokens of meanings that a text has, and those of which they are a choice."""
        for place, found in self._lexicon.all_in(words):
            for term in found.terms:
                for token, langs in self._meanings.get(term, _NO_TOKENS).items():
                    if words[place].lang not in langs:
                        yield token
                        yield from self._groups.get(token, ())

    def _remember(self, word: Word) -> tuple[Token, ...]:
        """The tokens that a word has by itself. What is printed alike and has one reader is the same word."""
        memo, form = self._memo.setdefault(word.lang, {}), word.folded
        if word.surface in memo:
            return memo[word.surface]
        if word.lang not in self._stems:
            shelf = self._stems[word.lang] = {}
            for token in filter(_is_inflected, self._holders):
                _shelve(shelf, sought(token.strip(), word.lang), token)
        if len(memo) >= _MEMO_LIMIT:
            memo.clear()
        beginnings = [f"{form[:end]}*" for end in range(_SHORTEST_BEGINNING, len(form) + 1)]
        own = (f"={form}", word.name, *beginnings)
        stems, is_asked = self._stems[word.lang], self._lexicon.is_asked
        found = [token for token in stems.get(word.stem, ()) if is_form_of(token.strip(), word)]
        for stem, least in parts_in(word):
            found += [token for token in stems.get(stem, ()) if len(token.strip()) >= least]
        found = [token for token in found if is_asked(token.strip(), word)]
        found += [intern(token) for each in own for token in (each, f" {each}") if token in self._holders]
        return memo.setdefault(
            word.surface, tuple(found + [group for token in found for group in self._groups.get(token, ())])
        )

    def _places(
        self, token: Token
    ) -> Iterator[tuple[dict[str, Any], tuple[str, ...], Token | Pattern | frozenset[str]]]:
        """Where a token is filed that is made of others."""
        parts = members(token)
        meaning = meaning_in(token) if not parts else None
        if meaning:
            yield self._meanings, (meaning.term, token), meaning.langs
        elif is_titled(token):
            yield self._titled, tuple(parts), token
        elif "|" in token:
            yield from ((self._groups, (member, token), token) for member in parts)
        elif parts:
            yield self._phrases, (*parts, token), _pattern(token)


@lru_cache(maxsize=1024)
def _coverage_tokens(coverage: StoryCoverage) -> tuple[Token, ...]:
    return tuple(field_token(row.key, value) for row in OPERATORS.values() for value in row.of_story(coverage))


_FIELDS = tuple((operator.key, operator.of) for operator in OPERATORS.values())


def members(token: Token) -> list[Token]:
    """The tokens that a token is made of: what the title must have, choices, the first two words of a phrase."""
    if is_titled(token):
        return [intern(token.removeprefix(_IN_TITLE))]
    is_phrase = " " in token[1:] and "|" not in token and not is_field(token)
    return [intern(f" {word}") for word in token.split(" ", 2)[:2]] if is_phrase else choices(token)


def choices(token: Token) -> list[Token]:
    """The tokens of which one is enough; none for a token that stands for itself."""
    return list(map(intern, token.split("|"))) if "|" in token and not is_titled(token) else []


def _is_inflected(token: Token) -> bool:
    """Whether a token is one word in any inflection."""
    word = token.lstrip()
    return bool(word) and not _OTHER.search(word) and not word.isupper()


def _shelve(shelf: dict[str, tuple[Token, ...]], stem: str, token: Token) -> None:
    if stem:
        shelf[stem] = (*shelf.get(stem, ()), token)


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
