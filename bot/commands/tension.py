"""How tense the news are, as a picture: /tension."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Annotated

from bot.commands.framework.command import Call, Command, Param, Press
from bot.commands.framework.stories import batched, looked_at
from bot.commands.tension_drawing import draw_tension
from bot.core.message.blocks import Block, Button, Message, Picture, Role, Run, say, say_count, without_picture
from bot.core.model import Level, Relevance, Story, StoryId
from bot.core.stories.events import STRONGEST
from bot.core.stories.tension import Day, Tension, first_day, tension
from bot.core.wording.alert import cut_at_word
from bot.core.wording.tension_chart import signed
from bot.storage import archive, news

# Fewer days show no course, more are too narrow to tell apart on a phone.
SHORTEST_PERIOD, LONGEST_PERIOD = timedelta(days=7), timedelta(days=30)

_TODAY = (
    "Index today {today}, average {mean} over {count} day with news; the scale runs from −{most} (conflict) to "
    "+{most} (cooperation).",
    "Index today {today}, average {mean} over {count} days with news; the scale runs from −{most} (conflict) to "
    "+{most} (cooperation).",
)
_QUIET = (
    "No news so far today. Average index {mean} over {count} day with news; the scale runs from −{most} (conflict) "
    "to +{most} (cooperation).",
    "No news so far today. Average index {mean} over {count} days with news; the scale runs from −{most} (conflict) "
    "to +{most} (cooperation).",
)

# With three peaks and the rest, all words fit below a picture on Telegram.
LONGEST_HEADLINE = 120
LONGEST_NAME = 40


@Command(
    summary="How tense the news is, as a chart",
    example="/tension 30d",
    also=("index", "chart", "mood", "graph"),
    press=Press.REPLY,
    draws=True,
    name="tension",
)
async def show_tension(
    call: Call,
    period: Annotated[
        timedelta | None,
        Param(summary="how far back, from a week to 30 days; otherwise 7 days", longest=LONGEST_PERIOD),
    ] = None,
) -> Message:
    """The index of conflict and cooperation and the stories a day by level, drawn, with three peaks named.

    One picture serves all who ask for the same period within a minute.
    """
    asked = period or SHORTEST_PERIOD
    period = timedelta(days=max(asked, SHORTEST_PERIOD).days)
    key = ("tension", first_day(call.now, period), period)
    work = partial(_drawn, call, period)
    message, peaks = await call.services.shared.get(
        key, call.now, work, is_kept=lambda drawn: drawn[0].picture is not None
    )
    if peaks:
        call.services.lists.begin(call.request.reader, call.now, peaks)
    if asked < SHORTEST_PERIOD:
        least = Block(say("I show at least {count} days.", count=SHORTEST_PERIOD.days), Role.ROW)
        message = replace(message, blocks=(*message.blocks, least))
    return message


async def _drawn(call: Call, period: timedelta) -> tuple[Message, Mapping[int, StoryId]]:
    """The message, and the stories behind its numbers."""
    since = datetime.combine(first_day(call.now, period), time(), UTC)
    stories: list[Story] = []  # of which something was published on the days of the period
    async with call.services.turns.turn(call.request.person):
        async with call.services.database.search() as tx:
            ids = await archive.told_between(tx, since, call.now, (Relevance.CORE,))
        for batch in batched(ids):
            stories += await looked_at(call.services, sorted(batch), list, news.title_words)
    found = await asyncio.to_thread(tension, stories, call.services.events, now=call.now, period=period)
    if found.mean is None:
        return Message((Block(say("No new stories in the last {count} days.", count=period.days)),)), {}
    other = SHORTEST_PERIOD if period == LONGEST_PERIOD else LONGEST_PERIOD
    button = Button(f"{other.days} days", f"/tension {other.days}d")
    png, lines = await draw_tension(found), tuple(map(_day_line, found.days))
    message = Message(
        tuple(tension_words(found, found.mean)), ((button,),), picture=Picture(png=png or b"", lines=lines)
    )
    peaks = {number: peak.story for number, peak in enumerate(found.peaks, 1)}
    return message if png else without_picture(message), peaks


def tension_words(found: Tension, mean: float) -> Iterator[Block]:
    """What is said below the picture of days that had news, whose index is `mean` on average."""
    days = found.days
    yield Block(say("Tension in the news, last {count} days", count=len(days)), Role.TITLE)
    today = days[-1].index
    has_news = sum(day.index is not None for day in days)
    sentences = _QUIET if today is None else _TODAY
    yield Block(say_count(has_news, *sentences, today=signed(today or 0), mean=signed(mean), most=STRONGEST))
    yield Block(
        say(
            "Stories: {count}, {major} of them major, {breaking} breaking.",
            count=sum(sum(day.levels.values()) for day in days),
            major=sum(day.levels[Level.MAJOR] for day in days),
            breaking=sum(day.levels[Level.BREAKING] for day in days),
        ),
        Role.ROW,
    )
    for number, peak in enumerate(found.peaks, 1):
        said = say(
            "{number}. {day}, {index}: {headline} ({source})",
            number=number,
            day=f"{peak.date:%d %b}".lstrip("0"),
            index=signed(peak.index),
            headline=Run(cut_at_word(peak.item.title, LONGEST_HEADLINE), url=peak.item.url),
            source=cut_at_word(peak.item.source_name, LONGEST_NAME),
        )
        yield Block(said, Role.ITEM if number == 1 else Role.ROW)
    yield Block(say("This measures what is reported, not how dangerous things are."))


def _day_line(day: Day) -> str:
    """A day of the picture in a line: `20 Nov  −3.4  12 stories, 2 major`."""
    if day.index is None:
        return f"{day.date:%d %b}         no news"
    loud = "".join(f", {day.levels[level]} {level}" for level in (Level.MAJOR, Level.BREAKING) if day.levels[level])
    count = sum(day.levels.values())
    return f"{day.date:%d %b}  {signed(day.index):>5}  {count} {'story' if count == 1 else 'stories'}{loud}"
