"""What a title claims, word by word: who, how many, what, and whether it is asserted, denied or only supposed.

Titles are in English or Russian; words are compared by the lexicon's terms where it has them, else by their stems.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from bot.core.language.amounts import Amount, amount_at
from bot.core.language.lexicon import NAME, Lexicon
from bot.core.language.text import SMALL_WORDS, Word, fold, stem_of, words_in


class Kind(Enum):
    """What sort of word a claim is."""

    NAME = auto()
    AMOUNT = auto()
    WORD = auto()


DENIED, SUPPOSED, ENDED = "-", "?", "."
IS = "is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One word, name or amount of a title that says something.

    `key` is what it is compared by; `is_known` tells that the lexicon has it; `signs` are DENIED, SUPPOSED and ENDED
    where they hold; `handle` tells of a name or an amount what it goes with (`>sink` does it, `<sink` has it done, or
    `to`), and of a name that something `is` it.
    """

    key: str
    kind: Kind
    stem: str
    folded: str
    is_known: bool = False
    amount: Amount | None = None
    signs: frozenset[str] = frozenset()
    handle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """All claims of a title in their order; `marks` are the signs given, one for each word that gives one.

    `corrects` says that the title calls itself a correction.
    """

    claims: tuple[Claim, ...]
    marks: tuple[str, ...]
    corrects: bool = False


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem_of(fold(word)) for word in words.split())


def _forms(words: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words.split())


# Words whose change, coming or going changes no claim: who is quoted is told by names.
_IDLE = _stems(
    "and or but that this these those it its he his she her they them their we our you i as than then so if who which "
    "what when where why how been being has have had having do does did will would shall should can must there here "
    "after before during into onto out up down off again more most other some such own very just also amid among "
    "against under because while until per via through across toward towards within around say says said saying tell "
    "told telling claim claims claimed report reports reported according announce announced state stated add added new "
    "latest news live blog briefing list update updated breaking exclusive video watch photo now today "
    "yesterday tonight still since first last big large huge massive major small key top fresh several many few mr mrs "
    "и а но или что как это этот эта эти то же ли бы он она оно они его ее их мы вы я который которая которые был была "
    "было были быть будет будут есть уже еще также после перед во время около через между против сообщить сообщил "
    "сообщила сообщили сообщает заявить заявил заявила заявили заявляет сказал сказала рассказал рассказала отметил "
    "назвал назвала слова словам данные данным новый новая новые сегодня вчера срочно видео фото онлайн обновлено "
    "молния большой крупный крупная крупные массированный несколько"
) | {stem_of(word) for word in SMALL_WORDS}

# Forms are the folded ones: no apostrophes.
_DENYING = _forms(
    "not never no neither nor nobody none zero without cannot cant wont dont doesnt didnt isnt arent wasnt werent "
    "hasnt havent hadnt wouldnt couldnt shouldnt не ни нет без никто никого никогда ноль"
)
_NOTHING = _forms("no zero without нет без")  # ... sign of sabotage: what follows is denied with it
_NO_ONE = ("no", "one")
_AFTER_NO, _BEFORE_NO = (
    _forms("more longer further"),
    _forms("больше"),
)  # no more drones: that there were some stays true
_BEFORE_TO = _stems("fail refuse decline unable yet")  # ... to sign
# All that follows in their clause is denied.
_DENYING_ALL = _stems(
    "deny denies denied denying refute retract reject rule-out dismiss refuse опроверг опровергла опровергли "
    "опровергает опровергают опровержение отрицает отрицают отрицал отрицала отрицали отверг отвергла отвергли "
    "отвергает отвергают отказался отказалась отказались отказывается"
)
# What is not true: the claim that follows (a fake call sign), or else all that the clause has told (it was fake).
_FALSE = _stems(
    "false untrue fake hoax bogus refuted retracted withdrawn debunked disproved "
    "ложь ложный ложная ложные фейк фейковый фейковая недостоверно недостоверный опровергнут опровергнута отозвано"
)
_WRONG = _stems("wrong incorrect inaccurate mistaken erroneous неверно неверный ошибочно ошибочный")  # of a report:
_REPORTS = _stems(
    "report claim rumour rumor statement story allegation news information сообщение слух заявление информация новость"
)
_CORRECTION = _stems("corrected correction corrects исправлено исправление опровержение")
_COPULAS = _forms(
    "is are was were be been being isnt arent wasnt werent был была было были оказался оказалась оказалось оказались"
)
_ARTICLES = _forms("a an the")
_SUPPOSING = _forms(
    "may might could maybe perhaps possibly possible potential potentially alleged allegedly reportedly likely "
    "probably suspected apparent apparently purported considers considering mulls mulling "
    "weighs рассматривает может могут мог могла могли возможно возможный вероятно якобы "
    "предположительно видимому предполагаемый предполагаемая предполагаемые"
)
_ONLY = _forms("only just только лишь")  # not only

