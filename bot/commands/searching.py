"""What a rule finds among the news that is kept: for lists, searches, and the trial of a rule before it is followed."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.base import Services
from bot.core.aliases import Aliases
from bot.core.matcher import RuleIndex
from bot.core.model import Item, Relevance, RuleId, Story, StoryId, Subscriber
from bot.core.rules import Rule
from bot.core.text import words_in
from bot.storage import news

# Stories read at once: what the loop does of that (making rows of what SQLite returns) stays under 20 ms.
BATCH = 200

_ONLY = RuleId(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for: stories that were first told since then and fit the rule (None: all), as alerts would.

    `seen_by` leaves out what was first seen later, so that the pages of a list fit together.
    """

    rule: Rule | None
    relevances: tuple[Relevance, ...]
    since: datetime
    seen_by: datetime


def relevances_for(rule: Rule | None, subscriber: Subscriber | None) -> tuple[Relevance, ...]:
    """How wide to look: our subject alone, unless the rule names a relevance or the chat asked for the wider circle."""
    names_relevance = rule is not None and "relevance" in rule.fields()
    widened = subscriber is not None and subscriber.relevance is Relevance.RELATED
    return (Relevance.CORE, Relevance.RELATED) if names_relevance or widened else (Relevance.CORE,)


async def find_stories(services: Services, search: Search, *, skip: int = 0, most: int | None = None) -> list[Item]:
    """Up to `most` stories after the first `skip`, newest first, each by its first item that fits.

    The loop is not held up: matching runs in a thread, in batches.
    """
    needed = None if most is None else skip + most
    batch = needed if search.rule is None and needed is not None else BATCH
    found: list[Item] = []
    async with services.database.read() as tx, aclosing(_told(tx, search, batch)) as batches:
        async for stories in batches:
            found += await asyncio.to_thread(first_fits, stories, search.rule, services.aliases)
            if needed is not None and len(found) >= needed:
                break
    return found[skip:needed]


async def stories_that_fit(services: Services, search: Search, rules: Sequence[Rule]) -> tuple[frozenset[StoryId], ...]:
    """For each of some rules the stories that fit it, whatever the search itself says of a rule."""
    found: list[set[StoryId]] = [set() for _ in rules]
    async with services.database.read() as tx, aclosing(_told(tx, search, BATCH)) as batches:
        async for stories in batches:
            for fitting, story in await asyncio.to_thread(fits, stories, rules, services.aliases):
                found[fitting].add(story)
    return tuple(map(frozenset, found))


async def _told(tx: AsyncConnection, search: Search, batch: int) -> AsyncGenerator[list[Story], None]:
    """The stories of a search, newest first, a batch at a time."""
    for offset in count(0, batch):
        stories = await news.stories_since(
            tx, search.since, search.relevances, seen_by=search.seen_by, limit=batch, offset=offset
        )
        yield stories
        if len(stories) < batch:
            return


def first_fits(stories: list[Story], rule: Rule | None, aliases: Aliases) -> list[Item]:
    """The first item that fits of each story that has one. What is off our subject fits nothing, as with alerts."""
    found = []
    index = RuleIndex(aliases)
    if rule is not None:
        index.add(_ONLY, rule)
    for story in stories:
        first = next((item for item in _on_subject(story) if rule is None or _ONLY in index.matches(item)), None)
        if first is not None:
            found.append(first)
    return found


def items_that_fit(story: Story, rule: Rule, aliases: Aliases) -> tuple[Item, ...]:
    """The items for which a story fits a rule."""
    index = RuleIndex(aliases)
    index.add(_ONLY, rule)
    return tuple([item for item in _on_subject(story) if _ONLY in index.matches(item)])


def stems_that_hit(items: Iterable[Item], rule: Rule, aliases: Aliases) -> frozenset[str]:
    """The stems of the words for which items fit a rule."""
    index = RuleIndex(aliases)
    index.add(_ONLY, rule)
    hits = (surface for item in items for surface in index.explain(_ONLY, item).words)
    return frozenset(word.stem for surface in hits for word in words_in(surface))


def fits(stories: list[Story], rules: Sequence[Rule], aliases: Aliases) -> set[tuple[int, StoryId]]:
    """Which of the rules, by their places, fit which stories."""
    index = RuleIndex(aliases)
    for place, rule in enumerate(rules):
        index.add(RuleId(place), rule)
    return {(place, story.id) for story in stories for item in _on_subject(story) for place in index.matches(item)}


def _on_subject(story: Story) -> Iterator[Item]:
    return (item for item in story.items if item.relevance is not Relevance.NONE)
