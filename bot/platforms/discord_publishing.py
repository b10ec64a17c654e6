"""Publishing: alerts in an announcement channel go on to the channels that follow it, where an admin asked for that.

It comes after the alert, which stands whatever becomes of it.
"""

import asyncio
from collections import deque
from datetime import datetime, timedelta

import structlog
from discord import Client, DiscordException

from bot.clock import Clock
from bot.core.model import Urgency
from bot.delivery.gate import Gate
from bot.delivery.limits import ChatKind
from bot.errors import SendError
from bot.platforms.discord_errors import AWAY
from bot.platforms.discord_places import is_announcing
from bot.platforms.discord_post import PATIENCE, REQUEST_TIMEOUT, Connected, Ref

log = structlog.get_logger()

# What Discord lets a channel publish, as it tells whoever tries once more.
MOST = 10
HOUR = timedelta(hours=1)


class Publisher:
    """Publishes messages that were sent, each once at the most, at the pace of all that we ask of Discord (`gate`)."""

    def __init__(self, connected: Connected, gate: Gate, clock: Clock) -> None:
        self._connected = connected
        self._gate = gate
        self._clock = clock
        self._tried: dict[int, deque[datetime]] = {}

    async def publish(self, ref: Ref) -> None:
        """Publish a message if its channel can; what prevents that is logged."""
        try:
            client = await self._connected()
            channel = client.get_channel(ref.channel)
            if channel is not None and not is_announcing(channel):
                return
            if not self._may_try(ref.channel):
                log.info("an alert stays unpublished: ten an hour are published", channel=ref.channel)
                return
            await self._gate.run(
                lambda: self._request(client, ref),
                chat=("publish", ref.channel),
                kind=ChatKind.CHANNEL,
                urgency=Urgency.EDIT,
                patience=PATIENCE,
            )
        except (SendError, DiscordException, *AWAY) as error:
            log.warning("an alert was not published", channel=ref.channel, problem=f"{type(error).__name__}: {error}")

    async def _request(self, client: Client, ref: Ref) -> None:
        async with asyncio.timeout(REQUEST_TIMEOUT.total_seconds()):
            await client.get_partial_messageable(ref.channel).get_partial_message(ref.message).publish()

    def _may_try(self, channel: int) -> bool:
        """Whether the channel has published little enough in the last hour; if so, this try counts."""
        now, tried = self._clock.now(), self._tried.setdefault(channel, deque(maxlen=MOST))
        if len(tried) == MOST and now - tried[0] < HOUR:
            return False
        tried.append(now)
        return True
