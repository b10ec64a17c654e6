import asyncio
import gzip
import socket
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FetchError
from bot.sources.base import MOST_BYTES, Fetched, Validators
from bot.sources.http.addresses import _in_daemon_thread, is_public, open_public_socket, open_socket
from bot.sources.http.fetcher import CONNECTIONS_PER_HOST, Fetcher, FetchLimits
from bot.sources.http.fetcher import FEED as FEED_LIMITS
from bot.sources.http.headers import fresh_for, retry_after
from tests.sources.site import Site, running_site

NEW = Validators()
FEED = b"<rss><channel><title>Invented Wire</title></channel></rss>"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HASTY = replace(FEED_LIMITS, timeout=timedelta(seconds=0.05))


class ManualClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running_site() as site:
        yield site


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(contact="desk@faultline.example", allow_private=True, clock=ManualClock()) as fetcher:
        yield fetcher


async def fetched(fetcher: Fetcher, url: str, validators: Validators = NEW) -> Fetched:
    answer = await fetcher.fetch(url, validators)
    assert answer.body is not None
    return answer


async def refusal(fetcher: Fetcher, url: str, limits: FetchLimits = FEED_LIMITS) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(url, NEW, limits)
    return caught.value


# Asking


async def test_a_body_comes_with_all_that_tells_whether_it_changes(site: Site, fetcher: Fetcher) -> None:
    url = site.says("/feed", FEED, ETag='"1"', Last_Modified="Sun, 01 Mar 2026 10:00:00 GMT", Content_Type="text/xml")
    assert await fetched(fetcher, url) == Fetched(
        body=FEED,
        content_type="text/xml",
        validators=Validators(
            etag='"1"', last_modified="Sun, 01 Mar 2026 10:00:00 GMT", body_hash=sha256(FEED).hexdigest()
        ),
        moved_to=None,
        fresh_for=None,
        status=200,
        address=url,
    )


async def test_we_say_who_we_are_and_what_we_read(site: Site, fetcher: Fetcher) -> None:
    await fetched(fetcher, site.says("/feed", FEED))
    headers = site.requests[0].headers
    assert headers["User-Agent"].startswith("Faultline/")
    assert headers["User-Agent"].endswith(" (+desk@faultline.example)")
    assert headers["Accept-Encoding"] == "gzip, deflate, br"
    assert "If-None-Match" not in headers


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"'])
async def test_an_etag_is_sent_back_as_it_came(site: Site, fetcher: Fetcher, etag: str) -> None:
    url = site.says("/feed", FEED, ETag=etag)
    first = await fetched(fetcher, url)
    assert (await fetcher.fetch(url, first.validators)).body is None
    assert site.requests[1].headers["If-None-Match"] == etag


async def test_a_date_of_change_is_sent_back(site: Site, fetcher: Fetcher) -> None:
    url = site.says("/feed", FEED, Last_Modified="Sun, 01 Mar 2026 10:00:00 GMT")
    first = await fetched(fetcher, url)
    assert (await fetcher.fetch(url, first.validators)).body is None


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_a_server_without_conditions_is_seen_through_by_the_body(
    site: Site, fetcher: Fetcher, encoding: str
) -> None:
    body = gzip.compress(FEED) if encoding else FEED
    url = site.says("/feed", body, Content_Encoding=encoding)
    first = await fetched(fetcher, url)
    assert (await fetcher.fetch(url, first.validators)).body is None


async def test_a_server_whose_etag_changes_without_reason_is_seen_through(site: Site, fetcher: Fetcher) -> None:
    first = await fetched(fetcher, site.says("/feed", FEED, ETag='"1"', lies=True))
    lying = site.says("/feed", FEED, ETag='"2"', lies=True)
    assert (await fetcher.fetch(lying, first.validators)).body is None


async def test_a_changed_body_is_new_even_under_an_old_etag(site: Site, fetcher: Fetcher) -> None:
    first = await fetched(fetcher, site.says("/feed", FEED, ETag='"1"', lies=True))
    second = await fetched(fetcher, site.says("/feed", FEED + b" ", ETag='"1"', lies=True), first.validators)
    assert second.body == FEED + b" "


async def test_no_cookie_is_kept(site: Site, fetcher: Fetcher) -> None:
    url = site.says("/feed", FEED, Set_Cookie="id=1").replace("127.0.0.1", "localhost")
    await fetched(fetcher, url)
    await fetched(fetcher, url)
    assert "Cookie" not in site.requests[1].headers


