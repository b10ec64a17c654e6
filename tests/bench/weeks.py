"""Whole weeks of ../shared/data/weeks through the program itself: relevance and grouping, for those who tune them.

    python -m tests.bench.weeks [--seen | --kept] [--errors LANG]

prints relevance by language and week, and grouping, in half a minute (`make bench` prints the rest:
tests/bench/test_weeks.py). The items come by the same way as an archive in `faultline replay`, with publisher and side.

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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from statistics import mean
from typing import Any, TypeVar

from bot.core.model import Item, Relevance, Source
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
    source: Source
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
def weeks() -> dict[str, list[WeekItem]]:
    """All items by week, in the order of time, classified."""
    return {
        path.name.removesuffix(".jsonl.gz"): list(_items(path.name.removesuffix(".jsonl.gz"), path.read_bytes()))
        for path in sorted(WEEKS.glob("*.jsonl.gz"))
    }


def _items(week: str, packed: bytes) -> Iterator[WeekItem]:
    rows: list[dict[str, Any]] = list(map(json.loads, gzip.decompress(packed).decode().splitlines()))
    by_id = {row["id"]: row for row in rows}
    lines = {row["id"]: archive_line(row) for row in rows}
    for id_, item in items_of(lines.values(), subject()):
        row = by_id[id_]
        yield WeekItem(
            id=id_,
            week=week,
            outlet=row["outlet"],
            lang=row["lang"],
            source=lines[id_][1],
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
def decided(week: str, *, warm: bool) -> list[Replayed]:
    """What the program decides about each item of a week, after a day of others or as the first that it reads."""
    items = [(each.id, each.item) for each in weeks()[week]]
    behind = before(week) if warm else []
    return list(decisions_on([*behind, *items], subject()))[len(behind) :]


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
        for week, items in weeks().items()
        for each, cold, warm in zip(items, decided(week, warm=False), decided(week, warm=True), strict=True)
        if each.story is not None
    ]


def relevance_row(name: str, items: Sequence[WeekItem]) -> str:
    core = retrieval(
        [each.label is Relevance.CORE for each in items], [each.item.relevance is Relevance.CORE for each in items]
    )
    counts = f"{len(items):6} {core.found + core.missed:5} {core.found:6} {core.wrong:6}"
    return f"{name:24} {counts}   {hundredths(core.precision)} {hundredths(core.recall)}"


RELEVANCE_HEAD = f"{'core':24} {'items':>6} {'core':>5} {'found':>6} {'wrong':>6}   {'P':>4} {'R':>4}"


def hundredths(share: float | None) -> str:
    return "   -" if share is None else f"{share:4.2f}"


def grouping_row(name: str, items: Sequence[Grouped], part: Part = None) -> str:
    """A row of items that are held against each other; of the languages of their stories, too, if those are several."""
    cold = _measured(items, [each.cold for each in items], part)
    warm = _measured(items, [each.warm for each in items], part)
    if cold is None or warm is None:
        return f"{name:24} {0:5}"
    stories = {each.story for each in items if _is_in(each, part)}
    langs = {each.each.lang for each in items}
    found = [
        [is_in for lang, is_in in further.items() if lang in langs or len(langs) > 1]
        for story, further in _further().items()
        if story in stories
    ]
    shares = [mean(each) for each in found if each]
    reach = f"{hundredths(mean(shares) if shares else None)} of {len(shares):2}"
    return f"{name:24} {warm.items:5}   {_cubed(cold)}   {_cubed(warm)}   {warm.wrong_pairs:6.1f}   {reach}"


@cache
def _further() -> dict[str, dict[str, bool]]:
    items = labelled()
    return further_languages(
        [each.story for each in items], [each.each.lang for each in items], [each.warm for each in items]
    )


GROUPING_HEAD = (
    f"{'grouping':24} {'items':>5}   {'cold P':>6} {'R':>4} {'F1':>4}   {'warm P':>6} {'R':>4} {'F1':>4}   "
    f"{'wrong':>6}   langs of stories"
)


def _cubed(found: Grouping) -> str:
    return f"  {found.precision:4.2f} {found.recall:4.2f} {found.f1:4.2f}"


def _is_in(each: Grouped, part: Part) -> bool:
    return part is None or is_story_seen(each.each) == (part == "seen")


def _measured(items: Sequence[Grouped], groups: Sequence[tuple[str, str]], part: Part) -> Grouping | None:
    scores = item_scores([each.story for each in items], groups)
    return grouping([score for each, score in zip(items, scores, strict=True) if _is_in(each, part)])


def relevance_table(part: Part = None) -> Iterator[str]:
    """By language over all weeks, by week, by week and language, and in all."""
    items = [each for of in weeks().values() for each in of if part is None or is_seen(each) == (part == "seen")]
    yield RELEVANCE_HEAD
    yield from _by(items, lambda each: each.lang, relevance_row)
    yield relevance_row("all but en, ru", [each for each in items if each.lang not in {"en", "ru"}])
    yield from _by(items, lambda each: each.week, relevance_row)
    yield from _by(items, lambda each: f"{each.week} {each.lang}", relevance_row)
    yield relevance_row("all", items)


def grouping_table(part: Part = None) -> Iterator[str]:
    """By language over all weeks, by week, by week and language, and in all."""

    def row(name: str, items: Sequence[Grouped]) -> str:
        return grouping_row(name, items, part)

    yield GROUPING_HEAD
    yield from _by(labelled(), lambda each: each.each.lang, row)
    yield from _by(labelled(), lambda each: each.each.week, row)
    yield from _by(labelled(), lambda each: f"{each.each.week} {each.each.lang}", row)
    yield row("all", labelled())


def _by(items: Iterable[T], key: Callable[[T], str], row: Callable[[str, Sequence[T]], str]) -> Iterator[str]:
    lots: defaultdict[str, list[T]] = defaultdict(list)
    for each in items:
        lots[key(each)].append(each)
    return (row(name, lots[name]) for name in sorted(lots))


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
    of_relevance = wrong_relevance(chosen.errors) if chosen.errors else relevance_table(chosen.part)
    of_grouping = wrong_groups(chosen.errors) if chosen.errors else grouping_table(chosen.part)
    for name, lines in (("relevance", of_relevance), ("grouping", of_grouping)):
        if chosen.only in {name, None}:
            print(*lines, "", sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
