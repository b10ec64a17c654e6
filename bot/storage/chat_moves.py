"""Chats that move to another address and topics that end: what they follow and what they are owed goes along."""

from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Chat, Level, Relevance, SubscriberId
from bot.storage import alert_messages
from bot.storage import subscribers as chats
from bot.storage.schema import alert_messages as messages
from bot.storage.schema import deliveries, drafts, fanouts, followings, mutes, subscribers

# What a chat has not set stands at these.
_DEFAULTS = {
    "relevance": Relevance.CORE,
    "paused_until": None,
    "sound": Level.NORMAL,
    "level": Level.NORMAL,
    "langs": "",
}


async def move(tx: AsyncConnection, old: Chat, new: Chat) -> None:
    """The chat has another address, with all its threads; all that is kept about it goes there.

    Whoever has begun anew there keeps that, too; where both have set something, what was set there holds.
    """
    for row in await _rows_of(tx, old):
        await alert_messages.leave_behind(tx, SubscriberId(row.id))
        there = await _row_of(tx, Chat(platform=new.platform, address=new.address, thread=row.thread))
        if there is None:
            await tx.execute(update(subscribers).where(subscribers.c.id == row.id).values(address=new.address))
        else:
            await _keep_wishes(tx, row, there)
            await merge(tx, SubscriberId(row.id), SubscriberId(there.id))
    await chats.mark_reachable(tx, new)


async def merge(tx: AsyncConnection, old: SubscriberId, new: SubscriberId) -> None:
    """Let one chat follow what two followed, no rule and no story twice, and forget the other.

    A rule keeps its number unless the chat has given it to another.
    """
    await _move_followings(tx, old, new)
    await _move_deliveries(tx, old, new)
    await tx.execute(update(drafts).where(drafts.c.subscriber_id == old).values(subscriber_id=new))
    await tx.execute(delete(subscribers).where(subscribers.c.id == old))


async def _rows_of(tx: AsyncConnection, chat: Chat) -> list[Row[Any]]:
    of_chat = and_(subscribers.c.platform == chat.platform, subscribers.c.address == chat.address)
    return list(await tx.execute(select(subscribers).where(of_chat).order_by(subscribers.c.id)))


async def _row_of(tx: AsyncConnection, chat: Chat) -> Row[Any] | None:
    return next((row for row in await _rows_of(tx, chat) if row.thread == chat.thread), None)


async def _keep_wishes(tx: AsyncConnection, old: Row[Any], new: Row[Any]) -> None:
    kept = {name: getattr(old, name) for name, default in _DEFAULTS.items() if getattr(new, name) == default}
    if kept:
        await tx.execute(update(subscribers).where(subscribers.c.id == new.id).values(kept))
    again = mutes.alias("again")
    same = or_(again.c.story_id == mutes.c.story_id, again.c.text == mutes.c.text)
    is_new = ~select(again.c.id).where(again.c.subscriber_id == new.id, same).exists()
    await tx.execute(update(mutes).where(mutes.c.subscriber_id == old.id, is_new).values(subscriber_id=new.id))


async def _move_followings(tx: AsyncConnection, old: SubscriberId, new: SubscriberId) -> None:
    followed = await chats.followings_of(tx, old)
    there = await chats.followings_of(tx, new)
    rules, numbers = {each.rule for each in there}, {each.number for each in there}
    marks = await tx.scalars(select(subscribers.c.last_number).where(subscribers.c.id.in_([old, new])))
    last = max(marks, default=0)
    for each in followed:
        if each.rule in rules:
            continue
        clashes = each.number in numbers
        last += clashes
        await tx.execute(
            update(followings)
            .where(followings.c.subscriber_id == old, followings.c.number == each.number)
            .values(subscriber_id=new, number=last if clashes else each.number)
        )
    await chats.note_number(tx, new, last)
    # A story whose alerts are being queued may have passed the new row, and not yet come to the old one.
    await tx.execute(update(fanouts).where(fanouts.c.after >= new).values(after=new - 1))


async def _move_deliveries(tx: AsyncConnection, old: SubscriberId, new: SubscriberId) -> None:
    """Of two deliveries of one thing that which was read stays, or else that which may still be."""
    other = deliveries.alias("other")
    same = or_(other.c.story_id == deliveries.c.story_id, other.c.broadcast_id == deliveries.c.broadcast_id)
    counterpart = select(other.c.id).where(same)
    read_there = and_(_is_read(other.c), not_(_is_read(deliveries.c)), deliveries.c.state != "sending")
    dead_here = and_(other.c.state != "dead", deliveries.c.state == "dead")
    better = counterpart.where(other.c.subscriber_id == old, or_(read_there, dead_here)).exists()
    await tx.execute(delete(deliveries).where(deliveries.c.subscriber_id == new, better))
    double = counterpart.where(other.c.subscriber_id == new).exists()
    await tx.execute(delete(deliveries).where(deliveries.c.subscriber_id == old, double))
    await tx.execute(update(deliveries).where(deliveries.c.subscriber_id == old).values(subscriber_id=new))


def _is_read(columns: Any) -> ColumnElement[bool]:
    sent = select(messages.c.number).where(messages.c.delivery_id == columns.id).correlate_except(messages)
    return or_(columns.state == "sent", sent.exists())
