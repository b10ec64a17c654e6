"""The picture of /tension."""

from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from itertools import groupby
from math import hypot
from typing import Any

from bot.core.model import Level
from bot.core.stories.tension import Day, Peak, Tension

# Inches and dots an inch: 960 dots across, which a phone shows on some 390 pixels of its own.
WIDTH, DOTS = 6.0, 160
# Points; the smallest are 11 pixels high on such a phone.
LARGE, SMALL = 14.0, 12.5

# Dark, for that is easy on the eyes in a light app and in a dark one.
PAPER, INK, FAINT, LINE = "#1f2730", "#eceff2", "#3d4853", "#8ab8e6"
SILENCE = "#66747f"
# Normal stories are at the bottom, and the loudest are the most striking.
COLOURS: Mapping[Level, str] = {Level.NORMAL: "#7289a0", Level.MAJOR: "#e3ad5b", Level.BREAKING: "#f2705f"}

MOST_DATES = 4
HEADLINE_LINES = 2

# Inches, from the top to the bottom of the picture.
_HEADING, _INDEX, _BETWEEN, _BARS, _DATES, _LINE, _GAP = 0.55, 2.6, 0.6, 1.7, 0.55, 0.235, 0.1
_LEFT, _RIGHT, _MARGIN = 0.7, 0.35, 0.2
# Between a day and its number, and how near two numbers, or a number and a day, may come: all in points.
_AWAY, _APART, _CLEAR = 21, 22, 14


def tension_png(found: Tension) -> bytes:
    """The index over stories a day by level, the peaks numbered and named below; some day must have news.

    Takes a second or two of a process of its own: the library that is loaded here is large and not safe in threads.
    """
    file = BytesIO()
    tension_figure(found).savefig(file, format="png")
    return file.getvalue()


