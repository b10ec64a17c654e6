"""Pages and the robots.txt of their hosts over a real connection."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.errors import FetchError
from bot.sources.base import Fetched
from bot.sources.http.fetcher import Fetcher
from bot.sources.http.pages import CLOSED_FOR, KEPT, PAGE, ROBOTS, Pages, ReadRobots
from bot.sources.parsing.robots import may_ask
from bot.sources.parsing.worker import ParserPool
from tests.builders import ManualClock
from tests.sources.site import Site, running_site

HASTY = timedelta(milliseconds=100)
FORBIDDEN = "its robots.txt asks us not to read this page"


@dataclass
class Reader:
    pages: Pages
    site: Site
    clock: ManualClock

    async def reads(self, path: str = "/a") -> bytes:
        return (await self.pages.fetch(self.site.url + path)).body or b""

    async def refusal(self, path: str = "/a") -> str:
        with pytest.raises(FetchError) as caught:
            await self.pages.fetch(self.site.url + path)
        return str(caught.value)

    @property
    def asked(self) -> list[str]:
        return [request.path for request in self.site.requests]


async def read_here(robots: Fetched, url: str) -> bool:
    return may_ask(robots, url)


@asynccontextmanager
async def a_reader(read: ReadRobots) -> AsyncIterator[Reader]:
    clock = ManualClock()
    async with running_site() as site, Fetcher(contact="x", allow_private=True, clock=clock) as fetcher:
        site.says("/a", b"<p>A page")
        site.says("/private/a", b"<p>Another")
        limits = {"page": replace(PAGE, timeout=HASTY), "robots": replace(ROBOTS, timeout=HASTY)}
        yield Reader(Pages(fetcher, read, clock, **limits), site, clock)


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    async with a_reader(read_here) as reader:
        yield reader


async def test_a_host_without_robots_is_asked_once_a_day_for_it(reader: Reader) -> None:
    assert [await reader.reads(), await reader.reads()] == [b"<p>A page"] * 2
    assert reader.asked == ["/robots.txt", "/a", "/a"]
    reader.clock.advance(seconds=KEPT.total_seconds())
    await reader.reads()
    assert reader.asked[3:] == ["/robots.txt", "/a"]


@pytest.mark.parametrize(
    "robots",
    [
        b"User-agent: *\nDisallow: /private\n",
        b"User-agent: *\nAllow: /\nDisallow: /private/\n",
        b"User-agent: *\nDisallow: /*/a$\n",
        b"User-agent: faultline\nDisallow: /private\n\nUser-agent: *\nAllow: /\n",
        b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /private\r\n",
    ],
)
async def test_what_robots_forbids_is_not_asked_for(reader: Reader, robots: bytes) -> None:
    reader.site.says("/robots.txt", robots)
    assert await reader.refusal("/private/a") == FORBIDDEN
    assert await reader.reads() == b"<p>A page"
    assert reader.asked == ["/robots.txt", "/a"]


async def test_what_robots_allows_us_alone_is_read(reader: Reader) -> None:
    reader.site.says("/robots.txt", b"User-agent: *\nDisallow: /\n\nUser-agent: Faultline\nAllow: /\n")
    assert await reader.reads("/private/a") == b"<p>Another"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_robots_that_there_are_not_allow_all(reader: Reader, status: int) -> None:
    reader.site.says("/robots.txt", status=status)
    assert await reader.reads() == b"<p>A page"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_robots_that_cannot_be_had_allow_nothing_for_an_hour(reader: Reader, status: int) -> None:
    reader.site.says("/robots.txt", status=status)
    assert await reader.refusal() == FORBIDDEN
    reader.site.says("/robots.txt", b"")
    assert await reader.refusal() == FORBIDDEN
    reader.clock.advance(seconds=CLOSED_FOR.total_seconds())
    assert await reader.reads() == b"<p>A page"


async def test_robots_that_do_not_come_in_time_allow_nothing(reader: Reader) -> None:
    reader.site.drips("/robots.txt")
    assert await reader.refusal() == FORBIDDEN
    assert reader.asked == ["/robots.txt"]


async def test_robots_may_be_elsewhere(reader: Reader) -> None:
    reader.site.redirects("/robots.txt", reader.site.says("/elsewhere", b"User-agent: *\nDisallow: /private\n"))
    assert await reader.refusal("/private/a") == FORBIDDEN
    assert await reader.reads() == b"<p>A page"


async def test_robots_that_take_too_long_to_read_allow_nothing_for_an_hour() -> None:
    agents = "".join(f"User-agent: a{number}\n" for number in range(2000))
    async with ParserPool(quick_limit=HASTY) as pool:

        async def read_there(robots: Fetched, url: str) -> bool:
            return await pool.run_quickly(may_ask, robots, url)

        async with a_reader(read_there) as reader:
            reader.site.says("/robots.txt", (agents + "Disallow: /x\n" * 30_000).encode())
            assert await reader.refusal() == FORBIDDEN
            reader.site.says("/robots.txt", b"User-agent: *\nDisallow: /private\n")
            assert await reader.refusal() == FORBIDDEN
            reader.clock.advance(seconds=CLOSED_FOR.total_seconds())
            assert await reader.reads() == b"<p>A page"


async def test_robots_longer_than_500_kib_count_as_far(reader: Reader) -> None:
    robots = b"User-agent: *\nDisallow: /private\n" + b"#" * 80 * 1024 * 8 + b"\nDisallow: /a\n"
    reader.site.says("/robots.txt", robots)
    assert await reader.refusal("/private/a") == FORBIDDEN
    assert await reader.reads() == b"<p>A page"


async def test_a_redirect_is_followed_where_robots_allows_it(reader: Reader) -> None:
    reader.site.says("/robots.txt", b"User-agent: *\nDisallow: /private\n")
    reader.site.redirects("/moved", reader.site.url + "/a")
    reader.site.redirects("/trap", reader.site.url + "/private/a")
    assert await reader.reads("/moved") == b"<p>A page"
    assert await reader.refusal("/trap") == FORBIDDEN
    assert "/private/a" not in reader.asked


@pytest.mark.parametrize("status", [401, 402, 403, 404, 410, 451, 500])
async def test_a_page_that_is_not_for_all_is_left(reader: Reader, status: int) -> None:
    reader.site.says("/a", b"<p>A page", status=status)
    assert f"the server says {status}" in await reader.refusal()


async def test_a_page_that_drips_is_left_in_time(reader: Reader) -> None:
    reader.site.drips("/a")
    assert await reader.refusal() == "no answer within 0.1 s"


async def test_of_a_page_no_more_than_500_kb_are_taken(reader: Reader) -> None:
    reader.site.says("/a", b"<" * 500_000)
    assert len(await reader.reads()) == 500_000
    reader.site.says("/a", b"<" * 500_001)
    assert await reader.refusal() == "more than 500 kB"


async def test_an_address_that_leads_home_is_not_asked() -> None:
    clock = ManualClock()
    async with running_site() as site, Fetcher(contact="x", clock=clock) as fetcher:
        with pytest.raises(FetchError, match=FORBIDDEN):
            await Pages(fetcher, read_here, clock).fetch(site.url + "/a")
        assert site.requests == []
