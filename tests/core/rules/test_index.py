"""The rule index: which rules an item satisfies, and for which words."""

import gc
from collections.abc import Iterable
from itertools import permutations
from typing import Any

import pytest

from bot.core.model import Item, Level, Relevance, RuleId, StoryCoverage
from bot.core.rules.aliases import NO_ALIASES, Aliases, aliases_of
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from tests.builders import item

ALIASES = aliases_of(
    {
        "alliances": [["NATO", "НАТО", "OTAN", "North Atlantic Alliance"]],
        "places": [
            ["Kaliningrad", "Калининград", "Königsberg", "Królewiec"],
            ["US", "USA", "United States", "США"],
            ["Nord Stream", "Северный поток"],
        ],
    }
)
ONLY = RuleId(1)


def index_of(*rules: str, aliases: Aliases = NO_ALIASES) -> RuleIndex:
    index = RuleIndex(aliases)
    for number, rule in enumerate(rules, 1):
        index.add(RuleId(number), parse_rule(rule))
    return index


def hits(rule: str, found: Item, aliases: Aliases = NO_ALIASES) -> bool:
    return ONLY in index_of(rule, aliases=aliases).matches(found)


def told(rule: str, found: Item, aliases: Aliases = NO_ALIASES) -> tuple[str, ...]:
    return index_of(rule, aliases=aliases).explain(ONLY, found).words


