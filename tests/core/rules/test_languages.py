"""Rules and the languages of reports: a word is found as the language of the report has it."""

import pytest

from bot.core.model import RuleId
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from tests.builders import item


def fits(rule: str, title: str, lang: str) -> bool:
    index = RuleIndex()
    index.add(RuleId(1), parse_rule(rule))
    return list(index.matches(item(title, lang=lang))) == [1]


@pytest.mark.parametrize(
    ("rule", "title", "lang"),
    [
        ("Drohne", "Zwei Drohnen über dem Hafen", "de"),
        ("Sanktionen", "Neue Sanktion gegen Varn", "de"),
        ("dron", "Odłamki dronów spadły na pole", "pl"),
        ("dronow", "Trzy drony nad portem", "pl"),
        ("дрон", "Уламки дронів упали на поле", "uk"),
        ("президент", "Радник президентові не потрібен", "uk"),
        ("Украина", "Збори в Україні", "uk"),
        ("дронов", "Збито десять дронів", "uk"),
        ("дронів", "Сбито десять дронов", "ru"),
        ("україна", "Выборы на Украине", "ru"),
        ('"nord stream"', "Explosion an der Nord Stream", "de"),
        ("Drohne über dem Hafen", "Hafen gesperrt wegen Drohnen", "de"),
        ("atak na port", "Po ataku port zamknięto", "pl"),
        ("NATO", "Die NATO tagt in Varn", "de"),
        ("air-defence", "Air defences of Varn", "en"),
        ("drones", "НАТО и drone", "ru"),
        ("10000", "10.000 de soldați", "ro"),
        ("T-90", "Танк Т90М", "ru"),
        ("T-90", "T-90M of Varn", "en"),
    ],
)
def test_a_word_is_found_in_the_inflections_of_the_language(rule: str, title: str, lang: str) -> None:
    assert fits(rule, title, lang)


@pytest.mark.parametrize(
    ("rule", "title", "lang"),
    [
        ("volts", "Volt itt egy hajó", "hu"),  # was
        ("volt", "Volt itt egy hajó", "hu"),
        ("die", "Die Boote sind fort", "de"),
        ("war", "Der Hafen war leer", "de"),
        ("universe", "Universität zu Varn", "de"),  # in English both are univers
        ("drone", "Les drones de Varn", "xx"),
        ("T-90M", "Танк Т-90", "ru"),
        ("10000", "10.000 percent", "en"),
        ("varn", "See news.varn.com", "en"),
        ("varn", "See varn.org", "en"),
        ("area", "Portul are un dig", "ro"),  # has
    ],
)
def test_a_word_of_another_language_is_not(rule: str, title: str, lang: str) -> None:
    assert not fits(rule, title, lang)


def test_what_was_found_is_shown_as_the_report_prints_it() -> None:
    index = RuleIndex()
    index.add(RuleId(1), parse_rule("Drohne Hafen"))
    report = item("Zwei Drohnen über dem Hafen", lang="de")
    assert index.explain(RuleId(1), report).words == ("Drohnen", "Hafen")


def test_rules_may_come_and_go_after_reports_of_a_language() -> None:
    index = RuleIndex()
    report = item("Zwei Drohnen über dem Hafen", lang="de")
    assert not list(index.matches(report))
    index.add(RuleId(1), parse_rule("Drohne"))
    index.add(RuleId(2), parse_rule("Drohnen"))
    assert set(index.matches(report)) == {1, 2}
    index.remove(RuleId(1))
    assert set(index.matches(report)) == {2}
