"""A message as the console shows it: plain text for a pipe, styled text for a terminal. Pure.

`numbers` holds the number to type for each button, in the shape of `message.buttons`.
"""

from io import StringIO

from rich.console import Console as Screen
from rich.console import OverflowMethod
from rich.text import Text

from bot.core.message.blocks import ATTACHED, Block, Message, Role, Run, plain, say
from bot.terminal import harmless

Numbers = tuple[tuple[int, ...], ...]

_STYLES = {Role.TITLE: "bold", Role.HEADING: "bold", Role.BYLINE: "dim", Role.WHY: "cyan", Role.EXTRACT: "dim"}


def to_plain(message: Message, numbers: Numbers) -> str:
    """The message without escape codes; each link in full below its block, buttons in the last lines."""
    drawn = message.picture.lines if message.picture else ()
    return (
        harmless("\n\n".join([plain(message), *filter(None, ["\n".join(drawn)]), *_button_lines(message, numbers)]))
        + "\n\n"
    )


def to_styled(message: Message, numbers: Numbers, width: int) -> str:
    """The message with ANSI styles, wrapped at words to `width` columns; only links run on."""
    screen = Screen(file=StringIO(), force_terminal=True, width=width, highlight=False, emoji=False, markup=False)
    with screen.capture() as captured:
        for text in to_texts(message, numbers):
            # print() joins texts into a new one, which forgets its overflow.
            screen.print(text, overflow=text.overflow, crop=False)
    return captured.get()


def update_of(message: Message) -> Message:
    """What is worth a line of an alert that has been edited: its headline, who tells it now, and what it takes back."""
    title = next((block.text for block in message.blocks), "")
    # The first byline is of who published the headline.
    told = [block.text for block in message.blocks if block.role is Role.BYLINE][1:]
    line = (
        say("Updated: {title} · now {told}", title=title, told=told[0])
        if told
        else say("Updated: {title}", title=title)
    )
    corrections = (block for block in message.blocks if block.role is Role.CORRECTION)
    return Message((Block(line), *corrections))


def to_texts(message: Message, numbers: Numbers) -> list[Text]:
    """The message as lines for rich, an empty one after it."""
    lines: list[Text] = []
    for block in message.blocks:
        if lines and block.role not in ATTACHED:
            lines.append(Text())
        lines.extend(_lines_of(block))
    if message.picture is not None:
        lines.extend([Text(), *(Text(harmless(line), overflow="ignore") for line in message.picture.lines)])
    for line in _button_lines(message, numbers):
        lines.extend([Text(), Text(harmless(line), style="bold yellow")])
    return [*lines, Text()]


def _lines_of(block: Block) -> list[Text]:
    """A link stays on one line, however long, so that terminals know it for one; and so do columns."""
    overflow: OverflowMethod = "ignore" if block.role is Role.CODE else "fold"
    words = Text(style=_STYLES.get(block.role, ""), overflow=overflow)
    for run in block.runs:
        words.append(harmless(run.text), style=_style_of(run))
    links = dict.fromkeys(run.url for run in block.runs if run.url)
    return [words, *(Text(harmless(link), style="blue", overflow="ignore") for link in links)]


def _style_of(run: Run) -> str:
    named = {"bold": run.bold, "italic": run.italic, "strike": run.strike, "green": run.code}
    return " ".join(name for name, wanted in named.items() if wanted)


def _button_lines(message: Message, numbers: Numbers) -> list[str]:
    rows = [
        "   ".join(f"[{number}] {button.label}" for number, button in zip(row_numbers, row, strict=True))
        for row_numbers, row in zip(numbers, message.buttons, strict=True)
    ]
    return ["\n".join(rows)] if rows else []
