"""What outlets call by many words, in two languages, under one name: aliases.toml and translations.toml together.

Names of aliases.toml (Putin, Путин) and things of translations.toml (attack, удар) become terms that compare equal.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from sys import intern

from bot.core.language.patterns import Pattern, Reading, exact, inflected, is_at, typed_name
from bot.core.language.text import Word, clean, fold, stem_of, words_in
from bot.errors import ConfigError, Fault

FILE = "translations.toml"
NAME, THING = "@", "~"  # what the terms of either file begin with

# Headings of aliases.toml whose names are places: two events differ by them.
_COUNTRIES = frozenset({"countries"})
_ALLIANCES = frozenset({"alliances"})
_TOWNS = frozenset({"regions", "cities"})
_STANDS_FOR = "stands_for"  # a table of translations.toml: Moscow = "Russia"
_LIES_IN = "lies_in"  # another: Munich = "Germany"
_USUAL = "usual"  # another: Moscow = 17, of a thousand headlines
_TABLES = {
    _STANDS_FOR: (str, 'names, such as Moscow = "Russia"'),
    _LIES_IN: (str, 'names, such as Munich = "Germany"'),
    _USUAL: (int, "numbers, such as Moscow = 17"),
}

_EVERYWHERE = 90  # of a thousand headlines

_MEMO_LIMIT = 20_000  # words
_BEGINNING = 3  # letters that beginnings are filed under
_CASES = ("", "а", "у", "ом")  # after a consonant: Snowball leaves Иран, Ирана, Ирану two stems


@dataclass(frozen=True, slots=True)
class Found:
    """A term of the lexicon found in a text, and how many words it takes."""

    term: str
    length: int


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
    _filed: Mapping[tuple[Reading, str], tuple[tuple[Pattern, str], ...]] = field(default_factory=dict, repr=False)
    _beginning: dict[str, tuple[tuple[Pattern, str], ...]] = field(default_factory=dict, repr=False, compare=False)

    def country_of(self, term: str) -> str | None:
        """The country that a term names, stands for or lies in; none if it is no place."""
        return self.stands_for.get(term) or self.lies_in.get(term) or (term if term in self.countries else None)

    def at(self, words: tuple[Word, ...], place: int) -> Found | None:
        """The longest name or thing that begins at a place of a text."""
        beginning = self._beginning.get(words[place].surface)
        if beginning is None:
            beginning = self._remember(words[place])
        if not beginning:
            return None
        found = [
            (len(pattern), len(pattern[0][1]), term)
            for pattern, term in beginning
            if len(pattern) == 1 or is_at(pattern, words, place)
        ]
        if not found:
            return None
        length, _, term = max(found)
        return Found(term, length)

    def _remember(self, word: Word) -> tuple[tuple[Pattern, str], ...]:
        """The patterns whose first element a word fits; most words begin none."""
        if len(self._beginning) >= _MEMO_LIMIT:
            self._beginning.clear()
        return self._beginning.setdefault(
            word.surface,
            tuple(
                (pattern, term)
                for key in _keys(word)
                for pattern, term in self._filed.get(key, ())
                if is_at(pattern[:1], (word,), 0)
            ),
        )


NO_LEXICON = Lexicon()


def lexicon_of(aliases: Mapping[str, object], translations: Mapping[str, object]) -> Lexicon:
    """The lexicon of a parsed aliases.toml (taken to be sound) and a parsed translations.toml.

    Both hold lists of sets under headings; a set goes by its first name. Raises ConfigError with every fault of the
    latter: a wrong shape, a word without letters, a word in two sets, a seat that aliases.toml has not, a usual term
    that neither has.
    """
    faults = [fault for heading, table in translations.items() for fault in _shape_faults(heading, table)]
    if faults:
        raise ConfigError(*faults)
    known = {NAME + fold(names[0]) for _, names in _sets(aliases)}
    stands_for, lies_in = (dict(_places(translations.get(heading, {}))) for heading in (_STANDS_FOR, _LIES_IN))
    faults += [
        Fault(where=f"{FILE}: {heading}", what=f"“{name[1:]}” is the first name of no set in aliases.toml")
        for heading, places in ((_STANDS_FOR, stands_for), (_LIES_IN, lies_in))
        for pair in places.items()
        for name in pair
        if name not in known
    ]
    things = {THING + fold(names[0]) for _, names in _sets(translations)}
    usual = dict(_usual(translations.get(_USUAL, {}), known | things))
    faults += [
        Fault(where=f"{FILE}: {_USUAL}", what=f"“{name}” is the first name of no set in either file")
        for name in usual
        if name not in known | things
    ]
    terms = {pattern: NAME + fold(names[0]) for _, names in _sets(aliases) for pattern in _patterns(names)}
    own: dict[Pattern, str] = {}
    for heading, names in _sets(translations):
        # A set whose first word is a name of aliases.toml extends that one: ceasefire, truce.
        term = terms.get(next(_patterns(names)), THING + fold(names[0]))
        for pattern in _patterns(names):
            if own.setdefault(pattern, term) != term:
                what = f"a word of “{names[0]}” is also in the set of “{own[pattern][1:]}”; keep it in one of them"
                faults.append(Fault(where=f"{FILE}: {heading}", what=what))
    if faults:
        raise ConfigError(*faults)
    filed: dict[tuple[Reading, str], list[tuple[Pattern, str]]] = defaultdict(list)
    for pattern, term in (own | terms).items():
        filed[_filing(pattern[0])].append((pattern, intern(term)))
    countries, alliances, towns = (
        frozenset(NAME + fold(names[0]) for heading, names in _sets(aliases) if heading in headings)
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
        _filed={key: tuple(found) for key, found in filed.items()},
    )


def _filing(first: tuple[Reading, str]) -> tuple[Reading, str]:
    reading, value = first
    return (reading, value[:_BEGINNING]) if reading is Reading.BEGINNING else first


def _keys(word: Word) -> Iterator[tuple[Reading, str]]:
    yield Reading.STEM, word.stem
    yield Reading.FOLDED, word.folded
    yield Reading.BEGINNING, word.folded[:_BEGINNING]
    if word.name:
        yield Reading.NAME, word.name


def _sets(tables: Mapping[str, object]) -> Iterator[tuple[str, list[str]]]:
    for heading, table in tables.items():
        if isinstance(table, list):
            yield from ((heading, names) for names in table)


def _places(table: object) -> Iterator[tuple[str, str]]:
    if isinstance(table, dict):
        yield from ((NAME + fold(place), NAME + fold(country)) for place, country in table.items())


def _usual(table: object, known: Set[str]) -> Iterator[tuple[str, int]]:
    """Shares by term; by the bare name where no file has it."""
    if isinstance(table, dict):
        for name, share in table.items():
            terms = NAME + fold(name), THING + fold(name)
            yield next((term for term in terms if term in known), name), share


def _shape_faults(heading: str, table: object) -> Iterator[Fault]:
    if heading in _TABLES:
        kind, shape = _TABLES[heading]
        if not isinstance(table, dict) or not all(type(value) is kind for value in table.values()):
            yield Fault(where=f"{FILE}: {heading}", what=f"must be a table of {shape}")
        return
    if not isinstance(table, list):
        yield Fault(where=f"{FILE}: {heading}", what="must be a list of sets, each a list of words")
        return
    for number, names in enumerate(table, 1):
        where = f"{FILE}: {heading}, set {number}"
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            yield Fault(where=where, what='must be a list of words in quotes, such as ["bridge", "мост"]')
        elif unread := [name for name in names if not words_in(clean(name))]:
            yield Fault(where=where, what=f"“{unread[0]}” has no letters or digits")


def _patterns(names: list[str]) -> Iterator[Pattern]:
    for name in map(clean, names):
        words = words_in(name)
        if name.endswith("*"):
            yield ((Reading.BEGINNING, words[0].folded),)
        elif name.startswith('"'):
            yield exact(words)
        else:
            yield inflected(words)
            yield from _declined(words)


def _declined(words: tuple[Word, ...]) -> Iterator[Pattern]:
    """The stems that the cases of a Russian noun have beside its own."""
    folded = words[0].folded
    if len(words) == 1 and "а" <= folded[:1] <= "я" and folded[-1] not in "аеиоуыэюяйь" and not typed_name(words[0]):
        yield from {((Reading.STEM, stem_of(folded + ending)),) for ending in _CASES}
