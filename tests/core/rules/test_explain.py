import pytest

from bot.core.model import LONE, Level, StoryCoverage
from bot.core.rules.aliases import aliases_of
from bot.core.rules.explain import How, Reason, reasons_for
from bot.core.rules.rule import parse_rule
from tests.builders import item

ALIASES = aliases_of({"places": [["Kestrel", "Kestrelian", "Кестрел"]], "alliances": [["NATO", "НАТО"]]})
REPORT = item("Kestrelian jets follow drones", summary="НАТО exercises went on over the Nord Sound.")


def reasons(rule: str, standing: StoryCoverage = LONE) -> list[tuple[How, str, str]]:
    found = reasons_for(parse_rule(rule), REPORT, standing, ALIASES)
    return [(reason.how, reason.asked, reason.found) for reason in found]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("drones", (How.SAME, "drones", "drones")),
        ("drone", (How.FORM, "drone", "drones")),
        ("kestrel", (How.NAME, "Kestrel", "Kestrelian")),
        ("nato", (How.NAME, "NATO", "НАТО")),
        ("exercis*", (How.BEGINNING, "exercis", "exercises")),
        ('"nord sound"', (How.SAME, "nord sound", "Nord Sound")),
        ("title:jet", (How.FORM, "jet", "jets")),
        ("side:nato", (How.FIELD, "labelled NATO's side", "")),
    ],
)
def test_a_term_is_explained_by_the_words_that_it_was_found_by(rule: str, reason: tuple[How, str, str]) -> None:
    assert reasons(rule) == [reason]


def test_of_alternatives_only_those_are_told_that_hold_and_nothing_of_what_is_left_out() -> None:
    found = reasons("(tanker OR drone OR (jet football)) kestrel -golf")
    assert [asked for _, asked, _ in found] == ["drone", "Kestrel"]


def test_a_rule_that_does_not_hold_has_no_reasons() -> None:
    assert reasons("drone tanker") == []
    assert reasons("drone level:major") == []


def test_the_standing_of_the_story_is_a_reason() -> None:
    found = reasons("level:major sources>=2", StoryCoverage(level=Level.BREAKING, publishers=3))
    assert [asked for _, asked, _ in found] == ["major or breaking", "told by at least 2 publishers"]


def test_a_reason_is_told_once() -> None:
    assert reasons_for(parse_rule("drone OR (drone jet)"), REPORT, LONE, ALIASES) == (
        Reason(how=How.FORM, asked="drone", found="drones"),
        Reason(how=How.FORM, asked="jet", found="jets"),
    )
