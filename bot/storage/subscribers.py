"""Who talks with us, what each follows, and the rules, each kept once however many follow it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, and_, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Chat, Following, Level, Relevance, RuleId, Subscriber, SubscriberId
from bot.storage import outbox
from bot.storage.schema import deliveries, drafts, followings, matches, rules, subscribers

# How long the rules of a chat that cannot be reached are kept, in case it comes back.
UNREACHABLE_LIFE = timedelta(days=30)

# Chats that one query looks for.
LOOKED_UP = 500

# In the column `sound`: no alert rings.
SILENT = "none"

# A draft's buttons work for this long; then the rule, or an owner's text, has to be sent again.
DRAFT_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A following that was just saved; `fresh` tells that its rule is new to the index, too."""

    following: Following
    fresh: bool


def at_address(chat: Chat) -> ColumnElement[bool]:
    """That a row of `subscribers` is the chat's, or a thread's of it."""
    return and_(subscribers.c.platform == chat.platform, subscribers.c.address == chat.address)


def is_chat(chat: Chat) -> ColumnElement[bool]:
    """That a row of `subscribers` is the chat's, or its thread's where it names one."""
    return and_(at_address(chat), subscribers.c.thread == chat.thread)


async def find(tx: AsyncConnection, chat: Chat) -> Subscriber | None:
    """The subscriber behind a chat, or None when it has never talked with us (or asked to be forgotten)."""
    row = (await tx.execute(select(subscribers).where(is_chat(chat)))).one_or_none()
    return None if row is None else _subscriber_of(row)


async def get(tx: AsyncConnection, id_: SubscriberId) -> Subscriber | None:
    """A subscriber by its id; None once it has been forgotten."""
    return (await get_all(tx, [id_])).get(id_)


async def get_all(tx: AsyncConnection, ids: Sequence[SubscriberId]) -> Mapping[SubscriberId, Subscriber]:
    """Subscribers by their ids; those that have been forgotten are left out."""
    rows = await tx.execute(select(subscribers).where(subscribers.c.id.in_(ids)))
    return {found.id: found for found in map(_subscriber_of, rows)}


async def ensure(tx: AsyncConnection, chat: Chat, now: datetime) -> Subscriber:
    """The subscriber behind a chat, made if there was none."""
    values = {"platform": chat.platform, "address": chat.address, "thread": chat.thread}
    defaults = {"relevance": Relevance.CORE, "paused_until": None, "created": now}
    await tx.execute(insert(subscribers).values(values | defaults).on_conflict_do_nothing())
    found = await find(tx, chat)
    assert found is not None, "just made"  # noqa: S101
    return found


async def pause(tx: AsyncConnection, subscriber: SubscriberId, until: datetime | None) -> None:
    """Let no alerts arise for the chat before `until`; None lets them flow again."""
    await tx.execute(update(subscribers).where(subscribers.c.id == subscriber).values(paused_until=until))


async def widen(tx: AsyncConnection, subscriber: SubscriberId, relevance: Relevance) -> None:
    """RELATED for the wider circle, CORE for our subject alone."""
    await tx.execute(update(subscribers).where(subscribers.c.id == subscriber).values(relevance=relevance))


async def ring(tx: AsyncConnection, subscriber: SubscriberId, lowest: Level | None) -> None:
    """Let alerts of this level and above ring in the chat; None lets all come silently."""
    await outbox.take_back(tx, subscriber)
    await tx.execute(update(subscribers).where(subscribers.c.id == subscriber).values(sound=lowest or SILENT))


async def set_level(
    tx: AsyncConnection, subscriber: SubscriberId, level: Level | None, number: int | None = None
) -> None:
    """Let stories of this level and above alert the chat, or only its rule of that number.

    None lets all alert the chat, or the rule as the chat's level says.
    """
    await outbox.take_back(tx, subscriber)
    if number is None:
        chosen = level or Level.NORMAL
        await tx.execute(update(subscribers).where(subscribers.c.id == subscriber).values(level=chosen))
    else:
        rule = (followings.c.subscriber_id == subscriber) & (followings.c.number == number)
        await tx.execute(update(followings).where(rule).values(level=level))


