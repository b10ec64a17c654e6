"""The briefing: /summary."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Annotated

from bot.commands.framework.command import Call, Command, Param
from bot.commands.framework.services import Services
from bot.commands.framework.stories import (
    Search,
    batched,
    first_fits,
    items_that_fit,
    looked_at,
    search_for,
    stems_that_hit,
)
from bot.commands.framework.suggestions import did_you_mean
from bot.core.briefing.selection import briefing, on_subject, unnamed
from bot.core.message.blocks import Block, Message, Role, code, say
from bot.core.model import Item, Story
from bot.core.rules.aliases import Aliases
from bot.core.rules.rule import Rule
from bot.core.wording.briefing import briefing_message, fitted, period_words
from bot.storage import archive, news, subscribers

PERIOD = timedelta(days=1)
# A briefing of more says little: the few stories that it tells are lost among all.
LONGEST_PERIOD = timedelta(days=7)


@Command(
    summary="A briefing: what happened in the last day, as told by each side",
    example="/summary 12h poland",
    also=("briefing", "digest", "overview", "brief", "summarize"),
)
async def summary(
    call: Call,
    period: Annotated[
        timedelta | None,
        Param(summary="how far back, such as 12h, 3d or a week; otherwise 24 hours", longest=LONGEST_PERIOD),
    ] = None,
    rule: Annotated[Rule | None, Param(summary="only stories that match this rule")] = None,
) -> Message:
    """What a period brought, told from each side, beside the period before."""
    period = period or PERIOD
    async with call.services.database.read() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
    now = search_for(rule, subscriber, call.now - period, call.now)
    readership = call.services.readership(now.langs)
    turns, aliases = call.services.turns, call.services.aliases
    async with turns.turn(call.request.person):
        stories = await _told(call.services, now)
        before = await _told(call.services, replace(now, since=now.since - period, seen_by=now.since))
        if not stories and not before:
            return await _nothing(call, rule, period)
        # Which reports a briefing may quote, and the words for which it prefers a sentence.
        reports = partial(items_that_fit, rule=rule, aliases=aliases) if rule else on_subject
        named = partial(stems_that_hit, rule=rule, aliases=aliases) if rule else unnamed
        brief = partial(briefing, stories, before=before, now=call.now, period=period, reports=reports, named=named)
        about = str(rule) if rule else ""
        async with turns.thread:
            told = await asyncio.to_thread(
                lambda: fitted(brief(langs=readership.langs), call.now, about=about, readership=readership)
            )
    places = {place: quote.story.id for place, quote in enumerate(told.quotes, 1)}
    call.services.lists.begin(call.request.reader, call.now, places)
    return briefing_message(told, call.now, about, readership)


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
    """The stories of which a report that fits was published in the search's time: others only go on."""

    def is_within(items: Sequence[Item]) -> bool:
        return all(search.since <= item.published <= search.seen_by for item in items)

    # To ask for each report takes long, and most stories are told within a day.
    return [
        found.story
        for found in first_fits(stories, rule, aliases)
        if is_within(found.story.items)
        or any(is_within((item,)) for item in items_that_fit(found.story, rule, aliases))
    ]


async def _nothing(call: Call, rule: Rule | None, period: timedelta) -> Message:
    if rule is None:
        nothing = Block(say("No news in the last {period}.", period=period_words(period)))
        return Message((nothing, Block(say("/status shows how the sources are doing."), Role.ROW)))
    nothing = Block(
        say("Nothing in the last {period} matches {rule}.", period=period_words(period), rule=code(str(rule)))
    )
    question, answer = await did_you_mean(call, rule)
    hint = Block(say("Fewer words find more. /help search explains rules."), Role.ROW)
    return Message((nothing, *(question or (hint,))), answer)
