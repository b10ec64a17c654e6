"""A small Faultline to be killed: the real poller, storage, dispatcher and platforms, and a feed in a file.

Without a platform to go to, its chat is a log file: every line is one message that arrived; edits leave none. It is
loaded once by multiprocessing's fork server, so that each life starts in milliseconds.
"""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from bot.app import Outside, platforms_wanted, wire
from bot.clock import SystemClock
from bot.commands.framework.services import Services
from bot.core.model import Scope
from bot.delivery.outgoing import Outgoing
from bot.log import start_log
from bot.platforms.base import Answer, Platform
from bot.platforms.registry import chat_session
from bot.settings import AllSettings, DatabaseSettings, PollSettings
from bot.sources.base import Fetched, Validators
from bot.sources.catalog import Catalog
from bot.storage.database import open_database
from bot.web import WebServer
from tests import builders
from tests.fakes import by_title, headline, no_pages, probe_here, read_here, read_lead_here, real_subject
from tests.platforms.discord import gateway
from tests.platforms.telegram import server as api

FEED = "feed.xml"
LOG = "arrived.log"
SOURCE = builders.source("northgate", scope=Scope.TOPICAL)

# Loaded once, not in each life.
real_subject()
for name in ("discord", "telegram"):
    import_module(f"bot.platforms.{name}")


class LogFile:
    """A chat that writes down what arrives; a message is there as soon as `send` has written it."""

    name = "fake"
    state = "connected"
    refusals = 0

    def __init__(self, path: Path) -> None:
        self._log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def send(self, outgoing: Outgoing) -> str:
        if outgoing.begin is not None:
            await outgoing.begin()
        if outgoing.edits is None:
            os.write(self._log, f"{headline(outgoing.message)}\n".encode())
        # As long as a platform takes to answer: the moment in which a kill leaves the outcome unknown.
        await asyncio.sleep(0.001)
        return "ref"

    async def is_there(self) -> None:
        """Files are."""


def live(folder: Path, telegram: str = "", discord: str = "") -> None:
    """One life with the servers at these addresses, until killed."""
    start_log(level="error", form="text", secrets=())
    asyncio.run(_live(folder, telegram, discord))


async def _live(folder: Path, telegram: str, discord: str) -> None:
    async def fetch(_url: str, validators: Validators) -> Fetched:
        body: bytes | None = await asyncio.to_thread((folder / FEED).read_bytes)
        now = Validators(body_hash=sha256(body or b"").hexdigest())
        body = None if now == validators else body
        return Fetched(body=body, content_type=None, validators=now, moved_to=None, fresh_for=None, status=200)

    often = timedelta(milliseconds=20)
    settings = AllSettings(
        console=False,
        poll=PollSettings(min_interval=often, max_interval=often),
        database=DatabaseSettings(url=f"sqlite:///{folder}/faultline.db"),
        telegram={"token": api.TOKEN, "api_url": telegram} if telegram else {},
        discord={"token": gateway.TOKEN, "api_url": discord} if discord else {},
    )
    async with chat_session() as session:
        server = WebServer(settings.listen.host, settings.listen.port)

        def served(answer: Answer, services: Services) -> Sequence[Platform]:
            wanted = platforms_wanted(answer, services, settings=settings, session=session, server=server)
            return wanted or [LogFile(folder / LOG)]

        outside = Outside(
            database=await open_database(settings.database.url),
            fetch=fetch,
            read=read_here,
            fetch_page=no_pages,
            read_lead=read_lead_here,
            probe=partial(probe_here, fetch),
            grouper=by_title(),
            clock=SystemClock(),
        )
        app = await wire(settings, Catalog(sources=(SOURCE,)), real_subject(), outside, served)
        await app.run()


def rss(titles: Sequence[str]) -> bytes:
    """A feed of these titles, all published now."""
    now = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    rows = "".join(
        f"<item><guid>{title}</guid><title>{title}</title><pubDate>{now}</pubDate></item>" for title in titles
    )
    return f"<rss version='2.0'><channel><title>Site</title>{rows}</channel></rss>".encode()
