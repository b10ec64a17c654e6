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
    true,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.schema import (
    MICROSECOND,
    OWED,
    alert_headlines,
    alert_messages,
    deliveries,
    former_titles,
    items,
    poll_states,
)

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
_NEWS_SINCE = items.c.first_seen >= bindparam("told_since", type_=items.c.first_seen.type)
_RUNNING = deliveries.c.story_id.in_(select(items.c.story_id).where(_NEWS_SINCE))
_RUNNING_DELIVERIES = select(deliveries.c.id).where(_RUNNING)
# Moments that have been, and that something is counted from: none of them may be later than now.
_PAST: Moments = (
    (poll_states.c.last_success, true()),
    (poll_states.c.checked, true()),
    (deliveries.c.created, OWED),
    (deliveries.c.settled, _RUNNING),
    (alert_messages.c.sent_at, alert_messages.c.delivery_id.in_(_RUNNING_DELIVERIES)),
    (alert_messages.c.corrected_until, alert_messages.c.delivery_id.in_(_RUNNING_DELIVERIES)),
    (alert_headlines.c.since, alert_headlines.c.delivery_id.in_(_RUNNING_DELIVERIES)),
    (former_titles.c.until, former_titles.c.item_id.in_(select(items.c.id).where(_NEWS_SINCE))),
    (items.c.published, _NEWS_SINCE),
    (items.c.first_seen, _NEWS_SINCE),
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
    for column, which in _PAST:
        await tx.execute(
            update(column.table).where(which, column > now).values({column: now}), {"told_since": now - _TOLD_WITHIN}
        )
