"""The picture of /tension: what stands where, as matplotlib lays it out.

In a process of its own, for the bot's own must never load what pictures are drawn with.
"""

import json
import pickle
import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from bot.core.model import Level, StoryId
from bot.core.stories.tension import Day, Peak, Tension
from bot.core.wording.tension_chart import COLOURS, DOTS, INK, LINE, MOST_DATES, PAPER, SILENCE, WIDTH
from tests.builders import item

PHONE = 390  # pixels across
SMALLEST = 11  # pixels of a letter there

SHORT = "Boat fires on a buoy off Orsa"
LONG = "Three patrol boats fire shots at a ferry full of bakers near the lighthouse of Kestrel, says the mayor of Varn"
RUSSIAN = "Министерство сообщило, что три сторожевых катера открыли предупредительный огонь у маяка Кестрел и ушли"

# Indices of the days (None: no news), and the headlines of peaks by the places of their days.
CASES: dict[str, tuple[Sequence[float | None], dict[int, str]]] = {
    "a week": ([-1.2, -5.5, 0.4, -2, 1.8, -3, -0.6], {1: SHORT, 4: LONG, 5: RUSSIAN}),
    "a month": ([(n * 7 % 11) - 6.0 for n in range(30)], {3: LONG, 12: RUSSIAN, 29: SHORT}),
    "one day": ([None] * 6 + [1.0], {6: SHORT}),
    "half a month": ([None] * 15 + [-3, -2, -4, None, 1, 0.5] + [-1.5] * 9, {17: RUSSIAN, 19: LONG, 27: SHORT}),
    "three days in a row": ([None] * 20 + [-3, -2.5, -4] + [None] * 7, {20: RUSSIAN, 21: LONG, 22: SHORT}),
    "quiet days": ([0.0, None, 0.0, 0.0, 0.0, None, 0.0], {}),
    "wide letters": ([-9.0, None, 9.0, 0, -9.5, 9.4, 3], {0: "Ш" * 200, 2: "W" * 200, 5: "$5 \\frac { i " * 20}),
}

ARTIST = """
import json, pickle, sys
from matplotlib.text import Annotation
from bot.core.wording.tension_chart import tension_figure

def box(artist):
    return [round(side, 1) for side in artist.get_window_extent().extents]

def laid_out(found):
    figure = tension_figure(found)
    figure.canvas.draw()
    above, below = figure.axes
    named = [axes.title for axes in figure.axes] + [axes._left_title for axes in figure.axes]
    legends = [text for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()]
    ticks = [tick for axes in figure.axes for tick in axes.get_yticklabels() if is_within(tick, axes)]
    dates = below.get_xticklabels()
    numbers = [child for child in above.get_children() if isinstance(child, Annotation)]
    texts = [*named, *legends, *ticks, *dates, *numbers, *figure.texts]
    return {
        "size": [figure.bbox.width, figure.bbox.height],
        "texts": [(text.get_text(), text.get_fontsize(), box(text)) for text in texts if text.get_text()],
        "numbers": [box(number.get_bbox_patch()) for number in numbers],
        "dates": [text.get_text() for text in dates],
        "charts": [box(axes.patch) for axes in figure.axes],
        "line": [None if y != y else round(float(y), 6) for y in above.lines[-1].get_ydata()],
        "hatched": [[round(side, 6) for side in patch.get_extents().transformed(axes.transData.inverted()).intervalx]
                    for axes in figure.axes for patch in axes.patches if patch.get_hatch()],
    }

def is_within(tick, axes):
    _, bottom, _, top = axes.patch.get_window_extent().extents
    return bottom - 1 <= tick.get_window_extent().extents[[1, 3]].mean() <= top + 1

print(json.dumps([laid_out(found) for found in pickle.load(sys.stdin.buffer)]))
"""


def found(indices: Sequence[float | None], headlines: dict[int, str]) -> Tension:
    first = date(2026, 11, 22) - timedelta(days=len(indices) - 1)
    days = tuple(
        Day(
            date=first + timedelta(days=place),
            levels=dict.fromkeys(Level, 0) if index is None else dict.fromkeys(Level, place % 5 + 1),
            index=index,
        )
        for place, index in enumerate(indices)
    )
    told = [index for index in indices if index is not None]
    peaks = tuple(
        Peak(date=days[place].date, index=indices[place] or 0, story=StoryId(1), item=item(title))
        for place, title in headlines.items()
    )
    return Tension(days=days, mean=sum(told) / len(told), peaks=peaks)


@cache
def layouts() -> dict[str, Any]:
    drawn = subprocess.run(
        [sys.executable, "-c", ARTIST],
        input=pickle.dumps([found(*case) for case in CASES.values()]),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    return dict(zip(CASES, json.loads(drawn.stdout), strict=True))


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def picture(case: str) -> Any:
    return layouts()[case]


def test_all_words_can_be_read_on_a_phone(picture: Any) -> None:
    assert picture["size"][0] == WIDTH * DOTS
    phone = PHONE / WIDTH / 72  # pixels of the phone in a point
    assert {text: size * phone for text, size, _ in picture["texts"] if size * phone < SMALLEST} == {}


def test_no_words_leave_the_picture_or_cover_others(picture: Any) -> None:
    wide, tall = picture["size"]
    boxes = [(text, box) for text, _, box in picture["texts"]]
    assert [
        text for text, (left, low, right, high) in boxes if left < 0 or low < 0 or right > wide or high > tall
    ] == []
    assert [(one, other) for (one, a), (other, b) in combinations(boxes, 2) if cover(a, b)] == []


def test_peaks_are_numbered_apart_within_their_chart_and_named_below(case: str, picture: Any) -> None:
    left, low, right, high = picture["charts"][0]
    numbers = picture["numbers"]
    assert len(numbers) == len(CASES[case][1])
    assert not any(cover(a, b) for a, b in combinations(numbers, 2))
    assert all(low <= box[1] and box[3] <= high and box[0] >= left and box[2] <= right + 20 for box in numbers)
    told = [text for text, _, _ in picture["texts"]]
    for number, (place, headline) in enumerate(CASES[case][1].items(), 1):
        named = next(at for at, text in enumerate(told) if text.startswith(f"{number}   "))
        assert told[named].endswith(", " + f"{CASES[case][0][place]:+.1f}".replace("-", "−"))
        assert headline.startswith(told[named + 1].removesuffix("…"))


def test_days_without_news_are_hatched_gaps(case: str, picture: Any) -> None:
    indices = list(CASES[case][0])
    assert picture["line"] == indices
    days = {place for low, high in picture["hatched"] for place in range(round(low + 0.5), round(high + 0.5))}
    assert days == {place for place, index in enumerate(indices) if index is None}
    assert ("no news" in [text for text, _, _ in picture["texts"]]) == bool(days)


def test_few_dates_the_last_among_them_stand_below(picture: Any) -> None:
    assert 2 <= len(picture["dates"]) <= MOST_DATES
    assert picture["dates"][-1] == "22 Nov"


def cover(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two boxes (left, low, right, high) share more than a hair."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    along = min(one[3], other[3]) - max(one[1], other[1])
    return across > 1 and along > 1


@pytest.mark.parametrize(
    ("colour", "least"), [(INK, 7), (LINE, 7), (SILENCE, 3), *[(of, 3) for of in COLOURS.values()]]
)
def test_colours_stand_out_from_the_paper(colour: str, least: float) -> None:
    """The contrast ratios of WCAG 2.2, 1.4.6 for text and 1.4.11 for graphics: https://www.w3.org/TR/WCAG22/."""
    light, dark = sorted((luminance(colour), luminance(PAPER)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
