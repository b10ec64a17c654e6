"""Command lines in answers, as Discord takes them."""

import pytest

from bot.commands import COMMANDS
from bot.core.message.blocks import Block, Message, Run, code, plain, say
from bot.platforms.discord.hints import with_options

TABLE = {command.name: command for command in COMMANDS}


def shown(*runs: Run) -> str:
    return plain(with_options(Message((Block(runs),)), TABLE))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/mute football 3d", "/mute words:football duration:3d"),
        ("/mute football", "/mute words:football"),
        ("/follow drone poland", "/follow rule:drone poland"),
        ("/latest 10 drone poland", "/latest n:10 rule:drone poland"),
        ("/search drone (poland OR estonia) 3d", "/search rule:drone (poland OR estonia) period:3d"),
        ("/summary 12h poland", "/summary period:12h rule:poland"),
        ("/mention 2 @Watch", "/mention rule:2 role:@Watch"),
        ("/level major 2", "/level level:major number:2"),
        ("/sources off tass-en", "/sources word:off tass-en"),
        ("/help follow", "/help command:follow"),
    ],
)
def test_a_line_names_its_options(line: str, told: str) -> None:
    assert shown(code(line)) == told


@pytest.mark.parametrize("command", TABLE.values(), ids=lambda command: command.name)
def test_each_example_of_the_table_is_told_with_options_and_what_it_takes_as_it_is(command: object) -> None:
    row = TABLE[command.name]  # type: ignore[attr-defined]
    assert shown(code(row.usage)) == row.usage
    has_options = " " in row.example
    assert (":" in shown(code(row.example))) == has_options


@pytest.mark.parametrize(
    "line", ["/mute", "/nothing here", "drone poland", "/level nonsense", "/", "https://a.example"]
)
def test_what_names_no_options_stays(line: str) -> None:
    assert shown(code(line)) == line


def test_in_running_text_only_what_can_be_nothing_else_belongs_to_a_command() -> None:
    told = "Alerts: major. /level all ends that; /latest shows more, /why 4711. /sources with a word, and/or all."
    assert shown(*say(told)) == told.replace("/level all", "/level level:all").replace("/why 47", "/why number:47")
    assert shown(*say("/help search explains rules.")) == "/help command:search explains rules."
    assert shown(*say("/help lists them all.")) == "/help lists them all."
    assert shown(Run("/level all", url="https://paper.example")).startswith("/level all")
