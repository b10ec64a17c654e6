"""Whether titles weigh as people judged them: conflict, cooperation or neither, on the labelled weeks and samples.

The patterns were written with an eye on the weeks of odd number alone.
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.subject import Subject, config_folder, read_subject
from tests.bench.train_relevance import item_of

DATA = Path(__file__).parents[3] / "shared/data"
SIGNS = ("escalation", "deescalation", "neutral")

pytestmark = [pytest.mark.bench, pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")]


@pytest.fixture(scope="module")
def subject() -> Subject:
    return read_subject(config_folder())


def weeks(odd: int) -> Iterable[Mapping[str, Any]]:
    for number, path in enumerate(sorted((DATA / "weeks").glob("*.jsonl.gz")), 1):
        if number % 2 == odd:
            yield from map(json.loads, gzip.decompress(path.read_bytes()).decode().splitlines())


def samples() -> Iterable[Mapping[str, Any]]:
    for name in ("relevance_dev.jsonl", "relevance_dev_ru.jsonl"):
        for line in (DATA / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield {**row, "sign": row["direction"]} if row["relevance"] != "none" else row


@pytest.mark.parametrize(
    ("name", "rows", "least"),
    [
        ("weeks of odd number", weeks(1), 0.75),
        ("weeks of even number, not looked at", weeks(0), 0.6),
        ("samples", samples(), 0.6),
    ],
)
def test_signs_of_titles(subject: Subject, name: str, rows: Iterable[Mapping[str, Any]], least: float) -> None:
    said = defaultdict[str, Counter[tuple[str, str]]](Counter)
    for row in rows:
        if row["relevance"] != "none":
            weight = subject.events.weight_of(item_of(row["title"], lang=row["lang"])) or 0
            sign = SIGNS[0 if weight < 0 else 1 if weight > 0 else 2]
            for lang in ("all", row["lang"]):
                said[lang][row["sign"], sign] += 1
    agreements = {}
    print(f"\n\n{name}    titles  agree  told escalation, deescalation, wrong way round, of neutral ones")
    for lang, pairs in said.items():
        agreements[lang] = sum(count for (label, sign), count in pairs.items() if label == sign) / pairs.total()
        told = [
            f"{pairs[sign, sign]:3} of {sum(n for (label, _), n in pairs.items() if label == sign):3}"
            for sign in SIGNS[:2]
        ]
        wrong = pairs[SIGNS[0], SIGNS[1]] + pairs[SIGNS[1], SIGNS[0]]
        of_neutral = pairs["neutral", SIGNS[0]] + pairs["neutral", SIGNS[1]]
        print(f"  {lang:3} {pairs.total():5}   {agreements[lang]:.2f}   {told[0]}, {told[1]}, {wrong}, {of_neutral}")
    assert agreements["en"] >= least
