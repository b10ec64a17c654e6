"""A web site on the loopback, which answers as a test tells it to."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    lies: bool = False  # pays no heed to conditions
    drips: bool = False  # sends a byte now and then, for ever
    breaks: bool = False  # promises more than it sends


class Site:
    """What was asked of it is in `requests`; `connections` counts the sockets it came through, `at_once` the most
    requests under way at a time."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[web.BaseRequest] = []
        self.at_once = 0
        self._answers: dict[str, Answer] = {}
        self._sockets: Counter[object] = Counter()
        self._under_way = 0
        self._news = asyncio.Condition()
        self._hold = asyncio.Event()
        self._hold.set()

    @property
    def connections(self) -> int:
        return len(self._sockets)

    def says(self, path: str, body: bytes = b"", *, status: int = 200, lies: bool = False, **headers: str) -> str:
        """From now on `path` is answered so; header names with _ for -. Returns the address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._answers_with(path, Answer(status=status, body=body, headers=named, lies=lies))

    def redirects(self, path: str, target: str, status: int = 302) -> str:
        return self.says(path, status=status, Location=target)

    def drips(self, path: str) -> str:
        return self._answers_with(path, Answer(drips=True))

    def breaks(self, path: str) -> str:
        return self._answers_with(path, Answer(breaks=True))

    def holds(self) -> None:
        """Leaves all requests waiting until `goes_on`."""
        self._hold.clear()

    def goes_on(self) -> None:
        self._hold.set()

    async def asked(self, times: int) -> None:
        """Waits until so many requests have come."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.requests) >= times)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(request)
        self._sockets[request.transport] += 1
        self._under_way += 1
        self.at_once = max(self.at_once, self._under_way)
        async with self._news:
            self._news.notify_all()
        try:
            await self._hold.wait()
            return await self._answer(request)
        finally:
            self._under_way -= 1

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        answer = self._answers.get(request.path, Answer(status=404))
        if answer.drips or answer.breaks:
            return await self._trickle(request, answer)
        etag = answer.headers.get("ETag")
        if etag and not answer.lies and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        modified = answer.headers.get("Last-Modified")
        if modified and not answer.lies and request.headers.get("If-Modified-Since") == modified:
            return web.Response(status=304)
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    async def _trickle(self, request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"<")
        if answer.breaks and request.transport is not None:
            request.transport.abort()
            return response
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    def _answers_with(self, path: str, answer: Answer) -> str:
        self._answers[path] = answer
        return self.url + path


@asynccontextmanager
async def running_site() -> AsyncIterator[Site]:
    site = Site()
    runner = web.ServerRunner(web.Server(site.serve), shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = "http://127.0.0.1:{1}".format(*runner.addresses[0])
    try:
        yield site
    finally:
        site.goes_on()
        await runner.cleanup()
