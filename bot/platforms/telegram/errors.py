"""What Telegram's refusals mean. Pure.

It tells most of them apart by the words of the description alone; these are the words of its server
(https://github.com/tdlib/telegram-bot-api, Client.cpp; those in capitals come from behind it).
"""

import os
from datetime import timedelta

from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter

from bot.errors import PlatformAway, SendError, SendUnknown
from bot.platforms.sending import Failure, Trouble, asked_to_wait, refused
from bot.platforms.telegram.client import NotSentError

# PTB gives lengths of time as timedelta only to those who ask for it, and warns all others.
os.environ.setdefault("PTB_TIMEDELTA", "true")

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


def failure_of(error: Exception) -> Failure:
    """What an error of Telegram's, or of the way there, means."""
    if isinstance(error, RetryAfter):
        return asked_to_wait(wait_of(error))
    if isinstance(error, InvalidToken):
        # PTB puts the token into the message.
        return Failure(error=PlatformAway("Telegram refuses the token"))
    if isinstance(error, NotSentError):
        return Failure(error=PlatformAway(error.message))
    if isinstance(error, BadRequest | Forbidden):
        description = error.message.lower()
        otherwise = Trouble.GONE if isinstance(error, Forbidden) else None
        trouble = next((trouble for words, trouble in _DESCRIPTIONS if words in description), otherwise)
        return Failure(error=SendError(error.message)) if trouble is None else refused(trouble, error.message)
    if isinstance(error, NetworkError):
        return Failure(error=SendUnknown(error.message), may_have_arrived=True)
    return Failure(error=SendError(str(error)))


def wait_of(error: RetryAfter) -> timedelta:
    """How long Telegram asks us to wait."""
    wait = error.retry_after
    return wait if isinstance(wait, timedelta) else timedelta(seconds=wait)
