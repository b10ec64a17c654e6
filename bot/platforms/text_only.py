"""For platforms that show nothing but text: a button is a number to type, an edit is a line that tells what is new."""

from collections import Counter
from dataclasses import replace

from cachetools import FIFOCache

from bot.commands.framework.arguments import to_request
from bot.commands.framework.request import Request
from bot.core.message.blocks import Block, Button, Message, Role, plain, say
from bot.core.model import Chat

# Of buttons older than these many the numbers are forgotten.
BUTTONS_KEPT = 10_000
# Alerts whose state is remembered, so that an edit that changes nothing that was shown is not shown.
ALERTS_KEPT = 1000


def text_of(message: Message) -> str:
    """The message without markup; each link in full below its block, buttons in the last lines."""
    drawn = "\n".join(message.picture.lines) if message.picture else ""
    return "\n\n".join(filter(None, [plain(message), drawn, button_rows(message)]))


def button_rows(message: Message) -> str:
    """The buttons of a message, a line for each row."""
    return "\n".join("   ".join(button.label for button in row) for row in message.buttons)


class NumberedButtons:
    """Numbers run on in each chat, so that an arriving alert never changes what a number means."""

    def __init__(self) -> None:
        self._last: Counter[Chat] = Counter()
        self._commands: FIFOCache[tuple[Chat, int], str] = FIFOCache(BUTTONS_KEPT)

    def number(self, chat: Chat, message: Message) -> Message:
        """The message as it is shown in a chat: each button begins with the number that presses it."""
        return replace(message, buttons=tuple(tuple(self._add(chat, each) for each in row) for row in message.buttons))

    def asked(self, chat: Chat, line: str, *, user: str) -> Request | Message:
        """What a line asks for, be it the number of a button; what to say to a number that no button has any more."""
        if not line.isdecimal():
            return to_request(chat, line, user=user)
        command = self._commands.get((chat, int(line)))
        if command is None:
            return Message((Block(say("Button {number} doesn't exist.", number=line)),))
        return to_request(chat, command, user=user, from_button=True)

    def _add(self, chat: Chat, button: Button) -> Button:
        self._last[chat] += 1
        self._commands[chat, self._last[chat]] = button.command
        return replace(button, label=f"[{self._last[chat]}] {button.label}")


class Updates:
    """How each alert was last shown, by its ref: what is shown cannot be changed, only added to."""

    def __init__(self) -> None:
        self._shown: FIFOCache[str, frozenset[str]] = FIFOCache(ALERTS_KEPT)

    def of(self, ref: str, message: Message) -> Message | None:
        """The lines that tell what is new since the alert was shown last; None where nothing is."""
        update = update_of(message)
        before = self._shown.get(ref, frozenset())
        self._shown[ref] = frozenset(block.text for block in update.blocks)
        new = tuple(block for block in update.blocks if block.text not in before)
        return replace(update, blocks=new) if new else None


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
