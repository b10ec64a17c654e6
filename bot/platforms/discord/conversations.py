"""What becomes of each interaction: somebody gave a command, is typing one, or pressed a button."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from discord import DiscordServerError, Interaction, InteractionType
from discord.app_commands import Choice

from bot.clock import Clock
from bot.commands.framework.arguments import to_request
from bot.commands.framework.command import Command, Kind, Notice, Press, Who
from bot.commands.framework.completion import Complete, Completion
from bot.commands.framework.request import Request
from bot.core.message.blocks import Block, Message, say
from bot.platforms.base import Answer, ChatEvents
from bot.platforms.buttons import DoubleClickGuard
from bot.platforms.connection import Sleep
from bot.platforms.discord.buttons import ButtonScope, read_custom_id
from bot.platforms.discord.errors import AWAY
from bot.platforms.discord.grants import Grants
from bot.platforms.discord.hints import with_options
from bot.platforms.discord.interactions import custom_id_of, given, is_let_by_server, is_on_our_message, typed
from bot.platforms.discord.places import (
    NO_SUCH_CHANNEL,
    NOT_ANNOUNCING,
    NOT_HERE,
    Place,
    are_we_in,
    elsewhere,
    here,
    refused_role,
    said_for,
    said_missing,
)
from bot.platforms.discord.replies import ACKNOWLEDGE_PAUSES, Reply

log = structlog.get_logger()

# An answer that takes longer is promised first: Discord waits 3 s, of which the way there takes its part.
PROMPTLY = timedelta(milliseconds=500)
# Completions are shown while somebody types; late ones are of no use.
COMPLETE_WITHIN = timedelta(seconds=2)
# https://docs.discord.com/developers/interactions/application-commands#application-command-object
LONGEST_CHOICE = 100

# What leads to alerts: that they cannot be sent is better said now.
NEEDS_RIGHTS = frozenset({"follow", "confirm", "resume"})

OLD_BUTTON = Message((Block(say("This button is too old for me to recognise. /help lists what I can do.")),))
WENT_WRONG = Message((Block(say("Sorry, that went wrong on my side; please try again.")),))
RESTARTING = Message((Block(say("I'm restarting; please try again in a minute.")),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked and where; `replaces` when the answer takes the place of the message whose button was pressed."""

    request: Request
    place: Place
    replaces: bool = False


