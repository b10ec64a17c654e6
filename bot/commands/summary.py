"""The briefing: /summary."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.commands.framework.command import Call, Services
from bot.commands.framework.stories import (
    Found,
    Search,
    batched,
    first_fits,
    items_that_fit,
    looked_at,
    relevances_for,
    stems_that_hit,
)
from bot.core.briefing.selection import Briefing, Named, Reports, briefing, on_subject, unnamed
from bot.core.message.blocks import Block, Message, Role, code, say
from bot.core.model import Item, Story
from bot.core.rules.aliases import Aliases
from bot.core.rules.rule import Rule
from bot.core.wording.briefing import briefing_message, fitted, period_words
from bot.storage import archive, news, subscribers

PERIOD = timedelta(days=1)
# A briefing of more says little: the few stories that it tells are lost among all.
LONGEST_PERIOD = timedelta(days=7)


async def summary(call: Call) -> Message:
    """What a period brought, told from each side, beside the period before."""
    rule, period = call.arguments.rule("rule"), call.arguments.period("period") or PERIOD
    async with call.services.database.read() as tx:
        relevances = relevances_for(rule, await subscribers.find(tx, call.request.chat))
    now = Search(rule=rule, relevances=relevances, since=call.now - period, seen_by=call.now)
    turns = call.services.turns
    async with turns.turn(call.request.person):
        stories = await _told(call.services, now)
        before = await _told(call.services, replace(now, since=now.since - period, seen_by=now.since))
        if not stories and not before:
            return _nothing(rule, period)
        async with turns.thread:
            told = await asyncio.to_thread(_brief, stories, before, call, period, rule)
    places = {place: quote.story.id for place, quote in enumerate(told.quotes, 1)}
    call.services.lists.begin(call.request.reader, call.now, places)
    return briefing_message(told, call.now, str(rule) if rule else "")


async def _told(services: Services, search: Search) -> list[Story]:
    """The stories that fit a search and of which something was published in its time."""
    async with services.database.search() as tx:
        ids = await archive.told_between(tx, search.since, search.seen_by, search.relevances)
    found: list[Story] = []
    for batch in batched(ids):
        if search.rule is None:  # without words, which only rules look at
            found += await looked_at(services, sorted(batch), list, news.no_words)
        else:
            look = partial(_fitting, search=search, rule=search.rule, aliases=services.aliases)
            found += await looked_at(services, sorted(batch), look)
    return found


def _fitting(stories: Iterable[Story], search: Search, rule: Rule, aliases: Aliases) -> list[Story]:
    return list(_current(first_fits(stories, rule, aliases), search, rule, aliases))


def _current(found: Sequence[Found], search: Search, rule: Rule, aliases: Aliases) -> Iterator[Story]:
    """The stories of which a report that fits was published in the search's time: others only go on."""
    for story in (each.story for each in found):
        # To ask for each report takes long, and most stories are told within a day.
        if _is_within(story.items, search) or any(
            _is_within((item,), search) for item in items_that_fit(story, rule, aliases)
        ):
            yield story


def _is_within(items: Sequence[Item], search: Search) -> bool:
    return all(search.since <= item.published <= search.seen_by for item in items)


def _brief(
    stories: Sequence[Story], before: Sequence[Story], call: Call, period: timedelta, rule: Rule | None
) -> Briefing:
    reports, named = _quotable(rule, call.services.aliases)
    told = briefing(stories, before=before, now=call.now, period=period, reports=reports, named=named)
    return fitted(told, call.now, about=str(rule) if rule else "")


def _quotable(rule: Rule | None, aliases: Aliases) -> tuple[Reports, Named]:
    """Which reports a briefing may quote, and the words for which it prefers a sentence."""
    if rule is None:
        return on_subject, unnamed
    return partial(items_that_fit, rule=rule, aliases=aliases), partial(stems_that_hit, rule=rule, aliases=aliases)


def _nothing(rule: Rule | None, period: timedelta) -> Message:
    if rule is None:
        nothing = Block(say("No news in the last {period}.", period=period_words(period)))
        return Message((nothing, Block(say("/status shows how the sources are doing."), Role.ROW)))
    nothing = Block(
        say("Nothing in the last {period} matches {rule}.", period=period_words(period), rule=code(str(rule)))
    )
    return Message((nothing, Block(say("Fewer words find more. /help search explains rules."), Role.ROW)))