async def set_languages(tx: AsyncConnection, subscriber: SubscriberId, langs: Sequence[str]) -> None:
    """Let the chat read these languages, by their codes; none: all."""
    await outbox.take_back(tx, subscriber)
    await tx.execute(update(subscribers).where(subscribers.c.id == subscriber).values(langs=" ".join(langs)))


async def set_mention(tx: AsyncConnection, following: Following, role: str) -> None:
    """Let alerts of a rule mention a role, by its id on the platform; empty: nobody."""
    await outbox.take_back(tx, following.subscriber)
    rule = (followings.c.subscriber_id == following.subscriber) & (followings.c.number == following.number)
    await tx.execute(update(followings).where(rule).values(mention=role))


async def publish(tx: AsyncConnection, subscriber: SubscriberId, *, on: bool) -> None:
    """Let alerts of the chat go on to those who follow its channel, or no longer."""
    await outbox.take_back(tx, subscriber)
    await tx.execute(update(subscribers).where(subscribers.c.id == subscriber).values(publishes=on))


async def mark_channel(tx: AsyncConnection, chat: Chat) -> None:
    """Remember of a chat that it is a channel, whose readers are not those who may change it."""
    is_unmarked = subscribers.c.is_channel.is_(False)
    await tx.execute(update(subscribers).where(at_address(chat), is_unmarked).values(is_channel=True))


async def note_set_up(tx: AsyncConnection, chat: Chat, user: str) -> None:
    """Remember who is to be told when a chat is lost, if anything is kept about the chat."""
    is_news = subscribers.c.set_up_by.is_distinct_from(user)
    await tx.execute(update(subscribers).where(is_chat(chat), is_news).values(set_up_by=user))


async def mark_unreachable(tx: AsyncConnection, chat: Chat, now: datetime) -> tuple[str, ...]:
    """Owe nothing more to a chat that cannot be reached, with all its threads; its rules are kept for UNREACHABLE_LIFE.

    Returns who is to be told of that: whoever set up rules there, unless it was out of reach before.
    """
    people = await set_up_by(tx, chat)
    lost = select(subscribers.c.id).where(at_address(chat))
    await outbox.forget_queued(tx, deliveries.c.subscriber_id.in_(lost))
    await tx.execute(
        update(subscribers)
        .where(at_address(chat), subscribers.c.unreachable_since.is_(None))
        .values(unreachable_since=now)
    )
    return people


async def set_up_by(tx: AsyncConnection, chat: Chat) -> tuple[str, ...]:
    """Who set up the rules of a chat that can be reached, with all its threads."""
    follows = select(followings.c.number).where(followings.c.subscriber_id == subscribers.c.id).exists()
    those = (
        select(subscribers.c.set_up_by)
        .where(at_address(chat), subscribers.c.unreachable_since.is_(None), follows)
        .distinct()
    )
    return tuple(person for person in await tx.scalars(those) if person)


async def is_unreachable(tx: AsyncConnection, chat: Chat) -> bool:
    """Whether the chat is taken to be out of reach."""
    lost = select(subscribers.c.id).where(at_address(chat), subscribers.c.unreachable_since.is_not(None)).limit(1)
    return await tx.scalar(lost) is not None


async def unreachable_since(tx: AsyncConnection, chats: Sequence[Chat]) -> Mapping[Chat, datetime]:
    """Those of the chats that are taken to be out of reach, and since when."""
    found: dict[Chat, datetime] = {}
    for start in range(0, len(chats), LOOKED_UP):
        asked = set(chats[start : start + LOOKED_UP])
        # Not by pairs of both: SQLite would read the whole table.
        by_platform = subscribers.c.platform.in_({chat.platform for chat in asked})
        by_address = subscribers.c.address.in_([chat.address for chat in asked])
        for row in await tx.execute(
            select(subscribers).where(by_platform, by_address, subscribers.c.unreachable_since.is_not(None))
        ):
            if (chat := Chat(platform=row.platform, address=row.address)) in asked:
                found[chat] = row.unreachable_since
    return found


