"""A message as the console shows it: plain text for a pipe, styled text for a terminal. Pure."""

from io import StringIO

from rich.console import Console as Screen
from rich.console import OverflowMethod
from rich.text import Text

from bot.core.message.blocks import ATTACHED, Message, Role
from bot.platforms.text_only import button_rows, text_of
from bot.terminal import harmless

_STYLES = {Role.TITLE: "bold", Role.HEADING: "bold", Role.BYLINE: "dim", Role.WHY: "cyan", Role.EXTRACT: "dim"}


def to_plain(message: Message) -> str:
    """The message without escape codes."""
    return harmless(text_of(message)) + "\n\n"


def to_styled(message: Message, width: int) -> str:
    """The message with ANSI styles, wrapped at words to `width` columns; only links run on."""
    screen = Screen(file=StringIO(), force_terminal=True, width=width, highlight=False, emoji=False, markup=False)
    with screen.capture() as captured:
        for text in to_texts(message):
            # print() joins texts into a new one, which forgets its overflow.
            screen.print(text, overflow=text.overflow, crop=False)
    return captured.get()


def to_texts(message: Message) -> list[Text]:
    """The message as lines for rich, an empty one after it.

    A link stays on one line, however long, so that terminals know it for one; and so do columns.
    """
    lines: list[Text] = []
    for block in message.blocks:
        if lines and block.role not in ATTACHED:
            lines.append(Text())
        overflow: OverflowMethod = "ignore" if block.role is Role.CODE else "fold"
        words = Text(style=_STYLES.get(block.role, ""), overflow=overflow)
        for run in block.runs:
            styles = {"bold": run.bold, "italic": run.italic, "strike": run.strike, "green": run.code}
            words.append(harmless(run.text), style=" ".join(name for name, wanted in styles.items() if wanted))
        links = dict.fromkeys(run.url for run in block.runs if run.url)
        lines += [words, *(Text(harmless(link), style="blue", overflow="ignore") for link in links)]
    if message.picture is not None:
        lines += [Text(), *(Text(harmless(line), overflow="ignore") for line in message.picture.lines)]
    if message.buttons:
        lines += [Text(), Text(harmless(button_rows(message)), style="bold yellow")]
    return [*lines, Text()]
