"""The pictures of the README are drawn from what is sent."""

from dataclasses import replace

from bot.core.message.blocks import Button, Message, Picture
from bot.core.wording.alert import alert
from tests.builders import NOW, item, story
from tests.platforms.drawing import discord_page, telegram_page

TRICKY = "Cable & pipe [cut] *again* <script>"


def message() -> Message:
    return alert(story(item(TRICKY, url="https://northgate.example/1")), number=2, rule_text="cable", words=(), now=NOW)


def test_both_pages_show_the_words_and_buttons_of_an_alert_and_nothing_of_it_is_alive() -> None:
    for page in (telegram_page([message()]), discord_page([message()])):
        assert "Cable &amp; pipe [cut] *again* &lt;script&gt;" in page
        assert 'href="https://northgate.example/1"' in page
        assert "<code>cable</code>" in page
        assert "Mute this story" in page


def test_a_button_is_drawn_in_its_row() -> None:
    two_rows = Message(message().blocks, ((Button("One", "/one"), Button("Two", "/two")), (Button("Three", "/three"),)))
    assert telegram_page([two_rows]).count('class="row"') == 2
    assert discord_page([two_rows]).count('class="row"') == 2


def test_the_picture_of_a_message_stands_above_its_words() -> None:
    page = telegram_page([replace(message(), picture=Picture(png=b"drawn", lines=()))])
    assert 0 < page.index("data:image/png;base64,ZHJhd24=") < page.index("Cable")
