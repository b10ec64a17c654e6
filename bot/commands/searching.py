"""What a rule finds among the news that is kept: for lists, searches, and the trial of a rule before it is followed."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from bot.commands.base import Services
from bot.core.aliases import Aliases
from bot.core.matcher import RuleIndex
from bot.core.model import Item, Relevance, RuleId, Story, Subscriber
from bot.core.rules import Rule
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
    async with services.database.read() as tx:
        for offset in count(0, batch):
            stories = await news.stories_since(
                tx, search.since, search.relevances, seen_by=search.seen_by, limit=batch, offset=offset
            )
            found += await asyncio.to_thread(first_fits, stories, search.rule, services.aliases)
            if len(stories) < batch or (needed is not None and len(found) >= needed):
                break
    return found[skip:needed]


def first_fits(stories: list[Story], rule: Rule | None, aliases: Aliases) -> list[Item]:
    """The first item that fits of each story that has one. What is off our subject fits nothing, as with alerts."""
    index = RuleIndex(aliases)
    if rule is not None:
        index.add(_ONLY, rule)
    found = []
    for story in stories:
        items = (item for item in story.items if item.relevance is not Relevance.NONE)
        first = next((item for item in items if rule is None or _ONLY in index.matches(item)), None)
        if first is not None:
            found.append(first)
    return found
