from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.config_files import ConfigTable
from bot.core.rules.rule import parse_rule
from bot.core.subject.config_models import AnyRule, Length, WordRules


class Buoy(ConfigTable):
    within: Length = timedelta(hours=1)
    words: WordRules = ()
    rules: tuple[AnyRule, ...] = ()


def test_rules_and_lengths_are_read_as_subscribers_write_them() -> None:
    read = Buoy.model_validate({"within": "3 hours", "words": ["drone OR дрон"], "rules": ["title:drone"]})
    assert read == Buoy(
        within=timedelta(hours=3), words=(parse_rule("drone OR дрон"),), rules=(parse_rule("title:drone"),)
    )


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("within", "soon", 'should be a length of time, such as "3 hours"'),
        ("within", 3, 'should be a length of time, such as "3 hours"'),
        ("words", ["drone OR"], "A word is missing after OR."),
        ("words", ["(drone"], "This parenthesis is never closed. (at “(drone”)"),
        ("words", ["drone side:russia title:x"], "only words are allowed here, not side, title"),
        ("words", [5], 'should be a rule in quotes, such as "drone (fires OR falls)"'),
        ("words", [], "at least 1 item"),
    ],
)
def test_what_is_none_is_told(key: str, value: object, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Buoy.model_validate({key: value})
    assert sentence in str(caught.value)