async def test_no_connection_is_kept_that_nobody_may_use_for_minutes(site: Site, fetcher: Fetcher) -> None:
    for number in range(5):
        await fetched(fetcher, site.says(f"/feed{number}", FEED))
    assert site.connections == 5
    assert {request.headers.get("Connection") for request in site.requests} == {"close"}


async def test_a_host_gets_two_requests_at_a_time(site: Site, fetcher: Fetcher) -> None:
    urls = [site.says(f"/feed{number}", FEED) for number in range(8)]
    site.holds()
    async with asyncio.TaskGroup() as group:
        for url in urls:
            group.create_task(fetched(fetcher, url))
        await site.asked(CONNECTIONS_PER_HOST)
        for _ in range(200):  # time enough for a third to come, were it let
            await asyncio.sleep(0)
        assert len(site.requests) == CONNECTIONS_PER_HOST
        site.goes_on()
    assert site.at_once == CONNECTIONS_PER_HOST
    assert len(site.requests) == len(urls)


async def test_long_headers_are_read(site: Site, fetcher: Fetcher) -> None:
    assert await fetched(fetcher, site.says("/feed", FEED, Content_Security_Policy="x" * 20_000))


# Moving


async def test_a_move_for_good_is_told(site: Site, fetcher: Fetcher) -> None:
    new = site.says("/new", FEED)
    site.redirects("/between", "/new", 308)
    assert (await fetched(fetcher, site.redirects("/old", "/between", 301))).moved_to == new


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_passing_move_is_followed_and_forgotten(site: Site, fetcher: Fetcher, status: int) -> None:
    site.says("/new", FEED)
    assert (await fetched(fetcher, site.redirects("/old", "/new", status))).moved_to is None


async def test_the_address_that_answers_at_last_is_told(site: Site, fetcher: Fetcher) -> None:
    new = site.says("/new", FEED)
    assert (await fetched(fetcher, site.redirects("/old", "/new", 302))).address == new


async def test_of_a_mixed_chain_only_the_lasting_start_is_told(site: Site, fetcher: Fetcher) -> None:
    site.says("/new", FEED)
    between = site.redirects("/between", "/new", 302)
    assert (await fetched(fetcher, site.redirects("/old", "/between", 301))).moved_to == between
    site.redirects("/gate", "/old", 302)
    assert (await fetched(fetcher, site.url + "/gate")).moved_to is None


async def test_five_redirects_are_followed_and_no_sixth(site: Site, fetcher: Fetcher) -> None:
    site.says("/0", FEED)
    for number in range(1, 7):
        site.redirects(f"/{number}", f"/{number - 1}")
    await fetched(fetcher, site.url + "/5")
    assert str(await refusal(fetcher, site.url + "/6")) == "more than 5 redirects"


async def test_a_redirect_in_a_circle_ends(site: Site, fetcher: Fetcher) -> None:
    assert str(await refusal(fetcher, site.redirects("/loop", "/loop"))) == "more than 5 redirects"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://news.example/", "javascript:alert(1)"])
async def test_only_the_web_is_followed(site: Site, fetcher: Fetcher, target: str) -> None:
    error = await refusal(fetcher, site.redirects("/old", target))
    assert str(error) == f"leads to an address that is not http or https ({target})"


async def test_a_redirect_to_nowhere_is_told(site: Site, fetcher: Fetcher) -> None:
    assert "not where to go" in str(await refusal(fetcher, site.says("/old", status=301)))


# Refusals


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "the server says 404: not found"),
        (403, "the server says 403: forbidden"),
        (500, "the server says 500: internal server error"),
        (521, "the server says 521"),
    ],
)
async def test_what_the_server_says_is_passed_on(site: Site, fetcher: Fetcher, status: int, sentence: str) -> None:
    error = await refusal(fetcher, site.says("/feed", status=status))
    assert (str(error), error.gone, error.retry_after) == (sentence, False, None)


async def test_not_modified_is_no_answer_to_who_asked_for_everything(site: Site, fetcher: Fetcher) -> None:
    assert "asked for everything" in str(await refusal(fetcher, site.says("/feed", status=304)))


async def test_gone_is_gone(site: Site, fetcher: Fetcher) -> None:
    assert (await refusal(fetcher, site.says("/feed", status=410))).gone


