"""What every command is made of: the row in the table, what is asked, and what a handler may use to answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.clock import Clock
from bot.commands.framework.access import Access
from bot.commands.framework.lists import Lists, Reader
from bot.commands.framework.sharing import Shared
from bot.commands.framework.turns import Turns
from bot.core.message.blocks import Message, Place, Run, code, ours, say, text_of
from bot.core.model import Chat, RuleId, Source, StoryId, SubscriberId
from bot.core.rules.aliases import Aliases
from bot.core.rules.index import RuleIndex
from bot.core.rules.operators import RuleVocabulary
from bot.core.rules.parser import MAX_LENGTH
from bot.core.rules.rule import Rule
from bot.core.stories.tension import EventWeights
from bot.errors import UsageError
from bot.outage import Outage
from bot.sources.base import Probe
from bot.sources.catalog import Catalog
from bot.sources.roster import Roster
from bot.storage.database import Database


class Kind(StrEnum):
    """What a param takes."""

    NUMBER = "number"
    STORY = "story"  # its number in the last list, or its id behind `BY_ID`
    FOLLOWED = "followed"  # a rule of the chat by its number; buttons name its id, too: 2:17
    RULE = "rule"
    PERIOD = "period"
    TEXT = "text"
    COMMAND = "command"
    CHOICE = "choice"
    ROLE = "role"  # the id of a role of a server


LONGEST_TEXTS: Mapping[Kind, int] = {
    Kind.NUMBER: 20,
    Kind.STORY: 20,
    Kind.FOLLOWED: 20,
    Kind.RULE: MAX_LENGTH,
    Kind.PERIOD: 40,
    Kind.TEXT: 100,
    Kind.COMMAND: 32,
    Kind.CHOICE: 32,
    Kind.ROLE: 20,
}
"""How many characters each may have; what is longer is a mistake, and would only be repeated in the answer."""


class Who(StrEnum):
    """Who may give a command; in a private chat everybody is its admin, and owners run the bot itself."""

    ANYONE = "anyone"
    ADMIN = "admin"
    OWNER = "owner"


class About(StrEnum):
    """What a command is about."""

    CHAT = "chat"  # the chat in which it is given, or the channel that this acts for
    BOT = "bot"  # the bot itself, whoever asks
    CHANNEL = "channel"  # for which channel a chat acts; offered only where `Request.channels` can tell
    SERVER = "server"  # the chat in which it is given, for platforms where that can be a server's


EVERYWHERE = frozenset({About.CHAT, About.BOT})
"""What commands are about that make sense on every platform."""


class Press(StrEnum):
    """What becomes of the message whose button was pressed."""

    REPLACE = "replace"  # the answer takes its place
    REPLY = "reply"  # it stays, and the answer is a message of its own
    NOTICE = "notice"  # it stays, and whoever pressed is shown the answer's words in passing


@dataclass(frozen=True, slots=True)
class Notice(Message):
    """Why something is not done, for whoever asked: the message whose button was pressed stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One argument of a command. `most` is the largest number allowed, `choices` are all values of a CHOICE.

    `lead` is the word that must stand before a story where a whole line is typed (`/mute story 2`); alone it is
    POINTED. Of a period, `longest` is the most, and `ahead` says that it begins now and may have no end. `letters` is
    how long a text may be, where that is not the same for all of its kind.
    """

    name: str
    kind: Kind
    summary: str
    required: bool = False
    most: int = 999_999_999_999
    choices: tuple[str, ...] = ()
    lead: str = ""
    longest: timedelta = timedelta(days=366)
    ahead: bool = False
    letters: int | None = None

    @property
    def longest_text(self) -> int:
        """How many characters it may have."""
        return self.letters or LONGEST_TEXTS[self.kind]


@dataclass(frozen=True, slots=True)
class StoryNumber:
    """How a story is named: by its number in the last list, or, where `is_id`, by its id."""

    number: int
    is_id: bool = False


POINTED = StoryNumber(0)
"""A story whose `lead` is typed alone: who replies to a message points at the one it is about."""


@dataclass(frozen=True, slots=True)
class RuleNumber:
    """How a rule that a chat follows is named: by its number and, where a button does, by the rule's id as well."""

    number: int
    rule: RuleId | None = None


Value = int | str | timedelta | Rule | StoryNumber | RuleNumber


