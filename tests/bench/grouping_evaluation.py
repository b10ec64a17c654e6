"""How well items are grouped: the labelled sets of ../shared/data, B-cubed, and two simpler ways to compare with."""

import gzip
import html
import json
import random
import re
import tarfile
import tomllib
from calendar import timegm
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import log, sqrt
from pathlib import Path
from statistics import mean

import feedparser

from bot.config_files import read_model
from bot.core.language.lexicon import Lexicon
from bot.core.language.lexicon_files import NameSets, TranslationsFile
from bot.core.language.text import clean
from bot.core.model import Item, StoryId
from bot.core.rules.aliases import AliasFile
from bot.core.stories.grouping import WEIGHTS, Grouper, NewStory
from bot.subject import config_folder, read_subject
from tests.builders import item

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
DEV = DATA / "stories_dev.jsonl"
COUNTERPARTS = Path(__file__).with_name("russian_counterparts.toml")
WEEK = Path(__file__).with_name("invented_week.toml")
LOOK_ALIKES = Path(__file__).with_name("lookalikes.toml")
RELEVANCE = DATA / "relevance_dev.jsonl", DATA / "relevance_dev_ru.jsonl"
RELEVANCE_STORIES = Path(__file__).with_name("stories_relevance.tsv")
RECORDED = DATA / "feeds_replay.tar.gz"
RECORDED_STORIES = Path(__file__).with_name("stories_recorded_feeds.tsv")
ECB = DATA / "ecbplus_982.jsonl.gz"
NEUS = DATA / "neus_allsides_events.jsonl.gz"
AUTUMN = datetime(2025, 8, 1, tzinfo=UTC)  # parts the two halves of stories_dev
READ = 400  # letters of a text that is no summary
SEED = 5

_TAG = re.compile(r"<[^>]+>")

Way = Callable[[Sequence[Item]], list[int]]


@dataclass(frozen=True, slots=True)
class Told:
    """An item and the story that people put it in."""

    item: Item
    story: str


@dataclass(frozen=True, slots=True)
class Figures:
    """B-cubed precision and recall."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    def __str__(self) -> str:
        return f"{self.precision:.3f}  {self.recall:.3f}  {self.f1:.3f}"


def dev_items() -> list[Told]:
    rows = map(json.loads, DEV.read_text(encoding="utf-8").splitlines())
    return [
        Told(_item(row["title"], row["summary"], row["outlet"], datetime.fromisoformat(row["published"])), row["story"])
        for row in rows
    ]


def two_language_items() -> list[Told]:
    """The items of stories_dev, among them what a Russian outlet might have said two hours after some."""
    counterparts = {
        id_: [texts] for id_, texts in tomllib.loads(COUNTERPARTS.read_text(encoding="utf-8"))["counterparts"].items()
    }
    ids = (json.loads(row)["id"] for row in DEV.read_text(encoding="utf-8").splitlines())
    told = list(zip(ids, dev_items(), strict=True))
    russian = [
        Told(_item(title, summary, "volga-ru.example", each.item.published + timedelta(hours=2)), each.story)
        for id_, each in told
        for title, summary in counterparts.get(id_, ())
    ]
    return sorted([*(each for _, each in told), *russian], key=lambda each: each.item.published)


def week_items() -> list[Told]:
    """An invented week in two languages."""
    rows = tomllib.loads(WEEK.read_text(encoding="utf-8"))["items"]
    return [Told(_item(row["title"], row["summary"], row["outlet"], row["published"]), row["story"]) for row in rows]


def relevance_items(since: str, until: str) -> list[Told]:
    """Items of the relevance sets published in a time, with the stories that we read out of them."""
    stories = _labels(RELEVANCE_STORIES)
    rows = [json.loads(row) for file in RELEVANCE for row in file.read_text(encoding="utf-8").splitlines()]
    told = [
        Told(
            _item(row["title"], row["summary"], row["outlet"], datetime.fromisoformat(row["published"])),
            stories[row["id"]],
        )
        for row in rows
        if row["id"] in stories and since <= row["published"] < until
    ]
    return sorted(told, key=lambda each: each.item.published)


def recorded_items() -> list[Told]:
    """Items of the recorded feeds since December 2025, as first seen, with the stories that we read out of them."""
    stories, told = _labels(RECORDED_STORIES), dict[str, Told]()
    with tarfile.open(RECORDED) as archive:
        snapshots = [member for member in archive if member.isfile()]
        for member in sorted(snapshots, key=lambda member: member.name.rpartition("/")[-1]):
            _, outlet, _ = member.name.split("/")
            body = archive.extractfile(member)
            for entry in feedparser.parse(body.read()).entries if body else ():
                id_ = sha256(f"{outlet} {entry.get('id') or entry.get('link')}".encode()).hexdigest()[:10]
                if id_ in stories and id_ not in told:
                    summary = html.unescape(_TAG.sub(" ", entry.get("summary", "")))[:READ]
                    published = datetime.fromtimestamp(timegm(entry.published_parsed), UTC)
                    told[id_] = Told(_item(entry.title, summary, outlet, published), stories[id_])
    return sorted(told.values(), key=lambda each: each.item.published)


def _labels(file: Path) -> dict[str, str]:
    rows = file.read_text(encoding="utf-8").splitlines()
    return {id_: story for id_, tab, story in (row.partition("\t") for row in rows) if tab}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two headlines, and whether they are of one event."""

    first: str
    second: str
    same: bool


