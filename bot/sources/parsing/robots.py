"""What a robots.txt (RFC 9309) lets us ask for."""

from protego import Protego

from bot.sources.base import MOST_BYTES, Fetched
from bot.sources.parsing.compression import inflated
from bot.sources.parsing.decoding import text_of

# The name that a robots.txt calls us by.
PRODUCT = "Faultline"

# RFC 9309, section 2.5: at least 500 KiB are read. The library takes 0.4 s for as many of ordinary rules.
_MOST_READ = 500 * 1024


def may_ask(robots: Fetched, url: str) -> bool:
    """Whether a robots.txt lets us ask for an address of its host. Raises FetchError. Work for another process."""
    text, _ = text_of(inflated(robots.body or b"", robots.encoding, MOST_BYTES)[:_MOST_READ], robots.content_type)
    return Protego.parse(text).can_fetch(url, PRODUCT)
