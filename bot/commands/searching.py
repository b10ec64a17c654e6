"""What a rule finds among the news that is kept: for lists, searches, and the trial of a rule before it is followed."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.base import Services
from bot.core.aliases import Aliases
from bot.core.corroboration import standing_of
from bot.core.headlines import best_told
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A story as far as it was told by then, and the report that shows it."""

    story: Story
    item: Item


def relevances_for(rule: Rule | None, subscriber: Subscriber | None) -> tuple[Relevance, ...]:
    """How wide to look: our subject alone, unless the rule names a relevance or the chat asked for the wider circle."""
    names_relevance = rule is not None and "relevance" in rule.fields()
    widened = subscriber is not None and subscriber.relevance is Relevance.RELATED
    return (Relevance.CORE, Relevance.RELATED) if names_relevance or widened else (Relevance.CORE,)


async def find_stories(services: Services, search: Search, *, skip: int = 0, most: int | None = None) -> list[Found]:
    """Up to `most` stories after the first `skip`, newest first, each by its first item that fits; where nothing is
    asked for, by the one whose headline tells it best.

    The loop is not held up: matching runs in a thread, in batches.
    """
    needed = None if most is None else skip + most
    batch = needed if search.rule is None and needed is not None else BATCH
    found: list[Found] = []
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
        yield [_as_seen(story, search.seen_by) for story in stories]
        if len(stories) < batch:
            return


def _as_seen(story: Story, seen_by: datetime) -> Story:
    """The story with what had been seen by then, so that nothing later moves it on a page."""
    if all(item.first_seen <= seen_by for item in story.items):
        return story
    return replace(story, items=tuple([item for item in story.items if item.first_seen <= seen_by]))


def first_fits(stories: list[Story], rule: Rule | None, aliases: Aliases) -> list[Found]:
    """The stories that fit. What is off our subject fits nothing, as with alerts."""
    if rule is None:
        told = ((story, tuple(_on_subject(story))) for story in stories)
        return [Found(story=story, item=best_told(items)) for story, items in told if items]
    index = _index_of((rule,), aliases)
    fitting = ((story, next(_fitting(story, index), None)) for story in stories)
    return [Found(story=story, item=item) for story, item in fitting if item is not None]


def items_that_fit(story: Story, rule: Rule, aliases: Aliases) -> tuple[Item, ...]:
    """The items for which a story fits a rule."""
    return tuple(_fitting(story, _index_of((rule,), aliases)))


def stems_that_hit(story: Story, rule: Rule, aliases: Aliases) -> frozenset[str]:
    """The stems of the words for which a story fits a rule."""
    index, standing = _index_of((rule,), aliases), standing_of(story)
    hits = (surface for item in _on_subject(story) for surface in index.explain(_ONLY, item, standing).words)
    return frozenset(word.stem for surface in hits for word in words_in(surface))


def fits(stories: list[Story], rules: Sequence[Rule], aliases: Aliases) -> set[tuple[int, StoryId]]:
    """Which of the rules, by their places, fit which stories."""
    index = _index_of(rules, aliases)
    standings = ((story, standing_of(story)) for story in stories)
    return {
        (place, story.id)
        for story, standing in standings
        for item in _on_subject(story)
        for place in index.matches(item, standing)
    }


def _index_of(rules: Sequence[Rule], aliases: Aliases) -> RuleIndex:
    """The rules, each under its place."""
    index = RuleIndex(aliases)
    for place, rule in enumerate(rules):
        index.add(RuleId(place), rule)
    return index


def _fitting(story: Story, index: RuleIndex) -> Iterator[Item]:
    """The items for which a story fits the only rule of an index."""
    standing = standing_of(story)
    return (item for item in _on_subject(story) if _ONLY in index.matches(item, standing))


def _on_subject(story: Story) -> Iterator[Item]:
    return (item for item in story.items if item.relevance is not Relevance.NONE)
