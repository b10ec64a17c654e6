"""Aliases: names that are one, and the file that says so."""

import tomllib
from pathlib import Path

import pytest

from bot.core.model import RuleId
from bot.core.rules.aliases import NO_ALIASES, Aliases, aliases_of
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.errors import ConfigError
from tests.builders import item

FILE = Path(__file__).parents[3] / "config" / "subject" / "aliases.toml"
SHIPPED = aliases_of(tomllib.loads(FILE.read_text(encoding="utf-8")))


def finds(rule: str, title: str, aliases: Aliases = SHIPPED) -> bool:
    index = RuleIndex(aliases)
    index.add(RuleId(1), parse_rule(rule))
    return bool(list(index.matches(item(title))))


@pytest.mark.parametrize(
    ("tables", "faults"),
    [
        ({"places": {"riga": "Рига"}}, ["aliases.toml: places: must be a list of sets, each a list of names"]),
        ({"places": ["Riga"]}, ["aliases.toml: places, set 1: must be a list of names in quotes"]),
        ({"places": [["Riga", 5]]}, ["aliases.toml: places, set 1: must be a list of names in quotes"]),
        ({"places": [["Riga"]]}, ["aliases.toml: places, set 1: needs at least two names"]),
        ({"places": [["Riga", "—"]]}, ["aliases.toml: places, set 1: “—” has no letters or digits"]),
        (
            {"places": [["Riga", "Рига"], ["Ryga", "Riga"]]},
            ["aliases.toml: places, set 2 (Ryga): “Riga” is also in the set of Riga; keep it in one of them"],
        ),
        (
            {"places": [["Riga"]], "people": [["Vale", "Вейл"], ["Vales", "Велс"], []]},
            ["aliases.toml: places, set 1", "aliases.toml: people, set 3", "aliases.toml: people, set 2 (Vales)"],
        ),
    ],
)
def test_every_fault_is_told_at_once(tables: dict[str, object], faults: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        aliases_of(tables)
    told = [str(fault) for fault in caught.value.faults]
    assert len(told) == len(faults)
    assert all(line.startswith(start) for line, start in zip(told, faults, strict=True))


def test_a_name_in_inner_quotes_is_found_in_just_that_form() -> None:
    aliases = aliases_of({"countries": [["Denmark", '"Дания"', '"Дании"']]})
    assert finds("denmark", "В Дании", aliases)
    assert finds("дания", "Denmark", aliases)
    assert not finds("denmark", "По данным разведки", aliases)
    assert not finds("дания", "По данным разведки", aliases)
    assert not finds("данные", "Denmark", aliases)


def test_without_aliases_a_word_is_only_itself() -> None:
    assert len(NO_ALIASES) == 0
    assert not finds("riga", "Рига", NO_ALIASES)


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("nato", "L'OTAN se réunit"),
        ("NATO", "Британия и НАТО"),
        ("us", "Войска США"),
        ("poland", "Polish airspace violated"),
        ("польша", "Polish airspace violated"),
        ("kaliningrad", "Вокруг Калининградской области"),
        ("kyiv", "Kiev says"),
        ("zelensky", "Зеленського"),
        ("путин", "Poutine reçoit"),
        ("new start", "Переговоры по СНВ-3"),
        ("drone", "Сбиты беспилотники и БПЛА"),
        ("s-400", "Комплексы С-400"),
        ("пво", "Air defences fired"),
        ("russia", "la flotte russe"),
        ("coalition of the willing", "Коалиция желающих"),
        ("the hague", "Саммит в Гааге"),
    ],
)
def test_the_names_that_ship_find_one_another(rule: str, title: str) -> None:
    assert finds(rule, title)


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("us", "It tells us nothing"),
        ("iceland", "An island"),
        ("crimea", "A crime"),
        ("umerov", "Он умер"),
        ("dmitriev", "Дмитрий Песков"),
        ("oslo", "Два осла"),
        ("patriot", "A patriotic song"),
        ("missile defence", "Рассказ про море"),
    ],
)
def test_the_names_that_ship_do_not_find_other_words(rule: str, title: str) -> None:
    assert not finds(rule, title)