class Conversations:
    """Asks for the answer to each interaction, and has it shown.

    `is_offered` tells whether Discord has our commands as they are, and so lets only those give a command who may.
    """

    def __init__(
        self,
        answer: Answer,
        complete: Complete,
        *,
        table: tuple[Command, ...],
        changes: ChatEvents,
        clock: Clock,
        sleep: Sleep,
        is_offered: Callable[[], bool],
    ) -> None:
        self._answer = answer
        self._complete = complete
        self._table = {command.name: command for command in table}
        self._changes = changes
        self._sleep = sleep
        self._is_offered = is_offered
        self._presses = DoubleClickGuard(clock)
        self.grants = Grants(clock)
        self._open: set[Reply] = set()

    async def handle(self, interaction: Interaction) -> None:
        """Do what an interaction asks for. Never raises but for being cancelled."""
        try:
            if interaction.type is InteractionType.autocomplete:
                await self._suggest(interaction)
            elif interaction.type is InteractionType.application_command:
                await self._respond(interaction, self._given(interaction))
            elif interaction.type is InteractionType.component:
                await self._respond(interaction, self._pressed(interaction))
        except Exception:
            log.exception("an interaction could not be handled", interaction=interaction.id)

    async def close(self) -> None:
        """Tell whoever still waits for an answer that none will come."""
        async with asyncio.TaskGroup() as tasks:
            for reply in self._open:
                tasks.create_task(reply.end(RESTARTING))

    def _given(self, interaction: Interaction) -> Question | Message:
        """What a slash command asks for."""
        name, options, channel = given(interaction)
        place = elsewhere(interaction, channel) if channel else here(interaction)
        if place is None:
            return NO_SUCH_CHANNEL
        # Discord has asked for the rights that a command needs, where a server has installed us.
        is_asked_for = self._is_for_admins(name) and self._is_offered() and is_let_by_server(interaction)
        if not channel and not place.is_admin and is_asked_for:
            self.grants.note(interaction, name)
            place = replace(place, is_admin=True)
        request = Request(
            chat=place.chat,
            command=name,
            arguments=options,
            user=str(interaction.user.id),
            user_is_admin=place.is_admin,
        )
        return Question(request=_asked_here(interaction, request), place=place)

    def _pressed(self, interaction: Interaction) -> Question | Message:
        """What a button asks for, where the message that was pressed is ours and shows it."""
        read = read_custom_id(custom_id_of(interaction)) if is_on_our_message(interaction) else None
        if read is None:
            return OLD_BUTTON
        scope, line = read
        place = elsewhere(interaction, scope.channel) if scope.channel else here(interaction)
        if place is None:
            return NO_SUCH_CHANNEL
        request = to_request(place.chat, line, user=str(interaction.user.id), from_button=True)
        command = self._table.get(request.command)
        if command is not None and not place.is_admin and not scope.channel:
            # It belongs to a command that Discord has just let this person give; so does what it shows.
            granted = self.grants.command_of(interaction, command)
            if granted:
                self.grants.note(interaction, granted)
            place = replace(place, is_admin=bool(granted))
        request = _asked_here(interaction, replace(request, user_is_admin=place.is_admin))
        replaces = command is not None and command.press is Press.REPLACE
        return Question(request=request, place=place, replaces=replaces)

    async def _respond(self, interaction: Interaction, asked: Question | Message) -> None:
        if isinstance(asked, Message):
            return await Reply(interaction, self._sleep).show(asked, ButtonScope())
        refusal = self._refusal(interaction, asked)
        if refusal is not None:
            return await Reply(interaction, self._sleep).show(refusal, ButtonScope())
        async with self._opened(interaction, replaces=asked.replaces) as reply:
            await self._reply(interaction, asked, reply)
        return None

    @asynccontextmanager
    async def _opened(self, interaction: Interaction, *, replaces: bool) -> AsyncIterator[Reply]:
        """A reply that ends in words whatever goes wrong."""
        reply = Reply(interaction, self._sleep, replaces=replaces)
        self._open.add(reply)
        try:
            yield reply
        except Exception:
            await reply.end(WENT_WRONG)
            raise
        finally:
            self._open.discard(reply)

    async def _reply(self, interaction: Interaction, asked: Question, reply: Reply) -> None:
        message = interaction.message
        if asked.replaces and message and self._presses.is_repeated(message.id, custom_id_of(interaction)):
            await reply.show(None, ButtonScope())
            return
        answer = await self._answer_or_promise(asked.request, reply)
        if message and (answer is None or isinstance(answer, Notice)):
            self._presses.forget(message.id)
        scope = ButtonScope(channel=asked.place.chat.address if asked.place.name else "")
        shown = said_for(asked.place, with_options(answer, self._table)) if answer else None
        if isinstance(shown, Notice):
            await reply.end(shown)
        else:
            await reply.show(shown, scope)
        if asked.place.is_admin and self._is_for_admins(asked.request.command):
            await self._changes.on_regained(asked.place.chat)

    def _refusal(self, interaction: Interaction, asked: Question) -> Message | None:
        """Why something cannot be done whoever asks for it, as far as only Discord knows."""
        if self._is_for_admins(asked.request.command) and not are_we_in(interaction):
            return NOT_HERE
        if not asked.place.is_visible:
            return NO_SUCH_CHANNEL
        if asked.request.command in NEEDS_RIGHTS and asked.place.is_admin and asked.place.missing:
            return said_missing(asked.place)
        options = asked.request.arguments
        is_on = isinstance(options, Mapping) and options.get("switch") == "on"
        if asked.request.command == "publish" and is_on and not asked.place.is_announcing:
            return NOT_ANNOUNCING
        # Discord lets nobody fill in anything but the id of a role there.
        command = self._table.get(asked.request.command)
        params = [param.name for param in command.params if param.kind is Kind.ROLE] if command else []
        role = next((options[name] for name in params if name in options), "") if isinstance(options, Mapping) else ""
        return refused_role(interaction.guild, asked.place, role) if role and interaction.guild else None

    async def _answer_or_promise(self, request: Request, reply: Reply) -> Message | None:
        """The answer, and a promise of it to Discord if it takes its time. Raises what answering raises."""

        async def ask() -> tuple[Message | None, Exception | None]:
            try:
                return await self._answer(request), None
            except Exception as error:  # noqa: BLE001  raised below: it must not break off a promise on its way
                return None, error

        async with asyncio.TaskGroup() as tasks:
            answering = tasks.create_task(ask())
            await asyncio.wait([answering], timeout=PROMPTLY.total_seconds())
            if not answering.done():
                await reply.promise()
        answer, error = answering.result()
        if error is not None:
            raise error
        return answer

    async def _suggest(self, interaction: Interaction) -> None:
        """Offer what the text typed so far may become; nothing is better than too late."""
        name, option, text, channel = typed(interaction)
        command = self._table.get(name)
        param = next((each for each in command.params if each.name == option), None) if command else None
        place = elsewhere(interaction, channel) if channel else here(interaction)
        try:
            async with asyncio.timeout(COMPLETE_WITHIN.total_seconds()):
                found: tuple[Completion, ...] = ()
                if param and place and place.is_visible:
                    request = Request(chat=place.chat, command=name, user=str(interaction.user.id))
                    found = await self._complete(_asked_here(interaction, request), param, text)
                is_number = param is not None and param.kind in {Kind.NUMBER, Kind.FOLLOWED}
                choices = [
                    Choice[Any](name=each.shown[:LONGEST_CHOICE], value=int(each.value) if is_number else each.value)
                    for each in found
                    if len(each.value) <= LONGEST_CHOICE
                ]
                await self._offer(interaction, choices)
        except AWAY as error:
            log.info("completions were not shown", problem=type(error).__name__)

    async def _offer(self, interaction: Interaction, choices: list[Choice[str | int | float]]) -> None:
        for pause in ACKNOWLEDGE_PAUSES:
            try:
                return await interaction.response.autocomplete(choices)
            except DiscordServerError:
                await self._sleep(pause)
        return await interaction.response.autocomplete(choices)

    def _is_for_admins(self, name: str) -> bool:
        command = self._table.get(name)
        return command is not None and command.who is Who.ADMIN


def _asked_here(interaction: Interaction, request: Request) -> Request:
    """A request as it is made on Discord: by an interaction that shows a fault where it is not answered."""
    guild = interaction.guild if interaction.guild_id is not None else None
    roles = {str(role.id): role.name for role in guild.roles} if guild else {}
    return replace(request, in_server=interaction.guild_id is not None, needs_answer=True, roles=roles)
