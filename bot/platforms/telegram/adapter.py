"""Telegram as the registry lists it: its settings, its limits, and how it is checked and built."""

import re
from secrets import token_urlsafe
from typing import ClassVar
from urllib.parse import urlsplit

import aiohttp
from pydantic import Field, SecretStr, ValidationInfo, field_validator

from bot.delivery.limits import ChatKind, Limits, Window
from bot.platforms.base import Adapter, Parts, Platform, PlatformSettings, WebAddress

PLATFORM = "telegram"

_SECOND = Window(messages=1, seconds=1)
_CROWD = (_SECOND, Window(messages=20, seconds=60, kept_for_replies=2))
_CHAT = {ChatKind.PRIVATE: (_SECOND,), ChatKind.GROUP: _CROWD, ChatKind.CHANNEL: _CROWD}

LIMITS = Limits(per_second=30, chat=_CHAT)
"""One message a second in a chat, 20 a minute in a group, about 30 a second in all.

Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this. That channels are limited as
groups are is what @BotSupport says (https://github.com/python-telegram-bot/python-telegram-bot/wiki/Avoiding-flood-limits);
that edits share the limits of messages, its server's author (https://github.com/tdlib/td/issues/2592). All topics of a
forum are one chat. Answers to a press of a button are not limited (https://github.com/tdlib/telegram-bot-api/issues/648).
"""

PAID_LIMITS = Limits(per_second=1000, paid=True, chat=_CHAT)
"""With paid broadcasts (`allow_paid_broadcast`): 1,000 a second in all, at a price for each above 30.

Source: https://core.telegram.org/bots/faq#how-can-i-message-all-of-my-bot-39s-subscribers-at-once
"""

TELEGRAM_API = "https://api.telegram.org"
# https://core.telegram.org/bots/api#setwebhook; a server of one's own takes any address.
WEBHOOK_PORTS = (443, 80, 88, 8443)


class TelegramSettings(PlatformSettings):
    """`webhook_secret` is another at each start unless it is set; `paid_broadcast` costs money."""

    shape: ClassVar[re.Pattern[str]] = re.compile(r"\d{5,}:[\w-]{30,}", re.ASCII)
    example: ClassVar[str] = "12345678:AAE..., copied from @BotFather"

    api_url: WebAddress = TELEGRAM_API
    webhook_url: str = ""
    webhook_secret: SecretStr = Field(default=SecretStr(""), validate_default=True)
    paid_broadcast: bool = False

    @field_validator("webhook_url")
    @classmethod
    def _reachable(cls, url: str, checked: ValidationInfo) -> str:
        if not url:
            return url
        parts = urlsplit(url)
        own_server = checked.data.get("api_url", TELEGRAM_API).rstrip("/") != TELEGRAM_API
        if not parts.hostname or parts.scheme not in ({"https", "http"} if own_server else {"https"}):
            raise ValueError("should be an address such as https://bot.example.org/telegram")
        if not own_server and (parts.port or 443) not in WEBHOOK_PORTS:
            raise ValueError("should use port 443, 80, 88 or 8443: Telegram reaches no others")
        return url

    @field_validator("webhook_secret")
    @classmethod
    def _sendable(cls, secret: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret.get_secret_value()):
            raise ValueError("should be letters, digits, _ and -, at most 256; or leave it out, and one is made")
        return secret if secret.get_secret_value() else SecretStr(token_urlsafe(32))

    @property
    def secrets(self) -> tuple[str, ...]:
        shown = (self.webhook_secret.get_secret_value(),) if self.webhook_url else ()
        return (*super().secrets, *shown)


async def check(own: TelegramSettings, session: aiohttp.ClientSession) -> None:
    """Raise ConfigError when Telegram does not know the token."""
    from bot.platforms.telegram.platform import check_token  # noqa: PLC0415

    await check_token(own.secret, own.api_url, session)


def build(own: TelegramSettings, parts: Parts) -> Platform:
    """Telegram, not running yet. Raises ConfigError."""
    from bot.platforms.telegram.platform import Telegram  # noqa: PLC0415
    from bot.platforms.telegram.topics import topic_book  # noqa: PLC0415
    from bot.platforms.telegram.webhook import Hook  # noqa: PLC0415

    secret = own.webhook_secret.get_secret_value()
    return Telegram(
        parts.answer,
        token=own.secret,
        api_url=own.api_url,
        session=parts.session,
        changes=parts.events,
        topics=topic_book(parts.services.database),
        hook=Hook(url=own.webhook_url, secret=secret, server=parts.server) if own.webhook_url else None,
        limits=PAID_LIMITS if own.paid_broadcast else LIMITS,
    )


ADAPTER = Adapter(name=PLATFORM, title="Telegram", settings=TelegramSettings, check=check, build=build)
