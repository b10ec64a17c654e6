"""Deleting all that is kept about a chat: /forget."""

from typing import Annotated, Literal

from bot.commands.framework.admission import put_in_force
from bot.commands.framework.command import Call, Command, Param, Who
from bot.core.message.blocks import Block, Button, Message, Role, say, say_count
from bot.storage import forgetting, subscribers


@Command(
    summary="Delete everything kept about this chat",
    example="/forget",
    who=Who.ADMIN,
    also=("erase", "reset", "leave"),
)
async def forget(
    call: Call, yes: Annotated[Literal["yes"] | None, Param(summary="yes, to delete it right away")] = None
) -> Message:
    """Delete all that is kept about the chat, once that is confirmed."""
    chat, person = call.request.chat, call.request.user if call.request.is_own_chat else ""
    async with call.services.database.write() as tx:
        subscriber = await subscribers.find(tx, chat)
        is_listed = await forgetting.is_let_in(tx, chat, person)
        if subscriber is None and not is_listed:
            return Message((Block(say("Nothing is kept about this chat.")),))
        if yes is None:
            rules = len(await subscribers.followings_of(tx, subscriber.id)) if subscriber else 0
            is_left_out = is_listed and not call.services.access.is_open
            return _ask(rules, call.request.acts_for, is_left_out=is_left_out)
        for rule in await forgetting.forget(tx, chat, person):
            if rule in call.services.index:
                call.services.index.remove(rule)
        await put_in_force(call.services, tx)
    call.services.lists.forget(chat)
    await call.services.database.cut_log()
    if call.request.acts_for:
        gone = say("Done. Nothing is kept about it any more, and what you ask here is about this chat again.")
    else:
        gone = say("Done. Nothing is kept about this chat any more; send /start to start over.")
    return Message((Block(gone),))


def _ask(count: int, channel: str, *, is_left_out: bool) -> Message:
    if channel:
        sentence = say(
            "This deletes everything kept about {channel}: its rules, its preferences and the record of what was sent.",
            channel=channel,
        )
    elif count:
        sentence = say_count(
            count,
            "This deletes everything kept about this chat: its rule, its preferences and the record of what was sent.",
            "This deletes everything kept about this chat: its {count} rules, its preferences and the record of what "
            "was sent.",
        )
    else:
        sentence = say("This deletes everything kept about this chat: its preferences and the record of what was sent.")
    listed = Block(
        say("It also comes off the owner's access list: the owner would have to give it access again."), Role.ROW
    )
    final = Block(say("This can't be undone."), Role.ROW)
    return Message(
        (Block(sentence), *([listed] if is_left_out else []), final), ((Button("Delete it all", "/forget yes"),),)
    )