def look_alikes() -> list[Pair]:
    """Invented headlines that share most of their words, of one event or of two."""
    rows = tomllib.loads(LOOK_ALIKES.read_text(encoding="utf-8"))["pairs"]
    return [Pair(row["first"], row["second"], row["same"]) for row in rows]


def joined(pairs: Sequence[Pair], behind: Sequence[Item], lexicon: Lexicon) -> tuple[float, float]:
    """The shares of pairs of one event and of two that become one story, after some hundred other items."""
    begun = max(read.published for read in behind)
    found: dict[bool, list[bool]] = {True: [], False: []}
    grouper = Grouper(lexicon)
    for number, read in enumerate(behind):
        grouper.add(read, StoryId(number))
    for number, pair in enumerate(pairs, len(behind)):
        # Weeks lie between two pairs, so that no pair meets another.
        published = begun + timedelta(days=10 * number)
        grouper.add(_item(pair.first, "", "first.example", published), StoryId(number))
        label = grouper.draft().assign(_item(pair.second, "", "second.example", published + timedelta(hours=2)))
        found[pair.same].append(label == StoryId(number))
    return mean(found[True]), mean(found[False])


def ecb_items() -> list[Told]:
    """ECB+ has no times and comes sorted by event: it is shuffled."""
    with gzip.open(ECB, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    told = [Told(_item(row["title"], row["text"][:READ], row["id"]), row["story"]) for row in rows]
    random.Random(SEED).shuffle(told)
    return told


def neus_items(split: str) -> list[Told]:
    """One split of NeuS, three reports an event, shuffled: it has no times either."""
    with gzip.open(NEUS, "rt", encoding="utf-8") as lines:
        events = [event for event in map(json.loads, lines) if event["split"] == split]
    told = [
        Told(_item(report["title"], report["text"][:READ], f"{side}"), event["event"])
        for event in events
        for side, report in enumerate(event["docs"])
    ]
    random.Random(SEED).shuffle(told)
    return told


def _item(title: str, summary: str, outlet: str, published: datetime = AUTUMN) -> Item:
    title, summary = clean(title), clean(summary)
    read = item(title, summary=summary, published=published)
    return replace(read, publisher=outlet, source_name=outlet.partition(".")[0])


def shipped_tables() -> tuple[NameSets, TranslationsFile]:
    folder = ROOT / "config" / "subject"
    names = read_model(folder / "aliases.toml", AliasFile).root
    return names, read_model(folder / "translations.toml", TranslationsFile)


def shipped_lexicon() -> Lexicon:
    return read_subject(config_folder()).lexicon


def ours(lexicon: Lexicon, weights: Mapping[str, float] = WEIGHTS) -> Way:
    return lambda items: grouped(Grouper(lexicon, weights), items)


def grouped(grouper: Grouper, items: Iterable[Item]) -> list[int]:
    """The story of each item, read one by one."""
    stories: list[int] = []
    begun = 0
    for read in items:
        draft = grouper.draft()
        label = draft.assign(read)
        begun += isinstance(label, NewStory)
        story = StoryId(begun) if isinstance(label, NewStory) else label
        grouper.accept(draft, {label: story} if isinstance(label, NewStory) else {})
        stories.append(story)
    return stories


def alone(items: Sequence[Item]) -> list[int]:
    """Every item a story of its own."""
    return list(range(len(items)))


def plain(threshold: float) -> Way:
    """Single-pass TF-IDF: the nearest centroid by cosine, if near enough; frequencies are those of the items so far."""

    def group(items: Sequence[Item]) -> list[int]:
        texts = [Counter(word.stem for word in (*read.words.title, *read.words.summary)) for read in items]
        frequencies: Counter[str] = Counter()
        centroids: list[dict[str, float]] = []
        lengths: list[float] = []
        stories_with: defaultdict[str, set[int]] = defaultdict(set)
        stories = []
        for count, text in enumerate(texts, 1):
            frequencies.update(text.keys())
            vector = {term: (1 + log(n)) * log((count + 1) / (frequencies[term] + 0.5)) for term, n in text.items()}
            length = sqrt(sum(value * value for value in vector.values())) or 1.0
            near: defaultdict[int, float] = defaultdict(float)
            for term, value in vector.items():
                for story in stories_with[term]:
                    near[story] += value * centroids[story][term]
            best = max(near, key=lambda story: near[story] / lengths[story], default=-1)
            if best < 0 or near[best] / lengths[best] / length < threshold:
                best = len(centroids)
                centroids.append({})
                lengths.append(1.0)
            centroid = centroids[best]
            for term, value in vector.items():
                centroid[term] = centroid.get(term, 0.0) + value / length
                stories_with[term].add(best)
            lengths[best] = sqrt(sum(value * value for value in centroid.values())) or 1.0
            stories.append(best)
        return stories

    return group


def figures(told: Sequence[Told], way: Way) -> Figures:
    """B-cubed of a way to group: the mean share of an item's group that is right, and of its story that is there."""
    return b_cubed([each.story for each in told], way([each.item for each in told]))


def b_cubed(stories: Sequence[str], groups: Sequence[int]) -> Figures:
    of_story, of_group, of_both = Counter(stories), Counter(groups), Counter(zip(stories, groups, strict=True))
    pairs = list(zip(stories, groups, strict=True))
    precision = sum(of_both[pair] / of_group[pair[1]] for pair in pairs) / len(pairs)
    recall = sum(of_both[pair] / of_story[pair[0]] for pair in pairs) / len(pairs)
    return Figures(precision, recall)
