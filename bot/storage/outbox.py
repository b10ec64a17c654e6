"""The outbox: every alert that we owe, and what became of it.

Deliveries are written in the transaction that finds the story (news.apply) and leave only by settle().
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import (
    BroadcastId,
    Chat,
    Dead,
    Delivery,
    DeliveryId,
    Outcome,
    Retry,
    RuleId,
    Sent,
    StoryId,
    SubscriberId,
    Urgency,
)
from bot.storage.schema import OWED, deliveries, followings, matches, subscribers


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """How the outbox stands: rows in each state, and those whose sending once ended without an answer."""

    queued: int
    sending: int
    sent: int
    dead: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What one urgency still owes: how many, the oldest of them since when, and how many have been tried in vain."""

    urgency: Urgency
    waiting: int
    oldest: datetime
    tried: int


async def claim(
    tx: AsyncConnection,
    platforms: Sequence[str],
    urgency: Urgency,
    now: datetime,
    *,
    limit: int,
    lease: timedelta,
    busy: Sequence[SubscriberId] = (),
) -> list[Delivery]:
    """Take up to `limit` deliveries of one urgency that are due on these platforms, the longest due first.

    None of them is a `busy` chat's.
    A claimed row belongs to the caller until the lease ends; then anybody may claim it again.
    """
    wanted = (
        select(deliveries.c.id)
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(OWED, deliveries.c.urgency == urgency, deliveries.c.due <= now)
        .where(subscribers.c.platform.in_(platforms), deliveries.c.subscriber_id.not_in(busy))
        .order_by(deliveries.c.due, deliveries.c.id)
        .limit(limit)
    )
    ids = list(await tx.scalars(wanted))
    if not ids:
        return []
    await tx.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(ids))
        .values(
            # A lease that ran out is an attempt that may have arrived.
            unknown=or_(deliveries.c.unknown, deliveries.c.state == "sending"),
            state="sending",
            due=now + lease,
            attempts=deliveries.c.attempts + 1,
        )
    )
    statement = (
        select(deliveries, subscribers.c.platform, subscribers.c.address, subscribers.c.thread)
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(deliveries.c.id.in_(ids))
        .order_by(deliveries.c.created, deliveries.c.id)
    )
    return [
        Delivery(
            id=DeliveryId(row.id),
            subscriber=SubscriberId(row.subscriber_id),
            chat=Chat(platform=row.platform, address=row.address, thread=row.thread),
            story=None if row.story_id is None else StoryId(row.story_id),
            rule=None if row.rule_id is None else RuleId(row.rule_id),
            broadcast=None if row.broadcast_id is None else BroadcastId(row.broadcast_id),
            urgency=Urgency(row.urgency),
            attempts=row.attempts,
            unknown=row.unknown,
            created=row.created,
        )
        for row in await tx.execute(statement)
    ]


async def settle(tx: AsyncConnection, delivery: DeliveryId, outcome: Outcome, now: datetime) -> None:
    """Write down what became of a claimed delivery."""
    values: dict[str, object]
    match outcome:
        case Sent(ref=ref):
            values = {"state": "sent", "ref": ref, "settled": now, "reason": None}
        case Retry(at=at, reason=reason, unknown=unknown):
            values = {"state": "queued", "due": at, "reason": reason}
            values |= {"unknown": True} if unknown else {}
        case Dead(reason=reason):
            values = {"state": "dead", "reason": reason, "settled": now}
    await tx.execute(update(deliveries).where(deliveries.c.id == delivery).values(values))


async def release(tx: AsyncConnection, claimed: Sequence[DeliveryId], due: datetime | None = None) -> None:
    """Give back what was claimed and never begun: due at once (or at `due`), and not counted as an attempt."""
    await tx.execute(
        update(deliveries)
        .where(deliveries.c.id.in_(claimed), deliveries.c.state == "sending")
        .values(
            state="queued",
            due=deliveries.c.created if due is None else due,
            attempts=deliveries.c.attempts - 1,
        )
    )


async def recover(tx: AsyncConnection) -> int:
    """Queue anew what a process that died had taken up; call at start, before anything is claimed. Returns how many.

    Being killed is no failure of the delivery's, so the attempt is not counted.
    """
    result = await tx.execute(
        update(deliveries)
        .where(deliveries.c.state == "sending")
        .values(state="queued", unknown=True, due=deliveries.c.created, attempts=deliveries.c.attempts - 1)
    )
    return int(result.rowcount)


async def next_due(
    tx: AsyncConnection, platforms: Sequence[str], urgency: Urgency, busy: Sequence[SubscriberId] = ()
) -> datetime | None:
    """When the next delivery of that urgency on these platforms falls due, those of `busy` chats aside."""
    statement = (
        select(deliveries.c.due)
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(OWED, deliveries.c.urgency == urgency, deliveries.c.subscriber_id.not_in(busy))
        .where(subscribers.c.platform.in_(platforms))
        .order_by(deliveries.c.due)
        .limit(1)
    )
    due: datetime | None = await tx.scalar(statement)
    return due


async def drop_queued(tx: AsyncConnection, subscriber: SubscriberId, rule: RuleId | None = None) -> int:
    """Forget the alerts still queued for the chat (only that rule's, when one is named); returns how many.

    What another rule of the chat asks for as well is kept, in that rule's name.
    """
    queued = (deliveries.c.subscriber_id == subscriber) & (deliveries.c.state == "queued")
    queued &= deliveries.c.broadcast_id.is_(None)
    if rule is not None:
        queued &= deliveries.c.rule_id == rule
        other = (
            select(func.min(followings.c.rule_id))
            .join(matches, matches.c.rule_id == followings.c.rule_id)
            .where(matches.c.story_id == deliveries.c.story_id)
            .where(followings.c.subscriber_id == subscriber, followings.c.rule_id != rule)
            .scalar_subquery()
        )
        await tx.execute(update(deliveries).where(queued, other.is_not(None)).values(rule_id=other))
    return int((await tx.execute(delete(deliveries).where(queued))).rowcount)


async def backlog(tx: AsyncConnection) -> list[Backlog]:
    """What is still owed, the most urgent first."""
    rows = await tx.execute(
        select(
            deliveries.c.urgency,
            func.count().label("waiting"),
            func.min(deliveries.c.created).label("oldest"),
            func.count().filter(deliveries.c.state == "queued", deliveries.c.attempts > 0).label("tried"),
        )
        .where(OWED)
        .group_by(deliveries.c.urgency)
        .order_by(deliveries.c.urgency)
    )
    return [
        Backlog(urgency=Urgency(row.urgency), waiting=row.waiting, oldest=row.oldest, tried=row.tried) for row in rows
    ]


async def counts(tx: AsyncConnection) -> OutboxCounts:
    """How the outbox stands now."""
    rows = await tx.execute(
        select(deliveries.c.state, func.count(), func.count().filter(deliveries.c.unknown)).group_by(deliveries.c.state)
    )
    found = {state: (count, unknown) for state, count, unknown in rows}
    by_state = {state: found.get(state, (0, 0))[0] for state in ("queued", "sending", "sent", "dead")}
    return OutboxCounts(**by_state, unknown=sum(unknown for _, unknown in found.values()))
