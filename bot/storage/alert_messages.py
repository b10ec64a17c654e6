"""What chats have been sent of stories: the messages of each delivery, and the headlines that these have shown."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, and_, func, or_, select, type_coerce, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import DeliveryId, ItemId, Level, MessageKind, SentAlert, ShownHeadline, SubscriberId
from bot.storage.schema import alert_headlines, alert_messages, deliveries, former_titles, items

# Each field of a message but its headlines is a column of that name.
_FIELDS = tuple([field.name for field in fields(SentAlert) if field.name != "headlines"])
# What an edit may change; its ref and its headlines' first moments stay.
_EDITED = ("revision", "content_hash", "rule_number", "rule_text", "corrected_until")

_of_delivery = (
    select(alert_messages.c.number)
    .where(alert_messages.c.delivery_id == deliveries.c.id)
    .correlate_except(alert_messages)
)

IS_SENT: ColumnElement[bool] = _of_delivery.exists()
"""Whether anything has been sent of a delivery's story."""


def has_heard_of(*levels: ColumnElement[str] | Level) -> ColumnElement[bool]:
    """Whether a delivery's chat has been sent news of one of these levels, or a mute has kept them back."""
    return _of_delivery.where(alert_messages.c.level.in_(levels)).exists()


def is_behind(revision: ColumnElement[int], is_reversed: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a message of a delivery no longer shows what its story has come to, and can; or, where something
    `is_reversed`, whether it can or not.
    """
    older = alert_messages.c.revision < revision
    return _of_delivery.where(older, or_(alert_messages.c.editable, is_reversed)).exists()


def has_reversals(story: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether something in the story of a delivery was taken back since its chat last knew all about that."""
    last = (
        select(func.max(type_coerce(former_titles.c.until, BigInteger)))
        .join(items, items.c.id == former_titles.c.item_id)
        .where(items.c.story_id == story, former_titles.c.reverses)
        .correlate(deliveries)
        .scalar_subquery()
    )
    known = type_coerce(alert_messages.c.corrected_until, BigInteger)
    return and_(last.is_not(None), IS_SENT, ~_of_delivery.where(known >= last).exists())


async def of_all(tx: AsyncConnection, ids: Sequence[DeliveryId]) -> Mapping[DeliveryId, tuple[SentAlert, ...]]:
    """What was sent of each of these deliveries, the oldest first; those of which nothing was are left out."""
    if not ids:
        return {}
    shown = and_(
        alert_headlines.c.delivery_id == alert_messages.c.delivery_id,
        alert_headlines.c.number == alert_messages.c.number,
    )
    rows = await tx.execute(
        select(alert_messages, alert_headlines.c.item_id, alert_headlines.c.title, alert_headlines.c.since)
        .outerjoin(alert_headlines, shown)
        .where(alert_messages.c.delivery_id.in_(ids))
        .order_by(alert_messages.c.delivery_id, alert_messages.c.number, alert_headlines.c.since)
    )
    return {
        DeliveryId(delivery): tuple([_message_of(list(lines)) for _, lines in groupby(own, lambda row: row.number)])
        for delivery, own in groupby(rows, lambda row: row.delivery_id)
    }


def _message_of(lines: Sequence[Row[Any]]) -> SentAlert:
    """A message from one row for each of its headlines, or a single one where it has none."""
    values = {name: lines[0]._mapping[name] for name in _FIELDS}  # noqa: SLF001  how SQLAlchemy names it
    kind, level = MessageKind(values.pop("kind")), Level(values.pop("level"))
    shown = [(ItemId(line.item_id), line.title, line.since) for line in lines if line.item_id is not None]
    headlines = tuple([ShownHeadline(item=item, title=title, since=since) for item, title, since in shown])
    return SentAlert(**values, kind=kind, level=level, headlines=headlines)


async def record(tx: AsyncConnection, delivery: DeliveryId, sent: Sequence[SentAlert], ref: str | None = None) -> None:
    """Write down what has been sent of a delivery that is there; `ref` is that of a message which has none yet.

    What was known before keeps its ref, and is never editable again: the chat may have moved meanwhile.
    """
    messages = [
        {name: getattr(each, name) for name in _FIELDS} | {"delivery_id": delivery, "ref": each.ref or ref}
        for each in sent
    ]
    headlines = [
        {
            "delivery_id": delivery,
            "number": message.number,
            "item_id": each.item,
            "title": each.title,
            "since": each.since,
        }
        for message in sent
        for each in message.headlines
    ]
    if messages:
        insertion = insert(alert_messages)
        edited: dict[str, Any] = {name: insertion.excluded[name] for name in _EDITED}
        edited["editable"] = and_(alert_messages.c.editable, insertion.excluded.editable)
        key = [alert_messages.c.delivery_id, alert_messages.c.number]
        await tx.execute(insertion.on_conflict_do_update(index_elements=key, set_=edited), messages)
    if headlines:
        insertion = insert(alert_headlines)
        key = [alert_headlines.c.delivery_id, alert_headlines.c.number, alert_headlines.c.item_id]
        title = {"title": insertion.excluded.title}
        await tx.execute(insertion.on_conflict_do_update(index_elements=key, set_=title), headlines)


async def give_up_editing(tx: AsyncConnection, delivery: DeliveryId, number: int) -> None:
    """Keep a message as it is from now on."""
    which = (alert_messages.c.delivery_id == delivery) & (alert_messages.c.number == number)
    await tx.execute(update(alert_messages).where(which).values(editable=False))


async def leave_behind(tx: AsyncConnection, subscriber: SubscriberId) -> None:
    """The chat has moved without its messages: at the new address their refs mean others."""
    of_chat = select(deliveries.c.id).where(deliveries.c.subscriber_id == subscriber)
    which = alert_messages.c.delivery_id.in_(of_chat)
    await tx.execute(update(alert_messages).where(which).values(ref=None, editable=False))
