"""Languages as data: what is to be known of one is in `config/languages/<code>.toml`.

The table of all of them is the one thing in the core that is read from files when it is first needed, and kept for the
whole process: words are cut in worker processes, in the storage and in tests, and none of them could hand it on.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

import Stemmer
from pydantic import AfterValidator, Field

from bot.config_files import ConfigTable, faults_noted, read_model, root_folder, shown
from bot.core.language.title_sections import CorrectionSection, TitleSection, WordList, cut
from bot.errors import ConfigError, Fault


def _readable(expression: str) -> str:
    try:
        re.compile(expression)
    except re.error as error:
        raise ValueError(f"isn't a regular expression: {error}") from None
    return expression


def _twelve(months: tuple[object, ...]) -> tuple[object, ...]:
    if len(months) not in {0, 12}:
        raise ValueError(f"should be twelve months, not {len(months)}")
    return months


def _known_stemmer(name: str) -> str:
    if name not in Stemmer.algorithms():
        raise ValueError(f"should be one of {', '.join(Stemmer.algorithms())}")
    return name


Expression = Annotated[str, AfterValidator(_readable)]
"""A regular expression, such as `editing by` or `live updates?`."""


class Paradigm(ConfigTable):
    """Endings that inflect one word, in folded letters; `-` is none. The first is that of its dictionary form."""

    endings: Annotated[tuple[str, ...], cut(str.split), Field(min_length=1)]
    after: str = ""  # the letters of which one is before them; none: any
    doubles: bool = False  # they may begin with that letter once more
    of_nouns: bool = False  # also of words that are nothing but nouns

    @property
    def first(self) -> str:
        """The ending of its dictionary form."""
        return self.endings[0].removeprefix("-")

    @cached_property
    def all_endings(self) -> frozenset[str]:
        """The endings, as they are compared."""
        return frozenset([ending.removeprefix("-") for ending in self.endings])


class WordSection(ConfigTable):
    """`[words]`: how words lose their endings, and which words are special."""

    alphabet: Literal["Latin", "Cyrillic", "Greek"] = "Latin"
    letters: WordList = frozenset()  # its texts have beyond those that all of its alphabet have
    main: bool = False  # words in its letters are read by it wherever nothing else tells how
    snowball: Annotated[str, AfterValidator(_known_stemmer)] | None = None  # a stemmer of PyStemmer
    endings: WordList = frozenset()  # what it leaves of the endings of words
    # Of nouns that end in none of these letters, where the stemmer knows the cases for several words.
    cases: WordList = frozenset()
    no_cases_after: WordList = frozenset()
    # Of words that the stemmer joins, which are one word to a rule: those with two endings of a paradigm; none: all.
    paradigms: tuple[Paradigm, ...] = ()
    nouns: WordList = frozenset()  # have the forms of nouns alone: united is no form of unit
    spellings: tuple[tuple[Expression, str], ...] = ()  # what a folded word is respelled by, one after the other
    pointed_thousands: bool = False  # 10.000 is ten thousand
    compounding: bool = False  # its compounds are one word, and say what their parts say: Luftraumverletzung
    # May be written together with the noun behind them, with a hyphen or apart: air space.
    first_parts: WordList = frozenset()
    small: WordList = frozenset()  # say nothing about what an item is about
    empty: WordList = frozenset()  # are in every report, whatever it is about
    headlines: WordList = frozenset()  # its own words for what is much in the news: only tell that a text is in it
    everyday: WordList = frozenset()  # are also names in capitals
    elided: WordList = frozenset()  # small words that an apostrophe joins to the next: l'OTAN
    possessive: WordList = frozenset()  # what an apostrophe joins to the end of a word: Russia's


class Vague(ConfigTable):
    """Words for an amount that nobody counted: dozens are 20 to 99."""

    words: WordList
    low: float
    high: float


class NumberSection(ConfigTable):
    """`[numbers]`: how texts count. Phrases are in lists."""

    cardinals: Mapping[int, WordList] = {}
    ones_before_tens: WordList = frozenset()  # what joins them to one word: fünfundzwanzig
    one_before_tens: WordList = frozenset()  # the one in it, where that is no cardinal by itself: einundzwanzig
    ordinals: Mapping[int, WordList] = {}
    multipliers: Mapping[int, WordList] = {}
    vague: tuple[Vague, ...] = ()
    glued_ordinals: WordList = frozenset()  # what makes an ordinal of a number that it is glued to: 12th
    hyphened_ordinals: WordList = frozenset()  # the same behind a hyphen: 12-й
    at_least: frozenset[str] = frozenset()  # before a number
    at_most: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
    rising: WordList = frozenset()  # verbs: rises to 12
    rising_to: WordList = frozenset()

    @cached_property
    def counting(self) -> Mapping[int, frozenset[str]]:
        """The cardinals, with those that are made of ones and tens."""
        ones = {**self.cardinals, 1: self.one_before_tens}
        made = {
            ten + one: frozenset(
                map("".join, product(ones.get(one, ()), self.ones_before_tens, self.cardinals.get(ten, ())))
            )
            for one in range(1, 10)
            for ten in range(20, 100, 10)
        }
        return {**made, **self.cardinals}


Unit = Literal["minute", "hour", "day", "week", "fortnight", "month", "year"]


class TimeSection(ConfigTable):
    """`[time]`: dates, and lengths of time as people type them, in lower case."""

    months: Annotated[tuple[WordList, ...], AfterValidator(_twelve)] = ()  # January first
    weekdays: WordList = frozenset()
    moments: WordList = frozenset()  # other words that only date a report
    overnight: WordList = frozenset()
    at: WordList = frozenset()  # before a time of day
    year_marks: WordList = frozenset()  # behind the number of a year
    units: Mapping[Unit, WordList] = {}
    counts: Mapping[float, WordList] = {}  # how many, where only lengths are counted so: half a day
    lengths: Mapping[str, timedelta] = {}  # what says a length by itself: a fortnight of "P14D"
    leading: WordList = frozenset()  # before a unit without a number: last week
    filling: WordList = frozenset()  # may be there, too
    joining: WordList = frozenset()  # 2 days and 3 hours
    back: Mapping[str, timedelta] = {}  # what may be said of the time before now
    forever: frozenset[str] = frozenset()
    ago: WordList = frozenset()
    since: WordList = frozenset()  # before a year that an event is the first after
    zones: Mapping[str, float] = {}  # its own names of time zones: hours from UTC
    until: Mapping[str, WordList] = {}  # what leads to a moment, and to which; none: to any
    moments_to_come: WordList = frozenset()


class RuleSection(ConfigTable):
    """`[rules]`: what joins the words of rules, beside OR, AND and a minus."""

    either: WordList = frozenset()
    both: WordList = frozenset()
    negation: WordList = frozenset()
    # Small words that rules do without, for they mean something in no other language; of the main ones all are.
    filling: WordList = frozenset()


class SentenceSection(ConfigTable):
    """`[sentences]`: how texts are cut into them, and which of them can be shown alone. Expressions are whole words."""

    abbreviations: WordList = frozenset()  # a period behind them ends no sentence
    teasers: tuple[Expression, ...] = ()  # promise news instead of telling it, or belong to the page
    pointing_back: tuple[Expression, ...] = ()  # begin what points to a sentence that the reader does not see
    adding: tuple[Expression, ...] = ()  # in what adds to such a sentence
    read_more: tuple[Expression, ...] = ()  # end a text, and lead to the page
    credits: tuple[Expression, ...] = ()  # begin what tells who took a picture
    speaking: tuple[Expression, ...] = ()  # who speaks and who is spoken to, in either case


class Language(ConfigTable):
    """One language; any section, and any key but its name, may be missing.

    Compared as an object, so that what is made of it can be kept by it (`functools.cache`).
    """

    name: str
    own_name: str = ""  # as its readers call it
    words: WordSection = WordSection()
    numbers: NumberSection = NumberSection()
    time: TimeSection = TimeSection()
    sentences: SentenceSection = SentenceSection()
    rules: RuleSection = RuleSection()
    titles: TitleSection = TitleSection()
    corrections: CorrectionSection = CorrectionSection()
    code: str = ""  # the name of its file

    __eq__ = object.__eq__
    __hash__ = object.__hash__


_CODE = re.compile("[a-z]{2}")

NO_LANGUAGE = Language(name="")
"""What is known of a language without a file: nothing."""
ANY = "mul"
"""The code of texts that are in no language or in several, such as rules: words are read by their letters."""
NOBODY = ""
"""Who reads numbers, words in letters that no language here has, and texts in a language without a file."""


@dataclass(frozen=True, eq=False)
class Languages:
    """The languages that have a file, by their ISO 639-1 codes."""

    by_code: Mapping[str, Language] = field(default_factory=dict)

    @cached_property
    def mains(self) -> Mapping[str, str]:
        """The code of the main language of each alphabet; one that is alone in its alphabet needs no mark."""
        by_weight = sorted(self.by_code.items(), key=lambda pair: pair[1].words.main)
        return {language.words.alphabet: code for code, language in by_weight}

    def of(self, code: str) -> Language:
        """The language of a code; one that has no file is `NO_LANGUAGE`."""
        return self.by_code.get(code, NO_LANGUAGE)

    def reader(self, lang: str, alphabet: str) -> str:
        """The code of the language that reads words in these letters in a text: its own, or the main one of the letters
        where they are not its own.
        """
        if lang in self.by_code and self.by_code[lang].words.alphabet == alphabet:
            return lang
        return self.mains.get(alphabet, NOBODY) if lang in self.by_code or lang == ANY else NOBODY

    def readers(self, alphabet: str) -> tuple[str, ...]:
        """The codes of all languages that read words in these letters; the last is NOBODY."""
        return (*[code for code, language in self.by_code.items() if language.words.alphabet == alphabet], NOBODY)


def read_languages(folder: Path) -> Languages:
    """Read all files of a folder. Raises ConfigError with every fault of all of them."""
    faults: list[Fault] = []
    found: dict[str, Language] = {}
    for path in sorted(folder.glob("*.toml")):
        with faults_noted(faults):
            found[path.stem] = read_model(path, Language).model_copy(update={"code": path.stem})
    if not faults:
        faults += _faults_together(folder, found)
    if faults:
        raise ConfigError(*faults)
    return Languages(found)


def _faults_together(folder: Path, found: Mapping[str, Language]) -> Iterator[Fault]:
    """What is wrong with sound files beside each other."""
    if not found:
        yield Fault(where=shown(folder), what="holds no languages; put the files back that ship with Faultline")
    for code in found:
        if not _CODE.fullmatch(code):
            what = "should be named by the ISO 639-1 code of its language, which has two small letters, such as de.toml"
            yield Fault(where=shown(folder / f"{code}.toml"), what=what)
    for alphabet in sorted({language.words.alphabet for language in found.values()}):
        codes = [code for code, language in found.items() if language.words.alphabet == alphabet]
        mains = [code for code in codes if found[code].words.main]
        needed = f"one of the languages in {alphabet} letters needs `main = true` in its [words]"
        if len(mains) > 1:
            yield Fault(where=shown(folder), what=f"only {needed}, not {' and '.join(mains)}")
        elif not mains and len(codes) > 1:
            yield Fault(where=shown(folder), what=f"{needed}: {', '.join(codes)}")


def language_folder() -> Path:
    """The folder of the files that ship with Faultline and that an operator may change."""
    return root_folder() / "config" / "languages"


_in_force: list[Languages] = []


def languages() -> Languages:
    """The languages in force. Raises ConfigError when they are first read and have faults."""
    if not _in_force:
        _in_force.append(read_languages(language_folder()))
    return _in_force[-1]


def language_of(code: str) -> Language:
    """The language in force of an ISO 639-1 code."""
    return languages().of(code)


@contextmanager
def using(found: Languages) -> Iterator[None]:
    """Put other languages in force for a while, for a test."""
    languages()
    _in_force.append(found)
    try:
        yield
    finally:
        _in_force.pop()
