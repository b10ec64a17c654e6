import re
from dataclasses import replace
from datetime import timedelta

import pytest
from discord import ButtonStyle, ui
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.message.blocks import Block, Button, Message, Role, Run, bold, code, join_blocks
from bot.core.message.splitting import NOTHING
from bot.core.model import Level
from bot.core.wording.alert import alert
from bot.platforms.discord.markdown import address_of, cut, escaped, markdown_of, markdown_of_runs
from bot.platforms.discord.markup import EmbedPart, parts_for, to_view
from tests.builders import NOW, item, story
from tests.platforms.discord.text import read

HOSTILE = (
    "**bold** *it* _u_ __u__ ~~s~~ `c` ```x``` ||spoiler||",
    "[free money](https://evil.example)",
    "<@12345> <@&12345> <#12345> <t:1700000000> </follow:12345> <:smile:12345>",
    "@everyone and @here",
    "_@everyone a@here 7@everyone @@here \\@everyone",
    "https://evil.example/x discord.gg/abcdef HTTPS://EVIL.EXAMPLE",
    "discordapp.com/invite/abc Discord.com/invite/abc www.discordapp.com/invite/abc discord.gift/abc discord.new/abc",
    "# heading",
    "-# small",
    "> quote",
    "- item",
    "1. first",
    "+ plus",
    "\\",
    "\\*",
    "`",
    "``",
    "a`b",
    "*",
    "**",
    "_",
    "😀" * 30,
    "\ud83d",
    "a\x00b",
    " ",
    "\n",
    "\u200c",
    ")",
    "](",
    "](https://x)",
)
TEXTS = st.text(max_size=30) | st.sampled_from(HOSTILE)
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
BUTTONS = st.lists(
    st.lists(st.builds(Button, TEXTS, st.integers(1, 60).map("/go {}".format)), min_size=1, max_size=7).map(tuple),
    max_size=8,
).map(tuple)
CARDS = st.none() | st.builds(
    lambda level, author: replace(
        alert(story(level=level), number=1, rule_text="x", words=(), now=NOW).card, author=author
    ),  # type: ignore[type-var]
    st.sampled_from(Level),
    TEXTS,
)
MESSAGES = st.builds(Message, st.lists(BLOCKS, max_size=5).map(tuple), BUTTONS, STYLES, CARDS)


def visible(text: str) -> str:
    """What is seen of a text, however it is broken into lines and whatever cannot be sent."""
    return re.sub(r"[\s\x00-\x1f\x7f\u200b]+", "", re.sub("[\ud800-\udfff]", "\ufffd", text))


def words_of(part: EmbedPart) -> str:
    """All that is seen of a part."""
    embed = part.embed
    fields = [field.value or "" for field in embed.fields]
    return " ".join(read(text).text for text in (embed.title or "", embed.description or "", *fields))


