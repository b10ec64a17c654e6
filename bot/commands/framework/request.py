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


class Channels(Protocol):
    """What a platform knows of its channels, and of who may act for them."""

    async def find(self, wanted: str, user: str) -> Channel:
        """The channel of a name, id or link, in which we may post, and which `user` administers. Raises UsageError."""
        ...

    async def admits(self, channel: Chat, user: str) -> bool:
        """Whether `user` still administers a channel. Raises UsageError where that cannot be found out."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asked in a chat; `in_server` tells that it is a server's, with its roles.

    `command` has no slash and is empty for text that is no command. `arguments` is the text behind it or, where the
    platform asks for each param by itself, one text a param. `user` is the id, on the platform, of whoever asks; empty
    where the platform does not tell, as in channels. `channels` is there in chats that can act for a channel: private
    ones, where the platform has channels. `mark` is the channel for which the pressed button was shown, `topic` the
    topic of the chat, where it stands below an alert of that in another. `topic_url` is the address of a topic, with
    `{topic}` for its number, in chats that have topics; `acts_for` the name of the channel that a private chat asks
    for. `reply_to` is the ref of the message that is replied to, where the platform tells. `is_shared` where all who
    ask in a chat share what may be sent there; `is_own` where the answer takes the place of one to `user`,
    whose button was pressed; `is_greeting` where nobody asked: `user` has brought the bot into a chat. `needs_answer`
    where silence looks like a fault, and an answer bothers nobody else. `roles` are the names of a server's roles by
    their ids.
    """

    chat: Chat
    command: str
    arguments: str | Mapping[str, str] = ""
    user: str = ""
    user_is_admin: bool = True
    from_button: bool = False
    is_channel: bool = False
    in_server: bool = False
    channels: Channels | None = None
    mark: SubscriberId | None = None
    topic: str = ""
    topic_url: str = ""
    acts_for: str = ""
    reply_to: str = ""
    is_shared: bool = False
    is_own: bool = False
    is_greeting: bool = False
    needs_answer: bool = False
    roles: Mapping[str, str] = field(default_factory=dict)

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
