"""What a changed title means: another article, the same told in other words, or a correction."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import combinations, zip_longest
from math import ceil
from re import compile as pattern_of

from bot.core.language.language import ANY, Language
from bot.core.language.lexicon import NO_LEXICON, Lexicon
from bot.core.language.text import stems_of, title_key, words_in
from bot.core.titles.claims import DENIED, IS, Claim, ClaimKind, TitleClaims
from bot.core.titles.reading import read_title

# Two titles that share so much of their words can be wordings of one article.
_LIKENESS = 0.3
# A title that drops more than this of what it said no longer tells the same.
_DROPPED = 0.4
# A few words in the place of a few others are an exchange; more of them, a sentence told anew.
_EXCHANGED = 2

_TYPO_LETTERS = 5  # shorter words are too near one another
_KIN_LETTERS, _KIN_SHARE = 4, 0.7  # what Russian forms of one word share at least


@cache
def _pairs(language: Language, name: str) -> Sequence[tuple[Set[str], Set[str]]]:
    """The pairs of a list of `[corrections]`, as stems."""
    pairs: Sequence[tuple[Set[str], Set[str]]] = getattr(language.corrections, name)
    return [(stems_of(one, language.code), stems_of(other, language.code)) for one, other in pairs]


_TAIL = pattern_of(r"^(?P<head>.{12,})\s+[|–—-]\s+(?P<tail>\S+(?:\s+\S+){0,3})$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A title and the next: what is in the first alone, what in the second alone."""

    old: TitleClaims
    new: TitleClaims
    gone: tuple[Claim, ...]
    came: tuple[Claim, ...]
    lexicon: Lexicon
    language: Language


def alike(one: str, other: str) -> bool:
    """Whether two titles can be wordings of one article."""
    ours, theirs = _stems(one), _stems(other)
    return ours == theirs or len(ours & theirs) >= _LIKENESS * len(ours | theirs)


def is_retold(before: str, after: str, *, lang: str, lexicon: Lexicon = NO_LEXICON) -> bool:
    """Whether a title of a language (ISO 639-1) still tells what it told before, maybe more.

    It does not when it names somebody else, counts otherwise, asserts what it denied or supposed (or the other way
    round), exchanges who does it to whom, says another thing in the same place, or drops most of what it said.
    """
    if title_key(before) == title_key(after):
        return True
    if read_title(before, lang).is_withdrawn != read_title(after, lang).is_withdrawn:
        return False
    return any(not _tells_otherwise(change) for change in _changes(before, after, lang, lexicon))


def is_reversed(before: str, after: str, *, lang: str, lexicon: Lexicon = NO_LEXICON) -> bool:
    """Whether a title takes back what it told before: it is withdrawn, denied, or the opposite is said."""
    was_withdrawn, is_withdrawn = (read_title(title, lang).is_withdrawn for title in (before, after))
    if was_withdrawn or is_withdrawn:
        return was_withdrawn != is_withdrawn
    return all(_takes_back(change) for change in _changes(before, after, lang, lexicon))


def _stems(title: str) -> set[str]:
    return {word.stem for word in words_in(title, ANY)}


def _changes(before: str, after: str, lang: str, lexicon: Lexicon) -> Iterator[_Change]:
    """From one title to the other as they are, then as if what ends one of them were the name of an outlet."""
    yield _change(before, after, lang, lexicon)
    for title in (before, after):
        found = _TAIL.match(title)
        if found and not read_title(found["tail"], lang).claims(NO_LEXICON).marks:  # an outlet denies nothing
            old, new = (found["head"] if each is title else each for each in (before, after))
            yield _change(old, new, lang, lexicon)


def _change(before: str, after: str, lang: str, lexicon: Lexicon) -> _Change:
    language = read_title(after, lang).language
    old, new = (read_title(title, lang).claims(lexicon) for title in (before, after))
    cases = language.corrections.cases
    gone, came = _unshared(old.claims, new.claims, cases=cases), _unshared(new.claims, old.claims, cases=cases)
    return _Change(old=old, new=new, gone=gone, came=came, lexicon=lexicon, language=language)


