from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import COMMANDS
from bot.commands.framework.arguments import divided, read_arguments, to_request
from bot.commands.framework.command import Command
from bot.core.rules.operators import RuleVocabulary
from bot.core.rules.rule import parse_rule
from bot.errors import RuleError, UsageError
from tests import builders

TABLE = {command.name: command for command in COMMANDS}
NOTHING_KNOWN = RuleVocabulary()


def row(name: str) -> Command:
    return TABLE[name]


@pytest.mark.parametrize(
    ("line", "command", "arguments"),
    [
        ("/latest", "latest", ""),
        ("  /Latest   5 drone ", "latest", "5 drone"),
        ("/search “air space” – football", "search", "“air space” – football"),
        ("/ latest 5", "latest", "5"),
        ("/follow\ndrone", "follow", "drone"),
        ("hello there", "", "hello there"),
        ("/", "", "/"),
        ("", "", ""),
    ],
)
def test_a_line_is_a_command_and_what_stands_behind_it(line: str, command: str, arguments: str) -> None:
    request = to_request(builders.chat(), line)
    assert (request.command, request.arguments) == (command, arguments)


@pytest.mark.parametrize(
    ("name", "text", "texts"),
    [
        ("latest", "", {"n": "", "rule": ""}),
        ("latest", "10", {"n": "10", "rule": ""}),
        ("latest", "drone poland", {"n": "", "rule": "drone poland"}),
        ("latest", "10 drone poland", {"n": "10", "rule": "drone poland"}),
        ("latest", "10drone", {"n": "", "rule": "10drone"}),
        ("latest", '"10" drone', {"n": "", "rule": '"10" drone'}),
        ("search", "drone poland 3d", {"rule": "drone poland", "period": "3d"}),
        ("search", "drone 2 weeks", {"rule": "drone", "period": "2 weeks"}),
        ("search", "7d", {"rule": "7d", "period": ""}),
        ("summary", "", {"period": "", "rule": ""}),
        ("summary", "12h", {"period": "12h", "rule": ""}),
        ("summary", "2 days drone 7", {"period": "2 days", "rule": "drone 7"}),
        ("summary", "drone poland 12h", {"period": "12h", "rule": "drone poland"}),
        ("summary", "3dogs", {"period": "", "rule": "3dogs"}),
        ("search", '"air  space" -x', {"rule": '"air  space" -x', "period": ""}),
        ("unfollow", "#2", {"number": "2"}),
        ("unfollow", "2.", {"number": "2"}),
        ("help", "/Follow", {"command": "follow"}),
        ("wider", "ON", {"switch": "on"}),
        ("sources", "flank post", {"word": "flank post"}),
        ("pause", "1 day 2 hours", {"duration": "1 day 2 hours"}),
        ("mute", "story 17", {"story": "17", "words": "", "duration": ""}),
        ("mute", "Story #17 3d", {"story": "17", "words": "", "duration": "3d"}),
        ("mute", "story telling 3d", {"story": "", "words": "story telling", "duration": "3d"}),
        ("mute", "17 drones", {"story": "", "words": "17 drones", "duration": ""}),
        ("mute", "3d", {"story": "", "words": "", "duration": "3d"}),
        ("mute", "story", {"story": "story", "words": "", "duration": ""}),
        ("mute", "story 2h", {"story": "story", "words": "", "duration": "2h"}),
        ("mute", "story на неделю", {"story": "story", "words": "", "duration": "на неделю"}),
        ("mute", '"story"', {"story": "", "words": '"story"', "duration": ""}),
        ("mute", "football forever", {"story": "", "words": "football", "duration": "forever"}),
        ("mute", "russia today", {"story": "", "words": "russia today", "duration": ""}),
        ("search", "drone yesterday", {"rule": "drone", "period": "yesterday"}),
        ("search", "drone 1 fortnight", {"rule": "drone", "period": "1 fortnight"}),
        ("summary", "drone since yesterday", {"period": "since yesterday", "rule": "drone"}),
        ("mute", "дрон 3 дня", {"story": "", "words": "дрон", "duration": "3 дня"}),
        ("search", "diamonds forever", {"rule": "diamonds forever", "period": ""}),
        ("summary", "yesterday", {"period": "yesterday", "rule": ""}),
        ("summary", "за неделю", {"period": "за неделю", "rule": ""}),
        ("summary", "7 дней польша", {"period": "7 дней", "rule": "польша"}),
        ("summary", "week", {"period": "week", "rule": ""}),
        ("tension", "7 days", {"period": "7 days"}),
        ("level", "2 major", {"level": "major", "number": "2"}),
    ],
)
def test_text_is_divided_among_the_params_of_a_row(name: str, text: str, texts: dict[str, str]) -> None:
    assert divided(row(name).params, text) == texts


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("unfollow", "", "/unfollow needs the number that /rules shows."),
        ("unfollow", "drone", "“drone” isn't a number."),
        ("unfollow", "0", "The number must be between 1 and 9,999."),
        ("latest", "-3", "The number must be between 1 and 20."),
        ("latest", "-3 drone", "The number must be between 1 and 20."),
        ("unfollow", "-3", "The number must be between 1 and 9,999."),
        ("latest", "21", "The number must be between 1 and 20."),
        ("latest", "2024 election", "The number must be between 1 and 20."),
        ("pause", "tomorrow", "“tomorrow” isn't a length of time. Try 30 min, 2h, 7d or 1 week."),
        ("pause", "400d", "“400d” is too long; the maximum is a year."),
        ("wider", "maybe", "“maybe” isn't one of these: on, off."),
        ("rules", "please", "I don't know what “please” means here."),
        ("level", "loud", "“loud” isn't one of these: all, major, breaking."),
        ("level", "major two", "“two” isn't a number."),
        ("summary", "30d", "“30d” is too long; the maximum is 7 days."),
        ("summary", "400d", "“400d” is too long; the maximum is 7 days."),
        ("tension", "2 months", "“2 months” is too long; the maximum is 30 days."),
        ("missed", "forever", "“forever” isn't a length of time. Try 30 min, 2h, 7d or 1 week."),
        ("pause", "yesterday", "“yesterday” isn't a length of time. Try 30 min, 2h, 7d or 1 week."),
        (
            "mute",
            "football -3d",
            "“-3d” isn't a length of time: drop the minus, or put the words in quotes to leave them out.",
        ),
        ("story", "1 2", "I don't know what “2” means here."),
        ("unfollow", "1 2", "I don't know what “2” means here."),
        ("follow", "drone 3d", "“3d” looks like a length of time; /follow takes none. In quotes it is a word."),
        ("follow", "3d", "“3d” looks like a length of time; /follow takes none. In quotes it is a word."),
        (
            "latest",
            "3 drone 2 weeks",
            "“2 weeks” looks like a length of time; /latest takes none. In quotes it is a word.",
        ),
        ("search", "7d", "“7d” looks like a length of time; /search needs words as well. In quotes it is a word."),
        *(
            (
                name,
                f"drone {text}",
                f"“{text}” isn't a length of time that I can read. "
                "Say 30 min, 2h, 7d or 1 week; in quotes it is a word.",
            )
            for name, text in (
                ("mute", "until tomorrow"),
                ("mute", "tomorrow"),
                ("mute", "yesterday"),
                ("mute", "до пятницы"),
                ("search", "0d"),
                ("search", "1.5 hours"),
                ("search", "2 days ago"),
                ("search", "since last Monday"),
                ("follow", "until Friday"),
            )
        ),
        ("follow", "  ", "/follow needs a rule."),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(name: str, text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_arguments(row(name), text, NOTHING_KNOWN)
    assert str(raised.value) == sentence


def test_values_have_their_types() -> None:
    latest = read_arguments(row("latest"), "7 drone", NOTHING_KNOWN)
    search = read_arguments(row("search"), "drone 3d", NOTHING_KNOWN)
    assert latest == {"n": 7, "rule": parse_rule("drone")}
    assert search == {"rule": parse_rule("drone"), "period": timedelta(days=3)}


def test_platforms_with_typed_options_give_one_text_a_param() -> None:
    read = read_arguments(row("latest"), {"rule": "10 drones"}, NOTHING_KNOWN)
    assert read == {"rule": parse_rule("10 drones")}
    with pytest.raises(UsageError, match="isn't one of these"):
        read_arguments(row("wider"), {"switch": "maybe"}, NOTHING_KNOWN)


@pytest.mark.parametrize(
    ("name", "options"),
    [("mute", {"words": "football 3d", "duration": "2d"}), ("search", {"rule": "drone 3d", "period": "2d"})],
)
def test_a_length_in_the_words_and_one_of_its_own_are_too_many(name: str, options: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="Two lengths of time are given, “3d” and “2d”"):
        read_arguments(row(name), options, NOTHING_KNOWN)


def test_an_option_of_words_alone_is_questioned_for_its_length_as_well() -> None:
    with pytest.raises(UsageError, match="/latest takes none"):
        read_arguments(row("latest"), {"n": "3", "rule": "drone 3d"}, NOTHING_KNOWN)


@pytest.mark.parametrize(
    "words", ['"3d"', '"until tomorrow"', "3d printing", "russia today", "talks tomorrow", "0-day"]
)
def test_quoted_lengths_and_names_like_them_are_words(words: str) -> None:
    assert read_arguments(row("follow"), words, NOTHING_KNOWN)["rule"]


def test_a_faulty_rule_is_a_rule_error() -> None:
    with pytest.raises(RuleError):
        read_arguments(row("latest"), "5 (drone", NOTHING_KNOWN)


@given(st.sampled_from(COMMANDS), st.text(max_size=60))
def test_any_text_is_read_or_refused_on_purpose(command: Command, text: str) -> None:
    with suppress(UsageError, RuleError):
        read_arguments(command, text, NOTHING_KNOWN)
