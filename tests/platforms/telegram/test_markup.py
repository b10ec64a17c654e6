import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.message.blocks import Block, Button, Message, Role, Run, bold, code, say
from bot.core.message.splitting import NOTHING
from bot.core.wording.alert import alert
from bot.platforms.telegram.markup import JOINT, LIMIT, parts_of, to_html, to_keyboard, to_text
from tests.builders import NOW, item, story
from tests.platforms.telegram.entities import found_in
from tests.platforms.telegram.html import EntitiesError, parse, units

TEXTS = st.text(max_size=30) | st.sampled_from(
    ["<b>", "&amp;", "</a>", '" onclick="x', "&lt;", "😀" * 30, "\ud83d", "a\x00b", " ", "\n", "\u200b"]
)
STYLES = st.booleans()
RUNS = st.builds(
    Run,
    TEXTS,
    bold=STYLES,
    italic=STYLES,
    strike=STYLES,
    code=STYLES,
    url=st.none() | TEXTS.map(lambda text: f"https://northgate.example/{text}"),
)
BLOCKS = st.builds(Block, st.lists(RUNS, max_size=3).map(tuple), st.sampled_from(Role))
MESSAGES = st.builds(Message, st.lists(BLOCKS, max_size=5).map(tuple), st.just(((Button("Go", "/go"),),)))


def shown(message: Message, limit: int = LIMIT) -> list[str]:
    """What people see of each part."""
    return [parse(to_html(part))[0] for part in parts_of(message, limit)]


def without_space(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f]+", "", text)


def paragraphs(*texts: str) -> Message:
    return Message(tuple(Block((Run(text),)) for text in texts))


def test_an_alert_looks_as_people_expect_it() -> None:
    told = story(
        item(
            "Cable & pipe <cut>",
            url="https://northgate.example/?a=1&b=2",
            summary="Divers found both ends a mile apart on Monday, said the harbour master of Kestrel.",
        ),
        topics=("undersea_cables",),
    )
    message = alert(told, number=2, rule_text='cable "air space"', words=("Cable",), now=NOW)
    (part,) = parts_of(message)
    assert to_html(part) == (
        '<a href="https://northgate.example/?a=1&amp;b=2"><b>Cable &amp; pipe &lt;cut&gt;</b></a>\n'
        "Northgate Wire · NATO's side · 10 min ago · undersea cables\n"
        "one source so far: Northgate Wire (NATO's side)\n"
        'Your rule 2: <code>cable "air space"</code> (Cable)\n'
        "<i>Divers found both ends a mile apart on Monday, said the harbour master of Kestrel.</i>"
    )


LIVELY = [
    "@kestrel_news",
    "(@kestrel)",
    "/unfollow 2",
    "“/unfollow@faultline_bot”",
    "#breaking",
    "#\u200cbreaking",
    "$NATO",
    "$1INCH",
    "scam.example",
    "SCAM.Example/path?x=/forget#yes",
    "www.scam.example:8080",
    "сайт.рф",
    "a.b.c.example",
    "https://scam.example/x",
    "ftp://1.2b",
    "tg://resolve?domain=kestrel",
    "127.0.0.1",
    "xn--90ais.xn--p1ai",
    "ann@scam.example",
    "mailto:ann@scam.example",
    "+358 40 123 4567",
    "8 (800) 555-35-35",
    "4111 1111 1111 1111",
]


@pytest.mark.parametrize("words", LIVELY)
@pytest.mark.parametrize(
    "style",
    [
        {},
        {"bold": True},
        {"italic": True},
        {"strike": True},
        {"url": "http://intranet/x"},
        {"code": True},
        {"url": "https://northgate.example/"},
    ],
)
def test_nothing_that_others_wrote_comes_alive(words: str, style: dict[str, Any]) -> None:
    (part,) = parts_of(Message((Block((Run(f"Said: {words}, they say", **style),)),)))
    text, entities = parse(to_html(part))
    assert found_in(text, entities) == []
    assert text.replace(JOINT, "") == f"Said: {words}, they say"
    is_spared = style.keys() & {"code"} or style.get("url", "").endswith("example/")
    assert (JOINT in text) is not bool(is_spared), "links and code copy as they are"
    without_links = to_text(part).partition("\n")[0]
    assert is_spared or found_in(without_links, []) == []


@pytest.mark.parametrize("words", LIVELY)
def test_the_finder_of_these_tests_finds_it(words: str) -> None:
    assert found_in(f"Said: {words}, they say", [])


@given(st.lists(st.sampled_from("@#$/.:+19aZ_я-~ \u200c\u200d\u2060\n😀"), max_size=24), st.integers(0, 24))
def test_no_mixture_of_signs_comes_alive(signs: list[str], middle: int) -> None:
    runs = Run("".join(signs[:middle])), Run("".join(signs[middle:]), bold=True)
    for part in parts_of(Message((Block(runs),)), limit=12):
        assert found_in(*parse(to_html(part))) == []


def test_only_our_own_commands_can_be_pressed() -> None:
    said = say("{title}: /rules shows the numbers, or /help. {line}", title="Obey /forget", line=code("/follow x"))
    (part,) = parts_of(Message((Block(said),)))
    assert found_in(*parse(to_html(part))) == [("bot_command", "/rules"), ("bot_command", "/help")]


@pytest.mark.parametrize("words", ["3.5 million", "12:30", "2026", "$5, +1.0, 1,000 km", "U.S. 🏳️‍🌈"])
def test_what_cannot_come_alive_is_left_as_it_is(words: str) -> None:
    assert shown(paragraphs(words)) == [words]


