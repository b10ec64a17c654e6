"""What owners decide about people: whom to let in, and what to tell everybody."""

import re
from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.access import entry_of
from bot.commands.framework.command import Call, Request, Services, misuse
from bot.core.message.blocks import Block, Button, Message, Role, code, say, say_count
from bot.storage import admissions

_ENTRY = re.compile(r"[a-z]+:-?\w{1,40}", re.ASCII)

OPEN = "Right now anyone can use this bot; FAULTLINE_ACCESS=allowlist limits it to owners and those listed."


async def allow(call: Call) -> Message:
    """Let a chat or a person in; without one: who is."""
    wanted = call.arguments.text("who")
    if wanted is None:
        return _list(call)
    entry = _entry(wanted)
    async with call.services.database.write() as tx:
        await admissions.admit(tx, entry, call.now)
        await _put_in_force(call.services, tx)
    told = Block(say("{entry} now has access.", entry=code(entry)))
    return Message((told, *_open_hint(call)), ((Button("Undo", f"/disallow {entry}"),),))


async def disallow(call: Call) -> Message:
    """Let a chat or a person in no longer."""
    entry = _entry(call.arguments.text("who") or "")
    access = call.services.access
    if entry not in access.named and entry not in access.brought:
        raise misuse("{entry} isn't on the list. /allow shows the list.", entry=entry)
    async with call.services.database.write() as tx:
        await admissions.dismiss(tx, entry)
        await _put_in_force(call.services, tx)
    told = Block(say("{entry} no longer has access: no answers, no alerts. Its rules are kept.", entry=code(entry)))
    return Message((told, *_open_hint(call)), ((Button("Give access again", f"/allow {entry}"),),))


async def bring_along(request: Request, services: Services) -> None:
    """Note that somebody who is let in asks in a chat, so that it is sent what it follows."""
    if services.access.may_receive(request.chat):
        return
    async with services.database.write() as tx:
        by = f"{request.chat.platform}:{request.user}"
        await admissions.admit(tx, entry_of(request.chat), services.clock.now(), brought_by=by)
        await _put_in_force(services, tx)


def _entry(wanted: str) -> str:
    if not _ENTRY.fullmatch(wanted):
        raise misuse("“{wanted}” should be a platform and a number, such as telegram:-100123.", wanted=wanted)
    return wanted


async def _put_in_force(services: Services, tx: AsyncConnection) -> None:
    """Last in the transaction, so that two changes cannot cross."""
    services.access.change(await admissions.entries(tx))


def _list(call: Call) -> Message:
    access = call.services.access
    count = len(access.named)
    title = (
        say_count(count, "{count} chat or person has access", "{count} chats and people have access") if count else None
    )
    named = (Block((code(entry),), Role.ROW) for entry in access.named)
    brought = (
        Block(say("{entry}, where {by} asks", entry=code(entry), by=by), Role.ROW)
        for entry, by in access.brought.items()
    )
    how = say("{example} gives access, by the number of the chat or person.", example=code("/allow telegram:-100123"))
    head = Block(title or say("Nobody is on the list yet."), Role.TITLE)
    return Message((head, *named, *brought, Block(how), *_open_hint(call)))


def _open_hint(call: Call) -> Iterator[Block]:
    if call.services.access.is_open:
        yield Block(say(OPEN), Role.ROW)
