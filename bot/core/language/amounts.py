"""How many, as titles say it: 3,000, three thousand, at least 12, dozens; in English and Russian."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from bot.core.language.text import Word, fold


@dataclass(frozen=True, slots=True)
class Amount:
    """What a number may stand for: `low` to `high`, both ends included; `said` is the number itself (0: dozens)."""

    low: float
    high: float
    said: float = 0
    unit: str = ""

    def holds(self, other: "Amount") -> bool:
        """Whether one who was told this amount is told nothing else by the other."""
        if self.unit != other.unit:
            return False
        is_same = self.said == other.said != 0 and (self.low == other.low or self.high == other.high)
        return is_same or (self.low <= other.low and other.high <= self.high)


_ONES = """
one один одна одно одного одной одному
two два две двух двое двоих двум двумя both оба обе
three три трех трое троих трем тремя
four четыре четырех четверо четверых
five пять пяти пятеро пятерых
six шесть шести шестеро шестерых
seven семь семи семеро семерых
eight восемь восьми
nine девять девяти
ten десять десяти
eleven одиннадцать одиннадцати
twelve двенадцать двенадцати dozen
thirteen тринадцать тринадцати
fourteen четырнадцать четырнадцати
fifteen пятнадцать пятнадцати
sixteen шестнадцать шестнадцати
seventeen семнадцать семнадцати
eighteen восемнадцать восемнадцати
nineteen девятнадцать девятнадцати
twenty двадцать двадцати
"""
_ORDERING = """
second второй вторая вторую второе
third третий третья третью третье
fourth четвертый четвертая
fifth пятый пятая
sixth шестой шестая
seventh седьмой седьмая
eighth восьмой восьмая
ninth девятый девятая
tenth десятый десятая
eleventh одиннадцатый
twelfth двенадцатый
thirteenth тринадцатый
fourteenth четырнадцатый
fifteenth пятнадцатый
sixteenth шестнадцатый
seventeenth семнадцатый
eighteenth восемнадцатый
nineteenth девятнадцатый
twentieth двадцатый
"""
_TENS = """
thirty тридцать тридцати
forty сорок сорока
fifty пятьдесят пятидесяти
sixty шестьдесят шестидесяти
seventy семьдесят семидесяти
eighty восемьдесят восьмидесяти
ninety девяносто
"""


def _rows(text: str, first: int, step: int = 1) -> dict[str, float]:
    rows = text.strip().splitlines()
    return {fold(word): float(first + step * number) for number, row in enumerate(rows) for word in row.split()}


_VALUES = (
    _rows(_ONES, 1) | _rows(_ORDERING, 2) | _rows(_TENS, 30, 10) | {"сто": 100.0, "двести": 200.0, "триста": 300.0}
)
_TIMES = {
    fold(word): times
    for words, times in (
        ("hundred", 1e2),
        ("thousand тысяча тысячи тысяч тысячу тыс", 1e3),
        ("million millions mln миллион миллиона миллионов млн", 1e6),
        ("billion billions bn миллиард миллиарда миллиардов млрд", 1e9),
        ("trillion trillions триллион триллиона триллионов трлн", 1e12),
        ("dozen", 12),
    )
    for word in words.split()
}
_VAGUE = {
    fold(word): Amount(low, high)
    for words, low, high in (
        ("dozens десятки десятков", 20, 99),
        ("scores", 40, 99),
        ("hundreds сотни сотен", 200, 999),
        ("thousands", 2000, 99_999),
    )
    for word in words.split()
}
# The Russian plural has a number before it or is vague.
_VAGUE_ALONE = {fold(word): _VAGUE["thousands"] for word in ("тысячи", "тысяч")}


def _said(phrases: str) -> frozenset[str]:
    return frozenset(fold(phrase.strip()) for phrase in phrases.split(","))


_AT_LEAST = _said(
    "at least, more than, more, upwards of, over, above, exceeds, tops, passes, reaches, не менее, не меньше, "
    "как минимум, минимум, более, больше, свыше, достигло, достиг, превысило, превысил"
)
_AT_MOST = _said("fewer than, less than, under, up to, at most, не более, не больше, менее, меньше")
_ABOUT = _said("about, around, some, roughly, nearly, almost, approximately, около, примерно, почти, порядка")
_RISING = _said(  # ... to 12
    "rises, rose, risen, climbs, climbed, grows, grew, grown, jumps, jumped, mounts, soars, soared, increases, "
    "increased, выросло, вырос, выросла, возросло, возрос, возросла, увеличилось, увеличился, увеличилась, растет"
)
_ROUGHLY = 0.2  # what "about" leaves open

_DIGITS = re.compile(r"(\d+(?:\.\d+)?)(%?)")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_TENS_LEAST, _TENS_MOST = 20, 90


def amount_at(words: Sequence[Word], place: int) -> tuple[Amount, int] | None:
    """The amount that begins at a place of a text, and how many words it takes; None if there is none."""
    folded = [word.folded for word in words]
    alone = _VAGUE_ALONE | _VAGUE
    if folded[place] in alone:
        return alone[folded[place]], 1
    first = _number(folded[place])
    if first is None:
        return None
    value, unit = first
    end = place + 1
    if _TENS_LEAST <= value <= _TENS_MOST and end < len(words) and not folded[place].isdigit():
        ones = _VALUES.get(folded[end], 0)
        if 0 < ones < 10:  # noqa: PLR2004  twenty-five
            value, end = value + ones, end + 1
    while end < len(words) and (folded[end] in _TIMES):
        value, end = value * _TIMES[folded[end]], end + 1
    return _bounded(value, unit, folded[:place]), end - place


def _number(folded: str) -> tuple[float, str] | None:
    if found := _DIGITS.fullmatch(folded):
        return float(found[1]), found[2]
    if found := _ORDINAL.fullmatch(folded):
        return float(found[1]), ""
    if folded in _VALUES:
        return _VALUES[folded], ""
    return None


def _bounded(value: float, unit: str, before: Sequence[str]) -> Amount:
    """The number with what the words before it make of it."""
    leading = {" ".join(before[-count:]) for count in (1, 2)}
    if leading & _AT_MOST:
        return Amount(0, value, value, unit)
    if leading & _AT_LEAST or (before[-1:] in (["to"], ["до"]) and not _RISING.isdisjoint(before[-2:-1])):
        return Amount(value, inf, value, unit)
    if leading & _ABOUT:
        return Amount(value * (1 - _ROUGHLY), value * (1 + _ROUGHLY), value, unit)
    return Amount(value, value, value, unit)
