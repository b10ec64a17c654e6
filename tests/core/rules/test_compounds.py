"""Compounds in one word or two, designations in either alphabet, long numbers."""

import pytest

from bot.core.model import LONE, RuleId
from bot.core.rules.aliases import NO_ALIASES
from bot.core.rules.explain import How, reasons_for
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from tests.builders import item


def finds(rule: str, title: str) -> bool:
    index = RuleIndex()
    index.add(RuleId(1), parse_rule(rule))
    return bool(list(index.matches(item(title, lang="ru" if "а" <= title[-1] <= "я" else "en"))))


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("airspace", "Jets enter the air space of Varn"),
        ("air space", "Airspace of Varn closed"),
        ("air-space", "Airspace of Varn closed"),
        ("air space varn", "Varn closes its airspace"),
        ("counterattack", "A counter-attack at Varn"),
        ("cyber attack OR tanker", "Cyberattacks on Varn"),
        ("title:airspace", "Air space closed"),
        ("кибератака", "Новые кибер-атаки"),
        ("F-35", "Two F 35 jets"),
        ("F 35", "Two F-35 jets"),
        ("F-35", "Two F–35 jets"),
        ("T-90", "Колонна Т 90 близко"),
        ("С-300", "A C-300 battery"),
        ("Kh-101", "Сбиты Х-101 ночью"),
        ("Х-101", "An X-101 shot down"),
        ("10 000", "10,000 soldiers leave"),
        ("10000", "10 000 soldiers leave"),
    ],
)
def test_a_word_is_found_however_it_is_put_together(rule: str, title: str) -> None:
    assert finds(rule, title)


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("airspace", "Air travel needs more space"),
        ("air space varn", "Airspace closed"),
        ("varn -(air space)", "Varn closes its airspace"),
        ("С-300", "Ушли с 300 танками"),
        ("A-50", "A 50 per cent rise"),
        ('"airspace"', "Air space closed"),
        ("drone", "Dr one came"),
    ],
)
def test_words_that_only_stand_near_are_no_compound(rule: str, title: str) -> None:
    assert not finds(rule, title)


@pytest.mark.parametrize(
    ("rule", "title", "found"),
    [
        ("air space varn", "Varn closes its airspace", ["airspace", "Varn"]),
        ("airspace", "Air space closed", ["Air space"]),
        ("air space", "Space in the air", ["air", "Space"]),
    ],
)
def test_the_words_that_were_found_are_told(rule: str, title: str, found: list[str]) -> None:
    reasons = reasons_for(parse_rule(rule), item(title), LONE, NO_ALIASES)
    assert [reason.found for reason in reasons] == found
    assert How.NAME not in {reason.how for reason in reasons}
