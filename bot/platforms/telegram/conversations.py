"""What becomes of each update: somebody wrote, pressed a button, let us into a chat or put us out."""

from collections import deque
from dataclasses import replace

import structlog
from telegram import Bot, CallbackQuery, ChatMemberUpdated, MaybeInaccessibleMessage, Message, Update
from telegram.constants import ChatType
from telegram.error import TelegramError

from bot.clock import Clock
from bot.commands.framework.arguments import to_request
from bot.commands.framework.command import Command, Notice, Press, Who
from bot.commands.framework.request import Request
from bot.core.message import blocks as words
from bot.platforms.base import Answer, ChatEvents
from bot.platforms.buttons import DoubleClickGuard
from bot.platforms.telegram.admins import Admins
from bot.platforms.telegram.busy import drawing
from bot.platforms.telegram.channels import Channels
from bot.platforms.telegram.replies import Replies, fits_notice
from bot.platforms.telegram.sender import Post
from bot.platforms.telegram.updates import (
    asker_answered_by,
    chat_of,
    command_of,
    is_shared,
    line_of,
    line_of_press,
    lines_of,
    may_write_again,
    migration_of,
    topic_url,
    was_added,
    was_opened,
    was_removed,
    whole,
)

log = structlog.get_logger()

# Albums come as one message a picture, all within a second or two.
ALBUMS_KEPT = 100

GROUPS = {ChatType.GROUP, ChatType.SUPERGROUP}

OLD_BUTTON = words.Message(
    (words.Block(words.say("This button is too old for me to recognise. /help lists what I can do.")),)
)
OLD_MESSAGE = words.Message(
    (words.Block(words.say("This message is too old for its buttons to work. /help lists what you can send instead.")),)
)
NO_SUCH_BUTTON = words.Message((words.Block(words.say("This message doesn't have that button any more.")),))
CANNOT_ASK = words.Message(
    (words.Block(words.say("I couldn't ask Telegram whether you are an admin here. Please try again in a minute.")),)
)


