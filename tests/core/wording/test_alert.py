import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.message.blocks import (
    Block,
    Button,
    Card,
    Message,
    Role,
    Run,
    bold,
    code,
    fits_button,
    plain,
    say,
    say_count,
    text_of,
)
from bot.core.model import Item, Level, Relevance, RuleId
from bot.core.wording.alert import Correction, alert, cut_at_word, extract, moment_ago, taken_back
from bot.core.wording.readership import Readership
from tests.builders import NOW, item, story


def test_a_sentence_has_its_places_filled_with_text_numbers_and_styled_runs() -> None:
    runs = say("Saved as rule {number}: {rule}.", number=1200, rule=code("drone"))
    assert runs == (Run("Saved as rule 1,200: "), Run("drone", code=True), Run("."))


def test_neighbours_of_one_style_are_one_run_and_empty_ones_are_none() -> None:
    assert say("{a}{b}{c}", a="x", b="", c=(Run("y"), bold("z"))) == (Run("xy"), bold("z"))


@pytest.mark.parametrize(("count", "said"), [(0, "0 alerts"), (1, "1 alert"), (2, "2 alerts"), (1500, "1,500 alerts")])
def test_numbers_of_things_have_their_plural(count: int, said: str) -> None:
    assert text_of(say_count(count, "{count} alert", "{count} alerts")) == said


def test_braces_in_what_outlets_write_stay_as_they_are() -> None:
    assert text_of(say("{title}", title="{rule} {0} {")) == "{rule} {0} {"


def test_a_button_refuses_a_command_that_telegram_could_not_carry() -> None:
    assert Button("More", "/" + "x" * 53)
    assert not fits_button("/" + "ж" * 27)
    with pytest.raises(ValueError, match="too many bytes"):
        Button("More", "/" + "ж" * 27)


def test_plain_text_keeps_paragraphs_lists_and_links_apart() -> None:
    message = Message(
        (
            Block((bold("Latest"),), Role.TITLE),
            Block((Run("Cable cut", bold=True, url="https://a.example/1"),), Role.ITEM),
            Block((Run("Northgate Wire"),), Role.BYLINE),
            Block((Run("Bridge shut"),), Role.ITEM),
        )
    )
    assert plain(message) == "Latest\n\nCable cut\nhttps://a.example/1\nNorthgate Wire\n\nBridge shut"


def test_an_alert_says_what_who_when_and_why() -> None:
    told = item(
        "Drones seen over Kestrel harbour",
        summary="Two patrol boats left port before dawn. A third followed at noon, Kestrel's mayor said on Sunday.",
        topics=("airspace", "military_posture"),
    )
    message = alert(story(told), number=2, rule_text="drone poland", words=("Drones", "Poland"), now=NOW)
    assert [block.role for block in message.blocks] == [Role.TITLE, Role.BYLINE, Role.BYLINE, Role.WHY, Role.EXTRACT]
    assert plain(message) == (
        "Drones seen over Kestrel harbour\n"
        f"{told.url}\n"
        "Northgate Wire · NATO's side · 10 min ago · airspace, military posture\n"
        "one source so far: Northgate Wire (NATO's side)\n"
        "Your rule 2: drone poland (Drones, Poland)\n"
        "Two patrol boats left port before dawn. A third followed at noon, Kestrel's mayor said on Sunday."
    )


def test_an_alert_in_a_language_that_the_chat_does_not_read_says_so_and_what_was_understood() -> None:
    told = item("Дроны над Кестрелом", outlet="ostrov", topics=("airspace",))
    readership = Readership(langs=("en",), facts=lambda _: "drones · Kestrel")
    message = alert(story(told), number=2, rule_text="drone", words=(), now=NOW, readership=readership)
    assert plain(message).splitlines()[2:4] == [
        "ru · drones · Kestrel (my reading)",
        "Ostrov (ru) · independent Russian · 10 min ago · airspace",
    ]
    assert message.card is not None
    assert message.card.author == "Ostrov (ru) · independent Russian"
    for langs in ((), ("en", "ru")):
        same = alert(story(told), number=2, rule_text="drone", words=(), now=NOW, readership=Readership(langs=langs))
        assert same == alert(story(told), number=2, rule_text="drone", words=(), now=NOW), langs


def test_a_correction_in_a_language_that_the_chat_does_not_read_is_marked() -> None:
    told = item("Дроны над Кестрелом", outlet="ostrov")
    readership = Readership(langs=("en",), facts=lambda _: "drones")
    named: dict[str, Any] = {"number": 1, "rule_text": "drone", "now": NOW, "readership": readership}
    back = taken_back(story(told), Correction(item=told, was="Нет дронов"), **named)
    assert "ru · drones (my reading)" in plain(back).splitlines()
    english = item("Drones over Kestrel")
    mended = alert(
        story(english, told), words=(), lead=english, corrections=[Correction(item=told, was="Нет дронов")], **named
    )
    assert "Ostrov (ru) wrote before: Нет дронов" in plain(mended).splitlines()


