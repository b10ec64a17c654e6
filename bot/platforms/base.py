"""What a chat platform is to the rest of the program: something that runs, asks, and is sent messages."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Generic, Protocol, TypeVar
from urllib.parse import urlsplit

import aiohttp
from pydantic import AfterValidator, SecretStr

from bot.commands.framework.request import Request
from bot.commands.framework.services import Services
from bot.config_files import ConfigTable
from bot.core.message.blocks import Message
from bot.core.model import Chat
from bot.delivery.outgoing import Outgoing
from bot.web import WebServer

Answer = Callable[[Request], Awaitable[Message | None]]
"""Answers what somebody asked, or is silent (None); never raises but for being cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatEvents:
    """What must be written down when a platform moves, closes or reopens a chat, each with all its topics.

    `on_migrated(old, new)` is told of every move, perhaps twice, and perhaps after `on_lost(old)`. `on_lost` returns
    the ids of those who set the chat up and have not been told yet that it is lost; `set_up_by` only looks for them.
    After `on_regained` alerts go there, and those that wait go at once. `on_reconnected(since)` is told in which chats
    we are, and since when: whichever was lost before that is back.
    """

    on_migrated: Callable[[Chat, Chat], Awaitable[None]]
    on_lost: Callable[[Chat], Awaitable[tuple[str, ...]]]
    on_regained: Callable[[Chat], Awaitable[None]]
    on_reconnected: Callable[[Mapping[Chat, datetime]], Awaitable[None]]
    set_up_by: Callable[[Chat], Awaitable[tuple[str, ...]]]


class Platform(Protocol):
    """One chat platform; `name` is what `Chat.platform` says of its chats."""

    name: str

    @property
    def state(self) -> str:
        """How it stands, in a few words (`connected`)."""
        ...

    @property
    def refusals(self) -> int:
        """How often it asked us to wait since the start."""
        ...

    async def run(self) -> None:
        """Serve people until cancelled; returns only when the platform itself asks the program to stop."""
        ...

    async def send(self, outgoing: Outgoing) -> str:
        """Send a message, or edit one, and return its ref there. Raises SendError (see errors.py for its kinds).

        Asks `outgoing.begin` once its turn has come, before anything leaves.
        """
        ...

    async def is_there(self) -> None:
        """Ask the platform for something that shows nothing to anybody. Raises SendError: PlatformAway, SendUnknown
        when it does not answer.
        """
        ...


def _not_blank(token: SecretStr) -> SecretStr:
    if not token.get_secret_value().strip():
        raise ValueError("is blank; put the token of your bot there, or leave the setting out")
    return token


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ValueError("should be a full address, such as http://localhost:8081")
    return url


Token = Annotated[SecretStr, AfterValidator(_not_blank)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class PlatformSettings(ConfigTable):
    """The table of a platform in faultline.toml: a platform is served where its token is set.

    `shape` and `example` are of its tokens.
    """

    shape: ClassVar[re.Pattern[str]] = re.compile(r".+")
    example: ClassVar[str] = ""

    token: Token | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether the platform is to be served."""
        return self.token is not None

    @property
    def secret(self) -> str:
        """The token as a text; empty where none is set."""
        return self.token.get_secret_value() if self.token is not None else ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """All that must stay out of the log."""
        return (self.secret,) if self.secret else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a platform is built from."""

    answer: Answer
    services: Services
    events: ChatEvents
    session: aiohttp.ClientSession
    server: WebServer


Own = TypeVar("Own", bound=PlatformSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter(Generic[Own]):
    """A platform as the registry lists it. `name` is what `Chat.platform` says, and the name of its table of settings.

    `title` is its name for people, `user` how the id of a person looks. `check` raises ConfigError where the platform
    cannot be served as it is set up. Its library is loaded in `check` and `build`, for it takes a fifth of a second.
    """

    name: str
    title: str
    settings: type[Own]
    check: Callable[[Own, aiohttp.ClientSession], Awaitable[None]]
    build: Callable[[Own, Parts], Platform]
    user: str = r"\d+"
