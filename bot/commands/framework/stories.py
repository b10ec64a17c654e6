"""What a rule finds among the news that is kept: for lists, searches, and the trial of a rule before it is followed."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.command import Call
from bot.commands.framework.services import Services
from bot.core.briefing.headlines import best_told
from bot.core.language.text import words_in, words_of
from bot.core.model import Item, Relevance, RuleId, Story, StoryId, Subscriber
from bot.core.rules.aliases import Aliases
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import Rule
from bot.core.stories.corroboration import coverage_of
from bot.storage import news

# Stories looked at in one go: what the loop does of that (making rows of what SQLite returns) stays under 10 ms.
BATCH = 100

_ONLY = RuleId(0)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is looked for: stories that were first told since then and fit the rule (None: all), as alerts would.

    `seen_by` leaves out what was first seen later, so that the pages of a list fit together. A story is shown by a
    report in one of `langs` where it has one (none: all are read).
    """

    rule: Rule | None
    relevances: tuple[Relevance, ...]
    since: datetime
    seen_by: datetime
    langs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A story as far as it was told by then, and the report that shows it."""

    story: Story
    item: Item


def relevances_for(rule: Rule | None, subscriber: Subscriber | None) -> tuple[Relevance, ...]:
    """How wide to look: our subject alone, unless the rule names a relevance or the chat asked for the wider circle."""
    names_relevance = rule is not None and "relevance" in rule.fields()
    widened = subscriber is not None and subscriber.relevance is Relevance.RELATED
    return (Relevance.CORE, Relevance.RELATED) if names_relevance or widened else (Relevance.CORE,)


def search_for(rule: Rule | None, subscriber: Subscriber | None, since: datetime, seen_by: datetime) -> Search:
    """What a chat looks for, as wide as it has asked for and in its languages."""
    return Search(
        rule=rule,
        relevances=relevances_for(rule, subscriber),
        since=since,
        seen_by=seen_by,
        langs=subscriber.langs if subscriber else (),
    )


async def newest_stories(
    services: Services, search: Search, *, skip: int = 0, most: int | None = None
) -> list[SearchHit]:
    """Up to `most` stories after the first `skip`, newest first, each by the headline that tells it best."""
    async with services.database.read() as tx:
        ids = await _ids(tx, search, limit=most, offset=skip)
        rows = await news.rows_of(tx, ids)
    stories = _as_seen(news.stories_from(rows), search)
    return await asyncio.to_thread(first_fits, stories, None, services.aliases, search.langs)


async def find_stories(call: Call, search: Search, *, skip: int = 0, most: int | None = None) -> list[SearchHit]:
    """Up to `most` stories after the first `skip`, newest first, each by its first item that fits; where nothing is
    asked for, by the one whose headline tells it best.
    """
    services = call.services
    if search.rule is None:
        return await newest_stories(services, search, skip=skip, most=most)
    needed = None if most is None else skip + most
    found: list[SearchHit] = []
    async with services.turns.turn(call.request.person):
        look = partial(first_fits, rule=search.rule, aliases=services.aliases, langs=search.langs)
        async with aclosing(_through(services, search, look)) as batches:
            async for fitting in batches:
                found += fitting
                if needed is not None and len(found) >= needed:
                    break
    return found[skip:needed]


async def stories_that_fit(call: Call, search: Search, rules: Sequence[Rule]) -> tuple[frozenset[StoryId], ...]:
    """For each of some rules the stories that fit it, whatever the search itself says of a rule."""
    found: list[set[StoryId]] = [set() for _ in rules]
    async with call.services.turns.turn(call.request.person):
        look = partial(fits, rules=rules, aliases=call.services.aliases)
        async for fitting in _through(call.services, search, look):
            for place, story in fitting:
                found[place].add(story)
    return tuple(map(frozenset, found))


async def _through(services: Services, search: Search, look: Callable[[Iterable[Story]], T]) -> AsyncGenerator[T, None]:
    """What `look` makes of the stories of a search, newest first, a batch at a time."""
    async with services.database.search() as tx:
        ids = await _ids(tx, search)
    for batch in batched(ids):
        yield await looked_at(services, batch, lambda stories: look(_as_seen(stories, search)))


async def looked_at(
    services: Services, ids: Sequence[StoryId], look: Callable[[Iterable[Story]], T], words: news.Wording = words_of
) -> T:
    """What `look` makes of these stories, in their order, in a thread.

    No connection is held meanwhile, and the loop is not held up.
    """
    async with services.database.search() as tx:
        rows = await news.rows_of(tx, ids)
    async with services.turns.thread:
        return await asyncio.to_thread(look, news.stories_from(rows, words))


def batched(ids: Sequence[StoryId]) -> Iterator[Sequence[StoryId]]:
    """Ids of as many stories as are looked at in one go."""
    return (ids[at : at + BATCH] for at in range(0, len(ids), BATCH))


async def _ids(tx: AsyncConnection, search: Search, *, limit: int | None = None, offset: int = 0) -> list[StoryId]:
    return await news.first_told(
        tx, search.since, search.relevances, seen_by=search.seen_by, limit=limit, offset=offset
    )


def _as_seen(stories: Iterable[Story], search: Search) -> Iterator[Story]:
    """The stories with what had been seen by then, so that nothing later moves them on a page."""
    for story in stories:
        seen = tuple([item for item in story.items if item.first_seen <= search.seen_by])
        yield story if len(seen) == len(story.items) else replace(story, items=seen)


def first_fits(
    stories: Iterable[Story], rule: Rule | None, aliases: Aliases, langs: tuple[str, ...] = ()
) -> list[SearchHit]:
    """The stories that fit. What is off our subject fits nothing, as with alerts."""
    if rule is None:
        told = ((story, tuple(_on_subject(story))) for story in stories)
        return [SearchHit(story=story, item=best_told(items, langs)) for story, items in told if items]
    index = _index_of((rule,), aliases)
    fitting = ((story, next(_fitting(story, index, langs), None)) for story in stories)
    return [SearchHit(story=story, item=item) for story, item in fitting if item is not None]


def items_that_fit(story: Story, rule: Rule, aliases: Aliases) -> tuple[Item, ...]:
    """The items for which a story fits a rule."""
    return tuple(_fitting(story, _index_of((rule,), aliases)))


def stems_that_hit(story: Story, rule: Rule, aliases: Aliases) -> frozenset[str]:
    """The stems of the words for which a story fits a rule."""
    index, standing = _index_of((rule,), aliases), coverage_of(story)
    hits = ((each, item.lang) for item in _on_subject(story) for each in index.explain(_ONLY, item, standing).words)
    return frozenset(word.stem for surface, lang in hits for word in words_in(surface, lang))


def fits(stories: Iterable[Story], rules: Sequence[Rule], aliases: Aliases) -> set[tuple[int, StoryId]]:
    """Which of the rules, by their places, fit which stories."""
    index = _index_of(rules, aliases)
    standings = ((story, coverage_of(story)) for story in stories)
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


def _fitting(story: Story, index: RuleIndex, langs: tuple[str, ...] = ()) -> Iterator[Item]:
    """The items for which a story fits the only rule of an index; first those in these languages."""
    standing = coverage_of(story)
    items = sorted(_on_subject(story), key=lambda item: item.lang not in langs)
    return (item for item in items if _ONLY in index.matches(item, standing))


def _on_subject(story: Story) -> Iterator[Item]:
    return (item for item in story.items if item.relevance is not Relevance.NONE)
