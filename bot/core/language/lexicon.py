"""What outlets call by many words, in many languages, under one name.

Names of aliases.toml (Putin, Путин) and things of translations.toml (attack, удар) become terms that compare equal. The
files of config/subject/words/ say what a language calls them; its words are looked for in its texts alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.language.language import ANY, NOBODY, language_of
from bot.core.language.patterns import Pattern, WordForm, is_at, places
from bot.core.language.text import Word, fold, is_empty, is_main, sought, words_in

NAME, THING = "@", "~"  # what the terms of either file begin with

_MEMO_LIMIT = 20_000  # words
BEGINNING = 3  # letters that beginnings are filed under
PART = 5  # letters at least, of what is looked for at the end of a compound or inside it
_INFLECTION = 3  # letters at most: what follows a beginning in a word that somebody types for it
_TELLING = 5  # letters of a word that is looked for in languages whose letters are mostly read by another


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """A term of the lexicon found in a text, and how many words it takes.

    `others` are what a compound word names besides: Drohnenangriff is an attack, and a drone.
    """

    term: str
    length: int
    others: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        """All that is named."""
        return (self.term, *self.others)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What somebody means by a word, and the languages in which it means that."""

    term: str
    langs: frozenset[str]

    def places(self, words: tuple[Word, ...], lexicon: "Lexicon") -> Iterator[tuple[int, int]]:
        """Where a text has it in another language, and how many words it takes there."""
        for place, found in lexicon.all_in(words):
            if self.term in found.terms and words[place].lang not in self.langs:
                yield place, found.length


