"""What still waits to be published: messages that were sent, and that go on to those who follow their channel."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Chat
from bot.storage import subscribers
from bot.storage.schema import publications
from bot.storage.schema import subscribers as chats


async def add(tx: AsyncConnection, chat: Chat, ref: str, queued: datetime) -> None:
    """Remember that a message of a chat is to be published; a chat that has been forgotten has none."""
    subscriber = await subscribers.find(tx, chat)
    if subscriber is not None:
        row = {"subscriber_id": subscriber.id, "ref": ref, "queued": queued}
        await tx.execute(insert(publications).values(row).on_conflict_do_nothing())


async def remove(tx: AsyncConnection, chat: Chat, ref: str) -> None:
    """It is published, or never will be."""
    subscriber = await subscribers.find(tx, chat)
    if subscriber is not None:
        which = (publications.c.subscriber_id == subscriber.id, publications.c.ref == ref)
        await tx.execute(delete(publications).where(*which))


async def waiting(tx: AsyncConnection, platform: str) -> list[tuple[str, datetime]]:
    """The refs of all that waits on a platform, and since when, in the order of waiting."""
    statement = (
        select(publications.c.ref, publications.c.queued)
        .join(chats, chats.c.id == publications.c.subscriber_id)
        .where(chats.c.platform == platform)
        .order_by(publications.c.queued, publications.c.ref)
    )
    return [(row.ref, row.queued) for row in await tx.execute(statement)]
