"""The lexicon as files tell it: aliases.toml, translations.toml, and words/<language>.toml."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from sys import intern
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field, StrictInt

from bot.config_files import ConfigTable, Place, faults_at
from bot.core.language.language import ANY, NOBODY, language_of
from bot.core.language.lexicon import BEGINNING, NAME, PART, THING, Filed, Lexicon, Shelf
from bot.core.language.patterns import Pattern, WordForm, exact, inflected, typed_name
from bot.core.language.text import Word, clean, fold, is_small, stem_by, stem_of, words_in
from bot.core.language.title_sections import Phrases

# Headings of aliases.toml whose names are places: two events differ by them.
_COUNTRIES = frozenset({"countries"})
_ALLIANCES = frozenset({"alliances"})
_TOWNS = frozenset({"regions", "cities"})
_EVERYWHERE = 90  # of a thousand headlines


def _readable(text: str) -> str:
    name = clean(text)
    if not any(map(str.isalnum, name)):
        raise ValueError(f"“{text}” has no letters or digits")
    return name


PlainName = Annotated[str, AfterValidator(_readable)]
NameSets = Mapping[str, Sequence[Sequence[str]]]
"""Sets of names under headings; a set goes by its first name."""


class TranslationsFile(ConfigTable, extra="allow"):
    """translations.toml: sets of words under headings of any name, beside four tables."""

    stands_for: Mapping[PlainName, PlainName] = Field(default_factory=dict)  # Moscow = "Russia"
    lies_in: Mapping[PlainName, PlainName] = Field(default_factory=dict)  # Munich = "Germany"
    serves: Mapping[PlainName, tuple[PlainName, ...]] = Field(default_factory=dict)  # Russia = ["Putin", "Kremlin"]
    bilateral: tuple[PlainName, ...] = ()  # things that two sides do with each other
    usual: Mapping[PlainName, StrictInt] = Field(default_factory=dict)  # Moscow = 17, of a thousand headlines
    __pydantic_extra__: dict[str, tuple[Annotated[tuple[PlainName, ...], Field(min_length=1)], ...]] = Field(init=False)


class WordsFile(ConfigTable):
    """words/<language>.toml: what a language calls names of aliases.toml and things of translations.toml.

    `ordinary`: its words that are no names from elsewhere, though they look like one (Finnish oman); “=” before a word
    asks for its accents, too (Romanian =puțin beside Putin). `homographs`: those that mean something else in another
    language, which nobody means who types one in a rule (English report beside French reporté).
    """

    ordinary: Phrases = ()
    homographs: Phrases = ()
    names: Mapping[str, Phrases] = Field(default_factory=dict)
    things: Mapping[str, Phrases] = Field(default_factory=dict)


def lexicon_of(
    aliases: NameSets, file: TranslationsFile, words: Mapping[str, WordsFile] = MappingProxyType({})
) -> Lexicon:
    """The lexicon of aliases.toml, translations.toml and the files of words by language, which must be sound.

    Raises pydantic's ValidationError (see `faults_at`) with every fault of translations.toml: a word in two sets, a
    seat that aliases.toml has not, a usual term that neither has.
    """
    faults = list(_unknown_names(aliases, file))
    stands_for, lies_in = (
        {NAME + fold(seat): NAME + fold(country) for seat, country in table.items()}
        for table in (file.stands_for, file.lies_in)
    )
    names = {_first(each) for _, each in _sets(aliases)}
    usual = {(NAME if fold(name) in names else THING) + fold(name): share for name, share in file.usual.items()}
    terms = {"names": {name: NAME + name for name in names}, "things": dict[str, str]()}
    named = {_said(pattern): NAME + _first(each) for _, each in _sets(aliases) for pattern in _patterns(each)}
    told: dict[Pattern, str] = {}
    common = _Shelving()
    own: defaultdict[str, _Shelving] = defaultdict(_Shelving)
    for _, each in _sets(aliases):
        for pattern in _patterns(each):
            common.add(pattern, named[_said(pattern)])
    for place, each in _sets(file.__pydantic_extra__):
        patterns = [(_said(pattern), pattern) for pattern in _patterns(each)]
        # A set whose first word is a name of aliases.toml extends that one: ceasefire, truce.
        term = named.get(patterns[0][0], THING + _first(each))
        terms["things"][_first(each)] = term
        for stemmed, pattern in patterns:
            if told.setdefault(stemmed, term) != term:
                what = f"a word of “{each[0]}” is also in the set of “{told[stemmed][1:]}”; keep it in one of them"
                faults.append((place, what))
            if stemmed not in named:
                lang = words_in(pattern[0][1], ANY)[0].lang
                own[lang].add(pattern, term, lang)
    if faults:
        raise faults_at(*faults)
    for lang, pattern, term in _own_words(words, terms):
        own[lang].add(pattern, term, lang)
    countries, alliances, towns = (
        frozenset(NAME + _first(names) for place, names in _sets(aliases) if place[0] in headings)
        for headings in (_COUNTRIES, _ALLIANCES, _TOWNS)
    )
    return Lexicon(
        countries=countries,
        parties=frozenset(country for country in countries if usual.get(country, 0) >= _EVERYWHERE),
        alliances=alliances,
        towns=towns - stands_for.keys(),
        stands_for=stands_for,
        lies_in=lies_in,
        serves={NAME + fold(name): NAME + fold(side) for side, names in file.serves.items() for name in names},
        bilateral=frozenset(THING + fold(name) for name in file.bilateral),
        usual=usual,
        terms=terms["things"] | terms["names"],
        _common=common.shelf(),
        _own={lang: shelving.shelf() for lang, shelving in own.items()},
        _ordinary={
            lang: frozenset([word.removeprefix("=") if word.startswith("=") else fold(word) for word in table.ordinary])
            for lang, table in words.items()
        },
        _homographs={lang: frozenset(map(fold, table.homographs)) for lang, table in words.items()},
    )


def _own_words(
    words: Mapping[str, WordsFile], terms: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, Pattern, str]]:
    """Each pattern of the files of words with who reads its first word, and its term."""
    for lang, table in words.items():
        for section, of_keys in terms.items():
            for key, phrases in getattr(table, section).items():
                for phrase in phrases:
                    pattern = _pattern(phrase, lang)
                    yield lang if pattern[0][1].isalpha() else NOBODY, pattern, of_keys[_first((key,))]


def check_words(table: WordsFile, aliases: NameSets, file: TranslationsFile) -> None:
    """Raises pydantic's ValidationError with every key that is the first of no set, and every word under two keys."""
    sets: dict[str, tuple[NameSets, str]] = {
        "names": (aliases, "aliases.toml"),
        "things": (file.__pydantic_extra__, "translations.toml"),
    }
    faults: list[tuple[Place, str]] = []
    keys: dict[str, str] = {}
    for section, (known, where) in sets.items():
        firsts = {_first(names) for _, names in _sets(known)}
        for key, phrases in getattr(table, section).items():
            if _first((key,)) not in firsts:
                faults.append(((section, key), f"“{key}” is the first name of no set in {where}"))
            for phrase in phrases:
                if not any(map(str.isalnum, phrase)):
                    faults.append(((section, key), f"“{phrase}” has no letters or digits"))
                elif len(phrase.split()[0].strip("*")) < _least(phrase.split()[0]):
                    faults.append(((section, key), f"“{phrase}” needs more letters beside its star"))
                elif (other := keys.setdefault(fold(phrase), key)) != key:
                    faults.append(((section, key), f"“{phrase}” is also a word of “{other}”; keep it in one of them"))
    if faults:
        raise faults_at(*faults)


