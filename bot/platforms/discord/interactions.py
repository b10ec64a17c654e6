"""What an interaction carries: the command and its options, what is being typed, or the button; and by whose leave.

Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from discord import ComponentType, Interaction

from bot.platforms.discord.buttons import carries
from bot.platforms.discord.commands import CHANNEL


def given(interaction: Interaction) -> tuple[str, dict[str, str], str]:
    """The name of a slash command, its options as texts, and the id of the channel it is meant for (or empty)."""
    options = {str(option["name"]): str(option["value"]) for option in _options(interaction)}
    channel = options.pop(CHANNEL, "")
    return str(_carried(interaction)["name"]), options, channel


def typed(interaction: Interaction) -> tuple[str, str, str, str]:
    """The command that is being typed, the option that is, its text so far, and the channel as above."""
    name, options, channel = given(interaction)
    focused = next((str(option["name"]) for option in _options(interaction) if option.get("focused")), "")
    return name, focused, options.get(focused, ""), channel


def custom_id_of(interaction: Interaction) -> str:
    """What the pressed button carries; empty for what is no press."""
    return str(_carried(interaction).get("custom_id", ""))


def is_on_our_message(interaction: Interaction) -> bool:
    """Whether a press is one of a button that a message of ours shows, as Discord hands it over with the press."""
    message, us = interaction.message, interaction.client.user
    if message is None or us is None or message.author.id != us.id:
        return False
    is_button = _carried(interaction).get("component_type") == ComponentType.button.value
    return is_button and carries(message, custom_id_of(interaction))


def is_let_by_server(interaction: Interaction) -> bool:
    """Whether a command comes by the server's own installation, and by no other: only then Discord asks for rights."""
    # The library's own questions are answered with yes where a person's installation has a part in it, too.
    return interaction._integration_owners.keys() == {0} and interaction.is_guild_integration()  # noqa: SLF001


def _carried(interaction: Interaction) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", interaction.data or {})


def _options(interaction: Interaction) -> Sequence[Mapping[str, Any]]:
    return cast("Sequence[Mapping[str, Any]]", _carried(interaction).get("options", ()))
