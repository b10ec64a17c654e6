"""Draws messages as the chat apps show them, as one HTML page a platform: from the very payload that is sent.

Telegram's HTML is drawn as it goes out; Discord's embeds from `Embed.to_dict`, their markdown read as `discord_text`
reads it. What is drawn here is for eyes: pictures of the README, and looking at a change.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime
from html import escape

from discord import Embed

from bot.core.message.blocks import Button, Message
from bot.platforms.discord.markup import parts_for
from bot.platforms.telegram.markup import parts_of, to_html

_STYLES = """
body { margin: 0; padding: 14px; width: 600px; font: 15px/1.38 "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif }
a { text-decoration: none } code { font: 13px "DejaVu Sans Mono", monospace }
.row { display: flex }
.telegram { background: #0e1621; color: #e9eef3 } .telegram a { color: #6ab3f3 } .telegram code { color: #8fc8ff }
.telegram .bubble { background: #182533; border-radius: 12px; padding: 8px 12px; white-space: pre-wrap }
.telegram .bubble img { display: block; width: 100%; border-radius: 8px; margin-bottom: 8px }
.telegram .rows { display: grid; gap: 4px; margin: 4px 0 14px } .telegram .row { gap: 4px }
.telegram .button { flex: 1; background: #2b3d4f; border-radius: 8px; padding: 7px; text-align: center }
.button { font-size: 14px }
.discord { background: #313338; color: #dbdee1 } .discord a { color: #00a8fc }
.discord code { background: #1e1f22; padding: 1px 4px }
.discord .name { color: #f2f3f5; font-weight: 600; margin: 2px 0 6px }
.discord .app { background: #5865f2; color: #fff; border-radius: 4px; font-size: 10px; padding: 2px 5px; margin: 5px }
.discord .embed { background: #2b2d31; border-left: 4px solid; border-radius: 4px; padding: 10px 14px }
.discord .embed { white-space: pre-wrap }
.discord .author, .discord .footer { font-size: 12px; color: #b5bac1 } .discord .footer { margin-top: 7px }
.discord .title { font-weight: 700; margin: 5px 0 }
.discord .field { font-size: 13.5px; margin-top: 7px } .discord .field b { display: block; color: #f2f3f5 }
.discord .rows { margin: 7px 0 16px } .discord .row { gap: 8px; margin-top: 6px }
.discord .button { background: #4e5058; color: #fff; border-radius: 4px; padding: 6px 14px }
"""
# What Discord's apps make of markdown in an embed, as far as our markup uses it.
_MARKDOWN: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<b>\1</b>"),
    (re.compile(r"~~(.+?)~~"), r"<s>\1</s>"),
    (re.compile(r"(?<!\*)\*(?!\*)(.+?)\*"), r"<i>\1</i>"),
    (re.compile(r"`+(.+?)`+"), r"<code>\1</code>"),
    (re.compile(r"\[(.+?)\]\((https?://[^)\s]+)\)"), r'<a href="\2">\1</a>'),
)
_ESCAPED = re.compile(r"\\([^\w\s])")
# Escaped signs are put aside as letters of a private area while the markdown around them is read.
_ASIDE = 0xE000


def telegram_page(messages: Iterable[Message]) -> str:
    """The messages as bubbles of a Telegram chat."""
    return _page("telegram", (_bubble(part) for message in messages for part in parts_of(message)))


def discord_page(messages: Iterable[Message]) -> str:
    """The messages as embeds of a Discord channel."""
    drawn = (_embed(part.embed) + _rows(part.rows) for message in messages for part in parts_for(message))
    name = '<div class="name">Faultline<span class="app">APP</span></div>'
    return _page("discord", (name + each for each in drawn))


def _page(platform: str, drawn: Iterable[str]) -> str:
    head = f'<meta charset="utf-8"><title>{platform}</title><style>{_STYLES}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body class="{platform}">{"".join(drawn)}</body></html>'


def _bubble(part: Message) -> str:
    drawn = f'<img src="data:image/png;base64,{b64encode(part.picture.png).decode()}">' if part.picture else ""
    return f'<div class="bubble">{drawn}{to_html(part)}</div>{_rows(part.buttons)}'


def _rows(rows: tuple[tuple[Button, ...], ...]) -> str:
    return f'<div class="rows">{"".join(map(_row, rows))}</div>'


def _row(row: tuple[Button, ...]) -> str:
    buttons = "".join(f'<span class="button">{escape(button.label)}</span>' for button in row)
    return f'<div class="row">{buttons}</div>'


def _embed(embed: Embed) -> str:
    sent = embed.to_dict()
    pieces = [
        f'<div class="author">{escape(sent["author"]["name"])}</div>' if "author" in sent else "",
        f'<div class="title">{_titled(sent.get("title", ""), sent.get("url"))}</div>' if "title" in sent else "",
        f"<div>{_shown(sent['description'])}</div>" if "description" in sent else "",
        *(f'<div class="field"><b>{escape(f["name"])}</b>{_shown(f["value"])}</div>' for f in sent.get("fields", ())),
    ]
    if "timestamp" in sent:
        pieces.append(f'<div class="footer">{datetime.fromisoformat(sent["timestamp"]):%d/%m/%Y %H:%M}</div>')
    colour = f"#{sent.get('color', 0x1E1F22):06x}"
    return f'<div class="embed" style="border-color: {colour}">{"".join(pieces)}</div>'


def _titled(title: str, url: str | None) -> str:
    return f'<a href="{escape(url)}">{_shown(title)}</a>' if url else _shown(title)


def _shown(markdown: str) -> str:
    aside = _ESCAPED.sub(lambda found: chr(_ASIDE + ord(found.group(1))), markdown)
    html = escape(aside, quote=False)
    for mark, drawn in _MARKDOWN:
        html = mark.sub(drawn, html)
    return "".join(escape(chr(ord(c) - _ASIDE)) if _ASIDE <= ord(c) < _ASIDE + 0x500 else c for c in html)