def _least(part: str) -> int:
    """How many letters a word must have beside its stars."""
    return PART if part.startswith("*") else BEGINNING if part.endswith("*") else 0


def _unknown_names(aliases: NameSets, file: TranslationsFile) -> Iterator[tuple[Place, str]]:
    """Names in the tables of places and of usual terms that are the first of no set."""
    names, things = ({_first(each) for _, each in _sets(sets)} for sets in (aliases, file.__pydantic_extra__))
    tables: Mapping[str, Mapping[str, Sequence[str]]] = {
        "stands_for": {seat: [country] for seat, country in file.stands_for.items()},
        "lies_in": {town: [country] for town, country in file.lies_in.items()},
        "serves": file.serves,
    }
    for heading, table in tables.items():
        for key, others in table.items():
            for name in (key, *others):
                if fold(name) not in names:
                    yield (heading, key), f"“{name}” is the first name of no set in aliases.toml"
    for place, name in enumerate(file.bilateral):
        if fold(name) not in things:
            yield ("bilateral", place), f"“{name}” is the first word of no set"
    for name in file.usual:
        if fold(name) not in names | things:
            yield ("usual", name), f"“{name}” is the first name of no set in either file"


class _Shelving:
    """Patterns as they are filed, each under what its first word is found by."""

    def __init__(self) -> None:
        self._filed: defaultdict[tuple[WordForm, str], dict[Filed, None]] = defaultdict(dict)

    def add(self, pattern: Pattern, term: str, lang: str = ANY) -> None:
        """File a pattern; of any language under the word as typed, of one under its stem there."""
        form, value = pattern[0]
        stem = (stem_of(value, ANY) if lang == ANY else stem_by(value, lang)) if form is WordForm.STEM else value
        match form:
            case WordForm.STEM:
                key = value if lang == ANY else stem
            case WordForm.BEGINNING:
                key = value[:BEGINNING]
            case WordForm.ENDING:
                key = value[-PART:]
            case WordForm.INSIDE:
                key = value[:PART]
            case _:
                key = value
        self._filed[form, key][pattern, len(stem), intern(term)] = None

    def shelf(self) -> Shelf:
        """What was filed, for good."""
        return {key: tuple(found) for key, found in self._filed.items()}


