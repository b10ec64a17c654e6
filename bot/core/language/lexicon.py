"""What outlets call by many words, in two languages, under one name: aliases.toml and translations.toml together.

Names of aliases.toml (Putin, Путин) and things of translations.toml (attack, удар) become terms that compare equal.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Annotated

from pydantic import AfterValidator, Field, StrictInt

from bot.config_files import ConfigTable, Place, faults_at
from bot.core.language.language import ANY, language_of
from bot.core.language.patterns import Pattern, WordForm, exact, inflected, is_at, typed_name
from bot.core.language.text import Word, clean, fold, sought, stem_of, words_in

NAME, THING = "@", "~"  # what the terms of either file begin with

# Headings of aliases.toml whose names are places: two events differ by them.
_COUNTRIES = frozenset({"countries"})
_ALLIANCES = frozenset({"alliances"})
_TOWNS = frozenset({"regions", "cities"})
_EVERYWHERE = 90  # of a thousand headlines

_MEMO_LIMIT = 20_000  # words
_BEGINNING = 3  # letters that beginnings are filed under


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """A term of the lexicon found in a text, and how many words it takes."""

    term: str
    length: int


_Filed = tuple[Pattern, int, str]  # how long its first word is without its ending, and the term


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Patterns filed by their first word.

    `stands_for` has the country of a seat (Moscow), which is no town; `lies_in` that of a town (Munich).
    `usual` tells in how many of a thousand headlines a term is, for those that are common. `parties` are the countries
    that are in so many headlines that they tell no two events apart.
    """

    countries: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    alliances: frozenset[str] = frozenset()
    towns: frozenset[str] = frozenset()
    stands_for: Mapping[str, str] = field(default_factory=dict)
    lies_in: Mapping[str, str] = field(default_factory=dict)
    usual: Mapping[str, int] = field(default_factory=dict)
    _filed: Mapping[tuple[WordForm, str], tuple[_Filed, ...]] = field(default_factory=dict, repr=False)
    _by_stem: dict[str, Mapping[str, Sequence[_Filed]]] = field(default_factory=dict, repr=False, compare=False)
    _beginning: dict[tuple[str, str], tuple[_Filed, ...]] = field(default_factory=dict, repr=False, compare=False)

    def country_of(self, term: str) -> str | None:
        """The country that a term names, is the seat of or lies in; none if it is no place."""
        return self.stands_for.get(term) or self.lies_in.get(term) or (term if term in self.countries else None)

    def at(self, words: tuple[Word, ...], place: int) -> FoundTerm | None:
        """The longest name or thing that begins at a place of a text."""
        beginning = self._beginning.get((words[place].surface, words[place].lang))
        if beginning is None:
            beginning = self._remember(words[place])
        if not beginning:
            return None
        found = [
            (len(pattern), letters, term)
            for pattern, letters, term in beginning
            if len(pattern) == 1 or is_at(pattern, words, place)
        ]
        if not found:
            return None
        length, _, term = max(found)
        return FoundTerm(term, length)

    def _inflected(self, word: Word) -> Sequence[_Filed]:
        """The patterns that begin with any inflection of a word, as its reader has them."""
        if word.lang not in self._by_stem:
            filed: dict[str, list[_Filed]] = defaultdict(list)
            self._by_stem[word.lang] = filed
            for (reading, value), found in self._filed.items():
                if reading is WordForm.STEM and (stem := sought(value, word.lang)):
                    filed[stem] += found
        return self._by_stem[word.lang].get(word.stem, ())

    def _remember(self, word: Word) -> tuple[_Filed, ...]:
        """The patterns whose first element a word fits; most words begin none."""
        if len(self._beginning) >= _MEMO_LIMIT:
            self._beginning.clear()
        found = [*self._inflected(word), *self._filed.get((WordForm.FOLDED, word.folded), ())]
        found += self._filed.get((WordForm.BEGINNING, word.folded[:_BEGINNING]), ())
        found += self._filed.get((WordForm.NAME, word.name), ()) if word.name else ()
        beginning = tuple([each for each in found if is_at(each[0][:1], (word,), 0)])
        return self._beginning.setdefault((word.surface, word.lang), beginning)


NO_LEXICON = Lexicon()


def _readable(text: str) -> str:
    name = clean(text)
    if not any(map(str.isalnum, name)):
        raise ValueError(f"“{text}” has no letters or digits")
    return name


PlainName = Annotated[str, AfterValidator(_readable)]
NameSets = Mapping[str, Sequence[Sequence[str]]]
"""Sets of names under headings; a set goes by its first name."""


