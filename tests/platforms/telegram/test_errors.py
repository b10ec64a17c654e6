from datetime import timedelta

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.errors import ChatClosed, ChatGone, PlatformAway, SendError, SendLater, SendRefused, SendUnknown
from bot.platforms.sending import Trouble
from bot.platforms.telegram.client import NotSentError
from bot.platforms.telegram.errors import failure_of

# PTB takes the prefix ("Bad Request: ") off and writes the next letter large.
LOST = [
    Forbidden("Forbidden: bot was blocked by the user"),
    Forbidden("Forbidden: user is deactivated"),
    Forbidden("Forbidden: bot can't initiate conversation with a user"),
    Forbidden("Forbidden: bot was kicked from the supergroup chat"),
    Forbidden("Forbidden: bot is not a member of the channel chat"),
    Forbidden("Forbidden: the group chat was deleted"),
    BadRequest("Bad Request: chat not found"),
    BadRequest("Bad Request: private chat not found"),
    BadRequest("Bad Request: PEER_ID_INVALID"),
]


@pytest.mark.parametrize("error", LOST, ids=str)
def test_who_cannot_be_reached_any_more_is_gone(error: TelegramError) -> None:
    assert failure_of(error).trouble is Trouble.GONE
    assert isinstance(failure_of(error).error, ChatGone)


@pytest.mark.parametrize(
    ("description", "trouble"),
    [
        ('can\'t parse entities: Unsupported start tag "x" at byte offset 3', Trouble.MARKUP),
        ("message thread not found", Trouble.TOPIC_DELETED),
        ("TOPIC_CLOSED", Trouble.TOPIC_CLOSED),
        ("not enough rights to send text messages to the chat", Trouble.NO_RIGHTS),
        ("have no rights to send a message", Trouble.NO_RIGHTS),
        ("need administrator rights in the channel chat", Trouble.NO_RIGHTS),
        ("CHAT_WRITE_FORBIDDEN", Trouble.NO_RIGHTS),
        ("message to edit not found", Trouble.NOT_EDITABLE),
        ("message is not modified: specified new message content and reply markup are exactly", Trouble.UNCHANGED),
        ("message is too long", Trouble.UNSENDABLE),
        ("MESSAGE_TOO_LONG", Trouble.UNSENDABLE),
        ("message text is empty", Trouble.UNSENDABLE),
        ("text must be non-empty", Trouble.UNSENDABLE),
        ("ENTITIES_TOO_LONG", Trouble.UNSENDABLE),
        ("BUTTON_DATA_INVALID", Trouble.UNSENDABLE),
        ("something new", None),
    ],
)
def test_refusals_are_told_apart_by_their_words(description: str, trouble: Trouble | None) -> None:
    assert failure_of(BadRequest(f"Bad Request: {description}")).trouble is trouble


@pytest.mark.parametrize(
    "error", [TimedOut(), NetworkError("Bad Gateway"), NetworkError("the connection broke")], ids=str
)
def test_what_may_have_arrived_is_unknown(error: TelegramError) -> None:
    assert isinstance(failure_of(error).error, SendUnknown)


@pytest.mark.parametrize(
    "error",
    [BadRequest("Something new"), Conflict("Conflict"), ChatMigrated(-100)],
    ids=str,
)
def test_what_certainly_did_not_arrive_is_a_plain_failure(error: TelegramError) -> None:
    assert type(failure_of(error).error) is SendError


@pytest.mark.parametrize(
    "error", [NotSentError("no connection"), InvalidToken("secret")], ids=lambda e: type(e).__name__
)
def test_what_concerns_every_chat_alike_is_no_fault_of_one(error: TelegramError) -> None:
    assert type(failure_of(error).error) is PlatformAway
    assert "secret" not in str(failure_of(error).error)


@pytest.mark.parametrize(
    "error",
    [
        BadRequest("Bad Request: not enough rights to send text messages to the chat"),
        BadRequest("Bad Request: need administrator rights in the channel chat"),
        BadRequest("Bad Request: CHAT_SEND_PLAIN_FORBIDDEN"),
        Forbidden("Forbidden: CHAT_WRITE_FORBIDDEN"),
        Forbidden("Forbidden: not enough rights to send text messages to the chat"),
    ],
    ids=str,
)
def test_a_missing_right_closes_a_chat_for_now_whatever_the_code(error: TelegramError) -> None:
    assert isinstance(failure_of(error).error, ChatClosed)


@pytest.mark.parametrize(
    "description", ["Message is too long", "can't parse entities: what", "message to edit not found"]
)
def test_what_no_later_attempt_would_mend_is_refused_for_good(description: str) -> None:
    assert isinstance(failure_of(BadRequest(description)).error, SendRefused)


def test_a_closed_topic_loses_nobody() -> None:
    assert isinstance(failure_of(BadRequest("Bad Request: TOPIC_CLOSED")).error, SendLater)


@pytest.mark.parametrize("wait", [timedelta(seconds=3), timedelta(hours=12)])
def test_a_wait_is_as_long_as_telegram_asks(wait: timedelta) -> None:
    later = failure_of(RetryAfter(wait)).error
    assert isinstance(later, SendLater)
    assert later.retry_after == wait


def test_the_token_is_not_told() -> None:
    assert "12345:secret" not in str(
        failure_of(InvalidToken("The token `12345:secret` was rejected by the server.")).error
    )
