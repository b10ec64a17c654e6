"""What our buttons carry, so that they mean the same after a restart: a `custom_id` of at most 100 characters. Pure.

It is the command line, and before it what the answer was about: `!` where only an admin can see the button, and the id
of another channel. Discord lets nobody press a button that is not there, so neither can be forged.
"""

import re
from dataclasses import dataclass

from bot.core.message import Button

_CUSTOM_ID = re.compile(r"(!?)(\d{1,20})?(/.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the buttons of an answer are about: another `channel` than the one they stand in, or none.

    `for_admin`: shown to an admin alone, who need not be asked again.
    """

    channel: str = ""
    for_admin: bool = False

    def custom_id(self, button: Button) -> str:
        """The button's id, which says all that it does."""
        return f"{'!' if self.for_admin else ''}{self.channel}{button.command}"


def read_custom_id(custom_id: str) -> tuple[Scope, str] | None:
    """The scope and the command line of a button; None for one that is none of ours, or of long ago."""
    found = _CUSTOM_ID.fullmatch(custom_id)
    if found is None:
        return None
    return Scope(for_admin=bool(found.group(1)), channel=found.group(2) or ""), found.group(3)
