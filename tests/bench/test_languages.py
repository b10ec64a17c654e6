"""How often the language of a title is told, by language: as its source has it, and in a channel said to be Russian."""

import gzip
import json
from collections import Counter
from time import process_time

import pytest

from bot.core.language.detection import language_in
from tests.bench.grouping_evaluation import DATA

WEEKS = sorted(DATA.glob("weeks/*.jsonl.gz"))

pytestmark = [pytest.mark.bench, pytest.mark.skipif(not WEEKS, reason="../shared/data is not here")]


def test_the_language_of_a_title() -> None:
    rows = [json.loads(line) for week in WEEKS for line in gzip.decompress(week.read_bytes()).splitlines()]
    counts = Counter(row["lang"] for row in rows)
    start = process_time()
    right = Counter(row["lang"] for row in rows if language_in(row["title"], row["lang"], mixes=True) == row["lang"])
    micros = (process_time() - start) / len(rows) * 1e6
    strange = Counter(row["lang"] for row in rows if language_in(row["title"], "ru", mixes=True) == row["lang"])
    print(f"\n{'language':10} titles  its own  in a Russian channel; {micros:.0f} µs a title")
    for lang, count in counts.most_common():
        print(f"{lang:10} {count:6} {right[lang] / count:8.3f} {strange[lang] / count:8.3f}")
    assert min(right[lang] / count for lang, count in counts.items()) > 0.99
    assert min(strange[lang] / counts[lang] for lang in ("en", "ru", "uk", "pl")) > 0.95
