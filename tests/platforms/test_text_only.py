"""What platforms share that show nothing but text."""

from bot.commands.framework.request import Request
from bot.core.message.blocks import Block, Button, Message, Run, plain
from bot.core.model import Chat
from bot.platforms.text_only import BUTTONS_KEPT, NumberedButtons, button_rows

ASKING = Message((Block((Run("Well?"),)),), ((Button("Yes", "/yes"), Button("No", "/no")), (Button("Help", "/help"),)))
HERE, THERE = (Chat(platform="slips", address=address) for address in ("here", "there"))


def pressed(buttons: NumberedButtons, chat: Chat, number: str) -> str:
    """The command that a number asks for, or what is said instead."""
    asked = buttons.asked(chat, number, user="ann")
    return asked.command if isinstance(asked, Request) else plain(asked)


def test_numbers_run_on_in_each_chat_by_itself() -> None:
    buttons = NumberedButtons()
    assert button_rows(buttons.number(HERE, ASKING)) == "[1] Yes   [2] No\n[3] Help"
    assert button_rows(buttons.number(HERE, ASKING)) == "[4] Yes   [5] No\n[6] Help"
    assert button_rows(buttons.number(THERE, ASKING)) == "[1] Yes   [2] No\n[3] Help"
    assert pressed(buttons, HERE, "5") == "no"
    assert pressed(buttons, THERE, "5") == "Button 5 doesn't exist."


def test_only_a_number_presses_a_button() -> None:
    buttons = NumberedButtons()
    buttons.number(HERE, ASKING)
    press, typed = buttons.asked(HERE, "2", user="ann"), buttons.asked(HERE, "/no 2", user="ann")
    assert isinstance(press, Request)
    assert isinstance(typed, Request)
    assert (press.command, press.from_button, press.user) == ("no", True, "ann")
    assert (typed.command, typed.from_button, typed.arguments) == ("no", False, "2")


def test_the_numbers_of_old_buttons_are_let_go_in_the_end() -> None:
    buttons = NumberedButtons()
    for _ in range(BUTTONS_KEPT // 3 + 1):
        buttons.number(HERE, ASKING)
    assert pressed(buttons, HERE, "1") == "Button 1 doesn't exist."
    assert pressed(buttons, HERE, "3") == "help"