Filed = tuple[Pattern, int, str]  # how long its first word is without its ending, and the term
Shelf = Mapping[tuple[WordForm, str], Sequence[Filed]]
_NO_SHELF: Shelf = {}


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What begins with a word: phrases, the longest first, and what the word is by itself.

    `parts` are things in the name of that: Luftrumskränkning is an airspace violation, and names an airspace.
    """

    phrases: tuple[Filed, ...]
    alone: FoundTerm | None
    parts: tuple[str, ...] = ()


_NOTHING = _Beginning((), None)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Patterns filed by their first word: those of all languages, and each language's own.

    `stands_for` has the country of a seat (Moscow), which is no town; `lies_in` that of a town (Munich); `serves` that
    of a person or an office (Putin), or their alliance. `terms` has each term by the first name of its set. `usual` is
    in how many of a thousand headlines a term is, for those that are common. `parties` are the countries that are in so
    many headlines that they tell no two events apart.
    """

    countries: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    alliances: frozenset[str] = frozenset()
    towns: frozenset[str] = frozenset()
    stands_for: Mapping[str, str] = field(default_factory=dict)
    lies_in: Mapping[str, str] = field(default_factory=dict)
    serves: Mapping[str, str] = field(default_factory=dict)
    bilateral: frozenset[str] = frozenset()
    usual: Mapping[str, int] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict, repr=False)
    _common: Shelf = field(default_factory=dict, repr=False)
    _own: Mapping[str, Shelf] = field(default_factory=dict, repr=False)  # by language; stems as it has them
    _ordinary: Mapping[str, frozenset[str]] = field(
        default_factory=dict, repr=False
    )  # by language, folded or with accents
    _homographs: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)  # by language, folded
    _by_stem: dict[str, Mapping[str, Sequence[Filed]]] = field(default_factory=dict, repr=False, compare=False)
    _single: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _asked: dict[tuple[str, str], bool] = field(default_factory=dict, repr=False, compare=False)  # by form and language
    _meanings: dict[str, Meaning | None] = field(default_factory=dict, repr=False, compare=False)  # as typed
    _beginnings: dict[tuple[str, str], _Beginning] = field(default_factory=dict, repr=False, compare=False)

    def country_of(self, term: str) -> str | None:
        """The country that a term names, is the seat of or lies in; none if it is no place."""
        return self.stands_for.get(term) or self.lies_in.get(term) or (term if term in self.countries else None)

    def term_of(self, name: str) -> str | None:
        """The term of the set whose first name this is."""
        return self.terms.get(fold(name))

    def side_of(self, term: str) -> str | None:
        """The country or alliance that a term names, or of whom or in which it is."""
        return self.serves.get(term) or self.country_of(term) or (term if term in self.alliances else None)

    def sides_of(self, terms: Iterable[str]) -> frozenset[str]:
        """The sides of several terms, as far as they have one."""
        return frozenset([side for term in terms if (side := self.side_of(term))])

    def at(self, words: tuple[Word, ...], place: int) -> FoundTerm | None:
        """The longest name or thing that begins at a place of a text."""
        beginning = self._beginning(words[place])
        for pattern, _, term in beginning.phrases:
            if is_at(pattern, words, place):
                return FoundTerm(term, len(pattern))
        return beginning.alone

    def found_in(self, words: tuple[Word, ...]) -> Iterator[tuple[int, FoundTerm]]:
        """The names and things of a text with their places, the longest at each, none inside another."""
        place = 0
        while place < len(words):
            if found := self.at(words, place):
                yield place, found
            place += found.length if found else 1

    def all_in(self, words: tuple[Word, ...]) -> Iterator[tuple[int, FoundTerm]]:
        """All names and things of a text with their places, also those that are part of longer ones."""
        for place, word in enumerate(words):
            beginning = self._beginning(word)
            for pattern, _, term in beginning.phrases:
                if is_at(pattern, words, place):
                    yield place, FoundTerm(term, len(pattern))
            if alone := beginning.alone:
                yield place, FoundTerm(alone.term, alone.length, (*alone.others, *beginning.parts))

    def meaning_of(self, text: str) -> Meaning | None:
        """What somebody means who types a word or a name; None for what is unknown, or says several things.

        A word that its letters' main language has is of that one; others must be long enough to be no chance, and have
        letters of their own or be just as their language's file has them: an English report is no French reporté.
        """
        if text not in self._meanings:
            if len(self._meanings) >= _MEMO_LIMIT:
                self._meanings.clear()
            self._meanings[text] = self._meaning(text)
        return self._meanings[text]

    def _meaning(self, text: str) -> Meaning | None:
        meanings: dict[str, set[str]] = defaultdict(set)
        typed = words_in(text, ANY)
        main = {word.lang for word in typed}
        letters = set(text.lower()).difference(*[language_of(lang).words.letters for lang in main])
        for lang in self._own:
            words = words_in(text, lang)
            as_is = lang not in main and letters.isdisjoint(language_of(lang).words.letters)
            if as_is and len(typed) == 1 and typed[0].folded not in self._as_is(lang):
                continue
            if {word.lang for word in words} <= {lang, NOBODY} and (term := self._meant(words, as_is=as_is)):
                meanings[term].add(lang)
        known = [term for term, langs in meanings.items() if langs & main]
        is_of_main = any(word.folded in self._homographs.get(word.lang, ()) for word in typed)
        if not known and (is_of_main or len(meanings) > 1 or (text.isascii() and len(text) < _TELLING)):
            return None
        return next((Meaning(term, frozenset(meanings[term])) for term in known or meanings), None)

    def places(self, pattern: Pattern, words: tuple[Word, ...]) -> Iterator[int]:
        """Where a text has a pattern that somebody typed (see `is_asked`)."""
        return (
            place
            for place in places(pattern, words)
            if all(
                form is not WordForm.STEM or self.is_asked(value, word)
                for (form, value), word in zip(pattern, words[place:], strict=False)
            )
        )

    def is_asked(self, form: str, word: Word) -> bool:
        """Whether somebody who types a form may mean a word of a text that has its stem.

        In another language than the main one of their letters nobody means a word that is in every report and only
        looks like it: Romanian are (has) is no form of area. Where such a language has words of its own, nor do they by
        what means something elsewhere only (English test, Hungarian test is a body), or by a name; `at` finds those.
        """
        if is_main(word) or not form.isalpha():
            return True
        if form != word.form and is_empty(word):
            return False
        if word.lang not in self._own:
            return True
        if (form, word.lang) not in self._asked:
            if len(self._asked) >= _MEMO_LIMIT:
                self._asked.clear()
            meaning = self.meaning_of(form)
            self._asked[form, word.lang] = (
                not any(form in self._homographs.get(each.lang, ()) for each in words_in(form, ANY))
                if meaning is None
                else word.lang in meaning.langs and not meaning.term.startswith(NAME)
            )
        return self._asked[form, word.lang]

    def languages_of(self, term: str) -> frozenset[str]:
        """The languages that have words of their own for a term."""
        return frozenset(
            [
                lang
                for lang, shelf in self._own.items()
                if any(term == each[-1] for filed in shelf.values() for each in filed)
            ]
        )

    def _as_is(self, lang: str) -> frozenset[str]:
        """The single words that a language's file has, as it has them."""
        if lang not in self._single:
            filed = (each for group in self._own[lang].values() for each in group)
            self._single[lang] = frozenset([pattern[0][1] for pattern, _, _ in filed if len(pattern) == 1])
        return self._single[lang]

    def _meant(self, words: tuple[Word, ...], *, as_is: bool) -> str | None:
        """The term that these words name as they are; a word that only begins like one of it may mean anything.

        `as_is`: nor may it have another ending.
        """
        found = self.at(words, 0) if words else None
        if found is None or found.others or found.length < len(words):
            return None
        if found.length == 1 and not any(
            len(pattern) == 1
            and term == found.term
            and (pattern[0][1] == words[0].folded if as_is else _is_meant(pattern[0], words[0].folded))
            for pattern, _, term in self._fitting(words[0])
        ):
            return None
        return found.term

    def _inflected(self, word: Word) -> Sequence[Filed]:
        """The patterns of all languages that begin with any inflection of a word, as its reader has them."""
        if word.lang not in self._by_stem:
            filed: dict[str, list[Filed]] = defaultdict(list)
            self._by_stem[word.lang] = filed
            for (reading, value), found in self._common.items():
                if reading is WordForm.STEM and (stem := sought(value, word.lang)):
                    filed[stem] += found
        return self._by_stem[word.lang].get(word.stem, ())

    def _fitting(self, word: Word) -> list[Filed]:
        """The patterns whose first element a word fits, the longest first; its language's own before those of all."""
        shelf = self._own.get(word.lang, _NO_SHELF)
        own = {each for key in _keys(word) for each in shelf.get(key, ())}
        found = set(own)
        if not self._ordinary.get(word.lang, frozenset()) & {word.folded, word.surface.lower()}:
            # A name keeps its letters but for one in other languages: Slovak román is no Romania.
            found.update(
                each
                for each in self._inflected(word)
                if is_main(word)
                or not word.folded.isalpha()
                or word.folded.startswith(each[0][0][1][: len(each[0][0][1]) - 1])
            )
            found.update(
                each for key in _keys(word) if key[0] is not WordForm.STEM for each in self._common.get(key, ())
            )
        return sorted(
            (each for each in found if is_at(each[0][:1], (word,), 0)),
            key=lambda each: (len(each[0]), each[1], each in own, each[2]),
            reverse=True,
        )

    def _beginning(self, word: Word) -> _Beginning:
        return self._beginnings.get((word.surface, word.lang)) or self._remember(word)

    def _remember(self, word: Word) -> _Beginning:
        """What begins with a word; most words begin nothing."""
        if len(self._beginnings) >= _MEMO_LIMIT:
            self._beginnings.clear()
        found = self._fitting(word)
        phrases = tuple([each for each in found if len(each[0]) > 1])
        singles = [each for each in found if len(each[0]) == 1]
        alone = _alone(singles, word.folded)
        terms = alone.terms if alone else ()
        things = {term for *_, term in singles if term.startswith(THING)}.difference(terms)
        parts = sorted(part for part in things if any(part.removeprefix(THING) in term for term in terms))
        beginning = _Beginning(phrases, alone, tuple(parts))
        return self._beginnings.setdefault((word.surface, word.lang), beginning if found else _NOTHING)


