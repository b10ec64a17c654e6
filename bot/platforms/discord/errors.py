"""What Discord's refusals mean. Pure.

Codes: https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
"""

from collections.abc import Mapping
from datetime import timedelta

import aiohttp
from discord import (
    ConnectionClosed,
    GatewayNotFound,
    HTTPException,
    LoginFailure,
    PrivilegedIntentsRequired,
    RateLimited,
)

from bot.errors import Fault, PlatformAway, SendError, SendUnknown
from bot.platforms.sending import Failure, Trouble, asked_to_wait, refused

# A proxy before Discord refuses whole addresses for a while, without saying for how long.
BANNED = timedelta(minutes=10)
TOO_MANY = 429
FAULT = 500
ALREADY_ACKNOWLEDGED = 40060


_CODES: Mapping[int, Trouble] = {
    10008: Trouble.NOT_EDITABLE,  # Unknown Message
    40067: Trouble.NO_TAG,
    50005: Trouble.NOT_EDITABLE,  # Cannot edit a message authored by another user
    50001: Trouble.NO_RIGHTS,  # Missing Access
    50007: Trouble.GONE,  # Cannot send messages to this user
    50006: Trouble.MARKUP,  # Cannot send an empty message
    50008: Trouble.NO_TEXT,  # Cannot send messages in a non-text channel
    50013: Trouble.NO_RIGHTS,  # Missing Permissions
    50035: Trouble.MARKUP,  # Invalid Form Body
    50083: Trouble.NOT_EDITABLE,  # Thread is archived: a new message would reopen it, an edit does not
    160002: Trouble.NOT_ANSWERABLE,  # Cannot reply without permission to read message history
    160005: Trouble.LOCKED,  # This thread is locked
}
# So many of these in ten minutes ban the address (see topics/rate-limits#invalid-request-limit-aka-cloudflare-bans).
_STATUS: Mapping[int, Trouble] = {403: Trouble.NO_RIGHTS, 404: Trouble.GONE}
UNAUTHORIZED = 401

AWAY = (aiohttp.ClientError, HTTPException, GatewayNotFound, ConnectionClosed, RateLimited, OSError, TimeoutError)
"""All that is raised when Discord, or the way to it, fails."""

_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

WRONG_TOKEN = Fault(
    where="setting discord.token (or FAULTLINE_DISCORD__TOKEN)",
    what="Discord doesn't recognise this token; get a new one from the developer portal (Bot, Reset Token)",
)
WRONG_INTENTS = Fault(
    where="the application in Discord's developer portal",
    what="Discord doesn't let it see its servers (the Guilds intent); is it blocked, or another kind of application?",
)
OLD_GATEWAY = Fault(
    where="this version of Faultline",
    what="Discord no longer accepts its gateway version or shards; a newer version is needed",
)
# https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
_CLOSED: Mapping[int | None, Fault] = {
    4004: WRONG_TOKEN,
    4010: OLD_GATEWAY,
    4012: OLD_GATEWAY,
    4013: WRONG_INTENTS,
    4014: WRONG_INTENTS,
}
REFUSED = (LoginFailure, PrivilegedIntentsRequired, ConnectionClosed)
"""What may mean that Discord does not want us as we are (see `fault_of`)."""


def failure_of(error: Exception) -> Failure:
    """What an error of Discord's, of the library or of the way there means."""
    wait = wait_of(error)
    if wait is not None:
        return asked_to_wait(wait)
    if isinstance(error, HTTPException):
        said = f"{error.text or 'no reason given'} (Discord's code {error.code}, HTTP {error.status})"
        trouble = _CODES.get(error.code, _STATUS.get(error.status))
        if error.status >= FAULT:
            # Every attempt has the same nonce: what had arrived would have been answered with in the end.
            return Failure(error=PlatformAway(said), may_have_arrived=True)
        if trouble is not None:
            return refused(trouble, said)
        return Failure(error=PlatformAway(said) if error.status == UNAUTHORIZED else SendError(said))
    if isinstance(error, _NOT_SENT):
        return Failure(error=PlatformAway(f"no connection to Discord ({type(error).__name__})"))
    if isinstance(error, aiohttp.ClientError | OSError | TimeoutError):
        said = f"the connection to Discord broke ({type(error).__name__})"
        return Failure(error=SendUnknown(said), may_have_arrived=True)
    if isinstance(error, AWAY):
        return Failure(error=PlatformAway(f"no connection to Discord ({type(error).__name__})"))
    return Failure(error=SendError(f"the library refuses it: {error}"))


def wait_of(error: Exception) -> timedelta | None:
    """How long Discord asks us to wait; None for an error that asks for no such thing."""
    if isinstance(error, RateLimited):
        return timedelta(seconds=error.retry_after)
    if isinstance(error, HTTPException) and error.status == TOO_MANY:
        asked = error.response.headers.get("Retry-After", "")
        return timedelta(seconds=int(asked)) if asked.isdecimal() else BANNED
    return None


def fault_of(error: Exception) -> Fault | None:
    """What only the operator can mend; None when time can."""
    if isinstance(error, LoginFailure):
        return WRONG_TOKEN
    if isinstance(error, PrivilegedIntentsRequired):
        return WRONG_INTENTS
    return _CLOSED.get(error.code) if isinstance(error, ConnectionClosed) else None


def problem_of(error: Exception) -> str:
    """Why the connection ended, in a sentence."""
    if isinstance(error, ConnectionClosed):
        return f"Discord closed the connection ({error.code})"
    # Messages of aiohttp can hold addresses; their kind says enough.
    return f"Discord cannot be reached ({type(error).__name__})"
