"""The outbox: every alert that we owe, and what became of it.

Deliveries are written in the transaction that finds the story (updates.apply) and leave only by settle(). One that is
`told` is owed again when its message no longer shows what the story has come to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, delete, func, insert, literal, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import (
    BroadcastId,
    Chat,
    Dead,
    Delivery,
    DeliveryId,
    Head,
    Held,
    ItemId,
    Level,
    NoChange,
    Outcome,
    Retry,
    RuleId,
    Sent,
    StoryId,
    SubscriberId,
    Told,
    Urgency,
)
from bot.storage.fanout import EDIT_EVERY, alert_urgency, has_reversals
from bot.storage.schema import (
    EPOCH,
    MICROSECOND,
    OWED,
    deliveries,
    followings,
    matches,
    other_refs,
    stories,
    subscribers,
)

# Why an alert was dropped that its chat did not want any more.
MUTED = "muted"
PAUSED = "paused"
UNFOLLOWED = "no longer wanted"
UNWANTED = frozenset({MUTED, PAUSED, UNFOLLOWED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """How the outbox stands: alerts in each state, and those whose sending once ended without an answer.

    An alert that has been read is `sent`, whatever is owed to it since; one that was not wanted any more is left out.
    """

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


# Of what is claimed, only these may have arrived when a process dies or a lease ends: the rest waited for its turn.
_MAY_HAVE_LEFT = and_(deliveries.c.state == "sending", deliveries.c.begun)


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
            unknown=or_(deliveries.c.unknown, _MAY_HAVE_LEFT),
            begun=False,
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
    return [_delivery_of(row) for row in await tx.execute(statement)]


def _delivery_of(row: Row[Any]) -> Delivery:
    return Delivery(
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
        ref=row.ref,
        rung_ref=row.rung_ref,
        told=None
        if row.told is None or row.told_level is None
        else Told(
            at=row.told,
            level=Level(row.told_level),
            revision=row.told_revision,
            digest=row.told_digest,
            number=row.told_number,
            rule=row.told_rule,
            held=row.held,
            held_level=None if row.held_level is None else Level(row.held_level),
            heads=tuple([_head_of(stored) for stored in row.told_heads or ()]),
            rung=None if row.rung_head is None else _head_of(row.rung_head),
            warned=row.warned,
        ),
    )


def _head_of(stored: Sequence[Any]) -> Head:
    item, at, now, *sound = stored
    rang, warned = sound or (True, None)
    return Head(
        item=ItemId(item), at=_moment(at), now=now, rang=rang, warned=None if warned is None else _moment(warned)
    )


def _stored(head: Head) -> Sequence[Any]:
    """As JSON; the sound is left out of most."""
    sound = () if head.rang and head.warned is None else (head.rang, head.warned and _number(head.warned))
    return head.item, _number(head.at), head.now, *sound


def _moment(number: int) -> datetime:
    return EPOCH + number * MICROSECOND


def _number(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


async def begin(tx: AsyncConnection, claimed: Sequence[Delivery]) -> set[DeliveryId]:
    """Write down that these may leave from now on; returns those that may.

    The others are not the caller's any more: taken back, forgotten with their chat, or claimed by somebody else.
    """
    begun = (
        update(deliveries).where(_claims(claimed), ~deliveries.c.begun).values(begun=True).returning(deliveries.c.id)
    )
    return {DeliveryId(id_) for id_ in await tx.scalars(begun)}


def _claims(claimed: Sequence[Delivery]) -> ColumnElement[bool]:
    """The rows that are still claimed as they were then: each claim counts as an attempt."""
    pairs = [(delivery.id, delivery.attempts) for delivery in claimed]
    by_id = deliveries.c.id.in_([id_ for id_, _ in pairs])
    return and_(by_id, tuple_(deliveries.c.id, deliveries.c.attempts).in_(pairs), deliveries.c.state == "sending")


async def settle(tx: AsyncConnection, delivery: DeliveryId, outcome: Outcome, now: datetime) -> None:
    """Write down what became of a claimed delivery."""
    match outcome:
        case Sent(ref=ref, told=told):
            is_beside = await _is_beside(tx, delivery, ref)
            if is_beside:
                await _keep_ref(tx, delivery, ref)
                await _write(tx, delivery, deliveries.c.ref.is_not(None), rung_ref=ref)
            # The first message stays the one that shows how the story stands; news of a higher level only answer it.
            await _write(tx, delivery, ref=func.coalesce(deliveries.c.ref, ref), **_read(told, now))
            # At once after one beside it, which left it as it was.
            await _catch_up(tx, delivery, now, now if is_beside else now + EDIT_EVERY)
        case NoChange(told=told, muted=is_muted):
            await _write(tx, delivery, **_read(told, now))
            if not is_muted:
                await _catch_up(tx, delivery, now, now + EDIT_EVERY)
        case Retry(at=at, reason=reason, unknown=unknown, alone=alone):
            more = {"unknown": True} if unknown else {}
            await _write(tx, delivery, state="queued", due=at, reason=reason, **more)
            if not (alone or unknown):
                await _wait_together(tx, delivery, at)
        case Held():
            await tx.execute(delete(deliveries).where(deliveries.c.id == delivery, deliveries.c.told.is_(None)))
        case Dead(reason=reason):
            await _write(tx, delivery, deliveries.c.told.is_(None), state="dead", reason=reason, settled=now)
            # What was read stays read: no more edits, since this one will not be taken; the next message may take them.
            was_told = deliveries.c.told.is_not(None)
            await _keep_ref(tx, delivery)
            left = {"ref": deliveries.c.rung_ref, "rung_ref": None}
            await _write(tx, delivery, was_told, state="sent", reason=reason, settled=now, **left)


async def _wait_together(tx: AsyncConnection, delivery: DeliveryId, due: datetime) -> None:
    """Let what waits for the same chat, and cannot have arrived, wait as long as this: so it keeps its order."""
    row = select(deliveries.c.subscriber_id, deliveries.c.urgency).where(deliveries.c.id == delivery)
    for chat, urgency in await tx.execute(row):
        of_chat = (deliveries.c.subscriber_id == chat) & (deliveries.c.urgency == urgency)
        waits = of_chat & (deliveries.c.state == "queued") & ~deliveries.c.unknown
        await tx.execute(update(deliveries).where(waits).values(due=due))


async def _write(tx: AsyncConnection, delivery: DeliveryId, *which: ColumnElement[bool], **values: object) -> None:
    await tx.execute(update(deliveries).where(deliveries.c.id == delivery, *which).values(values))


def _read(told: Told | None, now: datetime) -> dict[str, object]:
    values: dict[str, object] = {"state": "sent", "settled": now, "reason": None}
    if told is None:
        return values
    return values | {
        "told": told.at,
        "told_level": told.level,
        "told_revision": told.revision,
        "told_digest": told.digest,
        "told_number": told.number,
        "told_rule": told.rule,
        "held": told.held,
        "held_level": told.held_level,
        "told_heads": list(map(_stored, told.heads)),
        "rung_head": None if told.rung is None else _stored(told.rung),
        "warned": told.warned,
    }


async def _is_beside(tx: AsyncConnection, delivery: DeliveryId, ref: str) -> bool:
    """Whether a message is one of news of a higher level: neither the alert nor its edit."""
    is_beside = deliveries.c.told.is_not(None) & deliveries.c.ref.is_distinct_from(ref)
    return bool(await tx.scalar(select(is_beside).where(deliveries.c.id == delivery)))


async def _keep_ref(tx: AsyncConnection, delivery: DeliveryId, ref: str | None = None) -> None:
    """Remember a message that is not the one to edit (None: the one that was), so that a reply to it is understood."""
    kept = deliveries.c.ref if ref is None else literal(ref)
    which = select(kept, deliveries.c.id).where(deliveries.c.id == delivery, kept.is_not(None))
    await tx.execute(insert(other_refs).from_select(["ref", "delivery_id"], which).prefix_with("OR IGNORE"))


async def _catch_up(tx: AsyncConnection, delivery: DeliveryId, now: datetime, next_edit: datetime) -> None:
    """Owe an edit if the story went on while this was on its way; at once if it came to another level, or if something
    was taken back that the chat doesn't know of.
    """
    behind = (
        select(stories.c.level, deliveries.c.told_level, has_reversals(deliveries.c.story_id).label("has_reversals"))
        .join(stories, stories.c.id == deliveries.c.story_id)
        .where(deliveries.c.id == delivery, deliveries.c.ref.is_not(None))
        .where(deliveries.c.told_revision < stories.c.revision)
    )
    row = (await tx.execute(behind)).one_or_none()
    if row is None:
        return
    is_urgent = row.has_reversals or row.level != row.told_level
    urgency = alert_urgency(Level(row.level)) if is_urgent else Urgency.EDIT
    due = now if is_urgent else next_edit
    anew = {"state": "queued", "created": now, "attempts": 0, "unknown": False}
    await _write(tx, delivery, urgency=urgency, due=due, **anew)


async def release(tx: AsyncConnection, claimed: Sequence[Delivery], due: datetime | None = None) -> None:
    """Give back what was claimed and never left: due at once (or at `due`), and not counted as an attempt."""
    await tx.execute(
        update(deliveries)
        .where(_claims(claimed))
        .values(
            state="queued",
            due=deliveries.c.created if due is None else due,
            attempts=deliveries.c.attempts - 1,
        )
    )


async def recover(tx: AsyncConnection) -> int:
    """Queue anew what a process that died had taken up; call at start, before anything is claimed. Returns how many.

    Only what had begun may have arrived. Being killed is no failure of the delivery's, so the attempt is not counted.
    """
    result = await tx.execute(
        update(deliveries)
        .where(deliveries.c.state == "sending")
        .values(
            state="queued",
            unknown=or_(deliveries.c.unknown, _MAY_HAVE_LEFT),
            due=deliveries.c.created,
            attempts=deliveries.c.attempts - 1,
        )
    )
    return int(result.rowcount)


async def take_back(tx: AsyncConnection, subscriber: SubscriberId) -> None:
    """Call when a chat's wishes change: what is claimed for it and has not begun is composed anew."""
    await _take_back(tx, deliveries.c.subscriber_id == subscriber)


