"""Pages of articles, asked for only as the robots.txt of their host allows (RFC 9309)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from cachetools import LRUCache, TLRUCache
from yarl import URL

from bot.clock import Clock
from bot.errors import FetchError, ParseError
from bot.sources.base import Fetched, Validators
from bot.sources.http.fetcher import Fetcher, FetchLimits

PAGE = FetchLimits(
    accept="text/html, application/xhtml+xml;q=0.9, */*;q=0.1",
    timeout=timedelta(seconds=3),
    most_bytes=500_000,
    too_large="more than 500 kB",
)
ROBOTS = FetchLimits(accept="text/plain, */*;q=0.1", timeout=timedelta(seconds=3))

# RFC 9309, section 2.4: no longer than a day. What could not be read is asked for again sooner.
KEPT = timedelta(days=1)
CLOSED_FOR = timedelta(hours=1)

_MOST_KEPT = 20 * 1024 * 1024  # bytes; an ordinary robots.txt has 2 KB
_MOST_HOSTS = 1000
_FORBIDDEN = "its robots.txt asks us not to read this page"
_NEW = Validators()

ReadRobots = Callable[[Fetched, str], Awaitable[bool]]
"""Whether a robots.txt lets us ask for an address. Raises FetchError and ParseError."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a host's robots.txt: its text (None: there is none), or that nothing may be asked for."""

    answer: Fetched | None
    is_closed: bool = False

    @property
    def size(self) -> int:
        return 1000 + len((self.answer and self.answer.body) or b"")


def _until(_host: str, known: _Known, now: float) -> float:
    return now + (CLOSED_FOR if known.is_closed else KEPT).total_seconds()


class Pages:
    """Fetches pages, each host's robots.txt first; `read_robots` does its work in another process."""

    def __init__(
        self,
        fetcher: Fetcher,
        read_robots: ReadRobots,
        clock: Clock,
        *,
        page: FetchLimits = PAGE,
        robots: FetchLimits = ROBOTS,
    ) -> None:
        self._fetcher = fetcher
        self._page = page
        self._robots = robots
        self._read_robots = read_robots
        self._known: TLRUCache[str, _Known] = TLRUCache(
            _MOST_KEPT, ttu=_until, timer=lambda: clock.now().timestamp(), getsizeof=lambda known: known.size
        )
        self._turns: LRUCache[str, asyncio.Lock] = LRUCache(_MOST_HOSTS)

    async def fetch(self, url: str) -> Fetched:
        """A page, after redirects that robots.txt allows too. Raises FetchError."""
        await self._may_ask(url)
        return await self._fetcher.fetch(url, _NEW, self._page, self._may_ask)

    async def _may_ask(self, url: str) -> None:
        host = str(URL(url).origin())
        async with self._turns.setdefault(host, asyncio.Lock()):
            known = self._known.get(host)
            if known is None:
                known = self._known[host] = await self._asked(host)
        if known.answer is not None:
            try:
                if await self._read_robots(known.answer, url):
                    return
            except (FetchError, ParseError):  # compressed wrongly, or too much to read
                self._known[host] = _Known(None, is_closed=True)
        elif not known.is_closed:
            return
        raise FetchError(_FORBIDDEN)

    async def _asked(self, host: str) -> _Known:
        """RFC 9309, section 2.3.1: what the client did wrong (4xx) allows all, all else that goes wrong allows nothing.

        A server to which we come too often (429) has not said that there is no robots.txt.
        """
        try:
            return _Known(await self._fetcher.fetch(f"{host}/robots.txt", _NEW, self._robots))
        except FetchError as error:
            is_there = (
                error.status is None or not HTTPStatus.BAD_REQUEST <= error.status < HTTPStatus.INTERNAL_SERVER_ERROR
            )
            return _Known(None, is_closed=is_there or error.status == HTTPStatus.TOO_MANY_REQUESTS)
