"""What of an item's words tells its event: terms, ordinals, places and nights."""

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from sys import intern

from bot.core.language.amounts import cardinal, ordinal
from bot.core.language.lexicon import NAME, THING, Lexicon
from bot.core.language.phonetics import sound_of
from bot.core.language.special_words import is_date, is_empty, is_night
from bot.core.language.text import Word, capitals_tell_names, words_in
from bot.core.model import Item
from bot.core.subject.relevance import read_part
from bot.core.titles.reading import Genre

NUMBER, SOUND = "#", "≈"  # what such terms begin with
_OF_ALL_LANGUAGES = frozenset({"", NAME, THING, NUMBER, SOUND})

IN_TITLE, IN_SUMMARY = 1.0, 0.5
_LEAST_SOUND = 3  # consonants
_REACH = 3  # terms after an ordinal that it may count: the 12th EU sanctions package


# Fewer and more are told as figures, or tell no two events apart.
_TOLD_IN_WORDS = range(3, 19)
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells the event of an item.

    `terms` have IN_TITLE or IN_SUMMARY as their value; `counted` tells for each noun which of its kind is meant
    (`package`: the `12`th); `countries` and `towns` are those of the title, `partners` the sides in a title that tells
    of what two do with each other; `nights` are dates on which a night ended; `is_round_up` tells of many events,
    `is_warning` only of where something flies at the moment; `lends` is False where the words may be of several.
    """

    terms: Mapping[str, float]
    counted: Mapping[str, frozenset[str]]
    countries: frozenset[str]
    towns: frozenset[str]
    partners: frozenset[str]
    nights: frozenset[date]
    is_round_up: bool
    is_warning: bool
    lends: bool


def signature_of(item: Item, lexicon: Lexicon) -> Signature:
    """The signature of an item; names of its own outlet count nothing."""
    words = read_part(item).words
    own = {word.stem for word in (*words_in(item.source_name, item.lang), *words_in(item.publisher, item.lang))}
    title, summary = (_read(part, item.lang, lexicon, own) for part in (words.title, words.summary))
    if not title:  # "Northgate Wire News, June 23, 17:00"
        title = summary
    countries = [country for term in (*title, *summary) if (country := lexicon.country_of(term))]
    terms = dict.fromkeys((*countries, *summary), IN_SUMMARY) | dict.fromkeys(title, IN_TITLE)
    terms |= dict.fromkeys(_sounds(words.summary, lexicon), IN_SUMMARY)
    terms |= dict.fromkeys(_sounds(words.title, lexicon), IN_TITLE)
    sides = lexicon.sides_of(title)
    night = {item.published.date()} if is_night(words.title) or is_night(words.summary) else ()
    return Signature(
        terms=terms,
        counted=_counted(words.title, item.lang, lexicon),
        countries=lexicon.countries.intersection(map(lexicon.country_of, title)),
        towns=lexicon.towns.intersection(title),
        partners=sides if len(sides) > 1 and lexicon.bilateral.intersection(title) else frozenset(),
        nights=frozenset(night),
        is_round_up=item.reading.genre is Genre.ROUNDUP,
        is_warning=item.reading.genre is Genre.WARNING,
        lends=not item.reading.is_of_many,
    )


def spoken_in(term: str) -> str:
    """The language in whose texts alone a term can be found; "" for one that reports in any may have."""
    return "" if term[:1] in _OF_ALL_LANGUAGES else term.partition(":")[0]


def _read(words: tuple[Word, ...], lang: str, lexicon: Lexicon, own: set[str]) -> list[str]:
    """The terms of a text in its order."""
    terms: list[str] = []
    place = 0
    while place < len(words):
        found, word = lexicon.at(words, place), words[place]
        if found:
            terms += found.terms
        elif word.stem not in own and (term := _term(word, lang)):
            terms.append(term)
        place += found.length if found else 1
    return terms


@lru_cache(maxsize=8_000)
def _term(word: Word, lang: str) -> str:
    """The term of a word of a text that the lexicon has not; none for words that say nothing, and for dates."""
    if word.folded[0].isdigit():
        return "" if _YEAR.fullmatch(word.folded) else intern(NUMBER + word.folded)
    if is_empty(word) or is_date(word) or len(word.stem) < len("ab"):
        return ""
    count = cardinal(word)
    return intern(f"{NUMBER}{count}" if count in _TOLD_IN_WORDS else f"{lang}:{word.stem}")


def _sounds(words: tuple[Word, ...], lexicon: Lexicon) -> Iterator[str]:
    """Names that the lexicon has not, as heard: words printed with a capital where it tells a name."""
    known = {place + beyond for place, found in lexicon.found_in(words) for beyond in range(found.length)}
    unknown = [word for place, word in enumerate(words) if place not in known]
    capitals = [word for word in unknown if word.surface[0].isupper() and word.surface.isalpha()]
    for word in capitals if capitals_tell_names(words) else ():
        if len(word.surface) > len("abc") and word is not words[0] and not is_empty(word) and not is_date(word):
            sound = sound_of(word.folded if word.folded.isascii() else word.stem)
            if len(sound) >= _LEAST_SOUND:
                yield intern(SOUND + sound)


def _counted(words: tuple[Word, ...], lang: str, lexicon: Lexicon) -> Mapping[str, frozenset[str]]:
    """Which of its kind each noun is that is close after an ordinal."""
    counted: dict[str, set[str]] = {}
    for place, word in enumerate(words):
        following = words[place + 1 : place + 2]
        number = ordinal(word, following[0] if following else None)
        if number >= _TOLD_IN_WORDS.start or (number and word.folded[0].isdigit()):  # a second is a unit, too
            for term in _read(words[place + 1 :], lang, lexicon, set())[:_REACH]:
                counted.setdefault(term, set()).add(str(number))
    return {noun: frozenset(ordinals) for noun, ordinals in counted.items()}


def nights_apart(ours: frozenset[date], theirs: frozenset[date]) -> bool:
    """Whether both speak of a night, and of different ones."""
    return bool(ours and theirs) and min(abs(a - b) for a in ours for b in theirs) >= timedelta(days=1)


def counted_apart(ours: Mapping[str, frozenset[str]], theirs: Mapping[str, frozenset[str]]) -> bool:
    """Whether both count the same thing and mean another: the 12th package, the 13th."""
    return any(noun in theirs and ours[noun].isdisjoint(theirs[noun]) for noun in ours)


def places_apart(ours: frozenset[str], theirs: Set[str]) -> bool:
    """Whether the titles of both name places, and none in common: another city was hit, another country acts."""
    return bool(ours and theirs) and ours.isdisjoint(theirs)
