"""A message as Telegram shows it: HTML in parts of at most 4,096 characters, with its buttons below the last. Pure.

Messages are cut before they are marked up, so that each part's markup is whole
(https://core.telegram.org/bots/api#html-style).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape

from telegram import (
    ChatAdministratorRights,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.core.message import ATTACHED, Block, Message, Picker, Role, Run, join_blocks, plain

# Telegram counts characters after parsing; whichever way it counts, UTF-16 units are the most it can find.
LIMIT = 4096

# Telegram refuses a text of which nothing is seen.
NOTHING = "…"

_POSTING = ChatAdministratorRights.de_json(ChatAdministratorRights.no_rights().to_dict() | {"can_post_messages": True})
# Telegram lists the channels in which one may post and, if need be, lets us into the one that is picked
# (https://core.telegram.org/bots/api#keyboardbuttonrequestchat).
_ANY_CHANNEL = KeyboardButtonRequestChat(
    request_id=1,
    chat_is_channel=True,
    user_administrator_rights=_POSTING,
    bot_administrator_rights=_POSTING,
    bot_is_member=True,
)
_PICKERS: Mapping[Picker, ReplyKeyboardMarkup | ReplyKeyboardRemove] = {
    Picker.OPENS: ReplyKeyboardMarkup(
        [[KeyboardButton("Pick a channel", request_chat=_ANY_CHANNEL)]], resize_keyboard=True, one_time_keyboard=True
    ),
    Picker.CLOSES: ReplyKeyboardRemove(),
}

_BOLD_ROLES = frozenset({Role.TITLE, Role.HEADING})
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# Telegram takes these for spaces or drops them, and then counts less than we do.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def parts_of(message: Message, limit: int = LIMIT) -> tuple[Message, ...]:
    """The message in parts that Telegram takes; the last one has the buttons. At least one part, none of them empty."""
    blocks = [replace(block, runs=tuple(map(_sendable, block.runs))) for block in message.blocks]
    filled = [part for part in _packed(blocks, limit) if _is_seen(part)]
    parts = filled or [[Block((Run(NOTHING),))]]
    return tuple(
        replace(message, blocks=tuple(part), buttons=message.buttons if place == len(parts) else ())
        for place, part in enumerate(parts, 1)
    )


def to_html(part: Message) -> str:
    """A part in Telegram's HTML; whatever its texts hold, they are escaped."""
    return join_blocks(tuple((block.role, _html_of(block)) for block in part.blocks))


def to_text(part: Message, limit: int = LIMIT) -> str:
    """A part without markup; the addresses of its links are left out where they would not fit."""
    with_links = plain(part)
    return with_links if units(with_links) <= limit else _text_of(part.blocks)


def to_keyboard(part: Message) -> InlineKeyboardMarkup | None:
    """The part's buttons, each with its command line as `callback_data`."""
    if not part.buttons:
        return None
    rows = [
        [InlineKeyboardButton(button.label, callback_data=button.command) for button in row] for row in part.buttons
    ]
    return InlineKeyboardMarkup(rows)


def to_reply_markup(part: Message) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None:
    """What stands below a new part: its buttons, or the picker of channels, or the end of that."""
    return to_keyboard(part) if part.picker is None else _PICKERS[part.picker]


def units(text: str) -> int:
    """The length of a text in UTF-16 units, as Telegram measures texts and entities."""
    return len(text) + sum(character > "\uffff" for character in text)


def _packed(blocks: Sequence[Block], limit: int) -> list[list[Block]]:
    """The blocks in as few parts as can be, without tearing what belongs together unless it is too long."""
    parts: list[list[Block]] = [[]]
    for paragraph in _paragraphs(blocks):
        if not _fits([*parts[-1], *paragraph], limit):
            parts.append([])
        for piece in (piece for block in paragraph for piece in _pieces(block, limit)):
            if not _fits([*parts[-1], piece], limit):
                parts.append([])
            parts[-1].append(piece)
    return parts


def _paragraphs(blocks: Iterable[Block]) -> Iterator[list[Block]]:
    """Each block with those that are attached to it."""
    paragraph: list[Block] = []
    for block in blocks:
        if paragraph and block.role not in ATTACHED:
            yield paragraph
            paragraph = []
        paragraph.append(block)
    if paragraph:
        yield paragraph


def _pieces(block: Block, limit: int) -> Iterator[Block]:
    """A block, cut where it is longer than a part: at lines, else at words, else anywhere."""
    rest = block
    while units(rest.text) > limit:
        place = _place_to_cut(rest.text, limit)
        yield replace(rest, runs=_between(rest.runs, 0, place))
        skipped = 1 if rest.text[place].isspace() else 0
        rest = replace(rest, runs=_between(rest.runs, place + skipped, len(rest.text)))
    yield rest


def _place_to_cut(text: str, limit: int) -> int:
    """Where the first `limit` units end, or before that the last line or word ends."""
    head = text[:limit]
    while units(head) > limit:
        head = head[: -max(1, (units(head) - limit) // 2)]
    for separator in ("\n", " "):
        # A cut that wastes more than half of a part makes more parts than it is worth.
        place = text.rfind(separator, len(head) // 2, len(head) + 1)
        if place > 0:
            return place
    return len(head)


def _between(runs: tuple[Run, ...], start: int, end: int) -> tuple[Run, ...]:
    """The runs' text from one place to another, each stretch in its style."""
    cut, at = [], 0
    for run in runs:
        text = run.text[max(0, start - at) : max(0, end - at)]
        if text:
            cut.append(replace(run, text=text))
        at += len(run.text)
    return tuple(cut)


def _fits(blocks: Sequence[Block], limit: int) -> bool:
    return units(_text_of(blocks)) <= limit


def _text_of(blocks: Iterable[Block]) -> str:
    return join_blocks(tuple((block.role, block.text) for block in blocks))


def _is_seen(blocks: Iterable[Block]) -> bool:
    """Whether anything but white space and signs without a shape is in the blocks."""
    return any(unicodedata.category(character)[0] not in "CZ" for block in blocks for character in block.text)


def _sendable(run: Run) -> Run:
    """The run without what cannot be sent as UTF-8, and without control characters."""
    text = _CONTROL.sub(" ", _LONE_SURROGATE.sub("\ufffd", run.text))
    return replace(run, text=text, url=run.url and _LONE_SURROGATE.sub("", run.url))


def _html_of(block: Block) -> str:
    if block.role is Role.CODE:
        return f"<pre>{escape(block.text, quote=False)}</pre>"
    return "".join(_html_of_run(run, heavy=block.role in _BOLD_ROLES) for run in block.runs)


def _html_of_run(run: Run, *, heavy: bool) -> str:
    html = escape(run.text, quote=False)
    if run.code and not run.url:
        # Code takes no other style, neither inside nor around (https://core.telegram.org/bots/api#messageentity).
        return f"<code>{html}</code>"
    for tag, wanted in (("s", run.strike), ("i", run.italic), ("b", run.bold or heavy)):
        if wanted:
            html = f"<{tag}>{html}</{tag}>"
    return f'<a href="{escape(run.url)}">{html}</a>' if run.url else html
