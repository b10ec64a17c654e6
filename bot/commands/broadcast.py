"""Telling everybody something: /broadcast, with a preview and a button to confirm."""

from collections.abc import Collection
from typing import Annotated, Literal

from bot.commands.framework.command import About, Call, Command, Param, Who
from bot.commands.framework.request import misuse
from bot.core.message.blocks import Block, Button, Message, Role, code, say, say_count
from bot.core.model import BroadcastId
from bot.core.wording.alert import moment_ago
from bot.core.wording.announcement import paragraphs
from bot.storage import broadcasts
from bot.storage.broadcasts import Progress

# One message on every platform (Discord's hold 2,000 characters), so that none can arrive in part.
LONGEST = 1800


@Command(
    summary="Send every chat a message; on its own: how the last one is doing",
    example="/broadcast We are moving to a new server tonight.",
    who=Who.OWNER,
    about=About.BOT,
    also=("announcement", "tell", "everybody"),
)
async def broadcast(
    call: Call,
    text: Annotated[str | None, Param(summary="the message; you see it before it is sent", letters=LONGEST)] = None,
) -> Message:
    """Show exactly what would be sent, and to how many chats, and ask; without a text: the status of the last one."""
    if text is None:
        async with call.services.database.read() as tx:
            progress = await broadcasts.latest(tx)
        if progress is None:
            raise misuse("Add the message to send: /broadcast We are moving to a new server tonight.")
        how = Block(say("{example} sends every chat a new one.", example=code("/broadcast ...")), Role.ROW)
        return Message((*paragraphs(progress.text), progress_block(progress, call), how))
    async with call.services.database.write() as tx:
        chats = await broadcasts.count_audience(tx, *_reach(call))
        draft = await broadcasts.save_draft(tx, text, call.now)
    asked = say_count(chats, "Send this to {count} chat?", "Send this to {count} chats?")
    buttons = (Button("Send it", f"/announce {draft} yes"), Button("Don't send", f"/announce {draft} no"))
    return Message((Block(asked, Role.TITLE), *paragraphs(text)), (buttons,))


@Command(
    summary="Send the broadcast in question",
    example="/announce 17 yes",
    who=Who.OWNER,
    about=About.BOT,
    hidden=True,
)
async def announce(
    call: Call,
    draft: Annotated[int, Param(summary="the number of the question")],
    answer: Annotated[Literal["yes", "no"], Param(summary="yes or no")],
) -> Message:
    """Send the broadcast in question, or drop it."""
    async with call.services.database.write() as tx:
        if answer == "no":
            chats = 0 if await broadcasts.discard(tx, BroadcastId(draft)) else None
        else:
            chats = await broadcasts.confirm(tx, BroadcastId(draft), *_reach(call), call.now)
    if chats is None:
        raise misuse(
            "That question has already been answered or is over a week old. /broadcast shows how the last one is doing."
        )
    if answer == "no":
        return Message((Block(say("Not sent.")),))
    under_way = say_count(chats, "On its way to {count} chat.", "On its way to {count} chats.")
    rest = Block(say("Alerts go first. /status shows how far it has got."), Role.ROW)
    return Message((Block(under_way), rest))


def progress_block(progress: Progress, call: Call) -> Block:
    """How far a broadcast has come, in a line."""
    return Block(
        say(
            "Broadcast {ago}: {sent} sent, {waiting} waiting, {dead} couldn't be reached.",
            ago=moment_ago(progress.confirmed, call.now),
            sent=progress.sent,
            waiting=progress.waiting,
            dead=progress.dead,
        ),
        Role.ROW,
    )


def _reach(call: Call) -> tuple[tuple[str, ...], Collection[str] | None]:
    """The platforms that run now, and the chats that may be sent anything."""
    platforms = tuple(platform.name for platform in call.services.health().platforms)
    return platforms, call.services.access.receivers