def case(rule: str, title: str, summary: str = "", /, **fields: Any) -> Any:
    return pytest.param(rule, item(title, summary=summary, **fields), id=f"{rule} | {title}")


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        case("drone", "Drones over Gotland"),
        case("drones", "A drone over Gotland"),
        case("калининград", "Учения в Калининграде"),
        case("konigsberg", "Königsberg"),
        case("drone poland", "Drone found", "It fell in Poland"),
        case("poland OR estonia", "Estonia closes a crossing"),
        case("drone (poland OR estonia)", "Drone in Estonia"),
        case("drone -football", "Drone over a stadium"),
        case("drone -(poland estonia)", "Drone in Poland"),
        case("drone -(poland OR estonia)", "Drone in Latvia"),
        case("(drone OR uav) (poland OR estonia)", "UAV in Poland"),
        case("drone (-football OR poland)", "Drone over football in Poland"),
        case('"air space"', "Closed Air Space again"),
        case('"air space"', "Closed", "the air-space again"),
        case('"drone"', "A drone"),
        case('"US Army"', "The US Army moves"),
        case("air-defence", "Air defences move"),
        case("exercis*", "Exercising the right"),
        case("натов*", "Натовские учения"),
        case("NATO", "Nato summit"),
        case("NATO", "NATO's summit"),
        case("nato", "NATO summit"),
        case("KYIV", "In Kyiv again"),
        case("US", "U.S. troops"),
        case("US", "BREAKING: US troops"),
        case("UAV", "Two UAVs found"),
        case("NATO", "NATO SCRAMBLES JETS"),
        case("S-400", "Two S-400s"),
        case("5%", "Spend 5 % of GDP"),
        case("title:drone", "Drone found"),
        case('title:"no fly"', "A no-fly zone"),
        case("title:oreshn*", "Oreshnik again"),
        case("source:volga", "News", outlet="volga"),
        case('source:"Volga Courier"', "News", outlet="volga"),
        case("source:volgacourier", "News", outlet="volga"),
        case("publisher:volgacourier", "News", outlet="volga"),
        case("side:russia", "News", outlet="volga"),
        case("lang:ru", "Новости", outlet="volga-ru"),
        case("topic:airspace drone", "Drone", topics=("airspace", "cables")),
        case("relevance:related drone", "Drone", relevance=Relevance.CORE),
        case("relevance:related drone", "Drone", relevance=Relevance.RELATED),
        case("relevance:core drone", "Drone", relevance=Relevance.CORE),
        case("drone -source:volga", "Drone", outlet="northgate"),
    ],
)
def test_matches(rule: str, found: Item) -> None:
    assert hits(rule, found)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        case("NATO", "The senator, a signatory, coordinates"),
        case("EU", "Reuters reports"),
        case("war", "In Warsaw"),
        case("US", "Let us pray"),
        case("US", "Us and them"),
        case("US", "THEY TELL US TO LEAVE"),
        case("WHO", "Who said that"),
        case("NATO", "è nato a Roma"),
        case("drone poland", "Drone in Latvia"),
        case("drone poland cable", "Drone in Poland"),
        case("drone poland cable", "Cable in Poland"),
        case("drone poland cable", "Drone on a cable"),
        case("drone -football", "Drone stops football"),
        case("drone -(poland OR estonia)", "Drone in Poland"),
        case("drone -(poland estonia)", "Drone in Poland and Estonia"),
        case("drone (-football OR poland)", "Drone over football"),
        case('"air space"', "Space in the air"),
        case('"air space"', "Thin air", "Space is dark"),
        case('"air space"', "Air spaces"),
        case('"drone"', "Drones"),
        case('"US Army"', "Join us army"),
        case("air-defence", "Defence in the air"),
        case("exercis*", "Exert"),
        case("title:drone", "Found", "A drone"),
        case("side:russia", "News", outlet="northgate"),
        case("topic:airspace", "Drone", topics=("cables",)),
        case("relevance:core drone", "Drone", relevance=Relevance.RELATED),
        case("relevance:related drone", "Drone", relevance=Relevance.NONE),
        case("drone -source:volga", "Drone", outlet="volga"),
    ],
)
def test_does_not_match(rule: str, found: Item) -> None:
    assert not hits(rule, found)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        case("kaliningrad", "Учения в Калининграде"),
        case("Кёнигсберг OR königsberg", "Kaliningrad drill"),
        case("nato", "Sommet de l'OTAN"),
        case("НАТО", "Nato summit"),
        case("nato", "The North Atlantic Alliance meets"),
        case("us troops", "United States troops"),
        case("nord stream", "Взрывы на «Северном потоке»"),
        case("nord-stream", "Nord Stream leaks"),
        case("leak nord stream", "Утечка: Nord Stream leaking"),
        case("title:nato", "OTAN"),
        case("drone -nato", "Drone"),
        case("nord stream -(north atlantic alliance)", "Nord Stream, north of the Atlantic"),
    ],
)
def test_names_of_one_thing_match_one_another(rule: str, found: Item) -> None:
    assert hits(rule, found, ALIASES)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        case('"kaliningrad"', "Учения в Калининграде"),
        case('"nord stream"', "Взрывы на «Северном потоке»"),
        case("us troops", "Let us troop away"),
        case("nord stream", "Stream in the nord"),
        case("title:nato", "Summit", "OTAN"),
        case("drone -nato", "Drone, says OTAN"),
    ],
)
def test_quotes_and_minus_and_title_mind_aliases(rule: str, found: Item) -> None:
    assert not hits(rule, found, ALIASES)


@pytest.mark.parametrize(
    ("rule", "found", "words"),
    [
        ("poland drone", item("Drones cross", summary="Poland finds a drone"), ("Drones", "Poland")),
        ('"air space" OR drone', item("Air space shut", summary="No drone"), ("Air space", "drone")),
        ("kaliningrad -football", item("В Калининграде"), ("Калининграде",)),
        ("source:volga", item("News", outlet="volga"), ()),
        ("drone (poland OR estonia)", item("Estonia, drone, Poland"), ("Estonia", "drone", "Poland")),
        ("title:drone", item("Drone", summary="drones again"), ("Drone",)),
        ("nord stream", item("Leak in Северном потоке"), ("Северном потоке",)),
        ("drone", item("Nothing here"), ()),
    ],
)
def test_the_words_that_hit_are_told_in_the_order_of_the_text(rule: str, found: Item, words: Iterable[str]) -> None:
    assert told(rule, found, ALIASES) == words


