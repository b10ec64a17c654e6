"""The fan-out: from a story to everybody whose rule it satisfies, and to everybody who has its alert already."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Level, Relevance, StoryId, Urgency
from bot.core.stories.levels import is_louder
from bot.storage.alert_messages import has_heard_of, has_reversals, is_behind
from bot.storage.schema import (
    MICROSECOND,
    deliveries,
    fanouts,
    followings,
    matches,
    rules,
    stories,
    subscribers,
)

# How many followings one fan-out transaction serves: 10,000 take about 0.05 s, so that nobody waits over 0.2 s.
FANOUT_CHUNK = 10_000

# A message is edited at most this often, unless the story's level rises or what it said is taken back.
EDIT_EVERY = timedelta(minutes=5)


async def open_fanouts(tx: AsyncConnection) -> list[StoryId]:
    """Stories whose alerts are not yet all queued, oldest first."""
    return [StoryId(id_) for id_ in await tx.scalars(select(fanouts.c.story_id).order_by(fanouts.c.story_id))]


async def fan_out(tx: AsyncConnection, id_: StoryId, now: datetime, chunk: int = FANOUT_CHUNK) -> int:
    """Queue what a story owes the next `chunk` followings; returns how many of that are new alerts.

    The row in `fanouts` goes when nobody is left, so a story for more chats than that is finished by later
    transactions, whatever happens in between.
    """
    after = await tx.scalar(select(fanouts.c.after).where(fanouts.c.story_id == id_))
    if after is None:
        return 0
    matched = followings.c.rule_id.in_(select(matches.c.rule_id).where(matches.c.story_id == id_))
    upto = await tx.scalar(
        select(followings.c.subscriber_id)
        .where(matched, followings.c.subscriber_id > after)
        .order_by(followings.c.subscriber_id)
        .offset(chunk - 1)
        .limit(1)
    )
    story = (await tx.execute(select(stories).where(stories.c.id == id_))).one()
    queued = await _queue_alerts(tx, story, now, after, upto)
    await _lift_urgency(tx, story, after, upto)
    await _queue_edits(tx, story, now, after, upto)
    if upto is None:
        await tx.execute(delete(fanouts).where(fanouts.c.story_id == id_))
    else:
        await tx.execute(update(fanouts).where(fanouts.c.story_id == id_).values(after=upto))
    return queued


def alert_urgency(level: Level) -> Urgency:
    """How urgent the alert of a story is."""
    return Urgency.BREAKING if level is Level.BREAKING else Urgency.ALERT


async def _queue_alerts(tx: AsyncConnection, story: Row[Any], now: datetime, after: int, upto: int | None) -> int:
    """A delivery for each chat that has none, and one more for whoever has heard of a lower level only.

    Of several rules of a chat one is named.
    """
    level = Level(story.level)
    values = (
        followings.c.subscriber_id,
        literal(story.id),
        followings.c.rule_id,
        literal(int(alert_urgency(level))),
        literal("queued"),
        literal(0),
        _at(now),
        _at(now),
    )
    names = ["subscriber_id", "story_id", "rule_id", "urgency", "state", "attempts", "due", "created"]
    wanted = _audience(story, values, now).where(_within(followings.c.subscriber_id, after, upto))
    statement = insert(deliveries).from_select(names, wanted)
    anew = {name: statement.excluded[name] for name in ("urgency", "state", "attempts", "created")}
    waits_to_be_edited = and_(deliveries.c.state == "queued", deliveries.c.urgency == Urgency.EDIT)
    # A platform that asked us to wait has asked it for whatever goes to that chat.
    was_asked_to_wait = and_(waits_to_be_edited, deliveries.c.attempts > 0)
    due = case((was_asked_to_wait, deliveries.c.due), else_=statement.excluded.due)
    # Looked up once for all, rather than for each chat.
    of_story = and_(deliveries.c.story_id == story.id, _within(deliveries.c.subscriber_id, after, upto))
    heard = select(deliveries.c.id).where(
        of_story, has_heard_of(*[each for each in Level if not is_louder(level, each)])
    )
    rises = deliveries.c.id.not_in(heard.correlate(None))
    statement = statement.on_conflict_do_update(
        index_elements=[deliveries.c.subscriber_id, deliveries.c.story_id],
        set_=anew | {"due": due, "unknown": False},
        where=and_(rises, or_(deliveries.c.state == "sent", waits_to_be_edited)),
    )
    return int((await tx.execute(statement)).rowcount)


def _audience(story: Row[Any], columns: tuple[Any, ...], now: datetime) -> Select[Any]:
    """The followings that a story concerns.

    Chats out of reach are passed over, and those that followed the rule or woke from a pause after the last report that
    matched. What is only related to our subject goes to rules that name a relevance and to chats that asked for the
    wider circle; a level below the one that a rule or its chat wants waits until it rises.
    """
    wide_enough = or_(
        literal(story.relevance == Relevance.CORE),
        rules.c.names_relevance,
        and_(literal(story.relevance == Relevance.RELATED), subscribers.c.relevance == Relevance.RELATED),
    )
    # A clock that once ran ahead must not silence a rule.
    followed_in_time = or_(followings.c.created <= matches.c.at, followings.c.created > now)
    wanted_level = func.coalesce(followings.c.level, subscribers.c.level)
    return (
        select(*columns)
        .select_from(matches.join(followings, followings.c.rule_id == matches.c.rule_id))
        .join(rules, rules.c.id == followings.c.rule_id)
        .join(subscribers, subscribers.c.id == followings.c.subscriber_id)
        .where(matches.c.story_id == story.id, followed_in_time, wide_enough)
        .where(or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= matches.c.at))
        .where(subscribers.c.unreachable_since.is_(None))
        .where(wanted_level.in_([level for level in Level if not is_louder(level, Level(story.level))]))
    )


async def _lift_urgency(tx: AsyncConnection, story: Row[Any], after: int, upto: int | None) -> None:
    """What waits to be told of a story that has become breaking news meanwhile waits no longer than they do."""
    if story.level == Level.BREAKING:
        await tx.execute(
            update(deliveries)
            .where(deliveries.c.story_id == story.id, _within(deliveries.c.subscriber_id, after, upto))
            .where(deliveries.c.state == "queued", deliveries.c.urgency == Urgency.ALERT)
            .values(urgency=Urgency.BREAKING)
        )


async def _queue_edits(tx: AsyncConnection, story: Row[Any], now: datetime, after: int, upto: int | None) -> None:
    """Let the alerts that were sent be edited, where they no longer show what the story has come to."""
    those = and_(deliveries.c.story_id == story.id, _within(deliveries.c.subscriber_id, after, upto))
    # Named rather than looked up in each row, the story is searched for what was taken back only once.
    await owe_edits(tx, those, now, has_reversals(literal(story.id)))


async def owe_edits(
    tx: AsyncConnection, those: ColumnElement[bool], now: datetime, is_reversed: ColumnElement[bool] | None = None
) -> None:
    """Owe an edit of each of those alerts that were sent and no longer show what their stories have come to.

    Where something was taken back it is due at once, also if an edit waits already.
    """
    is_reversed = has_reversals(deliveries.c.story_id) if is_reversed is None else is_reversed
    next_edit = type_coerce(deliveries.c.settled, BigInteger) + literal(EDIT_EVERY // MICROSECOND)
    revision, level = (
        select(column).where(stories.c.id == deliveries.c.story_id).correlate(deliveries).scalar_subquery()
        for column in (stories.c.revision, stories.c.level)
    )
    as_an_alert = case((level == Level.BREAKING, literal(Urgency.BREAKING)), else_=literal(Urgency.ALERT))
    await tx.execute(
        update(deliveries)
        .where(those, deliveries.c.state == "sent", is_behind(revision, is_reversed))
        .values(
            state="queued",
            urgency=case((is_reversed, as_an_alert), else_=literal(Urgency.EDIT)),
            due=case((is_reversed, _at(now)), else_=func.max(_at(now), next_edit)),
            created=now,
            attempts=0,
            unknown=False,
        )
    )
    # A platform that asked us to wait has asked it for whatever goes to that chat.
    waits = and_(deliveries.c.state == "queued", deliveries.c.urgency == Urgency.EDIT, deliveries.c.attempts == 0)
    await tx.execute(update(deliveries).where(those, waits, is_reversed).values(urgency=as_an_alert, due=_at(now)))


def _within(subscriber: ColumnElement[int], after: int, upto: int | None) -> ColumnElement[bool]:
    return subscriber > after if upto is None else and_(subscriber > after, subscriber <= upto)


def _at(now: datetime) -> Any:
    return literal(now, deliveries.c.due.type)
