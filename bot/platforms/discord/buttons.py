"""What our buttons carry, so that they mean the same after a restart: a `custom_id` of at most 100 characters. Pure.

It is the command line, and before it the id of the channel that the answer was about, where that is another one.
Nothing in it says who may press: that is asked at each press.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from discord import ActionRow, Message
from discord import Button as ShownButton

from bot.core.message.blocks import Button

# Older buttons begin with a `!`, which said that an admin alone could see them; it is read over.
_CUSTOM_ID = re.compile(r"!?(\d{1,20})?(/.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonScope:
    """What the buttons of an answer are about: another `channel` than the one they stand in, or none."""

    channel: str = ""

    def custom_id(self, button: Button) -> str:
        """The button's id, which says all that it does."""
        return f"{self.channel}{button.command}"


def read_custom_id(custom_id: str) -> tuple[ButtonScope, str] | None:
    """The scope and the command line of a button; None for one that is none of ours, or of long ago."""
    found = _CUSTOM_ID.fullmatch(custom_id)
    if found is None:
        return None
    return ButtonScope(channel=found.group(1) or ""), found.group(2)


def buttons_of(message: Message) -> Iterator[ShownButton]:
    """The buttons below a message."""
    for row in message.components:
        if isinstance(row, ActionRow):
            yield from (each for each in row.children if isinstance(each, ShownButton))


def carries(message: Message, custom_id: str) -> bool:
    """Whether a message shows this very button, and lets it be pressed."""
    return any(each.custom_id == custom_id and not each.disabled for each in buttons_of(message))