def test_equal_rules_keep_their_own_ids() -> None:
    index = index_of(*["drone poland"] * 20, "poland drone", "uav")
    assert sorted(index.matches(item("Drone in Poland"))) == list(range(1, 22))
    for number in range(1, 21):
        index.remove(RuleId(number))
    assert list(index.matches(item("Drone in Poland"))) == [21]


@pytest.mark.parametrize("gone", list(permutations(range(1, 5))))
def test_rules_in_one_place_leave_it_in_any_order(gone: tuple[int, ...]) -> None:
    index = index_of(*(f"drone -word{number}" for number in range(4)))
    left = {1, 2, 3, 4}
    for number in gone:
        index.remove(RuleId(number))
        left.remove(number)
        assert set(index.matches(item("Drone"))) == left


def test_many_rules_are_added_as_one_is() -> None:
    index = RuleIndex()
    index.add_all((RuleId(number), parse_rule(rule)) for number, rule in enumerate(["drone", "uav", "drone -uav"]))
    assert sorted(index.matches(item("Drone"))) == [0, 2]
    assert gc.isenabled()


def test_a_rule_added_again_is_replaced() -> None:
    index = index_of("drone")
    index.add(ONLY, parse_rule("uav"))
    assert not list(index.matches(item("Drone")))
    assert list(index.matches(item("UAV"))) == [ONLY]
    assert len(index) == 1


def test_a_rule_that_was_never_added_cannot_be_removed_or_explained() -> None:
    index = index_of("drone")
    assert RuleId(2) not in index
    with pytest.raises(KeyError):
        index.remove(RuleId(2))
    with pytest.raises(KeyError):
        index.explain(RuleId(2), item("Drone"))


def test_an_index_that_was_emptied_keeps_nothing() -> None:
    rules = ['drone "air space" -football', "nato (title:poland OR exercis*)", "source:volga", '"drone" OR nord stream']
    index = index_of(*rules, aliases=ALIASES)
    for number in range(1, len(rules) + 1):
        index.remove(RuleId(number))
    assert len(index) == 0
    kept = [held for name, held in vars(index._finder).items() if name != "_lexicon"]
    assert not any([index._nodes, index._filed, *kept])


def test_many_alternatives_in_many_groups_stay_small() -> None:
    rule = " ".join(f"(a{number} OR b{number})" for number in range(25))
    index = index_of(rule)
    assert len(index._filed) == 2
    assert list(index.matches(item(" ".join(f"b{number}" for number in range(25))))) == [ONLY]
    assert not list(index.matches(item(" ".join(f"b{number}" for number in range(24)))))


@pytest.mark.parametrize(
    ("rule", "standing", "hit"),
    [
        ("drone level:breaking", StoryCoverage(level=Level.BREAKING), True),
        ("drone level:major", StoryCoverage(level=Level.BREAKING), True),
        ("drone level:breaking", StoryCoverage(level=Level.MAJOR), False),
        ("drone sources>=3", StoryCoverage(publishers=3), True),
        ("drone sources>=3", StoryCoverage(publishers=2), False),
        ("drone sources>=9", StoryCoverage(publishers=40), True),
        ("drone -sides>=2", StoryCoverage(sides=2), False),
        ("sides>=2 OR cable", StoryCoverage(sides=2), True),
    ],
)
def test_what_a_story_has_come_to_counts(rule: str, standing: StoryCoverage, hit: bool) -> None:
    assert (ONLY in index_of(rule).matches(item("Drone over Gotland"), standing)) is hit


def test_a_text_that_was_read_before_is_found_by_rules_that_come_later() -> None:
    index, found = index_of("kestrel"), item("Drones enter the air space of Kestrel")
    assert set(index.matches(found)) == {1}
    for number, rule in enumerate(("drone", '"air space"', "kest*", "title:drone"), 2):
        index.add(RuleId(number), parse_rule(rule))
    assert set(index.matches(found)) == {1, 2, 3, 4, 5}
    for gone in (2, 3):
        index.remove(RuleId(gone))
    assert set(index.matches(found)) == {1, 4, 5}