class TranslationsFile(ConfigTable, extra="allow"):
    """translations.toml: sets of words under headings of any name, beside three tables."""

    stands_for: Mapping[PlainName, PlainName] = Field(default_factory=dict)  # Moscow = "Russia"
    lies_in: Mapping[PlainName, PlainName] = Field(default_factory=dict)  # Munich = "Germany"
    usual: Mapping[PlainName, StrictInt] = Field(default_factory=dict)  # Moscow = 17, of a thousand headlines
    __pydantic_extra__: dict[str, tuple[Annotated[tuple[PlainName, ...], Field(min_length=1)], ...]] = Field(init=False)


def lexicon_of(aliases: NameSets, file: TranslationsFile) -> Lexicon:
    """The lexicon of aliases.toml and translations.toml.

    Raises pydantic's ValidationError (see `faults_at`) with every fault of the latter: a word in two sets, a seat that
    aliases.toml has not, a usual term that neither has.
    """
    translations = file.__pydantic_extra__
    faults = list(_unknown_names(aliases, file))
    stands_for, lies_in = (
        {NAME + fold(seat): NAME + fold(country) for seat, country in table.items()}
        for table in (file.stands_for, file.lies_in)
    )
    names = {fold(each[0]) for _, each in _sets(aliases)}
    usual = {(NAME if fold(name) in names else THING) + fold(name): share for name, share in file.usual.items()}
    # As their letters are mostly read, patterns are the same for a word in any inflection.
    named, told = (
        [
            (
                place,
                names[0],
                [(tuple([(each[0], _said(each)) for each in found]), found) for found in _patterns(names)],
            )
            for place, names in sets
        ]
        for sets in (_sets(aliases), _sets(translations))
    )
    terms = {stemmed: NAME + fold(name) for _, name, patterns in named for stemmed, _ in patterns}
    own: dict[Pattern, str] = {}
    for place, name, patterns in told:
        # A set whose first word is a name of aliases.toml extends that one: ceasefire, truce.
        term = terms.get(patterns[0][0], THING + fold(name))
        for stemmed, _ in patterns:
            if own.setdefault(stemmed, term) != term:
                what = f"a word of “{name}” is also in the set of “{own[stemmed][1:]}”; keep it in one of them"
                faults.append((place, what))
    if faults:
        raise faults_at(*faults)
    countries, alliances, towns = (
        frozenset(NAME + fold(names[0]) for place, names in _sets(aliases) if place[0] in headings)
        for headings in (_COUNTRIES, _ALLIANCES, _TOWNS)
    )
    return Lexicon(
        countries=countries,
        parties=frozenset(country for country in countries if usual.get(country, 0) >= _EVERYWHERE),
        alliances=alliances,
        towns=towns - stands_for.keys(),
        stands_for=stands_for,
        lies_in=lies_in,
        usual=usual,
        _filed=_filed_by_beginning((pair for _, _, pairs in (*told, *named) for pair in pairs), own | terms),
    )


def _unknown_names(aliases: NameSets, file: TranslationsFile) -> Iterator[tuple[Place, str]]:
    """Names in the tables of places and of usual terms that are the first of no set."""
    names, things = ({fold(each[0]) for _, each in _sets(sets)} for sets in (aliases, file.__pydantic_extra__))
    for heading, table in (("stands_for", file.stands_for), ("lies_in", file.lies_in)):
        for seat, country in table.items():
            for name in (seat, country):
                if fold(name) not in names:
                    yield (heading, seat), f"“{name}” is the first name of no set in aliases.toml"
    for name in file.usual:
        if fold(name) not in names | things:
            yield ("usual", name), f"“{name}” is the first name of no set in either file"


def _filed_by_beginning(
    patterns: Iterable[tuple[Pattern, Pattern]], terms: Mapping[Pattern, str]
) -> Mapping[tuple[WordForm, str], tuple[_Filed, ...]]:
    """Patterns, each with the one that its letters mostly have, by what their first word begins with."""
    filed: dict[tuple[WordForm, str], list[_Filed]] = defaultdict(list)
    for stemmed, pattern in dict.fromkeys(patterns):
        form, value = pattern[0]
        key = form, value[:_BEGINNING] if form is WordForm.BEGINNING else value
        filed[key].append((pattern, len(stemmed[0][1]), intern(terms[stemmed])))
    return {key: tuple(found) for key, found in filed.items()}


def _said(element: tuple[WordForm, str]) -> str:
    """A word of a pattern without the ending that its letters mostly have."""
    reading, value = element
    return stem_of(value, ANY) if reading is WordForm.STEM else value


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
