"""The words of a title with what is between them, and the phrases of its language that are among them."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from bot.core.language.language import Language
from bot.core.language.sentences import sentences_in
from bot.core.language.text import Word, words_in
from bot.core.titles.phrases import Mark, finder_of

_BORDER = re.compile(r"([,;:!?…]+(?=[\s\"”»’)\]]|$)|\s[-–—−|]+(?=\s|$)|[()\[\]«»„“”\"|])")
_MAY_END = re.compile(r"[.!?…][\"”»’]?\s")  # most titles are one sentence
_START = "^"
_ENDS_CLAUSE = frozenset("^,;.!?…|-–—−")
_OPENS_LABEL = frozenset("^:|-–—−.!?([")
_ENDS_QUOTE = frozenset('»”"')
_QUOTES = frozenset('«“„"')
_ASKS = frozenset("?？؟⁇⁈⁉")


@dataclass(frozen=True)
class Scan:
    """All words of a title; `borders[n]` is what is before word `n`, one more what is at the end.

    "^" begins the title, "." a sentence; "" is no border.
    """

    title: str
    language: Language
    words: tuple[Word, ...]
    borders: tuple[str, ...]

    def printed(self, span: range) -> str:
        """Words as the title prints them, with what is between them."""
        starts, end = [], 0
        for word in self.words[: span.stop]:
            starts.append(self.title.find(word.surface, end))
            if starts[-1] < 0:  # in a title in capitals everyday words are small
                return " ".join([each.surface for each in self.words[span.start : span.stop]])
            end = starts[-1] + len(word.surface)
        return self.title[starts[span.start] : end]

    def opens(self, place: int) -> bool:
        """Whether the title or a label begins at a word: after a colon, a dash, a parenthesis."""
        return not _OPENS_LABEL.isdisjoint(self.borders[place])

    def ends_clause(self, place: int) -> bool:
        """Whether a clause ends before a word."""
        return not _ENDS_CLAUSE.isdisjoint(self.borders[place])

    def cuts_name(self, place: int) -> bool:
        """Whether a name ends before a word; one in quotation marks is part of it."""
        return not _QUOTES.issuperset(self.borders[place])

    def quotes_before(self, place: int) -> bool:
        """Whether a quotation ends before a word, and who said it is named there: “...”: Kremlin."""
        return place > 0 and ":" in self.borders[place] and not _ENDS_QUOTE.isdisjoint(self.borders[place])

    def quotes_at(self, place: int) -> bool:
        """Whether a quotation begins before a word."""
        return not _QUOTES.isdisjoint(self.borders[place])

    def is_of_us(self, place: int) -> bool:
        """Whether a word is of who speaks or is spoken to: we, your."""
        speaking = "|".join(self.language.sentences.speaking)
        return bool(speaking and re.fullmatch(speaking, self.words[place].surface))

    @cached_property
    def stretches(self) -> tuple[range, ...]:
        """The words between borders."""
        cuts = [place for place, border in enumerate(self.borders) if border]
        return tuple([range(start, end) for start, end in pairwise(cuts)])

    @cached_property
    def question_ends(self) -> tuple[int, ...]:
        """Before which words a question ends."""
        return tuple([place for place, border in enumerate(self.borders) if not _ASKS.isdisjoint(border)])

    @cached_property
    def marks(self) -> Mapping[str, Sequence[Mark]]:
        """The phrases of each table of `[titles]`, from left to right."""
        finder = finder_of(self.language)
        found = defaultdict[str, list[Mark]](list)
        for stretch in self.stretches:
            for table, mark in finder.marks(self.words, stretch, opens=self.opens(stretch.start)):
                found[table].append(mark)
        return found


def scan(title: str, language: Language) -> Scan:
    """Cut a title into its words."""
    words: list[Word] = []
    borders: list[str] = []
    border = _START
    for sentence in sentences_in(title, language.code) if _MAY_END.search(title) else (title,):
        for number, text in enumerate(_BORDER.split(sentence)):
            if number % 2:
                border += text.strip()
            elif found := words_in(text, language.code):
                words += found
                borders += [border] + [""] * (len(found) - 1)
                border = ""
        border += "."
    return Scan(title, language, tuple(words), (*borders, border))
