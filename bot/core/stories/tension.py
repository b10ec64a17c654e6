"""How tense the news of a period are: stories a day by level, and an index of conflict and cooperation.

It measures what is reported, not how dangerous it is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import fmean

from bot.core.model import Item, Level, Story, StoryId
from bot.core.stories.corroboration import publishers_of
from bot.core.stories.events import EventTypes

PEAKS = 3
# A day of few stories says little: as if it had so many more that are neither conflict nor cooperation.
_QUIET_STORIES = 3
# Two days beside each other are mostly one event.
_BETWEEN_PEAKS = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day (UTC): how many stories began by level, and the index; None if none did."""

    date: date
    levels: Mapping[Level, int]
    index: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """A day unlike the others, and the title that tells best why, with who wrote it and the story that it is of."""

    date: date
    index: float
    story: StoryId
    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Tension:
    """All days of a period in order, those without news too, and at most three peaks in the order of their days.

    `mean` is the mean index of the days that have news; None if none has.
    """

    days: tuple[Day, ...]
    mean: float | None
    peaks: tuple[Peak, ...]


def first_day(now: datetime, period: timedelta) -> date:
    """The first of as many days (UTC) as a period has, of which the present one is the last."""
    return now.astimezone(UTC).date() - timedelta(days=period.days - 1)


def tension(stories: Iterable[Story], events: EventTypes, *, now: datetime, period: timedelta) -> Tension:
    """The tension of the days of the period up to `now`; a story counts on the day of its first report."""
    first = first_day(now, period)
    by_day = {first + timedelta(days=number): list[_Weighed]() for number in range(period.days)}
    for story in stories:
        day = min(item.published for item in story.items).astimezone(UTC).date()
        if day in by_day:
            weighed = [(item, weight) for item in story.items if (weight := events.weight_of(item)) is not None]
            by_day[day].append(_Weighed(story, tuple(weighed)))
    days = []
    for day, told in by_day.items():
        weights = [weighed.weight for weighed in told if weighed.weight is not None]
        levels = Counter(weighed.story.level for weighed in told)
        index = sum(weights) / (len(weights) + _QUIET_STORIES) if told else None
        days.append(Day(date=day, levels={level: levels[level] for level in Level}, index=index))
    indices = {day.date: day.index for day in days if day.index is not None}
    mean = fmean(indices.values()) if indices else None
    return Tension(days=tuple(days), mean=mean, peaks=_peaks(indices, mean or 0, by_day))


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A story with those of its reports whose titles tell an event, and what each weighs."""

    story: Story
    weights: tuple[tuple[Item, float], ...]

    @property
    def weight(self) -> float | None:
        """The mean of its titles; None if none tells an event."""
        return fmean(weight for _, weight in self.weights) if self.weights else None

    @property
    def pull(self) -> float:
        """How much it does to lift or lower its day."""
        return abs(self.weight or 0) * len(publishers_of(self.story.items)) * (1 + self.story.level.loudness)


def _peaks(indices: Mapping[date, float], mean: float, by_day: Mapping[date, Sequence[_Weighed]]) -> tuple[Peak, ...]:
    """The days that are furthest from the period's mean and can be labelled; those whose news pulls that way go before
    others, and all of these before one that is beside another.
    """
    furthest = sorted(indices, key=lambda day: -abs(indices[day] - mean))
    peaks: dict[date, tuple[StoryId, Item]] = {}
    for gap, is_pulled in ((_BETWEEN_PEAKS, True), (_BETWEEN_PEAKS, False), (timedelta(days=1), False)):
        for day in furthest:
            if len(peaks) < PEAKS and all(abs(day - other) >= gap for other in peaks):
                away = indices[day] - mean or indices[day]  # a day alone is its own mean
                direction = (-1 if away < 0 else 1) if is_pulled else 0
                if told := _telling_item(by_day[day], direction):
                    peaks[day] = told
    return tuple(
        [Peak(date=day, index=indices[day], story=story, item=item) for day, (story, item) in sorted(peaks.items())]
    )


def _telling_item(told: Sequence[_Weighed], direction: int) -> tuple[StoryId, Item] | None:
    """The story that did most to lift or lower a day (0: either), told by many, loud, heavy, and a title of it."""
    pulling = [weighed for weighed in told if weighed.weight and weighed.weight * (direction or weighed.weight) > 0]
    for weighed in sorted(pulling, key=lambda weighed: weighed.pull, reverse=True):
        pulls = weighed.weight or 0
        titled = [item for item, weight in weighed.weights if weight * pulls > 0 and item.reading.tells]
        if titled:
            return weighed.story.id, min(titled, key=lambda item: (item.lang != "en", item.published))
    return None
