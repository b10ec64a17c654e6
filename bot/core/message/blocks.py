"""What a chat is to read, before any platform's markup, and the sentences that it is made of.

Every sentence is one template with named places, never glued from halves, so that it can be translated.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from string import Formatter

from bot.core.model import Level

# Telegram's callback_data holds 1-64 bytes (https://core.telegram.org/bots/api#inlinekeyboardbutton); Discord's
# custom_id 100 characters.
BUTTON_BYTES = 64
# Of these, what is kept free for the mark of an answer that is about another chat or topic (`@` or `#` and a number,
# see bot.commands.channel).
MARK_BYTES = 10

BY_ID = "id:"
"""What buttons and completions write before a story's id, so that nobody's typed number is taken for one."""


class Role(StrEnum):
    """What a block is, so that each platform can place it as its users expect."""

    TITLE = "title"  # what the message is about
    TEXT = "text"  # a paragraph
    HEADING = "heading"  # the name of what follows
    ITEM = "item"  # one of several, in a paragraph of its own
    ROW = "row"  # one of several, a line each
    CORRECTION = "correction"  # what an alert said before, and is taken back
    BYLINE = "byline"  # who published what comes before, when
    WHY = "why"  # why an alert came
    EXTRACT = "extract"  # some words of the article
    CODE = "code"  # lines whose columns matter


# Blocks that belong to the one before them; all others begin a paragraph.
ATTACHED = frozenset({Role.ROW, Role.CORRECTION, Role.BYLINE, Role.WHY, Role.EXTRACT})


class Picker(StrEnum):
    """A way to pick one of one's own channels, where the platform has one."""

    OPENS = "opens"
    CLOSES = "closes"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style; `url` makes it a link (http or https).

    What is `live` is our own: a command or address in it can be pressed where a platform has that. All else may be the
    words of others, and is nothing but text.
    """

    text: str
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    url: str | None = None
    live: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a line or an entry of a list. Only CODE holds line breaks."""

    runs: tuple[Run, ...]
    role: Role = Role.TEXT

    @property
    def text(self) -> str:
        """The words alone."""
        return text_of(self.runs)


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press; what it does is a command line, which means the same after a restart.

    The command takes at most 54 bytes in UTF-8, and 64 with its mark (see `fits_button`).
    """

    label: str
    command: str

    def __post_init__(self) -> None:
        if not fits_button(self.command):
            raise ValueError(f"no button holds {self.command!r}: too many bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What the first byline of an alert says, piece by piece, for platforms that draw alerts as cards.

    `author` is the publisher and its side, `topics` are the topics as people read them, `moment` is when it was
    published.
    """

    author: str
    topics: str
    moment: datetime
    level: Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG, and what it shows in lines of text, for whoever does not see it."""

    png: bytes
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What a chat is to read: blocks in order, buttons in rows; `silent` asks for no sound; an alert has a `card`.

    A `picture` is above the words, which say what matters without it. One that opens or closes the picker has no
    buttons. `mention` is the id of the one role that is notified, where the platform has roles.
    """

    blocks: tuple[Block, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()
    silent: bool = False
    card: Card | None = None
    picker: Picker | None = None
    picture: Picture | None = None
    mention: str = ""


Place = str | int | Run | tuple[Run, ...]

_COMMAND = re.compile(r"((?<![\w/])/[a-z]+(?![\w/]))")


def fits_button(command: str) -> bool:
    """Whether a command line is short enough for a button, in whichever chat that is."""
    kept_free = 0 if command.startswith(("@", "#")) else MARK_BYTES
    return len(command.encode()) <= BUTTON_BYTES - kept_free


def say(template: str, /, **places: Place) -> tuple[Run, ...]:
    """A sentence: the template with its `{named}` places filled by text, numbers or runs."""
    runs: list[Run] = []
    for before, name, _, _ in Formatter().parse(template):
        runs.extend(ours(before))
        if name is None:
            continue
        filling = places[name]
        if isinstance(filling, int):
            filling = f"{filling:,}"
        if isinstance(filling, str):
            filling = Run(filling)
        runs.extend(filling if isinstance(filling, tuple) else (filling,))
    return joined(runs)


def say_count(count: int, one: str, many: str, /, **places: Place) -> tuple[Run, ...]:
    """A sentence about a number of things: `one` for exactly one, `many` for all else; `{count}` is the number."""
    return say(one if count == 1 else many, count=count, **places)


def ours(text: str) -> tuple[Run, ...]:
    """Words of our own, of which each command can be pressed."""
    return tuple(Run(piece, live=place % 2 == 1) for place, piece in enumerate(_COMMAND.split(text)) if piece)


def bold(text: str) -> Run:
    """Text with emphasis."""
    return Run(text, bold=True)


def code(text: str) -> Run:
    """Text to be typed or copied as it is."""
    return Run(text, code=True)


def text_of(runs: tuple[Run, ...]) -> str:
    """The words of the runs, without style."""
    return "".join(run.text for run in runs)


def plain(message: Message) -> str:
    """The message without any markup; the address of each link follows its block, on a line of its own."""
    blocks = []
    for block in message.blocks:
        links = dict.fromkeys(run.url for run in block.runs if run.url and run.url != run.text)
        blocks.append((block.role, "\n".join([block.text, *links])))
    return join_blocks(tuple(blocks))


def without_picture(message: Message) -> Message:
    """The message with what its picture shows as a table in lines of text."""
    if message.picture is None:
        return message
    table = Block((Run("\n".join(message.picture.lines)),), Role.CODE)
    return replace(message, blocks=(*message.blocks, table), picture=None)


def join_blocks(blocks: tuple[tuple[Role, str], ...]) -> str:
    """Rendered blocks as one text: an empty line before each that begins a paragraph."""
    lines: list[str] = []
    for role, text in blocks:
        if lines:
            lines.append("\n" if role in ATTACHED else "\n\n")
        lines.append(text)
    return "".join(lines)


def joined(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Neighbours of one style become one run; empty ones go."""
    found: list[Run] = []
    for run in runs:
        if found and replace(found[-1], text="") == replace(run, text=""):
            found[-1] = replace(run, text=found[-1].text + run.text)
        elif run.text:
            found.append(run)
    return tuple(found)
