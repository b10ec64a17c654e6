"""What passes between fetching a source, reading it, and those who ask for both."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.model import FeedEntry, Source

MOST_ENTRIES = 500
MOST_BYTES = 5 * 1024 * 1024
TOO_LARGE = "more than 5 MB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What tells whether a source has changed since its last good fetch; all None before the first.

    `etag` and `last_modified` are sent back as they came (RFC 9110, section 13); `body_hash` is the hexadecimal
    SHA-256 of the body as received, before it is inflated, for servers whose headers lie.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer: a body as it came, or None when it is the last one again.

    `encoding` is how the body is compressed (Content-Encoding); `address` is the one that answered, after all
    redirects: links are relative to it (RFC 3986, section 5.1.3). `moved_to` is the new address when the server says
    that it moved for good (301, 308): remember it only once the body has proved to be what it should, for sites send
    dead feeds to their home page that way. `fresh_for` is how long the server asks us not to come back
    (Cache-Control, Expires). `reserved` are the headers by which it says what may not be made of its words.
    """

    body: bytes | None
    content_type: str | None
    validators: Validators
    moved_to: str | None
    fresh_for: timedelta | None
    status: int
    encoding: str = ""
    address: str | None = None
    reserved: str = ""


Fetch = Callable[[str, Validators], Awaitable[Fetched]]
"""Fetches an address; the body is None when nothing has changed. Raises FetchError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a body says: at most 500 entries, the newest, in the order of the source.

    `ttl` is how long the source asks to be cached; `problem` is one sentence for the operator when it could be read
    but is not as it should be.
    """

    entries: tuple[FeedEntry, ...]
    ttl: timedelta | None = None
    title: str | None = None
    problem: str | None = None


Parser = Callable[[bytes, Source, str | None], Parsed]
"""Reads a body, given its source and content type; raises ParseError. A top-level function, for it runs elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How one trial of a source went: `status` in a few words; `problem` what to do about, or None if all is well.

    `title` is what the source calls itself, `lang` the language that its entries seem to be in (ISO 639-1).
    """

    source: Source
    status: str
    entries: int
    newest: datetime | None
    milliseconds: int
    problem: str | None
    title: str | None = None
    lang: str = "en"
