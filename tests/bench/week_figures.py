"""Figures of labelled items of a stream: pure, of labels and of what was decided."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from statistics import mean
from typing import TypeVar

Group = TypeVar("Group", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval:
    """How many of those sought were found, how many were missed, and how many others were taken for them."""

    found: int
    missed: int
    wrong: int

    @property
    def precision(self) -> float | None:
        """None where nothing was taken."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else None

    @property
    def recall(self) -> float | None:
        """None where nothing was sought."""
        return self.found / (self.found + self.missed) if self.found + self.missed else None


def retrieval(sought: Sequence[bool], taken: Sequence[bool]) -> Retrieval:
    """Labels beside verdicts."""
    of = Counter(zip(sought, taken, strict=True))
    return Retrieval(found=of[True, True], missed=of[True, False], wrong=of[False, True])


@dataclass(frozen=True, slots=True)
class ItemScore:
    """Of one item: the share of its group that is of its story, the share of its story that is in its group, and how
    many in its group are of other stories.
    """

    precision: float
    recall: float
    strangers: int


def item_scores(stories: Sequence[str], groups: Sequence[Hashable]) -> list[ItemScore]:
    """Each item held against all the others."""
    pairs = list(zip(stories, groups, strict=True))
    of_story, of_group, of_both = Counter(stories), Counter(groups), Counter(pairs)
    return [
        ItemScore(
            of_both[story, group] / of_group[group],
            of_both[story, group] / of_story[story],
            of_group[group] - of_both[story, group],
        )
        for story, group in pairs
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """B-cubed precision and recall, and pairs of two stories in one group, for a hundred items."""

    items: int
    precision: float
    recall: float
    wrong_pairs: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def grouping(scores: Sequence[ItemScore]) -> Grouping | None:
    """The mean over items; None for none. Of a wrong pair each item bears a half."""
    if not scores:
        return None
    return Grouping(
        items=len(scores),
        precision=mean(score.precision for score in scores),
        recall=mean(score.recall for score in scores),
        wrong_pairs=100 * mean(score.strangers for score in scores) / 2,
    )


def most_frequent(values: Iterable[Group]) -> Group:
    """The one that is there most often; of several the first. Raises IndexError for no values."""
    return Counter(values).most_common(1)[0][0]


def home_language(langs: Iterable[str]) -> str:
    """The language in which a story is told most; `langs` are those of its reports in the order of time."""
    return most_frequent(langs)


def further_languages(
    stories: Sequence[str], langs: Sequence[str], groups: Sequence[Hashable]
) -> dict[str, dict[str, bool]]:
    """Of each story told in several languages those beyond its home language, and whether its main group has a report
    in them: the group that holds most of its reports in the home language, of several the first.
    """
    told: defaultdict[str, list[tuple[str, Hashable]]] = defaultdict(list)
    for story, lang, group in zip(stories, langs, groups, strict=True):
        told[story].append((lang, group))
    found = {}
    for story, reports in told.items():
        home = home_language(lang for lang, _ in reports)
        further = sorted({lang for lang, _ in reports} - {home})
        if further:
            main = most_frequent(group for lang, group in reports if lang == home)
            found[story] = {lang: (lang, main) in reports for lang in further}
    return found


def owner(stories: Iterable[str | None]) -> str | None:
    """Which labelled story a group tells: the one of most of its items, of several the first; None if of none."""
    of = [story for story in stories if story is not None]
    return most_frequent(of) if of else None


def is_inflated(reports: Iterable[tuple[str | None, str]], story: str) -> bool:
    """Whether a group, of which these are the stories and publishers, has publishers that do not tell this story."""
    pairs = list(reports)
    return {publisher for _, publisher in pairs} > {publisher for told, publisher in pairs if told == story}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCounts:
    """What alerts of rules amount to: how many, those whose headline is off the subject, tells a story that the same
    rule had alerted before, or is no news (an opinion, a round-up, a feature).
    """

    alerts: int = 0
    off_subject: int = 0
    doubled: int = 0
    no_news: int = 0


def alert_counts(alerts: Sequence[tuple[str | None, bool]]) -> AlertCounts:
    """Of one rule's alerts in the order of time: the labelled story of each headline (None: of no relevance), and
    whether it is news.
    """
    stories = [story for story, _ in alerts if story is not None]
    return AlertCounts(
        alerts=len(alerts),
        off_subject=len(alerts) - len(stories),
        doubled=len(stories) - len(set(stories)),
        no_news=sum(story is not None and not is_news for story, is_news in alerts),
    )


def added(rows: Iterable[AlertCounts]) -> AlertCounts:
    """The sums."""
    given = list(rows)
    return AlertCounts(
        alerts=sum(each.alerts for each in given),
        off_subject=sum(each.off_subject for each in given),
        doubled=sum(each.doubled for each in given),
        no_news=sum(each.no_news for each in given),
    )


def second_voice(reports: Iterable[tuple[Group, str]]) -> Group | None:
    """When the second publisher tells it; `reports` are times and publishers, in the order of time. None: one does."""
    first: dict[str, Group] = {}
    for time, publisher in reports:
        first.setdefault(publisher, time)
    return next(iter([*first.values()][1:2]), None)