class Arguments:
    """The values of a command's params, as read; what was not given is None."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values

    def number(self, name: str) -> int | None:
        value = self._values.get(name)
        return value if isinstance(value, int) else None

    def story(self, name: str) -> StoryNumber | None:
        value = self._values.get(name)
        return value if isinstance(value, StoryNumber) else None

    def followed(self, name: str) -> RuleNumber | None:
        value = self._values.get(name)
        return value if isinstance(value, RuleNumber) else None

    def text(self, name: str) -> str | None:
        value = self._values.get(name)
        return value if isinstance(value, str) else None

    def period(self, name: str) -> timedelta | None:
        value = self._values.get(name)
        return value if isinstance(value, timedelta) else None

    def rule(self, name: str) -> Rule | None:
        value = self._values.get(name)
        return value if isinstance(value, Rule) else None

    def rules(self) -> tuple[Rule, ...]:
        """All rules among the values."""
        return tuple(value for value in self._values.values() if isinstance(value, Rule))


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformHealth:
    """How one platform stands, `state` in a few words (`connected`, `waiting for Telegram since 14:02 UTC`).

    `refusals` is how often it asked us to wait since the start.
    """

    name: str
    state: str
    refusals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the running program stands, beyond what the database knows.

    `lag` is the longest that something held up everything else lately; `unwritable` and `offline` tell since when the
    database cannot be written, and since when there is no connection to the internet; None: not now.
    """

    started: datetime
    lag: timedelta = timedelta(0)
    unwritable: Outage | None = None
    offline: Outage | None = None
    platforms: tuple[PlatformHealth, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All that a handler may use.

    `scale` weighs what titles tell; `topics` are those that rules may name; `probe` tries a source; `access` tells who
    is let in; `owners` are those who run the bot, as `platform:user`; `shared` holds answers that take long to work
    out, with the stories behind their numbers, under keys that begin with their command; `turns` are for what takes
    seconds; `keep` is how long news is kept; `lists` are the lists that were shown last; `wake` has what is owed looked
    at now.
    """

    database: Database
    index: RuleIndex
    roster: Roster
    aliases: Aliases
    scale: EventWeights
    topics: tuple[str, ...]
    clock: Clock
    health: Callable[[], Health]
    probe: Callable[[Source], Awaitable[Probe]]
    access: Access
    owners: frozenset[str] = frozenset()
    shared: Shared[tuple[Message, Mapping[int, StoryId]]] = field(default_factory=Shared)
    turns: Turns = field(default_factory=Turns)
    keep: timedelta = timedelta(days=30)
    lists: Lists = field(default_factory=Lists)
    wake: Callable[[], None] = lambda: None

    @property
    def catalog(self) -> Catalog:
        """The sources as they stand now."""
        return self.roster.catalog

    @property
    def vocabulary(self) -> RuleVocabulary:
        """The values that rules may name now."""
        sources = self.catalog.sources
        return RuleVocabulary(
            sources=tuple(source.id for source in sources),
            publishers=tuple(dict.fromkeys(source.publisher for source in sources)),
            topics=self.topics,
            langs=tuple(dict.fromkeys(source.lang for source in sources)),
        )

    def is_owner(self, request: Request) -> bool:
        """Whether somebody who runs the bot asks."""
        return f"{request.chat.platform}:{request.user}" in self.owners


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command on its way through its handler; `table` is the table that its row stands in."""

    request: Request
    arguments: Arguments
    services: Services
    now: datetime
    table: tuple["Command", ...]


Handler = Callable[[Call], Awaitable[Message]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A row of the table: menus, completion and help are all built from it.

    `also` are words that people try instead; they are suggested, not obeyed. A hidden command is for buttons only;
    `press` is what such a button does to its message. `for_owners` are lines that only owners may send. `draws` where
    the answer is a picture, which takes its time.
    """

    name: str
    summary: str
    example: str
    handler: Handler
    params: tuple[Param, ...] = ()
    who: Who = Who.ANYONE
    also: tuple[str, ...] = ()
    hidden: bool = False
    press: Press = Press.REPLACE
    for_owners: tuple[str, ...] = ()
    about: About = About.CHAT
    draws: bool = False

    @property
    def only_reads(self) -> bool:
        """Whether its button changes nothing, not even the message that it stands below."""
        return self.who is Who.ANYONE and self.about is not About.CHANNEL and self.press is Press.REPLY

    @property
    def usage(self) -> str:
        """`/latest [n] [rule]`: optional params stand in brackets."""
        words = {param: _placeholder(param) for param in self.params}
        shown = [word if param.required else f"[{word}]" for param, word in words.items()]
        return " ".join([f"/{self.name}", *shown])

    @property
    def usage_runs(self) -> tuple[Run, ...]:
        """The same, to be pressed as far as it is a command without its params."""
        name, space, params = self.usage.partition(" ")
        return (*ours(name), *((Run(space), code(params)) if params else ()))


def _placeholder(param: Param) -> str:
    return f"{param.lead} n" if param.lead else "|".join(param.choices) or param.name


def offered(table: tuple[Command, ...], request: Request, services: Services) -> tuple[Command, ...]:
    """The commands that help and suggestions name to whoever asks."""
    for_owners = services.is_owner(request)
    return tuple(
        row
        for row in table
        if not row.hidden
        and (for_owners or row.who is not Who.OWNER)
        and (request.channels is not None or row.about is not About.CHANNEL)
        and (request.in_server or row.about is not About.SERVER)
    )


class Misuse(UsageError):
    """A UsageError that says its sentence in runs, so that commands in it can be pressed."""

    def __init__(self, said: tuple[Run, ...]) -> None:
        self.said = said
        super().__init__(text_of(said))


def misuse(template: str, /, **places: Place) -> Misuse:
    """What to raise when a command cannot be obeyed as it was typed."""
    return Misuse(say(template, **places))