async def mark_reachable(tx: AsyncConnection, chat: Chat) -> None:
    """The chat can be reached again: alerts flow as before."""
    await tx.execute(update(subscribers).where(at_address(chat)).values(unreachable_since=None))


async def long_unreachable(tx: AsyncConnection, now: datetime) -> list[SubscriberId]:
    """The chats that have been out of reach for so long that they may be forgotten."""
    found = select(subscribers.c.id).where(subscribers.c.unreachable_since < now - UNREACHABLE_LIFE)
    return [SubscriberId(id_) for id_ in await tx.scalars(found)]


async def forget(tx: AsyncConnection, subscriber: SubscriberId) -> list[RuleId]:
    """Delete all that is kept about the chat; returns the rules that nobody follows any more."""
    followed = list(await tx.scalars(select(followings.c.rule_id).where(followings.c.subscriber_id == subscriber)))
    await tx.execute(delete(subscribers).where(subscribers.c.id == subscriber))
    return await _drop_unfollowed(tx, [RuleId(id_) for id_ in followed])


async def follow(
    tx: AsyncConnection, subscriber: SubscriberId, text: str, *, names_relevance: bool, now: datetime
) -> Followed:
    """Save a rule (in its canonical text) for the chat; a rule that it follows already keeps its number.

    No number is given twice: "your rule 2" and "Unfollow 2" in old messages must not come to mean another rule.
    """
    rule, is_fresh = await _keep_rule(tx, text, names_relevance=names_relevance)
    number = select(subscribers.c.last_number + 1).where(subscribers.c.id == subscriber)
    values = {"subscriber_id": subscriber, "rule_id": rule, "number": number.scalar_subquery(), "created": now}
    await tx.execute(insert(followings).values(values).on_conflict_do_nothing())
    saved = next(following for following in await followings_of(tx, subscriber) if following.rule == rule)
    await note_number(tx, subscriber, saved.number)
    return Followed(following=saved, fresh=is_fresh)


async def note_number(tx: AsyncConnection, subscriber: SubscriberId, number: int) -> None:
    """Give no rule of the chat this number or a lower one again."""
    is_new = subscribers.c.last_number < number
    await tx.execute(update(subscribers).where(subscribers.c.id == subscriber, is_new).values(last_number=number))


async def replace(
    tx: AsyncConnection, following: Following, text: str, *, names_relevance: bool
) -> tuple[Followed, bool]:
    """Let a following mean another rule, which the chat must not follow already; its number stays.

    The second value is True when nobody follows the old rule any more and the index may drop it.
    """
    await outbox.take_back(tx, following.subscriber)
    rule, is_fresh = await _keep_rule(tx, text, names_relevance=names_relevance)
    await tx.execute(
        update(followings)
        .where(followings.c.subscriber_id == following.subscriber, followings.c.number == following.number)
        .values(rule_id=rule)
    )
    replaced = dataclass_replace(following, rule=rule, text=text)
    return Followed(following=replaced, fresh=is_fresh), bool(await _drop_unfollowed(tx, [following.rule]))


async def unfollow(tx: AsyncConnection, following: Following) -> bool:
    """End a following; True when nobody follows the rule any more and the index may drop it."""
    await tx.execute(
        delete(followings).where(
            followings.c.subscriber_id == following.subscriber, followings.c.number == following.number
        )
    )
    return bool(await _drop_unfollowed(tx, [following.rule]))


async def followings_of(tx: AsyncConnection, subscriber: SubscriberId) -> list[Following]:
    """What the chat follows, by number."""
    return (await followings_of_all(tx, [subscriber]))[subscriber]


