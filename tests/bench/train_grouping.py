"""Learns the weights of bot/core/stories/grouping.py: `python -m tests.bench.train_grouping`.

A climb from a plain start: every step changes some weights by chance and keeps what groups no worse. What counts is
the mean F1 of the streams. What a climb on all of them comes to is rounded by hand in grouping.py, with a lower bias,
so that short headlines and general news (ECB+, NeuS) are not merged either. The other two climbs are for trying on
what they have not seen.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

from bot.core.language.lexicon import Lexicon
from bot.core.stories.grouping import Grouper
from tests.bench.grouping_evaluation import (
    AUTUMN,
    Told,
    b_cubed,
    dev_items,
    grouped,
    recorded_items,
    relevance_items,
    shipped_lexicon,
    two_language_items,
    week_items,
)

STEPS = 60
SEED = 1

# By principle, not by figures: the same weight in every climb.
GIVEN = {"age": -0.15, "publisher": -0.8, "burst": 4.0}
START = {
    "terms": 8.0,
    "core": 2.0,
    "evidence": 1.0,
    "title": 2.0,
    "gap": -1.0,
    **GIVEN,
    "bias": -7.0,
}
# How far a step goes.
REACH = {"terms": 2.0, "core": 1.5, "evidence": 0.4, "title": 0.5, "gap": 0.4, "bias": 0.4}
CHANGED = 0.4  # of the weights in a step

# What climbs on stories_dev alone, and on all but it, came to before titles counted by themselves.
_BEFORE_TITLES = {**GIVEN, "title": 0.0}
DEV_WEIGHTS: Mapping[str, float] = {
    "terms": 8.0,
    "core": 2.0,
    "evidence": 1.0,
    "gap": -1.0,
    **_BEFORE_TITLES,
    "bias": -4.39,
}
OTHER_WEIGHTS: Mapping[str, float] = {
    "terms": 8.0,
    "core": 2.26,
    "evidence": 1.0,
    "gap": -0.99,
    **_BEFORE_TITLES,
    "bias": -5.51,
}


def dev_streams() -> list[list[Told]]:
    """stories_dev as a stream, its halves as two, and all of it in two languages."""
    dev = dev_items()
    summer = [told for told in dev if told.item.published < AUTUMN]
    autumn = [told for told in dev if told.item.published >= AUTUMN]
    return [dev, summer, autumn, two_language_items()]


def other_streams() -> list[list[Told]]:
    """An invented week, recorded feeds, and items of the relevance sets of two times."""
    return [week_items(), recorded_items(), relevance_items("2025-10", "2026"), relevance_items("2026", "2027")]


def score(streams: Sequence[Sequence[Told]], lexicon: Lexicon, weights: Mapping[str, float]) -> float:
    """The mean F1 over the streams."""
    return mean(
        b_cubed([told.story for told in stream], grouped(Grouper(lexicon, weights), [told.item for told in stream])).f1
        for stream in streams
    )


def climb(streams: Sequence[Sequence[Told]], lexicon: Lexicon) -> tuple[float, Mapping[str, float]]:
    """The best mean F1 that was found, and its weights."""
    rng = random.Random(SEED)
    best = max((score(streams, lexicon, weights), place, weights) for place, weights in enumerate(with_other_bias()))
    found, weights = best[0], best[2]
    for _ in range(STEPS):
        tried = dict(stepped(weights, rng))
        if (reached := score(streams, lexicon, tried)) >= found:
            found, weights = reached, tried
    return found, weights


def with_other_bias() -> Iterator[dict[str, float]]:
    return (START | {"bias": START["bias"] + more / 4} for more in range(-6, 7))


def stepped(weights: Mapping[str, float], rng: random.Random) -> Iterator[tuple[str, float]]:
    for signal, weight in weights.items():
        changes = signal in REACH and rng.random() < CHANGED
        moved = weight + rng.gauss(0, REACH[signal]) if changes else weight
        yield signal, moved if signal in {"gap", "bias", *GIVEN} else max(moved, 0.0)


def main() -> None:
    lexicon, dev, others = shipped_lexicon(), dev_streams(), other_streams()
    for name, streams in (("all", [*dev, *others]), ("stories_dev", dev), ("all but stories_dev", others)):
        found, weights = climb(streams, lexicon)
        print(name, f"{found:.4f}", {signal: round(weight, 2) for signal, weight in weights.items()}, flush=True)


if __name__ == "__main__":
    main()
