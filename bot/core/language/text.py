"""Text as people write it, text as we keep it (`clean`), and text as we compare it (`fold`, `Words`).

Items and rules are cut into words by the same code, so that what a subscriber types is found as an outlet prints it.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from sys import intern

import Stemmer

from bot.core.language.inflection import is_same_word, respelled
from bot.core.language.language import ANY, NOBODY, Language, Languages, language_of, languages

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
# Letters of designations, which both alphabets print: Су-57 is Su-57, and C-300 a С-300 whose letter is a Latin one.
_DESIGNATIONS = str.maketrans(
    dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True))
    | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", "ъ": "", "ь": ""}
    | {"c": "s", "x": "kh"}
)
_IN_CYRILLIC = {
    latin: chr(letter) for letter, latin in _DESIGNATIONS.items() if latin and not chr(letter).isascii()
} | {
    "e": "е",
    "y": "й",
}
_SOUND = re.compile("|".join(sorted(_IN_CYRILLIC, key=len, reverse=True)))

_APOSTROPHES = "'’ʼ‘`´"
_STRESS = re.compile("[\u0300\u0301]")  # дро́н; on letters that have an accent of their own nothing is left of it
# What leads to a page or a person and is no word of the text: addresses with or without their scheme, @names.
# Bare ones in small letters, for Varn.ru is a name; home.no may be two sentences that lack a space.
_HOST = re.compile(r"\.(?:com|org|net|info|eu|ru|ua|pl|hu|cz|sk|ee|lv|lt|dk|fr|uk|bg)\b|\w\w\.[\w-]{2,}\.[a-z]{2,3}\b")
_ADDRESS = re.compile(
    r"(?i:https?://|www\.)\S+|[\w.+-]*@[\w.-]+|(?<![\w.-])(?:[\w-]+\.)+[a-z]{2,}/\S*"
    rf"|(?<![\w.-])[a-z\d][\w-]*(?:\.[\w-]+)*(?:{_HOST.pattern})(?![\w-]|\.\w)"
)
_TOKEN = re.compile(
    r"[^\W\d_](?:\.[^\W\d_])+\b"  # U.S., J.D.
    r"|[^\W\d_]{1,4}[-‐‑–]\d{1,3}(?!\d)[^\W_]*"  # S-400, F-16s, Су-57
    r"|\d{1,3}(?: \d{3})+(?![\d.,])(?:\s?%)?"  # 10 000
    r"|\d+(?:[.,]\d+)+(?:\s?%)?|\d+\s?%"  # 1,000 and 2.5 and 5 %
    rf"|[^\W_]+(?:[{_APOSTROPHES}][^\W_]+)*"  # drone, don't, Russia's, l'OTAN, 9M729
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_POINTED_THOUSANDS = re.compile(r"(?<=\d)\.(?=\d{3}(?!\d))")
_VERSION = re.compile(r"([a-z]{1,4}\d{1,3})[a-z]")  # T-90M is a T-90
_JOINTS = re.compile(rf"[-‐‑–.\s{_APOSTROPHES}]")

_NAME_LETTERS = range(2, 5)

_LEAST_TITLE = 4  # words of a title in which capitals on most words tell nothing
_MOST_CAPITALS = 0.75

_BEGINNING, _ENDING = 5, 6  # letters of words that compounds are found by
_REST = 3  # letters that a compound has before such a word
_TAIL = 5  # behind it, more than an ending has: Universität is no compound of universe

_SHORTEST_STEM = 3  # letters that an ending leaves
_MEMO_LIMIT = 60_000  # words; some 15 MB


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: as printed, as compared, without its ending as the language `lang` has it.

    `name` is the short name in capitals that the word may be (NATO for NATO, Nato and NATO's; US for U.S.), else "".
    One letter in capitals is enough from three letters on: British and French papers print Nato and l'Otan.
    """

    surface: str
    folded: str
    stem: str
    name: str
    lang: str  # the code of the language that reads it (see `Languages.reader`)

    @property
    def form(self) -> str:
        """What its stem is made of: as compared, a name in its singular."""
        return fold(self.name) or self.folded


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


def words_of(title: str, summary: str, lang: str) -> Words:
    """The words of clean texts (see `clean`) in a language: its ISO 639-1 code."""
    return Words(words_in(title, lang), words_in(summary, lang))


