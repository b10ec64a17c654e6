"""What Telegram's updates mean: who asks what, where. Pure."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from telegram import (
    CallbackQuery,
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberRestricted,
    ChatMemberUpdated,
    MaybeInaccessibleMessage,
    Message,
    MessageOriginChannel,
    Update,
)
from telegram.constants import ChatType

from bot.core.model import Chat
from bot.platforms.telegram.adapter import PLATFORM

# All that we ask Telegram for. Edited messages are not among them: what was obeyed once is not obeyed again.
KINDS = (
    Update.MESSAGE,
    Update.CHANNEL_POST,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
    Update.CHAT_MEMBER,
)

# Ids of supergroups and channels go down from here, for bots.
FIRST_SUPERGROUP = -1_000_000_000_000

# A question that waited longer for us than this is not waited for any more.
LATEST = timedelta(minutes=5)

_COMMAND = re.compile(r"/(\w+)(?:@(\w+))?(?=\s|$)")
# Before a command: the channel or topic for which its button was shown.
_MARK = re.compile(r"^[@#]\d+")
_ABSENT = {ChatMember.LEFT, ChatMember.BANNED}


def chat_of(message: MaybeInaccessibleMessage) -> Chat:
    """The conversation that a message stands in: a chat, and the topic of a forum if it is in one.

    In other groups threads are only replies to replies, and the general topic of a forum has no number.
    """
    thread = message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
    return Chat(platform=PLATFORM, address=str(message.chat.id), thread=str(thread or ""))


def topic_url(chat_id: int) -> str:
    """Where a topic of a supergroup is found, with `{topic}` for its number."""
    # https://core.telegram.org/api/links#message-links, https://core.telegram.org/api/bots/ids
    return f"https://t.me/c/{FIRST_SUPERGROUP - chat_id}/{{topic}}"


def whole(chat_id: int) -> Chat:
    """A chat with all its topics."""
    return Chat(platform=PLATFORM, address=str(chat_id))


def line_of(message: Message, username: str, is_known: Callable[[str], bool]) -> str | None:
    """What a message asks of us, as the command line that it is on every platform; None when it is not meant for us.

    In a private chat all text is, and so are a channel that was picked and the post of a channel; what has no text is
    an empty line. Where others talk, too, only commands are, and among those not what names another bot
    (`/rules@other_bot`) or what names none and is not known here. What somebody forwards, or has
    another bot write, is nobody's command: whoever wrote it may not give it here, and whoever shows it does not.
    """
    text = _text_of(message)
    is_private = message.chat.type == ChatType.PRIVATE
    if is_private and message.chat_shared:
        return f"/channel {message.chat_shared.chat_id}"
    if is_private and isinstance(message.forward_origin, MessageOriginChannel):
        return f"/offer {message.forward_origin.chat.id}"
    if message.forward_origin or message.via_bot:
        return text.lstrip("/ \n") if is_private else None
    found = _COMMAND.match(text)
    if found is None:
        return text if is_private and (text or message.effective_attachment) else None
    name, bot = found.group(1), found.group(2)
    is_meant = is_known(name.lower()) if bot is None else bot.lower() == username.lower()
    if not is_private and not is_meant:
        return None
    # What follows /start is the payload of a link to the bot, not something that a person typed.
    return "/start" if name.lower() == "start" else f"/{name}{text[found.end() :]}"


def _text_of(message: Message) -> str:
    """What a message says, be it below a picture."""
    return message.text or message.caption or ""


def command_of(line: str) -> str:
    """The name of the command in a line, be it a button's."""
    found = _COMMAND.match(_MARK.sub("", line))
    return found.group(1).lower() if found else ""


def chat_id_of(update: Update) -> int:
    """Which chat an update is about; 0 for one that is about none."""
    return update.effective_chat.id if update.effective_chat else 0


def asker_of(update: Update) -> tuple[int, int]:
    """Behind whose questions an update waits for its turn: a chat's and, where several people ask, one person's in it.

    0 stands for nobody, as for all that is no question.
    """
    chat_id = chat_id_of(update)
    asks = is_shared(chat_id) and is_question(update) and update.effective_user
    return chat_id, asks.id if asks else 0


