"""The chat platforms that the settings ask for: checked before anything is opened, built once the rest is there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import aiohttp
from pydantic import SecretStr

from bot.commands import COMMANDS
from bot.commands.framework.access import entry_of
from bot.commands.framework.completion import completions
from bot.commands.framework.services import Services
from bot.core.model import Chat
from bot.delivery.limits import TELEGRAM, TELEGRAM_PAID
from bot.errors import ConfigError, Fault
from bot.platforms.base import Answer, ChatEvents, Platform
from bot.platforms.console.platform import Console
from bot.settings import DiscordSettings, Settings, TelegramSettings
from bot.storage import admissions, chat_moves, subscribers, waiting
from bot.web import WebServer

# The libraries of Telegram and Discord are loaded only where they are used: each takes a fifth of a second of a start.

NOBODY = (
    "nobody to talk to: set FAULTLINE_TELEGRAM__TOKEN or FAULTLINE_DISCORD__TOKEN, or turn the console on "
    "(console = true)"
)


def chat_session() -> aiohttp.ClientSession:
    """The HTTP session of the chat platforms: unlike the fetcher's it may open many connections to one host."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar())


def check_somebody_asks(settings: Settings) -> None:
    """Raise ConfigError where no platform is asked for at all."""
    if not (settings.console_wanted or settings.telegram.token or settings.discord.token):
        raise ConfigError(Fault(where="setting console", what=NOBODY))


async def check_platforms(settings: Settings, session: aiohttp.ClientSession) -> None:
    """Find out whether those that are asked for can be served as they are set up. Raises ConfigError."""
    check_somebody_asks(settings)
    telegram, discord = _secret(settings.telegram.token), _secret(settings.discord.token)
    if telegram:
        from bot.platforms.telegram.platform import check_token as check_telegram  # noqa: PLC0415

        await check_telegram(telegram, settings.telegram.api_url, session)
    if discord:
        from bot.platforms.discord.platform import check_token as check_discord  # noqa: PLC0415

        await check_discord(discord, settings.discord.api_url)


def platforms_wanted(
    answer: Answer, services: Services, *, settings: Settings, session: aiohttp.ClientSession, server: WebServer
) -> Sequence[Platform]:
    """Those that are asked for, none running yet. Raises ConfigError."""
    platforms: list[Platform] = [Console(answer)] if settings.console_wanted else []
    if token := _secret(settings.telegram.token):
        platforms.append(_telegram(settings.telegram, token, answer, services, session=session, server=server))
    if token := _secret(settings.discord.token):
        platforms.append(_discord(settings.discord, token, answer, services))
    return platforms


def chat_events_in(services: Services) -> ChatEvents:
    """What platforms tell of chats, written down."""
    database = services.database

    async def on_migrated(old: Chat, new: Chat) -> None:
        async with database.write() as tx:
            await chat_moves.move(tx, old, new)
            await admissions.move(tx, entry_of(old), entry_of(new))
            services.access.change(await admissions.entries(tx))
            services.access.note_move(old, new)

    async def on_lost(chat: Chat) -> tuple[str, ...]:
        async with database.write() as tx:
            return await subscribers.mark_unreachable(tx, chat, services.clock.now())

    async def on_regained(chat: Chat) -> None:
        async with database.read() as tx:
            is_unreachable = await subscribers.is_unreachable(tx, chat)
            may_go = is_unreachable or await waiting.is_put_off(tx, chat, services.clock.now())
        if may_go:
            async with database.write() as tx:
                await subscribers.mark_reachable(tx, chat)
                await waiting.hasten(tx, chat, services.clock.now())
            services.wake()

    async def set_up_by(chat: Chat) -> tuple[str, ...]:
        async with database.read() as tx:
            return await subscribers.set_up_by(tx, chat)

    async def on_reconnected(since: Mapping[Chat, datetime]) -> None:
        async with database.read() as tx:
            lost = await subscribers.unreachable_since(tx, tuple(since))
        again = [chat for chat, parked in lost.items() if parked < since[chat]]
        if again:
            async with database.write() as tx:
                for chat in again:
                    await subscribers.mark_reachable(tx, chat)

    return ChatEvents(
        on_migrated=on_migrated,
        on_lost=on_lost,
        on_regained=on_regained,
        on_reconnected=on_reconnected,
        set_up_by=set_up_by,
    )


def _secret(token: SecretStr | None) -> str:
    return token.get_secret_value() if token is not None else ""


def _telegram(
    own: TelegramSettings,
    token: str,
    answer: Answer,
    services: Services,
    *,
    session: aiohttp.ClientSession,
    server: WebServer,
) -> Platform:
    from bot.platforms.telegram.platform import Telegram  # noqa: PLC0415
    from bot.platforms.telegram.topics import topic_book  # noqa: PLC0415
    from bot.platforms.telegram.webhook import Hook  # noqa: PLC0415

    secret = own.webhook_secret.get_secret_value()
    hook = Hook(url=own.webhook_url, secret=secret, server=server) if own.webhook_url else None
    return Telegram(
        answer,
        token=token,
        api_url=own.api_url,
        session=session,
        changes=chat_events_in(services),
        topics=topic_book(services.database),
        hook=hook,
        limits=TELEGRAM_PAID if own.paid_broadcast else TELEGRAM,
    )


def _discord(own: DiscordSettings, token: str, answer: Answer, services: Services) -> Platform:
    from bot.platforms.discord.platform import Discord  # noqa: PLC0415
    from bot.platforms.discord.publishing import publication_book  # noqa: PLC0415

    return Discord(
        answer,
        partial(completions, table=COMMANDS, services=services),
        token=token,
        api_url=own.api_url,
        changes=chat_events_in(services),
        book=publication_book(services.database),
    )
