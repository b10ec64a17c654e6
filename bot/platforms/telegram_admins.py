"""Who may change what a chat follows: its administrators, as Telegram knows them."""

from datetime import datetime, timedelta

from telegram import Bot, ChatMember, Message
from telegram.constants import ChatType

from bot.clock import Clock

# Telegram tells us of changes only where we are administrators ourselves; elsewhere this is how late we learn of one.
REMEMBERED = timedelta(seconds=60)

_RANKS = {ChatMember.OWNER, ChatMember.ADMINISTRATOR}


class Admins:
    """Knows for a minute what Telegram said of a member."""

    def __init__(self, bot: Bot, clock: Clock) -> None:
        self._bot = bot
        self._clock = clock
        self._known: dict[int, dict[int, tuple[bool, datetime]]] = {}

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
        known = self._known.setdefault(chat_id, {})
        now = self._clock.now()
        if user_id not in known or now - known[user_id][1] > REMEMBERED:
            self._drop_old(now)
            member = await self._bot.get_chat_member(chat_id, user_id)
            known = self._known.setdefault(chat_id, {})
            known[user_id] = member.status in _RANKS, now
        return known[user_id][0]

    def forget(self, chat_id: int) -> None:
        """Ask anew about a chat: something about its members has changed."""
        self._known.pop(chat_id, None)

    def _drop_old(self, now: datetime) -> None:
        self._known = {
            chat: fresh
            for chat, members in self._known.items()
            if (fresh := {user: known for user, known in members.items() if now - known[1] <= REMEMBERED})
        }
