"""Phrases of a language's file, looked for among the words of a title; en.toml tells how they are written."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from bot.core.language.language import Language
from bot.core.language.text import Word, fold
from bot.core.language.title_sections import TitleSection

_GAP, _NUMBER = "...", "#"
_BEGINNING = 3  # letters that beginnings are filed under
_MEMO_LIMIT = 20_000  # words


@dataclass(frozen=True, slots=True)
class Mark:
    """A phrase that was found: in which lists it is, where it begins, and how many words it takes up to a gap."""

    kinds: frozenset[str]
    place: int
    length: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    kind: str
    words: tuple[str, ...]
    length: int  # words before a gap
    opens: bool  # only where a label or the title begins
    closes: bool  # only where a clause or label ends
    is_plain: bool  # one word, anywhere
    kinds: frozenset[str]  # its kind alone


class Finder:
    """All phrases of `[titles]` of a language, ready to be looked for."""

    def __init__(self, section: TitleSection) -> None:
        self._filed: Mapping[str, list[tuple[str, _Phrase]]] = defaultdict(list)
        for name, table in section:
            for kind, phrases in table:
                for text in phrases if isinstance(phrases, tuple) else ():
                    words = text.removeprefix("^").removesuffix("$").split()
                    opens, closes = text.startswith("^"), text.endswith("$")
                    phrase = _Phrase(
                        kind=kind,
                        words=tuple([word if word.isupper() or word[0] == "=" else fold(word) for word in words]),
                        length=words.index(_GAP) if _GAP in words else len(words),
                        opens=opens,
                        closes=closes,
                        is_plain=len(words) == 1 and not (opens or closes),
                        kinds=frozenset({kind}),
                    )
                    first = phrase.words[0]
                    key = first[:_BEGINNING] + "*" if first.endswith("*") else fold(first.removeprefix("="))
                    key = first if first.isupper() else key
                    self._filed[key].append((name, phrase))
        self._memo: dict[str, Mapping[str, Sequence[_Phrase]]] = {}

    def marks(self, words: Sequence[Word], stretch: range, *, opens: bool) -> Iterator[tuple[str, Mark]]:
        """The phrases in a stretch of a title with their tables, from left to right; of those of one table that overlap
        the first, and of those that begin together the longest. `opens`: the title or a label begins there.
        """
        free: dict[str, int] = {}
        for place in stretch:
            for table, phrases in self._beginning(words[place]).items():
                if place < free.get(table, 0):
                    continue
                fitting = [
                    phrase
                    for phrase in phrases
                    if phrase.is_plain
                    or (
                        (not phrase.opens or (opens and place == stretch.start))
                        and _is_at(phrase, words, place, stretch.stop)
                    )
                ]
                if len(fitting) == 1:
                    length, kinds = fitting[0].length, fitting[0].kinds
                elif fitting:
                    length = max([phrase.length for phrase in fitting])
                    kinds = frozenset([phrase.kind for phrase in fitting if phrase.length == length])
                else:
                    continue
                free[table] = place + length
                yield table, Mark(kinds, place, length)

    def kinds_of(self, word: Word, table: str) -> frozenset[str]:
        """The lists of a table that have a word by itself."""
        phrases = self._beginning(word).get(table, ())
        return frozenset([phrase.kind for phrase in phrases if len(phrase.words) == 1]) if phrases else _NONE

    def _beginning(self, word: Word) -> Mapping[str, Sequence[_Phrase]]:
        """The phrases that a word begins, by table; most words begin none."""
        found = self._memo.get(word.surface)
        if found is None:
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            by_table = defaultdict[str, list[_Phrase]](list)
            for key in {word.folded, word.folded[:_BEGINNING] + "*", word.name, _NUMBER * word.folded.isdigit()}:
                for table, phrase in self._filed.get(key, ()):
                    if _fits(phrase.words[0], word):
                        by_table[table].append(phrase)
            found = self._memo[word.surface] = by_table
        return found


_NONE: frozenset[str] = frozenset()


@cache
def finder_of(language: Language) -> Finder:
    """The phrases of a language."""
    return Finder(language.titles)


def _fits(wanted: str, word: Word) -> bool:
    if wanted.startswith("="):
        return word.surface.lower() == wanted[1:]
    if wanted.endswith("*"):
        return word.folded.startswith(wanted[:-1])
    if wanted == _NUMBER:
        return word.folded.isdigit()
    return wanted in (word.folded, word.name)


def _is_at(phrase: _Phrase, words: Sequence[Word], place: int, end: int) -> bool:
    if len(phrase.words) == 1:  # the first is known to fit
        return not phrase.closes or place + 1 == end
    wanted = iter(phrase.words)
    for each in wanted:
        if each == _GAP:
            following = next(wanted)
            place = next((at for at in range(place, end) if _fits(following, words[at])), end)
        if place >= end or (each != _GAP and not _fits(each, words[place])):
            return False
        place += 1
    return place == end if phrase.closes else True
