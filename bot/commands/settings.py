"""How a chat wants its alerts: /settings, /level, /wider, /pause, /resume; on a server also /mention and /publish.

What a chat can set is a row of `SETTINGS`; the panel of buttons and the commands are made from the rows.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Generic, Literal, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.command import About, Call, Command, Param, RoleId, RuleNumber, Who
from bot.commands.framework.replied_story import FOLLOWED, button_number, rule_numbered
from bot.commands.framework.request import misuse
from bot.commands.framework.wording import BRINGS, language_name, moment_words
from bot.core.message.blocks import Block, Button, Message, Role, Run, code, say, say_count
from bot.core.message.durations import FOREVER, duration_words
from bot.core.model import Level, Relevance, Subscriber, SubscriberId
from bot.storage import mutes, outbox, subscribers

# A pause without an end.
UNTIL_RESUMED = datetime(9999, 1, 1, tzinfo=UTC)
# Before the label of the button for what is so now.
MARK = "✓ "

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Generic[T]):
    """What a chat can set: a row of the panel, and what the setting's own command reads and stores."""

    name: str
    choices: Mapping[str, T]  # the values to choose from, by the words for them in a line
    labels: Sequence[str]  # of the buttons of the choices
    stored: Callable[[Subscriber, datetime], T]  # the value now; it may be none of the choices
    says: Callable[[Subscriber, datetime], tuple[Run, ...]]  # the value now in plain words
    store: Callable[[AsyncConnection, SubscriberId, T, datetime], Awaitable[None]]
    more: Sequence[Button] = ()  # beside the choices

    def buttons(self, value: T, line: str) -> tuple[Button, ...]:
        """A button for each choice that sends a line, with {} for the choice; the one of this value is marked."""
        named = zip(self.choices.items(), self.labels, strict=True)
        choices = (
            Button(f"{MARK if choice == value else ''}{label}", line.format(name)) for (name, choice), label in named
        )
        return (*choices, *self.more)


async def _pause(tx: AsyncConnection, subscriber: SubscriberId, period: timedelta | None, now: datetime) -> None:
    """No alerts for a time, or again; what is queued already is dropped, too."""
    if period is None:
        await subscribers.pause(tx, subscriber, None)
        return
    await subscribers.pause(tx, subscriber, UNTIL_RESUMED if period == FOREVER else now + period)
    await outbox.drop_queued(tx, subscriber)


def _pause_words(subscriber: Subscriber, now: datetime) -> tuple[Run, ...]:
    if subscriber.paused_until is None or not subscriber.is_paused(now):
        return say("Alerts: on.")
    if subscriber.paused_until == UNTIL_RESUMED:
        return say("Alerts: paused until you switch them on.")
    return say("Alerts: paused until {moment}.", moment=moment_words(subscriber.paused_until))


def _language_words(subscriber: Subscriber, _now: datetime) -> tuple[Run, ...]:
    if not subscriber.langs:
        return say("Languages: this chat reads all.")
    return say("Languages: this chat reads {languages}.", languages=", ".join(map(language_name, subscriber.langs)))


_SOUND_WORDS: Mapping[Level | None, str] = {
    Level.NORMAL: "Sound: every alert rings.",
    Level.MAJOR: "Sound: only major and breaking news rings, the rest arrives silently.",
    Level.BREAKING: "Sound: only breaking news rings, the rest arrives silently.",
    None: "Sound: all alerts arrive silently.",
}
_WIDER_WORDS: Mapping[Relevance, str] = {
    Relevance.CORE: "Circle: only what is between Russia and NATO or the West counts.",
    Relevance.RELATED: "Circle: the war in Ukraine and the affairs of Russia or NATO alone count too.",
}
_LEVELS: Mapping[str, Level] = {"all": Level.NORMAL, "major": Level.MAJOR, "breaking": Level.BREAKING}

