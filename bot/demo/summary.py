"""What the demo says when the week is over."""

from dataclasses import dataclass
from datetime import timedelta
from statistics import median

FIGURES = """\
The week is over.

  Feeds read          {polls:>4}
  New reports         {new:>4}
  On the subject      {relevant:>4}
  Alerts by rule      {alerts:>4}
    later edited      {edited:>4}
    raised in level   {risen:>4}

"""
LAGS = "From a report appearing in its feed to its alert: {median:.1f} s at the median, {worst:.1f} s at most."
NO_LAGS = "No alert was sent, so no times were measured."


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSummary:
    """The figures of one demo.

    `polls` counts the requests to feeds, `new` the reports found after each source's first poll, `relevant` those of
    them that are core; `lags` are the times from a report's appearance in its feed to its alert, one for each alert;
    `edited` and `risen` count edits of alerts and news of a higher level.
    """

    polls: int
    new: int
    relevant: int
    lags: tuple[timedelta, ...]
    edited: int
    risen: int


def summary_text(summary: DemoSummary) -> str:
    """The closing words of the demo, for a terminal."""
    seconds = sorted(lag.total_seconds() for lag in summary.lags)
    return (FIGURES + (LAGS if seconds else NO_LAGS)).format(
        polls=summary.polls,
        new=summary.new,
        relevant=summary.relevant,
        alerts=len(seconds),
        edited=summary.edited,
        risen=summary.risen,
        median=median(seconds) if seconds else 0,
        worst=max(seconds, default=0),
    )
