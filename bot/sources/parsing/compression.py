"""Bodies as servers compress them (RFC 9110, section 8.4), inflated under limits: a bomb costs one limit, no more.

Inflating can take seconds all the same, so it is work for the process that reads bodies.
"""

import zlib
from collections.abc import Callable

import brotli

from bot.errors import FetchError
from bot.sources.base import TOO_LARGE

ACCEPTED = "gzip, deflate, br"

# The window sizes of zlib's documentation: 31 reads gzip, 15 zlib, -15 the bare stream that some servers call deflate.
_GZIP, _ZLIB, _BARE = 31, 15, -15
_GZIP_MARK = b"\x1f\x8b"


# Servers compress once, proxies in front of them once more.
_MOST_CODINGS = 2
# A gzip body may be several, one after the other: 5 MB in members of 160 KB have no more.
_MOST_MEMBERS = 32


def inflated(body: bytes, encodings: str, most: int) -> bytes:
    """The body without its Content-Encoding; raises FetchError if it is broken, or more than `most` bytes."""
    if not body:
        return body
    names = [name.strip().lower() for name in encodings.split(",")]
    codings = [name for name in names if name not in {"", "identity"}]
    if len(codings) > _MOST_CODINGS:
        raise FetchError(f"the answer is compressed {len(codings)} times over")
    for encoding in reversed(codings):
        if encoding not in _INFLATERS:
            raise FetchError(f"the answer is compressed in a way we did not ask for ({encoding[:20]})")
        try:
            body = _INFLATERS[encoding](body, most)
        except (zlib.error, brotli.error) as error:
            raise FetchError(f"the answer is not the {encoding} that it claims to be") from error
    return body


def _gunzipped(body: bytes, most: int) -> bytes:
    text, rest = _unzipped(body, most, _GZIP)
    for _ in range(_MOST_MEMBERS - 1):
        if not rest.startswith(_GZIP_MARK):  # what follows the last member is padding
            return text
        more, rest = _unzipped(rest, most - len(text), _GZIP)
        text += more
    if rest.startswith(_GZIP_MARK):
        raise FetchError(f"the answer is compressed in more than {_MOST_MEMBERS} pieces")
    return text


def _undeflated(body: bytes, most: int) -> bytes:
    try:
        return _unzipped(body, most, _ZLIB)[0]
    except zlib.error:
        return _unzipped(body, most, _BARE)[0]


def _unzipped(body: bytes, most: int, window: int) -> tuple[bytes, bytes]:
    stream = zlib.decompressobj(window)
    text = stream.decompress(body, most + 1)
    if len(text) > most:
        raise FetchError(TOO_LARGE)
    if not stream.eof:
        raise zlib.error("cut short")
    return text, stream.unused_data


def _unbrotlied(body: bytes, most: int) -> bytes:
    stream = brotli.Decompressor()
    text: bytes = stream.process(body, output_buffer_limit=most + 1)
    if len(text) > most:
        raise FetchError(TOO_LARGE)
    if not stream.is_finished():
        raise brotli.error("cut short")
    return text


_INFLATERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _undeflated,
    "br": _unbrotlied,
}
