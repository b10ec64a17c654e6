"""Learns config/subject/relevance.json from labelled items: `python -m tests.bench.train_relevance`.

Two logistic regressions (core against the rest, none against the rest) with an L2 penalty, by L-BFGS in plain Python:
the same files give the same weights. The items are those of ../shared/data and the invented headlines of
relevance_examples.tsv, which teach what the former are poor in: Russian, and what became news later.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp, log1p
from operator import mul
from pathlib import Path
from typing import Any

from bot.config_files import read_model
from bot.core.language.text import clean, words_of
from bot.core.model import Item, PublisherKind, Relevance, Side, SourceId
from bot.core.rules.aliases import Aliases, AliasFile, aliases_of
from bot.core.subject.config_models import BIAS, TopicsFile
from bot.core.subject.relevance import features_of, read_part
from bot.core.subject.topics import Topics, topics_of

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
LABELLED = (DATA / "relevance_dev.jsonl", DATA / "relevance_dev_ru.jsonl")
EXAMPLES = Path(__file__).with_name("relevance_examples.tsv")
WEIGHTS = ROOT / "config" / "subject" / "relevance.json"

PENALTY = 5.0
INVENTED_COUNTS = 0.5  # an invented headline against a real one
# What one feature may say before the penalty bites: a sign more than a word, which may be chance.
SCALE = {"sign": 1.0, "sides": 1.0, "pair": 0.5, "grade": 1.0, "grades": 1.0, "word": 0.7}
LEAST_ITEMS = 3  # in which a feature must be found
LEAST_OUTLETS = 2  # of which: a name or habit of one outlet teaches nothing of another
NEGLIGIBLE = 0.02
ITERATIONS = 100
MEMORY = 10  # pairs of steps and gradients that L-BFGS keeps

Features = tuple[str, ...]
Weights = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """An item with what a person said of it; `outlet` is "" for an invented one."""

    item: Item
    outlet: str
    month: str  # such as 2025-12
    relevance: Relevance
    topics: frozenset[str]


def labelled_items() -> list[Labelled]:
    """The labelled items of ../shared/data."""
    lines = [line for path in LABELLED for line in path.read_text(encoding="utf-8").splitlines()]
    return [_labelled(json.loads(line)) for line in lines]


def invented_items() -> list[Labelled]:
    """The headlines of relevance_examples.tsv: grade, title, summary if any."""
    rows = [line.split("\t") for line in EXAMPLES.read_text(encoding="utf-8").splitlines()]
    return [_labelled({"relevance": row[0], "title": row[1], "summary": (*row, "")[2]}) for row in rows]


def item_of(title: str, summary: str = "", lang: str = "en", published: datetime | None = None) -> Item:
    """An item of no outlet that is known here."""
    title, summary = clean(title), clean(summary)
    when = published or datetime(2026, 1, 1, tzinfo=UTC)
    return Item(
        keys=(title.encode(),),
        source=SourceId("unknown"),
        source_name="",
        publisher="",
        publisher_kind=PublisherKind.OTHER,
        side=Side.MIXED,
        lang=lang,
        url=None,
        title=title,
        summary=summary,
        published=when,
        first_seen=when,
        words=words_of(title, summary, lang),
    )


def _labelled(row: Mapping[str, Any]) -> Labelled:
    return Labelled(
        item_of(row["title"], row.get("summary") or "", row.get("lang", "en")),
        row.get("outlet", ""),
        row.get("published", "")[:7],
        Relevance(row["relevance"]),
        frozenset(row.get("topics", ())),
    )


def configuration() -> tuple[TopicsFile, Aliases]:
    """topics.toml, and the aliases."""
    folder = WEIGHTS.parent
    return read_model(folder / "topics.toml", TopicsFile), aliases_of(
        read_model(folder / "aliases.toml", AliasFile).root
    )


def read_features(items: Iterable[Labelled], topics: Topics) -> list[Features]:
    """The features of each item."""
    views = [read_part(labelled.item) for labelled in items]
    return [tuple(features_of(view, topics.signs(view), topics)) for view in views]


def train(items: Sequence[Labelled], features: Sequence[Features]) -> Weights:
    """The weights (towards core, towards none) of all features that say something."""
    names = _telling(items, features)
    place = {name: index for index, name in enumerate(names)}
    rows = [tuple(place[name] for name in row if name in place) for row in features]
    penalties = [PENALTY / _scale(name) ** 2 for name in names]
    counts = [1.0 if labelled.outlet else INVENTED_COUNTS for labelled in items]
    core = logistic_regression(rows, [labelled.relevance is Relevance.CORE for labelled in items], counts, penalties)
    none = logistic_regression(rows, [labelled.relevance is Relevance.NONE for labelled in items], counts, penalties)
    found = zip((*names, BIAS), core, none, strict=True)
    return {name: (round(a, 2), round(b, 2)) for name, a, b in found if max(abs(a), abs(b)) >= NEGLIGIBLE}


def _telling(items: Sequence[Labelled], features: Sequence[Features]) -> list[str]:
    count = Counter(name for row in features for name in row)
    outlets = defaultdict(set)
    for labelled, row in zip(items, features, strict=True):
        for name in row:
            outlets[name].add(labelled.outlet)
    return sorted(name for name in count if count[name] >= LEAST_ITEMS and len(outlets[name]) >= LEAST_OUTLETS)


def _scale(feature: str) -> float:
    return SCALE[feature.removeprefix("title ").partition(" ")[0]]


def logistic_regression(
    rows: Sequence[tuple[int, ...]], positive: Sequence[bool], counts: Sequence[float], penalties: Sequence[float]
) -> list[float]:
    """The weights of binary features, the bias last, that make the labels likeliest under the penalties."""
    size = len(penalties)
    marked = [((*row, size), yes, count) for row, yes, count in zip(rows, positive, counts, strict=True)]
    costs = [*penalties, 0.0]

    def loss(weights: list[float]) -> tuple[float, list[float]]:
        total = sum(map(mul, costs, map(mul, weights, weights))) / 2
        gradient = list(map(mul, costs, weights))
        for row, yes, count in marked:
            score = sum([weights[index] for index in row])
            total += count * (log1p(exp(-abs(score))) + max(score, 0.0) - (score if yes else 0.0))
            error = count * (1 / (1 + exp(-score)) - yes)
            for index in row:
                gradient[index] += error
        return total, gradient

    return minimum(loss, [0.0] * (size + 1))


def minimum(loss: Callable[[list[float]], tuple[float, list[float]]], start: list[float]) -> list[float]:
    """Where a smooth convex function is least, by L-BFGS (Nocedal and Wright, algorithm 7.5) with backtracking."""
    point, (value, gradient) = start, loss(start)
    history: list[tuple[list[float], list[float], float]] = []
    for _ in range(ITERATIONS):
        direction = _direction(gradient, history)
        slope = sum(map(mul, gradient, direction))
        if slope > -1e-3:
            break
        step = 1.0 if history else 1 / (1 + sum(map(abs, gradient)))
        while True:
            candidate = [x + step * d for x, d in zip(point, direction, strict=True)]
            new_value, new_gradient = loss(candidate)
            if new_value <= value + 1e-4 * step * slope:
                break
            step /= 2
        moved = [step * d for d in direction]
        bent = [new - old for new, old in zip(new_gradient, gradient, strict=True)]
        history = [*history, (moved, bent, 1 / sum(map(mul, moved, bent)))][-MEMORY:]
        point, value, gradient = candidate, new_value, new_gradient
    return point


def _direction(gradient: list[float], history: list[tuple[list[float], list[float], float]]) -> list[float]:
    """Minus the gradient, turned by what the last steps told of the curvature (algorithm 7.4)."""
    turned = [-g for g in gradient]
    factors = []
    for moved, bent, weight in reversed(history):
        factor = weight * sum(map(mul, moved, turned))
        factors.append(factor)
        turned = [t - factor * b for t, b in zip(turned, bent, strict=True)]
    if history:
        moved, bent, weight = history[-1]
        ease = 1 / (weight * sum(map(mul, bent, bent)))
        turned = [ease * t for t in turned]
    for (moved, bent, weight), factor in zip(history, reversed(factors), strict=True):
        back = factor - weight * sum(map(mul, bent, turned))
        turned = [t + back * m for t, m in zip(turned, moved, strict=True)]
    return turned


def written(weights: Weights) -> str:
    """The text of relevance.json: features by kind, one a line, the strongest first."""
    kinds: dict[str, list[str]] = {}
    for name, (core, none) in sorted(weights.items(), key=lambda row: (-max(map(abs, row[1])), row[0])):
        kind, _, rest = name.rpartition(" ")
        kinds.setdefault(kind, []).append(f"    {json.dumps(rest, ensure_ascii=False)}: [{core:g}, {none:g}]")
    blocks = ["  " + json.dumps(kind) + ": {\n" + ",\n".join(kinds[kind]) + "\n  }" for kind in sorted(kinds)]
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def main() -> None:
    """Reads, learns and writes."""
    if missing := [path.name for path in LABELLED if not path.exists()]:
        raise SystemExit(f"{', '.join(missing)} not found in {DATA}: the weights stay as they are.")
    items = [*labelled_items(), *invented_items()]
    weights = train(items, read_features(items, topics_of(*configuration())))
    WEIGHTS.write_text(written(weights), encoding="utf-8")
    print(f"{len(weights)} features learnt from {len(items)} items: {WEIGHTS}")


if __name__ == "__main__":
    main()