SOUND: Setting[Level | None] = Setting(
    name="sound",
    choices={**_LEVELS, "none": None},
    labels=("Ring for all", "Major", "Breaking", "None"),
    stored=lambda subscriber, _now: subscriber.sound,
    says=lambda subscriber, _now: say(_SOUND_WORDS[subscriber.sound]),
    store=lambda tx, subscriber, lowest, _now: subscribers.ring(tx, subscriber, lowest),
)
LEVEL = Setting(
    name="level",
    choices=_LEVELS,
    labels=("Every level", "From major", "Only breaking"),
    stored=lambda subscriber, _now: subscriber.level,
    says=lambda subscriber, _now: say("Level: {levels}.", levels=BRINGS[subscriber.level]),
    store=lambda tx, subscriber, lowest, _now: subscribers.set_level(tx, subscriber, lowest),
)
WIDER = Setting(
    name="wider",
    choices={"off": Relevance.CORE, "on": Relevance.RELATED},
    labels=("Core only", "Wider circle"),
    stored=lambda subscriber, _now: subscriber.relevance,
    says=lambda subscriber, _now: say(_WIDER_WORDS[subscriber.relevance]),
    store=lambda tx, subscriber, relevance, _now: subscribers.widen(tx, subscriber, relevance),
)
READ: Setting[tuple[str, ...]] = Setting(
    name="read",
    choices={"all": (), "en": ("en",)},
    labels=("All languages", "Only English"),
    stored=lambda subscriber, _now: subscriber.langs,
    says=_language_words,
    store=lambda tx, subscriber, langs, _now: subscribers.set_languages(tx, subscriber, langs),
    more=(Button("Choose", "/read"),),
)
PAUSE: Setting[timedelta | None] = Setting(
    name="pause",
    choices={"off": None, "1h": timedelta(hours=1), "8h": timedelta(hours=8), "1d": timedelta(days=1)},
    labels=("Alerts on", "Pause 1 h", "8 h", "A day"),
    stored=lambda subscriber, now: FOREVER if subscriber.is_paused(now) else None,
    says=_pause_words,
    store=_pause,
)
SETTINGS: Mapping[str, Setting[Any]] = {row.name: row for row in (SOUND, LEVEL, WIDER, READ, PAUSE)}


async def _chosen(tx: AsyncConnection, call: Call, setting: Setting[Any] | None, choice: str | None) -> Subscriber:
    """The chat, after it has chosen a value of a setting where it names one."""
    subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
    if setting is None or choice is None:
        return subscriber
    await setting.store(tx, subscriber.id, setting.choices[choice], call.now)
    return await subscribers.ensure(tx, call.request.chat, call.now)


@Command(
    summary="Sound, level, circle, languages and pauses for this chat, with buttons",
    example="/settings",
    who=Who.ADMIN,
    also=("preferences", "options", "config", "sound"),
)
async def settings(
    call: Call,
    name: Annotated[str | None, Param(summary="what to set", choices=tuple(SETTINGS))] = None,
    value: Annotated[str | None, Param(summary="what to set it to")] = None,
) -> Message:
    """The panel, after one of the settings was changed if that is asked for."""
    choice = (value or "").lower()
    setting = SETTINGS.get(name or "")
    if setting is None and choice:
        raise misuse("You can set {names}; /settings on its own shows buttons for them.", names=", ".join(SETTINGS))
    if setting is not None and choice not in setting.choices:
        raise misuse("{name} can be set to {values}.", name=setting.name, values=", ".join(setting.choices))
    async with call.services.database.write() as tx:
        subscriber = await _chosen(tx, call, setting, choice)
        muted = len(await mutes.of(tx, subscriber.id, call.now))
    if muted:
        muted_words = say_count(
            muted,
            "Muted: {count} subject or story; /mutes shows it.",
            "Muted: {count} subjects and stories; /mutes shows them.",
        )
    else:
        muted_words = say("Muted: nothing. {example} leaves out a subject.", example=code("/mute football 3d"))
    rows = tuple(Block(row.says(subscriber, call.now), Role.ROW) for row in SETTINGS.values())
    return Message(
        (Block(say("Settings of this chat"), Role.TITLE), *rows, Block(muted_words, Role.ROW)),
        tuple(row.buttons(row.stored(subscriber, call.now), f"/settings {row.name} {{}}") for row in SETTINGS.values()),
    )