def count(part: EmbedPart) -> int:
    """As Discord counts an embed, in UTF-16 units to be safe."""
    embed = part.embed
    texts = [embed.title or "", embed.description or "", embed.author.name or ""]
    texts += [text or "" for field in embed.fields for text in (field.name, field.value)]
    return sum(len(text.encode("utf-16-le")) // 2 for text in texts)


def length(text: str | None) -> int:
    return len((text or "").encode("utf-16-le")) // 2


def view_of(part: EmbedPart) -> ui.View:
    return to_view(part, lambda button: button.command)


@given(TEXTS)
@example("1. one\n2. two")
def test_any_text_reads_as_it_was_written_and_nothing_in_it_is_alive(text: str) -> None:
    shown = read(escaped(text))
    assert shown.text == text.replace("\u200b", "")
    assert (shown.alive, shown.links, shown.styles) == ([], [], [])


@given(st.lists(BLOCKS, max_size=4))
def test_blocks_read_as_they_were_written_with_no_links_but_their_own(blocks: list[Block]) -> None:
    shown = read(markdown_of(blocks))
    assert visible(shown.text) == visible(join_blocks(tuple((block.role, block.text) for block in blocks)))
    assert shown.alive == []
    meant = {address_of(run.url) for block in blocks for run in block.runs if run.url}
    assert {url for _, url in shown.links} <= meant


@given(MESSAGES)
@example(Message((Block((Run("\ud83d"),), Role.TITLE),)))
def test_any_message_keeps_within_all_limits(message: Message) -> None:
    for part in parts_for(message):
        embed = part.embed
        assert length(embed.title) <= 256
        assert length(embed.description) <= 4096
        assert length(embed.author.name) <= 256
        assert all(0 < length(field.value) <= 1024 and 0 < length(field.name) <= 256 for field in embed.fields)
        assert 0 < count(part) <= 6000
        assert visible(words_of(part))
        assert 0 < length(part.plain) <= 2000
        assert len(part.rows) <= 5
        assert all(0 < len(row) <= 5 for row in part.rows)
        str(embed.to_dict()).encode()


@settings(deadline=None)
@given(st.lists(BLOCKS, max_size=5), st.integers(1, 60))
def test_no_word_of_a_long_answer_is_lost(blocks: list[Block], times: int) -> None:
    long = tuple(replace(block, runs=block.runs * times) for block in blocks)
    message = Message(long)
    assert all(length(part.embed.description) <= 4096 for part in parts_for(message))
    told = visible("".join(block.text for block in long))
    shown = visible("".join(words_of(part) for part in parts_for(message)))
    seen = [character for character in told if character.isprintable()]
    assert shown == visible(NOTHING) or [c for c in shown if c.isprintable()] == seen


@given(BUTTONS)
def test_each_command_has_one_button_and_none_is_lost(rows: tuple[tuple[Button, ...], ...]) -> None:
    parts = parts_for(Message((Block((Run("Rules"),)),), rows))
    kept = [button.command for part in parts for row in part.rows for button in row]
    assert kept == list(dict.fromkeys(button.command for row in rows for button in row))


def test_an_alert_stands_as_people_expect_it() -> None:
    told = story(
        item(
            "Cable *cut* [here](https://evil.example)",
            url="https://northgate.example/?a=1&b=(2)",
            summary="Divers found both ends a mile apart on Monday, said the harbour master of Kestrel.",
        ),
        item("Cable cut", outlet="volga"),
        topics=("undersea_cables",),
        level=Level.BREAKING,
    )
    message = alert(told, number=2, rule_text='cable "air space"', words=("Cable",), now=NOW)
    (part,) = parts_for(message)
    embed = part.embed
    assert read(embed.title or "").text == "Breaking · Cable *cut* [here](https://evil.example)"
    assert read(embed.title or "").links == []
    assert embed.url == "https://northgate.example/?a=1&b=%282%29"
    assert embed.author.name == "Northgate Wire · NATO's side"
    assert embed.timestamp == NOW - timedelta(minutes=10)
    assert embed.description == "*Divers found both ends a mile apart on Monday, said the harbour master of Kestrel.*"
    assert [(field.name, field.value) for field in embed.fields] == [
        ("Told by", "2 publishers: NATO 1 · Russia 1 · both sides report"),
        ("Why", 'Your rule 2: `cable "air space"` \\(Cable\\)'),
        ("Topic", "undersea cables"),
    ]


def test_levels_differ_in_colour_and_sides_do_not() -> None:
    def colour(level: Level, outlet: str) -> object:
        told = story(item(outlet=outlet), level=level)
        return parts_for(alert(told, number=1, rule_text="x", words=(), now=NOW))[0].embed.colour

    assert len({colour(level, "volga") for level in Level}) == len(Level)
    assert colour(Level.MAJOR, "volga") == colour(Level.MAJOR, "northgate")


def test_a_long_answer_takes_no_more_messages_than_it_needs() -> None:
    lengths = [length(part.embed.description) for part in parts_for(Message((Block((Run("word " * 4000),)),)))]
    assert all(4000 <= each <= 4096 for each in lengths[:-1])
    assert len(lengths) == 5


def test_an_alert_of_extremes_is_one_message_within_the_limits() -> None:
    told = story(
        item("*" * 1000, summary="word " * 2000, source_name="N" * 400),
        *[item(outlet=f"o{n}" * 90) for n in range(9)],
        topics=tuple(f"topic_{n}" * 20 for n in range(40)),
    )
    message = alert(told, number=1, rule_text="r" * 3000, words=("w" * 500,), now=NOW)
    (part,) = parts_for(replace(message, blocks=(*message.blocks, Block((Run("*" * 9000),)))))
    assert count(part) <= 6000
    assert length(part.embed.title) in range(250, 257)


def test_an_answer_has_its_title_above_and_the_rest_below() -> None:
    blocks = (
        Block((Run("Follow "), code("a*b"), Run("?")), Role.TITLE),
        Block((Run("For example:"),), Role.HEADING),
        Block((bold("Cable cut"), Run(" on Monday")), Role.ITEM),
        Block((Run("Northgate Wire"),), Role.BYLINE),
    )
    (part,) = parts_for(Message(blocks))
    assert part.embed.title == "Follow `a*b`?"
    assert part.embed.description == "**For example:**\n\n**Cable cut** on Monday\nNorthgate Wire"


def test_a_title_that_is_too_long_for_its_place_is_not_cut() -> None:
    (part,) = parts_for(Message((Block((Run("word " * 100),), Role.TITLE),)))
    assert part.embed.title is None
    assert read(part.embed.description or "").text.strip() == ("word " * 100).strip()


def test_the_marked_place_of_a_rule_keeps_its_column() -> None:
    (part,) = parts_for(Message((Block((Run("drone (poland\n      ^\nIs open."),), Role.CODE),)))
    assert part.embed.description == "```\ndrone (poland\n      ^\nIs open.\n```"


def test_code_with_ticks_in_it_reads_as_it_stands() -> None:
    for text in ("a`b", "`a`", "``", "a```b"):
        assert read(markdown_of_runs([code(text)])).styled("code") == [text]


def test_styles_side_by_side_stay_apart() -> None:
    runs = [Run("a", italic=True), bold("b"), code("c"), code("d"), Run("e", strike=True)]
    shown = read(markdown_of_runs(runs))
    assert shown.text == "abcde"
    assert shown.styles == [("italic", "a"), ("bold", "b"), ("code", "c"), ("code", "d"), ("strike", "e")]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "ftp://a.example",
        "https://[",
        "https://a.example/" + "x" * 3000,
    ],
)
def test_what_is_no_address_is_no_link(url: str) -> None:
    (part,) = parts_for(Message((Block((Run("Cable", url=url),)),)))
    assert part.embed.description == "Cable"


