"""What people would have had of whole weeks: levels, alerts of rules, briefings.

All of it warm: with a day of other weeks' items before each week (see weeks.py). A story is as grave as its gravest
report; a group of the program tells the labelled story that most of its labelled items are of.

- **Levels**: a story is as loud as the loudest group that told it when that rose. `voiced`: stories of which two
  publishers brought a report of gravity 2 or 3; `after`: from the second of them, the median of minutes until the story
  was at least major, and until it was breaking (below zero: before it). `no cause`: groups that became breaking, and
  major, while they told a story of gravity 0 or 1 or none. `inflated`: stories with a core report whose main group
  (that of most of their reports) has publishers that tell only something else there.
- **Alerts**: what each of RULES alone would send to a chat that has set nothing. Off: the headline is of no relevance;
  doubled: it tells a labelled story of which this rule has sent an alert before; no news: its gravity is 0.
- **Briefings**: at the end of each day (UTC) what /summary says of its 24 hours. A story of gravity 2 or 3 is one that
  had such a report that day; it is held if a quote is of a report of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from operator import itemgetter
from statistics import median

from bot.core.briefing.selection import briefing
from bot.core.model import Item, Level, Relevance, Story, StoryId
from bot.core.rules.rule import parse_rule
from bot.core.wording.briefing import fitted
from bot.replay import alerts_by, vocabulary_of
from tests.bench.week_figures import (
    added,
    alert_counts,
    home_language,
    is_inflated,
    most_frequent,
    owner,
    second_voice,
)
from tests.bench.weeks import DAY, WeekItem, decided, stream, subject, weeks

RULES = (
    "drone poland",
    "nato russia",
    "airspace",
    "sanctions",
    "ukraine talks",
    "missile strike",
    "baltic cable",
    "zelensky putin",
    '"air defence"',
    "romania drone",
)
GRAVE = 2  # at least


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryLevel:
    """How loud a labelled story became and when; `voiced` is when its second publisher told what is grave."""

    lang: str
    gravity: int
    is_core: bool
    voiced: datetime | None
    major: datetime | None
    breaking: datetime | None
    is_inflated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A story of the program that became louder, with an item in this language."""

    lang: str
    level: Level
    has_cause: bool


@cache
def labels(week: str) -> dict[tuple[bytes, ...], WeekItem]:
    """What people said of the items of a week."""
    return {each.item.keys: each for each in weeks()[week]}


def told_in(story: Story, week: str) -> list[tuple[str | None, str]]:
    """The labelled story and the publisher of each report of a group; None for one of no relevance or another week."""
    known = labels(week)
    return [(known[item.keys].story if item.keys in known else None, item.publisher) for item in story.items]


@cache
def levels(week: str) -> tuple[list[StoryLevel], list[Rise]]:
    """Of each labelled story of a week, and each rise."""
    gravity: defaultdict[str | None, int] = defaultdict(int)
    reports: defaultdict[str, list[WeekItem]] = defaultdict(list)
    groups: defaultdict[str, list[str]] = defaultdict(list)
    reached: dict[tuple[str | None, Level], datetime] = {}
    last: dict[str, Story] = {}
    for each in weeks()[week]:
        gravity[each.story] = max(gravity[each.story], each.gravity)
    rises = []
    for each, found in decided(week, warm=True):
        told = owner(story for story, _ in told_in(found.told, week))
        reached.setdefault((told, found.level), each.item.published)
        last[found.story] = found.told
        if found.reason is not None:
            rises.append(Rise(lang=each.lang, level=found.level, has_cause=gravity[told] >= GRAVE))
        if each.story is not None:
            reports[each.story].append(each)
            groups[each.story].append(found.story)
    stories = []
    for story, of in reports.items():
        loud = [reached[story, level] for level in (Level.BREAKING, Level.MAJOR) if (story, level) in reached]
        stories.append(
            StoryLevel(
                lang=home_language(each.lang for each in of),
                gravity=gravity[story],
                is_core=any(each.label is Relevance.CORE for each in of),
                voiced=second_voice((each.item.published, each.item.publisher) for each in of if each.gravity >= GRAVE),
                major=min(loud, default=None),
                breaking=reached.get((story, Level.BREAKING)),
                is_inflated=is_inflated(told_in(last[most_frequent(groups[story])], week), story),
            )
        )
    return stories, rises


