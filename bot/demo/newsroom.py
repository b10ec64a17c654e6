"""The demo's news server: every outlet's feed on a port of this machine, at the present of the week."""

from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.clock import Clock
from bot.core.intake.urls import canonical_url
from bot.demo.formats import FORMATS, cut_off
from bot.demo.week import Outlet, Timeline, Week
from bot.sources.catalog import Catalog

DURATION = timedelta(seconds=42)

# The eve lasts for so long: each source has to be read once, which alerts nobody, and on two busy cores the
# bot is ready for that after five seconds.
LEAD_IN = timedelta(seconds=6)


class DemoNewsroom:
    """Plays the week from now on, and serves it between entering and leaving `async with`.

    `timeline` tells when in real time each moment of the week comes.
    """

    def __init__(self, week: Week, clock: Clock, duration: timedelta = DURATION) -> None:
        self.week = week
        self.timeline = Timeline(start=clock.now() + LEAD_IN, duration=duration)
        self._clock = clock
        self._appeared: dict[str, datetime] = {}
        for report in week.reports:
            real = self.timeline.real(report.at)
            self._appeared[report.guid] = real
            self._appeared.setdefault(canonical_url(report.address) or report.guid, real)
        app = web.Application()
        for outlet in week.outlets.values():
            app.router.add_get(outlet.path, partial(self._serve, outlet))
        self._runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT`; there is one only inside `async with`."""
        host, port = self._runner.addresses[0]
        return f"http://{host}:{port}"

    def catalog(self) -> Catalog:
        """The outlets as sources of this server."""
        return self.week.catalog(self.base_url)

    @property
    def ends(self) -> datetime:
        """When the week is over."""
        return self.timeline.start + self.timeline.duration

    def appeared(self, key: str) -> datetime:
        """When a report came into its feed: by its guid in week.jsonl, or by the canonical URL of its article.

        Raises KeyError for anything else.
        """
        return self._appeared[key]

    async def _serve(self, outlet: Outlet, request: web.Request) -> web.Response:
        """304 to whoever has this body already (RFC 9110, section 13.1.2), else the body, compressed on request."""
        now = self._clock.now()
        trouble = self.week.trouble(outlet.id, self.timeline, now)
        if trouble is not None and trouble.status >= web.HTTPBadRequest.status_code:
            wait = {} if trouble.retry_after is None else {"Retry-After": str(trouble.retry_after)}
            return web.Response(status=trouble.status, headers=wait, text="The newsroom is out of order.\n")
        form = FORMATS[outlet.format]
        body = form.write(outlet, self.week.postings(outlet.id, self.timeline, now))
        if trouble is not None and trouble.cut:
            body = cut_off(body)
        etag = sha256(body).hexdigest()[:16]
        if any(tag.value in {etag, "*"} for tag in request.if_none_match or ()):
            response = web.Response(status=304)
        else:
            response = web.Response(body=body, content_type=form.content_type)
            response.enable_compression()
        response.etag = etag
        return response
