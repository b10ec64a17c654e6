"""python-telegram-bot's requests over an aiohttp session: its documented extension point, several times httpx's pace.

The session belongs to whoever made it: a request object opens and closes nothing.
"""

import asyncio
import logging
from functools import lru_cache

import aiohttp
import structlog
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.platforms.connection import Sleep

log = structlog.get_logger()
# PTB logs the traceback of an answer that is not JSON beside raising it; we say it in a line.
logging.getLogger("telegram").setLevel(logging.CRITICAL)

# Seconds. Telegram answers in tenths of one; what takes longer than this has gone wrong.
READ = 10.0
WRITE = 5.0
CONNECT = 5.0
POOL = 5.0
# Files take their time (as PTB's own `media_write_timeout`).
WRITE_FILES = 20.0

# A third of the work of a form, and half the length where texts are Russian.
_JSON = {"Content-Type": "application/json"}

# What people wait for and what can be asked again without harm: it changes nothing, or makes the same of it.
_REPEATED = frozenset({"answerCallbackQuery", "getChat", "getChatAdministrators", "getChatMember"})
# Seconds before each repeat.
PAUSES = (0.5, 1.5)
SERVER_ERRORS = 500


class NotSentError(NetworkError):
    """No connection came about: nothing of the request has left."""


class AiohttpRequest(BaseRequest):
    """Requests to the Bot API over `session`, which takes as many connections a host as there are to be requests."""

    __slots__ = ("_session", "_sleep")

    def __init__(self, session: aiohttp.ClientSession, sleep: Sleep = asyncio.sleep) -> None:
        self._session = session
        self._sleep = sleep

    @property
    def read_timeout(self) -> float | None:
        return READ

    async def initialize(self) -> None:
        """Nothing: the session is open."""

    async def shutdown(self) -> None:
        """Nothing: the session is closed by its owner."""

    async def do_request(  # noqa: PLR0917 (PTB's signature)
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """The status and body of the answer, asked for again where that is harmless and the server stumbles.

        None as a time-out means no limit. Raises NotSentError, TimedOut and NetworkError.
        """
        has_files = request_data is not None and request_data.contains_files
        patience = _timeout(
            _given(read_timeout, READ),
            _given(write_timeout, WRITE_FILES if has_files else WRITE),
            _given(connect_timeout, CONNECT),
            _given(pool_timeout, POOL),
        )
        asked = url.rpartition("/")[2]
        for pause in PAUSES if asked in _REPEATED else ():
            try:
                status, answer = await self._ask(url, method, request_data, patience)
            except TimedOut:
                raise
            except NetworkError as error:
                problem = error.message
            else:
                if status < SERVER_ERRORS:
                    return status, answer
                problem = f"status {status}"
            log.info("Telegram is asked again", method=asked, problem=problem)
            await self._sleep(pause)
        return await self._ask(url, method, request_data, patience)

    async def _ask(
        self, url: str, method: str, request_data: RequestData | None, patience: aiohttp.ClientTimeout
    ) -> tuple[int, bytes]:
        body: bytes | aiohttp.FormData | None = None
        if request_data is not None and not request_data.contains_files:
            body = request_data.json_payload
        elif request_data is not None:
            body = aiohttp.FormData(request_data.json_parameters)
            for name, (filename, content, content_type) in request_data.multipart_data.items():
                body.add_field(name, content, filename=filename, content_type=content_type)
        headers = _JSON if isinstance(body, bytes) else None
        try:
            async with self._session.request(method, url, data=body, headers=headers, timeout=patience) as response:
                return response.status, await response.read()
        # Messages of aiohttp can hold the address, and the address holds the token: only their kinds are told.
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSentError(f"no connection ({type(error).__name__})") from None
        except TimeoutError:
            raise TimedOut from None
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(f"the connection broke ({type(error).__name__})") from None


def _given(timeout: object, default: float) -> float | None:
    """PTB hands on a marker of its own where nobody named a time-out; None is none at all."""
    if timeout is None:
        return None
    return float(timeout) if isinstance(timeout, int | float) else default


@lru_cache(maxsize=64)
def _timeout(
    read: float | None, write: float | None, connect: float | None, pool: float | None
) -> aiohttp.ClientTimeout:
    """What is written is waited for together with the answer: aiohttp has no limit for writing alone.

    All of it together has its limit, too: each byte of an answer that trickles would begin `sock_read` anew.
    """
    asked, answered = _sum(connect, pool), _sum(read, write)
    return aiohttp.ClientTimeout(total=_sum(asked, answered), connect=asked, sock_connect=connect, sock_read=answered)


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
