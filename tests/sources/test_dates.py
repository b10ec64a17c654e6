from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sources.dates import written_date

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)

DATES = [
    ("20 November 2026", MIDNIGHT),
    ("07 July 2026", datetime(2026, 7, 7, tzinfo=UTC)),
    ("November 20, 2026", MIDNIGHT),
    ("Friday, November 20, 2026 - 10:00", TEN),
    ("Nov 20, 2026 10:00 PM", TEN + 12 * HOUR),
    ("Nov 20, 2026 12:30 am", MIDNIGHT + HOUR / 2),
    ("20 ноября 2026", MIDNIGHT),
    ("20 листопада 2026, 10:00", TEN),
    ("20. November 2026 um 10:00", TEN),
    ("1er mars 2026", None),
    ("1 mars 2026 à 10:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
    ("20.11.2026 10:00", TEN),
    ("20/11/2026", MIDNIGHT),
    ("Fri, 20 Nov 2026 10:00:05 +0300", TEN - 3 * HOUR + timedelta(seconds=5)),
    ("Fri, 20 Nov 2026 10:00:00 -03:30", TEN + 3.5 * HOUR),
    ("Пт, 20 ноя 2026 10:00 МСК", TEN - 3 * HOUR),
    ("Fri, 20 Nov 2026 10:00:00 MSK", TEN - 3 * HOUR),
    ("Fri, 20 Nov 2026 10:00:00 EET", TEN - 2 * HOUR),
    ("Fri, 20 Nov 2026 10:00:00 CET", TEN - HOUR),
    ("Fri, 20 Nov 2026 10:00:00 EST", TEN + 5 * HOUR),
    ("Fri, 20 Nov 2026 10:00:00 GMT", TEN),
    ("20-Nov-2026 10:00", TEN),
    ("mer, 16 nov 2022 00:38:15 +0100", datetime(2022, 11, 15, 23, 38, 15, tzinfo=UTC)),
    ("Seg, 24 Set 2018 19:42:40 -0300", datetime(2018, 9, 24, 22, 42, 40, tzinfo=UTC)),
    ("31 February 2026", None),
    ("20 Foo 2026", None),
    ("20 Nov 2026 25:00", None),
    ("20.13.2026", None),
    ("2026-11-20T10:00:00Z", None),  # ISO 8601 is feedparser's
    ("soon", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "moment"), DATES)
def test_dates_as_people_write_them(text: str, moment: datetime | None) -> None:
    assert written_date(text) == moment


DAYS = st.dates(date(1000, 1, 2), date(9998, 1, 1))


@given(st.builds(datetime.combine, DAYS, st.times(timezones=st.just(UTC))))
def test_the_dates_of_mail_are_read_back(moment: datetime) -> None:
    assert written_date(f"{moment:%a, %d %b %Y %H:%M:%S} +0000") == moment.replace(microsecond=0)


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    for dressed in (text, f"1 Jan 2026 {text}", f"{text} 1 Jan 2026 10:00:00 {text}"):
        moment = written_date(dressed)
        assert moment is None or moment.tzinfo is UTC
