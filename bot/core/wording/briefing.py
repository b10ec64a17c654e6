"""The briefing as a message; short enough for one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import accumulate

from bot.core.briefing.selection import Briefing, Quote, Section
from bot.core.message.blocks import Block, Message, Role, Run, code, join_blocks, say, say_count
from bot.core.message.durations import duration_words
from bot.core.message.splitting import units
from bot.core.model import Level
from bot.core.sides import GROUP_NAMES, SIDE_LABELS
from bot.core.wording.alert import age, cut_at_word, title

# UTF-16 units of one message after parsing: https://core.telegram.org/bots/api#sendmessage. Two quotes in each of four
# sections always fit, for sentences and names of sources are limited.
LIMIT = 4096
_LONGEST_NAME = 40
_LONGEST_RULE = 200
# Nobody says "the last 1 hour"; the last day might be taken for yesterday.
_PERIODS = {timedelta(minutes=1): "minute", timedelta(hours=1): "hour", timedelta(days=1): "24 hours"}


def fitted(briefing: Briefing, now: datetime, about: str = "") -> Briefing:
    """As much of the briefing as one message holds: the least important of the fullest section is left out first."""
    while units(_text_of(_message(briefing, now, about))) > LIMIT:
        briefing = _with_less(briefing)
    return briefing


def briefing_message(briefing: Briefing, now: datetime, about: str = "") -> Message:
    """As much of the briefing as one message holds, its quotes numbered; `about` is the rule that all of it fits."""
    return _message(fitted(briefing, now, about), now, about)


def _message(briefing: Briefing, now: datetime, about: str) -> Message:
    firsts = accumulate([len(section.quotes) for section in briefing.sections], initial=1)
    sections = zip(firsts, briefing.sections, strict=False)
    return Message(
        (
            title("Briefing"),
            *([Block(say("What matches {rule}", rule=code(cut_at_word(about, _LONGEST_RULE))))] if about else []),
            Block(_numbers(briefing)),
            *_sides(briefing),
            *(block for first, section in sections for block in _section(section, first, briefing, now)),
        )
    )


def _text_of(message: Message) -> str:
    return join_blocks(tuple((block.role, block.text) for block in message.blocks))


def period_words(period: timedelta) -> str:
    """A period as people say it behind "last" or "previous": hour, 2 hours, 24 hours, 2 days."""
    return _PERIODS.get(period) or duration_words(period)


def _with_less(briefing: Briefing) -> Briefing:
    fullest = max(range(len(briefing.sections)), key=lambda place: (len(briefing.sections[place].quotes), place))
    return replace(
        briefing,
        sections=tuple(
            replace(section, quotes=section.quotes[:-1]) if place == fullest else section
            for place, section in enumerate(briefing.sections)
        ),
    )


def _section(section: Section, first: int, briefing: Briefing, now: datetime) -> Iterator[Block]:
    """A section, whose quotes are numbered from `first`."""
    yield Block((Run(section.title),), Role.HEADING)
    for place, quote in enumerate(section.quotes, first):
        yield Block(say("{place}. {quote}", place=place, quote=quote.text), Role.ITEM)
        yield Block(_byline(quote, now), Role.BYLINE)
    if not section.quotes:
        yield Block(_instead(section, briefing))


def _instead(section: Section, briefing: Briefing) -> tuple[Run, ...]:
    """Why a section quotes nothing."""
    told = section.elsewhere
    others = [other.title for other in briefing.sections if any(quote in told for quote in other.quotes)]
    if others:
        return say("Its news is under {sections}.", sections=_listed(others))
    if section.stories:
        period = period_words(briefing.period)
        return say("There was news in the last {period}, but no sentence that says it on its own.", period=period)
    return say("Nothing new in the last {period}.", period=period_words(briefing.period))


def _listed(titles: Sequence[str]) -> str:
    *others, last = titles
    return f"{', '.join(others)} and {last}" if others else last


def _byline(quote: Quote, now: datetime) -> tuple[Run, ...]:
    is_breaking = quote.story.level is Level.BREAKING
    return say(
        "{source} · {side} · {age} · breaking" if is_breaking else "{source} · {side} · {age}",
        source=Run(cut_at_word(quote.item.source_name, _LONGEST_NAME), url=quote.item.url),
        side=SIDE_LABELS[quote.item.side],
        age=age(quote.item, now),
    )


def _numbers(briefing: Briefing) -> tuple[Run, ...]:
    """What changed, in numbers."""
    now, before, period = briefing.tally, briefing.before, period_words(briefing.period)
    if before is None:
        return say_count(
            now.stories,
            "{count} story in the last {period}, {breaking} breaking; no data for the previous {period}.",
            "{count} stories in the last {period}, {breaking} breaking; no data for the previous {period}.",
            period=period,
            breaking=now.breaking,
        )
    return say_count(
        now.stories,
        "{count} story in the last {period} ({more} on the previous {period}), {breaking} breaking ({louder}).",
        "{count} stories in the last {period} ({more} on the previous {period}), {breaking} breaking ({louder}).",
        period=period,
        more=_change(now.stories, before.stories),
        breaking=now.breaking,
        louder=_change(now.breaking, before.breaking),
    )


def _sides(briefing: Briefing) -> Iterator[Block]:
    """How many stories each side tells."""
    before = briefing.before
    told = [
        f"{GROUP_NAMES[group]} {count:,}" + (f" ({_change(count, before.groups[group])})" if before else "")
        for group, count in briefing.tally.groups.items()
        if count or (before and before.groups[group])
    ]
    if told:
        yield Block(say("Told by: {sides}", sides=" · ".join(told)), Role.ROW)


def _change(now: int, before: int) -> str:
    """+3, −2, ±0."""
    if now == before:
        return "±0"
    return f"+{now - before:,}" if now > before else f"−{before - now:,}"
