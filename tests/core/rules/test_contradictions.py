"""Rules that nothing can match are told apart from those that something may."""

import pytest

from bot.core.rules.aliases import aliases_of
from bot.core.rules.contradictions import refuse_contradictory
from bot.core.rules.rule import parse_rule
from bot.errors import RuleError

ALIASES = aliases_of({"places": [["Kestrel", "Кестрел"]], "streams": [["Nord Stream", "Норд стрим"]]})


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("drone -drone", "drone"),
        ("drone kestrel -drones", "drone kestrel"),
        ("kestrel -Кестрел", "kestrel"),
        ("title:drone -drone", "title:drone"),
        ("drone (football OR cricket) -(football OR cricket)", "drone (football OR cricket)"),
        ("nord stream -(nord stream)", "nord stream"),
        ("side:russia drone side:nato", "drone (side:russia OR side:nato)"),
        ("lang:ru lang:en", "lang:ru OR lang:en"),
        ("drone side:russia -side:russia", "drone side:russia"),
        ("drone -(drone OR tanker)", "drone"),
        ("(drone -drone) OR (cable -cable)", None),
        ('"drone strike" -drone', '"drone strike"'),
        ('"drone strike" -"strike"', '"drone strike"'),
        ('"drone strike" -dro*', '"drone strike"'),
        ('title:"drone strike" -title:strike', 'title:"drone strike"'),
        ("drone -dro*", "drone"),
        ("title:drone -dro*", "title:drone"),
        ("tanker -tanker*", "tanker"),
        ("дрон -дрон*", "дрон"),
        ("NATO -nato", "NATO"),
        ("drone* -dro*", "drone*"),
        ('"drone strike" (tanker OR -drone) -tanker', '"drone strike" (tanker OR -drone)'),
    ],
)
def test_what_asks_for_what_it_leaves_out_is_refused_with_a_rule_that_may_do(text: str, mended: str | None) -> None:
    with pytest.raises(RuleError) as raised:
        refuse_contradictory(parse_rule(text), ALIASES)
    assert raised.value.suggestion == mended
    assert "nothing can match" in str(raised.value)
    if mended:
        refuse_contradictory(parse_rule(mended), ALIASES)


@pytest.mark.parametrize(
    "text",
    [
        "drone -football",
        'kestrel -"Кестрел"',
        "drone -title:drone",
        "drone (football OR cricket) -football",
        "(drone -drone) OR tanker",
        "side:russia -side:nato",
        "side:russia OR side:nato",
        "source:tass source:volga",
        "level:major sources>=2 sources>=3",
        "-football drone*",
        'drone -"drone"',  # drones
        "drone -drones*",
        "hope -hope*",  # hoping
        "drone* -drone",  # dronepost
        '"drone strike" -"drone strikes"',
        '"drone" -title:drone',
        "kestrel -kest*",  # Кестрел
    ],
)
def test_what_something_may_fit_is_taken(text: str) -> None:
    refuse_contradictory(parse_rule(text), ALIASES)