@pytest.mark.parametrize("message", [Message(()), Message((Block((Run(" \n\u200c\x00"),)),))])
def test_a_message_of_nothing_is_still_one_that_discord_takes(message: Message) -> None:
    (part,) = parts_for(message)
    assert part.embed.description == NOTHING


def test_buttons_stand_in_the_rows_they_were_given_and_below_the_last_part() -> None:
    rows = ((Button("Follow", "/confirm 1"), Button("Cancel", "/cancel 1")), (Button("x" * 100, "/help"),))
    parts = parts_for(Message((Block((Run("word " * 2000),)),), rows))
    assert [len(part.rows) for part in parts] == [0, 0, 2]
    components = view_of(parts[-1]).to_components()
    assert [[each["custom_id"] for each in row["components"]] for row in components] == [
        ["/confirm 1", "/cancel 1"],
        ["/help"],
    ]
    (wide,) = components[1]["components"]
    assert len(wide["label"]) == 80
    assert wide["style"] == ButtonStyle.secondary.value


async def test_the_library_keeps_no_view_of_ours() -> None:
    (part,) = parts_for(Message((), ((Button("Go", "/go"),),)))
    assert view_of(part).is_finished()


@given(st.text(max_size=40), st.integers(1, 30))
def test_what_is_cut_fits_and_says_so(text: str, limit: int) -> None:
    short = cut(text, limit, len)
    assert len(short) <= limit
    assert short == text or short.endswith("…")
