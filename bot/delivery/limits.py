"""How fast the chat platforms let us send."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class ChatKind(StrEnum):
    """What sort of conversation a chat is, as far as limits differ."""

    PRIVATE = "private"
    GROUP = "group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """No stretch of so many seconds, wherever it begins, may hold more than so many messages of one chat.

    The last `kept_for_replies` of them are left to people's questions, or a flood of alerts would silence the bot in
    a group for most of a minute.
    """

    messages: int
    seconds: int
    kept_for_replies: int = 0

    @property
    def pace(self) -> float:
        """Seconds from one alert to the next in the long run."""
        return self.seconds / (self.messages - self.kept_for_replies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one platform allows: messages a second to all chats together, and windows for a chat of each kind.

    A chat whose kind is not named has no limit of its own. `paid`: we pay for as many as that.
    """

    per_second: float = math.inf
    paid: bool = False
    chat: Mapping[ChatKind, tuple[Window, ...]] = field(default_factory=dict)
