"""What several commands say in the same words."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.core.language.language import language_of
from bot.core.message.blocks import Button
from bot.core.model import Level

LEVEL_WORDS: Mapping[Level, str] = {Level.BREAKING: "Breaking", Level.MAJOR: "Major", Level.NORMAL: "Normal"}

BRINGS: Mapping[Level, str] = {
    Level.NORMAL: "stories of every level",
    Level.MAJOR: "major and breaking stories only",
    Level.BREAKING: "breaking stories only",
}


def moment_words(moment: datetime) -> str:
    """An exact moment, as people read it: `22 Nov, 14:00 UTC`."""
    return f"{moment:%d %b, %H:%M} UTC".lstrip("0")


def language_name(code: str) -> str:
    """What a language is called; its code where it has no file."""
    return language_of(code).name or code


def in_rows(buttons: Sequence[Button], most: int) -> tuple[tuple[Button, ...], ...]:
    """The buttons in rows of `most`."""
    return tuple(tuple(buttons[at : at + most]) for at in range(0, len(buttons), most))
