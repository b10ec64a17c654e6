"""Answers to people on Telegram: shown where they asked, soon or not at all."""

from datetime import timedelta

import structlog
from cachetools import FIFOCache
from telegram import Bot, CallbackQuery
from telegram.error import TelegramError

from bot.core.message.blocks import Message
from bot.core.message.splitting import units
from bot.core.model import Chat, Urgency
from bot.delivery.outgoing import Outgoing
from bot.errors import ChatGone, SendError, SendLater, SendRefused, SendUnknown
from bot.platforms.connection import Sleep, wait_after
from bot.platforms.telegram.sender import Attempt, Post, attempts_of

log = structlog.get_logger()

# A person who waits for an answer has gone after this.
LONGEST_WAIT = timedelta(seconds=30)
ATTEMPTS = 3

# https://core.telegram.org/bots/api#answercallbackquery
LONGEST_NOTICE = 200
# DoubleClickGuard that are remembered as acknowledged: far more than wait at one time.
PRESSES_KEPT = 1000


def fits_notice(text: str) -> bool:
    """Whether a text is short enough to be shown in passing."""
    return units(text) <= LONGEST_NOTICE


class Replies:
    """Shows answers, and acknowledges presses of buttons."""

    def __init__(self, bot: Bot, post: Post, sleep: Sleep) -> None:
        self._bot = bot
        self._post = post
        self._sleep = sleep
        self._acknowledged: FIFOCache[str, None] = FIFOCache(PRESSES_KEPT)

    async def show(
        self, chat: Chat, message: Message | None, *, edits: int | None = None, reply_to: int | None = None
    ) -> None:
        """Show an answer, if there is one, instead of the message `edits` or below `reply_to`. Raises SendError."""
        if message is None:
            return
        outgoing = Outgoing(
            chat=chat,
            message=message,
            urgency=Urgency.REPLY,
            edits=str(edits) if edits else None,
            answers=str(reply_to) if reply_to else None,
        )
        for attempt in attempts_of(outgoing):
            await self._deliver_soon(attempt)

    async def acknowledge(self, query: CallbackQuery, notice: str | None = None) -> bool:
        """Stop the spinner on a button; a notice is shown in a box of its own. False if this did not do it."""
        if query.id in self._acknowledged:
            return False
        self._acknowledged[query.id] = None
        shown = notice[:LONGEST_NOTICE] if notice else None
        try:
            await self._bot.answer_callback_query(query.id, shown, show_alert=notice is not None)
        except TelegramError as error:
            # Usually that it is too late for that; what the button stands for is done all the same.
            log.info("a press was not acknowledged", problem=error.message)
            return False
        return True

    async def _deliver_soon(self, attempt: Attempt) -> None:
        """Deliver a part of an answer, tried again for as long as somebody may still wait for it. Raises SendError.

        What may have arrived is repeated once: an answer given twice is better than none.
        """
        may_have_arrived = False
        for failures in range(1, ATTEMPTS + 1):
            try:
                await self._post.deliver(attempt)
            except (ChatGone, SendRefused):
                raise
            except SendError as error:
                wait = error.retry_after if isinstance(error, SendLater) else wait_after(failures)
                is_unknown = isinstance(error, SendUnknown)
                if failures == ATTEMPTS or wait > LONGEST_WAIT or (is_unknown and may_have_arrived):
                    raise
                may_have_arrived = may_have_arrived or is_unknown
                await self._sleep(wait.total_seconds())
            else:
                return