def _takes_back(change: _Change) -> bool:
    return (
        (change.new.corrects and not change.old.corrects)
        or _denies_otherwise(change)
        or _denies_harm(change)
        or _is_of_another_country(change)
        or _contradicts(change, "opposites")
    )


def _tells_otherwise(change: _Change) -> bool:
    # A title that was only shortened says nothing else.
    drops_most = bool(change.came) and len(change.gone) > _DROPPED * len(change.old.claims)
    return (
        drops_most
        or _takes_back(change)
        or _counts_otherwise(change)
        or _names_otherwise(change)
        or _asserts_otherwise(change)
        or _exchanges_roles(change)
        or _contradicts(change, "turns")
        or _says_another_thing(change)
    )


def _denies_otherwise(change: _Change) -> bool:
    """What was told is denied, or what was denied is told; that something else is denied takes nothing back."""
    old, new = change.old.claims, change.new.claims
    cases, negating = change.language.corrections.cases, change.language.corrections.negating
    gone, came = ({claim.folded for claim in claims} for claims in (change.gone, change.came))
    is_negated = any(negating + form in came for form in gone) or any(negating + form in gone for form in came)
    return (bool(negating) and is_negated) or any(
        (after := _denials_of(claim, new, cases=cases)) and _denials_of(claim, old, cases=cases).isdisjoint(after)
        for claim in old
    )


def _denials_of(claim: Claim, told: Sequence[Claim], *, cases: bool) -> set[bool]:
    """Whether it is denied, at each place where it is told."""
    return {DENIED in each.signs for each in told if _is_one_word(claim, each, cases=cases)}


def _denies_harm(change: _Change) -> bool:
    """Nobody has come to harm after all, or somebody has."""
    return any(
        _harms(one, asserted) and not _harms(other, asserted) and _harms(other, denied, is_denied=True)
        for one, other in ((change.old, change.new), (change.new, change.old))
        for asserted, denied in _pairs(change.language, "harm")
    )


def _harms(telling: TitleClaims, words: Set[str], *, is_denied: bool = False) -> bool:
    return any(claim.stem in words and (DENIED in claim.signs) is is_denied for claim in telling.claims)


def _is_of_another_country(change: _Change) -> bool:
    """It was Russian, and now it is said that it was not, by saying whose it was: the same thing, not its captain."""
    about = next((claim for claim in change.new.claims if claim.kind is ClaimKind.WORD), None)
    if about is None or about in change.came:
        return False
    gone, came = ({claim.key for claim in claims} & change.lexicon.countries for claims in (change.gone, change.came))
    return bool(gone) and any(claim.key in came and claim.handle == IS for claim in change.new.claims)


def _unshared(ours: Sequence[Claim], theirs: Sequence[Claim], *, cases: bool) -> tuple[Claim, ...]:
    return tuple(claim for claim in ours if not any(_is_one_word(claim, other, cases=cases) for other in theirs))


def _is_one_word(one: Claim, other: Claim, *, cases: bool) -> bool:
    if one.key == other.key or one.stem == other.stem:
        return True
    if ClaimKind.AMOUNT in (one.kind, other.kind) or (one.is_known and other.is_known):
        return False
    # In a language with many endings one word has several stems: атаков, атак.
    least = ceil(max(_KIN_LETTERS, _KIN_SHARE * min(len(one.stem), len(other.stem)))) if cases else 0
    return (cases and one.stem[:least] == other.stem[:least]) or _is_typo(one.folded, other.folded)


def _is_typo(one: str, other: str) -> bool:
    """Whether a letter was left out, put in, mistaken, or two changed places; never the first."""
    short, long = sorted((one, other), key=len)
    if len(short) < _TYPO_LETTERS or len(long) - len(short) > 1 or short[0] != long[0]:
        return False
    place = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) < len(long):
        return short[place:] == long[place + 1 :]
    swapped = short[:place] + short[place : place + 2][::-1] + short[place + 2 :]
    return short[place + 1 :] == long[place + 1 :] or swapped == long


