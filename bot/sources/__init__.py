"""Where news comes from: fetching it, reading it, and the list of sources."""

from bot.core.model import SourceKind
from bot.sources.base import Parser
from bot.sources.feed import parse_feed
from bot.sources.search_page import parse_search_page
from bot.sources.telegram_channel import parse_channel

# A new kind of source is a file like these and a row here.
KINDS: dict[SourceKind, Parser] = {
    SourceKind.FEED: parse_feed,
    SourceKind.SEARCH_PAGE: parse_search_page,
    SourceKind.TELEGRAM_CHANNEL: parse_channel,
}
