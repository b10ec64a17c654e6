"""A title, read once: its clauses and what it does with each, who speaks, and what sort of text it heads."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.core.language.detection import language_in
from bot.core.language.language import Language, language_of
from bot.core.language.lexicon import Lexicon
from bot.core.language.sentences import is_whole
from bot.core.titles.claims import TitleClaims, claims_of
from bot.core.titles.clauses import Clause, Stance, spans_of
from bot.core.titles.genres import Genre, genre_of, labels_in, opens_question
from bot.core.titles.scan import scan
from bot.core.titles.speakers import Party, Speaker, Speakers
from bot.core.titles.withdrawals import is_withdrawn

__all__ = ["Clause", "Genre", "Party", "Speaker", "Stance", "TitleReading", "read_title"]

_REMEMBERED = 4_000  # titles: a story's reports are weighed anew with each one that joins it
_OF_ONE = frozenset({Genre.NEWS, Genre.STATEMENT})
_AFFIRMED = frozenset({Stance.ASSERTED, Stance.PRESUPPOSED})
_BESIDE = frozenset({Stance.PRESUPPOSED, Stance.BACKGROUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleReading:
    """What a title says.

    `asks`: it asks, or promises the answer to a question. `is_of_many`: its words tell that the text is of more than
    one event; a question is of one. `is_whole`: a reader who sees nothing else learns from it what happened.
    `is_withdrawn`: it only says that the article is there no more.
    """

    title: str
    language: Language
    clauses: tuple[Clause, ...]
    genre: Genre
    speakers: tuple[Speaker, ...]
    asks: bool
    is_of_many: bool
    is_whole: bool
    is_withdrawn: bool

    @property
    def stance(self) -> Stance:
        """What the title does with what it mainly says."""
        main = [clause.stance for clause in self._main]
        if self.is_withdrawn or (main[:1] == [Stance.ASKED] and Stance.DENIED in main):
            return Stance.DENIED
        if main[:1] == [Stance.ASSERTED] and any(speaker.is_doubted for speaker in self.speakers):
            return Stance.SUPPOSED
        return main[0] if main else Stance.ASSERTED

    @property
    def affirmed(self) -> tuple[Clause, ...]:
        """The clauses that say what happened; none if the first that is not background denies: then all of it does."""
        main = [clause.stance for clause in self._main]
        if main[:1] == [Stance.DENIED] or Stance.ASSERTED not in main:
            return ()
        return tuple([clause for clause in self.clauses if clause.stance in _AFFIRMED])

    @property
    def is_news(self) -> bool:
        """Whether the title is of one event, rather than of a question, an opinion, a round-up or a live page."""
        return self.genre in _OF_ONE and not self.asks

    @property
    def reports(self) -> bool:
        """Whether it reports an event, rather than denying it, asking or summing up."""
        return self.is_news and bool(self.affirmed)

    @property
    def tells(self) -> bool:
        """Whether it tells by itself what happened, rather than asking or promising it."""
        return self.is_whole and self.is_news

    @property
    def party(self) -> Party | None:
        """The one party whose word it passes on; None if it speaks in its own name, or for both sides."""
        parties = {speaker.party for speaker in self.speakers if not speaker.acts} - {None}
        return parties.pop() if len(parties) == 1 else None

    def claims(self, lexicon: Lexicon) -> TitleClaims:
        """What it claims word by word: names, amounts and things, with who does it and to whom it is done."""
        return claims_of(self.title, self.language, lexicon)

    @property
    def _main(self) -> Sequence[Clause]:
        return [each for each in self.clauses if each.stance not in _BESIDE and not each.is_attribution]


def read_title(title: str, lang: str) -> TitleReading:
    """Read a title of a language (ISO 639-1); of one that is not known only the marks of punctuation tell something."""
    return _read(title, language_of(language_in(title, lang, mixes=False)))


@lru_cache(_REMEMBERED)
def _read(title: str, language: Language) -> TitleReading:
    text = scan(title, language)
    clauses = spans_of(text)
    marks = text.marks["genre"]
    finder = Speakers(text, labels_in([*marks, *text.marks["withdrawn"]]))
    said = tuple(finder.found([span for span, stance in clauses if stance is not Stance.BACKGROUND]))
    genre, issuer = genre_of(marks, finder)
    is_question, opens = bool(text.question_ends), opens_question(text)
    issued = None if issuer is None else finder.issuer(issuer)
    return TitleReading(
        title=title,
        language=language,
        clauses=tuple(
            [
                Clause(
                    words=text.words[span.start : span.stop],
                    stance=stance,
                    is_attribution=span.start > 0 and any(span == each.words for each in said),
                )
                for span, stance in clauses
            ]
        ),
        genre=Genre.FEATURE if opens and genre is Genre.NEWS and not is_question else genre,
        speakers=(issued,) if issued else tuple([each.speaker for each in said]),
        asks=opens or is_question,
        is_of_many=genre not in _OF_ONE,
        is_whole=is_whole(title) and not any("teasers" in mark.kinds for mark in marks),
        is_withdrawn=is_withdrawn(text),
    )
