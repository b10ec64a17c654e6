"""In which language a short text is, told by its letters, its small words and those of its headlines.

Measured on titles of 13 languages (tests/bench/test_languages.py). Libraries know more languages and take 100 MB
(py3langid) or more in each worker process; this takes none, and 20 µs a title.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from bot.core.language.language import NOBODY, Languages, languages

_WORD = re.compile(r"(?<!['’])\b[^\W\d_]+")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")

_WORD_COUNTS = 2
# A letter that a language has not: names from elsewhere are printed with theirs, so a few say little.
_STRANGE_COUNTS = 3
# By how much another language must be likelier than the one that a source is said to be in.
_MARGIN = 3
# The same where a source keeps to one language: of 6,983 items of real weeks five are then read in another, four of
# them rightly, and 94% in their own where all sources are said to be in English.
_SURE = 6


def language_in(text: str, expected: str, *, mixes: bool) -> str:
    """The code of the language that a clean text is in, of those that have a file; `expected` (a code, too) where the
    text does not tell otherwise; where a source mixes languages, less of it has to.
    """
    cyrillic = 0 if text.isascii() else len(_CYRILLIC.findall(text))
    if not cyrillic and not _LATIN.search(text):
        return expected
    known = languages()
    alphabet = "Cyrillic" if cyrillic and cyrillic > len(_LATIN.findall(text)) else "Latin"
    likely = known.reader(expected, alphabet)
    if likely == NOBODY:
        return expected
    signs = _signs(known, alphabet)
    scores: Counter[str] = Counter(dict.fromkeys(signs.codes, 0))
    lower = text.lower()
    for word in _WORD.findall(lower):
        for code in signs.by_word.get(word, ()):
            scores[code] += _WORD_COUNTS
    for letter in lower:
        if letter in signs.by_letter:
            has = signs.by_letter[letter]
            for code in signs.codes:
                scores[code] += 1 if code in has else -_STRANGE_COUNTS
    best = max(signs.codes, key=lambda code: (scores[code], signs.known[code]))
    margin = _MARGIN if mixes or likely != expected else _SURE
    return best if scores[best] >= scores[likely] + margin else likely


@dataclass(frozen=True, slots=True)
class _AlphabetSigns:
    """The languages of an alphabet, and which of them have a word or a letter that not all have."""

    codes: tuple[str, ...]
    known: Mapping[str, int]  # how many words of each
    by_word: Mapping[str, tuple[str, ...]]
    by_letter: Mapping[str, frozenset[str]]


@cache
def _signs(found: Languages, alphabet: str) -> _AlphabetSigns:
    codes = found.readers(alphabet)[:-1]
    by_word, by_letter = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for code in codes:
        words = found.of(code).words
        for word in words.small | words.empty | words.headlines:
            by_word[word].append(code)
        for letter in words.letters:
            by_letter[letter].append(code)
    return _AlphabetSigns(
        codes,
        {code: len(found.of(code).words.small | found.of(code).words.empty) for code in codes},
        {word: tuple(having) for word, having in by_word.items()},
        {letter: frozenset(having) for letter, having in by_letter.items()},
    )
