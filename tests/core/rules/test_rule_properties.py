"""What holds for every rule and every text, tried by chance."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.model import LONE, Item, RuleId, StoryCoverage
from bot.core.rules.aliases import NO_ALIASES, Aliases
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import Rule, caret, parse_rule
from bot.errors import RuleError
from tests.core.rules.rule_strategies import ALIASES, items, rules, satisfies, standings

FRAGMENTS = re.findall(
    r"\S+",
    'drone or OR and not - – ( ) (( " „ “ * dro* title: source: sorce: NATO Nato nato us "air space" air-defence S-400 '
    "5% 1,000 или и не , / ! : [ ] < | lang:ru relevance:core 's . ß İ ﬁ ½ Й ё 中文 🙂 x_y a.b. q's in the The ‘in "
    "the’ 'NATO nord stream AAÆ sources>=2 sides>= level:major level>=2 >= ≥3",
)
fragments = st.lists(st.tuples(st.sampled_from(FRAGMENTS), st.sampled_from(["", " ", "\n"])), max_size=12)
any_text = st.one_of(
    st.text(st.characters()), fragments.map(lambda pairs: "".join(part for pair in pairs for part in pair))
)


def rule_or_error(text: str) -> Rule | RuleError:
    try:
        return parse_rule(text)
    except RuleError as error:
        return error


@given(rules)
def test_a_rule_is_read_back_from_its_text(rule: Rule) -> None:
    assert parse_rule(str(rule)) == rule


@given(any_text)
@example("00İ*")
@example("0İ0*")
@example("UAVs-a")
def test_any_text_is_a_rule_or_a_rule_error(text: str) -> None:
    read = rule_or_error(text)
    if isinstance(read, RuleError):
        assert 0 <= read.position <= len(read.rule)
        assert read.message in caret(read)
        assert read.suggestion is None or parse_rule(read.suggestion)
    else:
        assert parse_rule(str(read)) == read
        assert read.describe(ALIASES)


@given(
    st.lists(rules, max_size=12),
    st.lists(items, min_size=1, max_size=4),
    st.sampled_from([NO_ALIASES, ALIASES]),
    standings,
)
def test_the_index_finds_what_the_rules_mean(
    some: list[Rule], found: list[Item], aliases: Aliases, standing: StoryCoverage
) -> None:
    index = RuleIndex(aliases)
    for number, rule in enumerate(some):
        index.add(RuleId(number), rule)
    assert_finds(index, dict(enumerate(some)), found, aliases, standing)


@given(st.lists(rules, min_size=1, max_size=12), st.lists(items, min_size=1, max_size=4), st.data())
def test_the_index_forgets_what_is_removed(some: list[Rule], found: list[Item], data: st.DataObject) -> None:
    index = RuleIndex(ALIASES)
    for number, rule in enumerate(some + some):
        index.add(RuleId(number), rule)
    kept = dict(enumerate(some + some))
    for number in data.draw(st.lists(st.sampled_from(sorted(kept)), unique=True)):
        index.remove(RuleId(number))
        del kept[number]
    assert_finds(index, kept, found, ALIASES)


@given(rules, items)
def test_every_match_can_be_explained(rule: Rule, found: Item) -> None:
    index = RuleIndex(ALIASES)
    index.add(RuleId(1), rule)
    told = index.explain(RuleId(1), found).words
    printed = {word.surface for word in found.words.title + found.words.summary}
    assert all(word in printed for words in told for word in words.split(" "))
    if not list(index.matches(found)):
        assert told == ()


def assert_finds(
    index: RuleIndex, some: dict[int, Rule], found: list[Item], aliases: Aliases, standing: StoryCoverage = LONE
) -> None:
    assert len(index) == len(some)
    for each in found:
        meant = {number for number, rule in some.items() if satisfies(rule, each, aliases, standing)}
        assert set(index.matches(each, standing)) == meant
