"""What every command is made of: its row, with the params of its handler, and the call that a handler answers."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from inspect import Parameter, signature
from types import NoneType, UnionType
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from bot.commands.framework.request import Request
from bot.commands.framework.services import Services
from bot.core.message.blocks import Block, Message, Role, Run, code, ours, say
from bot.core.model import RuleId
from bot.core.rules.parser import MAX_LENGTH
from bot.core.rules.rule import Rule


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


CommandName = NewType("CommandName", str)
SourceWord = NewType("SourceWord", str)
"""A word from the name, side or language of a source."""
LanguageWords = NewType("LanguageWords", str)
"""Languages by their names or codes."""
RoleId = NewType("RoleId", str)
"""The id of a role of a server."""

Value = int | str | timedelta | Rule | StoryNumber | RuleNumber


class Kind(StrEnum):
    """What a param takes."""

    NUMBER = "number"
    STORY = "story"  # its number in the last list, or its id behind `BY_ID`
    FOLLOWED = "followed"  # a rule of the chat by its number; buttons name its id, too: 2:17
    RULE = "rule"
    PERIOD = "period"
    TEXT = "text"
    COMMAND = "command"
    SOURCE = "source"
    LANGUAGES = "languages"
    CHOICE = "choice"
    ROLE = "role"


KINDS: Mapping[Any, Kind] = {
    int: Kind.NUMBER,
    StoryNumber: Kind.STORY,
    RuleNumber: Kind.FOLLOWED,
    Rule: Kind.RULE,
    timedelta: Kind.PERIOD,
    str: Kind.TEXT,
    CommandName: Kind.COMMAND,
    SourceWord: Kind.SOURCE,
    LanguageWords: Kind.LANGUAGES,
    RoleId: Kind.ROLE,
}
"""By the type that a handler's param is annotated with; a Literal is a CHOICE, and so is a str with `choices`."""

LONGEST_TEXTS: Mapping[Kind, int] = {
    Kind.NUMBER: 20,
    Kind.STORY: 20,
    Kind.FOLLOWED: 20,
    Kind.RULE: MAX_LENGTH,
    Kind.PERIOD: 40,
    Kind.TEXT: 100,
    Kind.COMMAND: 32,
    Kind.SOURCE: 100,
    Kind.LANGUAGES: 400,
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
    """What the annotation of a handler's param says beside its type: `Annotated[int | None, Param(summary="...")]`.

    `name`, `kind` and `required` are the handler's to say.
    """

    summary: str
    form_summary: str = ""  # instead of it, where the platform asks for each param by itself
    most: int = 999_999_999_999  # the largest number
    choices: tuple[str, ...] = ()  # all values of a CHOICE
    lead: str = ""  # the word that must come before a story in a line (`/mute story 2`); alone it is POINTED
    longest: timedelta = timedelta(days=366)
    ahead: bool = False  # the period begins now, and may have no end
    letters: int = 0  # how long a text may be, where that is not the same for all of its kind
    name: str = ""
    kind: Kind = Kind.TEXT
    required: bool = False

    @property
    def longest_text(self) -> int:
        """How many characters it may have."""
        return self.letters or LONGEST_TEXTS[self.kind]


Handler = Callable[..., Awaitable[Message]]
"""Takes a `Call`, and its params by their names."""


def params_of(handler: Handler) -> Iterator[Param]:
    """The params of a handler, by its annotations. Raises TypeError where one says too little."""
    hints = get_type_hints(handler, include_extras=True)
    _call, *params = signature(handler).parameters.values()
    for param in params:
        annotated, *notes = get_args(hints.get(param.name)) or (None,)
        about = next((note for note in notes if isinstance(note, Param)), None)
        if about is None or not about.summary:
            raise TypeError(f'{param.name} needs Annotated[..., Param(summary="...")]')
        types = get_args(annotated) if get_origin(annotated) in {Union, UnionType} else (annotated,)
        (type_,) = (each for each in types if each is not NoneType)
        choices = get_args(type_) if get_origin(type_) is Literal else about.choices
        kind = Kind.CHOICE if choices else KINDS.get(type_)
        if kind is None:
            raise TypeError(f"{param.name} is a {type_}; params are of the types in KINDS, or a Literal")
        is_required = param.default is Parameter.empty
        yield replace(about, name=param.name, kind=kind, choices=choices, required=is_required)


async def _unhandled(_call: "Call") -> Message:
    raise NotImplementedError("a row of the table decorates its handler")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A row of the table, from which menus, completion and help are built: the decorator of its handler.

    `name` is the handler's unless it is given; `params` are the handler's.
    """

    summary: str
    form_summary: str = ""  # as of a Param
    example: str
    who: Who = Who.ANYONE
    about: About = About.CHAT
    also: tuple[str, ...] = ()  # words that people try instead: suggested, not obeyed
    hidden: bool = False  # for buttons: whoever types it is told what to type instead
    press: Press = Press.REPLACE  # what a button of it does to its message
    for_owners: tuple[str, ...] = ()  # lines that only owners may send
    draws: bool = False  # the answer is a picture, which takes its time
    name: str = ""
    params: tuple[Param, ...] = ()
    handler: Handler = _unhandled

    def __call__(self, handler: Handler) -> "Command":
        """The row of this handler. Raises TypeError where something is not said that people are told."""
        if not self.summary:
            raise TypeError(f"{handler.__name__} needs a summary")
        name = self.name or handler.__name__
        return replace(self, name=name, params=tuple(params_of(handler)), handler=handler)

    @property
    def only_reads(self) -> bool:
        """Whether its button changes nothing, not even the message that it is below."""
        return self.who is Who.ANYONE and self.about is not About.CHANNEL and self.press is Press.REPLY

    @property
    def usage(self) -> str:
        """`/latest [n] [rule]`: optional params are in brackets."""
        words = ((f"{each.lead} n" if each.lead else "|".join(each.choices) or each.name, each) for each in self.params)
        return " ".join([f"/{self.name}", *(word if each.required else f"[{word}]" for word, each in words)])

    @property
    def usage_runs(self) -> tuple[Run, ...]:
        """The same, to be pressed as far as it is a command without its params."""
        name, space, params = self.usage.partition(" ")
        return (*ours(name), *((Run(space), code(params)) if params else ()))


def summary_of(row: Command | Param, *, in_form: bool) -> str:
    """What a command or a param is for, as is true where each param is asked for by itself, or elsewhere."""
    return (in_form and row.form_summary) or row.summary


def usage_block(row: Command, *, in_form: bool) -> Block:
    """A command in a line of a list: how it is given, and what it is for."""
    summary = ours(summary_of(row, in_form=in_form))
    return Block(say("{usage} – {summary}", usage=row.usage_runs, summary=summary), Role.ROW)


def table_of(*rows: Command) -> tuple[Command, ...]:
    """The table of these rows. Raises ValueError where two have one name, or a word would suggest two of them."""
    names = [row.name for row in rows]
    words = [word for row in rows if not row.hidden for word in (row.name, *row.also)]
    if twice := {word for each in (names, words) for word, count in Counter(each).items() if count > 1}:
        raise ValueError(f"several commands have the name or word {', '.join(sorted(twice))}")
    return rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One command on its way through its handler; `table` is the table that its row is in."""

    request: Request
    services: Services
    now: datetime
    table: tuple[Command, ...]


def offered(table: Iterable[Command], request: Request, services: Services) -> tuple[Command, ...]:
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
