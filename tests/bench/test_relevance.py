"""Figures of relevance and topics beside simpler rivals, on the labelled items of ../shared/data."""

from collections.abc import Sequence
from time import perf_counter

import pytest

from bot.config_files import read_model
from bot.core.model import Relevance, Scope
from bot.core.subject.config_models import WeightsFile
from bot.core.subject.relevance import Classifier, classifier_of, read_part
from tests.bench.relevance_evaluation import (
    Split,
    by_keywords,
    by_lot,
    by_outlet,
    by_rules,
    by_week,
    counts,
    later_verdicts,
    only,
    verdicts,
)
from tests.bench.train_relevance import (
    LABELLED,
    WEIGHTS,
    Features,
    Labelled,
    configuration,
    invented_items,
    labelled_items,
    read_features,
    train,
    week_items,
    written,
)

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(not LABELLED[0].exists(), reason="../shared/data is not here"),
]

# The topics that the labelled items know; what else topics.toml has is finer.
LABELLED_TOPICS = [
    "military_posture",
    "incident",
    "ukraine_war",
    "arms_aid",
    "diplomacy",
    "sanctions",
    "nuclear",
    "statement",
    "membership",
    "hybrid",
]

Read = tuple[list[Labelled], list[Features], list[tuple[Labelled, Features]]]


@pytest.fixture(scope="module")
def read() -> Read:
    topics = configuration()[1]
    items, more = labelled_items(), [*week_items(), *invented_items()]
    return items, read_features(items, topics), list(zip(more, read_features(more, topics), strict=True))


def test_each_part_by_outlet(read: Read) -> None:
    items, features, more = read
    print("\n\nleave one outlet out: F1 of core against none, against all the rest")
    show("keywords of both sides", items, by_keywords(features))
    show("grades by rules alone", items, by_rules(features))
    for name, kinds in (
        ("terms alone", ("term",)),
        ("signs and sides", ("sign", "sides", "pair")),
        ("signs, sides, grades", ("sign", "sides", "pair", "grade", "grades")),
        ("signs, sides, terms", ("sign", "sides", "pair", "term")),
    ):
        others = [
            (labelled, row) for (labelled, _), row in zip(more, only([row for _, row in more], *kinds), strict=True)
        ]
        show(name, items, verdicts(items, only(features, *kinds), others, by_outlet))
    show("all, no weeks, none invented", items, verdicts(items, features, (), by_outlet))
    taken = verdicts(items, features, more, by_outlet)
    show("all", items, taken)
    for lot in sorted(set(map(by_outlet, items))):
        places = [place for place, labelled in enumerate(items) if by_outlet(labelled) == lot]
        show(f"  {lot}", [items[place] for place in places], [taken[place] for place in places])


def test_later_items(read: Read) -> None:
    items, features, more = read
    print("\n\nlearnt from items before October 2025, tried on those after")
    for name, rows, others in (
        ("terms alone", only(features, "term"), []),
        ("all, no weeks, none invented", features, []),
        ("all", features, more),
    ):
        tried = list(later_verdicts(items, rows, others))
        for lang in ("en", "ru"):
            of = [(labelled, core) for labelled, core in tried if labelled.item.lang == lang]
            show(f"{name}, {lang}", [labelled for labelled, _ in of], [core for _, core in of])


@pytest.mark.parametrize("split", [by_week, by_lot], ids=["weeks", "outlets"])
def test_whole_weeks(read: Read, split: Split) -> None:
    """Core in whole weeks, by weights that were learnt without the week, or without the outlet."""
    items, features, more = read
    pairs = [*zip(items, features, strict=True), *more]
    of_weeks = [(labelled, row) for labelled, row in pairs if labelled.week]
    weekly, rows = [labelled for labelled, _ in of_weeks], [row for _, row in of_weeks]
    taken = verdicts(weekly, rows, [pair for pair in pairs if not pair[0].week], split)
    print(
        f"\n\ncore in whole weeks, learnt from other {split.__name__.removeprefix('by_')}s   core found wrong  P    R"
    )
    for name, ours in (
        *((f"{week} {lang}", (week, lang)) for week, lang in sorted({(of.week, of.item.lang) for of in weekly})),
        *((lang, ("", lang)) for lang in sorted({of.item.lang for of in weekly})),
        ("all but en, ru", ("", "")),
        ("all", ("", "*")),
    ):
        week, lang = ours
        places = [
            place
            for place, of in enumerate(weekly)
            if week in {"", of.week}
            and (lang in {"*", of.item.lang} or (not lang and of.item.lang not in {"en", "ru"}))
        ]
        core = [weekly[place].relevance is Relevance.CORE for place in places]
        found = sum(taken[place] and is_core for place, is_core in zip(places, core, strict=True))
        wrong = sum(taken[place] for place in places) - found
        shares = (found / sum(part) if (part := [found, wrong]) != [0, 0] else 0.0, found / max(1, sum(core)))
        print(f"{name:52} {sum(core):5} {found:5} {wrong:5}  {shares[0]:.2f} {shares[1]:.2f}")


def show(name: str, items: Sequence[Labelled], taken: Sequence[bool]) -> None:
    print(f"{name:28} {len(items):5}   {counts(items, taken)}")


def test_topics(read: Read) -> None:
    items, _, _ = read
    topics = configuration()[1]
    views = [(labelled, read_part(labelled.item)) for labelled in items if labelled.relevance is not Relevance.NONE]
    found = [(labelled, topics.topics_for(view, topics.signs(view))) for labelled, view in views]
    print("\n\ntopics of core and related items   F1    right  wrong  missed")
    for topic in LABELLED_TOPICS:
        right = sum(topic in labelled.topics and topic in ids for labelled, ids in found)
        wrong = sum(topic not in labelled.topics and topic in ids for labelled, ids in found)
        missed = sum(topic in labelled.topics and topic not in ids for labelled, ids in found)
        f1 = 2 * right / (2 * right + wrong + missed)
        print(f"{topic:34} {f1:.2f} {right:6} {wrong:6} {missed:7}")


def test_time(read: Read) -> None:
    items, features, more = read
    start = perf_counter()
    weights = train([*items, *(labelled for labelled, _ in more)], [*features, *(row for _, row in more)])
    print(f"\n\nlearning from {len(items) + len(more)} items: {perf_counter() - start:.1f} s")
    print(f"relevance.json: {len(weights)} features, {len(written(weights)) / 1000:.0f} KB")
    classifier = _classifier()
    start = perf_counter()
    for labelled in items:
        classifier.classify(labelled.item, Scope.GENERAL)
    print(f"classifying: {(perf_counter() - start) / len(items) * 1000:.2f} ms an item")


def _classifier() -> Classifier:
    file, topics = configuration()
    return classifier_of(topics, read_model(WEIGHTS, WeightsFile), file.core_from)
