"""The chat's settings as a panel of buttons: /settings. What can be set is a row of `SETTINGS`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.command import Call, misuse
from bot.commands.level import BRINGS, LABELS, LEVELS, MARK
from bot.commands.preferences import UNTIL_RESUMED, is_paused, moment_words, pause_until
from bot.core.message.blocks import Block, Button, Message, Role, Run, code, say, say_count
from bot.core.model import Level, Relevance, Subscriber
from bot.storage import mutes, subscribers


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A row of the panel.

    `labels` are the values that it can have, each as its button says it; `stands` is the one that it has now (None:
    none of them); `says` is that in plain words; `turn` sets it.
    """

    name: str
    labels: Mapping[str, str]
    stands: Callable[[Subscriber, datetime], str | None]
    says: Callable[[Subscriber, datetime], tuple[Run, ...]]
    turn: Callable[[AsyncConnection, Subscriber, str, datetime], Awaitable[None]]


_LEVEL_NAMES = {level: name for name, level in LEVELS.items()}
_SOUNDS: Mapping[str, Level | None] = {
    "all": Level.NORMAL,
    "major": Level.MAJOR,
    "breaking": Level.BREAKING,
    "none": None,
}
_SOUND_WORDS: Mapping[Level | None, str] = {
    Level.NORMAL: "Sound: every alert rings.",
    Level.MAJOR: "Sound: only major and breaking news rings, the rest arrives silently.",
    Level.BREAKING: "Sound: only breaking news rings, the rest arrives silently.",
    None: "Sound: all alerts arrive silently.",
}
_CIRCLES = {"off": Relevance.CORE, "on": Relevance.RELATED}
_CIRCLE_WORDS = {
    Relevance.CORE: "Circle: only what is between Russia and NATO or the West counts.",
    Relevance.RELATED: "Circle: the war in Ukraine and the affairs of Russia or NATO alone count too.",
}
_PAUSES = {"1h": timedelta(hours=1), "8h": timedelta(hours=8), "1d": timedelta(days=1)}


async def _turn_sound(tx: AsyncConnection, subscriber: Subscriber, value: str, _now: datetime) -> None:
    await subscribers.ring(tx, subscriber.id, _SOUNDS[value])


async def _turn_level(tx: AsyncConnection, subscriber: Subscriber, value: str, _now: datetime) -> None:
    await subscribers.set_level(tx, subscriber.id, LEVELS[value])


async def _turn_circle(tx: AsyncConnection, subscriber: Subscriber, value: str, _now: datetime) -> None:
    await subscribers.widen(tx, subscriber.id, _CIRCLES[value])


async def _turn_pause(tx: AsyncConnection, subscriber: Subscriber, value: str, now: datetime) -> None:
    if value == "off":
        await subscribers.pause(tx, subscriber.id, None)
    else:
        await pause_until(tx, subscriber.id, now + _PAUSES[value])


def _pause_words(subscriber: Subscriber, now: datetime) -> tuple[Run, ...]:
    if subscriber.paused_until is None or not is_paused(subscriber, now):
        return say("Alerts: on.")
    if subscriber.paused_until == UNTIL_RESUMED:
        return say("Alerts: paused until you switch them on.")
    return say("Alerts: paused until {moment}.", moment=moment_words(subscriber.paused_until))


SETTINGS = (
    Setting(
        name="sound",
        labels={"all": "Ring for all", "major": "Major", "breaking": "Breaking", "none": "None"},
        stands=lambda subscriber, _: next(value for value, level in _SOUNDS.items() if level == subscriber.sound),
        says=lambda subscriber, _: say(_SOUND_WORDS[subscriber.sound]),
        turn=_turn_sound,
    ),
    Setting(
        name="level",
        labels=LABELS,
        stands=lambda subscriber, _: _LEVEL_NAMES[subscriber.level],
        says=lambda subscriber, _: say("Level: {levels}.", levels=BRINGS[subscriber.level]),
        turn=_turn_level,
    ),
    Setting(
        name="wider",
        labels={"off": "Core only", "on": "Wider circle"},
        stands=lambda subscriber, _: "on" if subscriber.relevance is Relevance.RELATED else "off",
        says=lambda subscriber, _: say(_CIRCLE_WORDS[subscriber.relevance]),
        turn=_turn_circle,
    ),
    Setting(
        name="pause",
        labels={"off": "Alerts on", "1h": "Pause 1 h", "8h": "8 h", "1d": "A day"},
        stands=lambda subscriber, now: None if is_paused(subscriber, now) else "off",
        says=_pause_words,
        turn=_turn_pause,
    ),
)
NAMES = tuple(setting.name for setting in SETTINGS)


async def settings(call: Call) -> Message:
    """The panel, after one of the settings was changed if that is asked for."""
    name, value = call.arguments.text("name"), call.arguments.text("value")
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        if name is not None or value is not None:
            wanted = (value or "").lower()
            await _turnable(name, wanted).turn(tx, subscriber, wanted, call.now)
        changed = await subscribers.ensure(tx, call.request.chat, call.now)
        muted = len(await mutes.of(tx, subscriber.id, call.now))
    rows = tuple(Block(setting.says(changed, call.now), Role.ROW) for setting in SETTINGS)
    blocks = (Block(say("Settings of this chat"), Role.TITLE), *rows, Block(_muted_words(muted), Role.ROW))
    return Message(blocks, tuple(_buttons(setting, changed, call.now) for setting in SETTINGS))


def _turnable(name: str | None, value: str) -> Setting:
    """The setting of this name, which can have this value. Raises UsageError."""
    setting = next((each for each in SETTINGS if each.name == name), None)
    if setting is None:
        raise misuse("You can set {names}; /settings on its own shows buttons for them.", names=", ".join(NAMES))
    if value not in setting.labels:
        raise misuse("{name} can be set to {values}.", name=setting.name, values=", ".join(setting.labels))
    return setting


def _buttons(setting: Setting, subscriber: Subscriber, now: datetime) -> tuple[Button, ...]:
    stands = setting.stands(subscriber, now)
    return tuple(
        Button(f"{MARK if value == stands else ''}{label}", f"/settings {setting.name} {value}")
        for value, label in setting.labels.items()
    )


def _muted_words(count: int) -> tuple[Run, ...]:
    if not count:
        return say("Muted: nothing. {example} leaves out a subject.", example=code("/mute football 3d"))
    return say_count(
        count,
        "Muted: {count} subject or story; /mutes shows it.",
        "Muted: {count} subjects and stories; /mutes shows them.",
    )
