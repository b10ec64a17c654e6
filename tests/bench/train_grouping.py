"""Learns the weights of bot/core/grouping.py: `python -m tests.bench.train_grouping`.

A climb from a plain start: every step changes some weights by chance and keeps what groups no worse. What counts is
the mean F1 of the items as one stream and of its two halves as two. What a climb on all of stories_dev comes to is
rounded by hand in grouping.py, with a lower bias, so that general news (ECB+, NeuS) is not merged either. The climbs on
either half alone are for trying on the other.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from statistics import mean

from bot.core.grouping import Grouper
from bot.core.lexicon import Lexicon
from tests.bench.grouping_evaluation import AUTUMN, Told, b_cubed, dev_items, grouped, shipped_lexicon

STEPS = 60
SEED = 1

# By principle, not by figures: the same weight in every climb.
GIVEN = {"age": -0.15, "publisher": -0.3, "burst": 4.0}
START = {
    "terms": 8.0,
    "core": 2.0,
    "evidence": 1.0,
    "gap": -1.0,
    **GIVEN,
    "bias": -5.5,
}
# How far a step goes.
REACH = {"terms": 2.0, "core": 1.5, "evidence": 0.4, "gap": 0.4, "bias": 0.4}
CHANGED = 0.4  # of the weights in a step

# What climbs on the one half and on the other came to.
SUMMER_WEIGHTS: Mapping[str, float] = {"terms": 8.0, "core": 2.0, "evidence": 1.0, "gap": -1.0, **GIVEN, "bias": -4.5}
AUTUMN_WEIGHTS: Mapping[str, float] = {
    "terms": 8.54,
    "core": 1.08,
    "evidence": 1.08,
    "gap": -0.66,
    **GIVEN,
    "bias": -5.1,
}


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
    dev, lexicon = dev_items(), shipped_lexicon()
    summer = [told for told in dev if told.item.published < AUTUMN]
    autumn = [told for told in dev if told.item.published >= AUTUMN]
    for name, streams in (("all", [dev, summer, autumn]), ("June", [summer]), ("September", [autumn])):
        found, weights = climb(streams, lexicon)
        print(name, f"{found:.4f}", {signal: round(weight, 2) for signal, weight in weights.items()}, flush=True)


if __name__ == "__main__":
    main()
