"""What owners tell everybody: drafts until they are confirmed, then one delivery for each chat in the outbox."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import BroadcastId, Urgency
from bot.storage.schema import broadcasts, deliveries, subscribers
from bot.storage.subscribers import DRAFT_LIFE


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a broadcast has come: chats that it has reached, that still wait for it, and that it cannot reach."""

    text: str
    confirmed: datetime
    sent: int
    waiting: int
    dead: int


async def save_draft(tx: AsyncConnection, text: str, now: datetime) -> BroadcastId:
    """Keep a text until its owner says yes or no."""
    await tx.execute(
        delete(broadcasts).where(broadcasts.c.confirmed.is_(None), broadcasts.c.created < now - DRAFT_LIFE)
    )
    saved = insert(broadcasts).values(text=text, created=now).returning(broadcasts.c.id)
    return BroadcastId((await tx.execute(saved)).scalar_one())


async def count_audience(tx: AsyncConnection, platforms: Sequence[str], only: Collection[str] | None) -> int:
    """How many chats a broadcast would go to; `only` are those that may be sent anything, None: all."""
    return int(await tx.scalar(select(func.count()).select_from(_audience(platforms, only).subquery())) or 0)


async def confirm(
    tx: AsyncConnection, draft: BroadcastId, platforms: Sequence[str], only: Collection[str] | None, now: datetime
) -> int | None:
    """Owe a draft to all chats at once; returns to how many, None when it was answered before or is too old."""
    statement = update(broadcasts).where(broadcasts.c.id == draft, broadcasts.c.confirmed.is_(None))
    if not (await tx.execute(statement.values(confirmed=now))).rowcount:
        return None
    audience = _audience(platforms, only).subquery()
    at = literal(now, deliveries.c.due.type)
    rows = select(audience.c.id, literal(draft), literal(int(Urgency.DIGEST)), literal("queued"), literal(0), at, at)
    names = ["subscriber_id", "broadcast_id", "urgency", "state", "attempts", "due", "created"]
    return int((await tx.execute(insert(deliveries).from_select(names, rows))).rowcount)


async def discard(tx: AsyncConnection, draft: BroadcastId) -> bool:
    """Drop a draft; False when it was answered before, or is too old."""
    statement = delete(broadcasts).where(broadcasts.c.id == draft, broadcasts.c.confirmed.is_(None))
    return bool((await tx.execute(statement)).rowcount)


async def text_of(tx: AsyncConnection, broadcast: BroadcastId) -> str | None:
    """What a broadcast says; None once it has been deleted."""
    text: str | None = await tx.scalar(select(broadcasts.c.text).where(broadcasts.c.id == broadcast))
    return text


async def latest(tx: AsyncConnection) -> Progress | None:
    """How far the last broadcast has come; None when there was none."""
    newest = select(broadcasts).where(broadcasts.c.confirmed.is_not(None)).order_by(broadcasts.c.id.desc()).limit(1)
    row = (await tx.execute(newest)).one_or_none()
    if row is None:
        return None
    of_it = deliveries.c.broadcast_id == row.id
    counted = await tx.execute(select(deliveries.c.state, func.count()).where(of_it).group_by(deliveries.c.state))
    found = {row.state: int(row[1]) for row in counted}
    return Progress(
        text=row.text,
        confirmed=row.confirmed,
        sent=found.get("sent", 0),
        waiting=found.get("queued", 0) + found.get("sending", 0),
        dead=found.get("dead", 0),
    )


async def delete_older(tx: AsyncConnection, before: datetime) -> None:
    """Delete broadcasts of before then, with what is left of their deliveries."""
    await tx.execute(delete(broadcasts).where(broadcasts.c.created < before))


def _audience(platforms: Sequence[str], only: Collection[str] | None) -> Select[Any]:
    """One subscriber of each chat that can be reached: topics of a forum are read by the same people."""
    one = func.min(subscribers.c.id).label("id")
    chosen = select(one).where(subscribers.c.unreachable_since.is_(None), subscribers.c.platform.in_(platforms))
    if only is not None:
        chosen = chosen.where((subscribers.c.platform + ":" + subscribers.c.address).in_(only))
    return chosen.group_by(subscribers.c.platform, subscribers.c.address)
