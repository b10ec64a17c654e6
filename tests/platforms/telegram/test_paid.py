"""Broadcasts that the owner pays for."""

import pytest

from bot.core.message.blocks import Block, Message, Run
from bot.delivery.limits import Limits
from bot.platforms.telegram.adapter import LIMITS as TELEGRAM
from bot.platforms.telegram.adapter import PAID_LIMITS as TELEGRAM_PAID
from tests.platforms.telegram.line import connected
from tests.platforms.telegram.server import TelegramServer
from tests.platforms.telegram.world import Room

MESSAGE = Message((Block((Run("We move tonight."),)),))


@pytest.mark.parametrize(("limits", "paid"), [(TELEGRAM, False), (TELEGRAM_PAID, True)])
async def test_telegram_is_told_only_where_the_owner_pays(
    server: TelegramServer, ann: Room, limits: Limits, paid: bool
) -> None:
    async with connected(server, silent, limits=limits) as line:
        await line.sends(ann, MESSAGE)
    assert [each.paid for each in ann.sent] == [paid]


async def silent(_request: object) -> None:
    """Nobody asks here."""