def test_an_alert_can_be_looked_into_muted_or_made_rarer_but_not_by_the_readers_of_a_channel() -> None:
    told = story(id_=999_999_999_999)
    rule = RuleId(999_999_999_999)
    into, less = alert(told, number=9999, rule=rule, rule_text="drone", words=(), now=NOW).buttons
    assert into == (Button("Who says what", "/story id:999999999999"), Button("Why", "/why id:999999999999"))
    assert less == (
        Button("Mute this story", "/mute story id:999999999999"),
        Button("Fewer like this", "/fewer 9999:999999999999 id:999999999999"),
    )
    assert fits_button(less[1].command)
    post = alert(told, number=9999, rule_text="drone", words=("Drones",), now=NOW, in_channel=True)
    assert post.buttons == ()
    assert not re.search("rule|drone$", plain(post)), "nor do they learn by whose rule it came"


def test_an_alert_for_a_rule_of_filters_alone_names_no_words() -> None:
    message = alert(story(), number=1, rule_text="side:russia", words=(), now=NOW)
    assert "Your rule 1: side:russia" in plain(message).splitlines()


def test_an_alert_says_who_tells_its_story() -> None:
    told = [item(outlet=outlet) for outlet in ("northgate", "volga", "volga", "dnipro", "westmark", "meridian")]
    lines = plain(alert(story(*told), number=1, rule_text="drone", words=(), now=NOW)).splitlines()
    assert "5 publishers: NATO 1 · West 1 · Russia 1 · Ukraine 1 · neutral 1 · both sides report" in lines


@pytest.mark.parametrize(
    ("level", "rises", "title"),
    [
        (Level.NORMAL, False, "Depot burns"),
        (Level.MAJOR, False, "Major · Depot burns"),
        (Level.MAJOR, True, "Now major · Depot burns"),
        (Level.BREAKING, False, "Breaking · Depot burns"),
        (Level.BREAKING, True, "Now breaking · Depot burns"),
    ],
)
def test_an_alert_says_first_how_loud_its_story_is(level: Level, rises: bool, title: str) -> None:
    told = story(item("Depot burns"), level=level)
    message = alert(told, number=1, rule_text="depot", words=(), now=NOW, rises=rises)
    assert message.blocks[0].text == title


def test_a_rise_repeats_no_counts_and_few_buttons() -> None:
    """It is not edited again; what changes stands in the first message, to which it replies."""
    told = story(item("Depot burns"), item("Depot in flames", outlet="volga"), level=Level.MAJOR)
    message = alert(told, number=1, rule_text="depot", words=("Depot",), now=NOW, rises=True)
    assert plain(message).splitlines()[2:] == [
        "Northgate Wire · NATO's side · 10 min ago",
        "Your rule 1: depot (Depot)",
    ]
    assert [[button.label for button in row] for row in message.buttons] == [["Who says what", "Why"]]


def corrected(lead: Item, *corrections: tuple[Item, str]) -> list[Block]:
    """What an alert says of corrections, block by block."""
    told = story(*dict.fromkeys([lead, *(each for each, _ in corrections)]))
    was = [Correction(item=each, was=title) for each, title in corrections]
    message = alert(told, number=1, rule_text="depot", words=(), now=NOW, lead=lead, corrections=was)
    return [block for block in message.blocks if block.role is Role.CORRECTION]


def test_an_alert_shows_what_it_said_before_struck_through() -> None:
    lead = item("Depot did not burn")
    (block,) = corrected(lead, (lead, "Depot burns"))
    assert block.text == "Before: Depot burns"
    assert Run("Depot burns", strike=True) in block.runs


def test_an_alert_headed_by_one_report_says_what_another_wrote_before_and_writes_now() -> None:
    lead, other = item("Depot burns"), item("Depot did not burn", outlet="volga")
    before, now = corrected(lead, (other, "Depot burns down"))
    assert before.text == "Volga Courier wrote before: Depot burns down"
    assert now.text == "Volga Courier writes now: Depot did not burn"
    assert Run("Depot did not burn", url=other.url) in now.runs


def test_an_alert_says_who_has_withdrawn_what() -> None:
    (block,) = corrected(item("Depot burns"), (item("Article removed", outlet="volga"), "Depot burns down"))
    assert block.text == "Volga Courier has withdrawn: Depot burns down"