async def followings_of_all(tx: AsyncConnection, ids: Sequence[SubscriberId]) -> Mapping[SubscriberId, list[Following]]:
    """What each of these chats follows, by number."""
    statement = (
        select(followings, rules.c.text)
        .join(rules, rules.c.id == followings.c.rule_id)
        .where(followings.c.subscriber_id.in_(ids))
        .order_by(followings.c.number)
    )
    found: dict[SubscriberId, list[Following]] = {id_: [] for id_ in ids}
    for row in await tx.execute(statement):
        following = Following(
            subscriber=SubscriberId(row.subscriber_id),
            number=row.number,
            rule=RuleId(row.rule_id),
            text=row.text,
            level=None if row.level is None else Level(row.level),
            mention=row.mention,
            created=row.created,
        )
        found[following.subscriber].append(following)
    return found


async def all_rules(tx: AsyncConnection) -> Mapping[RuleId, str]:
    """Every rule that somebody follows, by id: what the index in memory is built from."""
    return {RuleId(id_): text for id_, text in await tx.execute(select(rules.c.id, rules.c.text))}


async def counts(tx: AsyncConnection) -> tuple[int, int]:
    """How many chats talk with us, and how many rules they follow in all."""
    chats = await tx.scalar(select(func.count()).select_from(subscribers))
    followed = await tx.scalar(select(func.count()).select_from(followings))
    return chats or 0, followed or 0


async def save_draft(tx: AsyncConnection, subscriber: SubscriberId, text: str, now: datetime) -> int:
    """Keep a rule until its subscriber says yes or no; returns the number that the buttons carry."""
    await tx.execute(delete(drafts).where(drafts.c.created < now - DRAFT_LIFE))
    values = {"subscriber_id": subscriber, "text": text, "created": now}
    return int((await tx.execute(insert(drafts).values(values).returning(drafts.c.id))).scalar_one())


async def take_draft(tx: AsyncConnection, subscriber: SubscriberId, draft: int) -> str | None:
    """The rule of a draft, which is deleted; None if it was answered before, is too old, or is another chat's."""
    statement = delete(drafts).where(drafts.c.id == draft, drafts.c.subscriber_id == subscriber)
    return (await tx.execute(statement.returning(drafts.c.text))).scalar_one_or_none()


async def draft_of(tx: AsyncConnection, chat: Chat, draft: int) -> str | None:
    """The rule of a draft of the chat, which stays; None when there is none any more."""
    statement = (
        select(drafts.c.text)
        .join(subscribers, subscribers.c.id == drafts.c.subscriber_id)
        .where(drafts.c.id == draft, is_chat(chat))
    )
    return (await tx.execute(statement)).scalar_one_or_none()


async def _keep_rule(tx: AsyncConnection, text: str, *, names_relevance: bool) -> tuple[RuleId, bool]:
    """The id of a rule, and whether it is new."""
    fresh = await tx.execute(
        insert(rules).values(text=text, names_relevance=names_relevance).on_conflict_do_nothing().returning(rules.c.id)
    )
    is_fresh = fresh.one_or_none() is not None
    return RuleId((await tx.execute(select(rules.c.id).where(rules.c.text == text))).scalar_one()), is_fresh


async def _drop_unfollowed(tx: AsyncConnection, ids: Sequence[RuleId]) -> list[RuleId]:
    """Delete those of the rules that nobody follows any more, with what they matched; returns them."""
    followed = select(followings.c.rule_id).where(followings.c.rule_id == rules.c.id)
    unfollowed = delete(rules).where(rules.c.id.in_(ids), ~followed.exists()).returning(rules.c.id)
    dropped = [RuleId(id_) for id_ in await tx.scalars(unfollowed)]
    if dropped:
        await tx.execute(delete(matches).where(matches.c.rule_id.in_(dropped)))
    return dropped


def _subscriber_of(row: Row[tuple[object, ...]]) -> Subscriber:
    return Subscriber(
        id=SubscriberId(row.id),
        chat=Chat(platform=row.platform, address=row.address, thread=row.thread),
        relevance=Relevance(row.relevance),
        paused_until=row.paused_until,
        sound=None if row.sound == SILENT else Level(row.sound),
        level=Level(row.level),
        langs=tuple(row.langs.split()),
        is_channel=row.is_channel,
        publishes=row.publishes,
        created=row.created,
    )
