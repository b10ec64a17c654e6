import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.storage.database import open_database
from tests.commands.room import Room


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy: migrating takes a fifth of a second, copying none."""
    file = tmp_path_factory.mktemp("database") / "empty.db"

    async def make() -> None:
        await (await open_database(f"sqlite:///{file}")).close()

    asyncio.run(make())
    return file


@pytest.fixture
async def room(tmp_path: Path, empty_database: Path) -> AsyncIterator[Room]:
    file = shutil.copy(empty_database, tmp_path / "faultline.db")
    database = await open_database(f"sqlite:///{file}")
    yield Room(database)
    await database.close()