def test_an_alert_shows_the_newest_corrections_that_it_has_room_for() -> None:
    many = [(item(f"Article removed {n}", outlet="volga"), f"Depot {n} burns") for n in range(5)]
    assert [block.text[-13:] for block in corrected(item("Depot burns"), *many)] == [
        "Depot 2 burns",
        "Depot 3 burns",
        "Depot 4 burns",
    ]


@pytest.mark.parametrize(
    ("others", "tellers"),
    [
        (("Depot burns", "Depot on fire"), "2 publishers: NATO 1 · Russia 1"),
        (("Depot burns",), "one source so far: Northgate Wire (NATO's side)"),
        ((), "withdrawn, and nobody else reports it"),
    ],
)
def test_who_has_withdrawn_a_report_is_not_counted_among_those_who_tell(others: tuple[str, ...], tellers: str) -> None:
    gone = item("This article has been withdrawn", outlet="westmark")
    told = [item(title, outlet=outlet) for title, outlet in zip(others, ("northgate", "volga"), strict=False)]
    message = alert(story(gone, *told), number=1, rule_text="depot", words=(), now=NOW)
    assert [block.text for block in message.blocks if block.role is Role.BYLINE][-1].startswith(tellers)


def test_an_alert_can_be_told_by_another_report_than_the_first() -> None:
    first, best = item("What we know"), item("Depot burns", outlet="volga")
    message = alert(story(first, best), number=1, rule_text="depot", words=(), now=NOW, lead=best)
    assert message.blocks[0].text == "Depot burns"
    assert message.card is not None
    assert message.card.author == "Volga Courier · Russia's side"


def test_an_item_without_a_link_is_a_headline_all_the_same() -> None:
    message = alert(story(item("Cable cut", url=None)), number=1, rule_text="cable", words=("Cable",), now=NOW)
    assert plain(message).startswith("Cable cut\nNorthgate Wire")


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=-30), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 min ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=7), "7 days ago"),
        (timedelta(days=20), "2 Nov 2026"),
    ],
)
def test_ages_are_said_in_one_unit(passed: timedelta, said: str) -> None:
    assert moment_ago(NOW - passed, NOW) == said


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Drones seen over Kestrel harbour", ""),
        ("Drones seen over Kestrel harbour", "Drones seen over Kestrel harbour"),
        ("Drones seen over Kestrel harbour", "Drones were seen over the harbour of Kestrel."),
        ("Drones seen over Kestrel harbour", "Drones seen over Kestrel harbour. Read more."),
    ],
)
def test_an_extract_that_only_says_the_title_again_is_left_out(title: str, summary: str) -> None:
    assert extract(item(title, summary=summary)) == ""


@pytest.mark.parametrize(
    ("summary", "taken"),
    [
        (
            "The U.S. envoy met Gen. Orel in Varn on Monday to speak about the cables on the sea bed. More followed.",
            "The U.S. envoy met Gen. Orel in Varn on Monday to speak about the cables on the sea bed.",
        ),
        (
            "«Мы ответим.» Так сказал посол в интервью газете, которое вышло в понедельник утром. Потом он уехал.",
            "«Мы ответим.» Так сказал посол в интервью газете, которое вышло в понедельник утром.",
        ),
        ("The pact names NATO. It was signed in Varn.", "The pact names NATO. It was signed in Varn."),
    ],
)
def test_an_extract_ends_with_a_sentence(summary: str, taken: str) -> None:
    assert extract(item("Harbour closed", summary=summary)) == taken


def test_a_long_sentence_is_cut_at_a_word() -> None:
    taken = extract(item("Harbour closed", summary="two grey boats left port on patrol " * 9))
    assert taken.endswith(("patrol…", "port…", "on…", "boats…", "grey…", "left…", "two…"))
    assert len(taken) <= 240


@given(st.text(alphabet="ab ,ж", max_size=80), st.integers(2, 60))
def test_a_cut_keeps_its_limit_and_begins_as_the_text_does(text: str, limit: int) -> None:
    cut = cut_at_word(text, limit)
    assert len(cut) <= limit
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


def test_an_alert_for_related_news_reads_alike() -> None:
    told = story(item("Depot burns", relevance=Relevance.RELATED))
    assert plain(alert(told, number=3, rule_text="depot", words=("Depot",), now=NOW)).startswith("Depot burns")


def test_an_alert_can_be_drawn_as_a_card() -> None:
    told = story(item("Depot burns", outlet="volga"), topics=("air_defence", "drones"), level=Level.MAJOR)
    message = alert(told, number=1, rule_text="depot", words=("Depot",), now=NOW)
    assert message.card == Card(
        author="Volga Courier · Russia's side",
        topics="air defence, drones",
        moment=NOW - timedelta(minutes=10),
        level=Level.MAJOR,
    )
