import asyncio
import io
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from telegram import Bot, InputFile
from telegram.error import NetworkError, TimedOut

from bot.platforms.telegram.client import AiohttpRequest, NotSentError
from bot.platforms.telegram.polling import POLL, PollingBot
from tests.platforms.telegram.server import TOKEN

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ME = {"id": 1234567890, "is_bot": True, "first_name": "Faultline", "username": "faultline_bot"}
CHAT = {"id": 7, "type": "private", "first_name": "Ann"}
MESSAGE = {"message_id": 1, "date": 1795348800, "chat": CHAT}


@asynccontextmanager
async def bot_before(handler: Handler) -> AsyncIterator[Bot]:
    """PTB's bot over our requests, before a server that answers like this."""
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        request = AiohttpRequest(session)
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/bot"
        yield Bot(TOKEN, base_url=address, request=request, get_updates_request=request)
    await runner.cleanup()


async def test_parameters_arrive_whatever_they_hold() -> None:
    text = "Ünïcode & <b>=1+1% 😀"
    arrived: dict[str, str] = {}

    async def take(request: web.Request) -> web.Response:
        arrived.update(await request.json())
        return web.json_response({"ok": True, "result": MESSAGE})

    async with bot_before(take) as bot:
        await bot.send_message(7, text)
    assert arrived == {"chat_id": "7", "text": text}


class Ear(AiohttpRequest):
    """Answers each request at once, and remembers how long it would have waited."""

    __slots__ = ("patience",)

    async def do_request(self, *_: object, **timeouts: object) -> tuple[int, bytes]:
        self.patience = sum(float(str(timeouts[name])) for name in ("read_timeout", "write_timeout"))
        return 200, b'{"ok": true, "result": []}'


async def test_a_poll_that_hangs_holds_up_nobody_for_long() -> None:
    async with aiohttp.ClientSession() as session:
        ear = Ear(session)
        await PollingBot(TOKEN, request=ear, get_updates_request=ear).raw_updates(None, POLL)
    assert POLL.total_seconds() < ear.patience <= 15


async def test_files_arrive_as_they_are() -> None:
    arrived: dict[str, object] = {}

    async def take(request: web.Request) -> web.Response:
        form = await request.post()
        picture = form["photo"]
        assert isinstance(picture, web.FileField)
        arrived.update(
            chat=form["chat_id"], name=picture.filename, type=picture.content_type, bytes=picture.file.read()
        )
        return web.json_response({"ok": True, "result": MESSAGE})

    picture = b"\x89PNG" + bytes(range(256)) * 400
    async with bot_before(take) as bot:
        await bot.send_photo(7, InputFile(io.BytesIO(picture), filename="week.png"))
    assert arrived == {"chat": "7", "name": "week.png", "type": "image/png", "bytes": picture}


async def test_an_answer_that_does_not_come_is_a_time_out() -> None:
    asked = asyncio.Event()

    async def hang(request: web.Request) -> web.Response:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with bot_before(hang) as bot:
        with pytest.raises(TimedOut):
            await bot.send_message(7, "x", read_timeout=0.05, write_timeout=0.01)
    assert asked.is_set()


async def test_a_connection_that_breaks_is_a_network_error_without_the_token() -> None:
    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with bot_before(cut) as bot:
        with pytest.raises(NetworkError, match="connection broke") as caught:
            await bot.send_message(7, "x")
    assert not isinstance(caught.value, NotSentError)
    assert TOKEN not in str(caught.value)


async def test_where_nobody_listens_nothing_was_sent(unused_port: int) -> None:
    async with aiohttp.ClientSession() as session:
        request = AiohttpRequest(session)
        bot = Bot(TOKEN, base_url=f"http://127.0.0.1:{unused_port}/bot", request=request, get_updates_request=request)
        with pytest.raises(NotSentError) as caught:
            await bot.send_message(7, "x")
    assert TOKEN not in str(caught.value)


async def test_a_busy_pool_is_waited_for_no_longer_than_asked() -> None:
    asked = asyncio.Event()

    async def hang(request: web.Request) -> web.Response:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    app = web.Application()
    app.router.add_post("/bot{token}/{method}", hang)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        request = AiohttpRequest(session)
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/bot"
        bot = Bot(TOKEN, base_url=address, request=request, get_updates_request=request)
        first = asyncio.create_task(bot.send_message(7, "x"))
        await asked.wait()
        with pytest.raises(NotSentError):
            await bot.send_message(7, "y", connect_timeout=0.01, pool_timeout=0.04)
        first.cancel()
    await runner.cleanup()


@pytest.fixture
def unused_port() -> int:
    """A port of the loopback where nobody listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        return int(reserved.getsockname()[1])
