"""Channels that people may act for: those in which we may post, and which they administer, as Telegram says now."""

import re

import structlog
from telegram import Bot, ChatFullInfo, ChatMemberAdministrator
from telegram.constants import ChatType
from telegram.error import BadRequest, Forbidden, TelegramError

from bot.commands.framework.request import Channel, misuse
from bot.core.message.blocks import code
from bot.core.model import Chat
from bot.errors import UsageError
from bot.platforms.telegram.admins import Admins
from bot.platforms.telegram.updates import FIRST_SUPERGROUP, whole

log = structlog.get_logger()

# https://t.me/c/1234567890/17 leads to a post of a channel without a name, whose id for bots is -1001234567890
# (https://core.telegram.org/api/bots/ids).
_NUMBERED = re.compile(r"(?:https?://)?t\.me/c/(\d{1,15})(?:/\d+)?")
_ID = re.compile(r"-\d{1,15}")
_NAMED = re.compile(r"(?:(?:https?://)?t\.me/|@)?([A-Za-z]\w{3,31})(?:/\d+)?/?")


class Channels:
    """Finds channels, and asks Telegram about rights in them."""

    def __init__(self, bot: Bot, admins: Admins) -> None:
        self._bot = bot
        self._admins = admins

    async def find(self, wanted: str, user: str) -> Channel:
        """The channel of a name, id or link, in which we may post, and which `user` administers. Raises UsageError."""
        found = await self._look_up(_chat_id_of(wanted))
        if found.type in {ChatType.GROUP, ChatType.SUPERGROUP}:
            raise misuse(
                "That is a group, not a channel. Ask in the group itself: its administrators can do everything there."
            )
        if found.type != ChatType.CHANNEL:
            raise misuse("That isn't a channel. /channel explains how to choose one.")
        await self._check_our_rights(found.id)
        channel = whole(found.id)
        if not await self.admits(channel, user):
            raise misuse("You aren't an administrator of that channel. Only its administrators can act for it.")
        return Channel(chat=channel, name=f"@{found.username}" if found.username else found.title or "the channel")

    async def admits(self, channel: Chat, user: str) -> bool:
        """Whether `user` still administers a channel. Raises UsageError where that cannot be found out."""
        try:
            return await self._admins.has(int(channel.address), int(user))
        except (BadRequest, Forbidden):
            raise misuse(
                "I'm no longer an administrator of that channel, so I can't see who is. Make me one again, or send "
                "/channel off."
            ) from None
        except TelegramError as error:
            raise _no_answer(error) from None

    async def _look_up(self, chat_id: int | str) -> ChatFullInfo:
        try:
            return await self._bot.get_chat(chat_id)
        except (BadRequest, Forbidden):
            raise misuse(
                "I can't see that channel. If that is its name, make me an administrator there first, then send this "
                "again."
            ) from None
        except TelegramError as error:
            raise _no_answer(error) from None

    async def _check_our_rights(self, chat_id: int) -> None:
        try:
            ours = await self._bot.get_chat_member(chat_id, self._bot.id)
        except (BadRequest, Forbidden):
            ours = None
        except TelegramError as error:
            raise _no_answer(error) from None
        if not isinstance(ours, ChatMemberAdministrator):
            raise misuse(
                "I'm not an administrator of that channel. Make me one with the right to post, then send this again."
            )
        if not ours.can_post_messages:
            raise misuse("I'm not allowed to post in that channel. Let me post messages there, then send this again.")


def _chat_id_of(wanted: str) -> int | str:
    """What Telegram takes for a chat: its id, or its @name. Raises UsageError."""
    if numbered := _NUMBERED.fullmatch(wanted):
        return FIRST_SUPERGROUP - int(numbered.group(1))
    if _ID.fullmatch(wanted):
        return int(wanted)
    if named := _NAMED.fullmatch(wanted):
        return f"@{named.group(1)}"
    raise misuse("“{wanted}” isn't a channel name. Send {example}.", wanted=wanted, example=code("/channel @name"))


def _no_answer(error: TelegramError) -> UsageError:
    log.warning("Telegram does not say who administers a channel", problem=error.message)
    return misuse("I couldn't ask Telegram about that channel. Please try again in a minute.")
