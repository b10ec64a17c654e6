from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import FeedEntry, SourceKind
from bot.errors import ParseError
from bot.sources.base import Parsed
from bot.sources.parsing.telegram_channel import parse_channel
from tests.sources.papers import a_source

SOURCE = a_source("https://t.me/s/invented_wire", SourceKind.TELEGRAM_CHANNEL)
STAMP = "2026-03-01T15:00:00+03:00"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def text(html: str) -> str:
    return f'<div class="tgme_widget_message_text js-message_text" dir="auto">{html}</div>'


def post(inside: str, number: int = 7, *, notice: bool = False, stamp: str = STAMP) -> str:
    kind = " service_message" if notice else ""
    return f"""<div class="tgme_widget_message_wrap js-widget_message_wrap">
<div class="tgme_widget_message text_not_supported_wrap{kind} js-widget_message" data-post="invented_wire/{number}">
<div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author">
<a class="tgme_widget_message_owner_name"><span dir="auto">Invented Wire</span></a></div>{inside}
<div class="tgme_widget_message_footer"><span class="tgme_widget_message_views">12K</span>
<a class="tgme_widget_message_date" href="https://t.me/invented_wire/{number}"><time datetime="{stamp}" class="time">
15:00</time></a></div></div></div></div>"""


def page(*posts: str) -> str:
    return (
        '<!DOCTYPE html><html><body><div class="tgme_channel_info_header_title"><span>Invented Wire</span></div>'
        f'<section class="tgme_channel_history js-message_history">{"".join(posts)}</section></body></html>'
    )


def read(html: str) -> Parsed:
    return parse_channel(html.encode(), SOURCE, "text/html; charset=utf-8")


def only(*posts: str) -> FeedEntry:
    (entry,) = read(page(*posts)).entries
    return entry


def test_a_post_becomes_an_entry() -> None:
    parsed = read(page(post(text("<b>Cable cut</b><br/><br/>A ship is <a href='x'>held</a>.<br/>More follows."))))
    assert parsed.title == "Invented Wire"
    assert parsed.problem is None
    assert parsed.entries == (
        FeedEntry(
            title="Cable cut",
            summary="A ship is held. More follows.",
            guid="https://t.me/invented_wire/7",
            link="https://t.me/invented_wire/7",
            published=NOON,
        ),
    )


def test_posts_keep_their_order() -> None:
    entries = read(page(*(post(text(f"Report {number}"), number) for number in (5, 6, 9)))).entries
    assert [entry.guid for entry in entries] == [f"https://t.me/invented_wire/{number}" for number in (5, 6, 9)]


def test_a_long_first_line_lends_its_first_sentence() -> None:
    entry = only(post(text("The minister spoke in the capital. " + "He went on at length about the sea. " * 9)))
    assert entry.title == "The minister spoke in the capital."
    assert entry.summary.startswith("The minister spoke in the capital. He went on")


@pytest.mark.parametrize("mark", ["❗️", "#news #sea", "➖➖➖", "<i class='emoji'><b>🔴</b></i>", "@invented_wire"])
def test_marks_and_hashtags_are_no_title(mark: str) -> None:
    assert only(post(text(f"{mark}<br/>Cable cut<br/>A ship"))).title == "Cable cut"


def test_a_mark_within_the_line_stays() -> None:
    assert only(post(text("🔴 Cable cut"))).title == "🔴 Cable cut"


def test_a_forwarded_post_names_where_it_is_from() -> None:
    forwarded = (
        '<div class="tgme_widget_message_forwarded_from accent_color">Forwarded from '
        '<a class="tgme_widget_message_forwarded_from_name" href="https://t.me/other/1"><span>Other Wire</span></a>'
        "</div>"
    )
    entry = only(post(forwarded + text("Cable cut")))
    assert (entry.title, entry.outlet) == ("Cable cut", "Other Wire")


def test_the_post_that_is_answered_is_not_read() -> None:
    answered = (
        '<a class="tgme_widget_message_reply" href="https://t.me/invented_wire/1"><div class="tgme_widget_message_text '
        'js-message_reply_text">An older report</div></a>'
    )
    assert only(post(answered + text("A newer report"))).title == "A newer report"


LEFT_OUT = [
    post('<a class="tgme_widget_message_photo_wrap" href="x"></a>'),
    post('<div class="message_media_not_supported"><div>This media is not supported in your browser</div></div>'),
    post(text("  <br/> ")),
    post(text("Invented Wire pinned a photo"), notice=True),
    post(text("Channel created"), notice=True),
    post(text("Cable cut")).replace("invented_wire/7", "../../7"),
]


@pytest.mark.parametrize("left_out", LEFT_OUT)
def test_pictures_and_notices_are_left_out(left_out: str) -> None:
    assert only(left_out, post(text("Cable cut"), 8)).guid == "https://t.me/invented_wire/8"
    assert read(page(left_out)).problem == "has no entries"


def test_a_poll_asks_and_a_bare_link_lends_its_headline() -> None:
    assert only(post('<div class="tgme_widget_message_poll_question">Who cut it?</div>')).title == "Who cut it?"
    assert only(post('<div class="link_preview_title">Cable cut</div>')).title == "Cable cut"


@pytest.mark.parametrize("stamp", ["", "soon", "2026-13-01", "0001-01-01T00:00:00+14:00"])
def test_a_post_without_a_proper_time_is_kept(stamp: str) -> None:
    assert only(post(text("Cable cut"), stamp=stamp)).published is None


@pytest.mark.parametrize("html", ["", "<html><body>Telegram: contact @invented_wire</body></html>", "{}"])
def test_a_page_without_a_channel_is_told(html: str) -> None:
    with pytest.raises(ParseError, match="shows no channel"):
        read(html)


@given(st.text(), st.text())
def test_no_page_is_too_odd(inside: str, around: str) -> None:
    for entry in read(page(post(text(inside)), around, post(inside))).entries:
        assert entry.title
