"""What Telegram's refusals mean. Pure.

It tells most of them apart by the words of the description alone; these are the words of its server
(https://github.com/tdlib/telegram-bot-api, Client.cpp; those in capitals come from behind it).
"""

import os
from datetime import timedelta
from enum import StrEnum

from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.errors import ChatGone, SendError, SendLater, SendRefused, SendUnknown
from bot.platforms.telegram_request import NotSentError

# PTB gives lengths of time as timedelta only to those who ask for it, and warns all others.
os.environ.setdefault("PTB_TIMEDELTA", "true")


# A topic that was closed may have been opened again while nobody told us.
TOPIC_TRIED_AGAIN = timedelta(hours=1)


class Trouble(StrEnum):
    """What is wrong with a request, as far as something can be done about it."""

    GONE = "gone"  # blocked, kicked, deleted: the chat is lost to us
    NO_RIGHTS = "no rights"  # the chat is there, but we may not write in it
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
    ("chat_send_plain_forbidden", Trouble.NO_RIGHTS),
    ("chat_admin_required", Trouble.NO_RIGHTS),
    ("chat_restricted", Trouble.NO_RIGHTS),
    ("chat not found", Trouble.GONE),
    ("channel_private", Trouble.GONE),
    ("peer_id_invalid", Trouble.GONE),
)


def trouble_of(error: TelegramError) -> Trouble | None:
    """What a refusal means; None for all that only time can mend."""
    if isinstance(error, Forbidden):
        return Trouble.GONE
    if not isinstance(error, BadRequest):
        return None
    description = error.message.lower()
    return next((trouble for words, trouble in _DESCRIPTIONS if words in description), None)


def to_send_error(error: TelegramError) -> SendError:
    """The error as the rest of the program knows it."""
    if isinstance(error, RetryAfter):
        return SendLater(wait_of(error))
    trouble = trouble_of(error)
    if trouble in {Trouble.GONE, Trouble.NO_RIGHTS}:
        return ChatGone(error.message)
    if trouble in {Trouble.UNSENDABLE, Trouble.MARKUP, Trouble.NOT_EDITABLE}:
        return SendRefused(error.message)
    if trouble is Trouble.TOPIC_CLOSED:
        return SendLater(TOPIC_TRIED_AGAIN)
    if isinstance(error, InvalidToken):
        # PTB puts the token into the message.
        return SendError("Telegram refuses the token")
    if isinstance(error, BadRequest | NotSentError) or not isinstance(error, NetworkError):
        return SendError(error.message)
    return SendUnknown(error.message)


def wait_of(error: RetryAfter) -> timedelta:
    """How long Telegram asks us to wait."""
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