async def _take_back(tx: AsyncConnection, which: ColumnElement[bool]) -> None:
    # The attempt stays counted, so that a lane which still holds the claim can never begin it.
    await tx.execute(
        update(deliveries)
        .where(which, OWED, deliveries.c.state == "sending", ~deliveries.c.begun)
        .values(state="queued", due=deliveries.c.created)
    )


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

    What is claimed and has not begun counts as queued. What another rule of the chat asks for as well is kept, in that
    rule's name.
    """
    await take_back(tx, subscriber)
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
    return await forget_queued(tx, queued)


async def forget_queued(tx: AsyncConnection, which: ColumnElement[bool]) -> int:
    """Forget what is queued of these deliveries: alerts that were not sent are deleted, sent ones stay as they are.

    What is claimed and has not begun counts as queued. Returns how many were deleted.
    """
    await _take_back(tx, which)
    queued = (deliveries.c.state == "queued") & which
    await tx.execute(update(deliveries).where(queued, deliveries.c.told.is_not(None)).values(state="sent"))
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
    state = case((deliveries.c.told.is_not(None), "sent"), else_=deliveries.c.state)
    is_unwanted = (deliveries.c.state == "dead") & deliveries.c.reason.in_(sorted(UNWANTED))
    rows = await tx.execute(
        select(state, func.count(), func.count().filter(deliveries.c.unknown))
        .where(is_unwanted.is_not(True))
        .group_by(state)
    )
    found = {state: (count, unknown) for state, count, unknown in rows}
    by_state = {state: found.get(state, (0, 0))[0] for state in ("queued", "sending", "sent", "dead")}
    return OutboxCounts(**by_state, unknown=sum(unknown for _, unknown in found.values()))
