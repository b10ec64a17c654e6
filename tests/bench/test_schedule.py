"""How long items wait to be found, adaptive against fixed intervals at the same number of requests."""

import pytest

from tests.core.intake.schedule_replay import compare, invented_feeds, recorded_feeds

pytestmark = pytest.mark.bench


def test_recorded_feeds() -> None:
    print("\nSeven recorded feeds (feeds_replay):", *compare(recorded_feeds()).lines(), sep="\n  ")


def test_invented_feeds() -> None:
    print("\nSixty invented feeds, ten items an hour to one a week:", compare(invented_feeds()).lines()[-1], sep="\n  ")