def is_shared(chat_id: int) -> bool:
    """Whether a chat is a group or channel; their ids are negative (https://core.telegram.org/api/bots/ids)."""
    return chat_id < 0


def is_question(update: Update) -> bool:
    """Whether somebody waits for an answer."""
    message = update.message or update.channel_post
    return update.callback_query is not None or (message is not None and _says_something(message))


def _says_something(message: Message) -> bool:
    return bool(_text_of(message) or (message.chat.type == ChatType.PRIVATE and message.effective_attachment))


def worth_taking(backlog: Sequence[Update], now: datetime) -> list[Update]:
    """Of what came while we were away: each chat's newest command, if it is not too old, its newest press of a button
    (presses have no date of their own), and all that is no question.
    """
    newest = {_asking(update): update for update in backlog}
    return [
        update
        for update in backlog
        if not is_question(update) or (newest[_asking(update)] is update and not is_late(update, now))
    ]


def _asking(update: Update) -> tuple[int, bool, bool]:
    return chat_id_of(update), is_question(update), update.callback_query is not None


def is_late(update: Update, now: datetime) -> bool:
    """Whether nobody waits any more for the answer to a question."""
    message = update.message or update.channel_post
    return message is not None and _says_something(message) and now - message.date > LATEST


def is_absent(member: ChatMember) -> bool:
    """Whether somebody is not, or no longer, in a chat. In private chats: has blocked us."""
    return member.status in _ABSENT


def was_added(change: ChatMemberUpdated) -> bool:
    """Whether we have come into a chat by this change, new or again."""
    return is_absent(change.old_chat_member) and not is_absent(change.new_chat_member)


def may_write_again(change: ChatMemberUpdated) -> bool:
    """Whether a right to write in a chat that we are in came back by this change."""
    return _may_write(change.new_chat_member) and not _may_write(change.old_chat_member)


def _may_write(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    # Only in channels it is said of administrators whether they may post.
    if isinstance(member, ChatMemberAdministrator):
        return member.can_post_messages is not False
    return not is_absent(member)


def was_removed(change: ChatMemberUpdated) -> bool:
    """Whether we have left a chat by this change, or have been blocked."""
    return is_absent(change.new_chat_member)


def migration_of(message: Message) -> tuple[int, int] | None:
    """The old and the new id of a group that became a supergroup: both chats get a message that says so."""
    if message.migrate_to_chat_id is not None:
        return message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id is not None:
        return message.migrate_from_chat_id, message.chat.id
    return None


def was_opened(message: Message) -> bool:
    """Whether a message only says that the topic in which it stands is open again; bots are told so in any group."""
    return message.forum_topic_reopened is not None or message.general_forum_topic_unhidden is not None


def line_of_press(query: CallbackQuery) -> str | None:
    """The command line of a button; None for a button that is none of ours, or of long ago."""
    return query.data if query.data and _MARK.sub("", query.data).startswith("/") else None


def lines_of(message: MaybeInaccessibleMessage) -> frozenset[str] | None:
    """The command lines of a message's buttons; None where Telegram shows none, as of messages that are too old."""
    keyboard = message.reply_markup if isinstance(message, Message) else None
    if keyboard is None:
        return None
    return frozenset(str(button.callback_data) for row in keyboard.inline_keyboard for button in row)


def asker_answered_by(message: MaybeInaccessibleMessage) -> int:
    """Who asked what a message of ours answers; 0 where Telegram does not tell, or it answers nobody."""
    asked = message.reply_to_message if isinstance(message, Message) else None
    return asked.from_user.id if asked and asked.from_user else 0


def update_of(raw: dict[str, Any]) -> Update | None:
    """The update as PTB reads it, or None where it cannot: Telegram's newest kinds, and its errors."""
    try:
        update = Update.de_json(raw)
    except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError):
        return None
    message = update.message or update.channel_post
    # PTB takes over what it reads without looking; we count on these four.
    is_sound = (
        isinstance(chat_id_of(update), int)
        and isinstance(update.effective_user.id if update.effective_user else 0, int)
        and (message is None or (isinstance(message.date, datetime) and message.chat is not None))
    )
    return update if is_sound else None
