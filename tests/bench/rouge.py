"""ROUGE: how much of a summary written by people another one shares with it.

Formulas of C.-Y. Lin, ROUGE: A Package for Automatic Evaluation of Summaries (2004), https://aclanthology.org/W04-1013:
ROUGE-N (section 2) and sentence-level ROUGE-L (section 3.1) over whole texts, as F1. Words are runs of letters and
digits in lower case; nothing is stemmed or left out. One reference each.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

_WORD = re.compile(r"[^\W_]+")


class Rouge(NamedTuple):
    """F1 of shared words, of shared pairs of words, and of the longest common subsequence; each 0 to 1."""

    one: float
    two: float
    longest: float


def rouge(summary: str, reference: str) -> Rouge:
    """What a summary shares with its reference."""
    told, meant = _WORD.findall(summary.lower()), _WORD.findall(reference.lower())
    return Rouge(_shared(told, meant, 1), _shared(told, meant, 2), _f1(_longest(told, meant), len(told), len(meant)))


def _shared(told: Sequence[str], meant: Sequence[str], size: int) -> float:
    a, b = _grams(told, size), _grams(meant, size)
    return _f1((a & b).total(), a.total(), b.total())


def _grams(words: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(zip(*(words[start:] for start in range(size)), strict=False))


def _f1(shared: int, told: int, meant: int) -> float:
    return 2 * shared / (told + meant) if shared else 0.0


def _longest(told: Sequence[str], meant: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(meant) + 1)
    for word in told:
        diagonal = 0
        for place, other in enumerate(meant, 1):
            kept = row[place]
            row[place] = diagonal + 1 if word == other else max(row[place], row[place - 1])
            diagonal = kept
    return row[-1]
