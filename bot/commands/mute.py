"""What a chat does not want to hear of for a while: /mute, /mutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.command import POINTED, Call, Command, Param, Press, StoryNumber, Who
from bot.commands.framework.replied_story import pointed_at, story_named, told_behind
from bot.commands.framework.request import misuse
from bot.commands.framework.wording import in_rows, moment_words
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

    @property
    def what(self) -> Run:
        """What is muted, as lists show it."""
        return Run(f"“{self.title}”") if self.mute.text is None else code(self.mute.text)


@Command(
    summary="No more about a subject or a story",
    example="/mute football 3d",
    who=Who.ADMIN,
    also=("ignore", "hide", "exclude", "block"),
    press=Press.NOTICE,
)
async def mute(
    call: Call,
    story: Annotated[
        StoryNumber | None,
        Param(
            summary="the story's number in the last list; leave it out when replying to an alert",
            form_summary="the story's number in the last list, or one of the stories that come up as you type",
            lead="story",
        ),
    ] = None,
    words: Annotated[Rule | None, Param(summary="what to leave out, written like a rule for /follow")] = None,
    duration: Annotated[
        timedelta | None,
        Param(summary="how long, such as 8h, 3 days or forever; otherwise until you end it", ahead=True),
    ] = None,
) -> Message:
    """Nothing more about a story, or about all that fits some words."""
    if story is not None and words is not None:
        raise misuse("Mute either a story or words, not both at once.")
    if words is not None and (number := str(words).removeprefix("#")).isdecimal():
        raise misuse(
            "Do you mean story {number}? Then say {line}. A number in quotes is a word.",
            number=number,
            line=code(f"/mute story {number}"),
        )
    if words is not None:
        return await _mute_words(call, words, None if duration == FOREVER else duration)
    meant = story_named(call, story)
    if meant is None:
        async with call.services.database.read() as tx:
            behind = await told_behind(tx, call.request)
            if behind is None and story == POINTED:
                behind = await pointed_at(tx, call.request, question="Mute which story?", command="/mute story")
        meant = behind[1] if behind else None
    return await _mute_story(call, meant, duration or STORY_TIME) if meant else _ask_what(duration)


@Command(
    summary="What is muted, and how to unmute it", example="/mutes", also=("unmute", "muted", "endmute"), name="mutes"
)
async def show_mutes(call: Call) -> Message:
    """What is muted, with a button to end each."""
    async with call.services.database.read() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        muted = await _muted(tx, subscriber.id, call.now) if subscriber else []
    return _listed(call, (), muted)


@Command(summary="End a mute", example="/endmute 17", who=Who.ADMIN, hidden=True)
async def endmute(call: Call, number: Annotated[int, Param(summary="which mute")]) -> Message:
    """Hear of something again; what else is muted is shown."""
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        before = await _muted(tx, subscriber.id, call.now) if subscriber else []
        ended = next((each for each in before if each.mute.id == number), None)
        if subscriber is None or ended is None:
            raise misuse("That mute has already ended. /mutes shows what is muted.")
        await mutes.remove(tx, subscriber.id, ended.mute.id)
    told = Block(say("No longer muted: {what}", what=ended.what))
    return _listed(call, (told,), [each for each in before if each is not ended])


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
    return Message((Block(told),), ((Button("Undo", f"/endmute {made}"),),))


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
    return Message(rows, ((Button("Undo", f"/endmute {made}"),),))


def _ask_what(duration: timedelta | None) -> Message:
    """Whoever names nothing may want quiet altogether."""
    hint = say(
        "Mute what? {words} leaves out one subject, {period} does so for three days.",
        words=code("/mute football"),
        period=code("/mute football 3d"),
    )
    button = Button("Pause all alerts", "/pause")
    if duration and duration != FOREVER:
        minutes = duration // timedelta(minutes=1)
        button = Button(f"Pause all alerts for {duration_words(duration)}", f"/pause {minutes} min")
    return Message((Block(hint),), ((button,),))


async def _with_room(tx: AsyncConnection, call: Call) -> Subscriber:
    """The subscriber, who may mute one thing more. Raises UsageError."""
    subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
    if len(await mutes.of(tx, subscriber.id, call.now)) >= MOST_MUTES:
        raise misuse(
            "{most} things are muted here, which is the maximum. Unmute some of them in /mutes.", most=MOST_MUTES
        )
    return subscriber


async def _muted(tx: AsyncConnection, subscriber: SubscriberId, now: datetime) -> list[Muted]:
    muted = []
    for each in await mutes.of(tx, subscriber, now):
        story = None if each.story is None else await news.story(tx, each.story)
        muted.append(Muted(mute=each, title=story.items[0].title if story else ""))
    return muted


def _listed(call: Call, before: tuple[Block, ...], muted: Sequence[Muted]) -> Message:
    if not muted:
        hint = say(
            "{example} mutes a subject; a button below each alert mutes its story.", example=code("/mute football 3d")
        )
        return Message((*before, Block(say("Nothing is muted in this chat.")), Block(hint, Role.ROW)))
    stories = {place: each.mute.story for place, each in enumerate(muted, 1) if each.mute.story is not None}
    call.services.lists.begin(call.request.reader, call.now, stories)
    blocks = [Block(say("Muted in this chat"), Role.TITLE)]
    for place, each in enumerate(muted, 1):
        blocks.append(Block(say("{place}. {what}", place=place, what=each.what), Role.ITEM))
        if each.mute.text is not None:
            try:
                meaning = say("{meaning}", meaning=parse_rule(each.mute.text).describe(call.services.aliases))
            except RuleError:
                # Saved by a version that read rules otherwise.
                meaning = say("This version can no longer read it, so it mutes nothing.")
            blocks.append(Block(meaning, Role.BYLINE))
        end = (
            say("Until {moment}", moment=moment_words(each.mute.until)) if each.mute.until else say("Until you end it")
        )
        blocks.append(Block(end, Role.BYLINE))
    buttons = [Button(f"End {place}", f"/endmute {each.mute.id}") for place, each in enumerate(muted, 1)]
    return Message((*before, *blocks), in_rows(buttons, BUTTONS_IN_A_ROW))
