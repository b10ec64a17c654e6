"""What menus, slash options, completion and /help rely on."""

import re
from importlib import import_module
from pkgutil import iter_modules

import bot.commands
from bot.commands import COMMANDS
from bot.commands.framework.arguments import read_arguments, to_request
from bot.commands.framework.command import Command, Kind
from bot.core.rules.operators import RuleVocabulary
from tests import builders
from tests.commands.room import Room


def test_names_suit_every_platform() -> None:
    names = [command.name for command in COMMANDS]
    assert len(set(names)) == len(names)
    for command in COMMANDS:
        # Telegram: 1-32 of a-z, 0-9 and _; its and Discord's descriptions: at most 100 characters on Discord.
        assert re.fullmatch("[a-z0-9_]{1,32}", command.name)
        assert 1 <= len(command.summary) <= 100
        assert all(re.fullmatch("[a-z]{1,32}", param.name) for param in command.params)
        assert all(1 <= len(param.summary) <= 100 for param in command.params)


def test_required_params_come_before_optional_ones() -> None:
    for command in COMMANDS:
        required = [param.required for param in command.params]
        assert required == sorted(required, reverse=True)


def test_every_example_can_be_typed() -> None:
    for command in COMMANDS:
        request = to_request(builders.chat(), command.example)
        assert request.command == command.name
        read_arguments(command, request.arguments, RuleVocabulary())


def test_every_command_of_the_modules_is_in_the_table() -> None:
    modules = [import_module(f"bot.commands.{each.name}") for each in iter_modules(bot.commands.__path__)]
    found = {value.name for module in modules for value in vars(module).values() if isinstance(value, Command)}
    assert found == {command.name for command in COMMANDS}


def test_choices_are_listed_and_nothing_else_has_them() -> None:
    for command in COMMANDS:
        for param in command.params:
            assert bool(param.choices) is (param.kind is Kind.CHOICE)


async def test_every_button_anywhere_leads_to_a_command(room: Room) -> None:
    """All answers of a long talk: each button must mean something and be read without a complaint."""
    await room.publish(builders.item("Drone films football"))
    await room.publish(*(builders.item(f"Drones seen over Kestrel, report {number}") for number in range(30)))
    await room.follow("drone")
    await room.follow("drone OR tanker")
    lines = ["/start", "/help", "/latest", "/latest drone", "/search drone", "/follow kestrel", "/rules", "/pause 2h"]
    lines += [
        "/wider on",
        "/wider off",
        "/forget",
        "/unfollow 1",
        "/lates",
        "drone",
        "/follow (drone",
        "/search nothing",
        "/mute cable",
        "/mute 8h",
        "/mute story id:1",
        "/mutes",
        "/settings",
    ]
    table = {command.name: command for command in COMMANDS}
    seen = set()
    for reply in [*[await room.say(line) for line in lines], await room.tap("/fewer 2 id:1")]:
        for command in reply.buttons.values():
            request = to_request(builders.chat(), command)
            seen.add(request.command)
            read_arguments(table[request.command], request.arguments, RuleVocabulary())
    assert {"follow", "confirm", "cancel", "page", "unfollow", "resume", "wider", "forget", "search"} <= seen
    assert {"replace", "endmute", "settings"} <= seen
