"""From the body of a fetch to classified items: what the worker process does, away from the event loop."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from bot.core.intake.items import to_items
from bot.core.model import Item, Source
from bot.sources import parse_answer
from bot.sources.base import Fetched
from bot.subject import Subject, read_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBody:
    """What one body held: its items, newest wishes of its publisher, and what was odd about it."""

    items: Sequence[Item]
    ttl: timedelta | None
    problem: str | None


def read_answer(answer: Fetched, source: Source, now: datetime, folder: Path) -> ReadBody:
    """Parse an answer, and classify its items by the config in `folder`. Raises FetchError and ParseError."""
    found = parse_answer(answer, source)
    classifier = _subject(folder).classifier
    items = []
    for item in to_items(source, found.entries, now):
        verdict = classifier.classify(item, source.scope)
        items.append(replace(item, relevance=verdict.relevance, topics=verdict.topics))
    return ReadBody(items=tuple(items), ttl=found.ttl, problem=found.problem)


def prepare(folder: Path) -> None:
    """What a worker does before its first body: it takes longer than most bodies."""
    _subject(folder)


@lru_cache(maxsize=1)
def _subject(folder: Path) -> Subject:
    """Read once in the life of a worker."""
    return read_subject(folder)
