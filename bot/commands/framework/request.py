"""What somebody asked, wherever they did, and the sentence where that cannot be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.commands.framework.lists import Reader
from bot.core.message.blocks import Place, Run, say, text_of
from bot.core.model import Chat, SubscriberId
from bot.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel that somebody may act for, and its name as people know it."""

    chat: Chat
    name: str


class ChannelDirectory(Protocol):
    """What a platform knows of its channels, and of who may act for them."""

    async def find(self, wanted: str, user: str) -> Channel:
        """The channel of a name, id or link, in which we may post, and which `user` administers. Raises UsageError."""
        ...

    async def admits(self, channel: Chat, user: str) -> bool:
        """Whether `user` still administers a channel. Raises UsageError where that cannot be found out."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asked in a chat."""

    chat: Chat
    command: str  # without a slash; empty for text that is no command
    arguments: str | Mapping[str, str] = ""  # behind it; where the platform has a form, one text a param
    user: str = ""  # the platform's id of whoever asks; empty where it does not tell, as in channels
    user_is_admin: bool = True
    from_button: bool = False  # nobody typed it: a button gave it, or the platform
    is_channel: bool = False
    in_server: bool = False  # the chat is a server's, with its roles
    channels: ChannelDirectory | None = (
        None  # in chats that can act for a channel: private ones, where there are channels
    )
    mark: SubscriberId | None = None  # the channel for which the pressed button was shown
    topic: str = ""  # the topic of the chat about which the pressed button is, below an alert of that in another
    topic_url: str = ""  # the address of a topic, with {topic} for its number, in chats that have topics
    acts_for: str = ""  # the name of the channel that a private chat asks for
    reply_to: str = ""  # the ref of the message that is replied to, where the platform tells
    is_shared: bool = False  # all who ask in the chat share what may be sent there
    is_own: bool = False  # the answer takes the place of one to `user`, whose button was pressed
    is_greeting: bool = False  # nobody asked: `user` has brought the bot into the chat
    needs_answer: bool = False  # silence looks like a fault, and an answer bothers nobody else
    roles: Mapping[str, str] = field(default_factory=dict)  # the names of a server's roles by their ids

    @property
    def is_form(self) -> bool:
        """Whether the platform asks for each param by itself; nothing can be replied to there."""
        return not isinstance(self.arguments, str)

    @property
    def person(self) -> str:
        """Whoever asks, on whatever platform; the chat where the platform does not tell."""
        return f"{self.chat.platform}:{self.user or self.chat}"

    @property
    def reader(self) -> Reader:
        """Whose lists the answers belong to: the chat's, or one person's where an answer is shown to that one alone."""
        return self.chat, self.user if self.in_server or self.acts_for else ""

    @property
    def is_own_chat(self) -> bool:
        """Whether the chat is that of whoever asks, and of nobody else."""
        return not (self.in_server or self.is_shared or self.is_channel or self.acts_for)


class Misuse(UsageError):
    """A UsageError that says its sentence in runs, so that commands in it can be pressed."""

    def __init__(self, said: tuple[Run, ...]) -> None:
        self.said = said
        super().__init__(text_of(said))


def misuse(template: str, /, **places: Place) -> Misuse:
    """What to raise when a command cannot be obeyed as it was typed."""
    return Misuse(say(template, **places))
