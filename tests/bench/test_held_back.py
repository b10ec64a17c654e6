"""Headlines and events invented in 18 languages by somebody who had seen no rules: held back, read once at the end.

held_back_headlines.tsv: language, label, title; sixty a language, twenty of each label, half of them look-alikes of
another. held_back_events.tsv: number of the event, language, title; ten events, each told in every language; 1 and 2, 3
and 4 and so on are look-alikes of each other.
"""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.model import Item, Relevance, Scope, StoryId
from bot.core.stories.grouping import Grouper, NewStory
from bot.subject import Subject, config_folder, read_subject
from tests.bench.train_relevance import item_of

pytestmark = pytest.mark.bench

FOLDER = Path(__file__).parent
BEGUN = datetime(2026, 11, 30, 6, tzinfo=UTC)


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def subject() -> Subject:
    return read_subject(config_folder())


def test_relevance(subject: Subject) -> None:
    """Core precision and recall by language."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for lang, label, title in rows("held_back_headlines.tsv"):
        verdict = subject.classifier.classify(item_of(title, lang=lang), Scope.GENERAL)
        found[lang][f"{label} {verdict.relevance}"] += 1
        found["all"][f"{label} {verdict.relevance}"] += 1
    print("\n\nlang  core found, wrong: related, none    P    R")
    for lang, counts in found.items():
        core = sum(counts[f"core {grade}"] for grade in Relevance)
        right, related, none = (counts[f"{label} core"] for label in ("core", "related", "none"))
        precision = right / max(1, right + related + none)
        print(f"{lang:4} {core:5} {right:5} {related:15} {none:5}   {precision:.2f} {right / core:.2f}")


def test_events(subject: Subject) -> None:
    """In how many languages each event is in one story, and what else is in that."""
    told: dict[str, list[tuple[str, Item]]] = defaultdict(list)
    for number, lang, title in rows("held_back_events.tsv"):
        published = BEGUN + timedelta(minutes=20 * len(told[lang]) + 3 * len(told))
        told[lang].append((number, replace(item_of(title, lang=lang, published=published), publisher=lang)))
    grouper = Grouper(subject.lexicon)
    stories: defaultdict[str, list[int]] = defaultdict(list)
    begun = 0
    for number, item in sorted((pair for pairs in told.values() for pair in pairs), key=lambda pair: pair[1].published):
        draft = grouper.draft()
        label = draft.assign(item)
        begun += isinstance(label, NewStory)
        story = StoryId(begun) if isinstance(label, NewStory) else label
        grouper.accept(draft, {label: story} if isinstance(label, NewStory) else {})
        stories[number].append(int(story))
    print("\n\nevent  tellings in its main story   groups   of other events in it")
    shares = []
    for number, of in sorted(stories.items(), key=lambda pair: int(pair[0])):
        (main, size), *_ = Counter(of).most_common(1)
        strangers = sum(each.count(main) for other, each in stories.items() if other != number)
        shares.append((size - 1) / (len(of) - 1))
        print(f"{number:>5} {size:9} of {len(of):2} {len(set(of)):14} {strangers:12}")
    print(f"further languages in the main story, mean: {sum(shares) / len(shares):.2f}")
