"""What a rule with a misspelt word may have meant."""

import pytest

from bot.core.rules.aliases import aliases_of
from bot.core.rules.rule import parse_rule
from bot.core.rules.suggest import likely_rule, words_printed

NAMES = aliases_of({"places": [["Kestrel", "Кестрел"], ["Port Varnholm", "Варнхольм"]]})
PRINTED = words_printed("Tankers held off Kestrel\nA tanker is freed\nBarrages in the night ")


@pytest.mark.parametrize(
    ("rule", "meant"),
    [
        ("kestrrel", "kestrel"),
        ("drone -varnhlom", "drone -varnholm"),
        ("кестрле OR drone", "кестрел OR drone"),
        ("title:tanekr", "title:tanker"),
        ("kestrel", None),  # a name
        ("port", None),
        ("tanker", None),  # printed
        ("barrage", None),  # in another form
        ("garage", None),  # another word
        ("weather", None),
        ('"kestrrel"', None),  # in quotes it is meant so
        ("kestrrel*", None),
    ],
)
def test_a_word_that_nobody_prints_is_asked_about_if_another_is_near(rule: str, meant: str | None) -> None:
    found = likely_rule(parse_rule(rule), NAMES, PRINTED)
    assert (str(found) if found else None) == meant


def test_what_others_print_once_in_a_while_is_asked_about_where_another_word_is_everywhere() -> None:
    rare, often = "dronne", "drone " * 29
    assert likely_rule(parse_rule("dronne"), NAMES, words_printed(f"{rare} {often}")) is None
    assert str(likely_rule(parse_rule("dronne"), NAMES, words_printed(f"{rare} {often} drone"))) == "drone"
