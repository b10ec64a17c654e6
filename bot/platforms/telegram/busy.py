"""Shows people on Telegram that a picture is on its way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.core.model import Chat

log = structlog.get_logger()

# Telegram shows it for 5 s (https://core.telegram.org/bots/api#sendchataction).
AGAIN = timedelta(seconds=4)


@asynccontextmanager
async def drawing(bot: Bot, chat: Chat) -> AsyncIterator[None]:
    """For as long as the block lasts, the chat reads that a picture is being sent."""
    showing = asyncio.create_task(_show(bot, chat))
    try:
        yield
    finally:
        showing.cancel()
        await asyncio.wait([showing])


async def _show(bot: Bot, chat: Chat) -> None:
    """Over and over, until cancelled or refused: nobody misses it."""
    thread = int(chat.thread) if chat.thread else None
    try:
        while True:
            await bot.send_chat_action(int(chat.address), ChatAction.UPLOAD_PHOTO, message_thread_id=thread)
            await asyncio.sleep(AGAIN.total_seconds())
    except TelegramError as error:
        log.info("people are not shown that a picture is on its way", problem=error.message)