def _counts_otherwise(change: _Change) -> bool:
    """An amount that the new title neither repeats nor only makes more exact; "one" may go."""
    counted = [claim.amount for claim in change.new.claims if claim.amount]
    has_come = any(claim.amount for claim in change.came)
    for claim in change.old.claims:
        amount = claim.amount
        if amount and not any(amount.holds(other) for other in counted) and (has_come or amount.said != 1):
            return True
    return False


def _names_otherwise(change: _Change) -> bool:
    """A country is named no more, or a name is and another has come."""
    gone = [claim for claim in change.gone if claim.kind is ClaimKind.NAME]
    has_come = any(claim.kind is ClaimKind.NAME for claim in change.came)
    if gone and has_come:
        return True
    for claim, following in zip_longest(change.old.claims, change.old.claims[1:]):
        # Before a name that has stayed, a country only tells whose minister that is.
        introduces = following is not None and following.kind is ClaimKind.NAME and following not in change.gone
        if claim in change.gone and claim.key in change.lexicon.countries and not introduces:
            return True
    return False


def _asserts_otherwise(change: _Change) -> bool:
    """Something is denied or supposed that was asserted, or the other way round."""
    if change.old.marks == change.new.marks:
        return False
    old, new = _signs(change.old.claims), _signs(change.new.claims)
    if any(old[key].isdisjoint(new[key]) for key in old.keys() & new.keys()):
        return True
    is_marked = any(claim.signs for claim in (*change.gone, *change.came))
    return bool(is_marked and change.gone and change.came)


def _signs(claims: Sequence[Claim]) -> dict[str, set[Set[str]]]:
    signs: dict[str, set[Set[str]]] = {}
    for claim in claims:
        signs.setdefault(claim.key, set()).add(claim.signs)
    return signs


def _exchanges_roles(change: _Change) -> bool:
    """Two names, or two numbers, have taken each other's place."""
    old = {claim.key: claim for claim in reversed(change.old.claims) if claim.handle}
    new = {claim.key: claim for claim in reversed(change.new.claims) if claim.handle}
    for one, other in combinations(sorted(old.keys() & new.keys()), 2):
        first, second = old[one].handle, old[other].handle
        is_exchange = (first, second) == (new[other].handle, new[one].handle) and first != second
        # Where words have cases, their order says nothing if both names keep theirs.
        keep_cases = all(old[key].folded == new[key].folded for key in (one, other))
        is_order = change.language.corrections.cases and keep_cases and first[1:] == second[1:]
        if old[one].kind is old[other].kind and is_exchange and not is_order:
            return True
    return False


def _contradicts(change: _Change, name: str) -> bool:
    """Whether one word of a pair in a list of `[corrections]` has taken the place of the other."""
    gone, came = ({claim.stem for claim in claims} for claims in (change.gone, change.came))
    pairs = _pairs(change.language, name)
    return any((gone & one and came & other) or (gone & other and came & one) for one, other in pairs)


def _says_another_thing(change: _Change) -> bool:
    """A word or two are where another was, and one of them is a name or a thing of our subject.

    Of other words nobody can tell without a dictionary whether they are two for the same: cosy up to, look towards.
    """
    old, new = ([claim.key for claim in each.claims if not claim.amount] for each in (change.old, change.new))
    gone, came = ({claim.key for claim in claims} for claims in (change.gone, change.came))
    telling = {claim.key for claim in (*change.gone, *change.came) if claim.is_known or claim.kind is ClaimKind.NAME}
    for tag, start, end, from_, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left, entered = gone.intersection(old[start:end]), came.intersection(new[from_:to])
        is_exchange = tag == "replace" and 0 < len(left) <= _EXCHANGED and 0 < len(entered) <= _EXCHANGED
        if is_exchange and telling & (left | entered):
            return True
    return False
