"""Asking for another chat: a private chat acts for a channel, an answer elsewhere in a group is about a topic.

Channels have no room for questions: their administrators ask in private, and are answered there. Buttons of such an
answer are marked with the channel (`@12/unfollow 2`): pressed later, they never touch another chat. In the same way
buttons below an alert of a topic that came to another topic of its chat are marked with the first (`#77/unfollow 2`).
"""

import re
from dataclasses import replace

from bot.commands.framework.arguments import marked, of_topic
from bot.commands.framework.command import About, Command
from bot.commands.framework.request import Request, misuse
from bot.commands.framework.services import Services
from bot.core.message.blocks import Block, Message, Run, say, text_of
from bot.core.model import Chat
from bot.storage import acting_chats, subscribers
from bot.storage.acting_chats import Acting

_NAME = re.compile(r"@\w+", re.ASCII)


async def acting_for(command: Command | None, request: Request, services: Services) -> Acting | None:
    """The channel that a request is about instead of its own chat. Raises UsageError where that is over."""
    if request.mark is None and (request.from_button or request.channels is None):
        # A button without a mark is below an answer about the private chat itself.
        return None
    if command is not None and command.about is not About.CHAT:
        return None
    async with services.database.read() as tx:
        found = await acting_chats.find(tx, request.chat)
    if request.mark is not None and (found is None or found.channel != request.mark):
        raise misuse(
            "That button is for a channel that you aren't acting for right now. /channel shows which one you act for."
        )
    if found is None or request.channels is None or await request.channels.admits(found.chat, request.user):
        return found
    async with services.database.write() as tx:
        await acting_chats.end(tx, request.chat)
    raise misuse(
        "You're no longer an administrator of {channel}, so what you ask here is about this chat again.",
        channel=channel_name(found.name),
    )


def on_behalf(request: Request, channel: Acting) -> Request:
    """The request as one about the channel."""
    return replace(request, chat=channel.chat, is_channel=True, acts_for=channel.name)


def answer_for(channel: Acting, answer: Message) -> Message:
    """The answer in the private chat: it says what it is about, and its buttons are marked with that."""
    said = say("For {channel}:", channel=channel_name(channel.name))
    head = Block(tuple(replace(run, italic=True) for run in said))
    buttons = tuple(
        tuple(replace(button, command=marked(button.command, channel.channel)) for button in row)
        for row in answer.buttons
    )
    return replace(answer, blocks=(head, *answer.blocks), buttons=buttons)


async def topic_of(command: Command | None, request: Request, services: Services) -> Chat | None:
    """The topic that a request is about instead of the one that it is asked in; None where that has ended since."""
    if not request.topic or command is None or command.about is not About.CHAT:
        return None
    topic = replace(request.chat, thread=request.topic)
    async with services.database.read() as tx:
        return topic if await subscribers.find(tx, topic) else None


def answer_for_topic(topic: Chat, answer: Message) -> Message:
    """The answer elsewhere in the topic's chat: it says so, and its buttons are marked with the topic."""
    head = Block((Run(text_of(say("For a topic in this group:")), italic=True),))
    return of_topic(replace(answer, blocks=(head, *answer.blocks)), topic.thread)


async def remember_channel(request: Request, services: Services) -> None:
    """Note that a chat is a channel, if anything is kept about it."""
    async with services.database.write() as tx:
        await subscribers.mark_channel(tx, request.chat)


def channel_name(name: str, *, bold: bool = False) -> Run:
    """A channel's name, which leads to the channel where it is its address; its title leads nowhere."""
    return Run(name, bold=bold, live=_NAME.fullmatch(name) is not None)
