"""What waits in the outbox to be tried again: it may be hastened, and is given up when it is too late."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Chat
from bot.storage.alert_messages import IS_SENT
from bot.storage.schema import OWED, deliveries, subscribers
from bot.storage.subscribers import at_address

# How the reason of what waited too long begins.
TOO_LATE = "gave up after a day"


async def is_put_off(tx: AsyncConnection, chat: Chat, now: datetime) -> bool:
    """Whether anything waits for a chat, with all its threads, to be tried again."""
    return await tx.scalar(select(deliveries.c.id).where(_put_off(chat, now)).limit(1)) is not None


async def hasten(tx: AsyncConnection, chat: Chat, now: datetime) -> None:
    """Let what waits for a chat, with all its threads, to be tried again be due now."""
    await tx.execute(update(deliveries).where(_put_off(chat, now)).values(due=now))


def _put_off(chat: Chat, now: datetime) -> ColumnElement[bool]:
    return and_(
        OWED,
        deliveries.c.subscriber_id.in_(select(subscribers.c.id).where(at_address(chat))),
        deliveries.c.state == "queued",
        or_(deliveries.c.attempts > 0, ~IS_SENT),
        deliveries.c.due > now,
    )


async def give_up(tx: AsyncConnection, owed_before: datetime, now: datetime) -> int:
    """Give up what has been owed since before then and was never read; returns how many."""
    why = func.coalesce(literal(f"{TOO_LATE}: ") + deliveries.c.reason, TOO_LATE)
    result = await tx.execute(
        update(deliveries)
        .where(OWED, deliveries.c.state == "queued", ~IS_SENT)
        .where(deliveries.c.created <= owed_before)
        .values(state="dead", reason=why, settled=now)
    )
    return int(result.rowcount)
