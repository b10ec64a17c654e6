"""Acting for a channel: /channel, and what it makes of all else that is asked in the private chat.

Channels have no room for questions: their administrators ask in private, and are answered there. Buttons of such an
answer are marked with the channel (`@12/unfollow 2`): pressed later, they never touch another chat. In the same way
buttons below an alert of a topic that came to another topic of its chat are marked with the first (`#77/unfollow 2`).
"""

import re
from dataclasses import replace

from bot.commands.framework.arguments import marked, of_topic
from bot.commands.framework.command import About, Call, Channel, Channels, Command, Request, Services, misuse
from bot.core.message.blocks import Block, Button, Message, Picker, Role, Run, code, say, text_of
from bot.core.model import Chat
from bot.storage import acting_chats, subscribers
from bot.storage.acting_chats import Acting

_NAME = re.compile(r"@\w+", re.ASCII)


async def acting_for(command: Command | None, request: Request, services: Services) -> Acting | None:
    """The channel that a request is about instead of its own chat. Raises UsageError where that is over."""
    if request.mark is None and (request.from_button or request.channels is None):
        # A button without a mark stands below an answer about the private chat itself.
        return None
    if command is not None and command.about is not About.CHAT:
        return None
    async with services.database.read() as tx:
        found = await acting_chats.find(tx, request.chat)
    if request.mark is not None and (found is None or found.channel != request.mark):
        raise misuse(
            "That button is for a channel that you aren't acting for right now. /channel shows which one you act for."
        )
    if found is not None and request.channels is not None:
        await _check(found, request, request.channels, services)
    return found


def on_behalf(request: Request, channel: Acting) -> Request:
    """The request as one about the channel."""
    return replace(request, chat=channel.chat, is_channel=True, acts_for=channel.name)


def answer_for(channel: Acting, answer: Message) -> Message:
    """The answer in the private chat: it says what it is about, and its buttons are marked with that."""
    said = say("For {channel}:", channel=_named(channel.name))
    head = Block(tuple(replace(run, italic=True) for run in said))
    buttons = tuple(
        tuple(replace(button, command=marked(button.command, channel.channel)) for button in row)
        for row in answer.buttons
    )
    return replace(answer, blocks=(head, *answer.blocks), buttons=buttons)


async def topic_of(command: Command | None, request: Request, services: Services) -> Chat | None:
    """The topic that a request is about instead of the one it stands in; None where that has ended since."""
    if not request.topic or command is None or command.about is not About.CHAT:
        return None
    topic = replace(request.chat, thread=request.topic)
    async with services.database.read() as tx:
        return topic if await subscribers.find(tx, topic) else None


def answer_for_topic(topic: Chat, answer: Message) -> Message:
    """The answer elsewhere in the topic's chat: it says so, and its buttons are marked with the topic."""
    head = Block((Run(text_of(say("For a topic in this group:")), italic=True),))
    return of_topic(replace(answer, blocks=(head, *answer.blocks)), topic.thread)


async def channel(call: Call) -> Message:
    """Act for a channel, or no longer, or tell for which."""
    wanted = call.arguments.text("channel")
    channels = _channels_of(call)
    if wanted is None:
        return await _current(call)
    if wanted.lower() == "off":
        return await _end(call)
    return await _begin(call, await channels.find(wanted, call.request.user))


async def offer(call: Call) -> Message:
    """Ask whether to act for a channel, of which somebody showed a post."""
    wanted = call.arguments.text("channel") or ""
    found = await _channels_of(call).find(wanted, call.request.user)
    question = Block(say("Act for {channel}?", channel=_named(found.name, bold=True)), Role.TITLE)
    meaning = Block(say("After that, everything you ask here is about that channel, until /channel off."), Role.ROW)
    return Message((question, meaning), ((Button("Act for it", f"/channel {found.chat.address}"),),))


async def remember_channel(request: Request, services: Services) -> None:
    """Note that a chat is a channel, if anything is kept about it."""
    async with services.database.write() as tx:
        await subscribers.mark_channel(tx, request.chat)


async def _check(found: Acting, request: Request, channels: Channels, services: Services) -> None:
    if await channels.admits(found.chat, request.user):
        return
    async with services.database.write() as tx:
        await acting_chats.end(tx, request.chat)
    raise misuse(
        "You're no longer an administrator of {channel}, so what you ask here is about this chat again.",
        channel=_named(found.name),
    )


def _named(name: str, *, bold: bool = False) -> Run:
    """A channel's name, which leads to the channel where it is its address; its title leads nowhere."""
    return Run(name, bold=bold, live=_NAME.fullmatch(name) is not None)


def _channels_of(call: Call) -> Channels:
    if call.request.channels is None:
        raise misuse(
            "That works in a private chat with me on Telegram. Here, everything you ask is about this chat anyway."
        )
    return call.request.channels


async def _current(call: Call) -> Message:
    async with call.services.database.read() as tx:
        found = await acting_chats.find(tx, call.request.chat)
    if found is not None:
        told = say("What you ask here is about {channel}.", channel=_named(found.name, bold=True))
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


async def _begin(call: Call, chosen: Channel) -> Message:
    async with call.services.database.write() as tx:
        subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
        there = await subscribers.ensure(tx, chosen.chat, call.now)
        await subscribers.mark_channel(tx, chosen.chat)
        # We may post there, as was just found out; the word that we were let in again can have been missed.
        await subscribers.mark_reachable(tx, chosen.chat)
        await acting_chats.begin(tx, subscriber.id, there.id, chosen.name)
    told = say(
        "From now on, what you ask here is about {channel}, until /channel off.", channel=_named(chosen.name, bold=True)
    )
    hint = say("{example} sends it each new story with these words.", example=code("/follow drone poland"))
    return Message((Block(told), Block(hint, Role.ROW)), picker=Picker.CLOSES)


async def _end(call: Call) -> Message:
    async with call.services.database.write() as tx:
        await acting_chats.end(tx, call.request.chat)
    return Message((Block(say("What you ask here is about this chat again.")),), picker=Picker.CLOSES)
