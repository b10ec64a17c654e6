"""What Discord's refusals mean. Pure.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

import aiohttp
from discord import (
    ConnectionClosed,
    GatewayNotFound,
    HTTPException,
    LoginFailure,
    PrivilegedIntentsRequired,
    RateLimited,
)

from bot.errors import ChatGone, SendError, SendLater, SendRefused, SendUnknown

# A proxy before Discord refuses whole addresses for a while, without saying for how long.
BANNED = timedelta(minutes=10)
TOO_MANY = 429
FAULT = 500
ALREADY_ACKNOWLEDGED = 40060


class Trouble(StrEnum):
    """What is wrong with a request, as far as something can be done about it."""

    GONE = "gone"  # deleted, removed, not allowed, locked: nothing of ours arrives there any more
    MARKUP = "markup"  # what we sent is no valid message: our fault
    NOT_EDITABLE = "not editable"
    NO_TEXT = "no text"  # a forum, of which we have not heard yet
    NO_TAG = "no tag"  # posts of this forum need one


_CODES: Mapping[int, Trouble] = {
    10008: Trouble.NOT_EDITABLE,  # Unknown Message
    40067: Trouble.NO_TAG,
    50005: Trouble.NOT_EDITABLE,  # Cannot edit a message authored by another user
    50006: Trouble.MARKUP,  # Cannot send an empty message
    50008: Trouble.NO_TEXT,  # Cannot send messages in a non-text channel
    50035: Trouble.MARKUP,  # Invalid Form Body
    50083: Trouble.GONE,  # This thread is archived, and only its moderators may change that
    160005: Trouble.GONE,  # This thread is locked
}
# So many of these in ten minutes ban the address (see topics/rate-limits#invalid-request-limit-aka-cloudflare-bans).
_GONE_STATUS = frozenset({403, 404})

AWAY = (aiohttp.ClientError, HTTPException, GatewayNotFound, ConnectionClosed, RateLimited, OSError, TimeoutError)
"""All that is raised when Discord, or the way to it, fails."""

_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway
_CLOSED: Mapping[int | None, str] = {
    4004: "Discord refuses the token; copy it anew from the developer portal",
    4010: "Discord refuses this shard",
    4011: "Discord asks for more shards",
    4012: "Discord does not know this version of its gateway any more",
    4013: "Discord does not know an intent that is asked for",
    4014: "Discord does not allow an intent that is asked for; see Bot, Privileged Gateway Intents in its portal",
}


def trouble_of(error: Exception) -> Trouble | None:
    """What a refusal means; None for all that only time can mend."""
    if not isinstance(error, HTTPException):
        return None
    return _CODES.get(error.code, Trouble.GONE if error.status in _GONE_STATUS else None)


def wait_of(error: Exception) -> timedelta | None:
    """How long Discord asks us to wait; None for an error that asks for no such thing."""
    if isinstance(error, RateLimited):
        return timedelta(seconds=error.retry_after)
    if isinstance(error, HTTPException) and error.status == TOO_MANY:
        asked = error.response.headers.get("Retry-After", "")
        return timedelta(seconds=int(asked)) if asked.isdecimal() else BANNED
    return None


def may_have_arrived(error: Exception) -> bool:
    """Whether what was sent may be there in spite of the error."""
    if isinstance(error, HTTPException):
        return error.status >= FAULT
    return isinstance(error, aiohttp.ClientError | OSError | TimeoutError) and not isinstance(error, _NOT_SENT)


def to_send_error(error: Exception) -> SendError:
    """The error as the rest of the program knows it."""
    wait = wait_of(error)
    if wait is not None:
        return SendLater(wait)
    if isinstance(error, HTTPException):
        return _refusal(error)
    if may_have_arrived(error):
        return SendUnknown(f"the connection with Discord broke ({type(error).__name__})")
    return SendError(f"no connection with Discord ({type(error).__name__})")


def _refusal(error: HTTPException) -> SendError:
    said = f"{error.text or 'no reason given'} (Discord's code {error.code}, HTTP {error.status})"
    if trouble_of(error) is Trouble.GONE:
        return ChatGone(said)
    if trouble_of(error) is not None:
        return SendRefused(said)
    # Of 5xx too, since every attempt has the same nonce: what had arrived would have been answered with by now.
    return SendError(said)


def problem_of(error: Exception) -> str:
    """Why the connection ended, in a sentence."""
    if isinstance(error, LoginFailure):
        return _CLOSED[4004]
    if isinstance(error, PrivilegedIntentsRequired):
        return _CLOSED[4014]
    if isinstance(error, ConnectionClosed):
        return _CLOSED.get(error.code, f"Discord closed the connection ({error.code})")
    # Messages of aiohttp can hold addresses; their kind says enough.
    return f"Discord cannot be reached ({type(error).__name__})"
