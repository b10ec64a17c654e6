"""How many messages a second one core sends through python-telegram-bot, over its own HTTP client and over ours."""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

import aiohttp
import pytest
from aiohttp import web
from telegram import Bot, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.request import BaseRequest, HTTPXRequest

from bot.platforms.telegram.client import AiohttpRequest

TOKEN = "1234567890:" + "a" * 35
AT_ONCE = 30
ROUNDS = 3
AIM = 1_200
TEXT = '<a href="https://northgate.example/1"><b>Drones seen over Kestrel harbour</b></a>\nNorthgate Wire · 5 min ago'


def serve(ready: Connection) -> None:
    """A stub in a process of its own: it takes every message, and says so in as many words as Telegram."""
    chat = {"id": 1000, "type": "private", "first_name": "Ann"}
    me = {"id": 1234567890, "is_bot": True, "first_name": "Faultline", "username": "faultline_bot"}
    entities = [{"type": "text_link", "offset": 0, "length": 32, "url": "https://northgate.example/1"}]
    message = {"message_id": 1, "from": me, "chat": chat, "date": 1795348800, "text": TEXT, "entities": entities}
    answers = {"getMe": {"ok": True, "result": me}, "sendMessage": {"ok": True, "result": message}}

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response(answers[request.match_info["method"]])

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


@pytest.fixture
def stub() -> Iterator[str]:
    """The address of the stub."""
    context = multiprocessing.get_context("spawn")
    ready, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{ready.recv()}/bot"
    process.terminate()
    process.join()


async def rates(address: str, request: BaseRequest, sends: int) -> tuple[float, float]:
    """Messages sent in a second of this process's CPU time, and in a second of the clock: the best of some rounds."""
    results = []
    async with Bot(TOKEN, base_url=address, request=request, get_updates_request=request) as bot:
        for _ in range(ROUNDS):
            began, used = time.perf_counter(), time.process_time()
            await asyncio.gather(*(send(bot, sends // AT_ONCE) for _ in range(AT_ONCE)))
            results.append((sends / (time.process_time() - used), sends / (time.perf_counter() - began)))
    return max(results)


async def send(bot: Bot, times: int) -> None:
    for _ in range(times):
        await bot.send_message(
            1000, TEXT, parse_mode=ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True)
        )


@pytest.mark.bench
async def test_sends_a_second_a_core(stub: str) -> None:
    before = await rates(stub, HTTPXRequest(connection_pool_size=AT_ONCE, pool_timeout=60), 300)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        now = await rates(stub, AiohttpRequest(session), 3_000)
    print(f"\n{AT_ONCE} at once             a second of CPU   a second of the clock")
    for name, (cpu, clock) in {"HTTPXRequest of PTB": before, "AiohttpRequest": now}.items():
        print(f"{name:20}{cpu:19,.0f}{clock:24,.0f}")
    print(f"aim: {AIM:,} a second of CPU")
    assert now[0] >= AIM
