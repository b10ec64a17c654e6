"""Opening a database file: killed migrations, files that are not ours, damage, locks, other tables than the code's."""

import asyncio
import multiprocessing
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from bot.core.message.blocks import Block, Message, plain, say
from bot.core.rules.index import RuleIndex
from bot.core.stories.grouping import Grouper
from bot.errors import ConfigError
from bot.storage import schema, subscribers, upgrade
from bot.storage.database import faults_told, open_database
from tests import builders
from tests.builders import NOW, ManualClock
from tests.fakes import Site, a_life, an_intake, real_subject
from tests.scenarios.test_corrections import OUTLETS, struck
from tests.storage import migrant
from tests.storage.migrant import old_database

KILLS = 12
TIMEOUT = 60.0

# A database remembers only the number of a migration, not its text: one that is edited after somebody has run it leaves
# their tables as they were, for good. What is missing goes into a new migration, with a row here.
LANDED = {
    "0009": "3c24b17af53e70e47f74a0b2f50709d94b16f77e332e3f7078762b6b925eb087",
    "0010": "4962979e2bba62c7f193f1193e34b1ac6975a7dd80d4380b21e82dc74eb36e07",
    "0011": "666c239fedc4ec3d5b874ff347127fe27d3f510c012344727575acb2cc486283",
}

# Deliveries that the old databases still owe: dan's alert, and an edit of hal's.
OWED = 2


async def opened(file: Path, *, patience: float = 5) -> None:
    await (await open_database(f"sqlite:///{file}", patience=patience)).close()