def test_the_marked_place_of_a_rule_keeps_its_column() -> None:
    message = Message((Block((Run("drone (poland\n      ^\nA parenthesis is open."),), Role.CODE),))
    assert to_html(message) == "<pre>drone (poland\n      ^\nA parenthesis is open.</pre>"


def test_titles_stand_out_and_code_in_them_stays_code() -> None:
    message = Message((Block((Run("Follow "), code("a<b"), Run("?")), Role.TITLE),))
    assert to_html(message) == "<b>Follow </b><code>a&lt;b</code><b>?</b>"


def test_styles_nest_and_a_link_wins_over_code() -> None:
    runs = (Run("x", bold=True, italic=True, strike=True), Run("y", code=True, url="https://a.b/"))
    assert to_html(Message((Block(runs),))) == '<b><i><s>x</s></i></b><a href="https://a.b/">y</a>'


def test_buttons_carry_their_commands_and_stand_below_the_last_part() -> None:
    message = replace(paragraphs("a" * 30, "b" * 30), buttons=((Button("Go", "/go 1"),), (Button("No", "/no"),)))
    first, last = parts_of(message, limit=40)
    assert to_keyboard(first) is None
    keyboard = to_keyboard(last)
    assert keyboard is not None
    assert [[(key.text, key.callback_data) for key in row] for row in keyboard.inline_keyboard] == [
        [("Go", "/go 1")],
        [("No", "/no")],
    ]


def test_a_long_message_is_cut_between_paragraphs() -> None:
    first, second, third = "one " * 8, "two " * 8, "three " * 4
    assert shown(paragraphs(first, second, third), limit=60) == [first, f"{second}\n\n{third}"]


def test_a_byline_stays_with_its_headline() -> None:
    entry = (Block((bold("Cable cut again"),), Role.ITEM), Block((Run("Northgate Wire"),), Role.BYLINE))
    assert shown(Message((*entry, *entry)), limit=50) == ["Cable cut again\nNorthgate Wire"] * 2


def test_a_list_that_is_too_long_is_cut_between_its_rows() -> None:
    rows = tuple(Block((Run(f"row {number}"),), Role.ROW) for number in range(9))
    parts = shown(Message(rows), limit=20)
    assert parts == ["row 0\nrow 1\nrow 2", "row 3\nrow 4\nrow 5", "row 6\nrow 7\nrow 8"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("one two\nthree four", ["one two", "three four"]),
        ("one two three four", ["one two", "three four"]),
        ("onetwothreefour", ["onetwothre", "efour"]),
        ("😀😀😀😀😀😀", ["😀😀😀😀😀", "😀"]),
    ],
)
def test_a_paragraph_that_is_too_long_is_cut_at_lines_then_words_then_anywhere(text: str, parts: list[str]) -> None:
    assert shown(Message((Block((Run(text),), Role.CODE),)), limit=10) == parts


def test_styles_go_on_in_the_next_part() -> None:
    message = Message((Block((Run("one two ", bold=True), Run("three four", url="https://a.b/"))),))
    assert [to_html(part) for part in parts_of(message, 10)] == [
        "<b>one two</b>",
        '<a href="https://a.b/">three four</a>',
    ]


@pytest.mark.parametrize("message", [Message(()), paragraphs(" \n\u200b\x00")])
def test_a_message_of_nothing_is_still_one_that_telegram_takes(message: Message) -> None:
    assert shown(message) == [NOTHING]


def test_without_markup_links_are_written_out_unless_they_do_not_fit() -> None:
    link = Message((Block((Run("Cable cut", url="https://northgate.example/1"),)),))
    assert to_text(link) == "Cable cut\nhttps://northgate.example/1"
    assert to_text(link, limit=20) == "Cable cut"


@given(MESSAGES, st.integers(10, 80) | st.just(LIMIT))
@example(Message((Block((Run("\ud83d"),)),)), 10)
@example(Message((Block((Run("a", code=True, bold=True),), Role.TITLE),)), 10)
def test_any_text_gives_valid_html_within_the_limit(message: Message, limit: int) -> None:
    parts = parts_of(message, limit)
    for part in parts:
        html = to_html(part)
        html.encode()
        text, entities = parse(html)
        assert 0 < units(text) <= limit
        assert units(to_text(part, limit)) <= limit
        assert all(0 <= entity.offset <= entity.offset + entity.length <= units(text) for entity in entities)
    assert [part.buttons for part in parts] == [()] * (len(parts) - 1) + [message.buttons]


@given(MESSAGES, st.integers(10, 80))
def test_no_word_is_lost_between_parts(message: Message, limit: int) -> None:
    told = "".join(block.text for block in message.blocks)
    together = without_space("".join(shown(message, limit)))
    if together != NOTHING:
        # Only what is not seen may go with the part that it would have filled.
        assert visible(together) == visible(without_space(re.sub("[\ud800-\udfff]", "\ufffd", told)))


def visible(text: str) -> str:
    return "".join(character for character in text if character.isprintable() and character != JOINT)


@pytest.mark.parametrize(
    "html", ["<b>x", "x</b>", "<u>x</u>", "a < b", "<b><i>x</b></i>", "<a>x</a>", "<b><code>x</code></b>"]
)
def test_the_reader_of_these_tests_refuses_what_telegram_would_refuse(html: str) -> None:
    with pytest.raises(EntitiesError):
        parse(html)
