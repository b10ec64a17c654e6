"""What is kept of stories and of what became of their alerts, for those who ask: read, never written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Chat, Level, Relevance, RuleId, StoryId, SubscriberId
from bot.storage.schema import deliveries, items, other_refs, story_levels, subscribers
from bot.storage.waiting import TOO_LATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """What became of the alert that a chat is owed; `told` is when it was sent, None if it was not.

    `number` and `text` are those of the rule that it named then, if that is known; `held` is when a mute held back news
    of `held_level`.
    """

    rule: RuleId | None
    state: str
    reason: str | None
    told: datetime | None
    number: int | None = None
    text: str | None = None
    held: datetime | None = None
    held_level: Level | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """When a story came to a level, and by which rule of levels.toml, in words."""

    level: Level
    reason: str
    at: datetime


async def alerts_of(
    tx: AsyncConnection, subscriber: SubscriberId, told: Sequence[StoryId]
) -> Mapping[StoryId, Alerted]:
    """The alerts that a chat is or was owed, of these stories."""
    statement = select(deliveries).where(deliveries.c.subscriber_id == subscriber, deliveries.c.story_id.in_(told))
    return {
        StoryId(row.story_id): Alerted(
            rule=None if row.rule_id is None else RuleId(row.rule_id),
            state=row.state,
            reason=row.reason,
            told=row.told or (row.settled if row.state == "sent" else None),
            number=row.told_number,
            text=row.told_rule,
            held=row.held,
            held_level=None if row.held_level is None else Level(row.held_level),
        )
        for row in await tx.execute(statement)
    }


async def given_up_since(tx: AsyncConnection, subscriber: SubscriberId, since: datetime) -> list[StoryId]:
    """The stories whose alerts a chat was owed for so long that they were given up, since then; the newest first."""
    statement = (
        select(deliveries.c.story_id)
        .where(deliveries.c.subscriber_id == subscriber, deliveries.c.story_id.is_not(None))
        .where(deliveries.c.state == "dead", deliveries.c.settled >= since, deliveries.c.reason.startswith(TOO_LATE))
        .order_by(deliveries.c.id.desc())
    )
    return [StoryId(id_) for id_ in await tx.scalars(statement)]


async def alert_behind(tx: AsyncConnection, chat: Chat, ref: str) -> tuple[SubscriberId, StoryId] | None:
    """Whose alert of which story a message of the chat is; in whatever thread, for a closed one has its alerts moved.

    None for a message that is none.
    """
    others = select(other_refs.c.delivery_id).where(other_refs.c.ref == ref)
    row = (
        await tx.execute(
            select(deliveries.c.subscriber_id, deliveries.c.story_id)
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .where(subscribers.c.platform == chat.platform, subscribers.c.address == chat.address)
            .where(or_(deliveries.c.ref == ref, deliveries.c.id.in_(others)), deliveries.c.story_id.is_not(None))
            .order_by(deliveries.c.id.desc())
            .limit(1)
        )
    ).one_or_none()
    return None if row is None else (SubscriberId(row.subscriber_id), StoryId(row.story_id))


async def level_history(tx: AsyncConnection, story: StoryId) -> list[Rise]:
    """When a story came to its levels, oldest first; nothing for one that was never more than normal."""
    statement = select(story_levels).where(story_levels.c.story_id == story).order_by(story_levels.c.at)
    return [Rise(level=Level(row.level), reason=row.reason, at=row.at) for row in await tx.execute(statement)]


async def told_between(
    tx: AsyncConnection, since: datetime, until: datetime, relevances: Sequence[Relevance]
) -> list[StoryId]:
    """The stories of which something with one of these relevances was published then, the newest first."""
    newest = func.max(items.c.published)
    statement = (
        select(items.c.story_id)
        .where(items.c.relevance.in_(relevances), items.c.published >= since, items.c.published <= until)
        .group_by(items.c.story_id)
        .order_by(newest.desc(), items.c.story_id.desc())
    )
    return [StoryId(id_) for id_ in await tx.scalars(statement)]
