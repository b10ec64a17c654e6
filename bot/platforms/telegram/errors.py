"""What Telegram's refusals mean. Pure.

It tells most of them apart by the words of the description alone; these are the words of its server
(https://github.com/tdlib/telegram-bot-api, Client.cpp; those in capitals come from behind it).
"""

import os
from datetime import timedelta
from enum import StrEnum

from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.errors import ChatClosed, ChatGone, PlatformAway, SendError, SendLater, SendRefused, SendUnknown
from bot.platforms.closed_chats import TRIED_AGAIN
from bot.platforms.telegram.client import NotSentError

# PTB gives lengths of time as timedelta only to those who ask for it, and warns all others.
os.environ.setdefault("PTB_TIMEDELTA", "true")


# A topic that was closed may have been opened again while nobody told us.
TOPIC_TRIED_AGAIN = timedelta(hours=1)


class Trouble(StrEnum):
    """What is wrong with a request, as far as something can be done about it."""

    GONE = "gone"  # blocked, kicked, deleted: the chat is lost to us
    NO_RIGHTS = "no rights"  # the chat is there, but we may not write in it for now
    TOPIC_CLOSED = "topic closed"  # the rest of the group is there
    TOPIC_DELETED = "topic deleted"
    MARKUP = "markup"  # what we sent is no valid HTML: our fault
    NOT_EDITABLE = "not editable"
    UNSENDABLE = "unsendable"  # no chat will ever be shown it
    UNCHANGED = "unchanged"  # it reads already as we would have it read


# Fragments of descriptions; the first that is found decides.
_DESCRIPTIONS = (
    ("can't parse entities", Trouble.MARKUP),
    ("message is not modified", Trouble.UNCHANGED),
    ("message to edit not found", Trouble.NOT_EDITABLE),
    ("message can't be edited", Trouble.NOT_EDITABLE),
    ("message_id_invalid", Trouble.NOT_EDITABLE),
    ("message is too long", Trouble.UNSENDABLE),
    ("message_too_long", Trouble.UNSENDABLE),
    ("message text is empty", Trouble.UNSENDABLE),
    ("text must be non-empty", Trouble.UNSENDABLE),
    ("text must be encoded in utf-8", Trouble.UNSENDABLE),
    ("message_empty", Trouble.UNSENDABLE),
    ("entities_too_long", Trouble.UNSENDABLE),
    ("reply_markup_too_long", Trouble.UNSENDABLE),
    ("reply markup is too long", Trouble.UNSENDABLE),
    ("button_data_invalid", Trouble.UNSENDABLE),
    ("button_url_invalid", Trouble.UNSENDABLE),
    ("message thread not found", Trouble.TOPIC_DELETED),
    ("topic_closed", Trouble.TOPIC_CLOSED),
    ("topic_deleted", Trouble.TOPIC_DELETED),
    ("topic_id_invalid", Trouble.TOPIC_DELETED),
    ("not enough rights", Trouble.NO_RIGHTS),
    ("have no rights", Trouble.NO_RIGHTS),
    ("need administrator rights", Trouble.NO_RIGHTS),
    ("chat_write_forbidden", Trouble.NO_RIGHTS),
    ("chat_send_", Trouble.NO_RIGHTS),  # CHAT_SEND_PLAIN_FORBIDDEN and its like
    ("chat_guest_send_forbidden", Trouble.NO_RIGHTS),
    ("chat_admin_required", Trouble.NO_RIGHTS),
    ("chat_restricted", Trouble.NO_RIGHTS),
    ("chat not found", Trouble.GONE),
    ("channel_private", Trouble.GONE),
    ("peer_id_invalid", Trouble.GONE),
)


def trouble_of(error: TelegramError) -> Trouble | None:
    """What a refusal means; None for all that only time can mend."""
    if not isinstance(error, BadRequest | Forbidden):
        return None
    description = error.message.lower()
    otherwise = Trouble.GONE if isinstance(error, Forbidden) else None
    return next((trouble for words, trouble in _DESCRIPTIONS if words in description), otherwise)


def to_send_error(error: TelegramError) -> SendError:
    """The error as the rest of the program knows it."""
    if isinstance(error, RetryAfter):
        return SendLater(wait_of(error))
    trouble = trouble_of(error)
    match trouble:
        case Trouble.GONE:
            return ChatGone(error.message)
        case Trouble.NO_RIGHTS:
            return ChatClosed(error.message, retry_after=TRIED_AGAIN)
        case Trouble.UNSENDABLE | Trouble.MARKUP | Trouble.NOT_EDITABLE:
            return SendRefused(error.message)
        case Trouble.TOPIC_CLOSED:
            return SendLater(TOPIC_TRIED_AGAIN)
    return _without_answer(error)


def _without_answer(error: TelegramError) -> SendError:
    """Of what is no refusal of this message, or none that we know."""
    if isinstance(error, InvalidToken):
        # PTB puts the token into the message.
        return PlatformAway("Telegram refuses the token")
    if isinstance(error, NotSentError):
        return PlatformAway(error.message)
    if isinstance(error, BadRequest) or not isinstance(error, NetworkError):
        return SendError(error.message)
    return SendUnknown(error.message)


def wait_of(error: RetryAfter) -> timedelta:
    """How long Telegram asks us to wait."""
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
