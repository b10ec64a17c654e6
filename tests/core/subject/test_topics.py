from pathlib import Path

import pytest

from bot.config_files import faults_in, read_model
from bot.core.language.lexicon_files import TranslationsFile, lexicon_of
from bot.core.model import Item, Relevance
from bot.core.rules.aliases import aliases_of
from bot.core.subject.config_models import TopicsFile
from bot.core.subject.topics import Signs, Topics, topics_of
from bot.errors import ConfigError
from tests.bench.train_relevance import configuration
from tests.builders import item

SMALL = {
    "sign": {
        "west": {"concepts": "NATO", "countries": "Estonia"},
        "drone": {"concepts": "drone"},
        "sport": {"concepts": "football"},
        "hit": {"concepts": "strike", "beside": "Estonia, NATO"},
    },
    "sides": {"west": ["west"]},
    "grade": {
        "drones_over_us": {"grade": "core", "rules": ["topic:west topic:title_drone"]},
        "game": {"grade": "none", "rules": ["topic:sport"]},
    },
    "topic": {
        "airspace": {
            "title": "Airspace",
            "description": "What flies.",
            "rules": ["topic:drone topic:west", "airspace"],
        },
    },
    "core_from": {"topical": 0.4, "general": 0.6, "one_sided": 0.8},
}


NAMES = {
    "alliances": [["NATO", "НАТО"]],
    "countries": [["Estonia", "Estonian", "Эстония"]],
    "cities": [["Narva", "Нарва"]],
    "people": [["Tamm", "Тамм"]],
}
THINGS = {
    "war": [["drone", "дрон"], ["strike", "удар*"]],
    "sport": [["football", "футбол*"]],
    "lies_in": {"Narva": "Estonia"},
    "serves": {"Estonia": ["Tamm"]},
}
ALIASES = aliases_of(NAMES, lexicon_of(NAMES, TranslationsFile.model_validate(THINGS)))


def small_topics() -> Topics:
    return topics_of(TopicsFile.model_validate(SMALL, context={}), ALIASES)


@pytest.fixture(scope="module")
def small() -> Topics:
    return small_topics()


@pytest.fixture(scope="module")
def shipped() -> Topics:
    return configuration()[1]


def ids(topics: Topics, found: Item) -> frozenset[str]:
    return topics.topics_for(found, topics.signs(found))


def test_signs_tell_the_title_from_the_rest(small: Topics) -> None:
    signs = small.signs(item("Drones over the harbour", summary="NATO is looking into it, say Estonians"))
    terms = frozenset({"~drone"}), frozenset({"~drone", "@nato", "@estonia"})
    assert signs == Signs(frozenset({"drone"}), frozenset({"drone", "west"}), *terms)


@pytest.mark.parametrize(
    ("title", "signs"),
    [
        ("Тамм о футболе", {"west", "sport"}),  # who serves a country speaks for it
        ("Narva hosts football", {"west", "sport"}),  # what lies in it is of it
        ("Strike over Narva", {"west", "hit"}),
        ("Strike over Lima", set()),  # a strike beside nobody whom it asks for
        ("NATO strikes again", {"west", "hit"}),
    ],
)
def test_signs_are_told_by_whom_and_what_is_named(small: Topics, title: str, signs: set[str]) -> None:
    assert small.signs(item(title)).anywhere == signs


def test_a_sign_of_unknown_concepts_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "topics.toml"
    path.write_text('[sign.hit]\nconcepts = "strike, stroke"\nbeside = "Latvia"\n')
    file = TopicsFile.model_validate({**SMALL, "sign": {"hit": {"concepts": "strike, stroke", "beside": "Latvia"}}})
    with pytest.raises(ConfigError) as caught, faults_in(path, TopicsFile):
        topics_of(file, ALIASES)
    what = "is the first name of no set in aliases.toml or translations.toml"
    assert str(caught.value).splitlines() == [
        f"{path}, line 2, [sign.hit], concepts: “stroke” {what}",
        f"{path}, line 3, [sign.hit], beside: “Latvia” {what}",
    ]


def test_a_topic_may_ask_for_signs_and_for_words(small: Topics) -> None:
    assert ids(small, item("Дрон над базой НАТО")) == {"airspace"}
    assert ids(small, item("Airspace closed for an hour")) == {"airspace"}
    assert ids(small, item("Drones seen over the harbour")) == frozenset()


def test_grades_ask_for_signs_in_the_title(small: Topics) -> None:
    over, not_in_title = item("Drones over NATO base"), item("NATO base closed", summary="Drones had been seen")
    assert small.grades_for(over, small.signs(over)) == {"drones_over_us"}
    assert small.grades_for(not_in_title, small.signs(not_in_title)) == frozenset()


