"""Who may change what a chat follows: its administrators, as Telegram knows them."""

from datetime import datetime, timedelta

from telegram import Bot, ChatMember, Message
from telegram.constants import ChatType

from bot.clock import Clock

# Where we are no administrators ourselves Telegram tells us of no promotion: this is how late we learn of one.
REMEMBERED = timedelta(seconds=60)

_RANKS = {ChatMember.OWNER, ChatMember.ADMINISTRATOR}


class Admins:
    """Asks Telegram each time, and remembers for a minute only who is none: no flood of theirs is a flood of ours."""

    def __init__(self, bot: Bot, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock
        self._others: dict[int, dict[int, datetime]] = {}

    async def wrote(self, message: Message) -> bool:
        """Whether an administrator wrote a message. Raises TelegramError when Telegram cannot be asked."""
        if message.chat.type in {ChatType.PRIVATE, ChatType.CHANNEL}:
            # Everybody rules their own private chat, and only administrators post in a channel.
            return True
        if message.sender_chat is not None:
            # Administrators who stay anonymous write as the group itself; others may write as their channel.
            return message.sender_chat.id == message.chat.id
        return message.from_user is not None and await self.has(message.chat.id, message.from_user.id)

    async def has(self, chat_id: int, user_id: int) -> bool:
        """Whether somebody is an administrator of a group or channel. Raises TelegramError."""
        now = self._clock.now()
        known_since = self._others.get(chat_id, {}).get(user_id)
        if known_since is not None and abs(now - known_since) <= REMEMBERED:
            return False
        is_admin = (await self._bot.get_chat_member(chat_id, user_id)).status in _RANKS
        if not is_admin:
            self._others = {
                chat: fresh
                for chat, members in self._others.items()
                if (fresh := {user: since for user, since in members.items() if now - since <= REMEMBERED})
            }
            self._others.setdefault(chat_id, {})[user_id] = now
        return is_admin

    def forget(self, chat_id: int) -> None:
        """Ask anew about a chat: something about its members has changed."""
        self._others.pop(chat_id, None)