@Command(
    summary="How loud a story must be to alert this chat, or for one rule",
    example="/level major 2",
    who=Who.ADMIN,
    also=("levels", "importance", "threshold", "only"),
)
async def level(
    call: Call,
    level: Annotated[str | None, Param(summary="breaking, major or all", choices=tuple(LEVEL.choices))] = None,
    number: Annotated[RuleNumber | None, Param(summary="only for the rule with this number", most=9999)] = None,
) -> Message:
    """Show or set the lowest level that alerts the chat, or by one of its rules."""
    async with call.services.database.write() as tx:
        subscriber = await _chosen(tx, call, LEVEL, None if number else level)
        followed = await subscribers.followings_of(tx, subscriber.id)
        following = rule_numbered(number, followed) if number else None
        if following is not None and level is not None:
            await subscribers.set_level(tx, subscriber.id, LEVEL.choices[level], following.number)
    if following is not None:
        lowest = LEVEL.choices[level] if level else following.level or subscriber.level
        blocks = [
            Block(
                say(
                    "Rule {number} sends {levels}: {rule}",
                    number=following.number,
                    levels=BRINGS[lowest],
                    rule=code(following.text),
                )
            )
        ]
        return Message(tuple(blocks), (LEVEL.buttons(lowest, f"/level {{}} {button_number(following)}"),))
    blocks = [Block(say("Alerts of this chat: {levels}.", levels=BRINGS[subscriber.level]))]
    if subscriber.level is not Level.NORMAL:
        blocks.append(Block(say("You'll get quieter stories if they reach that level."), Role.ROW))
    blocks += [
        Block(say("Rule {number} sends {levels}.", number=each.number, levels=BRINGS[each.level]), Role.ROW)
        for each in followed
        if each.level is not None
    ]
    return Message(tuple(blocks), (LEVEL.buttons(subscriber.level, "/level {}"),))


@Command(
    summary="Include related news: the war in Ukraine, the affairs of one side",
    example="/wider on",
    who=Who.ADMIN,
    also=("related", "scope", "relevance"),
)
async def wider(
    call: Call, switch: Annotated[Literal["on", "off"] | None, Param(summary="on or off")] = None
) -> Message:
    """Whether related news counts for this chat, too."""
    async with call.services.database.write() as tx:
        subscriber = await _chosen(tx, call, WIDER, switch)
    if subscriber.relevance is Relevance.RELATED:
        sentence = say(
            "The wider circle is on: alerts, /latest and /search also cover the war in Ukraine and the affairs of "
            "Russia or NATO alone."
        )
        return Message((Block(sentence),), ((Button("Switch it off", "/wider off"),),))
    sentence = say(
        "The wider circle is off: alerts, /latest and /search only cover what is between Russia and NATO or the West."
    )
    return Message((Block(sentence),), ((Button("Switch it on", "/wider on"),),))


@Command(
    summary="No alerts for a while",
    example="/pause 8h",
    who=Who.ADMIN,
    also=("stop", "quiet", "snooze", "silence"),
)
async def pause(
    call: Call,
    duration: Annotated[
        timedelta | None,
        Param(summary="how long, such as 30 min, 8h or 2d; otherwise until /resume", ahead=True),
    ] = None,
) -> Message:
    """No alerts for a while."""
    period = duration or FOREVER
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        await PAUSE.store(tx, subscriber.id, period, call.now)
    if period == FOREVER:
        sentence = say("Alerts are paused until you send /resume.")
    else:
        sentence = say(
            "Alerts are paused for {period}, until {moment}.",
            period=duration_words(period),
            moment=moment_words(call.now + period),
        )
    missed = Block(say("What happens in the meantime won't be sent later; /latest shows it."), Role.ROW)
    return Message((Block(sentence), missed), ((Button("Resume", "/resume"),),))