def test_the_nearest_grade_wins(small: Topics) -> None:
    assert small.grade(frozenset({"game", "drones_over_us"})) is Relevance.CORE
    assert small.grade(frozenset({"game"})) is Relevance.NONE
    assert small.grade(frozenset()) is Relevance.NONE


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "topics.toml").write_text("""[sign.west]
concepts = 3
[sign.east]
rules = ["russia"]
[sign]
odd = 3
[sides]
west = [
  "west", "odd",
  "wets",
]
[grade.near]
grade = "close"
rules = ["topic:west"]
[topic.airspace]
title = "Airspace"
rules = [
  "topic:wset drone",
  "topic:title_west", "topic:titel_west",
  "(drone",
]
[topic.sea]
title = " "
description = "Ships."
rules = []
[core_from]
topical = 2.0
general = "x"
[topics]
""")
    with pytest.raises(ConfigError) as caught:
        read_model(tmp_path / "topics.toml", TopicsFile)
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        "topics.toml, line 2, [sign.west], concepts: should be words in quotes",
        "topics.toml, line 4, [sign.east], rules: isn't known here; the keys are concepts, countries, beside",
        "topics.toml, line 6, [sign], odd: should be a table",
        "topics.toml, line 10, [sides], west 3: “wets” isn't a sign",
        "topics.toml, line 13, [grade.near], grade: should be core, related or none",
        "topics.toml, line 15, [topic.airspace]: description is missing",
        "topics.toml, line 18, [topic.airspace], rules 1: “wset” isn't a sign",
        "topics.toml, line 19, [topic.airspace], rules 3: “titel_west” isn't a sign",
        "topics.toml, line 20, [topic.airspace], rules 4: This parenthesis is never closed. (at “(drone”)",
        "topics.toml, line 23, [topic.sea], title: should not be empty",
        "topics.toml, line 25, [topic.sea], rules: should list at least 1",
        "topics.toml, line 26, [core_from]: one_sided is missing",
        "topics.toml, line 27, [core_from], topical: should be below 1",
        "topics.toml, line 28, [core_from], general: should be a number",
        "topics.toml, line 29, [topics]: isn't known here; did you mean topic?",
    ]


# What a subscriber of each topic would want to see, and in which language.
FOLLOWED = {
    "airspace": (
        "Estonia scrambles jets after a Russian plane crosses its border",
        "Дрон нарушил воздушное пространство Румынии",
    ),
    "incident": ("Saboteurs cut an undersea cable off Latvia", "В Латвии задержан диверсант, работавший на Россию"),
    "hybrid": ("Moldova says disinformation from Moscow floods its election", "Кибератака на порт Гданьска"),
    "cyber": ("Hackers tied to Moscow break into a Norwegian dam", "Хакеры атаковали почту Бундестага"),
    "spies": ("Polish court jails a spy for Russia", "ФСБ задержала агента литовской разведки"),
    "nuclear": (
        "Moscow and Washington argue over warheads after the treaty lapsed",
        "США обвинили РФ в ядерных испытаниях",
    ),
    "military_posture": ("NATO moves a brigade to Lithuania", "НАТО разместит батальон у границ России"),
    "exercises": ("Belarus and Russia begin a joint military exercise", "Учения НАТО начались в Польше"),
    "defence_spending": (
        "Allies argue over defence spending as Russia rearms",
        "Военные расходы Германии выросли из-за России",
    ),
    "arms_aid": ("Norway sends Ukraine air defence missiles", "Дания передаст Украине истребители"),
    "guarantees": (
        "Kyiv asks for security guarantees from the US",
        "Гарантии безопасности для Киева обсудят в Лондоне",
    ),
    "diplomacy": (
        "Envoys of Russia and the US hold talks in Vienna",
        "Путин провел переговоры с президентом Финляндии",
    ),
    "sanctions": ("Brussels adds banks to sanctions on Russia", "ЕС продлил санкции против России"),
    "shadow_fleet": ("Sweden boards a tanker of the shadow fleet", "Эстония задержала танкер теневого флота"),
    "energy": ("EU to end purchases of Russian gas", "ЕС отказался от российского газа"),
    "membership": ("Sweden says Ukraine's membership of NATO must wait", "Вступление Украины в НАТО отложено"),
    "statement": ("Kremlin warns Finland against new bases", "Захарова обвинила НАТО в провокации"),
    "ukraine_war": ("Russian shelling hits Kherson market", "ВСУ обстреляли Донецк"),
    "baltic": ("Tallinn closes a bridge to Russia", "Литва усилит границу с Россией"),
    "arctic": ("Russian submarine tracked in the Arctic", "Северный флот РФ вышел в Арктику навстречу НАТО"),
    "black_sea": ("Romania finds a Russian mine in the Black Sea", "Над Черным морем замечен разведчик НАТО"),
    "kaliningrad": ("Lithuania limits transit to Kaliningrad", "Польша следит за ракетами в Калининграде"),
    "belarus": ("Minsk lets Russian missiles be stationed near Poland", "Лукашенко обвинил Польшу"),
}


@pytest.mark.parametrize("topic", FOLLOWED)
def test_a_topic_is_found_in_english_and_russian(shipped: Topics, topic: str) -> None:
    assert [topic in ids(shipped, item(title)) for title in FOLLOWED[topic]] == [True, True]


def test_every_topic_is_tried_and_said_in_plain_words(shipped: Topics) -> None:
    assert [topic.id for topic in shipped.topics] == [*dict.fromkeys(topic.id for topic in shipped.topics)]
    assert {topic.id for topic in shipped.topics} == set(FOLLOWED)
    assert all(topic.title and topic.description.endswith(".") for topic in shipped.topics)


@pytest.mark.parametrize(
    ("title", "strange"),
    [
        ("Senators debate farm bill", "nato"),
        ("Signatories of the pact meet in Lima", "nato"),
        ("Coordination of rescue teams praised", "nato"),
        ("Warsaw hosts jazz week", "war_in_ukraine"),
        ("Reuters opens a bureau in Lagos", "eu"),
        ("Let us remember them", "us"),
        ("Barrel of oil costs more", "russia"),
        ("Газ подорожал в Подмосковье", "mideast"),
        ("Данные опроса опубликованы", "europe"),
        ("Индивидуальный предприниматель открыл кафе", "elsewhere"),
    ],
)
def test_a_sign_is_no_part_of_a_word(shipped: Topics, title: str, strange: str) -> None:
    assert strange not in shipped.signs(item(title)).anywhere
