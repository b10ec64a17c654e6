"""What chats do not want to hear of for now: single stories, and all that satisfies a rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import StoryId, SubscriberId
from bot.storage import fanout, outbox
from bot.storage.schema import deliveries, mutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A story, or a rule in its canonical `text`, that a chat has muted `until` then; None: for good."""

    id: int
    story: StoryId | None
    text: str | None
    until: datetime | None
    created: datetime


async def add_story(
    tx: AsyncConnection, subscriber: SubscriberId, story: StoryId, until: datetime | None, now: datetime
) -> int:
    """Mute a story that is there; muted before, it is muted as long as is said now. Returns the mute's id."""
    return await _add(tx, subscriber, mutes.c.story_id == story, {"story_id": story, "until": until, "created": now})


async def add_rule(
    tx: AsyncConnection, subscriber: SubscriberId, text: str, until: datetime | None, now: datetime
) -> int:
    """Mute all that satisfies a rule; muted before, it is muted as long as is said now. Returns the mute's id."""
    return await _add(tx, subscriber, mutes.c.text == text, {"text": text, "until": until, "created": now})


async def _add(
    tx: AsyncConnection, subscriber: SubscriberId, same: ColumnElement[bool], values: dict[str, object]
) -> int:
    await tx.execute(delete(mutes).where(mutes.c.subscriber_id == subscriber, same))
    await outbox.take_back(tx, subscriber)
    made = insert(mutes).values(values | {"subscriber_id": subscriber}).returning(mutes.c.id)
    return int((await tx.execute(made)).scalar_one())


async def remove(tx: AsyncConnection, subscriber: SubscriberId, mute: int) -> bool:
    """End a mute of the chat; False when it has no such mute. `clear_ended` does the rest."""
    lasts = or_(mutes.c.until.is_(None), mutes.c.until > mutes.c.created)
    which = (mutes.c.id == mute) & (mutes.c.subscriber_id == subscriber) & lasts
    return bool((await tx.execute(update(mutes).where(which).values(until=mutes.c.created))).rowcount)


async def of(tx: AsyncConnection, subscriber: SubscriberId, now: datetime) -> list[Mute]:
    """What the chat has muted and is still muted, the oldest first."""
    return (await of_all(tx, [subscriber], now))[subscriber]


async def of_all(tx: AsyncConnection, ids: Sequence[SubscriberId], now: datetime) -> Mapping[SubscriberId, list[Mute]]:
    """What each of these chats has muted and is still muted, the oldest first."""
    statement = (
        select(mutes)
        .where(mutes.c.subscriber_id.in_(ids), or_(mutes.c.until.is_(None), mutes.c.until > now))
        .order_by(mutes.c.id)
    )
    found: dict[SubscriberId, list[Mute]] = {id_: [] for id_ in ids}
    for row in await tx.execute(statement):
        mute = Mute(
            id=row.id,
            story=StoryId(row.story_id) if row.story_id is not None else None,
            text=row.text,
            until=row.until,
            created=row.created,
        )
        found[SubscriberId(row.subscriber_id)].append(mute)
    return found


async def have_ended(tx: AsyncConnection, now: datetime) -> bool:
    """Whether there is something for `clear_ended` to do."""
    return await tx.scalar(select(mutes.c.id).where(mutes.c.until <= now).limit(1)) is not None


async def clear_ended(tx: AsyncConnection, now: datetime) -> None:
    """Delete the mutes that have ended, and owe their chats the edits that were held back."""
    ended = select(mutes.c.subscriber_id).where(mutes.c.until <= now)
    await fanout.owe_edits(tx, deliveries.c.subscriber_id.in_(ended), now)
    await tx.execute(delete(mutes).where(mutes.c.until <= now))
