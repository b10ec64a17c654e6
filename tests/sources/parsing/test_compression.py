import gzip
import time
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FetchError
from bot.sources import parse_answer
from bot.sources.base import MOST_BYTES, Fetched, Validators
from bot.sources.parsing.compression import inflated
from tests.sources.papers import a_source, rss

FEED = rss("<title>Cable cut</title><link>drone.html</link>").encode()

COMPRESSORS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}


def an_answer(body: bytes, encoding: str = "", address: str | None = None) -> Fetched:
    return Fetched(
        body=body,
        content_type=None,
        validators=Validators(),
        moved_to=None,
        fresh_for=None,
        status=200,
        encoding=encoding,
        address=address,
    )


def packed_over(body: bytes, times: int) -> bytes:
    for _ in range(times):
        body = gzip.compress(body)
    return body


@pytest.mark.parametrize("encoding", COMPRESSORS)
def test_a_compressed_answer_is_read(encoding: str) -> None:
    found = parse_answer(an_answer(COMPRESSORS[encoding](FEED), encoding), a_source())
    assert [entry.title for entry in found.entries] == ["Cable cut"]


def test_links_are_relative_to_the_address_that_answered() -> None:
    found = parse_answer(an_answer(FEED, address="https://new.example/feeds/2026/all.xml"), a_source())
    assert found.entries[0].link == "https://new.example/feeds/2026/drone.html"


@given(st.binary(max_size=200), st.sampled_from(sorted(COMPRESSORS)))
def test_inflating_undoes_compressing_and_refuses_what_is_cut_short(body: bytes, encoding: str) -> None:
    packed = COMPRESSORS[encoding](body)
    assert inflated(packed, encoding.upper(), len(body)) == body
    if body:
        with pytest.raises(FetchError):
            inflated(packed[:-1], encoding, 1000)
        with pytest.raises(FetchError, match="more than 5 MB"):
            inflated(packed, encoding, len(body) - 1)


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(MOST_BYTES + 1))),
        ("gzip", gzip.compress(bytes(MOST_BYTES)) + gzip.compress(b"0")),
        ("deflate", zlib.compress(bytes(MOST_BYTES + 1))),
        ("br", brotli.compress(bytes(MOST_BYTES + 1), quality=1)),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(100 * MOST_BYTES), 1), 1)),
    ],
)
def test_a_bomb_is_defused(encoding: str, bomb: bytes) -> None:
    assert len(bomb) < MOST_BYTES / 100
    with pytest.raises(FetchError, match="more than 5 MB"):
        inflated(bomb, encoding, MOST_BYTES)


@pytest.mark.parametrize(
    ("encoding", "body", "problem"),
    [
        ("gzip", gzip.compress(b"") * 250_000, "compressed in more than 32 pieces"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"") * 250_000), "compressed in more than 32 pieces"),
        ("gzip, gzip, gzip, gzip", packed_over(gzip.compress(b"") * 250_000, 3), "compressed 4 times over"),
    ],
)
def test_what_is_small_and_takes_minutes_to_inflate_is_refused_at_once(
    encoding: str, body: bytes, problem: str
) -> None:
    started = time.process_time()
    with pytest.raises(FetchError, match=problem):
        inflated(body, encoding, MOST_BYTES)
    assert time.process_time() - started < 2


def _bare_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(body) + stream.flush()


def test_odd_ways_to_compress_are_read() -> None:
    assert inflated(_bare_deflate(FEED), "deflate", 1000) == FEED
    assert inflated(gzip.compress(FEED) + gzip.compress(b"2") + b"\0\0", "x-gzip", 1000) == FEED + b"2"
    assert inflated(b"".join(gzip.compress(bytes([number])) for number in range(32)), "gzip", 1000) == bytes(range(32))
    assert inflated(gzip.compress(zlib.compress(FEED)), "deflate, identity, gzip", 1000) == FEED
    assert inflated(FEED, "identity", 1000) == FEED
    assert inflated(b"", "gzip", 1000) == b""


def test_false_claims_are_told() -> None:
    with pytest.raises(FetchError, match="not the gzip that it claims"):
        inflated(FEED, "gzip", 1000)
    with pytest.raises(FetchError, match="did not ask for"):
        inflated(FEED, "zstd", 1000)
