"""Answers to people on Discord: each interaction is acknowledged within its 3 s, and answered within its 15 min.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from discord import AllowedMentions, HTTPException, Interaction, InteractionType
from discord.utils import MISSING

from bot.core.message.blocks import Message
from bot.platforms.connection import Sleep, wait_after
from bot.platforms.discord.buttons import ButtonScope
from bot.platforms.discord.errors import ALREADY_ACKNOWLEDGED, AWAY, FAULT, failure_of
from bot.platforms.discord.markup import EmbedPart, files_of, parts_for, to_view
from bot.platforms.sending import Trouble

log = structlog.get_logger()

REQUEST_TIMEOUT = timedelta(seconds=20)
# What acknowledges can be tried again within the 3 s, of which half a second may have gone by already.
ACKNOWLEDGE_TIMEOUT = timedelta(seconds=1.2)
ACKNOWLEDGE_PAUSES = (0.2, 0.4, 0.8, 1.0)
# What was promised, within its 15 min: about two of them, or five where each try hangs.
TRIES_AGAIN = 7


class Reply:
    """The answer to one interaction: a message of its own, for whoever asked alone where others are around, or, with
    `replaces`, another text for the message whose button was pressed.
    """

    def __init__(self, interaction: Interaction, sleep: Sleep, *, replaces: bool = False) -> None:
        self._interaction = interaction
        self._sleep = sleep
        self._replaces = replaces
        self._is_private = interaction.guild_id is not None
        # Discord may know it while we do not: an acknowledgement whose answer was lost.
        self._is_promised = False
        self._is_over = False

    async def promise(self) -> None:
        """Tell Discord that an answer will come; it may then take minutes."""
        response = self._interaction.response
        thinking = not self._replaces

        async def defer() -> None:
            if not self._is_promised:
                await response.defer(ephemeral=self._is_private, thinking=thinking)

        await self._insist(defer)
        self._is_promised = True

    async def show(self, message: Message | None, scope: ButtonScope) -> None:
        """Show an answer, or end the interaction without one."""
        if message is None:
            await self._be_silent()
            self._is_over = True
            return
        first, *others = parts_for(message)
        await self._show_first(first, scope)
        self._is_over = True
        for part in others:
            await self._show_further(part, scope)

    async def end(self, message: Message) -> None:
        """Say this instead of an answer that does not come; a message whose button was pressed stays as it is."""
        if self._is_over:
            return
        if self._replaces and self._is_promised:
            await self._show_further(parts_for(message)[0], ButtonScope())
        else:
            self._replaces = False
            await self.show(message, ButtonScope())

    async def _show_first(self, part: EmbedPart, scope: ButtonScope) -> None:
        async def say() -> None:
            if self._is_promised:
                await self._change(part, scope)
            else:
                await self._answer(part, scope)

        refused = await self._insist(say)
        if refused is not None and failure_of(refused).trouble is Trouble.MARKUP:
            log.error("Discord does not take our embed", embed=part.embed.to_dict())
            await self._insist(lambda: self._show_plain(part))

    async def _answer(self, part: EmbedPart, scope: ButtonScope) -> None:
        response, view = self._interaction.response, to_view(part, scope.custom_id)
        if self._replaces:
            await response.edit_message(
                content=None,
                embed=part.embed,
                attachments=files_of(part),
                view=view if part.rows else None,
                allowed_mentions=AllowedMentions.none(),
            )
        else:
            await response.send_message(
                embed=part.embed,
                files=files_of(part),
                view=view if part.rows else MISSING,
                ephemeral=self._is_private,
                allowed_mentions=AllowedMentions.none(),
            )

    async def _change(self, part: EmbedPart, scope: ButtonScope) -> None:
        """The promised message, or the one that bears the button, gets its text."""
        view = to_view(part, scope.custom_id) if part.rows else None
        await self._interaction.edit_original_response(
            content=None,
            embed=part.embed,
            attachments=files_of(part),
            view=view,
            allowed_mentions=AllowedMentions.none(),
        )

    async def _show_further(self, part: EmbedPart, scope: ButtonScope) -> None:
        view = to_view(part, scope.custom_id) if part.rows else MISSING

        async def follow_up() -> None:
            await self._interaction.followup.send(
                embed=part.embed,
                files=files_of(part),
                view=view,
                ephemeral=self._is_private,
                allowed_mentions=AllowedMentions.none(),
            )

        await self._insist(follow_up)

    async def _show_plain(self, part: EmbedPart) -> None:
        none = AllowedMentions.none()
        if self._is_promised:
            await self._interaction.edit_original_response(
                content=part.plain, embed=None, attachments=[], allowed_mentions=none
            )
        else:
            await self._interaction.response.send_message(part.plain, ephemeral=self._is_private, allowed_mentions=none)

    async def _be_silent(self) -> None:
        """A press needs no more than being acknowledged; a command's promise is taken back."""
        is_press = self._interaction.type is InteractionType.component
        if is_press and not self._is_promised:
            await self._insist(self._interaction.response.defer)
            return
        if not self._is_promised:
            await self.promise()
        if not self._replaces:
            await self._insist(self._interaction.delete_original_response)

    async def _insist(self, ask: Callable[[], Awaitable[object]]) -> Exception | None:
        """Ask, and again where Discord or the way to it failed; returns why that came to nothing."""
        failures = 0
        while True:
            try:
                patience = REQUEST_TIMEOUT if self._is_acknowledged else ACKNOWLEDGE_TIMEOUT
                async with asyncio.timeout(patience.total_seconds()):
                    await ask()
            except AWAY as error:
                if isinstance(error, HTTPException) and error.code == ALREADY_ACKNOWLEDGED and not self._is_promised:
                    # An earlier try has arrived, and its answer was lost.
                    self._is_promised = True
                    continue
                failures += 1
                pause = self._pause(failures)
                if pause is None or (isinstance(error, HTTPException) and error.status < FAULT):
                    # Usually that it is too late; what was asked for is done all the same.
                    log.warning("an interaction was not answered", problem=f"{type(error).__name__}: {error}")
                    return error
                await self._sleep(pause)
            else:
                return None

    def _pause(self, failures: int) -> float | None:
        """Seconds until the next try; None after the last."""
        if self._is_acknowledged:
            return wait_after(failures).total_seconds() if failures <= TRIES_AGAIN else None
        return ACKNOWLEDGE_PAUSES[failures - 1] if failures <= len(ACKNOWLEDGE_PAUSES) else None

    @property
    def _is_acknowledged(self) -> bool:
        return self._is_promised or self._interaction.response.is_done()
