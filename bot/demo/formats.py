"""The formats that sources come in, written out: the demo's news server speaks each of them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from functools import partial
from html import escape
from types import MappingProxyType

from bot.demo.week import Outlet, Posting

TELEGRAM = "https://t.me/"

Write = Callable[[Outlet, Sequence[Posting]], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How a feed is written, and what the server calls it."""

    content_type: str
    write: Write


def _document(text: str, encoding: str = "utf-8") -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'.encode(encoding, "xmlcharrefreplace")


def _rss(outlet: Outlet, postings: Sequence[Posting], *, encoding: str = "utf-8") -> bytes:
    items = "".join(
        f"<item><title>{escape(posting.title)}</title><link>{escape(posting.link)}</link>"
        f'<guid isPermaLink="false">{posting.guid}</guid><pubDate>{format_datetime(posting.published)}</pubDate>'
        f"<description>{escape(posting.summary)}</description></item>\n"
        for posting in postings
    )
    channel = f"<title>{escape(outlet.name)}</title><link>{_home(outlet)}</link><description>Invented</description>"
    return _document(f'<rss version="2.0"><channel>{channel}\n{items}</channel></rss>\n', encoding)


def _rdf(outlet: Outlet, postings: Sequence[Posting]) -> bytes:
    """RSS 1.0: the channel lists the addresses of the items, which follow it; dates are Dublin Core's."""
    listed = "".join(f'<rdf:li rdf:resource="{escape(posting.link)}"/>' for posting in postings)
    items = "".join(
        f'<item rdf:about="{escape(posting.link)}"><title>{escape(posting.title)}</title>'
        f"<link>{escape(posting.link)}</link><description>{escape(posting.summary)}</description>"
        f"<dc:date>{posting.published.isoformat()}</dc:date></item>\n"
        for posting in postings
    )
    return _document(
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{_home(outlet)}"><title>{escape(outlet.name)}</title><link>{_home(outlet)}</link>'
        f"<description>Invented</description><items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n{items}</rdf:RDF>\n"
    )


def _atom(outlet: Outlet, postings: Sequence[Posting]) -> bytes:
    entries = "".join(
        f'<entry><title>{escape(posting.title)}</title><link href="{escape(posting.link)}"/>'
        f"<id>tag:{outlet.id}.example,2000:{posting.guid}</id><published>{posting.published.isoformat()}</published>"
        f"<updated>{posting.published.isoformat()}</updated><summary>{escape(posting.summary)}</summary></entry>\n"
        for posting in postings
    )
    return _document(
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(outlet.name)}</title><id>{_home(outlet)}</id>'
        f"<author><name>{escape(outlet.name)}</name></author>\n{entries}</feed>\n"
    )


def _json_feed(outlet: Outlet, postings: Sequence[Posting]) -> bytes:
    items = [
        {
            "id": posting.guid,
            "url": posting.link,
            "title": posting.title,
            "content_text": posting.summary,
            "date_published": posting.published.isoformat(),
        }
        for posting in postings
    ]
    return _json({"version": "https://jsonfeed.org/version/1.1", "title": outlet.name, "items": items})


def _search(_outlet: Outlet, postings: Sequence[Posting]) -> bytes:
    """The answer of nato.int's site search; only that its dates have no time of day, which would hide the lag."""
    pages = [
        {
            "title": posting.title,
            "description": posting.summary,
            "link": posting.link,
            "pageDate": posting.published.strftime("%d %B %Y %H:%M:%S"),
        }
        for posting in postings
    ]
    return _json({"numberOfPages": 1, "pages": pages})


def _channel(outlet: Outlet, postings: Sequence[Posting]) -> bytes:
    """The preview page of a Telegram channel, oldest post first."""
    posts = "".join(
        '<div class="tgme_widget_message_wrap js-widget_message_wrap">'
        f'<div class="tgme_widget_message js-widget_message" data-post="{posting.link.removeprefix(TELEGRAM)}">'
        f'<div class="tgme_widget_message_text js-message_text" dir="auto"><b>{escape(posting.title)}</b><br/><br/>'
        f'{escape(posting.summary)}</div><a class="tgme_widget_message_date" href="{posting.link}">'
        f'<time datetime="{posting.published.isoformat()}" class="time"></time></a></div></div>\n'
        for posting in reversed(postings)
    )
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>'
        f'<div class="tgme_channel_info_header_title"><span>{escape(outlet.name)}</span></div>'
        f'<main class="tgme_main"><section class="tgme_channel_history js-message_history">\n{posts}</section></main>'
        "</body></html>\n"
    ).encode()


def _json(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


def _home(outlet: Outlet) -> str:
    return f"https://{outlet.id}.example/"


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "rss": Format(content_type="application/rss+xml", write=_rss),
        "rss-cp1251": Format(content_type="application/rss+xml", write=partial(_rss, encoding="windows-1251")),
        "rdf": Format(content_type="application/rdf+xml", write=_rdf),
        "atom": Format(content_type="application/atom+xml", write=_atom),
        "json": Format(content_type="application/feed+json", write=_json_feed),
        "search": Format(content_type="application/json", write=_search),
        "channel": Format(content_type="text/html", write=_channel),
    }
)


def cut_off(body: bytes) -> bytes:
    """A body whose connection broke in the middle of its last entry."""
    return body[: -len(body) // 8]