def tension_figure(found: Tension) -> Any:
    """The picture as matplotlib has it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(WIDTH, 1), dpi=DOTS, facecolor=PAPER)
    canvas: Any = FigureCanvasAgg(figure)
    named = [[*_lines_of(number, peak, canvas.get_renderer())] for number, peak in enumerate(found.peaks, 1)]
    charts = _HEADING + _INDEX + _BETWEEN + _BARS + _DATES
    height = charts + sum(len(lines) * _LINE + _GAP for lines in named) + _GAP
    figure.set_size_inches(WIDTH, height)
    _draw_index(_axes(figure, _HEADING, _INDEX, len(found.days)), found)
    _draw_stories(_axes(figure, _HEADING + _INDEX + _BETWEEN, _BARS, len(found.days)), found.days)
    top = charts
    for lines in named:
        for place, line in enumerate(lines):
            figure.text(
                _MARGIN / WIDTH,
                1 - (top + place * _LINE) / height,
                line,
                fontsize=SMALL,
                color=INK if place else LINE,
                weight="normal" if place else "bold",
                va="top",
                parse_math=False,
            )
        top += len(lines) * _LINE + _GAP
    return figure


def _axes(figure: Any, top: float, tall: float, days: int) -> Any:
    """A chart so many inches below the top, a unit a day."""
    height = figure.get_figheight()
    wide = WIDTH - _LEFT - _RIGHT
    axes = figure.add_axes((_LEFT / WIDTH, 1 - (top + tall) / height, wide / WIDTH, tall / height))
    axes.set_xlim(-0.6, days - 0.4)
    axes.set_facecolor(PAPER)
    axes.tick_params(colors=INK, labelsize=SMALL, length=0)
    axes.tick_params(axis="x", labelbottom=False)
    axes.grid(axis="y", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    return axes


def _draw_index(axes: Any, found: Tension) -> None:
    _entitle(axes, "Index: + cooperation, − conflict")
    index = [day.index for day in found.days if day.index is not None]
    low, high = min(0, *index), max(0, *index)
    room = max(3.0, high - low) * 0.3
    axes.set_ylim(low - room, high + room)
    axes.yaxis.get_major_locator().set_params(nbins=4)
    axes.axhline(0, color=INK, linewidth=1)
    gaps = [float("nan") if day.index is None else day.index for day in found.days]
    axes.plot(range(len(gaps)), gaps, color=LINE, linewidth=2.4, marker="o", markersize=6)
    if _hatch_silence(axes, found.days):
        _explain(axes)
    _number_peaks(axes, found)


def _number_peaks(axes: Any, found: Tension) -> None:
    """A number above or below each peak, where there is room."""
    scale = 72 / DOTS
    dots = [(place, day.index) for place, day in enumerate(found.days) if day.index is not None]
    days = [(x * scale, y * scale) for x, y in axes.transData.transform(dots)]
    dates = [found.days[place].date for place, _ in dots]
    numbers: list[tuple[float, float]] = []
    for number, peak in enumerate(found.peaks, 1):
        x, y = days[dates.index(peak.date)]
        side = _AWAY if peak.index > (found.mean or 0) else -_AWAY
        places = [(x, y + side * step) for step in (1, -1, 2, -2, 3, -3)]
        free = [at for at in places if _is_far(at, numbers, _APART) and _is_far(at, days, _CLEAR)]
        numbers.append(next(iter(free), places[0]))
        axes.annotate(
            str(number),
            (x / scale, y / scale),
            xytext=(numbers[-1][0] / scale, numbers[-1][1] / scale),
            xycoords="figure pixels",
            ha="center",
            va="center",
            fontsize=SMALL,
            weight="bold",
            color=PAPER,
            bbox={"boxstyle": "circle,pad=0.2", "facecolor": LINE, "edgecolor": PAPER},
        )


def _is_far(at: tuple[float, float], others: Sequence[tuple[float, float]], distance: float) -> bool:
    return all(hypot(at[0] - x, at[1] - y) >= distance for x, y in others)


def _draw_stories(axes: Any, days: Sequence[Day]) -> None:
    _entitle(axes, "Stories a day")
    floor = [0] * len(days)
    for level in reversed(Level):
        counts = [day.levels[level] for day in days]
        axes.bar(range(len(days)), counts, bottom=floor, color=COLOURS[level], width=0.75, label=level.value)
        floor = [low + count for low, count in zip(floor, counts, strict=True)]
    axes.set_ylim(0, 1.08 * max(floor))
    axes.yaxis.get_major_locator().set_params(integer=True, nbins=4)
    _explain(axes, ncols=len(Level))
    _hatch_silence(axes, days)
    every = -(-len(days) // MOST_DATES)
    shown = range((len(days) - 1) % every, len(days), every)
    axes.set_xticks(shown, [_date(days[place]) for place in shown])
    axes.tick_params(axis="x", labelbottom=True, pad=6)


def _hatch_silence(axes: Any, days: Sequence[Day]) -> bool:
    """Mark the days without news, if there are any, for they are not days of index 0."""
    place, found = 0, False
    for is_silent, run in groupby(days, key=lambda day: day.index is None):
        after = place + len(list(run))
        if is_silent:
            label = None if found else "no news"
            axes.axvspan(place - 0.5, after - 0.5, facecolor="none", edgecolor=SILENCE, hatch="///", lw=0, label=label)
            found = True
        place = after
    return found


def _explain(axes: Any, ncols: int = 1) -> None:
    """The legend, beside the title, where nothing drawn can reach."""
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1 + (_RIGHT - _MARGIN) / (WIDTH - _LEFT - _RIGHT), 1.03),
        ncols=ncols,
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handlelength=1.3,
        handletextpad=0.4,
        columnspacing=0.9,
        borderaxespad=0,
    )


def _entitle(axes: Any, title: str) -> None:
    axes.set_title(
        title, loc="left", x=-(_LEFT - _MARGIN) / (WIDTH - _LEFT - _RIGHT), fontsize=LARGE, color=INK, pad=12
    )


def _lines_of(number: int, peak: Peak, renderer: Any) -> Iterator[str]:
    """What is said of a peak: its day, and its headline on as many lines as that needs and may have.

    Each line fits; what is left over is cut off.
    """
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415

    font, most = FontProperties(size=SMALL), (WIDTH - 2 * _MARGIN) * DOTS

    def fits(text: str) -> bool:
        wide, _, _ = renderer.get_text_width_height_descent(text, font, False)
        return bool(wide <= most)

    yield f"{number}   {_date(peak)}, {signed(peak.index)}"
    left = peak.item.title
    for line in range(1, HEADLINE_LINES + 1):
        if fits(left):
            yield left
            return
        end = "…" if line == HEADLINE_LINES else ""
        length = bisect(range(len(left)), False, key=lambda size: not fits(left[:size] + end)) - 1
        space = left.rfind(" ", 0, length + 1)
        cut = space if space > 0 else length
        yield left[:cut].rstrip() + end
        left = left[cut:].lstrip()


def _date(of: Day | Peak) -> str:
    return f"{of.date:%d %b}".lstrip("0")


def signed(index: float) -> str:
    """+1.2, −3.4, 0.0."""
    rounded = round(index, 1)
    return f"+{rounded:.1f}" if rounded > 0 else f"{rounded:.1f}".replace("-", "−") if rounded else "0.0"