LEVELS_HEAD = (
    f"{'levels':18} gravity 3 voiced breaking major   after gravity 2 voiced breaking major   after no cause inflated"
)


def levels_table() -> Iterator[str]:
    """By week, by home language of the story (rises by the language of their item), and in all."""
    of_week = {week: levels(week) for week in weeks()}
    stories = [each for told, _ in of_week.values() for each in told]
    rises = [each for _, risen in of_week.values() for each in risen]
    yield LEVELS_HEAD
    for week, (told, risen) in of_week.items():
        yield levels_row(week, told, risen)
    for lang in sorted({each.lang for each in stories}):
        mine = [each for each in stories if each.lang == lang]
        yield levels_row(lang, mine, [each for each in rises if each.lang == lang])
    yield levels_row("all", stories, rises)


def levels_row(name: str, stories: Sequence[StoryLevel], rises: Sequence[Rise]) -> str:
    cells = ""
    for gravity in (3, 2):
        of = [each for each in stories if each.gravity == gravity]
        voiced, breaking = sum(bool(each.voiced) for each in of), sum(bool(each.breaking) for each in of)
        major = sum(bool(each.major) for each in of)
        after = f"{minutes((e.voiced, e.major) for e in of)}/{minutes((e.voiced, e.breaking) for e in of)}"
        cells += f" {len(of):9} {voiced:6} {breaking:8} {major:5} {after:>7}"
    groundless = [rise.level for rise in rises if not rise.has_cause]
    counts = f"{groundless.count(Level.BREAKING)}/{groundless.count(Level.MAJOR)}"
    core = [each for each in stories if each.is_core]
    return f"{name:18}{cells} {counts:>8} {f'{sum(each.is_inflated for each in core)} of {len(core)}':>9}"


def minutes(times: Iterable[tuple[datetime | None, datetime | None]]) -> str:
    """The median from the first of two times to the second."""
    passed = [(end - start) / timedelta(minutes=1) for start, end in times if start and end]
    return f"{median(passed):.0f}" if passed else "-"


@dataclass(frozen=True, slots=True)
class RuleAlert:
    """An alert of one of RULES, by the labels of its headline; None: an item of another week."""

    rule: str
    week: str
    headline: WeekItem | None


@cache
def alerts() -> list[RuleAlert]:
    """All alerts of all rules, by week and rule in the order of time."""
    vocabulary = vocabulary_of([], subject())
    found = []
    for week, items in weeks().items():
        by_id = {each.id: each for each in items}
        for text in RULES:
            sent = alerts_by(parse_rule(text, vocabulary), stream(week, warm=True), subject().aliases)
            found += [RuleAlert(text, week, by_id.get(alert.id)) for alert in sent if alert.line.id in by_id]
    return found


ALERTS_HEAD = f"{'alerts of ten rules':20} {'alerts':>6} {'a day':>6} {'off':>5} {'doubled':>8} {'no news':>8}"


def alerts_table() -> Iterator[str]:
    """By rule, by language of the headline, by week, and in all."""
    days = {week: (items[-1].item.published - items[0].item.published) / DAY for week, items in weeks().items()}
    yield ALERTS_HEAD
    for rule in RULES:
        yield alerts_row(rule, [each for each in alerts() if each.rule == rule], sum(days.values()))
    for lang in sorted({each.headline.lang for each in alerts() if each.headline}):
        mine = [each for each in alerts() if each.headline and each.headline.lang == lang]
        spoken = sum(days[week] for week, items in weeks().items() if any(each.lang == lang for each in items))
        yield alerts_row(lang, mine, spoken)
    for week in weeks():
        yield alerts_row(week, [each for each in alerts() if each.week == week], days[week])
    yield alerts_row("all ten", alerts(), sum(days.values()))


