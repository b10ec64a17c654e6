"""What is kept about a chat and, where it is somebody's own, about that person; and its end."""

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import Chat, RuleId
from bot.storage import subscribers as chats
from bot.storage.schema import admissions, subscribers


async def is_let_in(tx: AsyncConnection, chat: Chat, person: str = "") -> bool:
    """Whether a list of the owner's names the chat, in no other topic of which anything is kept, or the person."""
    listed = _listed(await _entries(tx, chat, person))
    return await tx.scalar(select(admissions.c.entry).where(listed).limit(1)) is not None


async def forget(tx: AsyncConnection, chat: Chat, person: str = "") -> list[RuleId]:
    """Delete all that is kept about a chat and about the person whose own it is; returns the rules that nobody follows.

    What let the chat in ends with the last of its topics, with whatever the person has brought along.
    """
    listed = _listed(await _entries(tx, chat, person))
    await tx.execute(delete(admissions).where(listed))
    if person:
        set_up = (subscribers.c.platform == chat.platform) & (subscribers.c.set_up_by == person)
        await tx.execute(update(subscribers).where(set_up).values(set_up_by=None))
    found = await chats.find(tx, chat)
    return [] if found is None else await chats.forget(tx, found.id)


async def _entries(tx: AsyncConnection, chat: Chat, person: str) -> list[str]:
    entries = [f"{chat.platform}:{person}"] if person else []
    others = select(subscribers.c.id).where(chats.at_address(chat), subscribers.c.thread != chat.thread).limit(1)
    if await tx.scalar(others) is None:
        entries.append(f"{chat.platform}:{chat.address}")
    return entries


def _listed(entries: list[str]) -> ColumnElement[bool]:
    return or_(admissions.c.entry.in_(entries), admissions.c.brought_by.in_(entries))
