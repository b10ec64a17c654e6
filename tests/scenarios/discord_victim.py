"""A small Faultline on Discord to be killed: the real poller, storage, dispatcher, platform, and a feed in a file."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from bot.adapters import changes_in
from bot.app import wire
from bot.clock import SystemClock
from bot.commands.base import Services
from bot.platforms.base import Answer
from bot.platforms.discord import Discord
from bot.platforms.discord_publishing import publication_book
from bot.settings import DatabaseSettings, PollSettings, Settings
from bot.sources.base import Fetched, Validators
from bot.sources.catalog import Catalog
from bot.storage.database import open_database
from tests.fakes import by_title, probe_here, read_here, real_subject
from tests.platforms.discord_gateway import TOKEN
from tests.platforms.discord_line import complete_nothing
from tests.scenarios.victim import FEED, SOURCE

real_subject()


def live(folder: Path, api_url: str) -> None:
    """One life, until killed."""
    asyncio.run(_live(folder, api_url))


async def _live(folder: Path, api_url: str) -> None:
    def served(answer: Answer, services: Services) -> Sequence[Discord]:
        return [
            Discord(
                answer,
                complete_nothing,
                token=TOKEN,
                api_url=api_url,
                changes=changes_in(services),
                book=publication_book(services.database),
            )
        ]

    async def fetch(_url: str, validators: Validators) -> Fetched:
        body: bytes | None = await asyncio.to_thread((folder / FEED).read_bytes)
        now = Validators(body_hash=sha256(body or b"").hexdigest())
        body = None if now == validators else body
        return Fetched(body=body, content_type=None, validators=now, moved_to=None, fresh_for=None, status=200)

    often = PollSettings(min_interval=timedelta(milliseconds=20), max_interval=timedelta(milliseconds=20))
    address = f"sqlite:///{folder}/faultline.db"
    app = await wire(
        Settings(poll=often, database=DatabaseSettings(url=address)),
        Catalog(sources=(SOURCE,)),
        real_subject(),
        platforms=served,
        database=await open_database(address),
        fetch=fetch,
        read=read_here,
        probe=partial(probe_here, fetch),
        grouper=by_title(),
        clock=SystemClock(),
    )
    await app.run()
