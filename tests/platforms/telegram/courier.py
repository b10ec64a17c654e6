"""The bot with a webhook: Telegram's courier, who brings what waits until it is taken, and the proxy before the bot."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from urllib.parse import urlsplit

import aiohttp

from bot.platforms.base import Answer
from bot.platforms.telegram.webhook import SECRET_HEADER, Hook
from bot.web import WebServer
from tests.platforms.telegram.line import Line, connected
from tests.platforms.telegram.server import TelegramServer
from tests.platforms.telegram.world import PATIENCE, Json

URL = "https://bot.example/from/telegram%20here"


class Courier:
    """Brings updates to the bot over HTTP; `running` is the bot."""

    def __init__(self, line: Line, web: WebServer, session: aiohttp.ClientSession) -> None:
        self.line = line
        self.server = line.server
        self.running = asyncio.create_task(line.telegram.run())
        self._web = web
        self._session = session

    async def brings(self, *, secret: str | None = None) -> list[int]:
        """Bring all that waits once, in its order; what is taken waits no more. Returns what the bot answered."""
        shown = self.server.hook["secret_token"] if secret is None else secret
        statuses = []
        for update in list(self.server.updates):
            statuses.append(await self.posts(json.dumps(update).encode(), secret=shown))
            if statuses[-1] == 200:
                self.server.updates.remove(update)
        return statuses

    async def posts(self, body: bytes, *, secret: str | None = None) -> int:
        """Anybody posts anything to the webhook; returns the status of the answer."""
        headers = {} if secret is None else {SECRET_HEADER: secret}
        path = self.address(urlsplit(URL).path)
        async with self._session.post(path, data=BytesIO(body), headers=headers) as response:
            assert response.status == 413 or not await response.read(), "strangers learn nothing"
            return response.status

    async def gets(self, path: str) -> int:
        """Anybody looks at a page."""
        async with self._session.get(self.address(path)) as response:
            return response.status

    def address(self, path: str) -> str:
        assert self._web.address is not None
        host, port = self._web.address
        return f"http://{host}:{port}{path}"

    async def up(self) -> None:
        """Wait until the webhook is set."""
        async with asyncio.timeout(PATIENCE):
            while self.line.telegram.state != "connected":  # noqa: ASYNC110  nobody tells when
                await asyncio.sleep(0)

    async def stops(self) -> None:
        """Stop the bot, and wait until it has."""
        self.running.cancel()
        with suppress(asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE):
                await self.running


@asynccontextmanager
async def a_courier(
    server: TelegramServer, answered: Answer, *, secret: str = "from-telegram", up: bool = True
) -> AsyncIterator[Courier]:
    """The bot, running behind its webhook for as long as the block lasts."""
    web = WebServer("127.0.0.1", 0)
    hook = Hook(url=URL, secret=secret, server=web)
    async with (
        connected(server, answered, hook=hook) as line,
        web.listening(),
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE)) as session,
    ):
        courier = Courier(line, web, session)
        try:
            if up:
                await courier.up()
            yield courier
        finally:
            await courier.stops()


def an_update(kind: str, content: object, update_id: int = 7) -> bytes:
    """An update as Telegram would never send it."""
    update: Json = {"update_id": update_id, kind: content}
    return json.dumps(update).encode()