def _said(pattern: Pattern) -> Pattern:
    """A pattern as it is for a word in any inflection, as its letters are mostly read."""
    return tuple([(form, stem_of(value, ANY) if form is WordForm.STEM else value) for form, value in pattern])


def _pattern(phrase: str, lang: str) -> Pattern:
    """A phrase of a file of words: `word`, `begin*`, `*end`, `*inside*`, `=form`, side by side."""
    found: list[tuple[WordForm, str]] = []
    for part in clean(phrase).split():
        bare = fold(part.strip("*="))
        match part.startswith("*"), part.endswith("*"), part.startswith("="):
            case True, True, _:
                found.append((WordForm.INSIDE, bare))
            case True, _, _:
                found.append((WordForm.ENDING, bare))
            case _, True, _:
                found.append((WordForm.BEGINNING, bare))
            case _, _, is_exact:
                if part.isalpha() and not part[:2].isupper():  # nearly all; there are too many for the memo of words
                    found.append((WordForm.FOLDED if is_small(bare, lang) else WordForm.STEM, bare))
                    continue
                words = words_in(part.strip("="), lang)
                found += exact(words) if is_exact else [_inflected(word, lang) for word in words]
    return tuple(found)


def _inflected(word: Word, lang: str) -> tuple[WordForm, str]:
    """A word in any inflection; small ones, which are looked for nowhere, just as they are."""
    is_form = is_small(word.folded, lang) and not typed_name(word)
    return (WordForm.FOLDED, word.folded) if is_form else inflected((word,))[0]


def _first(names: Sequence[str]) -> str:
    """What a set goes by."""
    return fold(names[0].strip('"'))


def _sets(headings: NameSets) -> Iterator[tuple[tuple[str, int], Sequence[str]]]:
    """Every set with its heading and number, from 0."""
    for heading, sets in headings.items():
        yield from (((heading, number), names) for number, names in enumerate(sets))


def _patterns(names: Sequence[str]) -> Iterator[Pattern]:
    for name in map(clean, names):
        words = words_in(name, ANY)
        if name.endswith("*"):
            yield ((WordForm.BEGINNING, words[0].folded),)
        elif name.startswith('"'):
            yield exact(words)
        else:
            yield inflected(words)
            special, folded = language_of(words[0].lang).words, words[0].folded
            if len(words) == 1 and folded[-1] not in special.no_cases_after and not typed_name(words[0]):
                yield from [((WordForm.STEM, folded + ending),) for ending in sorted(special.cases)]
