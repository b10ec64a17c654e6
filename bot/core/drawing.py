"""The picture of /tension."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from bot.core.messages import cut_at_word
from bot.core.model import Level
from bot.core.tension import Day, Peak, Tension

# Inches and dots an inch: 960 by 1,040 dots fill the width of a phone.
SIZE = (6.0, 6.5)
DOTS = 160

PAPER, INK, FAINT, LINE = "#faf8f3", "#3b3f45", "#cfcac0", "#4f6d8c"
# Normal stories stand at the bottom, and the loudest are the darkest.
COLOURS: Mapping[Level, str] = {Level.NORMAL: "#c9d3dc", Level.MAJOR: "#d9a55b", Level.BREAKING: "#a8483f"}

LONGEST_LABEL = 78
MOST_DATES = 8


def tension_png(found: Tension) -> bytes:
    """The index over stories a day by level, the peaks numbered and named below.

    Takes a second or two of a process of its own: the library that is loaded here is large and not safe in threads.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=SIZE, dpi=DOTS, facecolor=PAPER)
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    figure.subplots_adjust(left=0.1, right=0.96, top=0.93, bottom=0.25, hspace=0.22)
    _draw_index(above, found)
    _draw_stories(below, found.days)
    _name_peaks(figure, found.peaks)
    file = BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _draw_index(axes: Any, found: Tension) -> None:
    _clear(axes, "Index: above the line more cooperation, below it more conflict")
    places = range(len(found.days))
    index = [day.index for day in found.days]
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.plot(places, index, color=LINE, linewidth=2, marker="o", markersize=3.5)
    room = max(1.0, max(index) - min(index)) * 0.25
    axes.set_ylim(min(0, *index) - room, max(0, *index) + room)
    dates = [day.date for day in found.days]
    for number, peak in enumerate(found.peaks, 1):
        is_high = peak.index > sum(index) / len(index)
        axes.annotate(
            str(number),
            (dates.index(peak.date), peak.index),
            xytext=(0, 13 if is_high else -13),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=9,
            color=PAPER,
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": LINE, "edgecolor": "none"},
        )


def _draw_stories(axes: Any, days: Sequence[Day]) -> None:
    _clear(axes, "Stories a day")
    floor = [0] * len(days)
    for level in reversed(Level):
        counts = [day.levels[level] for day in days]
        axes.bar(range(len(days)), counts, bottom=floor, color=COLOURS[level], width=0.75, label=level.value)
        floor = [low + count for low, count in zip(floor, counts, strict=True)]
    axes.yaxis.get_major_locator().set_params(integer=True, nbins=5)
    # Beside the title, where no bar can reach.
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.02, 0.98),
        ncols=3,
        frameon=False,
        fontsize=8,
        labelcolor=INK,
        handlelength=1,
        columnspacing=1.2,
    )
    every = -(-len(days) // MOST_DATES)
    shown = range((len(days) - 1) % every, len(days), every)
    axes.set_xticks(shown, [f"{days[place].date:%d %b}".lstrip("0") for place in shown])


def _clear(axes: Any, title: str) -> None:
    axes.set_facecolor(PAPER)
    axes.set_title(title, loc="left", fontsize=10, color=INK)
    axes.tick_params(colors=INK, labelsize=8, length=0)
    axes.grid(axis="y", color=FAINT, linewidth=0.5)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)


def _name_peaks(figure: Any, peaks: Sequence[Peak]) -> None:
    for number, peak in enumerate(peaks, 1):
        day = f"{peak.date:%d %b}".lstrip("0")
        figure.text(
            0.04,
            0.195 - 0.062 * (number - 1),
            f"{number}  {day}, {signed(peak.index)}\n    {cut_at_word(peak.item.title, LONGEST_LABEL)}",
            fontsize=8.5,
            color=INK,
            va="top",
            parse_math=False,
        )


def signed(index: float) -> str:
    """+1.2, −3.4, 0.0."""
    rounded = round(index, 1)
    return f"+{rounded:.1f}" if rounded > 0 else f"{rounded:.1f}".replace("-", "−") if rounded else "0.0"