async def refusal(file: Path, *, patience: float = 5) -> str:
    """The one sentence for whoever starts the bot on this file."""
    with pytest.raises(ConfigError) as caught:
        await opened(file, patience=patience)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def run(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def first_of(file: Path, query: str) -> object:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchone()[0]


def nothing(_file: Path) -> None:
    """The very first start."""


@pytest.mark.slow
@pytest.mark.parametrize("prepare", [nothing, old_database])
def test_a_migration_that_is_killed_leaves_a_database_that_opens(
    tmp_path: Path, prepare: Callable[[Path], None]
) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([migrant.__name__])
    random = Random(20261122)
    takes = TIMEOUT
    halves = 0
    for kill in range(KILLS + 1):
        file = tmp_path / f"{kill}.db"
        prepare(file)
        begun = context.Event()
        process = context.Process(target=migrant.migrate, args=(f"sqlite:///{file}", begun), daemon=True)
        process.start()
        assert begun.wait(TIMEOUT)
        started = time.monotonic()
        # The first is let live, so as to know how long a migration takes here; one that was quicker knows better.
        process.join(random.uniform(0, takes) if kill else TIMEOUT)
        if process.is_alive():
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            halves += 1
        else:
            takes = min(takes, time.monotonic() - started)
        process.join(TIMEOUT)
        asyncio.run(opened(file))
        assert first_of(file, "SELECT version_num FROM alembic_version") == schema.REVISION
        if prepare is old_database:
            assert first_of(file, "SELECT count(*) FROM deliveries WHERE state = 'queued'") == OWED
    assert halves > KILLS / 2


MIG_SAFE = "Russian MiG violates Estonian airspace, NATO pilots unharmed"
CUT = "Baltic cable cut by Russian ship, NATO says"


@pytest.mark.parametrize("version", ["0003", "0008"])
async def test_a_bot_goes_on_with_what_an_earlier_version_had_sent(tmp_path: Path, version: str) -> None:
    """At 12:02 all but hal and fay were alerted by Tern that a MiG had come, and eve was not, since that was refused.
    Northgate's and Heron's reports made it louder, which ann has read; bob had muted the story. What cat read first
    could be edited no more. dan's platform makes us wait until 15:01. gus cannot be reached. fay was told that a cable
    was cut, and then (12:20) that it was not. hal's alert is to be edited; nobody knows what headed it. Everybody has
    read a broadcast.
    """
    file = tmp_path / "a.db"
    old_database(file, version)
    clock = ManualClock(NOW + timedelta(minutes=25))
    sites: dict[str, Site] = {source.id: Site(source.id, clock) for source in OUTLETS}
    sites["northgate"].entries = [("g0", MIG_SAFE, "", NOW + timedelta(minutes=3))]
    sites["plover"].entries = [("g0", CUT, "", NOW + timedelta(minutes=13))]
    database = await open_database(f"sqlite:///{file}", clock)
    town = await a_life(database, OUTLETS, sites, clock, Grouper(real_subject().lexicon))
    unread = Message((Block(say("as the old version left it")),))
    for who, count in {"ann": 4, "bob": 2, "cat": 3, "dan": 1, "eve": 1, "fay": 3, "gus": 3, "hal": 2}.items():
        town.chats.arrived[who] = [unread] * count
    await town.advance(minutes=7)

    def changed(who: str) -> dict[int, list[str]]:
        """The messages that have been edited or are new, and what they strike through."""
        read = enumerate(town.chats.arrived[who], start=1)
        return {number: struck(message) for number, message in read if message is not unread}

    dead = "Russian MiG violates Estonian airspace, two NATO pilots dead"
    assert changed("ann") == {1: [dead], 5: [dead]}, "the first is edited, and a correction rings"
    assert changed("cat")[2] == [dead], "the one that can still be edited"
    assert changed("bob") == changed("dan") == changed("eve") == {}
    assert set(changed("hal")) == {1}
    rings = [each for each in town.chats.sent if each.chat.address == "fay" and each.answers]
    assert len(rings) == (1 if version == "0003" else 0), "0003 did not know that this was taken back within the hour"
    for who, ref in (("ann", "1"), ("ann", "2"), ("ann", "3"), ("cat", "1"), ("cat", "2")):
        assert "The alert was sent on" in plain(await town.say(who, "/why", reply_to=ref)), (who, ref)
    assert "Why what?" in plain(await town.say("ann", "/why", reply_to="4")), "a broadcast"
    assert "it was muted then" in plain(await town.say("bob", "/why", reply_to="1"))
    await town.follow("ann", "ferry")
    number = 2 if version == "0003" else 3
    assert f"{number}. ferry" in plain(await town.say("ann", "/rules")), "rule 2 has ended; 0003 did not note that"
    async with database.read() as tx:
        assert await subscribers.is_unreachable(tx, builders.chat("gus", platform="fake"))

    clock.advance(hours=3)
    await town.advance(minutes=1)
    assert set(changed("bob")) == {1}, "the mute is over"
    assert set(changed("dan")) == {2}
    await database.close()


async def test_items_of_before_there_were_leads_have_none(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    database = await open_database(f"sqlite:///{file}")
    await an_intake(database, RuleIndex()).take([builders.item()], NOW, alerting=False)
    await database.close()
    run(
        file,
        "ALTER TABLE items DROP COLUMN lead",
        "ALTER TABLE subscribers DROP COLUMN langs",
        "UPDATE alembic_version SET version_num = '0009'",
    )
    await opened(file)
    assert first_of(file, "SELECT title || lead FROM items") == builders.item().title


async def test_chats_of_before_they_chose_languages_read_all(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    database = await open_database(f"sqlite:///{file}")
    async with database.write() as tx:
        before = await subscribers.ensure(tx, builders.chat(), NOW)
    await database.close()
    run(file, "ALTER TABLE subscribers DROP COLUMN langs", "UPDATE alembic_version SET version_num = '0010'")
    database = await open_database(f"sqlite:///{file}")
    async with database.write() as tx:
        assert await subscribers.find(tx, builders.chat()) == before
        await subscribers.set_languages(tx, before.id, ("en", "uk"))
        (found,) = (await subscribers.get_all(tx, [before.id])).values()
    await database.close()
    assert (before.langs, found.langs) == ((), ("en", "uk"))


@pytest.mark.parametrize(("number", "digest"), LANDED.items())
def test_a_migration_that_has_landed_is_never_edited(number: str, digest: str) -> None:
    (file,) = (upgrade.MIGRATIONS / "versions").glob(f"{number}_*.py")
    assert sha256(file.read_bytes()).hexdigest() == digest


async def test_another_programs_file_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "notes.db"
    run(file, "CREATE TABLE notes (text)", "INSERT INTO notes VALUES ('buy milk')")
    file.chmod(0o644)
    before = file.read_bytes(), file.stat().st_mode, file.stat().st_mtime_ns
    assert "belongs to another program; choose another name" in await refusal(file)
    assert (file.read_bytes(), file.stat().st_mode, file.stat().st_mtime_ns) == before


async def test_another_programs_file_with_migrations_of_its_own_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    run(
        file,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('ae1027a6acf')",
        "CREATE TABLE orders (id)",
    )
    before = file.read_bytes()
    assert "belongs to another program" in await refusal(file)
    assert file.read_bytes() == before


async def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    await opened(file)
    run(file, "UPDATE alembic_version SET version_num = '9999'")
    assert "it was written by a newer Faultline (tables of version 9999" in await refusal(file)


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
async def test_a_database_that_another_program_has_locked_is_refused(tmp_path: Path, begin: str, journal: str) -> None:
    file = tmp_path / "a.db"
    await opened(file)
    run(file, f"PRAGMA journal_mode = {journal}")
    with closing(sqlite3.connect(file)) as other:
        other.execute(begin)
        assert "another program has locked it; close that program" in await refusal(file, patience=0.01)
        other.rollback()
        await opened(file)


@pytest.mark.parametrize("page", [1, 2, -1])
async def test_a_damaged_database_is_refused(tmp_path: Path, page: int) -> None:
    file = tmp_path / "a.db"
    await opened(file)
    size = int(str(first_of(file, "PRAGMA page_size")))
    with file.open("r+b") as raw:
        # The first page begins with a header, by which SQLite knows its own files; what follows is the schema.
        raw.seek(size * (page - 1) + 100 if page > 0 else file.stat().st_size - size)
        raw.write(b"\xa5" * (size - 100))
    assert "it is damaged; restore a backup, or save what can still be read" in await refusal(file)


async def test_a_file_that_is_half_gone_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    await opened(file)
    os.truncate(file, file.stat().st_size // 2)
    assert "it is damaged" in await refusal(file)


async def test_damage_that_shows_only_when_the_start_reads_it_is_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    address = f"sqlite:///{file}"
    database = await open_database(address)
    os.truncate(file, 5000)
    with pytest.raises(ConfigError, match=r"cannot be read: it is damaged; restore a backup"), faults_told(address):
        async with database.read() as tx:
            await tx.exec_driver_sql("SELECT * FROM alert_headlines")
    await database.close()


async def test_a_first_start_that_an_earlier_version_left_half_done_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    version_table = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"
    run(file, version_table, "CREATE TABLE item_keys (key BLOB PRIMARY KEY)")
    assert "delete the file and start again" in await refusal(file)
    file.unlink()
    run(file, version_table)
    await opened(file)


async def test_a_migration_that_an_earlier_version_left_half_done_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    old_database(file)
    run(file, "ALTER TABLE former_titles ADD COLUMN reverses BOOLEAN")
    said = await refusal(file)
    assert "its tables are not those that this version expects (version 0003: duplicate column name: reverses)" in said


async def test_a_database_of_before_the_first_release_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    old_database(file)
    run(file, "UPDATE alembic_version SET version_num = '0002'")
    assert "from before the first release (tables of version 0002)" in await refusal(file)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("ALTER TABLE deliveries DROP COLUMN begun", "column deliveries.begun"),
        ("ALTER TABLE followings ADD COLUMN mood TEXT NOT NULL DEFAULT ''", "column followings.mood"),
        ("DROP INDEX deliveries_owed", "index deliveries.urgency, due"),
        ("DROP TABLE mutes", "(table mutes)"),
        (
            "ALTER TABLE items RENAME COLUMN url TO link",
            "column items.link, column items.url, index items.url, published",
        ),
    ],
)
async def test_tables_that_are_not_those_of_the_code_are_told_at_the_start(
    tmp_path: Path, change: str, words: str
) -> None:
    file = tmp_path / "a.db"
    await opened(file)
    run(file, change)
    said = await refusal(file)
    assert "its tables are not those that this version expects" in said
    assert words in said


async def test_a_column_without_its_default_is_told_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    await opened(file)
    default = "unknown BOOLEAN DEFAULT 0 NOT NULL"
    run(
        file,
        "PRAGMA writable_schema = 1",
        f"UPDATE sqlite_master SET sql = replace(sql, '{default}', 'unknown BOOLEAN NOT NULL') "
        "WHERE name = 'deliveries'",
    )
    assert "column deliveries.unknown" in await refusal(file)


async def test_what_somebody_has_added_to_a_database_harms_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    await opened(file)
    run(file, "CREATE TABLE notes (text)", "CREATE INDEX stories_by_level ON stories (level)", "ANALYZE")
    await opened(file)


async def test_the_files_are_for_nobody_else(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        database = await open_database(f"sqlite:///{tmp_path}/data/faultline.db")
        async with database.write() as tx:
            await tx.exec_driver_sql("INSERT INTO rules (text, names_relevance) VALUES ('drone', 0)")
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
        await database.close()
    finally:
        os.umask(before)
    assert modes == {f"faultline.db{suffix}": 0o600 for suffix in ("", "-wal", "-shm", ".lock")}
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


async def test_files_that_an_earlier_version_left_readable_are_closed(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    await opened(file)
    files = [file, file.with_name("a.db.lock")]
    for each in files:
        each.chmod(0o644)
    await opened(file)
    assert [each.stat().st_mode & 0o777 for each in files] == [0o600, 0o600]
