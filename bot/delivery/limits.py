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


_SECOND = Window(messages=1, seconds=1)
_CROWD = (_SECOND, Window(messages=20, seconds=60, kept_for_replies=2))
_TELEGRAM_CHAT = {ChatKind.PRIVATE: (_SECOND,), ChatKind.GROUP: _CROWD, ChatKind.CHANNEL: _CROWD}

TELEGRAM = Limits(per_second=30, chat=_TELEGRAM_CHAT)
"""Telegram's: one message a second in a chat, 20 a minute in a group, about 30 a second in all.

Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. That channels are limited as
groups are is what @BotSupport says (https://github.com/python-telegram-bot/python-telegram-bot/wiki/Avoiding-flood-limits);
that edits share the limits of messages, its server's author (https://github.com/tdlib/td/issues/2592). All topics of a
forum are one chat. Answers to a press of a button are not limited (https://github.com/tdlib/telegram-bot-api/issues/648).
"""

TELEGRAM_PAID = Limits(per_second=1000, paid=True, chat=_TELEGRAM_CHAT)
"""Telegram's with paid broadcasts (`allow_paid_broadcast`): 1,000 a second in all, at a price for each above 30.

Source: https://core.telegram.org/bots/faq#how-can-i-message-all-of-my-bot-39s-subscribers-at-once
"""

DISCORD = Limits(per_second=45, chat=dict.fromkeys(ChatKind, (Window(messages=5, seconds=5),)))
"""Discord's: 50 requests a second in all (https://docs.discord.com/developers/topics/rate-limits#global-rate-limit), of
which some are left to what does not wait its turn here: reconnecting, looking channels up, a network that bunches.

Five messages in five seconds a channel are what its headers have said for years and not promised; the library obeys the
headers, and this keeps its tasks from sleeping on them. A thread is a channel of its own.
"""
