"""A message as Telegram shows it: HTML in parts of at most 4,096 characters, with its buttons below the last. Pure.

Messages are cut before they are marked up, so that each part's markup is whole
(https://core.telegram.org/bots/api#html-style).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from itertools import pairwise

from telegram import (
    ChatAdministratorRights,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    KeyboardButtonRequestChat,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.core.message import splitting
from bot.core.message.blocks import Block, Message, Picker, Role, Run, join_blocks, joined, plain
from bot.core.message.splitting import units

# Telegram counts characters after parsing; whichever way it counts, UTF-16 units are the most it can find.
LIMIT = 4096
# https://core.telegram.org/bots/api#sendphoto
CAPTION_LIMIT = 1024

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

# A word joiner: it has no width, and of the signs without one it alone ends both hashtags and addresses.
JOINT = "\u2060"
# After these Telegram would find something to press, whoever wrote it, for it looks through every text
# (https://github.com/tdlib/td/blob/master/td/telegram/MessageEntity.cpp, find_entities); it looks for telephones
# elsewhere, by rules that nobody tells.
_ALIVE = re.compile(
    r"""
    @(?=\w)                                         # mentions, addresses of mail
    | /(?=\w)                                       # commands, wherever a part may begin
    | \#(?=[\w\u200c\u00b7])                        # hashtags
    | \$(?=[A-Z]|1INCH)                             # cashtags
    | :(?=//)                                       # addresses
    | \.(?=[^\W\d_]{2} | \d{1,3}\.\d{1,3}\.\d)     # domains, numbered hosts
    | \d(?=(?:[ \u00a0()-]{0,2}\d){6})   # telephones, bank cards
    """,
    re.VERBOSE,
)
# Links that Telegram takes for sure; of others it forgets the address, and looks through the words.
_TAKEN = re.compile(r"(?i)https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[1-9]\d{0,3})?(?:[/?#]|$)")


def parts_of(message: Message, limit: int = LIMIT) -> tuple[Message, ...]:
    """The message in parts that Telegram takes, measured without their markup; the first has the picture, the last one
    the buttons.
    """
    if message.picture is not None:
        limit = min(limit, CAPTION_LIMIT)
    message = _inert(message, lambda block, run: run.code or block.role is Role.CODE or _is_ours(run))
    first, *others = splitting.parts_of(message, lambda block: units(block.text), limit)
    return (first, *(replace(part, picture=None) for part in others))


def to_html(part: Message) -> str:
    """A part in Telegram's HTML; whatever its texts hold, they are escaped."""
    return join_blocks(tuple((block.role, _html_of(block)) for block in part.blocks))


def to_text(part: Message, limit: int = LIMIT) -> str:
    """A part without markup; the addresses of its links are left out where they would not fit."""
    if part.picture is not None:
        limit = min(limit, CAPTION_LIMIT)
    inert = _inert(part, lambda block, run: _is_ours(run) or not (run.code or block.role is Role.CODE))
    texts = (
        plain(inert),
        *(join_blocks(tuple((block.role, block.text) for block in it.blocks)) for it in (inert, part)),
    )
    return next((text for text in texts if units(text) <= limit), texts[-1])


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


def _is_ours(run: Run) -> bool:
    return run.live or (run.url is not None and _TAKEN.match(run.url) is not None)


def _inert(message: Message, is_spared: Callable[[Block, Run], bool]) -> Message:
    """The message, in which Telegram finds nothing to press but what is spared."""
    return replace(message, blocks=tuple(_inert_block(block, is_spared) for block in message.blocks))


def _inert_block(block: Block, is_spared: Callable[[Block, Run], bool]) -> Block:
    places = [found.end() for found in _ALIVE.finditer(block.text)]
    if not places:
        return block
    runs, at = [], 0
    for run in block.runs:
        text, end = run.text, at + len(run.text)
        if not is_spared(block, run):
            cuts = [0, *(place - at for place in places if at < place <= end), len(run.text)]
            text = JOINT.join(run.text[begin:cut] for begin, cut in pairwise(cuts))
        runs.append(replace(run, text=text))
        at = end
    return replace(block, runs=tuple(runs))


def _html_of(block: Block) -> str:
    if block.role is Role.CODE:
        return f"<pre>{escape(block.text, quote=False)}</pre>"
    runs = joined(replace(run, live=False) for run in block.runs)
    return "".join(_html_of_run(run, heavy=block.role in _BOLD_ROLES) for run in runs)


def _html_of_run(run: Run, *, heavy: bool) -> str:
    html = escape(run.text, quote=False)
    if run.code and not run.url:
        # Code takes no other style, neither inside nor around (https://core.telegram.org/bots/api#messageentity).
        return f"<code>{html}</code>"
    for tag, wanted in (("s", run.strike), ("i", run.italic), ("b", run.bold or heavy)):
        if wanted:
            html = f"<{tag}>{html}</{tag}>"
    return f'<a href="{escape(run.url)}">{html}</a>' if run.url else html
