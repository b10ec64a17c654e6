"""Acting for a channel: /channel, and the question that follows a post of one."""

from typing import Annotated

from bot.commands.framework.command import About, Call, Command, Param, Press
from bot.commands.framework.on_behalf import channel_name
from bot.commands.framework.request import ChannelDirectory, misuse
from bot.core.message.blocks import Block, Button, Message, Picker, Role, code, say
from bot.storage import acting_chats, subscribers


@Command(
    summary="Act here for a channel that you administer",
    example="/channel @name",
    also=("channels", "for", "post"),
    press=Press.REPLY,
    about=About.CHANNEL,
)
async def channel(
    call: Call, channel: Annotated[str | None, Param(summary="its @name, or off to ask for yourself again")] = None
) -> Message:
    """Act for a channel, or no longer, or tell for which."""
    channels = _channels_of(call)
    if channel is None:
        return await _current(call)
    if channel.lower() == "off":
        async with call.services.database.write() as tx:
            await acting_chats.end(tx, call.request.chat)
        return Message((Block(say("What you ask here is about this chat again.")),), picker=Picker.CLOSES)
    chosen = await channels.find(channel, call.request.user)
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        there = await subscribers.ensure(tx, chosen.chat, call.now)
        await subscribers.mark_channel(tx, chosen.chat)
        # We may post there, as was just found out; the word that we were let in again can have been missed.
        await subscribers.mark_reachable(tx, chosen.chat)
        await acting_chats.begin(tx, subscriber.id, there.id, chosen.name)
    told = say(
        "From now on, what you ask here is about {channel}, until /channel off.",
        channel=channel_name(chosen.name, bold=True),
    )
    hint = say("{example} sends it each new story with these words.", example=code("/follow drone poland"))
    return Message((Block(told), Block(hint, Role.ROW)), picker=Picker.CLOSES)


@Command(
    summary="Whether to act for a channel",
    example="/offer -1001234567890",
    hidden=True,
    about=About.CHANNEL,
)
async def offer(call: Call, channel: Annotated[str, Param(summary="which channel")]) -> Message:
    """Ask whether to act for a channel, of which somebody showed a post."""
    found = await _channels_of(call).find(channel, call.request.user)
    question = Block(say("Act for {channel}?", channel=channel_name(found.name, bold=True)), Role.TITLE)
    meaning = Block(say("After that, everything you ask here is about that channel, until /channel off."), Role.ROW)
    return Message((question, meaning), ((Button("Act for it", f"/channel {found.chat.address}"),),))


def _channels_of(call: Call) -> ChannelDirectory:
    if call.request.channels is None:
        raise misuse(
            "That works in a private chat with me on Telegram. Here, everything you ask is about this chat anyway."
        )
    return call.request.channels


async def _current(call: Call) -> Message:
    async with call.services.database.read() as tx:
        found = await acting_chats.find(tx, call.request.chat)
    if found is not None:
        told = say("What you ask here is about {channel}.", channel=channel_name(found.name, bold=True))
        other = say("{example} switches to another channel.", example=code("/channel @name"))
        return Message((Block(told), Block(other, Role.ROW)), ((Button("Stop that", "/channel off"),),))
    ways = say(
        "Then pick it with the button below, send {example}, or forward one of its posts to me.",
        example=code("/channel @name"),
    )
    return Message(
        (
            Block(say("What you ask here is about this chat.")),
            Block(
                say(
                    "To send alerts to a channel of yours, make me an administrator there with the right to post "
                    "messages."
                )
            ),
            Block(ways, Role.ROW),
        ),
        picker=Picker.OPENS,
    )
