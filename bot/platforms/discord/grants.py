"""Whom a server's owner lets give a command in Discord's own settings, though they administer nothing.

Only Discord knows those settings, and it looks at them when a command is given. So a press counts as that command did,
on the message that answered it, while nothing has changed that Discord looked at.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cachetools import FIFOCache
from discord import Interaction, Member, User

from bot.clock import Clock
from bot.commands.framework.command import Command

# As long as an interaction lives; an answer that one person alone sees lives hardly longer.
LIFE = timedelta(minutes=15)
GRANTS_KEPT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """That Discord let somebody give a command, at a time at which they had these roles."""

    server: int
    person: int
    roles: frozenset[int]
    command: str
    at: datetime


class Grants:
    """The latest commands that Discord let somebody give who is no admin, by interaction."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._grants: FIFOCache[int, Grant] = FIFOCache(GRANTS_KEPT)

    def note(self, interaction: Interaction, command: str) -> None:
        """Discord lets whoever asks give this command here."""
        self._grants[interaction.id] = Grant(
            server=interaction.guild_id or 0,
            person=interaction.user.id,
            roles=_roles_of(interaction.user),
            command=command,
            at=self._clock.now(),
        )

    def command_of(self, press: Interaction, command: Command) -> str:
        """The command by whose grant a press counts, or empty: itself, or what its button was shown for."""
        answered = press.message.interaction_metadata if press.message else None
        grant = self._grants.get(answered.id) if answered else None
        if grant is None or not (command.hidden or command.name == grant.command):
            return ""
        is_theirs = (grant.server, grant.person) == (press.guild_id, press.user.id)
        is_as_it_was = grant.roles == _roles_of(press.user) and self._clock.now() - grant.at < LIFE
        return grant.command if is_theirs and is_as_it_was else ""

    def forget(self, server: int) -> None:
        """Somebody has changed these settings in a server."""
        for interaction in [key for key, grant in self._grants.items() if grant.server == server]:
            del self._grants[interaction]


def _roles_of(person: Member | User) -> frozenset[int]:
    return frozenset(role.id for role in person.roles) if isinstance(person, Member) else frozenset()
