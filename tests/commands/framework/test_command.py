"""A row of the table, as its handler is decorated with it; and the table of them."""

from typing import Annotated, Any, Literal

import pytest

from bot.commands.framework.command import Call, Command, Kind, Param, table_of
from bot.core.message.blocks import Message
from bot.core.model import Chat
from bot.core.rules.rule import Rule


def row(**facts: Any) -> Command:
    @Command(**({"summary": "light", "example": "/lamp"} | facts))
    async def lamp(call: Call) -> Message:
        raise AssertionError("not asked")

    return lamp


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        ({"also": ("light",)}, {"name": "lantern", "also": ("light",)}),
        ({}, {"name": "lantern", "also": ("lamp",)}),
        ({"hidden": True}, {"hidden": True}),
    ],
)
def test_no_two_commands_have_one_name_or_word(one: dict[str, Any], other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"several commands have the name or word (lamp|light)"):
        table_of(row(**one), row(**other))


def test_what_only_buttons_give_may_be_a_word_for_what_to_type_instead() -> None:
    assert len(table_of(row(hidden=True), row(name="lantern", also=("lamp",)))) == 2


def test_what_a_command_or_its_param_is_for_must_be_said() -> None:
    with pytest.raises(TypeError, match="lamp needs a summary"):
        row(summary="")

    async def bare(call: Call, rule: Rule | None = None) -> Message:
        raise AssertionError("not asked")

    async def silent(call: Call, rule: Annotated[Rule | None, Param(summary="")] = None) -> Message:
        raise AssertionError("not asked")

    for handler in (bare, silent):
        with pytest.raises(TypeError, match="rule needs Annotated"):
            Command(summary="light", example="/lamp")(handler)


def test_a_param_is_of_a_type_that_people_can_type() -> None:
    async def lamp(call: Call, chat: Annotated[Chat, Param(summary="which")]) -> Message:
        raise AssertionError("not asked")

    with pytest.raises(TypeError, match="chat is a"):
        Command(summary="light", example="/lamp")(lamp)


def test_a_handler_says_by_its_annotations_what_its_command_takes() -> None:
    @Command(summary="light", example="/lamp")
    async def lamp(
        call: Call,
        rule: Annotated[Rule, Param(summary="which")],
        n: Annotated[int | None, Param(summary="how many", most=3)] = None,
        switch: Annotated[Literal["on", "off"] | None, Param(summary="on or off")] = None,
    ) -> Message:
        raise AssertionError("not asked")

    assert (lamp.name, lamp.usage) == ("lamp", "/lamp rule [n] [on|off]")
    assert [(param.kind, param.required, param.most) for param in lamp.params][:2] == [
        (Kind.RULE, True, lamp.params[0].most),
        (Kind.NUMBER, False, 3),
    ]
    assert lamp.params[2].choices == ("on", "off")
