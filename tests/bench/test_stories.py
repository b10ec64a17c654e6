"""Grouping: B-cubed beside simpler ways, what each signal brings, and the time an item takes among 20,000.

Precision, recall and F1; thresholds of the simpler ways are the best for the very items they are tried on, ours are
not. `test_halves` prints what the weights learnt on one half of stories_dev give on the other.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from resource import getpagesize
from statistics import mean, median, quantiles
from time import process_time

import pytest

from bot.core.grouping import WEIGHTS, Grouper
from bot.core.lexicon import NO_LEXICON, Lexicon, lexicon_of
from bot.core.model import Item, StoryId
from bot.core.text import words_of
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
    neus_items,
    ours,
    plain,
    shipped_lexicon,
    shipped_tables,
    two_language_items,
)
from tests.bench.train_grouping import AUTUMN_WEIGHTS, SUMMER_WEIGHTS
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
    dev = dev_items()
    sets = {
        "stories_dev, all 289": dev,
        "stories_dev, June": [told for told in dev if told.item.published < AUTUMN],
        "stories_dev, September": [told for told in dev if told.item.published >= AUTUMN],
        "stories_dev with Russian counterparts": two_language_items(),
        "ECB+, 982 documents": ecb_items(),
        "NeuS, test split": neus_items("test"),
    }
    for name, told in sets.items():
        print(f"\n{name:44} P      R      F1")
        show("  every item alone", figures(told, alone))
        show("  plain TF-IDF, best threshold", best_plain(told))
        found = figures(told, ours(lexicon))
        show("  ours", found)
        assert found.f1 > figures(told, alone).f1


def test_halves(lexicon: Lexicon) -> None:
    dev = dev_items()
    summer = [told for told in dev if told.item.published < AUTUMN]
    autumn = [told for told in dev if told.item.published >= AUTUMN]
    print(f"\n{'learnt on one half, tried on the other':44} P      R      F1")
    show("  learnt on September, tried on June", figures(summer, ours(lexicon, AUTUMN_WEIGHTS)))
    show("  learnt on June, tried on September", figures(autumn, ours(lexicon, SUMMER_WEIGHTS)))


def test_what_each_signal_brings(lexicon: Lexicon) -> None:
    dev = dev_items()
    names, translations = shipped_tables()
    print(f"\n{'without (bias chosen anew)':44} P      R      F1")
    show("  nothing left out", best_bias(dev, lexicon, WEIGHTS))
    for signal in WEIGHTS:
        if signal != "bias":
            show(f"  {signal}", best_bias(dev, lexicon, {**WEIGHTS, signal: 0.0}))
    for name, other in (
        ("names of aliases.toml", lexicon_of({}, without_seats(translations))),
        ("translations.toml", lexicon_of(names, {})),
        ("both files", NO_LEXICON),
        ("the rule of other countries", replace(lexicon, countries=frozenset())),
        ("the rule of other towns", replace(lexicon, towns=frozenset())),
        ("shares of ordinary weeks", replace(lexicon, usual={})),
    ):
        show(f"  {name}", best_bias(dev, other, WEIGHTS))
    bare = [Told(replace(told.item, summary="", words=words_of(told.item.title, "")), told.story) for told in dev]
    show("  summaries", best_bias(bare, lexicon, WEIGHTS))


def without_seats(translations: Mapping[str, object]) -> Mapping[str, object]:
    return {heading: table for heading, table in translations.items() if isinstance(table, list)}


def best_bias(told: Sequence[Told], lexicon: Lexicon, weights: Mapping[str, float]) -> Figures:
    tried = (figures(told, ours(lexicon, {**weights, "bias": weights["bias"] + more})) for more in BIASES)
    return max(tried, key=lambda found: found.f1)


def test_worst_groups(lexicon: Lexicon) -> None:
    """The groups that cost most: items in them that belong together with few of the others."""
    dev = dev_items()
    groups = grouped(Grouper(lexicon), [told.item for told in dev])
    print("\nids of the groups that mix most")
    mixed = sorted(set(groups), key=lambda group: strangers(dev, groups, group), reverse=True)
    for group in mixed[:5]:
        stories = [told.story for told, of in zip(dev, groups, strict=True) if of == group]
        print(f"  {len(stories)} items of {len(set(stories))} stories: {' '.join(stories)}")


def strangers(told: Sequence[Told], groups: Sequence[int], group: int) -> int:
    stories = [each.story for each, of in zip(told, groups, strict=True) if of == group]
    return sum(stories.count(other) for other in set(stories)) * len(stories) - sum(map(stories.count, stories))


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
