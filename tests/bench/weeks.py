"""Whole weeks of ../shared/data/weeks through the program itself: relevance and grouping, for those who tune them.

    python -m tests.bench.weeks [--seen | --kept] [--only relevance | grouping] [--errors LANG]

prints in half a minute (relevance alone in ten seconds) a table by language and week; `make bench` prints it too, and
the rest (tests/bench/week_days.py). The items come by the same way as an archive in `faultline replay`, with publisher,
side and the language of their outlet.

**Relevance**: items that people called core, those that were found, and others wrongly taken for core.

**Seen and kept.** Look at errors of the seen part alone (`--errors` shows no others); report both. The weeks in
WHOLLY_KEPT are kept. In the others half of the outlets of each language are seen: sorted by a hash of the outlet's name
every other one, the first among them; so an outlet is on one side in all of these weeks, and the only outlet of a
language is seen. Grouping needs all outlets together: there every run has all items, and what is parted is stories, by
a hash of week and story (each item is held against all labelled items of its week, whosever they are).

**Grouping** is measured on items that people called core or related. A row of a language has only items in it, the
sums have all of them, across languages. Cold: frequencies are empty when a week begins. Warm: some WARM items of the
other weeks come before, shifted to the 24 hours before its first item at their time of day; they are those with the
lowest hashes of all weeks, so that they are the same for every week but for its own. Pairs are wrong if one group has
both though their stories are two; counted warm, for a hundred items. `langs`: of stories told in several languages the
share of the further languages of which a report is in the story's main group (see `further_languages`), mean over
stories, warm; in the row of a language of the stories that have it as a further one.
"""

import gzip
import json
import sys
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from statistics import mean
from typing import Any, TypeVar

from bot.core.model import Item, Relevance
from bot.replay import Replayed, archive_line, decisions_on, items_of
from bot.subject import Subject, config_folder, read_subject
from tests.bench.grouping_evaluation import DATA
from tests.bench.week_figures import Grouping, further_languages, grouping, item_scores, retrieval

WEEKS = DATA / "weeks"
WHOLLY_KEPT = frozenset({"2025-09-09_poland", "2026-06-20_quiet"})
WARM = 1500
DAY = timedelta(days=1)
SHOWN = 25  # pairs and stories that --errors shows at most

T = TypeVar("T")

Part = str | None
"""`"seen"`, `"kept"`, or None for both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekItem:
    """An item of a week as the program reads it, and what people said of it.

    `lang` is the language that the data gives; `gravity` is 0 to 3; `story` is None where it is of no relevance.
    """

    id: str
    week: str
    outlet: str
    lang: str
    item: Item
    label: Relevance
    gravity: int
    genre: str
    story: str | None


@cache
def subject() -> Subject:
    """What the bot knows, as shipped."""
    return read_subject(config_folder())


@cache
def weeks(*, named: bool = True) -> dict[str, list[WeekItem]]:
    """All items by week, in the order of time, classified; without the languages of their outlets unless `named`."""
    files = {path.name.removesuffix(".jsonl.gz"): path for path in sorted(WEEKS.glob("*.jsonl.gz"))}
    return {week: list(_items(week, path.read_bytes(), named=named)) for week, path in files.items()}


def _items(week: str, packed: bytes, *, named: bool) -> Iterator[WeekItem]:
    rows: list[dict[str, Any]] = list(map(json.loads, gzip.decompress(packed).decode().splitlines()))
    by_id = {row["id"]: row for row in rows}
    lines = [archive_line(row if named else {**row, "lang": ""}) for row in rows]
    for id_, item in items_of(lines, subject()):
        row = by_id[id_]
        yield WeekItem(
            id=id_,
            week=week,
            outlet=row["outlet"],
            lang=row["lang"],
            item=item,
            label=Relevance(row["relevance"]),
            gravity=row.get("gravity", 0),
            genre=row.get("genre", ""),
            story=row.get("story"),
        )


def _hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@cache
def _seen_outlets() -> frozenset[tuple[str, str]]:
    outlets: defaultdict[str, set[str]] = defaultdict(set)
    for items in weeks().values():
        for each in items:
            outlets[each.lang].add(each.outlet)
    return frozenset((lang, name) for lang, names in outlets.items() for name in sorted(names, key=_hashed)[::2])


def is_seen(each: WeekItem) -> bool:
    """Whether the relevance of an item may be looked at."""
    return each.week not in WHOLLY_KEPT and (each.lang, each.outlet) in _seen_outlets()


def is_story_seen(each: WeekItem) -> bool:
    """Whether the story of an item may be looked at."""
    return each.week not in WHOLLY_KEPT and int(_hashed(f"{each.week} {each.story}"), 16) % 2 == 0


def before(week: str) -> list[tuple[str, Item]]:
    """A day of other weeks' items that ends where the week begins."""
    own = {each.id for each in weeks()[week]}
    others = [each for name, items in weeks().items() if name != week for each in items if each.id not in own]
    start = weeks()[week][0].item.published - DAY
    shifted = []
    for each in sorted(others, key=lambda each: _hashed(each.id))[:WARM]:
        published = start + (each.item.published - start) % DAY
        shifted.append((each.id, replace(each.item, published=published, first_seen=published)))
    return sorted(shifted, key=lambda pair: pair[1].published)