def _is_meant(element: tuple[WordForm, str], form: str) -> bool:
    """Whether a word that fits is an inflection of what is looked for, and not only begins or ends like it."""
    reading, value = element
    is_part = reading in {WordForm.ENDING, WordForm.INSIDE}
    return len(form) - len(value) <= _INFLECTION if reading is WordForm.BEGINNING else not is_part


def _keys(word: Word) -> Iterator[tuple[WordForm, str]]:
    """Under which a pattern may be filed that a word fits, by its own language's stem."""
    form = word.folded
    yield WordForm.STEM, word.stem
    yield WordForm.FOLDED, form
    yield WordForm.BEGINNING, form[:BEGINNING]
    if word.name:
        yield WordForm.NAME, word.name
    if len(form) >= PART:
        yield WordForm.ENDING, form[-PART:]
        yield from ((WordForm.INSIDE, form[begin : begin + PART]) for begin in range(len(form) - PART + 1))


def _alone(found: Sequence[Filed], form: str) -> FoundTerm | None:
    """What a word names by itself: what most of its letters do, and what others of them do."""
    if not found:
        return None
    named: dict[str, range] = {}
    for pattern, _, term in found:
        reading, value = pattern[0]
        match reading:
            case WordForm.BEGINNING:
                letters = range(len(value))
            case WordForm.ENDING:
                letters = range(len(form) - len(value), len(form))
            case WordForm.INSIDE:
                letters = range(form.index(value), form.index(value) + len(value))
            case _:
                letters = range(len(form))
        if term not in named and all(
            letters.start >= each.stop or letters.stop <= each.start for each in named.values()
        ):
            named[term] = letters
    first, *others = sorted(named, key=lambda term: named[term].start)  # as they are printed
    return FoundTerm(first, 1, tuple(others))


NO_LEXICON = Lexicon()
