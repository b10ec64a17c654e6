"""How titles are read that somebody invented without sight of the rules: half were looked at, half kept aside.

The comments of the files say how they were labelled.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from bot.core.titles.reading import Stance
from bot.subject import Subject, config_folder, read_subject
from tests.bench.train_relevance import item_of

HERE = Path(__file__).parent

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def subject() -> Subject:
    return read_subject(config_folder())


def rows_of(file: str) -> Iterator[Mapping[str, str]]:
    lines = [line for line in (HERE / file).read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    names = lines[0].split("\t")
    for line in lines[1:]:
        yield dict(zip(names, line.split("\t"), strict=True))


@dataclass(frozen=True)
class Reading:
    """What is found in a title, or was asked of it."""

    genre: str
    stance: str
    speaker: bool
    events: frozenset[str]
    sign: str


def asked_of(row: Mapping[str, str]) -> Reading:
    events = frozenset(filter(None, row["events"].split(",")))
    return Reading(row["genre"], row["main_stance"], bool(row["speaker"]), events, row["sign"])


def found_in(subject: Subject, row: Mapping[str, str]) -> Reading:
    item = item_of(row["title"], lang=row["lang"])
    reading, weight = item.reading, subject.events.weight_of(item) or 0
    return Reading(
        genre="withdrawn" if reading.is_withdrawn else reading.genre,
        stance="question" if reading.stance is Stance.ASKED else reading.stance,
        speaker=bool(reading.speakers),
        events=subject.events.told_by(item).types,
        sign="conflict" if weight < 0 else "cooperation" if weight > 0 else "none",
    )


@pytest.mark.parametrize(("file", "least"), [("titles_seen.tsv", 0.9), ("titles_held_back.tsv", 0.75)])
def test_titles_that_were_invented_blindly(subject: Subject, file: str, least: float) -> None:
    right: dict[str, Counter[str]] = {}
    titles, events = Counter[str](), Counter[str]()
    names = [field.name for field in fields(Reading)]
    for row in rows_of(file):
        found, asked = found_in(subject, row), asked_of(row)
        events.update(right=len(found.events & asked.events), told=len(found.events), asked=len(asked.events))
        for lang in ("all", row["lang"]):
            titles[lang] += 1
            hits = [name for name in names if getattr(found, name) == getattr(asked, name)]
            right.setdefault(lang, Counter()).update(hits)
    print(f"\n\n{file}: share read right   titles  {'  '.join(names)}")
    for lang, count in titles.items():
        print(f"  {lang:34}{count:6}" + "".join(f"{right[lang][name] / count:8.2f}" for name in names))
    precision, recall = (events["right"] / events[name] for name in ("told", "asked"))
    print(f"  event types: precision {precision:.2f}, recall {recall:.2f}")
    assert min(right["all"][name] / titles["all"] for name in names) > least
