import re

from hypothesis import given
from hypothesis import strategies as st

from bot.core.message.blocks import Block, Button, Message, Picture, Role, Run, bold, code
from bot.core.wording.alert import alert
from bot.platforms.console.markup import to_plain, to_styled
from tests.builders import NOW, item, story

BUTTONS = ((Button("[4] Follow", "/confirm 7"), Button("[5] Cancel", "/cancel 7")), (Button("[6] Help", "/help"),))

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def unstyled(text: str) -> str:
    """What a terminal shows of styled text; any escape code but a style would stay and be seen."""
    return ESCAPES.sub("", text)


def test_plain_output_has_links_in_full_and_buttons_with_their_numbers() -> None:
    message = Message(
        (Block((Run("Cable cut", bold=True, url="https://northgate.example/1"),), Role.TITLE), Block((bold("Well?"),))),
        BUTTONS,
    )
    assert to_plain(message) == (
        "Cable cut\nhttps://northgate.example/1\n\nWell?\n\n[4] Follow   [5] Cancel\n[6] Help\n\n"
    )


def test_a_terminal_sees_the_same_words_with_styles() -> None:
    message = alert(story(), number=2, rule_text="drone", words=("Drones",), now=NOW)
    styled = to_styled(message, width=200)
    assert "\x1b[" in styled
    assert unstyled(styled) == to_plain(message).rstrip("\n") + "\n\n"


def test_lines_are_wrapped_at_words_but_links_stay_in_one_piece() -> None:
    link = "https://northgate.example/" + "long-" * 20
    told = item("Drones seen over Kestrel harbour once more", url=link)
    message = alert(story(told), number=1, rule_text="drone", words=(), now=NOW, in_channel=True)
    lines = unstyled(to_styled(message, 30)).split("\n")
    assert link in lines
    assert [line.rstrip() for line in lines[:2]] == ["Drones seen over Kestrel", "harbour once more"]


def test_a_caret_stays_beneath_its_place() -> None:
    message = Message((Block((Run("drone (poland\n      ^\nThis parenthesis is never closed."),), Role.CODE),))
    assert unstyled(to_styled(message, 80)).split("\n")[:2] == ["drone (poland", "      ^"]


def test_markup_of_outlets_is_shown_as_it_is() -> None:
    title = "[red]Alarm[/red] [link=https://evil.example]here[/link] :boom: {rule}"
    message = Message((Block((Run(title, url="https://a.example/[bold]"),), Role.TITLE),))
    assert title in unstyled(to_styled(message, 200))
    assert "https://a.example/[bold]" in unstyled(to_styled(message, 200))


def test_escape_codes_of_outlets_do_not_reach_the_terminal() -> None:
    hostile = "Calm\x1b[2J\x1b]0;owned\x07 \x9b31m\u202efdp.exe\r\x08"
    message = Message(
        (Block((Run(hostile, url="https://a.example/\x1b[31m"),), Role.TITLE), Block((code(hostile),), Role.CODE)),
        ((Button(hostile, "/help"),),),
    )
    for output in (to_plain(message), ESCAPES.sub("", to_styled(message, 80))):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", output)
        assert "Calm" in output


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4), st.integers(20, 120))
def test_whatever_is_written_a_terminal_is_sent_nothing_but_text_and_styles(texts: list[str], width: int) -> None:
    message = Message(tuple(Block((Run(text, bold=True), Run(text, code=True))) for text in texts))
    output = ESCAPES.sub("", to_styled(message, width))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", output)


def test_what_a_picture_shows_is_told_in_lines() -> None:
    words = Block((Run("Tension of the news"),))
    message = Message((words,), picture=Picture(png=b"", lines=("21 Nov  −3.0", "22 Nov  +1.0")))
    shown = "Tension of the news\n\n21 Nov  −3.0\n22 Nov  +1.0\n\n"
    assert to_plain(message) == shown
    assert unstyled(to_styled(message, 80)) == shown
