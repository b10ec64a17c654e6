from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.language.language import languages
from bot.core.language.text import fold
from bot.sources.parsing.dates import written_date

MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)

# What is written, and what is meant; None where nobody can tell.
DATES = [
    # days
    ("20 November 2026", MIDNIGHT),
    ("07 July 2026", datetime(2026, 7, 7, tzinfo=UTC)),
    ("November 20, 2026", MIDNIGHT),
    ("20 ноября 2026", MIDNIGHT),
    ("пятница, 20 ноября 2026 г.", MIDNIGHT),
    ("20. marraskuuta 2026", MIDNIGHT),
    ("20 lis 2026", MIDNIGHT),
    ("2026 m. lapkričio 20 d.", MIDNIGHT),
    ("1er mars 2026", datetime(2026, 3, 1, tzinfo=UTC)),
    ("Sexta-feira, 20 de novembro de 2026", MIDNIGHT),
    ("20.11.2026", MIDNIGHT),
    ("3.4.2026", datetime(2026, 4, 3, tzinfo=UTC)),
    ("20/11/2026", MIDNIGHT),
    ("11/20/2026", MIDNIGHT),
    ("11/11/2026", datetime(2026, 11, 11, tzinfo=UTC)),
    ("3/4/2026", None),
    ("3-4-2026", None),
    ("10/11/12", None),
    ("2026-11-20", MIDNIGHT),
    ("2026/11/20", MIDNIGHT),
    ("2026.11.20", MIDNIGHT),
    ("20261120", MIDNIGHT),
    ("2026-11", None),
    ("2026", None),
    ("20260-11-1", None),
    ("31 February 2026", None),
    ("20 Foo 2026", None),
    ("20 ju 2026", None),
    ("20 jui 2026", None),  # June or July in French
    ("20.13.2026", None),
    ("2026/20/11", None),
    # times of day
    ("Friday, November 20, 2026 - 10:00", TEN),
    ("Nov 20, 2026 10:00 PM", TEN + 12 * HOUR),
    ("Nov 20, 2026 10:00 p.m.", TEN + 12 * HOUR),
    ("Nov 20, 2026 12:30 am", MIDNIGHT + HOUR / 2),
    ("Nov 20, 2026 13:30 am", None),
    ("20 листопада 2026, 10:00", TEN),
    ("20 ноября 2026 года в 10:00", TEN),
    ("20. November 2026 um 10:00", TEN),
    ("20. marraskuuta 2026 klo 10.00", TEN),
    ("1 mars 2026 à 10h00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
    ("20.11.2026 10:00", TEN),
    ("2026/11/20 10:00:00", TEN),
    ("2026-11-20T10:00:00", TEN),
    ("2026-11-20T10:00:00.123Z", TEN),
    ("20261120T100000Z", TEN),
    ("20-Nov-2026 10:00", TEN),
    ("Fri Nov 20 10:00:00 2026", TEN),
    ("Fri, 20 Nov 26 10:00:00 GMT", TEN),
    ("20 Nov 2026 25:00", None),
    ("20 Nov 2026 10:00 sharp", None),
    ("20-11-2026-10:00", None),
    ("10:00:00 UTC", None),
    ("10:00, 20 November 2026", None),
    # zones
    ("Fri, 20 Nov 2026 10:00:05 +0300", TEN - 3 * HOUR + timedelta(seconds=5)),
    ("Fri, 20 Nov 2026 10:00:00 -03:30", TEN + 3.5 * HOUR),
    ("Fri, 20 Nov 2026 10:00:00 +03", TEN - 3 * HOUR),
    ("Fri, 20 Nov 2026 10:00:00 -0000", TEN),
    ("Fri, 20 Nov 2026 10:00:00 GMT", TEN),
    ("Fri, 20 Nov 2026 10:00:00 GMT+0300", TEN - 3 * HOUR),
    ("Fri, 20 Nov 2026 10:00:00 GMT-0500", TEN + 5 * HOUR),
    ("Fri, 20 Nov 2026 10:00:00 UTC+3", TEN - 3 * HOUR),
    ("Fri Nov 20 2026 10:00:00 GMT+0300 (Moscow Standard Time)", TEN - 3 * HOUR),
    ("Fri Nov 20 10:00:00 MSK 2026", TEN - 3 * HOUR),
    ("2026-11-20 10:00:00 +0300 MSK", TEN - 3 * HOUR),
    ("Пт, 20 ноя 2026 10:00 МСК", TEN - 3 * HOUR),
    ("Fri, 20 Nov 2026 10:00:00 EET", TEN - 2 * HOUR),
    ("Fri, 20 Nov 2026 10:00:00 CET", TEN - HOUR),
    ("Fri, 20 Nov 2026 10:00:00 (CET)", TEN - HOUR),
    ("Fri, 20 Nov 2026 10:00:00 EST", TEN + 5 * HOUR),
    ("November 20, 2026, 10:00 p.m. EST", TEN + 17 * HOUR),
    ("November 20, 2026, 10:00 a.m. ET", TEN + 5 * HOUR),
    ("July 7, 2026, 10:00 a.m. ET", datetime(2026, 7, 7, 14, tzinfo=UTC)),
    ("2026-11-20 10:00 America/New_York", TEN + 5 * HOUR),
    ("2026-07-07 10:00 Europe/Berlin", datetime(2026, 7, 7, 8, tzinfo=UTC)),
    ("2026-10-25 02:30 Europe/Berlin", None),  # it was half past two twice
    ("2026-03-29 02:30 Europe/Berlin", None),  # and never
    ("mer, 16 nov 2022 00:38:15 +0100", datetime(2022, 11, 15, 23, 38, 15, tzinfo=UTC)),
    ("Seg, 24 Set 2018 19:42:40 -0300", datetime(2018, 9, 24, 22, 42, 40, tzinfo=UTC)),
    ("20 Nov 2026 10:00 IST", None),  # of India, Ireland or Israel
    ("20 Nov 2026 EST 10:00", None),
    ("20 Nov 2026 10:00 Atlantis/Town", None),
    ("20 Nov 2026 10:00 +0300 EST", None),
    ("20 Nov 2026 10:00 EST+0300", None),
    ("20 Nov 2026 10:00 +9900", None),
    ("2026-11-20-03:00", None),
    ("soon", None),
    ("", None),
    ("20 Nov 2026" + " " * 200 + "x", None),
]


@pytest.mark.parametrize(("text", "moment"), DATES)
def test_dates_as_people_write_them(text: str, moment: datetime | None) -> None:
    assert written_date(text) == moment


MOMENTS = st.datetimes(datetime(1000, 1, 2), datetime(9998, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)


@given(MOMENTS)
def test_the_dates_of_mail_are_read_back(moment: datetime) -> None:
    assert written_date(f"{moment:%a, %d %b %Y %H:%M:%S} +0000") == moment


DAYS = (
    *("%d %B %Y", "%a, %d %b %Y", "%B %d, %Y", "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y"),
    *("%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d-%b-%Y", "%a %b %d %Y", "%b %d", "%m.%Y", "%Y %d %m", "%y/%m/%d", ""),
)
CLOCKS = ("T%H:%M:%S", " %H:%M:%S", ", %I:%M:%S %p", " at %H:%M:%S", " - %H.%M.%S", " %H:%M", " %H", "")
ZONES = ("+03", "+0300", "+03:00", "UTC+3", "GMT+0300", "MSK", "(MSK)", "Europe/Moscow", "+0300 (Moscow Standard Time)")
ODD_ZONES = ("+0300 EST", "XYZ", "Moscow", "+3000", "+03:00:00", "MSK-1", "local", "?")


# Moscow has been three hours ahead all the year since the end of 2014.
LATELY = st.datetimes(datetime(2015, 1, 1), datetime(2070, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(LATELY, st.sampled_from(DAYS), st.sampled_from(CLOCKS), st.sampled_from((*ZONES, *ODD_ZONES)))
def test_a_date_is_right_or_none(moment: datetime, day: str, clock: str, zone: str) -> None:
    if not clock:
        assert written_date(moment.strftime(day)) in {None, datetime.combine(moment, time(), UTC)}
        return
    text = f"{moment.strftime(day + clock)} {zone}"
    right = moment.replace(microsecond=0, second=moment.second if "%S" in clock else 0) - 3 * HOUR
    assert written_date(text) in ({None, right} if zone in ZONES and clock != " %H" else {None}), text


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    for dressed in (text, f"1 Jan 2026 {text}", f"{text} 1 Jan 2026 10:00:00 {text}"):
        moment = written_date(dressed)
        assert moment is None or moment.tzinfo is UTC


def test_no_name_means_two_months() -> None:
    months = [language.time.months for language in languages().by_code.values() if language.time.months]
    names = {(fold(word), number) for rows in months for number, words in enumerate(rows) for word in words}
    assert len({name for name, _ in names}) == len(names) > 200
