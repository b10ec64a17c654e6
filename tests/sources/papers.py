"""Feeds of invented papers, put together from their parts."""

from bot.core.model import FeedEntry, Side, Source, SourceId, SourceKind
from bot.sources.base import Parsed
from bot.sources.parsing.feed import parse_feed


def a_source(url: str = "https://wire.example/feeds/all.xml", kind: SourceKind = SourceKind.FEED) -> Source:
    return Source(
        id=SourceId("wire"), url=url, side=Side.NEUTRAL, name="Invented Wire", publisher="invented-wire", kind=kind
    )


def rss(*items: str, channel: str = "", head: str = "") -> str:
    return (
        f'{head}<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:a10="http://www.w3.org/2005/Atom" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:m="http://search.yahoo.com/mrss"><channel>'
        f"<title>Invented Wire</title><link>https://wire.example/</link>{channel}"
        + "".join(f"<item>{item}</item>" for item in items)
        + "</channel></rss>"
    )


def atom(*entries: str, attributes: str = "") -> str:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom"{attributes}><title>Invented Wire</title>'
        + "".join(f"<entry>{entry}</entry>" for entry in entries)
        + "</feed>"
    )


def read(feed: str | bytes, content_type: str | None = None, source: Source | None = None) -> Parsed:
    body = feed.encode() if isinstance(feed, str) else feed
    return parse_feed(body, source or a_source(), content_type)


def first(feed: str | bytes, content_type: str | None = None) -> FeedEntry:
    return read(feed, content_type).entries[0]
