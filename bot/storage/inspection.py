"""A look at the database before anything runs on it, which changes nothing."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import quote

from bot.errors import ConfigError, Fault
from bot.storage.database import checked_address

MEGABYTE = 1_000_000

_REVISION = "SELECT version_num FROM alembic_version"


def inspect_database(address: str) -> str:
    """What there is at an address such as `sqlite:///data/faultline.db`, in a few words. Raises ConfigError."""
    url = checked_address(address)
    where = f"setting database.url ({url.set(drivername=url.get_backend_name())})"
    file = Path(url.database or "")
    try:
        what = _fault_of(file)
        if what is None and file.exists():
            what = _fault_within(file)
    except (sqlite3.Error, OSError) as error:
        what = f"the database cannot be opened: {error}"
    if what is not None:
        raise ConfigError(Fault(where=where, what=what))
    if not file.exists():
        return "will be created at the first start"
    return f"{max(round(file.stat().st_size / MEGABYTE), 1)} MB"


def _fault_of(file: Path) -> str | None:
    """What keeps us from opening, or making, a file; None: nothing."""
    if not file.exists():
        folder = next(each for each in file.absolute().parents if each.exists())
        return None if _takes_files(folder) else f"the database cannot be created: {folder} cannot be written to"
    if not file.is_file():
        return "the database cannot be opened: this is not a file"
    if not os.access(file, os.R_OK | os.W_OK) or not os.access(file.parent, os.W_OK | os.X_OK):
        return "the user who runs this cannot write to the database or its folder"
    return None


def _takes_files(folder: Path) -> bool:
    """Whether a file can be made in a folder: one without a name is, for a moment. What its rights say is not enough:
    root has all of them even where nothing can be made, as in /proc.
    """
    try:
        with TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _fault_within(file: Path) -> str | None:
    """What is wrong with a file that can be opened; None: nothing."""
    # Without a write-ahead log nobody has the file open, and SQLite is told to make no files beside it either.
    log = file.with_name(f"{file.name}-wal")
    extra = "" if log.exists() and log.stat().st_size else "&immutable=1"
    migrations = (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py")
    read_only = f"file:{quote(str(file.absolute()))}?mode=ro{extra}"
    with closing(sqlite3.connect(read_only, uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if tables and "alembic_version" not in tables:
            return "this is another program's database; choose another file"
        revisions = {number for (number,) in connection.execute(_REVISION)} if tables else set()
        if not revisions <= {migration.name.partition("_")[0] for migration in migrations}:
            return f"this database is from a newer Faultline (its version is {', '.join(revisions)}); upgrade this one"
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        return None if found == "ok" else f"the database is damaged ({found}); put a backup in its place"
