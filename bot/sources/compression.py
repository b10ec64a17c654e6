"""Bodies as servers compress them (RFC 9110, section 8.4), inflated under a limit: a bomb costs one limit, no more."""

import zlib
from collections.abc import Callable

import brotli

from bot.errors import FetchError

ACCEPTED = "gzip, deflate, br"

# The window sizes of zlib's documentation: 31 reads gzip, 15 zlib, -15 the bare stream that some servers call deflate.
_GZIP, _ZLIB, _BARE = 31, 15, -15


class TooLargeError(ValueError):
    """There is more than the limit allows."""


def inflated(body: bytes, encodings: str, most: int) -> bytes:
    """The body without its Content-Encoding; raises FetchError if it is broken, TooLargeError beyond `most` bytes."""
    if not body:
        return body
    names = [name.strip().lower() for name in encodings.split(",")]
    for encoding in reversed([name for name in names if name not in {"", "identity"}]):
        if encoding not in _INFLATERS:
            raise FetchError(f"the answer is compressed in a way we did not ask for ({encoding[:20]})")
        try:
            body = _INFLATERS[encoding](body, most)
        except (zlib.error, brotli.error) as error:
            raise FetchError(f"the answer is not the {encoding} that it claims to be") from error
    return body


def _gunzipped(body: bytes, most: int) -> bytes:
    text, rest = _unzipped(body, most, _GZIP)
    while rest.startswith(b"\x1f\x8b"):  # several members make one file; anything else after them is padding
        more, rest = _unzipped(rest, most - len(text), _GZIP)
        text += more
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
        raise TooLargeError
    if not stream.eof:
        raise zlib.error("cut short")
    return text, stream.unused_data


def _unbrotlied(body: bytes, most: int) -> bytes:
    stream = brotli.Decompressor()
    text: bytes = stream.process(body, output_buffer_limit=most + 1)
    if len(text) > most:
        raise TooLargeError
    if not stream.is_finished():
        raise brotli.error("cut short")
    return text


_INFLATERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _undeflated,
    "br": _unbrotlied,
}
