"""Rules: what is read, what is said about it, and what is said about what cannot be read."""

import pytest

from bot.core.operators import RuleVocabulary
from bot.core.rules import caret, parse_rule
from bot.errors import RuleError

VOCABULARY = RuleVocabulary(
    sources=("tass-en", "kyivindependent", "northpost"),
    publishers=("TASS", "Kyiv Independent", "North Post"),
    topics=("airspace", "cables"),
    langs=("en", "ru"),
)


def fault(typed: str) -> RuleError:
    with pytest.raises(RuleError) as caught:
        parse_rule(typed, VOCABULARY)
    return caught.value


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("Drone", "drone"),
        ("  drone \n poland ", "drone poland"),
        ("drone AND poland", "drone poland"),
        ("drone poland OR estonia", "(drone poland) OR estonia"),
        ("drone (poland OR estonia)", "drone (poland OR estonia)"),
        ("(drone) ((poland))", "drone poland"),
        ("drone (poland estonia)", "drone poland estonia"),
        ("drone drone", "drone"),
        ("drone NOT football", "drone -football"),
        ("drone -(-poland)", "drone poland"),
        ("drone --football", "drone -football"),
        ("drone –football —hockey", "drone -football -hockey"),
        ("„air space“ «воздушная тревога» “no fly”", '"air space" "воздушная тревога" "no fly"'),
        ("poland or estonia", "poland OR estonia"),
        ("Польша или Эстония", "польша OR эстония"),
        ("дрон и Польша не футбол", "дрон польша -футбол"),
        ("or's tale", '"or" tale'),
        ("NATO Nato U.S. UAVs", "NATO nato US UAV"),
        ("NATO KALININGRAD", "nato kaliningrad"),
        ("Exercis*", "exercis*"),
        ("air-defence S-400 5% 1,000", "air-defence s-400 5% 1,000"),
        ("Source:tass-en", "source:tass-en"),
        ("source: tass", "source:tass"),
        ('source:"Kyiv Independent"', 'source:"Kyiv Independent"'),
        ('title:nato title:"No Fly" title:exercis*', 'title:nato title:"no fly" title:exercis*'),
    ],
)
def test_one_text_for_each_rule(typed: str, canonical: str) -> None:
    assert str(parse_rule(typed)) == canonical
    assert parse_rule(canonical) == parse_rule(typed)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("source:TASS", "source:TASS"),
        ("source:kyivindependent", "source:kyivindependent"),
        ('source:"kyiv independent"', "source:kyivindependent"),
        ("side:NATO-flank", "side:nato_flank"),
        ("lang:RU", "lang:ru"),
    ],
)
def test_values_are_spelled_as_the_installation_spells_them(typed: str, canonical: str) -> None:
    assert str(parse_rule(typed, VOCABULARY)) == canonical


@pytest.mark.parametrize(
    ("typed", "place", "suggestion"),
    [
        ("", "", None),
        ("drone (poland OR estonia", "(", "drone (poland OR estonia)"),
        ("drone OR", "", "drone"),
        ("OR drone", "O", "drone"),
        ("drone)", ")", "drone"),
        ("drone ()", ")", "drone"),
        ('drone "air space', '"', 'drone "air space"'),
        ('drone ""', '"', "drone"),
        ("drone - football", "-", "drone -football"),
        ("drone, poland, estonia", ",", "drone OR poland OR estonia"),
        ("drone | poland", "|", "drone OR poland"),
        ("drone !football", "!", "drone -football"),
        ("[drone OR uav] poland", "[", "(drone OR uav) poland"),
        ("dr*ne", "*", "drne"),
        ("dr*", "*", "dr"),
        ("air-def*", "*", "air-def"),
        ("... drone", ".", "drone"),
        ("-football", "-", None),
        ("drone OR -football", "-", "drone -football"),
        ("drone OR -(football OR hockey)", "-", "drone -(football OR hockey)"),
        ("sorce:tass", "s", "source:TASS"),
        ("NATO: drone", "N", "NATO drone"),
        ("source:kyivindependant", "k", "source:kyivindependent"),
        ("side:rusia", "r", "side:russia"),
        ("topic:cable", "c", "topic:cables"),
        ("relevance:all", "a", None),
        ("source:tass*", "*", None),
        ("drone source:-tass", "-", "drone -source:TASS"),
        ("source:-tass", "-", None),
        ("source:(tass OR northpost) drone", "(", "(source:TASS OR source:northpost) drone"),
        ("drone source:", "", "drone"),
        ("drone " * 200, "e", None),
        (" ".join(f"word{number}" for number in range(51)), "w", None),
    ],
)
def test_a_faulty_rule_is_marked_and_mended(typed: str, place: str, suggestion: str | None) -> None:
    error = fault(typed)
    assert error.rule[error.position : error.position + 1] == place
    assert error.suggestion == suggestion


def test_the_caret_stands_beneath_the_place() -> None:
    assert caret(fault("drone sorce:tass")).splitlines() == [
        "drone sorce:tass",
        "      ^",
        "There is no field sorce. The fields are source, publisher, side, topic, lang, relevance, title.",
        "Did you mean: drone source:TASS",
    ]


def test_the_caret_of_a_long_rule_fits_a_phone() -> None:
    error = fault("one two three four five six seven (eight nine ten eleven twelve thirteen fourteen")
    shown, mark = caret(error).splitlines()[:2]
    assert len(shown) < 40
    assert shown[mark.index("^")] == "("
