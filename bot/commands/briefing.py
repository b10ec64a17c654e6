"""The briefing: /summary."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.base import Call, misuse
from bot.commands.searching import BATCH, Search, first_fits, relevances_for
from bot.core.aliases import Aliases
from bot.core.briefing_wording import briefing_message, period_words
from bot.core.message import Block, Message, Role, code, say
from bot.core.model import Story
from bot.core.rules import Rule
from bot.core.summaries import briefing
from bot.core.text import words_of
from bot.storage import archive, news, subscribers

PERIOD = timedelta(days=1)
# A briefing of more says little: the few stories that it tells are lost among all.
LONGEST_PERIOD = timedelta(days=7)


async def summary(call: Call) -> Message:
    """What a period brought, told from each side, beside the period before."""
    rule, period = call.arguments.rule("rule"), call.arguments.period("period") or PERIOD
    if period > LONGEST_PERIOD:
        raise misuse("A briefing goes back {period} at most.", period=period_words(LONGEST_PERIOD))
    async with call.services.database.read() as tx:
        relevances = relevances_for(rule, await subscribers.find(tx, call.request.chat))
        now = Search(rule=rule, relevances=relevances, since=call.now - period, seen_by=call.now)
        stories = await _told(tx, now, call.services.aliases)
        before = await _told(tx, replace(now, since=now.since - period, seen_by=now.since), call.services.aliases)
    if not stories and not before:
        return _nothing(rule, period)
    return await asyncio.to_thread(_brief, stories, before, call.now, period, rule)


async def _told(tx: AsyncConnection, search: Search, aliases: Aliases) -> list[Story]:
    """The stories that fit a search and of which something was published in its time."""
    ids = await archive.told_between(tx, search.since, search.seen_by, search.relevances)
    words = news.no_words if search.rule is None else words_of
    found: list[Story] = []
    for at in range(0, len(ids), BATCH):
        stories = await news.stories_of(tx, ids[at : at + BATCH], words)
        fitting = await asyncio.to_thread(first_fits, stories, search.rule, aliases)
        found += [each.story for each in fitting]
    return found


def _brief(
    stories: Sequence[Story], before: Sequence[Story], now: datetime, period: timedelta, rule: Rule | None
) -> Message:
    told = briefing(stories, before=before, now=now, period=period)
    return briefing_message(told, now, about=str(rule) if rule else "")


def _nothing(rule: Rule | None, period: timedelta) -> Message:
    if rule is None:
        nothing = Block(say("There is no news of the last {period}.", period=period_words(period)))
        return Message((nothing, Block(say("/status tells how the sources are doing."), Role.ROW)))
    nothing = Block(say("Nothing within {period} fits {rule}.", period=period_words(period), rule=code(str(rule))))
    return Message((nothing, Block(say("Fewer words find more. /help search explains rules."), Role.ROW)))
