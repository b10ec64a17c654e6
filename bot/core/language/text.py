"""Text as people write it, text as we keep it (`clean`), and text as we compare it (`fold`, `Words`).

Items and rules are cut into words by the same code, so that what a subscriber types is found as an outlet prints it.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import Stemmer

from bot.core.language.language import Language, language_of

# Control, format (bidi marks and overrides, zero-width, tags), filler and surrogate characters: none can be seen, and
# each has been used to disguise a text. Controls that are white space (tab, line feed ...) are left to `str.split`.
# What joins pictures to one picture stays (a family, a rainbow flag), and so do the tags in the flags of regions.
_PICTURE = "[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]"
_UNSEEN = re.compile(
    f"((?<={_PICTURE})\u200d(?={_PICTURE})|\U0001f3f4[\U000e0030-\U000e007a]{{2,6}}\U000e007f)|"
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_MARKS = re.compile("[\u0300-\u036f]")
_SHORT_I = "и\u0306"  # й decomposed: a letter of its own, not an и with an ornament
# Letters that Unicode does not decompose, and Ukrainian and Belarusian letters beside their Russian kin (the stemmer
# knows only Russian ones; with this Україна and Украина, дронів and дронов share a stem).
_KIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe"}
    | {"і": "и", "є": "е", "ґ": "г"}
)

_APOSTROPHES = "'’ʼ‘`´"
_TOKEN = re.compile(
    r"[^\W\d_](?:\.[^\W\d_])+\b"  # U.S., J.D.
    r"|[^\W\d_]{1,4}[-‐‑]\d{1,3}(?!\d)[^\W_]*"  # S-400, F-16s, Су-57
    r"|\d+(?:[.,]\d+)+(?:\s?%)?|\d+\s?%"  # 1,000 and 2.5 and 5 %
    rf"|[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*"  # drone, don't, Russia's, l'OTAN, 9M729
)
_POSSESSIVE = re.compile(rf"[{_APOSTROPHES}]s$", re.IGNORECASE)
_ELISION = re.compile(rf"^(?:[cdjlmnst]|qu|all|dell|nell|sull|un)[{_APOSTROPHES}](?=[^\W\d_])", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_JOINTS = re.compile(rf"[-‐‑.\s{_APOSTROPHES}]")

_NAME_LETTERS = range(2, 5)

# Words that say nothing about what an item is about; folded, English, Russian and Ukrainian.
SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a an the in on at of to for from by with over near between is are was were be "
        "в во на из с со о об от по за у к для над при до под з із зи від",
    )
)

_MEMO_LIMIT = 60_000  # words; some 15 MB
_memo: dict[str, "Word"] = {}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: as printed, as compared, without its ending.

    `name` is the short name in capitals that the word may be (NATO for NATO, Nato and NATO's; US for U.S.), else "".
    One letter in capitals is enough from three letters on: British and French papers print Nato and l'Otan.
    """

    surface: str
    folded: str
    stem: str
    name: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words of an item, in the order of the text; phrases never reach from title into summary."""

    title: tuple[Word, ...]
    summary: tuple[Word, ...]


def clean(text: str) -> str:
    """Plain text in NFC on one line: no control, bidi or zero-width characters but in emoji, white space folded, ends
    stripped.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return unicodedata.normalize("NFC", " ".join(_UNSEEN.sub(r"\1", text).split()))


def fold(text: str) -> str:
    """Text for comparing: no case, no diacritics (ё is е, ł is l; й stays), Ukrainian letters as their Russian kin."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = _MARKS.sub("", folded.replace(_SHORT_I, "й")).casefold()
    return unicodedata.normalize("NFC", bare.translate(_KIN))


def words_of(title: str, summary: str) -> Words:
    """The words of clean texts (see `clean`)."""
    return Words(words_in(title), words_in(summary))


def words_in(text: str) -> tuple[Word, ...]:
    """The words of one clean text, punctuation gone; compounds are cut at their hyphens, S-400 is one word."""
    tokens = _TOKEN.findall(text)
    if _is_shouted(text, tokens):
        tokens = [token.lower() if _is_everyday(token.lower()) else token for token in tokens]
    try:
        return tuple([_memo[token] for token in tokens])
    except KeyError:
        return tuple([_memo.get(token) or _remember(token) for token in tokens])


def title_key(title: str) -> str:
    """A title for spotting reprints: folded, no punctuation, word order kept; titles without words are just folded."""
    return " ".join([word.folded for word in words_in(title)]) or fold(clean(title))


def is_name(token: str) -> bool:
    """Whether a word is printed as a short name is: two to four letters, all capitals."""
    return len(token) in _NAME_LETTERS and token.isupper() and token.isalpha()


def stem_of(folded: str) -> str:
    """A folded word without its ending: Snowball's Russian stemmer for Cyrillic, its English one for Latin script."""
    if not folded.isalpha():
        return folded[:-1] if folded[-1:] == "s" and folded[-2:-1].isdigit() else folded
    if folded.isascii():
        return _stemmed(folded, language_of("en"))
    return _stemmed(folded, language_of("ru")) if "а" <= folded[0] <= "я" else folded


@cache
def _stemmer(language: Language) -> Stemmer.Stemmer | None:
    return Stemmer.Stemmer(language.words.snowball, 0) if language.words.snowball else None


def _stemmed(folded: str, language: Language) -> str:
    stemmer = _stemmer(language)
    return str(stemmer.stemWord(folded)) if stemmer else folded


def _is_everyday(folded: str) -> bool:
    return any(folded in language_of(code).words.everyday for code in ("en", "ru"))


def _is_shouted(text: str, tokens: list[str]) -> bool:
    return text.isupper() and any(len(token) >= _NAME_LETTERS.stop and token.isupper() for token in tokens)


def _remember(token: str) -> Word:
    if len(_memo) >= _MEMO_LIMIT:
        _memo.clear()
    word = _memo[token] = _word(token)
    return word


def _word(token: str) -> Word:
    surface = _POSSESSIVE.sub("", _ELISION.sub("", token))
    folded = fold(_JOINTS.sub("", _THOUSANDS.sub("", surface)) if not surface.isalpha() else surface)
    if surface[0].isdigit():
        folded = _number(surface)
    name = _name(surface, folded)
    return Word(surface, folded, stem_of(fold(name) or folded), name)


def _number(surface: str) -> str:
    """1,000 is 1000, 2,5 is 2.5, 5 % is 5%."""
    return fold("".join(_THOUSANDS.sub("", surface).replace(",", ".").split()))


def _name(surface: str, folded: str) -> str:
    letters, name = surface.replace(".", ""), folded.upper()
    if letters.endswith("s") and is_name(letters[:-1]):
        name = name[:-1]
    elif not is_name(letters) and not _may_be_name(letters, folded):
        return ""
    return name if is_name(name) else ""


def _may_be_name(letters: str, folded: str) -> bool:
    """Nato: one capital, three or four letters, not an everyday word."""
    return letters.istitle() and len(letters) in _NAME_LETTERS[1:] and not _is_everyday(folded)
