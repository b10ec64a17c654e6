"""Figures of levels and of the scale of tension on invented titles and on the labelled items of ../shared/data.

Levels: which titles of breaking_titles.tsv make a story breaking when all sides bring them at once; the rules were
written with an eye on the half called `guide` alone. Then how many stories of three weeks become major and breaking
when their reports come as they came and, since those were noted twice a day only, when they come within an hour.
Tension: whether titles that people called escalation weigh less than those that they called de-escalation.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from bot.core.model import Item, Level, PublisherKind, Relevance, Scope, Side, Story, StoryId
from bot.core.stories.levels import LevelRules, level_of
from bot.subject import Subject, config_folder, read_subject
from tests.bench.train_relevance import item_of

DATA = Path(__file__).parents[3] / "shared/data"
# Where the outlets of stories_dev.jsonl stand that are not Western media.
SIDES: Mapping[str, tuple[Side, PublisherKind]] = {
    "rt": (Side.RUSSIA, PublisherKind.RUSSIAN_STATE_MEDIA),
    "tass": (Side.RUSSIA, PublisherKind.RUSSIAN_STATE_MEDIA),
    "kremlin": (Side.RUSSIA, PublisherKind.RUSSIAN_OFFICIAL),
    "aljazeera.com": (Side.NEUTRAL, PublisherKind.INTERNATIONAL_MEDIA),
    "kyivindependent.com": (Side.UKRAINE, PublisherKind.UKRAINIAN),
    "kyivpost.com": (Side.UKRAINE, PublisherKind.UKRAINIAN),
    "united24media.com": (Side.UKRAINE, PublisherKind.UKRAINIAN),
    "meduza": (Side.RUSSIA_INDEPENDENT, PublisherKind.RUSSIAN_INDEPENDENT),
}

# Of what each half must not fall short: precision and recall of each sort of breaking news.
LEAST = {"clash": (0.9, 0.9), "airspace": (0.6, 0.8), "article": (0.95, 0.95), "nuclear": (0.95, 0.95)}
# Who brings an invented title: each side's media, and a member's government.
TELLERS = (
    (Side.WEST, PublisherKind.INTERNATIONAL_MEDIA),
    (Side.NATO_FLANK, PublisherKind.BALTIC_NORDIC_POLISH),
    (Side.RUSSIA, PublisherKind.RUSSIAN_STATE_MEDIA),
    (Side.RUSSIA_INDEPENDENT, PublisherKind.RUSSIAN_INDEPENDENT),
    (Side.NEUTRAL, PublisherKind.INTERNATIONAL_MEDIA),
    (Side.NATO, PublisherKind.WESTERN_GOVERNMENT),
)

pytestmark = pytest.mark.bench
of_shared_data = pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not here")


@pytest.fixture(scope="module")
def subject() -> Subject:
    return read_subject(config_folder())


@pytest.fixture(scope="module")
def rules(subject: Subject) -> LevelRules:
    return subject.levels


def rows(name: str) -> Iterable[Mapping[str, Any]]:
    return map(json.loads, (DATA / name).read_text(encoding="utf-8").splitlines())


def read(row: Mapping[str, Any], subject: Subject) -> Item:
    published = datetime.fromisoformat(row["published"]).astimezone(UTC)
    side, kind = SIDES.get(row["outlet"].lower(), (Side.WEST, PublisherKind.INTERNATIONAL_MEDIA))
    plain = item_of(row["title"], row.get("summary") or "", row["lang"], published)
    found = replace(plain, publisher=row["outlet"], publisher_kind=kind, side=side)
    verdict = subject.classifier.classify(found, Scope.GENERAL)
    return replace(found, relevance=verdict.relevance, topics=verdict.topics)


def loudest(reports: list[Item], rules: LevelRules) -> tuple[Level, str]:
    """The level that a story comes to as its reports come in, and the rules that lifted it."""
    story = Story(id=StoryId(1), items=tuple(reports[:1]), relevance=Relevance.CORE, topics=())
    lifted = []
    for number, report in enumerate(reports, 1):
        grade = level_of(replace(story, items=tuple(reports[:number])), rules, report.published)
        story = replace(story, level=grade.level)
        lifted += [grade.rule.id] if grade.rule else []
    return story.level, " then ".join(lifted)


@of_shared_data
@pytest.mark.parametrize("within", [None, timedelta(hours=1)])
def test_levels_of_three_weeks(subject: Subject, rules: LevelRules, within: timedelta | None) -> None:
    by_story = defaultdict(list)
    for row in rows("stories_dev.jsonl"):
        by_story[row["story"]].append(read(row, subject))
    print("\n\nstories of three weeks, reports", "as they were noted" if within is None else "all within an hour")
    levels = Counter[str]()
    for reports in by_story.values():
        if all(report.relevance is Relevance.NONE for report in reports):
            continue
        come = sorted(reports, key=lambda report: report.published)
        if within is not None:
            come = [
                replace(report, published=come[0].published + within * n / len(come)) for n, report in enumerate(come)
            ]
        level, lifted = loudest(come, rules)
        levels[level] += 1
        if level is not Level.NORMAL:
            print(f"{level:9} {len({report.publisher for report in come}):2} publishers, by {lifted}")
    print(f"{dict(levels)} of {levels.total()} core or related, {len(by_story)} in all")
    assert levels[Level.BREAKING] <= levels.total() / 50


@pytest.mark.parametrize("half", ["guide", "held"])
def test_titles_that_are_breaking_and_those_that_only_sound_so(subject: Subject, rules: LevelRules, half: str) -> None:
    table = Path(__file__).with_name("breaking_titles.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = [row[1:] for line in table if (row := line.split("\t"))[0] == half]
    print(f"\n\n{len(rows)} invented titles ({half}), each brought by {len(TELLERS)} publishers of all sides at once")
    found = Counter[tuple[str, str]]()
    quoting, lifted_by_quotes = 0, 0
    for label, kind, title in rows:
        sort = breaking_sort(title, subject, rules)
        if kind.startswith("quoted"):
            quoting, lifted_by_quotes = quoting + 1, lifted_by_quotes + (sort != "none")
            continue
        found[label, sort] += 1
        if sort != label:
            print(f"  {sort} instead of {label} ({kind}): {title}")
    for sort, (precision, recall) in LEAST.items():
        right = found[sort, sort]
        # A clash in the air is told by the rules of airspace, too.
        wrong = sum(count for (label, said), count in found.items() if (label, said) == ("none", sort))
        missed = sum(count for (label, said), count in found.items() if label == sort and said != sort)
        print(f"{sort:9} precision {right}/{right + wrong}, recall {right}/{right + missed}")
        assert right >= precision * (right + wrong), sort
        assert right >= recall * (right + missed), sort
    print(f"one party's word, quoted by all: {lifted_by_quotes} of {quoting} breaking")
    assert lifted_by_quotes <= quoting / 5


def breaking_sort(title: str, subject: Subject, rules: LevelRules) -> str:
    """Of which sort of breaking news a story is that everybody tells in these words; "none" if it is not breaking."""
    lang = "ru" if any("а" <= letter <= "я" for letter in title.lower()) else "en"
    plain = item_of(title, lang=lang)
    topics = subject.classifier.classify(plain, Scope.GENERAL).topics
    told = [
        replace(plain, publisher=side, side=side, publisher_kind=kind, topics=topics, relevance=Relevance.CORE)
        for side, kind in TELLERS
    ]
    level, by = loudest(told, rules)
    return re.split("[_ ]", by.split(" then ")[-1])[0] if level is Level.BREAKING else "none"


@of_shared_data
def test_weights_of_titles(subject: Subject) -> None:
    print("\n\ntitles by what people called them: those that tell an event, their mean weight, the sign as expected")
    weights = defaultdict[str, list[float]](list)
    titles = Counter[str]()
    for row in (*rows("relevance_dev.jsonl"), *rows("relevance_dev_ru.jsonl")):
        if row["relevance"] != "none":
            titles[row["direction"]] += 1
            weight = subject.events.weight_of(item_of(row["title"], lang=row["lang"]))
            weights[row["direction"]] += [weight] if weight is not None else []
    for direction, of in weights.items():
        sign = 1 if direction == "deescalation" else -1
        right = "" if direction == "neutral" else f"   {fmean(sign * weight > 0 for weight in of):.2f}"
        print(f"{direction:13} {len(of):3} of {titles[direction]:3}   {fmean(of):+.1f}{right}")
    pairs = [(calm, tense) for calm in weights["deescalation"] for tense in weights["escalation"]]
    area = fmean((calm > tense) + (calm == tense) / 2 for calm, tense in pairs)
    print(f"a title of de-escalation weighs more than one of escalation in {100 * area:.0f}% of pairs")
    assert area > 0.8
