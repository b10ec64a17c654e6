"""A message as Discord shows it: embeds within all limits, every text escaped, and buttons that outlive us. Pure.

Limits: https://docs.discord.com/developers/resources/message#embed-object-embed-limits; they count the markdown, with
every backslash and address in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice

from discord import ButtonStyle, Colour, Embed, File, ui

from bot.core.message.blocks import Block, Button, Card, Message, Picture, Role, plain
from bot.core.message.splitting import NOTHING, is_seen, parts_of, sendable, sendable_block, units
from bot.core.model import Level
from bot.platforms.discord.markdown import address_of, cut, escaped, markdown_of, markdown_of_runs

LONGEST_TITLE = 256
LONGEST_DESCRIPTION = 4096
LONGEST_FIELD = 1024
LONGEST_AUTHOR = 256
# https://docs.discord.com/developers/resources/channel#channel-object
LONGEST_NAME = 100
# Without an embed: https://docs.discord.com/developers/resources/message#create-message
# of which a mention before it takes up to 25.
LONGEST_CONTENT = 1975
# https://docs.discord.com/developers/resources/message#attachment-object
LONGEST_ALT = 1024
PICTURE = "picture.png"

# https://docs.discord.com/developers/components/reference#button
LONGEST_LABEL = 80
BUTTONS_IN_A_ROW = 5
MOST_BUTTONS = 25

COLOURS = {Level.BREAKING: Colour(0xD7263D), Level.MAJOR: Colour(0xE8A33D), Level.NORMAL: Colour(0x4F6D8F)}

CustomId = Callable[[Button], str]


@dataclass(frozen=True, slots=True)
class EmbedPart:
    """One message on Discord; `plain` are its words for the case that Discord does not take the embed."""

    embed: Embed
    rows: tuple[tuple[Button, ...], ...]
    plain: str
    silent: bool = False
    picture: Picture | None = None


def parts_for(message: Message) -> tuple[EmbedPart, ...]:
    """The message as the messages that it takes on Discord; an alert takes one."""
    blocks = map(sendable_block, message.blocks)
    message = replace(message, blocks=tuple(block for block in blocks if is_seen([block])))
    parts = (_alert(message, message.card),) if message.card else _answers(message)
    if message.picture is not None:
        parts[0].embed.set_image(url=f"attachment://{PICTURE}")
        parts = (replace(parts[0], picture=message.picture), *parts[1:])
    *others, last = parts
    first_rows, *more = _packed_rows(message.buttons) or [()]
    further = (EmbedPart(Embed(description=NOTHING), rows, NOTHING, message.silent) for rows in more)
    return (*others, replace(last, rows=first_rows), *further)


def name_of(message: Message) -> str:
    """What a post about the message is called; names have no markdown."""
    titles = sorted(message.blocks, key=lambda block: block.role is not Role.TITLE)
    name = " ".join(sendable(titles[0].text).split()) if titles else ""
    return cut(name, LONGEST_NAME, units) or NOTHING


def files_of(part: EmbedPart) -> list[File]:
    """The part's picture, if it has one, for one request: the library closes what it has sent."""
    if part.picture is None:
        return []
    alt = cut(sendable("\n".join(part.picture.lines)), LONGEST_ALT, units)
    return [File(BytesIO(part.picture.png), PICTURE, description=alt)]


def to_view(part: EmbedPart, custom_id: CustomId) -> ui.View:
    """The part's buttons; they need nobody here to remember them (see `discord_buttons`)."""
    view = ui.View(timeout=None)
    for place, row in enumerate(part.rows):
        for button in row:
            view.add_item(
                ui.Button(
                    label=cut(sendable(button.label).strip(), LONGEST_LABEL, units) or NOTHING,
                    custom_id=custom_id(button),
                    style=ButtonStyle.secondary,
                    row=place,
                )
            )
    # The library would keep a view for ever, to hand it presses that we read ourselves.
    view.stop()
    return view


