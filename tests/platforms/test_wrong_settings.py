"""What is set up wrongly is told before anything is opened."""

from pathlib import Path

import pytest

from bot.app import run_bot
from bot.errors import ConfigError
from bot.settings import AllSettings
from bot.sources.catalog import Catalog
from tests.fakes import real_subject
from tests.platforms.discord.server import DiscordServer
from tests.platforms.telegram.server import TelegramServer


def is_untouched(folder: Path) -> bool:
    return not list(folder.iterdir())


async def starts(folder: Path, **settings: object) -> None:
    """The whole bot is started, with a database in the folder."""
    address = {"url": f"sqlite:///{folder}/faultline.db"}
    await run_bot(AllSettings(console=False, database=address, **settings), Catalog(sources=()), real_subject())  # type: ignore[arg-type]


async def test_a_token_that_telegram_refuses_is_told_before_the_database_is_opened(tmp_path: Path) -> None:
    async with TelegramServer() as server:
        with pytest.raises(ConfigError, match="doesn't recognise this token"):
            await starts(tmp_path, telegram={"token": "12345:wrong", "api_url": server.url})
    assert is_untouched(tmp_path)


@pytest.mark.parametrize("token", ["not a token", "wrong.token.altogether"])
async def test_a_token_that_discord_refuses_is_told_before_the_database_is_opened(tmp_path: Path, token: str) -> None:
    async with DiscordServer() as server:
        with pytest.raises(ConfigError, match="Discord doesn't recognise this token"):
            await starts(tmp_path, discord={"token": token, "api_url": server.url})
    assert is_untouched(tmp_path)


async def test_that_there_is_nobody_to_talk_to_is_told_before_the_database_is_opened(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nobody to talk to"):
        await starts(tmp_path)
    assert is_untouched(tmp_path)
