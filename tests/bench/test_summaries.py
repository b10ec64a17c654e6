"""Figures of summaries: beside two simpler ways on the summaries that people wrote for NeuS, and the briefing's time.

The numbers of bot/core/briefing/centrality.py were chosen on the training part of NeuS; what is printed are its
other two parts.
"""

import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import mean
from time import perf_counter

import pytest

from bot.core.briefing.centrality import Centrality, Sentence, SourceText, sentences_of
from bot.core.briefing.selection import briefing
from bot.core.language.sentences import can_stand, sentences_in
from bot.core.language.text import clean
from bot.core.message.blocks import plain
from bot.core.message.splitting import units
from bot.core.model import Story
from bot.core.wording.briefing import briefing_message
from tests.bench.rouge import Rouge, rouge
from tests.builders import NOW, OUTLETS, item, story

NEUS = Path(__file__).parents[3] / "shared/data/neus_allsides_events.jsonl.gz"
RESAMPLES = 2000

pytestmark = pytest.mark.bench


@dataclass(frozen=True)
class Event:
    """Reports of one event as pairs of title and text, and what people wrote of it."""

    reports: tuple[SourceText, ...]
    summary: str

    @property
    def texts(self) -> list[str]:
        return [report.text for report in self.reports]


Way = Callable[[Event, int], Sequence[str]]


def held_out() -> Iterator[Event]:
    with gzip.open(NEUS, "rt", encoding="utf-8") as lines:
        for told in map(json.loads, lines):
            if told["split"] in {"val", "test"}:
                reports = tuple(
                    SourceText(clean(report["title"]), clean(report["text"]), "en") for report in told["docs"]
                )
                yield Event(reports, clean(told["neutral"]["text"]))


def ours(event: Event, count: int) -> Sequence[str]:
    return [sentence.text for sentence in Centrality(event.reports).most_central(standing(event), count)]


def standing(event: Event) -> Sequence[Sentence]:
    every = sentences_of(event.reports)
    return [sentence for sentence in every if can_stand(sentence.text, "en")] or every


def lead(event: Event, count: int) -> Sequence[str]:
    """The first sentence of each report, then the second of each ..."""
    by_report = [sentences_in(text, "en") for text in event.texts]
    deepest = max(map(len, by_report))
    return [told[place] for place in range(deepest) for told in by_report if place < len(told)][:count]


def lexrank(event: Event, count: int) -> Sequence[str]:
    from sumy.models.dom import ObjectDocumentModel, Paragraph  # type: ignore[import-untyped]
    from sumy.models.dom import Sentence as Told
    from sumy.nlp.stemmers import Stemmer  # type: ignore[import-untyped]
    from sumy.summarizers.lex_rank import LexRankSummarizer  # type: ignore[import-untyped]
    from sumy.utils import get_stop_words  # type: ignore[import-untyped]

    told = [Told(sentence, _Words()) for text in event.texts for sentence in sentences_in(text, "en")]
    summarizer = LexRankSummarizer(Stemmer("english"))
    summarizer.stop_words = get_stop_words("english")
    return [str(sentence) for sentence in summarizer(ObjectDocumentModel([Paragraph(told)]), count)]


class _Words:
    """sumy's own tokenizer loads data that must be downloaded."""

    def to_words(self, text: str) -> tuple[str, ...]:
        return tuple("".join(letter if letter.isalnum() else " " for letter in text.lower()).split())


@pytest.mark.skipif(not NEUS.exists(), reason="../shared/data is not here")
def test_better_than_two_baselines_beyond_chance_on_every_measure() -> None:
    pytest.importorskip("numpy", reason="LexRank of sumy needs it")
    events = list(held_out())
    print(f"\n\n{len(events)} events of NeuS, none of them tuned on: F1, hundredths; words of a summary")
    print(f"{'':28} ROUGE-1 ROUGE-2 ROUGE-L  words")
    for count in (1, 2, 3):
        scores = {way.__name__: scored(way, count, events) for way in (lead, lexrank, ours)}
        for rival in ("lead", "lexrank"):
            found = tuple(gains(scores["ours"], scores[rival]))
            print(f"   better than {rival} by".ljust(28) + "   ".join(map(str, found)))
            assert len(found) == len(Rouge._fields)
            assert all(gain.low > 0 for gain in found), (rival, count)


def scored(way: Way, count: int, events: Sequence[Event]) -> list[Rouge]:
    told = [" ".join(way(event, count)) for event in events]
    scores = [rouge(text, event.summary) for text, event in zip(told, events, strict=True)]
    figures = "   ".join(f"{100 * mean(of):5.1f}" for of in zip(*scores, strict=True))
    print(f"{way.__name__}, {count} sentence{'s' * (count > 1)}".ljust(28) + figures, end="")
    print(f"   {mean(len(text.split()) for text in told):4.0f}")
    return scores


@dataclass(frozen=True)
class Gain:
    """By how many hundredths one way is better than another on the mean, with the 95% interval of that."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:+.1f} ({self.low:+.1f} to {self.high:+.1f})"


def gains(ahead: Sequence[Rouge], behind: Sequence[Rouge]) -> Iterator[Gain]:
    """The gain for each measure; the interval is that of a paired bootstrap over events."""
    chance = random.Random(20261122)
    for one, other in zip(zip(*ahead, strict=True), zip(*behind, strict=True), strict=True):
        differences = [100 * (a - b) for a, b in zip(one, other, strict=True)]
        resampled = sorted(mean(chance.choices(differences, k=len(differences))) for _ in range(RESAMPLES))
        yield Gain(mean(differences), resampled[RESAMPLES // 40], resampled[-RESAMPLES // 40])


SYLLABLES = ("ka", "ve", "lo", "mi", "ru", "sa", "tor", "ne", "dal", "fi", "gre", "un")


def test_time_of_a_briefing_of_5000_items() -> None:
    chance = random.Random(5)
    stories = [invented_story(number, chance) for number in range(3000)]
    items = sum(len(told.items) for told in stories)
    start = perf_counter()
    found = briefing(stories, before=stories, now=NOW, period=timedelta(days=1))
    message = briefing_message(found, NOW)
    passed = perf_counter() - start
    quotes = sum(len(section.quotes) for section in found.sections)
    print(f"\n\nbriefing of {items:,} items in {len(stories):,} stories: {passed:.2f} s, {quotes} quotes", end="")
    print(f", {units(plain(message)):,} UTF-16 units with addresses")
    assert items >= 5000
    assert passed < 1


def invented_story(number: int, chance: random.Random) -> Story:
    """One story in fifty is told by forty reports, the rest by one or by two; three sentences each."""
    subject = [word(chance) for _ in range(8)]
    size = 40 if number % 50 == 0 else chance.choice((1, 1, 1, 1, 2))
    told = [
        item(
            told_of(subject, chance, 8).rstrip("."),
            summary=" ".join(told_of(subject, chance, 18) for _ in range(3)),
            outlet=chance.choice(sorted(OUTLETS)),
            publisher=f"publisher {chance.randrange(60)}",
            ago=timedelta(minutes=chance.randrange(1440)),
        )
        for _ in range(size)
    ]
    return story(*told, id_=number, topics=("diplomacy",) if number % 5 == 0 else ())


def told_of(subject: Sequence[str], chance: random.Random, length: int) -> str:
    words = [chance.choice(subject) if chance.random() < 0.5 else word(chance) for _ in range(length)]
    return f"{' '.join(words).capitalize()}."


def word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=3))
