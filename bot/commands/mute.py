"""What a chat does not want to hear of for a while: /mute, /mutes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.command import POINTED, Call, misuse
from bot.commands.framework.replied_story import pointed_at, story_named, told_behind
from bot.commands.preferences import moment_words
from bot.core.message.blocks import Block, Button, Message, Role, Run, code, say
from bot.core.message.durations import FOREVER, duration_words
from bot.core.model import StoryId, Subscriber, SubscriberId
from bot.core.rules.rule import Rule, parse_rule
from bot.core.wording.alert import cut_at_word
from bot.errors import RuleError
from bot.storage import mutes, news, subscribers
from bot.storage.mutes import Mute

# After a week a story has become another one.
STORY_TIME = timedelta(days=7)
# Each is looked at before every alert of the chat.
MOST_MUTES = 50
# A headline must leave room for the rest of what a notice says, in its 200 characters.
LONGEST_TITLE = 70
BUTTONS_IN_A_ROW = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Muted:
    """A mute, and the headline of its story where it is about one."""

    mute: Mute
    title: str = ""


async def mute(call: Call) -> Message:
    """Nothing more about a story, or about all that fits some words."""
    story, rule = call.arguments.story("story"), call.arguments.rule("words")
    duration = call.arguments.period("duration")
    if story is not None and rule is not None:
        raise misuse("Mute either a story or words, not both at once.")
    if rule is not None and (number := str(rule).removeprefix("#")).isdecimal():
        raise misuse(
            "Do you mean story {number}? Then say {line}. A number in quotes is a word.",
            number=number,
            line=code(f"/mute story {number}"),
        )
    if rule is not None:
        return await _mute_words(call, rule, None if duration == FOREVER else duration)
    meant = await _story_meant(call)
    return _ask_what(duration) if meant is None else await _mute_story(call, meant, duration or STORY_TIME)


async def show_mutes(call: Call) -> Message:
    """What is muted, with a button to end each."""
    async with call.services.database.read() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        muted = await _muted(tx, subscriber.id, call.now) if subscriber else []
    return _listed(call, (), muted)


async def end_mute(call: Call) -> Message:
    """Hear of something again; what else is muted is shown."""
    number = call.arguments.number("number")
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        before = await _muted(tx, subscriber.id, call.now) if subscriber else []
        ended = next((each for each in before if each.mute.id == number), None)
        if subscriber is None or ended is None:
            raise misuse("That mute has already ended. /mutes shows what is muted.")
        await mutes.remove(tx, subscriber.id, ended.mute.id)
    told = Block(say("No longer muted: {what}", what=_what(ended)))
    return _listed(call, (told,), [each for each in before if each is not ended])


async def _story_meant(call: Call) -> StoryId | None:
    """The story of a number, or of the alert that is replied to; None where nothing but "mute" is said."""
    if (meant := story_named(call, "story")) is not None:
        return meant
    async with call.services.database.read() as tx:
        if call.arguments.story("story") == POINTED:
            return (await pointed_at(tx, call.request, question="Mute which story?", command="/mute story"))[1]
        behind = await told_behind(tx, call.request)
    return None if behind is None else behind[1]


async def _mute_story(call: Call, number: StoryId, duration: timedelta) -> Message:
    until = None if duration == FOREVER else call.now + duration
    async with call.services.database.write() as tx:
        story = await news.story(tx, number)
        if story is None:
            raise misuse("That story no longer exists, so you won't get anything more about it.")
        subscriber = await _with_room(tx, call)
        made = await mutes.add_story(tx, subscriber.id, number, until, call.now)
    title = cut_at_word(story.items[0].title, LONGEST_TITLE)
    if until is None:
        told = say(
            "Muted until you end it: “{title}”. This chat gets nothing more about this story. /mutes ends that.",
            title=title,
        )
    else:
        told = say(
            "Muted until {moment}: “{title}”. This chat gets nothing more about this story. /mutes ends that.",
            moment=moment_words(until),
            title=title,
        )
    return Message((Block(told),), _end_button(made))


async def _mute_words(call: Call, rule: Rule, duration: timedelta | None) -> Message:
    until = None if duration is None else call.now + duration
    async with call.services.database.write() as tx:
        subscriber = await _with_room(tx, call)
        made = await mutes.add_rule(tx, subscriber.id, str(rule), until, call.now)
    if duration is None or until is None:
        told = say("Muted until you end it: {rule}", rule=code(str(rule)))
    else:
        told = say(
            "Muted for {period}, until {moment}: {rule}",
            period=duration_words(duration),
            moment=moment_words(until),
            rule=code(str(rule)),
        )
    meaning = say("{meaning}", meaning=rule.describe(call.services.aliases))
    effect = say("This chat gets no alerts about stories that match it, whichever of its rules they match.")
    elsewhere = say("/latest and /search still show them. To unmute, send /mutes, which lists what is muted.")
    rows = (Block(told), Block(meaning, Role.BYLINE), Block(effect, Role.ROW), Block(elsewhere, Role.ROW))
    return Message(rows, _end_button(made))


def _ask_what(duration: timedelta | None) -> Message:
    """Whoever names nothing may want quiet altogether."""
    hint = say(
        "Mute what? {words} leaves out one subject, {period} does so for three days.",
        words=code("/mute football"),
        period=code("/mute football 3d"),
    )
    has_end = duration is not None and duration != FOREVER
    pause = f"/pause {duration // timedelta(minutes=1)} min" if duration and has_end else "/pause"
    label = f"Pause all alerts for {duration_words(duration)}" if duration and has_end else "Pause all alerts"
    return Message((Block(hint),), ((Button(label, pause),),))


async def _with_room(tx: AsyncConnection, call: Call) -> Subscriber:
    """The subscriber, who may mute one thing more. Raises UsageError."""
    subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
    if len(await mutes.of(tx, subscriber.id, call.now)) >= MOST_MUTES:
        raise misuse(
            "{most} things are muted here, which is the maximum. Unmute some of them in /mutes.", most=MOST_MUTES
        )
    return subscriber


async def _muted(tx: AsyncConnection, subscriber: SubscriberId, now: datetime) -> list[Muted]:
    return [await _titled(tx, each) for each in await mutes.of(tx, subscriber, now)]


async def _titled(tx: AsyncConnection, each: Mute) -> Muted:
    story = None if each.story is None else await news.story(tx, each.story)
    return Muted(mute=each, title=story.items[0].title if story else "")


def _listed(call: Call, before: tuple[Block, ...], muted: Sequence[Muted]) -> Message:
    if not muted:
        hint = say(
            "{example} mutes a subject; a button below each alert mutes its story.", example=code("/mute football 3d")
        )
        return Message((*before, Block(say("Nothing is muted in this chat.")), Block(hint, Role.ROW)))
    stories = {place: each.mute.story for place, each in enumerate(muted, 1) if each.mute.story is not None}
    call.services.lists.begin(call.request.reader, call.now, stories)
    title = Block(say("Muted in this chat"), Role.TITLE)
    blocks = chain.from_iterable(_mute_blocks(call, place, each) for place, each in enumerate(muted, 1))
    buttons = [Button(f"End {place}", f"/endmute {each.mute.id}") for place, each in enumerate(muted, 1)]
    rows = (tuple(buttons[at : at + BUTTONS_IN_A_ROW]) for at in range(0, len(buttons), BUTTONS_IN_A_ROW))
    return Message((*before, title, *blocks), tuple(rows))


def _mute_blocks(call: Call, place: int, muted: Muted) -> Iterator[Block]:
    yield Block(say("{place}. {what}", place=place, what=_what(muted)), Role.ITEM)
    if muted.mute.text is not None:
        yield Block(_meaning(call, muted.mute.text), Role.BYLINE)
    if muted.mute.until is None:
        yield Block(say("Until you end it"), Role.BYLINE)
    else:
        yield Block(say("Until {moment}", moment=moment_words(muted.mute.until)), Role.BYLINE)


def _what(muted: Muted) -> Run:
    return Run(f"“{muted.title}”") if muted.mute.text is None else code(muted.mute.text)


def _meaning(call: Call, text: str) -> tuple[Run, ...]:
    try:
        return say("{meaning}", meaning=parse_rule(text).describe(call.services.aliases))
    except RuleError:
        # Saved by a version that read rules otherwise.
        return say("This version can no longer read it, so it mutes nothing.")


def _end_button(made: int) -> tuple[tuple[Button, ...], ...]:
    return ((Button("Undo", f"/endmute {made}"),),)
