"""Messages cut into parts that a platform takes, before any markup, so that each part's markup is whole. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from bot.core.message.blocks import ATTACHED, Block, Message, Run

Length = Callable[[Block], int]
"""How long a block is with its markup; never longer for less of its text."""

# Platforms refuse a text of which nothing is seen.
NOTHING = "…"

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# Platforms take these for spaces or drop them, and then count less than we do.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def parts_of(message: Message, length: Length, limit: int) -> tuple[Message, ...]:
    """The message in as few parts within a limit as can be; the last one has the buttons.

    At least one part, none of them empty. Blocks that belong together are not torn, unless they are too long.
    """
    packed: list[list[Block]] = [[]]
    room = limit
    for paragraph in _paragraphs(sendable_block(block) for block in message.blocks):
        if sum(length(block) + _gap(block) for block in paragraph) > room:
            packed.append([])
            room = limit
        for piece in (piece for block in paragraph for piece in _pieces(block, length, limit)):
            needed = length(piece) + (_gap(piece) if packed[-1] else 0)
            if needed > room:
                packed.append([])
                needed, room = length(piece), limit
            packed[-1].append(piece)
            room -= needed
    parts = [part for part in packed if is_seen(part)] or [[Block((Run(NOTHING),))]]
    return tuple(
        replace(message, blocks=tuple(part), buttons=message.buttons if place == len(parts) else ())
        for place, part in enumerate(parts, 1)
    )


def units(text: str) -> int:
    """The length of a text in UTF-16 units: whichever way a platform counts, it finds no more."""
    return len(text) + sum(character > "\uffff" for character in text)


def sendable(text: str) -> str:
    """The text without what cannot be sent as UTF-8, and without control characters."""
    return _CONTROL.sub(" ", _LONE_SURROGATE.sub("\ufffd", text))


def sendable_block(block: Block) -> Block:
    """The block with nothing in it that cannot be sent."""
    runs = (replace(run, text=sendable(run.text), url=run.url and sendable(run.url)) for run in block.runs)
    return replace(block, runs=tuple(runs))


def is_seen(blocks: Iterable[Block]) -> bool:
    """Whether anything but white space and signs without a shape is in the blocks."""
    return any(unicodedata.category(character)[0] not in "CZ" for block in blocks for character in block.text)


def _gap(block: Block) -> int:
    """How long the break before a block is (see `join_blocks`)."""
    return 1 if block.role in ATTACHED else 2


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


def _pieces(block: Block, length: Length, limit: int) -> Iterator[Block]:
    """A block, cut where it is longer than a part: at lines, else at words, else anywhere."""
    rest = block
    while length(rest) > limit and len(rest.text) > 1:
        place = _place_to_cut(rest, length, limit)
        yield replace(rest, runs=_between(rest.runs, 0, place))
        skipped = 1 if rest.text[place].isspace() else 0
        rest = replace(rest, runs=_between(rest.runs, place + skipped, len(rest.text)))
    yield rest


def _place_to_cut(block: Block, length: Length, limit: int) -> int:
    """Where the most that fits ends, or before that the last line or word."""
    least, most = 1, min(len(block.text) - 1, limit)
    while least < most:
        middle = (least + most + 1) // 2
        if length(replace(block, runs=_between(block.runs, 0, middle))) <= limit:
            least = middle
        else:
            most = middle - 1
    for separator in ("\n", " "):
        # A cut that wastes more than half of a part makes more parts than it is worth.
        place = block.text.rfind(separator, least // 2, least + 1)
        if place > 0:
            return place
    return least


def _between(runs: tuple[Run, ...], start: int, end: int) -> tuple[Run, ...]:
    """The runs' text from one place to another, each stretch in its style."""
    cut, at = [], 0
    for run in runs:
        text = run.text[max(0, start - at) : max(0, end - at)]
        if text:
            cut.append(replace(run, text=text))
        at += len(run.text)
    return tuple(cut)