_ASKING = re.compile(r"\b(?:what|why|how|who|where|when|which|что|почему|зачем|как|кто|где|когда|чем)\b", re.IGNORECASE)

# Forms of a word that the stemmer does not know for one; of to see, other words too.
_KINDRED = """
sink sank sunk, shoot shot, send sent, meet met, hold held, take took taken, win won, begin began begun, strike struck,
leave left, find found, fly flew flown, fall fell fallen, rise rose risen, fight fought, lose lost, break broke broken,
catch caught, buy bought, seek sought, build built, go went gone, see saw seen spot spotted, give gave given, make made,
come came, keep kept, steal stole stolen, withdraw withdrew withdrawn, freeze froze frozen, draw drew drawn, run ran,
know knew known, spend spent, swear swore, throw threw thrown, write wrote written, speak spoke spoken, feed fed,
drive drove driven, choose chose chosen
"""
_BASE = {stem_of(form): stem_of(kindred.split()[0]) for kindred in _KINDRED.split(",") for form in kindred.split()[1:]}

_ORNAMENTS = re.compile(
    r"[\[(](?:\W|\d|updated?|live|video|photos?|watch|updates?|as of|gmt|utc|cet|msk|обновлено|обновляется|видео|фото)*"
    r"[\])]|^\s*\d{1,2}[:.]\d\d\b|\b(?:updated|обновлено)(?:\s+(?:at|в))?\s+\d{1,2}[:.]\d\d\b",
    re.IGNORECASE,
)
# A live blog's: day 1,203 of the war, the second day of talks.
_DAYS = re.compile(
    r"\b(?:day|день|сутки)\s+(?:\d[\d,]*|\w+)(?=\s+(?:of|in|since|войны)\b|\W*$|\s*[:|–—-])"
    r"|\b(?:\d[\d,]*(?:st|nd|rd|th|-?[йея])|second|third|fourth|fifth|sixth|seventh|второй|третий|четвертый|четвёртый|"
    r"пятый|шестой|седьмой)\s+(?:straight\s+)?(?:day|night|week|день|сутки)\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"[,;:.](?=\s|$)|[()\[\]|«»“”\"?!]|\s[-–—]+\s|\b(?:but|while|но)\b", re.IGNORECASE)

_MOST_CAPITALS = 0.75  # of a title's words: then capitals tell no names
_LEAST_TITLE = 4


def telling_of(title: str, lexicon: Lexicon) -> Telling:
    """What a title claims."""
    bare = _DAYS.sub(" ", _ORNAMENTS.sub(" ", title))
    tells_names = _capitals_tell(words_in(bare))
    claims: list[Claim] = []
    marks: list[str] = []
    pending: set[str] = set()  # Allegedly, ...
    corrects = is_false = False
    for clause in _CLAUSES.split(bare):
        reader = _Reader(words_in(clause), lexicon, tells_names=tells_names, is_first=not claims, signs=pending)
        claims += reader.claims
        marks += reader.marks
        pending = reader.pending
        corrects |= reader.corrects
        is_false |= reader.is_false
    if is_false:
        claims = [replace(claim, signs=claim.signs | {DENIED}) for claim in claims]
    if bare.rstrip().endswith("?") and not _ASKING.search(bare):
        claims = [replace(claim, signs=claim.signs | {SUPPOSED}) for claim in claims]
        marks.append(SUPPOSED)
    return Telling(claims=tuple(claims), marks=tuple(sorted(marks)), corrects=corrects)


def _capitals_tell(words: Sequence[Word]) -> bool:
    printed = [word for word in words if word.surface.isalpha() and len(word.surface) > len("abc")]
    capitals = [word for word in printed if word.surface[0].isupper()]
    return len(printed) < _LEAST_TITLE or len(capitals) <= _MOST_CAPITALS * len(printed)


class _Reader:
    """Reads one clause from left to right.

    `corrects` and `is_false` tell of a clause that says nothing but that: Correction: ..., ... — fake.
    """

    def __init__(
        self, words: tuple[Word, ...], lexicon: Lexicon, *, tells_names: bool, is_first: bool, signs: set[str]
    ) -> None:
        self._words = words
        self._lexicon = lexicon
        self._tells_names = tells_names
        self._is_first = is_first
        self.pending = set(signs)  # signs of the next claim
        self._rest: set[str] = set()  # of all that follow
        self._of = False  # what follows is part of what is denied: no sign of ...
        self._places: list[int] = []
        self.claims: list[Claim] = []
        self.marks: list[str] = []
        self.corrects = self.is_false = False
        place = 0
        while place < len(words):
            place += self._read(place)
        self.corrects &= not self.claims
        self._hold()

    def _read(self, place: int) -> int:
        """Read what begins at a place; how many words that was."""
        word = self._words[place]
        if length := self._mark(place):
            return length
        if amount := amount_at(self._words, place):
            read, length = amount
            if read.high:
                claim = Claim(key=str(read), kind=Kind.AMOUNT, stem=word.stem, folded=word.folded, amount=read)
                self._add(place, claim)
            else:
                self._sign(DENIED)
            return length
        found = self._lexicon.at(self._words, place)
        if word.stem in _IDLE and (found is None or found.length == 1):
            return 1
        term = self._lexicon.stands_for.get(found.term, found.term) if found else ""
        stem = _BASE.get(word.stem, word.stem)
        key = term or stem
        kind = Kind.NAME if self._is_name(place, key) else Kind.WORD
        self._add(place, Claim(key=key, kind=kind, stem=stem, folded=word.folded, is_known=bool(found)))
        if word.stem in _DENYING_ALL:
            self._deny_rest(is_denied=DENIED in self.claims[-1].signs)
        return found.length if found else 1

    def _add(self, place: int, claim: Claim) -> None:
        of_nothing = {DENIED} if self._of and claim.kind is not Kind.NAME else set()
        self.claims.append(replace(claim, signs=frozenset(self.pending | self._rest | of_nothing)))
        is_nothing = place > 0 and self._words[place - 1].folded in _NOTHING
        if claim.kind is not Kind.NAME:
            self._of = is_nothing and any(word.folded == "of" for word in self._words[place + 1 : place + 2])
        self._places.append(place)
        self.pending.clear()

    def _mark(self, place: int) -> int:
        """Take note of a word that only gives a sign to others; how many words it takes, 0 if there is none."""
        word, following = self._words[place], self._words[place + 1 : place + 2]
        next_ = following[0].folded if following else ""
        before = self._words[place - 1].folded if place else ""
        if word.folded in _DENYING and (next_ in _AFTER_NO or before in _BEFORE_NO):
            self._sign(ENDED)
            return 2 if next_ in _AFTER_NO else 1
        if word.folded in _DENYING:
            if next_ not in _ONLY:
                self._sign(DENIED)
                self._deny_before(place)
            return len(_NO_ONE) if (word.folded, next_) == _NO_ONE else 1
        if word.stem in _BEFORE_TO and next_ == "to":
            self._sign(DENIED)
            return 2
        if word.stem == "rule" and next_ == "out":
            self._deny_rest(is_denied=DENIED in self.pending)
            return 2
        if word.folded in _SUPPOSING and not (word.folded == "may" and _is_date(following)):
            self._sign(SUPPOSED)
            return 1
        if word.stem in _CORRECTION:
            self.corrects = True
            return 1
        return self._take_back(place)

    def _sign(self, sign: str) -> None:
        self.pending.add(sign)
        self.marks.append(sign)

    def _deny_rest(self, *, is_denied: bool) -> None:
        """All that follows; what is not denied, not ruled out, is supposed."""
        sign = DENIED
        if is_denied:
            sign = SUPPOSED
            self.marks.remove(DENIED)
            self.pending.discard(DENIED)
        self._rest.add(sign)
        self.marks.append(sign)

    def _deny_before(self, place: int) -> None:
        """Where nothing follows that could be denied, it is the thing before: погибших нет, взрыва в городе не было."""
        if any(word.stem not in _IDLE for word in self._words[place + 1 :]):
            return
        things = [number for number, claim in enumerate(self.claims) if claim.kind is Kind.WORD]
        if things:
            self._deny(things[-1])
            self.pending.discard(DENIED)

    def _deny(self, number: int) -> None:
        self.claims[number] = replace(self.claims[number], signs=self.claims[number].signs | {DENIED})

    def _take_back(self, place: int) -> int:
        """Take note of a word that says that something is not true; 1, or 0 if it is none."""
        word = self._words[place]
        is_wrong = word.stem in _WRONG and any(each.stem in _REPORTS for each in self._words[:place])
        if not is_wrong and word.stem not in _FALSE:
            return 0
        before = [each.folded for each in self._words[:place] if each.folded not in _ARTICLES]
        is_said_of_it = is_wrong or not _COPULAS.isdisjoint(before[-1:])
        if not is_said_of_it and any(each.stem not in _IDLE for each in self._words[place + 1 :]):
            if word.stem in _DENYING_ALL:
                return 0
            self._sign(DENIED)
            return 1
        if DENIED in self.pending:  # it is not false
            return 1
        self.marks.append(DENIED)
        self.is_false = not self.claims
        for number, claim in enumerate(self.claims):
            if claim.kind is not Kind.NAME:
                self._deny(number)
        return 1

    def _is_name(self, place: int, key: str) -> bool:
        word = self._words[place]
        if key in self._lexicon.countries or key in self._lexicon.towns or any(map(str.isdigit, word.folded)):
            return True
        may_be = word.surface[:1].isupper() and (place > 0 or not self._is_first or key.startswith(NAME))
        return bool(word.name) or (self._tells_names and may_be)

    def _hold(self) -> None:
        """Give names and amounts their handles."""
        for number, claim in enumerate(self.claims):
            if claim.kind is not Kind.WORD:
                self.claims[number] = replace(claim, handle=self._handle(number))
        for number, claim in enumerate(self.claims):
            if claim.handle.startswith("by>"):  # it is done by this one, to whom stands before
                verb = claim.handle.removeprefix("by>")
                self.claims[:number] = [
                    replace(each, handle=f"<{verb}") if each.handle == f">{verb}" else each
                    for each in self.claims[:number]
                ]
                self.claims[number] = replace(claim, handle=f">{verb}")

    def _handle(self, number: int) -> str:
        place = self._places[number]
        leading = self._words[place - 1].folded if place else ""
        before = next((each for each in reversed(self.claims[:number]) if each.kind is Kind.WORD), None)
        if leading in _JOINING and number and self.claims[number - 1].handle:
            return self.claims[number - 1].handle
        if leading in _COPULAS and self.claims[number].kind is Kind.NAME:
            return IS
        if leading == "by" and before:
            return f"by>{before.key}"
        if leading in _PREPOSITIONS:
            return leading
        after = next((each for each in self.claims[number + 1 :] if each.kind is Kind.WORD), None)
        return f">{after.key}" if after else f"<{before.key}" if before else ""


_JOINING = _forms("and or и или")
_PREPOSITIONS = _forms("in on at of to for from with over near into onto against в во на из с со о об от по за у к над")


def _is_date(following: Sequence[Word]) -> bool:
    return bool(following) and following[0].folded[0].isdigit()
