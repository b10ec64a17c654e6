import sqlite3
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.storage.database import open_database
from bot.storage.inspection import inspect_database
from bot.storage.schema import broadcasts
from tests.builders import NOW


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.iterdir()}


async def test_a_look_changes_nothing_whether_the_bot_runs_or_not(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/a.db"
    assert inspect_database(address) == "will be created at the first start"
    assert files(tmp_path) == {}
    database = await open_database(address)
    async with database.write() as tx:
        await tx.execute(broadcasts.insert().values(text="hello", created=NOW))
    before = files(tmp_path)
    assert inspect_database(address) == "1 MB"
    assert files(tmp_path).keys() == before.keys()
    assert files(tmp_path)["a.db"] == before["a.db"]
    assert files(tmp_path)["a.db-wal"] == before["a.db-wal"]
    await database.close()
    before = files(tmp_path)
    assert inspect_database(address) == "1 MB"
    assert files(tmp_path) == before


async def test_what_cannot_be_served_is_one_sentence(tmp_path: Path) -> None:
    def told(name: str) -> str:
        with pytest.raises(ConfigError) as caught:
            inspect_database(f"sqlite:///{tmp_path}/{name}")
        return str(caught.value).removeprefix(f"setting database.url (sqlite:///{tmp_path}/{name}): ")

    (tmp_path / "text.db").write_text("no database " * 100)
    (tmp_path / "folder.db").mkdir()
    assert told("text.db") == "the database cannot be opened: file is not a database"
    assert told("folder.db") == "the database cannot be opened: this is not a file"
    assert told("text.db/below.db").startswith("the database cannot be created: ")
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE recipes (name)")
    other.close()
    assert told("other.db") == "this is another program's database; choose another file"
    await (await open_database(f"sqlite:///{tmp_path}/newer.db")).close()
    with sqlite3.connect(tmp_path / "newer.db") as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    assert told("newer.db") == "this database is from a newer Faultline (its version is 9999); upgrade this one"


async def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    await (await open_database(f"sqlite:///{tmp_path}/a.db")).close()
    file = tmp_path / "a.db"
    pages = bytearray(file.read_bytes())
    for place in range(8 * 4096, len(pages)):
        pages[place] = 0x5A
    file.write_bytes(pages)
    with pytest.raises(ConfigError, match=r"damaged|cannot be opened"):
        inspect_database(f"sqlite:///{file}")


def test_a_folder_in_which_nothing_can_be_made_is_a_fault_even_for_root() -> None:
    with pytest.raises(ConfigError, match="the database cannot be created: /proc cannot be written to"):
        inspect_database("sqlite:////proc/x/y.db")
