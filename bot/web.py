"""The one HTTP server of the bot: whoever is to be asked over HTTP adds a route before it listens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from errno import EADDRINUSE
from os import strerror

import structlog
from aiohttp import web

from bot.errors import ConfigError, Fault

log = structlog.get_logger()

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TIMED_OUT = 408
LARGEST_BODY = 1 << 20
STOP_TIME = 1.0  # seconds
# For the head of a request, counted from the connection or from the last answer, and for its body and answer.
TIMEOUT = timedelta(seconds=20)


class WebServer:
    """Listens at `host` and `port` if anybody has a route; then it also answers GET /health.

    A connection on which no whole request comes within `timeout` is closed.
    """

    def __init__(self, host: str, port: int, timeout: timedelta = TIMEOUT) -> None:
        self._host = host
        self._port = port
        self._timeout = timeout.total_seconds()
        self._routes: list[web.RouteDef] = []
        self.address: tuple[str, int] | None = None

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Give whoever asks for a path (without %-escapes) to `handler`."""
        self._routes.append(web.route(method, path, handler))

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Listen for as long as the block lasts; `address` says where. Raises ConfigError where nobody can."""
        if not self._routes:
            yield
            return
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[self._answered_in_time])
        app.add_routes([*self._routes, web.get("/health", _health)])
        runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=STOP_TIME,
            # aiohttp closes by these what has begun no request, and what goes on sending after its answer.
            keepalive_timeout=self._timeout,
            lingering_time=self._timeout,
        )
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, self._host, self._port).start()
            except OSError as error:
                raise ConfigError(self._fault(error)) from None
            host, port, *_ = runner.addresses[0]
            self.address = host, port
            log.info("listening", host=host, port=port)
            yield
        finally:
            self.address = None
            await runner.cleanup()

    @web.middleware
    async def _answered_in_time(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            async with asyncio.timeout(self._timeout):
                return await handler(request)
        except TimeoutError:
            return web.Response(status=TIMED_OUT)

    def _fault(self, error: OSError) -> Fault:
        if error.errno == EADDRINUSE:
            what = f"another program is already listening on port {self._port}; choose another port"
            return Fault(where="setting listen.port (or FAULTLINE_LISTEN__PORT)", what=what)
        # The words of asyncio's own errors hold a tuple of the address; those of look-ups have numbers of their own.
        reason = strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        what = f"cannot listen on {self._host} port {self._port}: {reason}"
        return Fault(where="settings listen.host and listen.port", what=what)


async def _health(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")
