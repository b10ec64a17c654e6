"""Aliases: sets of names that are one thing (Kaliningrad, Калининград, Królewiec), from config/subject/aliases.toml."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Annotated

from pydantic import Field, RootModel

from bot.config_files import Place, faults_at
from bot.core.language.language import ANY
from bot.core.language.lexicon import NAME, NO_LEXICON, Lexicon, Meaning
from bot.core.language.lexicon_files import NameSets, PlainName
from bot.core.language.patterns import Pattern, WordForm, exact, inflected
from bot.core.language.text import Word, is_filling, words_in
from bot.core.rules.ast import Keyword, Node
from bot.core.rules.compounds import other_spellings

_SHORT = 2  # letters


class Reach(Enum):
    """In which languages a word of a rule is looked for by what it means."""

    NONE = auto()
    OTHERS = auto()  # than those in which it means that: there the word itself is looked for
    ALL = auto()


@dataclass(frozen=True, slots=True)
class AliasSet:
    """Names that are one thing: as written, the first is the one to show; and the patterns that find them."""

    names: tuple[str, ...]
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Aliases:
    """All alias sets, found by the words of a name; `longest` is the most words that a name has.

    `lexicon` knows what names and other words are called in other languages; `reach` is for those that are no names.
    """

    sets: tuple[AliasSet, ...] = ()
    longest: int = 0
    lexicon: Lexicon = NO_LEXICON
    reach: Reach = Reach.OTHERS
    _by_name: Mapping[tuple[str, ...], AliasSet] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.sets)

    def set_of(self, words: tuple[Word, ...]) -> AliasSet | None:
        """The set that holds a name, whatever its case and inflection."""
        by_stem = self._by_name.get(_key(words, WordForm.STEM))
        return by_stem or self._by_name.get(_key(words, WordForm.FOLDED))

    def set_named(self, term: str) -> AliasSet | None:
        """The set of a term of the lexicon; None if it is no name."""
        return self.set_of(words_in(term.removeprefix(NAME), ANY)) if term.startswith(NAME) else None


NO_ALIASES = Aliases()


class AliasFile(RootModel[Mapping[str, tuple[Annotated[tuple[PlainName, ...], Field(min_length=2)], ...]]]):
    """aliases.toml."""


def aliases_of(headings: NameSets, lexicon: Lexicon = NO_LEXICON) -> Aliases:
    """The sets of aliases.toml, and the lexicon that goes with them.

    Raises pydantic's ValidationError (see `faults_at`) for each name that is in two.
    """
    found: list[AliasSet] = []
    faults: list[tuple[Place, str]] = []
    by_name: dict[tuple[str, ...], AliasSet] = {}
    for heading, sets in headings.items():
        for number, names in enumerate(sets):
            patterns = [(exact if _is_exact(name) else inflected)(words_in(name, ANY)) for name in names]
            found.append(AliasSet(tuple(name.strip('"') for name in names), tuple(dict.fromkeys(patterns))))
            for name in names:
                reading = WordForm.FOLDED if _is_exact(name) else WordForm.STEM
                holder = by_name.setdefault(_key(words_in(name, ANY), reading), found[-1])
                if holder is not found[-1]:
                    what = f"“{name}” is also in the set of {holder.names[0]}; keep it in one of them"
                    faults.append(((heading, number), what))
    if faults:
        raise faults_at(*faults)
    return Aliases(tuple(found), max(map(len, by_name), default=1) - 1, lexicon, _by_name=by_name)


def _is_exact(name: str) -> bool:
    return name.startswith('"')


def _key(words: tuple[Word, ...], reading: WordForm) -> tuple[str, ...]:
    """What a name is found by; without small words, for rules have none (coalition of the willing)."""
    telling = [word for word in words if not is_filling(word)] or words
    return (reading, *(getattr(word, reading) for word in telling))


@dataclass(frozen=True, slots=True)
class Name:
    """Keywords of a rule that are looked for as one (two in `nord stream`), the set that holds them, and what they mean
    in other languages.
    """

    keywords: tuple[Keyword, ...]
    alias_set: AliasSet | None
    meaning: Meaning | None = None

    @property
    def shown(self) -> str:
        """What was typed, in the spelling of its set."""
        if self.alias_set is None:
            return " ".join(keyword.text for keyword in self.keywords)
        typed, names = _stems(_words(self.keywords)), self.alias_set.names
        return next((name for name in names if _stems(words_in(name, ANY)) == typed), names[0])

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The patterns of which one must be found.

        A word that names a set looks for itself, too (`nato` in lower case finds nato), unless it has but two letters:
        `us` means the name, for as a word it would be everywhere.
        """
        words = _words(self.keywords)
        own = inflected(words)
        if self.alias_set is None:
            return (own, *other_spellings(words))
        known = self.alias_set.patterns
        if not own[0][1].isalpha():  # a designation
            return (*known, *other_spellings(words))
        short = len(own) == 1 and len(own[0][1]) <= _SHORT
        return known if short or own in known or exact(words) in known else (own, *known)


def name_of(keyword: Keyword, aliases: Aliases) -> Name:
    """One keyword, taken for a name."""
    return _name((keyword,), aliases.set_of(_words((keyword,))), aliases)


def _name(keywords: tuple[Keyword, ...], known: AliasSet | None, aliases: Aliases) -> Name:
    meaning = aliases.lexicon.meaning_of(" ".join(keyword.text for keyword in keywords)) or (
        aliases.lexicon.meaning_of(known.names[0]) if known else None
    )
    if meaning and meaning.term.startswith(NAME):
        # A name is looked for in all languages, also by its other names in the language in which it was typed.
        return Name(keywords, known or aliases.set_named(meaning.term), replace(meaning, langs=frozenset()))
    if meaning and aliases.reach is not Reach.OTHERS:
        meaning = replace(meaning, langs=frozenset()) if aliases.reach is Reach.ALL else None
    return Name(keywords, known, meaning)


def names_in(nodes: tuple[Node, ...], aliases: Aliases) -> Iterable[Node | Name]:
    """Nodes side by side; keywords that make up a known name of several words are one (the longest such name)."""
    return _joined(nodes, aliases) if aliases.longest > 1 else nodes


def _joined(nodes: tuple[Node, ...], aliases: Aliases) -> Iterator[Node | Name]:
    start = 0
    while start < len(nodes):
        name = _long_name(nodes[start : start + aliases.longest], aliases)
        yield name or nodes[start]
        start += len(name.keywords) if name else 1


def _long_name(nodes: tuple[Node, ...], aliases: Aliases) -> Name | None:
    keywords = tuple(_leading_keywords(nodes))
    runs = (keywords[:length] for length in range(len(keywords), 1, -1))
    return next((_name(run, known, aliases) for run in runs if (known := aliases.set_of(_words(run)))), None)


def _leading_keywords(nodes: tuple[Node, ...]) -> Iterator[Keyword]:
    for node in nodes:
        if not isinstance(node, Keyword):
            return
        yield node


def _stems(words: tuple[Word, ...]) -> list[str]:
    return [word.stem for word in words]


def _words(keywords: tuple[Keyword, ...]) -> tuple[Word, ...]:
    return tuple([word for keyword in keywords for word in words_in(keyword.text, ANY)])
