"""Learns config/subject/relevance.json from labelled items: `python -m tests.bench.train_relevance`.

Two logistic regressions (core against the rest, none against the rest) with an L2 penalty, by scikit-learn's L-BFGS:
the same files give the same weights. The items are those of ../shared/data, whole weeks among them with their real
share of strangers, and the invented headlines of relevance_examples.tsv, which teach what the others are poor in.
"""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.config_files import read_model
from bot.core.language.detection import language_in
from bot.core.language.text import clean, words_of
from bot.core.model import Item, PublisherKind, Relevance, Side, SourceId
from bot.core.subject.config_models import BIAS, TopicsFile
from bot.core.subject.relevance import features_of, read_part
from bot.core.subject.topics import Topics, topics_of
from bot.subject import read_aliases

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
LABELLED = (DATA / "relevance_dev.jsonl", DATA / "relevance_dev_ru.jsonl")
WEEKS = DATA / "weeks"
EXAMPLES = Path(__file__).with_name("relevance_examples.tsv")
WEIGHTS = ROOT / "config" / "subject" / "relevance.json"

PENALTY = 10.0
INVENTED_COUNTS = 0.5  # an invented headline against a real one
# What one feature may say before the penalty bites: a concept more than a word, which may be chance.
SCALE = {"sign": 1.0, "sides": 1.0, "pair": 1.0, "grade": 1.0, "grades": 1.0, "term": 1.0, "word": 0.7}
LEAST_ITEMS = 3  # in which a feature must be found
LEAST_OUTLETS = 2  # of which: a name or habit of one outlet teaches nothing of another
NEGLIGIBLE = 0.02
ITERATIONS = 500

Features = tuple[str, ...]
Weights = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """An item with what a person said of it; `outlet` is "" for an invented one, `week` that of a whole week."""

    item: Item
    outlet: str
    month: str  # such as 2025-12
    week: str
    relevance: Relevance
    topics: frozenset[str]


def labelled_items() -> list[Labelled]:
    """The labelled items of ../shared/data."""
    lines = [line for path in LABELLED for line in path.read_text(encoding="utf-8").splitlines()]
    return [_labelled(json.loads(line)) for line in lines]


def week_items() -> list[Labelled]:
    """The items of the whole weeks of ../shared/data."""
    found: list[Labelled] = []
    for path in sorted(WEEKS.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            found += [_labelled(json.loads(line), path.name.removesuffix(".jsonl.gz")) for line in lines]
    return found


def invented_items() -> list[Labelled]:
    """The headlines of relevance_examples.tsv, each in the language of its words: grade, title, summary if any."""
    rows = [line.split("\t") for line in EXAMPLES.read_text(encoding="utf-8").splitlines()]
    return [
        _labelled(
            {
                "relevance": row[0],
                "title": row[1],
                "summary": (*row, "")[2],
                "lang": language_in(row[1], "en", mixes=True),
            }
        )
        for row in rows
    ]


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


def _labelled(row: Mapping[str, Any], week: str = "") -> Labelled:
    return Labelled(
        item_of(row["title"], row.get("summary") or "", row.get("lang", "en")),
        row.get("outlet", ""),
        row.get("published", "")[:7],
        week,
        Relevance(row["relevance"]),
        frozenset(row.get("topics", ())),
    )


def configuration() -> tuple[TopicsFile, Topics]:
    """topics.toml as it is, and ready for use."""
    file = read_model(WEIGHTS.parent / "topics.toml", TopicsFile)
    return file, topics_of(file, read_aliases(WEIGHTS.parent))


def read_features(items: Iterable[Labelled], topics: Topics) -> list[Features]:
    """The features of each item."""
    views = [read_part(labelled.item) for labelled in items]
    return [tuple(features_of(view, topics.signs(view), topics)) for view in views]


def train(items: Sequence[Labelled], features: Sequence[Features]) -> Weights:
    """The weights (towards core, towards none) of all features that say something."""
    names = _telling(items, features)
    place = {name: index for index, name in enumerate(names)}
    scales = [_scale(name) for name in names]
    rows = [[place[name] for name in dict.fromkeys(row) if name in place] for row in features]
    ends = [0]
    for row in rows:
        ends.append(ends[-1] + len(row))
    indices = [index for row in rows for index in row]
    matrix = csr_matrix(([scales[index] for index in indices], indices, ends), shape=(len(rows), len(names)))
    counts = [1.0 if labelled.outlet else INVENTED_COUNTS for labelled in items]
    sought = (
        [labelled.relevance is Relevance.CORE for labelled in items],
        [labelled.relevance is Relevance.NONE for labelled in items],
    )
    models = [LogisticRegression(C=1 / PENALTY, max_iter=ITERATIONS).fit(matrix, each, counts) for each in sought]
    core, none = ([*model.coef_[0] * scales, model.intercept_[0]] for model in models)
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
    items = [*labelled_items(), *week_items(), *invented_items()]
    weights = train(items, read_features(items, configuration()[1]))
    WEIGHTS.write_text(written(weights), encoding="utf-8")
    print(f"{len(weights)} features learnt from {len(items)} items: {WEIGHTS}")


if __name__ == "__main__":
    main()
