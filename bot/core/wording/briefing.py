"""The briefing as a message; short enough for one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate

from bot.core.briefing.selection import Briefing, Section
from bot.core.message.blocks import Block, Message, Role, Run, code, join_blocks, say, say_count
from bot.core.message.durations import duration_words
from bot.core.message.splitting import units
from bot.core.model import Level
from bot.core.sides import GROUP_NAMES, label_of
from bot.core.wording.alert import age, cut_at_word, title
from bot.core.wording.readership import EVERYBODY, Readership

# UTF-16 units of one message after parsing: https://core.telegram.org/bots/api#sendmessage. Two quotes in each of four
# sections always fit, for sentences and names of sources are limited.
LIMIT = 4096
_LONGEST_NAME = 40
_LONGEST_RULE = 200
# Nobody says "the last 1 hour"; the last day might be taken for yesterday.
_PERIODS = {timedelta(minutes=1): "minute", timedelta(hours=1): "hour", timedelta(days=1): "24 hours"}


def fitted(briefing: Briefing, now: datetime, about: str = "", readership: Readership = EVERYBODY) -> Briefing:
    """As much of the briefing as one message holds: the least important of the fullest section is left out first."""
    while True:
        blocks = _message(briefing, now, about, readership).blocks
        if units(join_blocks(tuple((block.role, block.text) for block in blocks))) <= LIMIT:
            return briefing
        quotes = [section.quotes for section in briefing.sections]
        fullest = max(range(len(quotes)), key=lambda place: (len(quotes[place]), place))
        quotes[fullest] = quotes[fullest][:-1]
        shortened = zip(briefing.sections, quotes, strict=True)
        briefing = replace(briefing, sections=tuple(replace(section, quotes=kept) for section, kept in shortened))


def briefing_message(briefing: Briefing, now: datetime, about: str = "", readership: Readership = EVERYBODY) -> Message:
    """As much of the briefing as one message holds, its quotes numbered; `about` is the rule that all of it fits."""
    return _message(fitted(briefing, now, about, readership), now, about, readership)


def _message(briefing: Briefing, now: datetime, about: str, readership: Readership) -> Message:
    firsts = accumulate([len(section.quotes) for section in briefing.sections], initial=1)
    sections = zip(firsts, briefing.sections, strict=False)
    return Message(
        (
            title("Briefing"),
            *([Block(say("What matches {rule}", rule=code(cut_at_word(about, _LONGEST_RULE))))] if about else []),
            *_numbers(briefing),
            *(block for first, section in sections for block in _section(section, first, briefing, now, readership)),
        )
    )


def period_words(period: timedelta) -> str:
    """A period as people say it behind "last" or "previous": hour, 2 hours, 24 hours, 2 days."""
    return _PERIODS.get(period) or duration_words(period)


def _section(
    section: Section, first: int, briefing: Briefing, now: datetime, readership: Readership
) -> Iterator[Block]:
    """A section, whose quotes are numbered from `first`."""
    yield Block((Run(section.title),), Role.HEADING)
    for place, quote in enumerate(section.quotes, first):
        yield Block(say("{place}. {quote}", place=place, quote=quote.text), Role.ITEM)
        name = readership.source_name(quote.item, cut_at_word(quote.item.source_name, _LONGEST_NAME))
        is_breaking = quote.story.level is Level.BREAKING
        byline = say(
            "{source} · {side} · {age} · breaking" if is_breaking else "{source} · {side} · {age}",
            source=Run(name, url=quote.item.url),
            side=label_of(quote.item),
            age=age(quote.item, now),
        )
        yield Block(byline, Role.BYLINE)
    if not section.quotes:
        yield Block(_instead(section, briefing))


def _instead(section: Section, briefing: Briefing) -> tuple[Run, ...]:
    """Why a section quotes nothing."""
    told = section.elsewhere
    others = [other.title for other in briefing.sections if any(quote in told for quote in other.quotes)]
    if others:
        *firsts, last = others
        return say("Its news is under {sections}.", sections=f"{', '.join(firsts)} and {last}" if firsts else last)
    if section.stories:
        period = period_words(briefing.period)
        return say("There was news in the last {period}, but no sentence that says it on its own.", period=period)
    return say("Nothing new in the last {period}.", period=period_words(briefing.period))


def _numbers(briefing: Briefing) -> Iterator[Block]:
    """What changed, in numbers: how many stories there are, and how many each side tells."""
    now, before, period = briefing.tally, briefing.before, period_words(briefing.period)
    if before is None:
        one = "{count} story in the last {period}, {breaking} breaking; no data for the previous {period}."
        many = "{count} stories in the last {period}, {breaking} breaking; no data for the previous {period}."
        changes = {}
    else:
        one = "{count} story in the last {period} ({more} on the previous {period}), {breaking} breaking ({louder})."
        many = "{count} stories in the last {period} ({more} on the previous {period}), {breaking} breaking ({louder})."
        changes = {"more": _change(now.stories, before.stories), "louder": _change(now.breaking, before.breaking)}
    yield Block(say_count(now.stories, one, many, period=period, breaking=now.breaking, **changes))
    told = [
        f"{GROUP_NAMES[group]} {count:,}" + (f" ({_change(count, before.groups[group])})" if before else "")
        for group, count in now.groups.items()
        if count or (before and before.groups[group])
    ]
    if told:
        yield Block(say("Told by: {sides}", sides=" · ".join(told)), Role.ROW)


def _change(now: int, before: int) -> str:
    """+3, −2, ±0."""
    if now == before:
        return "±0"
    return f"+{now - before:,}" if now > before else f"−{before - now:,}"
