"""The outbox: every alert that we owe, and what became of it.

Deliveries are written in the transaction that finds the story (updates.apply) and leave only by settle(). One that was
sent is owed again when a message of it no longer shows what the story has come to (see storage.alert_messages).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import (
    BroadcastId,
    Chat,
    Dead,
    Delivery,
    DeliveryId,
    Level,
    Nothing,
    Outcome,
    Retry,
    RuleId,
    Sent,
    SentAlert,
    StoryId,
    SubscriberId,
    Unwanted,
    Urgency,
)
from bot.storage import alert_messages
from bot.storage.alert_messages import IS_SENT, has_heard_of, has_reversals, is_behind
from bot.storage.fanout import EDIT_EVERY, alert_urgency
from bot.storage.schema import OWED, deliveries, followings, matches, stories, subscribers


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
    )


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
        case Sent(ref=ref, sent=sent):
            await _sent(tx, delivery, sent, now, ref)
        case Nothing(why=Unwanted.QUIET):
            await tx.execute(delete(deliveries).where(deliveries.c.id == delivery, ~IS_SENT))
        case Nothing(why=why, sent=()):
            await _write(tx, delivery, IS_SENT, state="sent", reason=None, settled=now)
            await _write(tx, delivery, ~IS_SENT, state="dead", reason=why, settled=now)
        case Nothing(sent=sent):
            await _sent(tx, delivery, sent, now)
        case Retry(at=at, reason=reason, unknown=unknown, alone=alone):
            more = {"unknown": True} if unknown else {}
            await _write(tx, delivery, state="queued", due=at, reason=reason, **more)
            if not (alone or unknown):
                await _wait_together(tx, delivery, at)
        case Dead(reason=reason, uneditable=number):
            await _write(tx, delivery, ~IS_SENT, state="dead", reason=reason, settled=now)
            # What was read stays read. What else can be done without this message is done at once.
            left = (
                {"state": "sent", "settled": now} if number is None else {"state": "queued", "due": now, "attempts": 0}
            )
            await _write(tx, delivery, IS_SENT, reason=reason, **left)
            if number is not None:
                await alert_messages.give_up_editing(tx, delivery, number)


async def _sent(
    tx: AsyncConnection, delivery: DeliveryId, sent: Sequence[SentAlert], now: datetime, ref: str | None = None
) -> None:
    if await _write(tx, delivery, state="sent", reason=None, settled=now) == 0:
        return  # its chat has been forgotten meanwhile
    await alert_messages.record(tx, delivery, sent, ref)
    # The first message is edited at once after one beside it, which left it as it was.
    newest = max((each.revision for each in sent), default=0)
    is_left = any(each.editable and each.revision < newest for each in sent)
    await _catch_up(tx, delivery, now, now if is_left else now + EDIT_EVERY)


async def _wait_together(tx: AsyncConnection, delivery: DeliveryId, due: datetime) -> None:
    """Let what waits for the same chat, and cannot have arrived, wait as long as this: so it keeps its order."""
    row = select(deliveries.c.subscriber_id, deliveries.c.urgency).where(deliveries.c.id == delivery)
    for chat, urgency in await tx.execute(row):
        of_chat = (deliveries.c.subscriber_id == chat) & (deliveries.c.urgency == urgency)
        waits = of_chat & (deliveries.c.state == "queued") & ~deliveries.c.unknown
        await tx.execute(update(deliveries).where(waits).values(due=due))


async def _write(tx: AsyncConnection, delivery: DeliveryId, *which: ColumnElement[bool], **values: object) -> int:
    result = await tx.execute(update(deliveries).where(deliveries.c.id == delivery, *which).values(values))
    return int(result.rowcount)


async def _catch_up(tx: AsyncConnection, delivery: DeliveryId, now: datetime, next_edit: datetime) -> None:
    """Owe an edit if the story went on while this was on its way; at once if it came to another level, or if something
    was taken back that the chat doesn't know of.
    """
    is_reversed = has_reversals(deliveries.c.story_id)
    is_urgent = or_(is_reversed, ~has_heard_of(stories.c.level))
    behind = (
        select(stories.c.level, is_urgent.label("is_urgent"))
        .join(stories, stories.c.id == deliveries.c.story_id)
        .where(deliveries.c.id == delivery, is_behind(stories.c.revision, is_reversed))
    )
    row = (await tx.execute(behind)).one_or_none()
    if row is None:
        return
    urgency = alert_urgency(Level(row.level)) if row.is_urgent else Urgency.EDIT
    due = now if row.is_urgent else next_edit
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
    await tx.execute(update(deliveries).where(queued, IS_SENT).values(state="sent"))
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
    state = case((deliveries.c.state == "sent", "sent"), (IS_SENT, "sent"), else_=deliveries.c.state)
    is_unwanted = (deliveries.c.state == "dead") & deliveries.c.reason.in_(list(Unwanted))
    rows = await tx.execute(
        select(state, func.count(), func.count().filter(deliveries.c.unknown))
        .where(is_unwanted.is_not(True))
        .group_by(state)
    )
    found = {state: (count, unknown) for state, count, unknown in rows}
    by_state = {state: found.get(state, (0, 0))[0] for state in ("queued", "sending", "sent", "dead")}
    return OutboxCounts(**by_state, unknown=sum(unknown for _, unknown in found.values()))