@cache
def stream(week: str, *, warm: bool) -> list[Replayed]:
    """What the program decides about each item of a week, and of the day before it if that is to be `warm`."""
    items = [(each.id, each.item) for each in weeks()[week]]
    return list(decisions_on([*(before(week) if warm else ()), *items], subject()))


def decided(week: str, *, warm: bool) -> list[tuple[WeekItem, Replayed]]:
    """The items of a week with what is decided about each."""
    items = weeks()[week]
    return list(zip(items, stream(week, warm=warm)[-len(items) :], strict=True))


@dataclass(frozen=True, slots=True)
class Grouped:
    """A labelled item, its story as people see it (with its week, as all stories here), and its groups."""

    each: WeekItem
    story: str
    cold: tuple[str, str]
    warm: tuple[str, str]


@cache
def labelled() -> list[Grouped]:
    """All items that people called core or related."""
    return [
        Grouped(each, f"{week} {each.story}", (week, cold.story), (week, warm.story))
        for week in weeks()
        for (each, cold), (_, warm) in zip(decided(week, warm=False), decided(week, warm=True), strict=True)
        if each.story is not None
    ]


HEAD = (
    f"{'':21} {'items':>5} {'core':>4} {'found':>5} {'wrong':>5} {'P':>5} {'R':>5}   "
    f"{'told':>4} {'cold F1':>7} {'warm P':>6} {'R':>5} {'F1':>5} {'wrong pairs':>11} {'langs':>6} of stories"
)


def table(part: Part = None, only: str | None = None) -> Iterator[str]:
    """By language over all weeks, by week, by week and language, and in all; `only` "relevance" or "grouping"."""
    items = [each for of in weeks().values() for each in of if part is None or is_seen(each) == (part == "seen")]
    lots: defaultdict[tuple[int, str], list[WeekItem]] = defaultdict(list)
    told: defaultdict[tuple[int, str], list[Grouped]] = defaultdict(list)
    for each in items:
        for row in _rows_of(each):
            lots[row].append(each)
    for grouped in labelled() if only != "relevance" else ():
        for row in _rows_of(grouped.each):
            told[row].append(grouped)
    yield HEAD
    for row in sorted(lots.keys() | told.keys()):
        relevance = relevance_cells(lots[row]) if only != "grouping" else f"{len(lots[row]):5}{'':29}"
        yield f"{row[1]:21} {relevance}   {grouping_cells(told[row], part)}".rstrip()


def _rows_of(each: WeekItem) -> Iterator[tuple[int, str]]:
    """The rows in which an item counts."""
    yield 0, each.lang
    if each.lang not in {"en", "ru"}:
        yield 1, "all but en, ru"
    yield 2, each.week
    yield 3, f"{each.week} {each.lang}"
    yield 4, "all"


def relevance_cells(items: Sequence[WeekItem]) -> str:
    core = retrieval(
        [each.label is Relevance.CORE for each in items], [each.item.relevance is Relevance.CORE for each in items]
    )
    counts = f"{len(items):5} {core.found + core.missed:4} {core.found:5} {core.wrong:5}"
    return f"{counts} {hundredths(core.precision)} {hundredths(core.recall)}"


def hundredths(share: float | None) -> str:
    return f"{'-':>5}" if share is None else f"{share:5.2f}"