def words_in(text: str, lang: str) -> tuple[Word, ...]:
    """The words of one clean text in a language, punctuation and addresses gone; compounds are cut at their hyphens,
    S-400 is one word. Texts that have no language are in `ANY`.
    """
    if "/" in text or "@" in text or _HOST.search(text):
        text = _ADDRESS.sub(" ", text)
    if not text.isascii():
        text = _STRESS.sub("", text)
    tokens = _TOKEN.findall(text)
    if text.isupper() and any(len(token) >= _NAME_LETTERS.stop and token.isupper() for token in tokens):
        tokens = [token.lower() if _is_everyday(token.lower(), lang) else token for token in tokens]
    memo = _memos(languages())[lang]
    try:
        return tuple([memo[token] for token in tokens])
    except KeyError:
        return tuple([memo.get(token) or _remember(token, lang) for token in tokens])


def title_key(title: str) -> str:
    """A title for spotting reprints: folded, no punctuation, word order kept; titles without words are just folded."""
    return " ".join([word.folded for word in words_in(title, ANY)]) or fold(clean(title))


def is_name(token: str) -> bool:
    """Whether a word is printed as a short name is: two to four letters, all capitals."""
    return len(token) in _NAME_LETTERS and token.isupper() and token.isalpha()


def capitals_tell_names(words: Iterable[Word]) -> bool:
    """Whether so few words of a title begin with a capital, or it has so few, that one tells a name."""
    printed = [word for word in words if word.surface.isalpha() and len(word.surface) > len("abc")]
    capitals = [word for word in printed if word.surface[0].isupper()]
    return len(printed) < _LEAST_TITLE or len(capitals) <= _MOST_CAPITALS * len(printed)


def stem_of(folded: str, lang: str) -> str:
    """A folded word without its ending, as it is read in texts of a language."""
    return stem_by(folded, languages().reader(lang, _alphabet(folded)))


def stems_of(words: Iterable[str], lang: str) -> frozenset[str]:
    """Words of a language as they are compared in any inflection."""
    return frozenset([stem_of(fold(word), lang) for word in words])


def stem_by(folded: str, reader: str) -> str:
    """A folded word without the ending that its reader (see `Word.lang`) takes off."""
    if not folded.isalpha():
        version = _VERSION.fullmatch(designation := _designation(folded))
        return version[1] if version else designation
    language = language_of(reader)
    snowball, endings = _stemmer(language)
    folded = respelled(folded, language)
    stem = str(snowball.stemWord(folded)) if snowball else folded
    return endings.sub("", stem) if endings else stem


def _designation(folded: str) -> str:
    """A designation in Latin letters and in its singular: F-16s."""
    folded = folded.translate(_DESIGNATIONS)
    return folded[:-1] if folded[-1:] == "s" and folded[-2:-1].isdigit() else folded


def in_both_alphabets(letters: str) -> Set[str]:
    """The folded letters of a designation as either alphabet prints them."""
    latin = letters.translate(_DESIGNATIONS)
    return {letters, latin, _SOUND.sub(lambda found: _IN_CYRILLIC[found[0]], latin)}


def is_form_of(form: str, word: Word) -> bool:
    """Whether a word of a text whose stem is `sought` for a form is the same word in another form, not its kin:
    T-90M is a T-90, and no T-90 a T-90M.
    """
    if not form.isalpha():
        return _designation(word.form).startswith(_designation(form))
    return is_same_word(form, word.form, language_of(word.lang))


def is_main(word: Word) -> bool:
    """Whether the language that reads a word is the main one of its letters."""
    return languages().mains.get(language_of(word.lang).words.alphabet) == word.lang


def is_part_of(form: str, word: Word) -> bool:
    """Whether a word of a text is a compound that begins or ends with one that somebody looks for."""
    stem = sought(form, word.lang)
    return any(part == stem and len(form) >= least for part, least in parts_in(word))


def parts_in(word: Word) -> Iterator[tuple[str, int]]:
    """Stems that a word may begin or end with if it is a compound, and how many letters a word of each must have.

    Short words are left out, and a beginning may be shorter: Soldaten are no Daten. Measured on the Swedish, Hungarian
    and Estonian titles of real weeks.
    """
    if language_of(word.lang).words.compounding:
        yield from ((word.folded[:end], _BEGINNING) for end in range(_BEGINNING, len(word.folded) - _TAIL + 1))
        yield from ((word.stem[start:], _ENDING) for start in range(_REST, len(word.stem) - _BEGINNING + 1))


def sought(form: str, reader: str) -> str:
    """The stem by which a reader finds a word that somebody looks for (see `Word.form`); "" where it is not looked for.

    That is in texts whose readers know no such letters, or to whom it is a small word: who follows `die` in English
    means no German article.
    """
    return _sought(languages(), form, reader)


