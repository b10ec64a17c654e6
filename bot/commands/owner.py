"""Whom owners let in: /allow, /disallow."""

import re
from collections.abc import Iterator
from typing import Annotated

from bot.commands.framework.admission import put_in_force
from bot.commands.framework.command import About, Call, Command, Param, Who
from bot.commands.framework.request import misuse
from bot.core.message.blocks import Block, Button, Message, Role, code, say, say_count
from bot.storage import admissions

_ENTRY = re.compile(r"[a-z]+:-?\w{1,40}", re.ASCII)

OPEN = "Right now anyone can use this bot; FAULTLINE_ACCESS=allowlist limits it to owners and those listed."


WHO = Param(summary="the platform and number of the chat or person, such as telegram:-100123")


@Command(
    summary="Give a chat or a person access; on its own: who has it",
    example="/allow telegram:-100123",
    who=Who.OWNER,
    about=About.BOT,
    also=("allowed", "allowlist", "admit", "whitelist"),
)
async def allow(call: Call, who: Annotated[str | None, WHO] = None) -> Message:
    """Let a chat or a person in; without one: who is."""
    if who is None:
        access = call.services.access
        named, count = access.named, len(access.named)
        title = say_count(count, "{count} chat or person has access", "{count} chats and people have access")
        if not named:
            title = say("Nobody is on the list yet.")
        rows = [Block((code(entry),), Role.ROW) for entry in named]
        brought = (say("{entry}, where {by} asks", entry=code(entry), by=by) for entry, by in access.brought.items())
        rows += [Block(line, Role.ROW) for line in brought]
        how = say(
            "{example} gives access, by the number of the chat or person.", example=code("/allow telegram:-100123")
        )
        return Message((Block(title, Role.TITLE), *rows, Block(how), *_open_hint(call)))
    entry = _entry(who)
    async with call.services.database.write() as tx:
        await admissions.admit(tx, entry, call.now)
        await put_in_force(call.services, tx)
    told = Block(say("{entry} now has access.", entry=code(entry)))
    return Message((told, *_open_hint(call)), ((Button("Undo", f"/disallow {entry}"),),))


@Command(
    summary="Take access away from a chat or a person",
    example="/disallow telegram:-100123",
    who=Who.OWNER,
    about=About.BOT,
    also=("ban", "dismiss"),
)
async def disallow(call: Call, who: Annotated[str, WHO]) -> Message:
    """Let a chat or a person in no longer."""
    entry = _entry(who)
    access = call.services.access
    if entry not in access.named and entry not in access.brought:
        raise misuse("{entry} isn't on the list. /allow shows the list.", entry=entry)
    async with call.services.database.write() as tx:
        await admissions.dismiss(tx, entry)
        await put_in_force(call.services, tx)
    told = Block(say("{entry} no longer has access: no answers, no alerts. Its rules are kept.", entry=code(entry)))
    return Message((told, *_open_hint(call)), ((Button("Give access again", f"/allow {entry}"),),))


def _entry(wanted: str) -> str:
    if not _ENTRY.fullmatch(wanted):
        raise misuse("“{wanted}” should be a platform and a number, such as telegram:-100123.", wanted=wanted)
    return wanted


def _open_hint(call: Call) -> Iterator[Block]:
    if call.services.access.is_open:
        yield Block(say(OPEN), Role.ROW)
