"""Private chats that act for a channel: what is asked there is about the channel."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Chat, SubscriberId
from bot.storage.schema import acting, subscribers
from bot.storage.subscribers import is_chat


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """The channel that a chat acts for, under the name by which it was chosen."""

    channel: SubscriberId
    chat: Chat
    name: str


async def begin(tx: AsyncConnection, subscriber: SubscriberId, channel: SubscriberId, name: str) -> None:
    """Let a chat act for a channel, instead of any other that it acted for."""
    chosen = {"channel_id": channel, "name": name}
    statement = insert(acting).values(subscriber_id=subscriber, **chosen)
    await tx.execute(statement.on_conflict_do_update(index_elements=[acting.c.subscriber_id], set_=chosen))


async def find(tx: AsyncConnection, chat: Chat) -> Acting | None:
    """The channel that a chat acts for. It ends by itself when either of the two is forgotten."""
    channel = subscribers.alias("channel")
    statement = (
        select(acting, channel.c.platform, channel.c.address, channel.c.thread)
        .join(subscribers, subscribers.c.id == acting.c.subscriber_id)
        .join(channel, channel.c.id == acting.c.channel_id)
        .where(is_chat(chat))
    )
    row = (await tx.execute(statement)).one_or_none()
    if row is None:
        return None
    there = Chat(platform=row.platform, address=row.address, thread=row.thread)
    return Acting(channel=SubscriberId(row.channel_id), chat=there, name=row.name)


async def end(tx: AsyncConnection, chat: Chat) -> None:
    """Let a chat act for itself again."""
    actor = select(subscribers.c.id).where(is_chat(chat))
    await tx.execute(delete(acting).where(acting.c.subscriber_id.in_(actor)))
