"""The log: one line an event on standard error, as text or JSON, without secrets and what steers a terminal."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from bot.errors import StorageError
from bot.terminal import harmless

HIDDEN = "[hidden]"

# Libraries that tell at length what went well.
QUIET = ("aiosqlite", "alembic", "asyncio", "httpx")

# Bot tokens as Telegram and Discord shape them, so that one that we were never told of stays out too.
TOKEN_SHAPE = re.compile(r"(?<!\d)\d{6,12}:[\w-]{30,}|\b[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,}")
PASSWORD_IN_URL = re.compile(r"(?<=://)([^\s:/@]+):[^\s@/]+(?=@)")


def without_secrets(text: str, secrets: tuple[str, ...] = ()) -> str:
    """The text with every given secret, and all that is shaped like a token or a URL's password, replaced."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    return PASSWORD_IN_URL.sub(rf"\1:{HIDDEN}", TOKEN_SHAPE.sub(HIDDEN, text))


def name_outage(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What fails because the database is out of order has a reason in words; where it was noticed is of no interest."""
    given = event.get("exc_info")
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, StorageError):
        del event["exc_info"]
        event["problem"] = str(error)
    return event


def start_log(*, level: str, form: str, secrets: tuple[str, ...]) -> None:
    """Set up structlog and the standard library's logging alike: both write the same lines to standard error."""

    def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in event.items():
            if isinstance(value, str):
                event[key] = harmless(without_secrets(value, secrets))
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_outage,
        structlog.processors.format_exc_info,
        redact,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
