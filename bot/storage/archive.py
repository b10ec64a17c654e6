"""What is kept of stories and of what became of their alerts, for those who ask: read, never written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import (
    Chat,
    DeliveryId,
    Level,
    MessageKind,
    Relevance,
    RuleId,
    SentAlert,
    StoryId,
    SubscriberId,
)
from bot.storage import alert_messages
from bot.storage.schema import alert_messages as messages
from bot.storage.schema import deliveries, items, story_levels, subscribers
from bot.storage.waiting import TOO_LATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """What became of the alert that a chat is owed; `sent_at` is when it was sent, None if it was not.

    `number` and `text` are those of the rule that it names, if that is known; `suppressed_at` is when a mute kept back
    news of `suppressed_level`, unless news of a higher one came after that.
    """

    rule: RuleId | None
    state: str
    reason: str | None
    sent_at: datetime | None
    number: int | None = None
    text: str | None = None
    suppressed_at: datetime | None = None
    suppressed_level: Level | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """When a story came to a level, and by which rule of levels.toml, in words."""

    level: Level
    reason: str
    at: datetime


async def alerts_of(tx: AsyncConnection, subscriber: SubscriberId, of: Sequence[StoryId]) -> Mapping[StoryId, Alerted]:
    """The alerts that a chat is or was owed, of these stories."""
    statement = select(deliveries).where(deliveries.c.subscriber_id == subscriber, deliveries.c.story_id.in_(of))
    rows = (await tx.execute(statement)).all()
    sent = await alert_messages.of_all(tx, [DeliveryId(row.id) for row in rows])
    return {StoryId(row.story_id): _alerted(row, sent.get(DeliveryId(row.id), ())) for row in rows}


def _alerted(row: Row[Any], sent: Sequence[SentAlert]) -> Alerted:
    # The one that is kept up to date names the rule as it is now.
    shown = next((each for each in sent if each.editable), sent[0] if sent else None)
    news = [each for each in sent if each.kind in {MessageKind.UPDATE, MessageKind.SUPPRESSED}]
    suppressed = news[-1] if news and news[-1].kind is MessageKind.SUPPRESSED else None
    return Alerted(
        rule=None if row.rule_id is None else RuleId(row.rule_id),
        state=row.state,
        reason=row.reason,
        sent_at=sent[0].sent_at if sent else row.settled if row.state == "sent" else None,
        number=shown.rule_number if shown else None,
        text=shown.rule_text if shown else None,
        suppressed_at=suppressed.sent_at if suppressed else None,
        suppressed_level=suppressed.level if suppressed else None,
    )


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
    row = (
        await tx.execute(
            select(deliveries.c.subscriber_id, deliveries.c.story_id)
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .join(messages, messages.c.delivery_id == deliveries.c.id)
            .where(subscribers.c.platform == chat.platform, subscribers.c.address == chat.address)
            .where(messages.c.ref == ref)
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