def _answers(message: Message) -> tuple[EmbedPart, ...]:
    """The title above, everything else as the text below it."""
    title, *rest = message.blocks or (Block(()),)
    has_title = title.role is Role.TITLE and 0 < units(markdown_of_runs(title.runs, is_title=True)) <= LONGEST_TITLE
    body = replace(message, blocks=tuple(rest) if has_title else message.blocks)
    if has_title and not rest:
        return (_with_title(Embed(), title, message),)
    parts = [
        EmbedPart(Embed(description=markdown_of(part.blocks)), (), _plain(part), message.silent)
        for part in parts_of(body, _length, LONGEST_DESCRIPTION)
    ]
    if has_title:
        parts[0] = _with_title(parts[0].embed, title, replace(message, blocks=(title, *rest)))
    return tuple(parts)


def _with_title(embed: Embed, title: Block, message: Message) -> EmbedPart:
    embed.title = markdown_of_runs(title.runs, is_title=True)
    embed.url = _address_of(title)
    return EmbedPart(embed, (), _plain(message), message.silent)


def _alert(message: Message, card: Card) -> EmbedPart:
    """Everything in the place that Discord's users look for it."""
    embed = Embed(colour=COLOURS[card.level], timestamp=card.moment)
    embed.set_author(name=cut(sendable(card.author), LONGEST_AUTHOR, units))
    title = next((block for block in message.blocks if block.role is Role.TITLE), Block(()))
    embed.title = cut(title.text, LONGEST_TITLE, lambda text: units(escaped(text)), escaped) or NOTHING
    embed.url = _address_of(title)
    embed.description = _first_part([block for block in message.blocks if block.role in _BODY]) or None
    _add_field(embed, "Told by", [block for block in message.blocks if block.role is Role.BYLINE][1:])
    _add_field(embed, "Why", [block for block in message.blocks if block.role is Role.WHY])
    if card.topics:
        topics = cut(sendable(card.topics), LONGEST_FIELD, lambda text: units(escaped(text)), escaped)
        embed.add_field(name="Topic", value=topics)
    return EmbedPart(embed, (), _plain(message), message.silent)


_BODY = frozenset(Role) - {Role.TITLE, Role.BYLINE, Role.WHY}
# With all other places filled to their limits, an embed holds 6,000 in all.
_LONGEST_BODY = 6000 - LONGEST_AUTHOR - LONGEST_TITLE - 3 * (LONGEST_FIELD + 10)


def _add_field(embed: Embed, name: str, blocks: Sequence[Block]) -> None:
    if value := _first_part(blocks, LONGEST_FIELD):
        embed.add_field(name=name, value=value, inline=False)


def _first_part(blocks: Sequence[Block], limit: int = _LONGEST_BODY) -> str:
    """As much of the blocks as there is room for."""
    if not blocks:
        return ""
    return markdown_of(parts_of(Message(tuple(blocks)), _length, limit)[0].blocks)


def _length(block: Block) -> int:
    return units(markdown_of([block]))


def _address_of(block: Block) -> str | None:
    return next((address for run in block.runs if run.url and (address := address_of(run.url))), None)


def _plain(message: Message) -> str:
    return cut(plain(message), LONGEST_CONTENT, lambda text: units(escaped(text)), escaped) or NOTHING


def _packed_rows(rows: tuple[tuple[Button, ...], ...]) -> list[tuple[tuple[Button, ...], ...]]:
    """The rows of each message: as they were meant where there is room, else five buttons each.

    Discord takes no two buttons that do the same.
    """
    new = {button.command for row in rows for button in row}
    rows = tuple(tuple(button for button in row if _taken(new, button.command)) for row in rows)
    rows = tuple(row for row in rows if row)
    if len(rows) <= BUTTONS_IN_A_ROW and all(len(row) <= BUTTONS_IN_A_ROW for row in rows):
        return [rows] if rows else []
    buttons = iter(button for row in rows for button in row)
    packed = []
    while some := list(islice(buttons, MOST_BUTTONS)):
        packed.append(tuple(tuple(some[at : at + BUTTONS_IN_A_ROW]) for at in range(0, len(some), BUTTONS_IN_A_ROW)))
    return packed


def _taken(new: set[str], command: str) -> bool:
    """Whether a command is new; it is so no more."""
    is_new = command in new
    new.discard(command)
    return is_new
