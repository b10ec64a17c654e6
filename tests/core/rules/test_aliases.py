"""Aliases: names that are one, and the file that says so."""

from pathlib import Path

import pytest

from bot.config_files import faults_in, read_model
from bot.core.model import RuleId
from bot.core.rules.aliases import NO_ALIASES, Aliases, AliasFile, aliases_of
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.errors import ConfigError
from tests.builders import item

FILE = Path(__file__).parents[3] / "config" / "subject" / "aliases.toml"
SHIPPED = aliases_of(read_model(FILE, AliasFile).root)


def finds(rule: str, title: str, aliases: Aliases = SHIPPED) -> bool:
    index = RuleIndex(aliases)
    index.add(RuleId(1), parse_rule(rule))
    return bool(list(index.matches(item(title))))


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ('places = {riga = "Рига"}', ["line 1, [places]: should be a list in square brackets"]),
        ('places = ["Riga"]', ["line 1, places 1: should be a list in square brackets"]),
        (
            'people = []\nplaces = [\n  ["Oslo", "Осло"],\n  ["Riga", 5],\n  ["Riga"],\n  ["Riga", "—"],\n]',
            [
                "line 4, places 2.2: should be a text in quotes",
                "line 5, places 3: should list at least 2",
                "line 6, places 4.2: “—” has no letters or digits",
            ],
        ),
        (
            'places = [\n  ["Riga", "Рига"],\n  ["Ryga", "Riga"]]\npeople = [["Vale", "Вейл"],\n  ["Vales", "Велс"]]',
            [
                "line 3, places 2: “Riga” is also in the set of Riga; keep it in one of them",
                "line 5, people 2: “Vales” is also in the set of Vale; keep it in one of them",
            ],
        ),
    ],
)
def test_every_fault_is_told_at_once(tmp_path: Path, text: str, faults: list[str]) -> None:
    path = tmp_path / "aliases.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught, faults_in(path, AliasFile):
        aliases_of(read_model(path, AliasFile).root)
    assert str(caught.value).splitlines() == [f"{path}, {fault}" for fault in faults]


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