@pytest.mark.parametrize("value", ["120", "Sun, 01 Mar 2026 12:02:00 GMT"])
async def test_the_wait_that_a_server_names_is_passed_on(site: Site, fetcher: Fetcher, value: str) -> None:
    error = await refusal(fetcher, site.says("/feed", status=429, Retry_After=value))
    assert error.retry_after == timedelta(minutes=2)


async def test_how_long_to_stay_away_is_passed_on(site: Site, fetcher: Fetcher) -> None:
    answer = await fetched(fetcher, site.says("/feed", FEED, Cache_Control="public, max-age=300"))
    assert answer.fresh_for == timedelta(minutes=5)


async def test_a_server_that_drips_is_left_in_time(site: Site, fetcher: Fetcher) -> None:
    assert str(await refusal(fetcher, site.drips("/feed"), HASTY)) == "no answer within 0.05 s"


async def test_a_server_that_says_nothing_is_left_in_time(site: Site, fetcher: Fetcher) -> None:
    site.holds()
    error = await refusal(fetcher, site.url + "/feed", HASTY)
    assert (str(error), error.hung) == ("no answer within 0.05 s", True)


async def test_a_broken_connection_is_told(site: Site, fetcher: Fetcher) -> None:
    assert "broke" in str(await refusal(fetcher, site.breaks("/feed")))


async def test_a_port_where_nobody_listens_is_told(fetcher: Fetcher) -> None:
    assert str(await refusal(fetcher, "http://127.0.0.1:1/feed")) == "no connection to 127.0.0.1"


async def test_an_answer_that_is_not_http_is_told(fetcher: Fetcher) -> None:
    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(mumble, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert "not proper HTTP" in str(await refusal(fetcher, f"http://127.0.0.1:{port}/"))


@pytest.mark.parametrize("url", ["", "feed", "http:feed", "http://[::1/", "http://", "http://a:b:c/", "http://\udcff/"])
async def test_an_improper_address_is_told(fetcher: Fetcher, url: str) -> None:
    assert "address" in str(await refusal(fetcher, url))


# Size


async def test_five_megabytes_are_read_and_no_byte_more(site: Site, fetcher: Fetcher) -> None:
    assert len((await fetched(fetcher, site.says("/full", b" " * MOST_BYTES))).body or b"") == MOST_BYTES
    assert str(await refusal(fetcher, site.says("/over", b" " * (MOST_BYTES + 1)))) == "more than 5 MB"


async def test_a_compressed_body_is_passed_on_as_it_came(site: Site, fetcher: Fetcher) -> None:
    packed = gzip.compress(FEED)
    answer = await fetched(fetcher, site.says("/feed", packed, Content_Encoding="gzip"))
    assert (answer.body, answer.encoding) == (packed, "gzip")


# Private addresses

PRIVATE = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "240.0.0.1",
    "192.0.2.1",
    "::",
    "::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "2002:a00:1::",
    "64:ff9b::169.254.169.254",
    "64:ff9b::168.63.129.16",
    "64:ff9b:1::8.8.8.8",
    "::ffff:0:10.0.0.1",
    "2a00:1450::5efe:169.254.169.254",
    "2a00:1450::200:5efe:10.0.0.1",
    "2002:a83f:8110::",
    "168.63.129.16",
    "192.0.0.192",
    "192.88.99.1",
    "161.26.0.10",
    "166.11.255.255",
    "fd20:ce::254",
    "3fff::1",
    "5f00::1",
    "100::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "168.63.129.17",
        "166.12.0.1",
        "2606:4700::1111",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2a00:1450::5efe:8.8.8.8",
        "2002:808:808::",
    ],
)
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(address)


SPELLINGS = [
    ("127.0.0.1", "127.0.0.1"),
    ("localhost", "127.0.0.1"),
    ("[::ffff:127.0.0.1]", "::ffff:7f00:1"),
    ("0x7f000001", "127.0.0.1"),
    ("0x7f.1", "127.0.0.1"),
    ("169.254.169.254", "169.254.169.254"),
    ("[::1]", "::1"),
]


@pytest.mark.parametrize(("host", "address"), SPELLINGS)
async def test_no_private_address_is_connected_to(host: str, address: str) -> None:
    async with Fetcher(contact="x") as fetcher:
        error = await refusal(fetcher, f"http://{host}:8/feed")
    assert str(error).startswith("refers to a private address (")
    assert address in str(error) or host == "localhost"


@pytest.mark.parametrize("host", ["2130706433", "0177.0.0.1", "127.1", "017700000001"])
async def test_numbers_that_hide_an_address_are_refused(host: str) -> None:
    async with Fetcher(contact="x") as fetcher:
        assert str(await refusal(fetcher, f"http://{host}:8/feed")) == "not a proper address"


