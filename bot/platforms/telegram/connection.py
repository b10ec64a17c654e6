"""The connection with Telegram: which of its errors are waited out, and what the log says of them."""

from collections.abc import Awaitable, Callable

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.platforms.connection import Connection
from bot.platforms.telegram.errors import wait_of


async def retry_while_offline(connection: Connection, ask: Callable[[], Awaitable[None]]) -> None:
    """Do what Telegram must be there for, again and again after a wait until it succeeds."""
    while True:
        try:
            return await ask()
        except TelegramError as error:
            # PTB puts the token into the message of InvalidToken.
            problem = "the token is refused" if isinstance(error, InvalidToken) else error.message
            hint = "another program runs with the same token" if isinstance(error, Conflict) else None
            wait = wait_of(error) if isinstance(error, RetryAfter) else None
            await connection.wait_out(problem, wait=wait, hint=hint)
