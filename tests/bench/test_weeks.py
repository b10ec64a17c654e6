"""What whole weeks would have brought to people; how each figure is made is told in weeks.py and week_days.py."""

from collections.abc import Callable, Iterator

import pytest

from tests.bench.week_days import alerts_table, briefings_table, levels_table
from tests.bench.weeks import HEAD, WEEKS, relevance_cells, table, weeks

pytestmark = [pytest.mark.bench, pytest.mark.skipif(not WEEKS.exists(), reason="../shared/data/weeks is not here")]


@pytest.mark.parametrize("figures", [table, levels_table, alerts_table, briefings_table])
def test_weeks(figures: Callable[[], Iterator[str]]) -> None:
    print("", *figures(), sep="\n")


def test_weeks_whose_outlets_do_not_say_their_language() -> None:
    items = [each for of in weeks(named=False).values() for each in of]
    print("", HEAD, sep="\n")
    for lang in sorted({each.lang for each in items}):
        print(f"{lang:21} {relevance_cells([each for each in items if each.lang == lang])}")
    print(f"{'all':21} {relevance_cells(items)}")
