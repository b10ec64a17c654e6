"""Discord as the registry lists it: its settings, its limits, and how it is checked and built."""

import re
from functools import partial
from typing import ClassVar

import aiohttp

from bot.commands import COMMANDS
from bot.commands.framework.completion import completions
from bot.delivery.limits import ChatKind, Limits, Window
from bot.platforms.base import Adapter, Parts, Platform, PlatformSettings, WebAddress

PLATFORM = "discord"

LIMITS = Limits(per_second=45, chat=dict.fromkeys(ChatKind, (Window(messages=5, seconds=5),)))
"""50 requests a second in all (https://docs.discord.com/developers/topics/rate-limits#global-rate-limit), of
which some are left to what does not wait its turn here: reconnecting, looking channels up, a network that bunches.

Five messages in five seconds a channel are what its headers have said for years and not promised; the library obeys the
headers, and this keeps its tasks from sleeping on them. A thread is a channel of its own.
"""


class DiscordSettings(PlatformSettings):
    shape: ClassVar[re.Pattern[str]] = re.compile(r"[\w-]{18,}\.[\w-]{4,}\.[\w-]{20,}", re.ASCII)
    example: ClassVar[str] = "MTIz....G1a2b3....; copied from the page Bot of its portal"

    api_url: WebAddress = "https://discord.com/api/v10"


async def check(own: DiscordSettings, _session: aiohttp.ClientSession) -> None:
    """Raise ConfigError when Discord does not know the token."""
    from bot.platforms.discord.platform import check_token  # noqa: PLC0415

    await check_token(own.secret, own.api_url)


def build(own: DiscordSettings, parts: Parts) -> Platform:
    """Discord, not running yet. Raises ConfigError."""
    from bot.platforms.discord.platform import Discord  # noqa: PLC0415
    from bot.platforms.discord.publishing import publication_book  # noqa: PLC0415

    return Discord(
        parts.answer,
        partial(completions, table=COMMANDS, services=parts.services),
        token=own.secret,
        api_url=own.api_url,
        changes=parts.events,
        book=publication_book(parts.services.database),
    )


ADAPTER = Adapter(name=PLATFORM, title="Discord", settings=DiscordSettings, check=check, build=build)
