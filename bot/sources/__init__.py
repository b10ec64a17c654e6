"""Where news comes from: fetching it, reading it, and the list of sources."""

from dataclasses import replace

from bot.core.model import Source, SourceKind
from bot.sources.base import MOST_BYTES, Fetched, Parsed, Parser
from bot.sources.parsing.compression import inflated
from bot.sources.parsing.feed import parse_feed
from bot.sources.parsing.search_page import parse_search_page
from bot.sources.parsing.telegram_channel import parse_channel

# A new kind of source is a file like these and a row here.
KINDS: dict[SourceKind, Parser] = {
    SourceKind.FEED: parse_feed,
    SourceKind.SEARCH_PAGE: parse_search_page,
    SourceKind.TELEGRAM_CHANNEL: parse_channel,
}


def parse_answer(answer: Fetched, source: Source) -> Parsed:
    """What the body of an answer says; raises FetchError and ParseError. Work for another process, see `parsing`."""
    body = inflated(answer.body or b"", answer.encoding, MOST_BYTES)
    answered = replace(source, url=answer.address or source.url)
    return KINDS[source.kind](body, answered, answer.content_type)