@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://localhost:8/", "http://[fd00:ec2::254]/latest/meta-data"]
)
async def test_a_redirect_does_not_lead_home(site: Site, target: str) -> None:
    port = int(site.url.rpartition(":")[2])
    fetcher = Fetcher(contact="x")
    fetcher._open_socket = lambda info: open_socket(info) if info[4][1] == port else open_public_socket(info)
    async with fetcher:
        error = await refusal(fetcher, site.redirects("/old", target))
    assert str(error).startswith("refers to a private address (")
    assert len(site.requests) == 1


class Rebinding(AbstractResolver):
    """A name server that says something else each time."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = iter(addresses)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = next(self._addresses, None)
        if address is None:
            raise OSError("unknown name")
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


async def test_a_name_is_judged_by_what_it_resolves_to_each_time() -> None:
    async with Fetcher(contact="x") as fetcher:
        connector = fetcher.session.connector
        assert isinstance(connector, TCPConnector)
        connector._resolver, connector._use_dns_cache = Rebinding("192.168.0.7", "127.0.0.1"), False
        for address in ("192.168.0.7", "127.0.0.1"):
            error = await refusal(fetcher, "http://rebinding.example/feed")
            assert str(error) == f"refers to a private address ({address})"
        assert str(await refusal(fetcher, "http://rebinding.example/feed")) == "rebinding.example cannot be found"


async def test_a_silent_name_server_holds_nobody_up() -> None:
    answer = threading.Event()
    task = asyncio.create_task(_in_daemon_thread(answer.wait))
    await asyncio.sleep(0)
    assert all(thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    answer.set()


# Headers


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "max-age=60"}, 60),
        ({"Cache-Control": 'public, Max-Age="60"', "Age": "20"}, 40),
        ({"Cache-Control": "max-age=60", "Age": "90"}, None),
        ({"Cache-Control": "max-age=0"}, None),
        ({"Cache-Control": "no-store, max-age=60"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Expires": "Sun, 01 Mar 2026 12:01:00 GMT"}, 60),
        ({"Expires": "Sun, 01 Mar 2026 12:01:00 GMT", "Date": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30),
        ({"Expires": "Sun, 01 Mar 2026 11:00:00 GMT"}, None),
        ({"Expires": "0"}, None),
        ({"Cache-Control": "max-age=60", "Expires": "Sun, 01 Mar 2026 15:00:00 GMT"}, 60),
        ({}, None),
    ],
)
def test_how_long_an_answer_stays_fresh(headers: dict[str, str], seconds: int | None) -> None:
    assert fresh_for(headers, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.text())
def test_no_header_is_too_odd(value: str) -> None:
    headers = {"Retry-After": value, "Cache-Control": f"max-age={value}", "Expires": value, "Date": value, "Age": value}
    for wait in (retry_after(headers, NOW), fresh_for(headers, NOW)):
        assert wait is None or timedelta(0) < wait <= timedelta(days=366)


@pytest.mark.parametrize("value", ["9" * 30, "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +2300"])
def test_absurd_waits_are_cut(value: str) -> None:
    assert (retry_after({"Retry-After": value}, NOW) or timedelta(0)) <= timedelta(days=366)


async def test_what_the_server_says_beside_an_unchanged_body_is_told_too(site: Site, fetcher: Fetcher) -> None:
    url = site.says("/new", FEED, ETag='"1"', Cache_Control="max-age=20")
    first = await fetched(fetcher, url)
    moved = site.redirects("/old", "/new", 301)
    again = await fetcher.fetch(moved, first.validators)
    assert again.body is None
    assert again.moved_to == url
    assert again.validators.body_hash == first.validators.body_hash


async def test_an_error_tells_whether_anybody_was_there(site: Site, fetcher: Fetcher) -> None:
    assert (await refusal(fetcher, site.says("/feed", status=503))).reached is True
    assert (await refusal(fetcher, "http://127.0.0.1:1/feed")).reached is False
    assert (await refusal(fetcher, "http://nowhere.invalid/feed")).reached is False
    assert (await refusal(fetcher, site.breaks("/feed"))).reached is None
    assert (await refusal(fetcher, "ftp://127.0.0.1/feed")).reached is None
    async with Fetcher(contact="x") as wary:
        assert (await refusal(wary, site.url + "/feed")).reached is None
