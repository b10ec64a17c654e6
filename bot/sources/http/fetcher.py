"""Fetching, politely and warily: conditional requests, few connections, our name; limits on everything hostile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from importlib.metadata import version
from typing import Self

import aiohttp
from yarl import URL

from bot.clock import Clock, SystemClock
from bot.errors import FetchError
from bot.sources.base import MOST_BYTES, TOO_LARGE, Fetched, Validators
from bot.sources.http.addresses import DaemonResolver, PrivateAddressError, open_public_socket, open_socket
from bot.sources.http.headers import fresh_for, retry_after
from bot.sources.parsing.compression import ACCEPTED

MOST_REDIRECTS = 5
CONNECTIONS_PER_HOST = 2

_LONGEST_HEADER = 32 * 1024  # security policies of news sites outgrow aiohttp's 8 KB
_REDIRECTS = {301, 302, 303, 307, 308}
_FOR_GOOD = {301, 308}

# What went wrong on the way, the most particular first.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "{host} cannot be found"),
    (aiohttp.ClientConnectorCertificateError, "the certificate of {host} is not valid"),
    (aiohttp.ClientSSLError, "no secure connection to {host}"),
    (aiohttp.ClientConnectorError, "no connection to {host}"),
    (aiohttp.InvalidURL, "not a proper address"),
    (aiohttp.ClientResponseError, "the answer is not proper HTTP"),
    (aiohttp.ClientError, "the connection to {host} broke"),
    (OSError, "the connection to {host} broke"),
    (ValueError, "not a proper address"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """What one fetch asks for, how long it may take, redirects included, and how many bytes may come, as they come."""

    accept: str
    timeout: timedelta
    most_bytes: int = MOST_BYTES
    too_large: str = TOO_LARGE


FEED = FetchLimits(
    accept="application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5",
    timeout=timedelta(seconds=20),
)

MayAsk = Callable[[str], Awaitable[None]]
"""Raises FetchError where an address is not to be asked for."""


async def anything(_address: str) -> None:
    """Whatever a source redirects to may be asked for."""


class Fetcher:
    """Fetches sources over one shared session; an async context manager, to be entered once.

    `contact` is an address or page where the operators of servers reach whoever runs the bot. With `allow_private`
    sources may live on private networks.
    """

    def __init__(self, *, contact: str, allow_private: bool = False, clock: Clock | None = None) -> None:
        self._user_agent = f"Faultline/{version('faultline')} (+{contact})"
        self._open_socket = open_socket if allow_private else open_public_socket
        self._clock = clock or SystemClock()

    async def __aenter__(self) -> Self:
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,  # how many polls there are at a time is the poller's business
                limit_per_host=CONNECTIONS_PER_HOST,
                # The same host is asked again minutes later: a thousand idle connections would use up our open files.
                force_close=True,
                resolver=DaemonResolver(),
                socket_factory=self._open_socket,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": self._user_agent},
            max_field_size=_LONGEST_HEADER,
            max_line_size=_LONGEST_HEADER,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def fetch(
        self, url: str, validators: Validators, limits: FetchLimits = FEED, may_ask: MayAsk = anything
    ) -> Fetched:
        """What an address says now; its body is None when that has not changed. Raises FetchError.

        `may_ask` is asked of each address that it redirects to.
        """
        seconds = limits.timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds):
                return await self._follow(url, validators, limits, may_ask)
        except TimeoutError:
            raise FetchError(f"no answer within {seconds:g} s", hung=True, reached=False) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _failure(error, url) from error

    async def _follow(self, url: str, validators: Validators, limits: FetchLimits, may_ask: MayAsk) -> Fetched:
        headers = _conditions(validators) | {"Accept": limits.accept, "Accept-Encoding": ACCEPTED}
        address, for_good, moved_to = _web_address(URL(url)), True, None
        for _ in range(MOST_REDIRECTS + 1):
            async with self.session.get(
                address, headers=headers, allow_redirects=False, auto_decompress=False, timeout=_NO_TIMEOUT
            ) as response:
                if response.status not in _REDIRECTS:
                    return await self._answer(response, validators, moved_to, limits)
                location = response.headers.get("Location")
                if not location:
                    raise FetchError(f"the server says {response.status} but not where to go")
                address = _web_address(response.url.join(URL(location)).with_fragment(None))
                for_good = for_good and response.status in _FOR_GOOD
                moved_to = str(address) if for_good else moved_to
            await may_ask(str(address))
        raise FetchError(f"more than {MOST_REDIRECTS} redirects")

    async def _answer(
        self, response: aiohttp.ClientResponse, validators: Validators, moved_to: str | None, limits: FetchLimits
    ) -> Fetched:
        now = self._clock.now()
        if response.status == HTTPStatus.NOT_MODIFIED:
            if not _conditions(validators):
                raise FetchError("the server says that nothing has changed, but it was asked for everything")
            return _fetched(response, None, validators, moved_to, now)
        if not response.ok:
            known = {item.value: f": {item.phrase.lower()}" for item in HTTPStatus}
            raise FetchError(
                f"the server says {response.status}{known.get(response.status, '')}",
                status=response.status,
                retry_after=retry_after(response.headers, now),
                reached=True,
            )
        raw = bytearray()
        if (response.content_length or 0) > limits.most_bytes:
            raise FetchError(limits.too_large)
        async for chunk in response.content.iter_any():
            raw += chunk
            if len(raw) > limits.most_bytes:
                raise FetchError(limits.too_large)
        body_hash = sha256(raw).hexdigest()
        fresh = Validators(
            etag=response.headers.get("ETag"), last_modified=response.headers.get("Last-Modified"), body_hash=body_hash
        )
        if body_hash == validators.body_hash:
            return _fetched(response, None, fresh, moved_to, now)
        return _fetched(response, bytes(raw), fresh, moved_to, now)


def _fetched(
    response: aiohttp.ClientResponse, body: bytes | None, validators: Validators, moved_to: str | None, now: datetime
) -> Fetched:
    return Fetched(
        body=body,
        content_type=response.headers.get("Content-Type"),
        validators=validators,
        moved_to=moved_to,
        fresh_for=fresh_for(response.headers, now),
        status=response.status,
        encoding=response.headers.get("Content-Encoding", ""),
        address=str(response.url),
        reserved=", ".join(
            f"{name}: {value}" for name, value in response.headers.items() if name.lower() in _RESERVING
        ),
    )


# Headers by which a publisher says what may not be made of an answer: developers.google.com/search/docs/crawling-
# indexing/robots-meta-tag, and the W3C's community group on reserving text and data mining (TDMRep).
_RESERVING = {"x-robots-tag", "tdm-reservation"}


# The whole fetch, redirects included, has one limit of its own.
_NO_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=None)


def _conditions(validators: Validators) -> dict[str, str]:
    conditions = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _web_address(url: URL) -> URL:
    if url.scheme not in {"http", "https"}:
        raise FetchError(f"leads to an address that is not http or https ({str(url)[:80]})")
    return url


def _failure(error: Exception, url: str) -> FetchError:
    """What went wrong on the way; whether there was nobody to talk with, where that tells of our connection."""
    cause: BaseException | None = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, PrivateAddressError):
        return FetchError(str(cause))
    host = getattr(error, "host", None) or url.partition("://")[2].partition("/")[0]
    sentence = next(sentence for kind, sentence in _REASONS if isinstance(error, kind)).format(host=host)
    # Who has a certificate that is refused is there.
    is_refused = isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError)
    is_unreached = isinstance(error, aiohttp.ClientConnectorError) and not is_refused
    return FetchError(sentence, reached=False if is_unreached else None)