class Conversations:
    """Asks for the answer to each update that wants one, and has it shown."""

    def __init__(
        self,
        answer: Answer,
        *,
        bot: Bot,
        table: tuple[Command, ...],
        replies: Replies,
        post: Post,
        changes: ChatEvents,
        clock: Clock,
    ) -> None:
        self._answer = answer
        self._bot = bot
        self._table = {command.name: command for command in table}
        self._admins = Admins(bot, clock)
        self._channels = Channels(bot, self._admins)
        self._replies = replies
        self._post = post
        self._changes = changes
        self._presses = DoubleClickGuard(clock)
        self._albums: deque[str] = deque(maxlen=ALBUMS_KEPT)

    async def handle(self, update: Update) -> None:
        """Do what an update asks for. Raises SendError when an answer was not sent."""
        if update.callback_query:
            await self._pressed(update.callback_query)
        elif update.my_chat_member:
            await self._moved_us(update.my_chat_member)
        elif update.chat_member:
            self._admins.forget(update.chat_member.chat.id)
        elif message := update.message or update.channel_post:
            await self._wrote(message)

    async def acknowledge_early(self, update: Update) -> None:
        """An update takes long, or is passed over: whoever pressed a button should not watch it spin meanwhile."""
        if update.callback_query:
            await self._replies.acknowledge(update.callback_query)

    async def _wrote(self, message: Message) -> None:
        migration = migration_of(message)
        if migration is not None:
            await self._post.moved(*migration)
        if was_opened(message):
            await self._post.reopened(chat_of(message))
        line = line_of(message, self._bot.username, self._table.__contains__)
        if line is None or self._is_told_already(message, line):
            return
        chat = chat_of(message)
        reply_to = message.message_id if message.chat.type in GROUPS else None
        try:
            is_admin = _is_alone(message.chat.type) or (self._is_for_admins(line) and await self._admins.wrote(message))
        except TelegramError as error:
            log.warning("Telegram does not say who is an admin", problem=error.message)
            await self._replies.show(chat, CANNOT_ASK, reply_to=reply_to)
            return
        answered = message.reply_to_message
        request = self._request(
            message,
            line,
            # Nobody, for what a chat itself says (channels, anonymous admins).
            user=str(message.from_user.id) if message.from_user and message.sender_chat is None else "",
            user_is_admin=is_admin,
            # Whoever shows a post has typed nothing: the command is ours, as a button's is.
            from_button=message.forward_origin is not None and line.startswith("/"),
            reply_to=str(answered.message_id) if answered else "",
        )
        answer = await self._answer_of(request)
        await self._replies.show(chat, answer, reply_to=reply_to)

    def _is_told_already(self, message: Message, line: str) -> bool:
        """Whether a picture without words belongs to an album of which another was seen."""
        album = message.media_group_id
        if album is None:
            return False
        is_seen = album in self._albums
        self._albums.append(album)
        return is_seen and not line

    async def _pressed(self, query: CallbackQuery) -> None:
        line, message = line_of_press(query), query.message
        if message is None or line is None:
            await self._notify(query, OLD_BUTTON)
            return
        pressed = message.chat.id, message.message_id
        if self._presses.is_repeated(pressed, line):
            await self._replies.acknowledge(query)
            return
        refused = self._why_not(message, line)
        if refused is not None:
            self._presses.forget(pressed)
            await self._notify(query, refused)
            return
        is_alone, for_admins = _is_alone(message.chat.type, buttons=True), self._is_for_admins(line)
        try:
            is_admin = is_alone or (for_admins and await self._admins.has(message.chat.id, query.from_user.id))
        except TelegramError as error:
            log.warning("Telegram does not say who is an admin", problem=error.message)
            self._presses.forget(pressed)
            await self._notify(query, CANNOT_ASK)
            return
        user = str(query.from_user.id)
        request = self._request(message, line, user=user, user_is_admin=is_admin, from_button=True)
        is_own = self._press_of(request) is Press.REPLACE and asker_answered_by(message) == query.from_user.id
        request = replace(request, is_own=is_own)
        answer, press = await self._answer_of(request), self._press_of(request)
        is_refused = answer is None or isinstance(answer, Notice)
        if is_refused:
            self._presses.forget(pressed)
        if is_refused or press is Press.NOTICE:
            await self._notify(query, answer)
        else:
            await self._replies.acknowledge(query)
            await self._show(message, answer, press)

    def _why_not(self, message: MaybeInaccessibleMessage, line: str) -> words.Message | None:
        """Why a press counts for nothing: data can be forged, and only a message that shows its buttons bears it out.

        Where Telegram does not show them any more, what anybody may read is read all the same.
        """
        carried = lines_of(message)
        if carried is not None:
            return None if line in carried else NO_SUCH_BUTTON
        command = self._table.get(command_of(line))
        return None if command is not None and command.only_reads else OLD_MESSAGE

    async def _answer_of(self, request: Request) -> words.Message | None:
        """The answer; while it is drawn, people see that a picture is on its way. Channels show no such thing."""
        command = self._table.get(request.command)
        if command is None or not command.draws or request.is_channel:
            return await self._answer(request)
        async with drawing(self._bot, request.chat):
            return await self._answer(request)

    async def _notify(self, query: CallbackQuery, answer: words.Message | None) -> None:
        """Answer in a box that passes. Where the button was soothed before, or much is said, it is a message."""
        notice = words.plain(answer) if answer else ""
        fits = fits_notice(notice)
        in_time = await self._replies.acknowledge(query, notice if notice and fits else None)
        if query.message is not None and not (in_time and fits):
            await self._show(query.message, answer, Press.REPLY)

    async def _show(self, message: MaybeInaccessibleMessage, answer: words.Message | None, press: Press) -> None:
        """Show what pressing a button below a message has come to."""
        number = message.message_id if message.is_accessible else None
        edits, reply_to = (number, None) if press is Press.REPLACE else (None, number)
        await self._replies.show(chat_of(message), answer, edits=edits, reply_to=reply_to)

    def _press_of(self, request: Request) -> Press:
        """What a button does to its message; one of another version leaves it."""
        command = self._table.get(request.command)
        return command.press if command else Press.REPLY

    async def _moved_us(self, change: ChatMemberUpdated) -> None:
        """We were added to a chat, removed from it, blocked, let in again, or given other rights."""
        self._admins.forget(change.chat.id)
        chat = whole(change.chat.id)
        if was_removed(change) and not self._post.has_moved(change.chat.id):
            await self._changes.on_lost(chat)
            return
        if may_write_again(change):
            await self._post.closed_chats.open(chat)
        # Not in a channel, whose readers need not know of us, and not where a group only became a supergroup.
        if was_added(change) and change.chat.type in GROUPS and not self._post.has_moved(change.chat.id):
            greeting = to_request(chat, "/start", user=str(change.from_user.id), is_shared=True)
            await self._replies.show(chat, await self._answer(replace(greeting, is_greeting=True)))

    def _request(
        self,
        message: MaybeInaccessibleMessage,
        line: str,
        *,
        user: str,
        user_is_admin: bool,
        from_button: bool = False,
        reply_to: str = "",
    ) -> Request:
        """What is asked by a message, or by a button below it."""
        request = to_request(
            chat_of(message),
            line,
            user=user,
            user_is_admin=user_is_admin,
            from_button=from_button,
            is_channel=message.chat.type == ChatType.CHANNEL,
            channels=self._channels if message.chat.type == ChatType.PRIVATE else None,
            reply_to=reply_to,
            is_shared=is_shared(message.chat.id),
        )
        return replace(request, topic_url=topic_url(message.chat.id) if message.chat.is_forum else "")

    def _is_for_admins(self, line: str) -> bool:
        command = self._table.get(command_of(line))
        return command is not None and command.who is Who.ADMIN


def _is_alone(chat_type: str, *, buttons: bool = False) -> bool:
    """Whether whoever asks rules the chat by its nature; in a channel all see the buttons, but only admins write."""
    return chat_type == ChatType.PRIVATE or (chat_type == ChatType.CHANNEL and not buttons)
