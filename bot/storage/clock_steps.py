"""What is stored about time, once the machine's clock has gone back: nothing may wait until the old time comes again.

Moments that people were told (a pause, a mute until three o'clock) stay as they are.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    TextClause,
    bindparam,
    func,
    literal,
    select,
    text,
    true,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import EPOCH, MICROSECOND, OWED, deliveries, former_titles, items, poll_states

Moments = Sequence[tuple[Column[Any], ColumnElement[bool] | TextClause]]
"""Columns, and the rows of theirs that matter: no index finds a moment among all that was ever delivered."""

# Moments that are waited for: they come as much earlier as the clock has gone back.
_AWAITED: Moments = (
    (poll_states.c.next_poll, true()),
    (poll_states.c.unconditional_until, true()),
    (deliveries.c.due, OWED),
)
# An alert waits for a day at the most: what was told lately is of stories that had news not long before.
_TOLD_WITHIN = timedelta(days=1)
_NEWS_SINCE = items.c.first_seen >= bindparam("since", type_=items.c.first_seen.type)
_RUNNING = deliveries.c.story_id.in_(select(items.c.story_id).where(_NEWS_SINCE))
# Moments that have been, and that something is counted from: none of them may be later than now.
_PAST: Moments = (
    (poll_states.c.last_success, true()),
    (poll_states.c.checked, true()),
    (deliveries.c.created, OWED),
    (deliveries.c.settled, _RUNNING),
    (deliveries.c.told, _RUNNING),
    (deliveries.c.warned, _RUNNING),
    (deliveries.c.held, _RUNNING),
    (former_titles.c.until, former_titles.c.item_id.in_(select(items.c.id).where(_NEWS_SINCE))),
    (items.c.published, _NEWS_SINCE),
    (items.c.first_seen, _NEWS_SINCE),
)

# The heads of messages, each [item, moment, title]: none was read later than now.
_HEADS = (
    text(
        "UPDATE deliveries SET told_heads = (SELECT json_group_array(json_set(head.value, '$[1]', "
        "min(json_extract(head.value, '$[1]'), :now))) FROM json_each(deliveries.told_heads) AS head) "
        "WHERE json_type(told_heads) = 'array' "
        "AND story_id IN (SELECT story_id FROM items WHERE first_seen >= :since)"
    ),
    text(
        "UPDATE deliveries SET rung_head = json_set(rung_head, '$[1]', min(json_extract(rung_head, '$[1]'), :now)) "
        "WHERE json_type(rung_head) = 'array' "
        "AND story_id IN (SELECT story_id FROM items WHERE first_seen >= :since)"
    ),
)


async def newest_moment(tx: AsyncConnection) -> datetime | None:
    """The latest moment at which something is known to have happened; None in a new database."""
    moments = [
        await tx.scalar(select(func.max(poll_states.c.last_success))),
        await tx.scalar(select(func.max(items.c.first_seen))),
    ]
    return max((moment for moment in moments if moment is not None), default=None)


async def go_back(tx: AsyncConnection, by: timedelta, now: datetime) -> None:
    """Set right what is stored, once the clock has gone back `by` so much, to `now`."""
    for column, which in _AWAITED:
        earlier = type_coerce(column, BigInteger) - literal(by // MICROSECOND)
        await tx.execute(update(column.table).where(which, column > now).values({column: earlier}))
    since = now - _TOLD_WITHIN
    for column, which in _PAST:
        await tx.execute(update(column.table).where(which, column > now).values({column: now}), {"since": since})
    for heads in _HEADS:
        moments = {"now": (now - EPOCH) // MICROSECOND, "since": (since - EPOCH) // MICROSECOND}
        await tx.execute(heads, moments)
