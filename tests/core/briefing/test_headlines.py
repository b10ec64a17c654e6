import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.briefing.headlines import best_told
from bot.core.model import PublisherKind
from tests.builders import OUTLETS, item

REPORT = "Russian drones cross into Kestrel from the sea"


@pytest.mark.parametrize(
    "worse",
    [
        "Russian drones never entered Kestrel airspace, Moscow says",
        "Moscow denies that drones entered Kestrel",
        "Reports of drones over Kestrel are fake, Moscow says",
        "Did Russian drones cross into Kestrel tonight?",
        "Live: Russian drones over Kestrel and what comes next",
        "What we know about the drones over Kestrel",
        "Opinion: Kestrel has itself to blame for the drones",
    ],
)
def test_a_report_goes_before_its_denial_a_question_and_a_round_up(worse: str) -> None:
    earlier, report = item(worse, outlet="volga"), item(REPORT, outlet="westmark")
    assert best_told((earlier, report)).title == REPORT
    assert best_told((report, earlier)).title == REPORT


def test_russian_denials_go_after_reports_too() -> None:
    report = item("Российские дроны вошли в небо над Кестрелом", outlet="ostrov")
    for denial in ("Москва отрицает, что дроны вошли в небо Кестрела", "Дроны России не входили в небо над Кестрелом"):
        assert best_told((item(denial, outlet="volga-ru"), report)) == report


def test_of_reports_the_readers_language_goes_first_and_then_the_first() -> None:
    russian = item(
        "Российские дроны вошли в небо над Кестрелом", outlet="ostrov", ago=item().first_seen - item().published
    )
    first, second = item(REPORT, outlet="volga"), item("Drones from Russia cross into Kestrel", outlet="westmark")
    assert best_told((russian, second, first)) in (first, second)
    assert best_told((russian,)) == russian


def test_where_all_deny_the_first_denial_is_told() -> None:
    denials = [item(f"No drones over Kestrel today, {who} says", outlet="volga") for who in ("army", "port")]
    assert best_told(denials) == denials[0]


@given(st.permutations(sorted(OUTLETS)), st.sampled_from(PublisherKind))
def test_who_wrote_it_never_matters(outlets: list[str], kind: PublisherKind) -> None:
    denial = "Moscow denies that drones entered Kestrel"
    told = [
        item(denial if n % 2 else REPORT, outlet=outlet, lang="en", publisher_kind=kind)
        for n, outlet in enumerate(outlets)
    ]
    assert best_told(told).title == REPORT
