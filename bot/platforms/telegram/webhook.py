"""Updates by webhook: Telegram brings each to an address of ours, until we say that we have it."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog
from aiohttp import web
from cachetools import FIFOCache
from telegram import Bot, Update

from bot.clock import Clock
from bot.platforms.connection import Connection
from bot.platforms.telegram.queue import UpdateQueue
from bot.platforms.telegram.updates import KINDS, is_late, update_of
from bot.web import WebServer

log = structlog.get_logger()

# https://core.telegram.org/bots/api#setwebhook
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
# Each is free again in the milliseconds in which an update is taken.
CONNECTIONS = 20

LOOK = timedelta(minutes=1)
# Telegram brings an update again within minutes when our answer to the first time was lost.
REMEMBERED = 10_000

OK, FORBIDDEN, FULL = 200, 403, 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """The public address to which Telegram brings updates, what shows that it is Telegram, and the server behind it."""

    url: str
    secret: str
    server: WebServer


class Webhook:
    """Has updates brought, and takes each once."""

    def __init__(self, bot: Bot, connection: Connection, hook: Hook, clock: Clock) -> None:
        self._bot = bot
        self._connection = connection
        self._hook = hook
        self._clock = clock
        self._turns: UpdateQueue | None = None
        self._taken: FIFOCache[int, None] = FIFOCache(REMEMBERED)
        self._failed: datetime = clock.now()
        hook.server.add("POST", unquote(urlsplit(hook.url).path) or "/", self._brought)

    async def receive(self, turns: UpdateQueue) -> None:
        """Give updates their turns until cancelled. Raises TelegramError, and takes what is brought all the same."""
        self._turns, self._failed = turns, self._clock.now()
        await self._set()
        # The path of the address may be meant as a secret, too.
        log.info("connected with Telegram", bot=self._bot.username, webhook=urlsplit(self._hook.url).hostname)
        self._connection.restored()
        while True:
            await asyncio.sleep(LOOK.total_seconds())
            await self.look()

    async def finish(self, turns: UpdateQueue) -> None:
        """Take no more, and let what is being answered be answered. The webhook stays: updates wait at Telegram."""
        self._turns = None
        await turns.finish()

    async def look(self) -> None:
        """Ask Telegram whether the webhook is ours still, and whether what it brings arrives. Raises TelegramError."""
        found = await self._bot.get_webhook_info()
        if _place(found.url) != _place(self._hook.url):
            log.warning("the webhook was taken away; setting it again", hint="another program runs with the same token")
            await self._set()
        failed = found.last_error_date
        if failed is not None and failed > self._failed:
            self._failed = failed
            waiting = found.pending_update_count
            log.warning("Telegram could not bring an update", problem=found.last_error_message, waiting=waiting)

    async def _set(self) -> None:
        await self._bot.set_webhook(
            self._hook.url, max_connections=CONNECTIONS, allowed_updates=KINDS, secret_token=self._hook.secret
        )

    async def _brought(self, request: web.Request) -> web.Response:
        """All but 200 makes Telegram bring it again."""
        shown = request.headers.get(SECRET_HEADER, "").encode(errors="surrogateescape")
        if not compare_digest(shown, self._hook.secret.encode()):
            return web.Response(status=FORBIDDEN)
        return web.Response(status=await self._take(await request.read()))

    async def _take(self, body: bytes) -> int:
        """The status to answer: an update that is handled, or that nobody ever will handle, is not to come again."""
        update = _update_of(body)
        if update is None or update.update_id in self._taken:
            return OK
        if self._turns is None or self._turns.is_full:
            return FULL
        self._taken[update.update_id] = None
        if is_late(update, self._clock.now()):
            log.info("a question came too late to be answered", update=update.update_id)
        else:
            await self._turns.start(update)
        return OK


def _update_of(body: bytes) -> Update | None:
    """The update in a body; None, with a word in the log, where there is none that can be read."""
    raw: Any = None
    with suppress(ValueError, RecursionError):
        raw = json.loads(body)
    update = update_of(raw) if isinstance(raw, dict) and isinstance(raw.get("update_id"), int) else None
    if update is None:
        fields = sorted(raw) if isinstance(raw, dict) else None
        log.error("an update of Telegram's cannot be read", length=len(body), fields=fields)
    return update


def _place(url: str) -> tuple[str | None, str]:
    parts = urlsplit(url)
    return parts.hostname, parts.path or "/"
