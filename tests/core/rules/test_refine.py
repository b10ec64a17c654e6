from hypothesis import given

from bot.core.model import Item, RuleId
from bot.core.rules.index import RuleIndex
from bot.core.rules.refine import narrower_rules
from bot.core.rules.rule import Rule, parse_rule
from tests.builders import item
from tests.core.rules.rule_strategies import ALIASES, items, rules

OLD, NEW = RuleId(1), RuleId(2)


def texts(rule: str, *told: Item, hits: tuple[str, ...] = ()) -> list[list[str]]:
    return [[str(each) for each in group] for group in narrower_rules(parse_rule(rule), told, frozenset(hits))]


def test_each_group_leaves_out_something_else() -> None:
    told = item("Drones over Kestrel for 2 nights", topics=("airspace", "sport"))
    assert texts("drone OR tanker", told, hits=("drone",)) == [
        ["(drone OR tanker) -topic:airspace", "(drone OR tanker) -topic:sport"],
        ['(drone OR tanker) -publisher:"Northgate Wire"'],
        ["(drone OR tanker) relevance:core"],
        ["title:drone OR title:tanker"],
        ["tanker", "drone"],
        ["(drone OR tanker) -kestrel", "(drone OR tanker) -nights"],
    ]


def test_what_a_rule_leaves_out_it_leaves_out_as_before() -> None:
    groups = texts("drone (poland OR estonia) -football relevance:related", item("Drone"), hits=("drone",))
    assert groups[2:] == [
        ["drone (poland OR estonia) -football relevance:core"],
        ["title:drone (title:poland OR title:estonia) -football relevance:related"],
        ["drone estonia -football relevance:related", "drone poland -football relevance:related"],
        [],
    ]


def test_a_rule_that_is_too_long_for_more_is_left_as_it_is() -> None:
    words = " OR ".join(f"tanker{number}" for number in range(50))
    groups = texts(words, item("Tanker1 sails", topics=("airspace",)))
    assert [len(group) for group in groups] == [0, 0, 0, 1, 50, 0]


@given(rules, items, items)
def test_a_narrower_rule_brings_nothing_that_the_rule_does_not(rule: Rule, told: Item, other: Item) -> None:
    for group in narrower_rules(rule, (told,), frozenset()):
        for narrower in group:
            assert parse_rule(str(narrower)) == narrower
            index = RuleIndex(ALIASES)
            index.add(OLD, rule)
            index.add(NEW, narrower)
            for each in (told, other):
                found = set(index.matches(each))
                assert NEW not in found or OLD in found