def alerts_row(name: str, of: Sequence[RuleAlert], days: float) -> str:
    lots: defaultdict[tuple[str, str], list[tuple[str | None, bool]]] = defaultdict(list)
    for each in of:
        label = each.headline
        lots[each.rule, each.week].append((label.story, label.gravity > 0) if label else (None, False))
    found = added(map(alert_counts, lots.values()))
    counts = f"{found.off_subject:5} {found.doubled:8} {found.no_news:8}"
    return f"{name:20} {found.alerts:6} {found.alerts / days:6.1f} {counts}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBriefing:
    """The briefing of a day, and the labelled stories that were grave that day with their gravity."""

    now: datetime
    quoted: tuple[WeekItem | None, ...]
    grave: Mapping[str, int]

    @property
    def lead(self) -> tuple[int, str]:
        """The gravity of what is told first, and what it is."""
        lead = self.quoted[0] if self.quoted else None
        told = lead.story if lead else None
        return (self.grave.get(told, lead.gravity), told) if lead and told else (0, "nothing of relevance")


@cache
def briefings() -> list[DayBriefing]:
    """The briefing at the end of each day that has items; of a week's first day it begins with the week."""
    found = []
    for week, items in weeks().items():
        for day in sorted({each.item.published.date() for each in items}):
            now = datetime.combine(day, time(), UTC) + DAY
            period = min(DAY, now - items[0].item.published)
            grave: dict[str, int] = {}
            for each in items:
                if each.story and each.gravity >= GRAVE and now - period <= each.item.published < now:
                    grave[each.story] = max(each.gravity, grave.get(each.story, 0))
            last = {each.story: each.told for each in stream(week, warm=True) if each.item.published < now}
            stories = [replace(told, id=StoryId(number)) for number, told in enumerate(last.values())]
            brief = briefing(
                told_between(stories, now - period, now),
                before=told_between(stories, now - 2 * period, now - period),
                now=now,
                period=period,
            )
            quoted = [labels(week).get(quote.item.keys) for quote in fitted(brief, now).quotes]
            found.append(DayBriefing(now=now, quoted=tuple(quoted), grave=grave))
    return found


def told_between(stories: Iterable[Story], since: datetime, until: datetime) -> list[Story]:
    """As /summary asks the archive: those of which a core report was published then, the newest first."""
    of = [
        (max(times), story)
        for story in stories
        if (times := [item.published for item in story.items if is_core_within(item, since, until)])
    ]
    return [story for _, story in sorted(of, key=itemgetter(0), reverse=True)]


def is_core_within(item: Item, since: datetime, until: datetime) -> bool:
    return item.relevance is Relevance.CORE and since <= item.published <= until


BRIEFINGS_HEAD = (
    f"{'briefings':20} {'quotes':>6} {'off':>4}   {'gravity 3 held':>14}   {'gravity 2 held':>14}   leads, gravity"
)


def briefings_table() -> Iterator[str]:
    """By day, and in all; what leads is the first quote, told by its story and the gravity of that."""
    yield BRIEFINGS_HEAD
    for each in briefings():
        gravity, told = each.lead
        yield briefings_row(f"{each.now - DAY:%Y-%m-%d}", [each], f"{told}, {gravity}")
    led = [each.lead[0] for each in briefings()]
    counts = [f"{grave}: {sum(gravity == grave for gravity in led)}" for grave in (3, 2, 1, 0)]
    yield briefings_row("all", briefings(), ", ".join(counts))


def briefings_row(name: str, of: Sequence[DayBriefing], lead: str) -> str:
    quoted = [label for each in of for label in each.quoted]
    off = sum(label is None or label.story is None for label in quoted)
    cells = ""
    for grave in (3, 2):
        held = [
            story in {label.story for label in each.quoted if label}
            for each in of
            for story, gravity in each.grave.items()
            if gravity == grave
        ]
        cells += f"   {f'{sum(held)} of {len(held)}' if held else '-':>14}"
    return f"{name:20} {len(quoted):6} {off:4}{cells}   {lead}"
