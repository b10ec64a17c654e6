from datetime import UTC, datetime, timedelta

import pytest

from bot.core.model import FeedEntry, PublisherKind
from bot.core.update import plausible_date, to_items
from tests.builders import NOW, source


@pytest.mark.parametrize(
    ("published", "kept"),
    [
        (None, NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW),
        (NOW + timedelta(days=400), NOW),
        (NOW + timedelta(minutes=3), NOW),
        (NOW - timedelta(days=2), NOW - timedelta(days=2)),
        (NOW.replace(hour=0), NOW),
        (NOW.replace(hour=0) - timedelta(days=1), NOW.replace(hour=0) - timedelta(days=1)),
    ],
)
def test_dates_that_lie_become_now(published: datetime | None, kept: datetime) -> None:
    assert plausible_date(published, NOW) == kept


XX