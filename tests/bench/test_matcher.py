"""Matching: what the rule index costs, beside cutting the same items into words and beside asking every rule.

Times are of the processor, so that other programs on the machine count less; medians of RUNS. The naive loop is timed
on ASKED rules and multiplied.
"""

import gc
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from resource import getpagesize
from time import process_time

import pytest
from rich.console import Console
from rich.table import Table

from bot.core.language.text import words_of
from bot.core.model import LONE, Item, RuleId
from bot.core.rules.aliases import NO_ALIASES
from bot.core.rules.features import TokenFinder
from bot.core.rules.index import RuleIndex
from bot.core.rules.normal_form import clause_of, conjunctions, holds
from bot.core.rules.rule import Rule, parse_rule
from tests.bench.rule_corpus import Corpus
from tests.core.rules.rule_strategies import satisfies

RUNS = 5
ITEMS = 200
CHUNK = 50_000  # rules made at a time: making them is neither timed nor kept
ASKED = 2_000  # rules that the naive loop asks
MICRO = 1e6
STATM = Path("/proc/self/statm")


@pytest.mark.bench
def test_matching() -> None:
    corpus = Corpus()
    items = corpus.items(ITEMS)
    first = list(corpus.rules(ASKED))
    assert all(parse_rule(str(rule)) == rule for rule in first)
    index, small = loaded(100_000, first, corpus, items)
    check_against_trees(index, first, items[:10])
    naive = naive_loop(index, first, items[:40])
    changes = change_rows(index, list(corpus.rules(5_000)), items)
    del index
    _, large = loaded(1_000_000, first, corpus, items)
    show(
        "Matching one item of 30 to 60 words against many rules",
        ("", "µs an item", "× tokenizing it", "rules that hit", "loaded in s", "MB"),
        [row.cells() for row in (small, naive, large)],
    )
    show("Changing an index of 100,000 rules", ("", "µs a rule", "× tokenizing an item"), changes)
    assert small.cost.ratio < 8
    assert naive.cost.ratio > 250 * small.cost.ratio
    assert large.megabytes < 600


@dataclass(frozen=True, slots=True)
class Cost:
    """What some work takes an item, in microseconds, and against cutting the item into words in the same minute."""

    micros: float
    ratio: float


@dataclass(frozen=True, slots=True)
class Row:
    """A way to match and its cost; of an index, what share of its rules hit, its load time in seconds and its size."""

    name: str
    cost: Cost
    hits: float = 0.0
    seconds: float = 0.0
    megabytes: float = 0.0

    def cells(self) -> tuple[str, ...]:
        return (
            self.name,
            f"{self.cost.micros:,.0f}",
            f"{self.cost.ratio:,.1f}" if self.cost.ratio < 100 else f"{self.cost.ratio:,.0f}",
            f"{self.hits:.2%}" if self.hits else "",
            f"{self.seconds:.1f}" if self.seconds else "",
            f"{self.megabytes:.0f}" if self.megabytes else "",
        )


def loaded(count: int, first: list[Rule], corpus: Corpus, items: list[Item]) -> tuple[RuleIndex, Row]:
    """An index of so many rules, `first` among them, and its row."""
    gc.collect()
    index, before, seconds = RuleIndex(), memory(), 0.0
    chunk = first
    while len(index) < count:
        begin, start = len(index), process_time()
        index.add_all((RuleId(number), rule) for number, rule in enumerate(chunk, begin))
        seconds += process_time() - start
        chunk = list(corpus.rules(min(CHUNK, count - len(index))))
    gc.collect()
    megabytes = memory() - before
    hits = statistics.mean(len(set(index.matches(item))) for item in items) / count
    return index, Row(f"index of {count:,} rules", cost(index.matches, items), hits, seconds, megabytes)


def check_against_trees(index: RuleIndex, rules: list[Rule], items: list[Item]) -> None:
    """The index finds what the trees of its first rules mean."""
    for item in items:
        meant = {number for number, rule in enumerate(rules) if satisfies(rule, item, NO_ALIASES, LONE)}
        assert {number for number in index.matches(item) if number < len(rules)} == meant


def naive_loop(index: RuleIndex, rules: list[Rule], items: list[Item]) -> Row:
    """Asking each of the first rules in turn, made ready beforehand; its time is multiplied for the whole index."""
    clauses = [clause_of(rule.root, NO_ALIASES) for rule in rules]
    finder = TokenFinder()
    finder.hold(token for rule in rules for each in conjunctions(rule.root, NO_ALIASES) for token in each.tokens())

    def satisfied(item: Item) -> set[int]:
        tokens = finder.tokens_of(item)
        return {number for number, clause in enumerate(clauses) if holds(clause, tokens)}

    for item in items:
        assert satisfied(item) == {number for number in index.matches(item) if number < len(rules)}
    asked, times = cost(satisfied, items), len(index) / len(rules)
    return Row(f"naive loop over {len(index):,}", Cost(asked.micros * times, asked.ratio * times))


def change_rows(index: RuleIndex, rules: list[Rule], items: list[Item]) -> list[tuple[str, ...]]:
    """Adding rules to a large index and taking them out again."""
    numbered = [(RuleId(number), rule) for number, rule in enumerate(rules, 10 * len(index))]

    def add() -> None:
        for rule_id, rule in numbered:
            index.add(rule_id, rule)

    def remove() -> None:
        for rule_id, _ in numbered:
            index.remove(rule_id)

    runs = [(timed(add), timed(remove), tokenizing(items)) for _ in range(RUNS)]
    return [
        (
            name,
            f"{statistics.median(run[place] for run in runs) / len(rules) * MICRO:.0f}",
            f"{statistics.median(run[place] / len(rules) * MICRO / run[2] for run in runs):.1f}",
        )
        for place, name in enumerate(("add", "remove"))
    ]


def cost(work: Callable[[Item], object], items: list[Item]) -> Cost:
    """Medians of RUNS, each beside a run of tokenizing; the first, which warms up, is left out."""
    runs = [(timed(lambda: [work(item) for item in items]), tokenizing(items)) for _ in range(RUNS + 1)][1:]
    micros = [seconds / len(items) * MICRO for seconds, _ in runs]
    ratios = [each / beside for each, (_, beside) in zip(micros, runs, strict=True)]
    return Cost(statistics.median(micros), statistics.median(ratios))


def tokenizing(items: list[Item]) -> float:
    """Microseconds to cut an item into words."""
    return timed(lambda: [words_of(item.title, item.summary, item.lang) for item in items]) / len(items) * MICRO


def timed(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


def memory() -> float:
    """What this process holds, in MB; 0 where the system does not tell."""
    return int(STATM.read_text().split()[1]) * getpagesize() / MICRO if STATM.exists() else 0.0


def show(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    table = Table(title=title, title_justify="left")
    for number, head in enumerate(heads):
        table.add_column(head, justify="right" if number else "left")
    for cells in rows:
        table.add_row(*cells)
    print()
    Console(width=110).print(table)
