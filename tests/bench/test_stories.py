"""Grouping: B-cubed beside simpler ways, what each signal brings, and the time an item takes among 20,000.

Precision, recall and F1; thresholds of the simpler ways are the best for the very items they are tried on, ours are
not. `test_held_out` prints what weights give on items that they were not learnt on.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from resource import getpagesize
from statistics import mean, median, quantiles
from time import process_time

import pytest

from bot.core.language.lexicon import NO_LEXICON, Lexicon
from bot.core.language.lexicon_files import TranslationsFile, lexicon_of
from bot.core.language.text import words_of
from bot.core.model import Item, StoryId
from bot.core.stories.grouping import WEIGHTS, Grouper
from tests.bench.grouping_evaluation import (
    AUTUMN,
    DEV,
    Figures,
    Told,
    alone,
    dev_items,
    ecb_items,
    figures,
    grouped,
    joined,
    look_alikes,
    neus_items,
    ours,
    plain,
    recorded_items,
    relevance_items,
    shipped_lexicon,
    shipped_tables,
    two_language_items,
    week_items,
)
from tests.bench.train_grouping import DEV_WEIGHTS, OTHER_WEIGHTS
from tests.builders import NOW, item

pytestmark = [pytest.mark.bench, pytest.mark.skipif(not DEV.exists(), reason="../shared/data is not here")]

THRESHOLDS = [step / 100 for step in range(16, 44, 3)]
BIASES = [step / 4 for step in range(-4, 5)]
LIVE = 20_000


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return shipped_lexicon()


def show(name: str, found: Figures) -> None:
    print(f"{name:44} {found}")


def best_plain(told: Sequence[Told]) -> Figures:
    return max((figures(told, plain(threshold)) for threshold in THRESHOLDS), key=lambda found: found.f1)


def test_beside_simpler_ways(lexicon: Lexicon) -> None:
    """Ours beside a rival whose threshold is the best for the very items; what is general news is only shown."""
    dev = dev_items()
    subject = {
        "stories_dev, all 289": dev,
        "stories_dev, June": [told for told in dev if told.item.published < AUTUMN],
        "stories_dev, September": [told for told in dev if told.item.published >= AUTUMN],
        "stories_dev with Russian counterparts": two_language_items(),
        "invented week in two languages, 259": week_items(),
        "recorded feeds, 437": recorded_items(),
        "relevance_dev, autumn 2025, 261": relevance_items("2025-10", "2026"),
        "relevance_dev_ru, March 2026, 220": relevance_items("2026", "2027"),
    }
    general = {"ECB+, 982 documents": ecb_items(), "NeuS, test split": neus_items("test")}
    for name, told in (subject | general).items():
        print(f"\n{name:44} P      R      F1")
        show("  every item alone", figures(told, alone))
        rival = best_plain(told)
        show("  plain TF-IDF, best threshold", rival)
        found = figures(told, ours(lexicon))
        show("  ours", found)
        assert found.f1 > (rival.f1 if name in subject else figures(told, alone).f1)


def test_look_alikes(lexicon: Lexicon) -> None:
    """Short headlines that share most of their words: hard, and the errors are not alike."""
    same, different = joined(look_alikes(), [told.item for told in dev_items()], lexicon)
    print(f"\npairs that become one story: of one event {same:.0%}, of two events {different:.0%}")
    assert different < 0.25 < same


def test_held_out(lexicon: Lexicon) -> None:
    print(f"\n{'weights learnt on other items':44} P      R      F1")
    learnt = (
        ("all but stories_dev, tried on it", OTHER_WEIGHTS, {"stories_dev": dev_items()}),
        (
            "stories_dev, tried on others",
            DEV_WEIGHTS,
            {
                "invented week": week_items(),
                "recorded feeds": recorded_items(),
                "relevance_dev": relevance_items("2025-10", "2026"),
                "relevance_dev_ru": relevance_items("2026", "2027"),
            },
        ),
    )
    for name, weights, tried in learnt:
        print(f"  {name}")
        for items, told in tried.items():
            found = figures(told, ours(lexicon, weights))
            show(f"    {items}", found)
            assert found.precision > 0.75  # false corroboration is the worse error


def test_what_each_signal_brings(lexicon: Lexicon) -> None:
    dev = dev_items()
    names, translations = shipped_tables()
    print(f"\n{'without (bias chosen anew)':44} P      R      F1")
    show("  nothing left out", best_bias(dev, lexicon, WEIGHTS))
    for signal in WEIGHTS:
        if signal != "bias":
            show(f"  {signal}", best_bias(dev, lexicon, {**WEIGHTS, signal: 0.0}))
    for name, other in (
        (
            "names of aliases.toml",
            lexicon_of({}, translations.model_copy(update={"stands_for": {}, "lies_in": {}, "usual": {}})),
        ),
        ("translations.toml", lexicon_of(names, TranslationsFile())),
        ("both files", NO_LEXICON),
        ("the rules of other countries", replace(lexicon, countries=frozenset())),
        ("in which country a town lies", replace(lexicon, lies_in={})),
        ("the rule of other towns", replace(lexicon, towns=frozenset())),
        ("shares of ordinary weeks", replace(lexicon, usual={})),
    ):
        show(f"  {name}", best_bias(dev, other, WEIGHTS))
    bare = [
        Told(replace(told.item, summary="", words=words_of(told.item.title, "", told.item.lang)), told.story)
        for told in dev
    ]
    show("  summaries", best_bias(bare, lexicon, WEIGHTS))


def best_bias(told: Sequence[Told], lexicon: Lexicon, weights: Mapping[str, float]) -> Figures:
    tried = (figures(told, ours(lexicon, {**weights, "bias": weights["bias"] + more})) for more in BIASES)
    return max(tried, key=lambda found: found.f1)


def test_worst_stories(lexicon: Lexicon) -> None:
    """The stories that cost most: pairs of their items that are apart, and pairs with a stranger."""
    dev = dev_items()
    groups = grouped(Grouper(lexicon), [told.item for told in dev])
    print("\nstory: pairs apart, pairs with strangers, items, groups")
    costs = {story: cost(dev, groups, story) for story in dict.fromkeys(told.story for told in dev)}
    worst = sorted(costs, key=lambda story: sum(costs[story]), reverse=True)[:5]
    for story in worst:
        of = [group for told, group in zip(dev, groups, strict=True) if told.story == story]
        print(f"  {story}: {costs[story][0]}, {costs[story][1]}, {len(of)}, {len(set(of))}")
    apart, strangers = (sum(each) for each in zip(*costs.values(), strict=True))
    print(f"  all: {apart}, {strangers}")
    assert strangers < apart / 2  # false corroboration is the worse error


def cost(told: Sequence[Told], groups: Sequence[int], story: str) -> tuple[int, int]:
    ours = [group for each, group in zip(told, groups, strict=True) if each.story == story]
    others = Counter(group for each, group in zip(told, groups, strict=True) if each.story != story)
    apart = sum(one != other for one, other in combinations(ours, 2))
    return apart, sum(others[group] for group in ours)


def test_time_and_memory(lexicon: Lexicon) -> None:
    live = list(crowd(LIVE))
    start, before = process_time(), megabytes()
    grouper = Grouper(lexicon)
    for number, read in enumerate(live):
        grouper.add(read, StoryId(number * 3 // 5))  # of five items, two are of a story that runs
    loaded, size = process_time() - start, megabytes() - before
    times = []
    for read in crowd(400, seed=9):
        begin = process_time()
        grouper.draft().assign(read)
        times.append((process_time() - begin) * 1000)
    print(f"\n{LIVE:,} live items in {len(grouper.profiles):,} stories: loaded in {loaded:.1f} s, {size:.0f} MB")
    slowest = quantiles(times, n=20)[-1]
    print(f"one more: mean {mean(times):.2f} ms, median {median(times):.2f}, 95 of 100 under {slowest:.2f}")
    assert median(times) < 3


def crowd(count: int, seed: int = 1) -> Iterator[Item]:
    """Items of 72 hours that look like news: sentences of NeuS with names of our subject strewn in."""
    rng = random.Random(seed)
    texts = [told.item for told in neus_items("train")]
    names = ["Russia", "Ukraine", "NATO", "Putin", "Kyiv", "drones", "strike", "talks", "sanctions", "Estonia"]
    for number in range(count):
        one, other = rng.choice(texts), rng.choice(texts)
        title = " ".join([*one.title.split()[:6], *rng.sample(names, 2), *other.title.split()[-4:]])
        published = NOW - timedelta(hours=71 * (1 - number / count))
        yield item(
            title, summary=other.summary[:250], published=published, outlet="northgate", publisher=f"{number % 60}"
        )


def megabytes() -> float:
    """What the process holds at present."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * getpagesize() / 1e6
