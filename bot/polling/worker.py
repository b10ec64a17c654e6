"""From the body of a fetch to classified items: what the worker process does, away from the event loop."""

from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from bot.core.intake.items import to_items
from bot.core.language.text import words_of
from bot.core.model import Item, Relevance, Scope, Source
from bot.core.titles.corrections import is_retold
from bot.sources import parse_answer
from bot.sources.base import Fetched
from bot.sources.parsing.page import lead_of
from bot.subject import Subject, read_subject


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBody:
    """What one body held: its items, newest wishes of its publisher, and what was odd about it.

    `promising` are the places of the items that are core, or may be with more to read.
    """

    items: Sequence[Item]
    promising: Set[int]
    ttl: timedelta | None
    problem: str | None


Read = Callable[[Fetched, Source, datetime], Awaitable[ReadBody]]
"""Reads the body of a source's answer at a moment; raises FetchError and ParseError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formerly:
    """What an item was called when it got its lead."""

    title: str
    lead: str


def read_answer(answer: Fetched, source: Source, now: datetime, folder: Path) -> ReadBody:
    """Parse an answer, and classify its items by the config in `folder`. Raises FetchError and ParseError."""
    found = parse_answer(answer, source)
    classifier = _subject(folder).classifier
    items, promising = [], set()
    for place, item in enumerate(to_items(source, found.entries, now)):
        verdict = classifier.classify(item, source.scope)
        items.append(replace(item, relevance=verdict.relevance, topics=verdict.topics))
        if verdict.doubtful or verdict.relevance is Relevance.CORE:
            promising.add(place)
    return ReadBody(items=tuple(items), promising=promising, ttl=found.ttl, problem=found.problem)


def with_lead(item: Item, said: Fetched | Formerly, scope: Scope, folder: Path) -> Item:
    """An item with what its page says, or said when it told the same, classified by it too. Raises FetchError."""
    subject = _subject(folder)
    if isinstance(said, Fetched):
        lead = lead_of(said, item.title, item.lang)
    else:
        lead = said.lead if is_retold(said.title, item.title, lang=item.lang, lexicon=subject.lexicon) else ""
    if not lead:
        return item
    told = replace(item, lead=lead, words=words_of(item.title, lead, item.lang))
    verdict = subject.classifier.classify(told, scope)
    return replace(told, relevance=verdict.relevance, topics=verdict.topics)


def prepare(folder: Path) -> None:
    """What a worker does before its first body: it takes longer than most bodies."""
    _subject(folder)


@lru_cache(maxsize=1)
def _subject(folder: Path) -> Subject:
    """Read once in the life of a worker."""
    return read_subject(folder)