@Command(
    summary="Alerts back on after a pause",
    example="/resume",
    who=Who.ADMIN,
    also=("continue", "unpause"),
)
async def resume(call: Call) -> Message:
    """Alerts flow again."""
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        if subscriber is None or not subscriber.is_paused(call.now):
            return Message((Block(say("Alerts aren't paused.")),))
        await PAUSE.store(tx, subscriber.id, PAUSE.choices["off"], call.now)
    return Message((Block(say("Alerts are back on.")),))


@Command(
    summary="Make a rule's alerts mention a server role; leave the role out to stop it",
    example="/mention 2 @Watch",
    who=Who.ADMIN,
    also=("role", "notify", "wake"),
    about=About.SERVER,
)
async def mention(
    call: Call,
    rule: Annotated[RuleNumber, FOLLOWED],
    role: Annotated[RoleId | None, Param(summary="the role to mention; leave it out to stop it")] = None,
) -> Message:
    """Let alerts of a rule mention a role, or nobody."""
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, call.request.chat)
        followed = await subscribers.followings_of(tx, subscriber.id) if subscriber else []
        following = rule_numbered(rule, followed)
        await subscribers.set_mention(tx, following, role or "")
    if role is None:
        told = say(
            "Alerts of rule {number} don't mention anyone: {rule}", number=following.number, rule=code(following.text)
        )
    else:
        told = say(
            "Alerts of rule {number} now mention {role}: {rule}",
            number=following.number,
            role=f"@{call.request.roles.get(role, role)}",
            rule=code(following.text),
        )
    return Message((Block(told),))


@Command(
    summary="Publish an announcement channel's alerts to the channels that follow it",
    example="/publish on",
    who=Who.ADMIN,
    also=("crosspost", "forward"),
    about=About.SERVER,
)
async def publish(call: Call, switch: Annotated[Literal["on", "off"], Param(summary="on or off")]) -> Message:
    """Whether alerts go on to the followers of an announcement channel."""
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        await subscribers.publish(tx, subscriber.id, on=switch == "on")
    if switch == "off":
        return Message((Block(say("Alerts stay in this channel; they aren't published.")),))
    return Message(
        (
            Block(say("From now on, alerts are published: channels that follow this one get them too.")),
            Block(
                say("Discord allows ten published messages an hour; any more are published in the next hour."), Role.ROW
            ),
        )
    )


def state_of(subscriber: Subscriber, now: datetime) -> tuple[Block, ...]:
    """What is out of the ordinary with the chat's alerts: a pause, a level, languages, the wider circle."""
    blocks = []
    if subscriber.paused_until == UNTIL_RESUMED:
        blocks.append(Block(say("Alerts are paused until /resume.")))
    elif subscriber.paused_until is not None and subscriber.is_paused(now):
        blocks.append(
            Block(say("Alerts are paused until {moment}, or /resume.", moment=moment_words(subscriber.paused_until)))
        )
    if subscriber.level is not Level.NORMAL:
        blocks.append(Block(say("Alerts: {levels}. /level all ends that.", levels=BRINGS[subscriber.level])))
    if subscriber.langs:
        chosen = ", ".join(map(language_name, subscriber.langs))
        ended = code("/read all")
        blocks.append(Block(say("Reports in {languages} come first. {all} ends that.", languages=chosen, all=ended)))
    if subscriber.relevance is Relevance.RELATED:
        blocks.append(Block(say("The wider circle is on: related news counts too. /wider off ends that.")))
    return tuple(blocks)
