"""What owners have changed about the sources while the bot runs: config/subject/sources.toml is read, never written."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Side, Source, SourceId, SourceKind
from bot.storage.schema import added_sources, switches


async def switched(tx: AsyncConnection) -> Mapping[SourceId, bool]:
    """Which sources owners have switched on (True) or off, whatever the configuration says."""
    return {SourceId(row.source_id): row.enabled for row in await tx.execute(select(switches))}


async def switch(tx: AsyncConnection, source: SourceId, *, enabled: bool) -> None:
    """Switch a source on or off, until it is switched again."""
    values = {"source_id": source, "enabled": enabled}
    statement = insert(switches).values(values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[switches.c.source_id], set_=values))


async def added(tx: AsyncConnection) -> tuple[Source, ...]:
    """The sources that owners have added, in the order in which they came."""
    rows = await tx.execute(select(added_sources).order_by(added_sources.c.created, added_sources.c.id))
    return tuple(
        Source(
            id=SourceId(row.id),
            url=row.url,
            side=Side(row.side),
            name=row.name,
            publisher=row.id,
            kind=SourceKind(row.kind),
            lang=row.lang,
        )
        for row in rows
    )


async def add(tx: AsyncConnection, source: Source, now: datetime) -> bool:
    """Add a source; False when its id or its address is already that of another that was added."""
    values = {
        "id": source.id,
        "url": source.url,
        "side": source.side,
        "name": source.name,
        "kind": source.kind,
        "lang": source.lang,
        "created": now,
    }
    return bool((await tx.execute(insert(added_sources).values(values).on_conflict_do_nothing())).rowcount)


async def remove(tx: AsyncConnection, source: SourceId) -> None:
    """Take an added source out again, and forget how it was switched."""
    await tx.execute(delete(added_sources).where(added_sources.c.id == source))
    await tx.execute(delete(switches).where(switches.c.source_id == source))
