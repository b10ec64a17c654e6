import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from bot.errors import ConfigError
from bot.web import WebServer


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def greet(_request: web.Request) -> web.Response:
    return web.Response(text="hello")


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def what_comes_back(server: WebServer, sent: bytes) -> bytes:
    """All that is answered to what is sent, until the server hangs up."""
    assert server.address is not None
    reader, writer = await asyncio.open_connection(*server.address)
    try:
        writer.write(sent)
        async with asyncio.timeout(2):
            return await reader.read()
    finally:
        writer.close()


async def read(session: aiohttp.ClientSession, server: WebServer, path: str) -> tuple[int, str]:
    assert server.address is not None
    host, port = server.address
    async with session.get(f"http://{host}:{port}{path}") as response:
        return response.status, await response.text()


async def test_it_listens_only_when_somebody_is_to_be_asked() -> None:
    server = WebServer("127.0.0.1", 0)
    async with server.listening():
        assert server.address is None


async def test_each_path_is_answered_by_who_asked_for_it(session: aiohttp.ClientSession) -> None:
    server = WebServer("127.0.0.1", 0)
    server.add("GET", "/greeting", greet)
    server.add("GET", "/ünder the/bridge", greet)
    async with server.listening():
        assert await read(session, server, "/greeting") == (200, "hello")
        assert await read(session, server, "/%C3%BCnder%20the/bridge") == (200, "hello")
        assert await read(session, server, "/health") == (200, "ok\n")
        assert (await read(session, server, "/elsewhere"))[0] == 404


async def test_it_listens_for_as_long_as_the_block_lasts(session: aiohttp.ClientSession) -> None:
    server = WebServer("127.0.0.1", 0)
    server.add("GET", "/greeting", greet)
    async with server.listening():
        assert server.address is not None
        host, port = server.address
    with pytest.raises(aiohttp.ClientConnectorError):
        await session.get(f"http://{host}:{port}/greeting")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (b"", b""),
        (b"POST /echo HTTP/1.1\r\nHost: bot.example\r\nX-Half: ", b""),
        (b"POST /echo HTTP/1.1\r\nHost: bot.example\r\nContent-Length: 20\r\n\r\nhalf", b"408"),
        (b"POST /nowhere HTTP/1.1\r\nHost: bot.example\r\nContent-Length: 20\r\n\r\nhalf", b"404"),
        (b"GET /health HTTP/1.1\r\nHost: bot.example\r\n\r\nGET /hea", b"200"),
    ],
    ids=["nothing", "half a head", "half a body", "half a body to nobody", "a second request by half"],
)
async def test_a_request_that_does_not_come_whole_is_hung_up_on(sent: bytes, answered: bytes) -> None:
    server = WebServer("127.0.0.1", 0, timeout=timedelta(milliseconds=50))
    server.add("POST", "/echo", echo)
    async with server.listening():
        status, *_ = (await what_comes_back(server, sent)).removeprefix(b"HTTP/1.1 ").partition(b" ")
        assert status == answered


async def test_a_port_that_is_taken_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        server = WebServer("127.0.0.1", port)
        server.add("GET", "/greeting", greet)
        with pytest.raises(ConfigError, match=f"another program is already listening on port {port}") as caught:
            async with server.listening():
                pass
    assert "\n" not in str(caught.value)
    assert "FAULTLINE_LISTEN__PORT" in str(caught.value)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
async def test_a_host_that_is_not_this_machine_is_one_clear_line(host: str) -> None:
    server = WebServer(host, 0)
    server.add("GET", "/greeting", greet)
    with pytest.raises(ConfigError, match=r"listen\.host") as caught:
        async with server.listening():
            pass
    assert "\n" not in str(caught.value)
    assert host in str(caught.value)
