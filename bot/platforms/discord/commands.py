"""The slash commands that Discord offers, from the table of commands."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from discord import AppCommandOptionType, AppCommandType, ChannelType, Permissions
from discord.http import HTTPClient

from bot.commands.framework.command import About, Command, Kind, Param, Who, summary_of
from bot.commands.framework.completion import is_completed

log = structlog.get_logger()

Json = dict[str, Any]

# https://docs.discord.com/developers/interactions/application-commands#application-command-object
LONGEST_DESCRIPTION = 100

CHANNEL = "channel"

# Where a command may be given and how the app may have been installed
# (https://docs.discord.com/developers/interactions/application-commands#contexts).
_GUILD, _BOT_DM, _PRIVATE_CHANNEL = 0, 1, 2
_EVERYWHERE = [_GUILD, _BOT_DM, _PRIVATE_CHANNEL]
# What changes a chat only makes sense where we are ourselves.
_WITH_US = [_GUILD, _BOT_DM]
_INSTALLS = [0, 1]  # on a server, and for oneself

CHANNEL_TYPES = (
    ChannelType.text,
    ChannelType.news,
    ChannelType.news_thread,
    ChannelType.public_thread,
    ChannelType.private_thread,
    ChannelType.forum,
)

_OPTION_TYPES = {
    Kind.NUMBER: AppCommandOptionType.integer,
    Kind.FOLLOWED: AppCommandOptionType.integer,
    Kind.ROLE: AppCommandOptionType.role,
}

_CHANNEL_OPTION: Json = {
    "name": CHANNEL,
    "description": "a channel, thread or forum other than this one",
    "type": AppCommandOptionType.channel.value,
    "channel_types": [each.value for each in CHANNEL_TYPES],
}

# Fields that Discord adds of its own; all others would show that somebody else has changed a command.
_KEPT = ("name", "description", "type", "options", "default_member_permissions", "contexts", "integration_types")


def commands_of(table: Sequence[Command]) -> list[Json]:
    """What is offered: nobody a command that is not for them, and none that only other platforms have."""
    return [_command(row) for row in table if not row.hidden and row.about is not About.CHANNEL]


def takes_channel(command: Command) -> bool:
    """Whether a command can be given for another channel than the one it is given in."""
    return command.about in {About.CHAT, About.SERVER} and not command.hidden and command.who is not Who.OWNER


async def offer_commands(http: HTTPClient, application: int, table: Sequence[Command]) -> None:
    """Make Discord offer what the table says; nothing is sent where it does already. Raises HTTPException and others.

    Changing commands is limited to 200 a day, and apps load changed ones anew.
    """
    wanted = commands_of(table)
    known = await http.get_global_commands(application)
    if compared(known) != compared(wanted):
        await http.bulk_upsert_global_commands(application, wanted)
        log.info("the slash commands are up to date", commands=len(wanted))


def compared(commands: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Commands in a form in which only what matters differs, whatever defaults Discord adds or leaves out."""
    kept = [{key: command.get(key) for key in _KEPT} for command in commands]
    return sorted((_without_defaults(command) for command in kept), key=lambda command: str(command["name"]))


def _without_defaults(value: Any) -> Any:
    match value:
        case dict():
            # Names and descriptions in other languages come as null where there are none.
            return {key: _without_defaults(each) for key, each in value.items() if each not in (None, False, [], {})}
        case list():
            return [_without_defaults(each) for each in value]
        case _:
            return value


def _command(command: Command) -> Json:
    params = sorted(command.params, key=lambda param: not param.required)
    options = [_option(param) for param in params]
    if takes_channel(command):
        options.append(_CHANNEL_OPTION)
    changes = command.who is Who.ADMIN
    if command.about is About.SERVER:
        contexts = [_GUILD]
    elif command.who is Who.OWNER:
        contexts = [_BOT_DM]
    else:
        contexts = _WITH_US if changes else _EVERYWHERE
    return {
        "name": command.name,
        "description": summary_of(command, in_form=True)[:LONGEST_DESCRIPTION],
        "type": AppCommandType.chat_input.value,
        "options": options,
        "default_member_permissions": str(Permissions(manage_guild=True).value) if changes else None,
        "contexts": contexts,
        "integration_types": _INSTALLS,
    }


def _option(param: Param) -> Json:
    is_number = param.kind in {Kind.NUMBER, Kind.FOLLOWED}
    option: Json = {
        "name": param.name,
        "description": summary_of(param, in_form=True)[:LONGEST_DESCRIPTION],
        "type": _OPTION_TYPES.get(param.kind, AppCommandOptionType.string).value,
        "required": param.required,
    }
    if is_number:
        option |= {"min_value": 1, "max_value": param.most}
    if param.choices:
        option["choices"] = [{"name": choice, "value": choice} for choice in param.choices]
    elif is_completed(param):
        option["autocomplete"] = True
    if option["type"] == AppCommandOptionType.string.value and not param.choices:
        option["max_length"] = param.longest_text
    return option
