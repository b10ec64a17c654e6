"""Whom owners have let in, where the bot answers only some; entries are written `platform:chat` or `platform:user`."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import admissions


async def entries(tx: AsyncConnection) -> Mapping[str, str | None]:
    """Every entry, oldest first: None for one that an owner named, else the entry of whoever asked in that chat."""
    rows = await tx.execute(select(admissions).order_by(admissions.c.created, admissions.c.entry))
    return {row.entry: row.brought_by for row in rows}


async def admit(tx: AsyncConnection, entry: str, now: datetime, *, brought_by: str | None = None) -> None:
    """Let a chat or a person in; what an owner names outlasts whoever brought it along."""
    values = {"entry": entry, "brought_by": brought_by, "created": now}
    statement = insert(admissions).values(values)
    if brought_by is None:
        statement = statement.on_conflict_do_update(index_elements=[admissions.c.entry], set_={"brought_by": None})
    else:
        statement = statement.on_conflict_do_nothing()
    await tx.execute(statement)


async def move(tx: AsyncConnection, old: str, new: str) -> None:
    """A chat has another entry now; what let it in before lets it in there, too."""
    row = (await tx.execute(select(admissions).where(admissions.c.entry == old))).one_or_none()
    if row is not None:
        await tx.execute(delete(admissions).where(admissions.c.entry == old))
        await admit(tx, new, row.created, brought_by=row.brought_by)


async def dismiss(tx: AsyncConnection, entry: str) -> None:
    """Let a chat or a person in no longer, nor the chats that this person has brought along."""
    gone = or_(admissions.c.entry == entry, admissions.c.brought_by == entry)
    await tx.execute(delete(admissions).where(gone))