def grouping_cells(items: Sequence[Grouped], part: Part = None) -> str:
    """Of items that are held against each other; `langs` of their languages, if those are several of all."""
    cold = _measured(items, [each.cold for each in items], part)
    warm = _measured(items, [each.warm for each in items], part)
    if cold is None or warm is None:
        return ""
    stories = {each.story for each in items if _is_in(each, part)}
    langs = {each.each.lang for each in items}
    found = [
        [is_in for lang, is_in in further.items() if lang in langs or len(langs) > 1]
        for story, further in _further().items()
        if story in stories
    ]
    shares = [mean(each) for each in found if each]
    reach = f"{hundredths(mean(shares)):>6} of {len(shares)}" if shares else ""
    cubed = f"{hundredths(warm.precision):>6} {hundredths(warm.recall)} {hundredths(warm.f1)}"
    return f"{warm.items:4} {hundredths(cold.f1):>7} {cubed} {warm.wrong_pairs:11.1f} {reach}"


def _measured(items: Sequence[Grouped], groups: Sequence[tuple[str, str]], part: Part) -> Grouping | None:
    scores = item_scores([each.story for each in items], groups)
    return grouping([score for each, score in zip(items, scores, strict=True) if _is_in(each, part)])


def _is_in(each: Grouped, part: Part) -> bool:
    return part is None or is_story_seen(each.each) == (part == "seen")


@cache
def _further() -> dict[str, dict[str, bool]]:
    items = labelled()
    return further_languages(
        [each.story for each in items], [each.each.lang for each in items], [each.warm for each in items]
    )


def wrong_relevance(lang: str) -> Iterator[str]:
    """The seen items of a language that were wrongly taken for core, and those that were missed."""
    items = [each for of in weeks().values() for each in of if each.lang == lang and is_seen(each)]
    is_core, taken = Relevance.CORE, [each.item.relevance for each in items]
    wrong = [each for each, found in zip(items, taken, strict=True) if (each.label is is_core) != (found is is_core)]
    for each in sorted(wrong, key=lambda each: each.label is not is_core):
        kind = "missed" if each.label is is_core else "wrong "
        yield f"{kind} {each.week[:10]} {each.id} {each.label} taken for {each.item.relevance}: {_text(each)}"


def wrong_groups(lang: str) -> Iterator[str]:
    """Pairs of seen stories in one group, and seen stories in several, with a report in the language."""
    seen = [each for each in labelled() if is_story_seen(each.each)]
    groups: defaultdict[tuple[str, str], list[Grouped]] = defaultdict(list)
    stories: defaultdict[str, list[Grouped]] = defaultdict(list)
    for each in seen:
        groups[each.warm].append(each)
        stories[each.story].append(each)
    mixed = [of for of in groups.values() if len({each.story for each in of}) > 1]
    split = [of for of in stories.values() if len({each.warm for each in of}) > 1]
    for title, lots in (("stories in one group", mixed), ("groups of one story", split)):
        mine = [of for of in lots if any(each.each.lang == lang for each in of)]
        for of in sorted(mine, key=len, reverse=True)[:SHOWN]:
            yield f"\n{title}: {of[0].story if lots is split else of[0].warm[1]}"
            for each in sorted(of, key=lambda each: (each.warm, each.story)):
                mark = each.warm[1] if lots is split else each.story
                yield f"  {mark:36} {each.each.lang} {each.each.item.published:%d %H:%M} {_text(each.each)}"


def _text(each: WeekItem) -> str:
    return f"{each.item.title[:140]} | {each.item.summary[:160]}"


def main(arguments: Sequence[str]) -> None:
    parser = ArgumentParser(description="relevance and grouping on whole weeks")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--seen", dest="part", action="store_const", const="seen", help="only what may be looked at")
    part.add_argument("--kept", dest="part", action="store_const", const="kept", help="only what may not")
    parser.add_argument("--only", choices=("relevance", "grouping"), help="only one of both")
    parser.add_argument("--errors", metavar="LANG", help="list what is wrong in a language, of the seen part")
    chosen = parser.parse_args(arguments)
    if not chosen.errors:
        print(*table(chosen.part, chosen.only), sep="\n")
    else:
        print(*(wrong_relevance(chosen.errors) if chosen.only != "grouping" else ()), sep="\n")
        print(*(wrong_groups(chosen.errors) if chosen.only != "relevance" else ()), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
