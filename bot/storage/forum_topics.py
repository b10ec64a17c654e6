"""Topics of groups that cannot be written in: where their alerts come instead, and what becomes of their rules."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Chat, Following, SubscriberId, Urgency
from bot.storage import chat_moves
from bot.storage import subscribers as chats
from bot.storage.schema import deliveries, subscribers


class AlertRoute(StrEnum):
    """Where the alerts of a chat come, as its people were told last."""

    ITSELF = "itself"
    GENERAL = "general"  # into the general topic of its group
    NOWHERE = "nowhere"  # that cannot be written in either: they wait


async def route_of(tx: AsyncConnection, chat: Chat) -> tuple[AlertRoute, tuple[Following, ...]]:
    """Where the alerts of a chat come, and what it follows."""
    found = await chats.find(tx, chat)
    if found is None:
        return AlertRoute.ITSELF, ()
    route = (await tx.execute(select(subscribers.c.alert_route).where(subscribers.c.id == found.id))).scalar_one()
    return AlertRoute(route), tuple(await chats.followings_of(tx, found.id))


async def reach(tx: AsyncConnection, chat: Chat, new: AlertRoute) -> None:
    """Note where the alerts of a chat come from now on."""
    found = await chats.find(tx, chat)
    if found is not None:
        await tx.execute(update(subscribers).where(subscribers.c.id == found.id).values(alert_route=new))


async def rules_in(tx: AsyncConnection, chat: Chat) -> list[tuple[Chat, Sequence[Following]]]:
    """What each topic of a group follows, the general one aside."""
    wanted = select(subscribers.c.id, subscribers.c.thread).where(chats.at_address(chat), subscribers.c.thread != "")
    threads = {SubscriberId(row.id): row.thread for row in await tx.execute(wanted.order_by(subscribers.c.id))}
    followed = await chats.followings_of_all(tx, list(threads)) if threads else {}
    return [(replace(chat, thread=threads[id_]), rules) for id_, rules in followed.items() if rules]


async def reopened(tx: AsyncConnection, chat: Chat) -> None:
    """A topic can be written in again, be it the general one: what waits for that is due at once."""
    # What other topics wait for can come to the general one.
    of_topic = chats.is_chat(chat) if chat.thread else chats.at_address(chat)
    waiting = (deliveries.c.state == "queued") & (deliveries.c.urgency != Urgency.EDIT) & (deliveries.c.attempts > 0)
    of_these = deliveries.c.subscriber_id.in_(select(subscribers.c.id).where(of_topic))
    await tx.execute(update(deliveries).where(waiting, of_these).values(due=deliveries.c.created))


async def dissolve(tx: AsyncConnection, topic: Chat) -> tuple[Following, ...]:
    """Let a topic that is no more leave its rules to the general one; returns them as they are numbered there.

    How the topic was set, and what it had muted, ends with it, unless the general one is used for the first time.
    """
    ended = await chats.find(tx, topic)
    if ended is None:
        return ()
    rules = {each.rule for each in await chats.followings_of(tx, ended.id)}
    general = await chats.find(tx, replace(topic, thread=""))
    if general is None:
        there = update(subscribers).where(subscribers.c.id == ended.id)
        await tx.execute(there.values(thread="", alert_route=AlertRoute.ITSELF))
        left_to = ended.id
    else:
        await chat_moves.merge(tx, ended.id, general.id)
        left_to = general.id
    return tuple(each for each in await chats.followings_of(tx, left_to) if each.rule in rules)
