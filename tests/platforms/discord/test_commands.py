from dataclasses import replace

import pytest
from discord import AppCommandOptionType, Permissions

from bot.commands import COMMANDS
from bot.commands.framework.command import About, Command, Kind, Param, Who
from bot.commands.framework.completion import COMPLETERS, is_completed
from bot.platforms.discord.commands import commands_of, compared
from bot.platforms.discord.conversations import NEEDS_RIGHTS
from tests.platforms.discord.world import Json

OFFERED = {command["name"]: command for command in commands_of(COMMANDS)}


def options_of(name: str) -> dict[str, Json]:
    return {option["name"]: option for option in OFFERED[name]["options"]}


def test_everything_that_people_can_ask_is_offered_and_nothing_else() -> None:
    offered = {row.name for row in COMMANDS if not row.hidden and row.about is not About.CHANNEL}
    assert set(OFFERED) == offered
    assert len(OFFERED) <= 100


@pytest.mark.parametrize("command", OFFERED.values(), ids=lambda command: command["name"])
def test_each_command_is_one_that_discord_takes(command: Json) -> None:
    assert 1 <= len(command["name"]) <= 32
    assert command["name"].islower()
    assert 1 <= len(command["description"]) <= 100
    assert len(command["options"]) <= 25
    required = [bool(option.get("required")) for option in command["options"]]
    assert required == sorted(required, reverse=True)
    for option in command["options"]:
        assert 1 <= len(option["name"]) <= 32
        assert 1 <= len(option["description"]) <= 100
        assert len(option.get("choices", [])) <= 25
        assert not (option.get("choices") and option.get("autocomplete"))
        assert option.get("max_value", 0) <= 2**53
        is_typed = option["type"] == AppCommandOptionType.string.value and not option.get("choices")
        assert (1 <= option.get("max_length", 0) <= 6000) == is_typed
    names = [option["name"] for option in command["options"]]
    assert len(set(names)) == len(names)


def test_options_have_types_and_limits() -> None:
    assert options_of("latest")["n"]["type"] == AppCommandOptionType.integer.value
    assert (options_of("latest")["n"]["min_value"], options_of("latest")["n"]["max_value"]) == (1, 20)
    assert options_of("follow")["rule"]["type"] == AppCommandOptionType.string.value
    assert options_of("follow")["rule"]["required"]
    assert [each["value"] for each in options_of("wider")["switch"]["choices"]] == ["on", "off"]
    assert options_of("help")["command"]["autocomplete"]
    assert options_of("follow")["channel"]["type"] == AppCommandOptionType.channel.value
    assert "channel" not in options_of("status")
    assert options_of("mention")["role"]["type"] == AppCommandOptionType.role.value
    assert "channel" in options_of("mention")


def test_no_description_speaks_of_replies_which_a_slash_command_cannot_be() -> None:
    said = [text for each in OFFERED.values() for text in (each["description"], *map(str, each["options"]))]
    assert [text for text in said if "reply" in text or "replying" in text] == []
    assert "come up as you type" in options_of("why")["number"]["description"]


def test_who_may_give_a_command_is_said_to_discord() -> None:
    manage = str(Permissions(manage_guild=True).value)
    needed = {name: command["default_member_permissions"] for name, command in OFFERED.items()}
    assert (needed["follow"], needed["latest"]) == (manage, None)
    assert {row.name for row in COMMANDS if row.who is Who.ADMIN and not row.hidden} == {
        name for name, rights in needed.items() if rights
    }


def test_commands_are_offered_where_they_make_sense() -> None:
    assert OFFERED["latest"]["contexts"] == [0, 1, 2]
    assert OFFERED["follow"]["contexts"] == [0, 1]
    assert OFFERED["mention"]["contexts"] == [0]
    assert all(OFFERED[row.name]["contexts"] == [1] for row in COMMANDS if row.who is Who.OWNER and not row.hidden)
    assert all(command["integration_types"] == [0, 1] for command in OFFERED.values())


def test_long_texts_are_cut_and_what_must_be_given_comes_first() -> None:
    async def answer(_call: object) -> None:
        raise AssertionError("not asked")

    param = Param(name="a", kind=Kind.TEXT, summary="x" * 200)
    command = Command(
        name="long",
        summary="y" * 200,
        example="/long",
        handler=answer,  # type: ignore[arg-type]
        params=(param, replace(param, name="b", required=True)),
    )
    (offered,) = commands_of([command])
    assert len(offered["description"]) == 100
    assert [option["name"] for option in offered["options"]] == ["b", "a", "channel"]


def test_what_discord_adds_or_leaves_out_is_no_change_but_a_word_is() -> None:
    wanted = commands_of(COMMANDS)
    kept: list[Json] = [
        {"id": "1", "version": "9", "nsfw": False, "dm_permission": True, "name_localizations": None} | command
        for command in reversed(wanted)
    ]
    for command in kept:
        command["options"] = [
            {key: value for key, value in option.items() if value is not False} for option in command["options"]
        ]
    assert compared(kept) == compared(wanted)
    kept[0]["description"] += "!"
    assert compared(kept) != compared(wanted)
    assert compared(kept[1:]) != compared(wanted)


def test_what_is_completed_or_needs_rights_is_in_the_table() -> None:
    completed = [param for row in COMMANDS for param in row.params if is_completed(param)]
    assert {param.kind for param in completed} == {Kind.COMMAND, *COMPLETERS}
    assert {row.name for row in COMMANDS} >= NEEDS_RIGHTS
