"""What an interaction carries: the command and its options, what is being typed, or the button. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from discord import Interaction

from bot.platforms.discord_commands import CHANNEL


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


def _carried(interaction: Interaction) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", interaction.data or {})


def _options(interaction: Interaction) -> Sequence[Mapping[str, Any]]:
    return cast("Sequence[Mapping[str, Any]]", _carried(interaction).get("options", ()))
