"""Rules: what is read, what is said about it, and what is said about what cannot be read."""

import pytest

from bot.core.rules.aliases import aliases_of
from bot.core.rules.operators import RuleVocabulary
from bot.core.rules.rule import caret, parse_rule
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
        ("balloons from the border", "balloons border"),
        ("учения в Калининграде", "учения калининграде"),
        ('"from" in -drone', '"from" -drone'),
        ("'air space' ‘no fly’ don't allies' fleet", '"air space" "no fly" don\'t allies fleet'),
        ("NATO Nato U.S. UAVs", "NATO nato US UAV"),
        ("NATO KALININGRAD", "nato kaliningrad"),
        ("Exercis*", "exercis*"),
        ("air-defence S-400 5% 1,000", "air-defence s-400 5% 1,000"),
        ("Source:tass-en", "source:tass-en"),
        ("source: tass", "source:tass"),
        ("level:major", "level:major"),
        ("level>=Major", "level:major"),
        ("drone sources>=2", "drone sources>=2"),
        ("sources ≥ 3 Sides>= 2", "sources>=3 sides>=2"),
        ("sources:2", "sources>=2"),
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
        ("the", "t", '"the"'),
        ("the in -football", "t", None),
        ("title:the", "t", None),
        ("drone OR -football", "-", "drone -football"),
        ("drone OR -(football OR hockey)", "-", "drone -(football OR hockey)"),
        ("sorce:tass", "s", "source:TASS"),
        ("NATO: drone", "N", "NATO drone"),
        ("drone NATO:", "", "drone NATO"),
        ("source:kyivindependant", "k", "source:kyivindependent"),
        ("side:rusia", "r", "side:russia"),
        ("topic:cable", "c", "topic:cables"),
        ("relevance:all", "a", None),
        ("drone sources>2", ">", "drone sources>=2"),
        ("drone source>=tas", "t", "drone source:TASS"),
        ("source=tass", "=", "source:TASS"),
        ("sides>=many", "m", None),
        ("drone sides>=9", "9", "drone sides>=6"),
        ("drone sources>=12", "1", "drone sources>=9"),
        ("level:loud", "l", None),
        ("drone sides>=", "", "drone"),
        ("lang:russian", "r", "lang:ru"),
        ("site:tass.com", "s", None),
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


def test_a_field_of_the_item_takes_whole_names_only() -> None:
    with pytest.raises(RuleError, match="a whole name"):
        parse_rule("source:tas*")


@pytest.mark.parametrize(
    ("rule", "meaning"),
    [
        ("drone", "drone"),
        (
            "drone (poland OR estonia) -football source:TASS",
            "drone, and poland or estonia, but not football; from TASS",
        ),
        ("drone poland cable", "drone, poland and cable"),
        ("drone -football -hockey", "drone, but not football or hockey"),
        ("drone -(football OR hockey) -(ice rink)", "drone, but not football, hockey or (ice and rink)"),
        ("drone poland OR estonia -football", "(drone and poland) or (estonia, but not football)"),
        ('"air space" exercis*', "exactly “air space” and words that begin with “exercis”"),
        ("title:drone", "drone in the title"),
        ("source:tass -football", "everything from tass, but not football"),
        ("Drohne ODER Rakete", "drohne or rakete"),
        ("Drohne und Rakete NICHT Hafen", "drohne and rakete, but not hafen"),
        ("dron LUB rakieta albo port", "dron, rakieta or port"),
        ("dron oraz rakieta NIE port", "dron and rakieta, but not port"),
        ("drone lang:et", "drone; in Estonian"),
        ("side:russia -lang:ru topic:cables", "everything labelled Russia's side, not in Russian, on the topic cables"),
        ("drone (source:a OR source:b)", "drone; from a or from b"),
        ("drone OR source:a", "drone or anything from a"),
        ("drone level:major sources>=2", "drone; if it becomes major or breaking, told by at least 2 publishers"),
        ("level:breaking -sides>=2", "everything if it becomes breaking, not told by at least 2 sides"),
        ("relevance:related drone", "drone; of the core subject or related to it"),
    ],
)
def test_a_rule_in_words(rule: str, meaning: str) -> None:
    assert parse_rule(rule).describe() == meaning


@pytest.mark.parametrize(
    ("rule", "meaning"),
    [
        ("nato -varde", "NATO, but not Varde. Also matches: NATO (НАТО and OTAN); Varde (Варде)"),
        ("нато", "НАТО. Also matches: НАТО (NATO and OTAN)"),
        ('"nato" cable', "exactly “nato” and cable"),
        ("old port drone", "Old Port and drone. Also matches: Old Port (Старый порт)"),
        ("title:varde", "Varde in the title. Also matches: Varde (Варде)"),
        ("harbour", "Harbour. Also matches: Harbour (Harbor, Hafen, Гавань and 2 more)"),
    ],
)
def test_the_other_names_are_told(rule: str, meaning: str) -> None:
    names = [["NATO", "НАТО", "OTAN"], ["Varde", "Варде"], ["Old Port", "Старый порт"]]
    harbours = [["Harbour", "Harbor", "Hafen", "Гавань", "Port", "Havn"]]
    assert parse_rule(rule).describe(aliases_of({"names": names, "harbours": harbours})) == meaning


@pytest.mark.parametrize(
    ("rule", "fields"),
    [("drone", set()), ("drone -(title:a OR relevance:related) source:b", {"title", "relevance", "source"})],
)
def test_the_fields_that_a_rule_names(rule: str, fields: set[str]) -> None:
    assert parse_rule(rule).fields() == fields


def test_nesting_does_not_exhaust_the_stack() -> None:
    assert str(parse_rule("(" * 450 + "drone" + ")" * 450)) == "drone"
    assert str(parse_rule("-(" * 300 + "drone" + ")" * 300)) == "drone"
    deep = "".join(f"a{number} (b{number} OR " for number in range(24)) + "c" + ")" * 24
    assert parse_rule(str(parse_rule(deep))) == parse_rule(deep)
    assert parse_rule(deep).describe()


def test_the_caret_stands_beneath_the_place() -> None:
    assert caret(fault("drone sorce:tass")).splitlines() == [
        "drone sorce:tass",
        "      ^",
        "sorce isn't a field. "
        "The fields are source, publisher, side, topic, lang, relevance, level, sources, sides, title.",
        "Did you mean: drone source:TASS",
    ]


def test_the_caret_of_a_long_rule_fits_a_phone() -> None:
    error = fault("one two three four five six seven (eight nine ten eleven twelve thirteen fourteen")
    shown, mark = caret(error).splitlines()[:2]
    assert len(shown) < 40
    assert shown[mark.index("^")] == "("