@lru_cache(maxsize=100_000)
def _sought(found: Languages, form: str, reader: str) -> str:
    alphabet = _alphabet(form)
    reads = reader == NOBODY or found.of(reader).words.alphabet == alphabet
    # Who asks for a word that is small where its letters are mostly read (with it, it is alone), means it.
    is_meant = not is_small(form, reader) or is_small(form, found.reader(ANY, alphabet))
    return intern(stem_by(form, reader)) if reads and is_meant else ""


def is_small(folded: str, reader: str) -> bool:
    """Whether a word says nothing about what a text is about, as its reader sees it."""
    return folded in _folded_small(language_of(reader))


def is_empty(word: Word) -> bool:
    """Whether a word is in every report of its language, whatever it is about."""
    return word.folded in _folded_empty(language_of(word.lang))


def is_filling(word: Word) -> bool:
    """Whether a rule does without a word that is typed in it, for it says nothing."""
    return is_small(word.folded, word.lang) or (not word.name and word.folded in _filling(languages()))


@cache
def _filling(found: Languages) -> frozenset[str]:
    return frozenset([fold(word) for language in found.by_code.values() for word in language.rules.filling])


@cache
def _folded_small(language: Language) -> frozenset[str]:
    return frozenset(map(fold, language.words.small))


@cache
def _folded_empty(language: Language) -> frozenset[str]:
    return frozenset(map(fold, language.words.small | language.words.empty))


@cache
def _joined(found: Languages) -> re.Pattern[str]:
    """What an apostrophe joins to a word: small words before it, the ending of a possessive."""
    before, behind = (
        "|".join(sorted(frozenset[str]().union(*[getattr(each.words, name) for each in found.by_code.values()])))
        for name in ("elided", "possessive")
    )
    return re.compile(
        rf"^(?:{before or '(?!)'})[{_APOSTROPHES}](?=[^\W\d_])|[{_APOSTROPHES}](?:{behind or '(?!)'})$", re.IGNORECASE
    )


@cache
def _stemmer(language: Language) -> tuple[Stemmer.Stemmer | None, re.Pattern[str] | None]:
    snowball, endings = language.words.snowball, sorted(map(fold, language.words.endings), key=len, reverse=True)
    return (
        Stemmer.Stemmer(snowball, 0) if snowball else None,
        re.compile(rf"(?<=\w{{{_SHORTEST_STEM}}})(?:{'|'.join(endings)})$") if endings else None,
    )


def _alphabet(folded: str) -> str:
    """Which alphabet a folded word is in; "" for numbers and other letters."""
    if not folded.isalpha():
        return ""
    if folded.isascii():
        return "Latin"
    return "Cyrillic" if "а" <= folded[0] <= "я" else ""


def _is_everyday(folded: str, lang: str) -> bool:
    return folded in language_of(languages().reader(lang, _alphabet(folded))).words.everyday


@cache
def _memos(_: Languages) -> defaultdict[str, dict[str, Word]]:
    """The words that have been read with these languages, by language and as printed."""
    return defaultdict(dict)


def _remember(token: str, lang: str) -> Word:
    memos = _memos(languages())
    if sum(map(len, memos.values())) >= _MEMO_LIMIT:
        for memo in memos.values():
            memo.clear()
    surface = _joined(languages()).sub("", token)
    if surface[0].isdigit():  # 1,000 is 1000, 2,5 is 2.5, 5 % is 5%
        is_pointed = language_of(lang).words.pointed_thousands
        digits = _POINTED_THOUSANDS.sub("", surface) if is_pointed else surface
        folded = fold("".join(_THOUSANDS.sub("", digits).replace(",", ".").split()))
    else:
        folded = fold(surface if surface.isalpha() else _JOINTS.sub("", _THOUSANDS.sub("", surface)))
    name = _name(surface.replace(".", ""), folded, lang)
    form = fold(name) or folded
    reader = languages().reader(lang, _alphabet(form))
    word = memos[lang][token] = Word(surface, folded, stem_by(form, reader), name, reader)
    return word


def _name(letters: str, folded: str, lang: str) -> str:
    """The short name that a word may be; see `Word`."""
    name = folded.upper()
    if letters.endswith("s") and is_name(letters[:-1]):
        name = name[:-1]
    elif not is_name(letters):  # Nato: one capital, three or four letters, not an everyday word
        may_be = letters.istitle() and len(letters) in _NAME_LETTERS[1:] and not _is_everyday(folded, lang)
        name = name if may_be else ""
    return name if is_name(name) else ""
