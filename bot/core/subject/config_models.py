"""The files of config/subject/ as pydantic models, and the types of what they hold: rules, lengths of time."""

from collections.abc import Mapping, Set
from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, RootModel, ValidationInfo, model_validator

from bot.config_files import ConfigTable
from bot.core.language.text import clean
from bot.core.language.title_sections import Phrases
from bot.core.message.durations import to_duration
from bot.core.model import Relevance
from bot.core.rules.ast import Filter, terms_of
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
    known = " and ".join(["words", *sorted(allowed)])

    def check(rule: Rule) -> Rule:
        if strange := rule.fields() - allowed:
            raise ValueError(f"only {known} are allowed here, not {', '.join(sorted(strange))}")
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

# topics.toml

IN_TITLE = "title_"  # before the name of a sign: in the title
_SIGN_FIELD = "topic"  # the field by which rules ask for signs


def _known_sign(name: str, file: ValidationInfo) -> str:
    if file.context is not None and name not in file.context["signs"]:
        raise ValueError(f"“{name}” isn't a sign")
    return name


def _of_known_signs(rule: Rule, file: ValidationInfo) -> Rule:
    for term in terms_of(rule.root):
        if isinstance(term, Filter) and term.key == _SIGN_FIELD:
            _known_sign(term.value.removeprefix(IN_TITLE), file)
    return rule


SignRule = Annotated[AnyRule, AfterValidator(_of_known_signs)]
SignRules = Annotated[tuple[SignRule, ...], Field(min_length=1)]
SignWordRules = Annotated[tuple[Annotated[SignRule, words_only(frozenset({_SIGN_FIELD}))], ...], Field(min_length=1)]
Share = Annotated[float, Field(gt=0, lt=1)]


class SignTable(ConfigTable):
    """`[sign.NAME]`: what a text speaks of, whatever its language, by terms of the lexicon.

    `concepts` are names and things; `countries` (and alliances) stand for what lies in them and whom serves them, too;
    a text that has none of `beside` does not count.
    """

    concepts: Phrases = ()
    countries: Phrases = ()
    beside: Phrases = ()


class GradeTable(ConfigTable):
    """`[grade.NAME]`: a first reading of relevance."""

    grade: Relevance
    rules: SignRules


class TopicTable(ConfigTable):
    """`[topic.NAME]`: what a subscriber may follow."""

    title: Text
    description: Text
    rules: SignRules


class CoreFrom(ConfigTable):
    """`[core_from]`: the probability from which on an item is core, by the kind of its source."""

    topical: Share
    general: Share
    one_sided: Share


class SignsFile(ConfigTable):
    """A file whose rules may ask for its signs."""

    sign: Mapping[str, SignTable] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _note_signs(cls, tables: Mapping[str, object], file: ValidationInfo) -> Mapping[str, object]:
        """Those that have faults, too: a rule that asks for them has none."""
        if file.context is not None:
            signs = tables.get("sign")
            file.context["signs"] = frozenset(signs if isinstance(signs, dict) else ())
        return tables


class TopicsFile(SignsFile):
    """topics.toml."""

    sides: Mapping[str, tuple[Annotated[str, AfterValidator(_known_sign)], ...]]
    grade: Mapping[str, GradeTable]
    core_from: CoreFrom
    topic: Mapping[str, TopicTable]


# relevance.json

BIAS = "all item"  # the feature that every item has


def _pair(value: object) -> object:
    if not isinstance(value, list) or [type(each) in {int, float} for each in value] != [True, True]:
        raise ValueError("should be two numbers, towards core and towards none")
    return value


class WeightsFile(RootModel[Mapping[str, Mapping[str, Annotated[tuple[float, float], BeforeValidator(_pair)]]]]):
    """relevance.json: the weights of features, by kind and name."""

    @model_validator(mode="after")
    def _has_base(self) -> Self:
        kind, _, name = BIAS.partition(" ")
        if name not in self.root.get(kind, {}):
            raise ValueError(f"the weights of “{BIAS}” are missing: run `make train`")
        return self
