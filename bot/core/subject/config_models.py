"""What configuration files hold beside texts and numbers, as types for pydantic: rules and lengths of time."""

from collections.abc import Set
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator

from bot.core.language.text import clean
from bot.core.message.durations import to_duration
from bot.core.rules.rule import Rule, parse_rule
from bot.errors import RuleError

_NEAR = 20  # characters that show where a rule goes wrong


def _rule(text: object) -> Rule:
    if isinstance(text, Rule):
        return text
    if not isinstance(text, str):
        raise ValueError('should be a rule in quotes, such as "drone (fires OR falls)"')  # noqa: TRY004  told with all others
    try:
        return parse_rule(text)
    except RuleError as error:
        near = error.rule[error.position : error.position + _NEAR]
        raise ValueError(f"{error} (at “{near}”)" if near else str(error)) from None


def words_only(allowed: Set[str] = frozenset()) -> AfterValidator:
    """Annotates a rule that asks for words, and for these fields at the most."""

    def check(rule: Rule) -> Rule:
        if strange := rule.fields() - allowed:
            raise ValueError(f"only words are allowed here, not {', '.join(sorted(strange))}")
        return rule

    return AfterValidator(check)


def _length(text: object) -> timedelta:
    if isinstance(text, timedelta):
        return text
    if not isinstance(text, str) or (length := to_duration(text)) is None:
        raise ValueError('should be a length of time, such as "3 hours"')
    return length


def _text(text: str) -> str:
    if not (words := clean(text)):
        raise ValueError("should not be empty")
    return words


Text = Annotated[str, AfterValidator(_text)]
Length = Annotated[timedelta, PlainValidator(_length)]
AnyRule = Annotated[Rule, PlainValidator(_rule)]
WordRule = Annotated[AnyRule, words_only()]
WordRules = Annotated[tuple[WordRule, ...], Field(min_length=1)]
