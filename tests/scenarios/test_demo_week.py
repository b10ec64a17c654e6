"""The demo's week: what it holds, how its news server behaves, and that every format reads as it was written."""

import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.intake.items import to_items
from bot.core.intake.urls import shown_url
from bot.core.language.text import clean
from bot.core.model import FeedEntry, Relevance, Side, Source, SourceId, SourceKind
from bot.core.rules.rule import parse_rule
from bot.demo.formats import FORMATS, cut_off
from bot.demo.newsroom import LEAD_IN, DemoNewsroom
from bot.demo.summary import DemoSummary, summary_text
from bot.demo.week import FEED_LENGTH, WEEK, Timeline, Week, demo_folder
from bot.errors import ConfigError
from bot.sources import KINDS
from bot.sources.parsing.plain import plain_text
from bot.subject import config_folder, read_subject
from tests.builders import ManualClock

MONDAY = datetime(2031, 3, 3, tzinfo=UTC)
ENTERED = MONDAY - LEAD_IN
REAL_OUTLETS = (
    "reuters bbc cnn tass ria interfax meduza sputnik rt afp dpa postimees err delfi ukrinform pravda nytimes"
)
REAL_PEOPLE = "putin peskov lavrov zakharova trump rutte zelensky zelenskyy kallas macron merz tusk stubb путин песков"


class Reader:
    """Somebody at the newsroom's door: asks for feeds and moves the time."""

    def __init__(self, newsroom: DemoNewsroom, clock: ManualClock, session: aiohttp.ClientSession) -> None:
        self.newsroom = newsroom
        self._clock = clock
        self._session = session

    def wait_until(self, at: str) -> None:
        day, time = at.split()
        hours, minutes = time.split(":")
        then = self.newsroom.timeline.real(timedelta(days=int(day) - 1, hours=int(hours), minutes=int(minutes)))
        self._clock.advance(microseconds=(then - self._clock.now()) // timedelta(microseconds=1))

    async def ask(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.get(self.newsroom.base_url + path, headers=named) as response:
            return response, await response.text(errors="replace")


@pytest.fixture(scope="module")
def week() -> Week:
    return Week.read(demo_folder())


@pytest_asyncio.fixture
async def reader(week: Week) -> AsyncIterator[Reader]:
    clock = ManualClock(ENTERED)
    async with DemoNewsroom(week, clock) as newsroom, aiohttp.ClientSession() as session:
        yield Reader(newsroom, clock, session)


def played(week: Week) -> Timeline:
    return Timeline(start=MONDAY, duration=timedelta(seconds=45))


def sources_of(week: Week) -> tuple[Source, ...]:
    return week.catalog("http://127.0.0.1:8080").sources


def test_the_week_is_of_a_size_that_fits_a_demo(week: Week) -> None:
    assert 220 <= len(week.reports) <= 260
    assert len(week.outlets) == 12
    assert min(report.at for report in week.reports) >= -timedelta(days=1)
    assert max(report.at for report in week.reports) < WEEK


def test_every_day_of_the_week_has_news(week: Week) -> None:
    days = Counter(report.at.days for report in week.reports)
    assert set(days) == set(range(-1, 7))
    assert min(days.values()) >= 15


def test_every_outlet_speaks_and_has_something_to_be_stored_at_the_first_poll(week: Week) -> None:
    eve = {report.outlet for report in week.reports if report.at < timedelta(0)}
    assert eve == set(week.outlets)


def test_every_format_has_an_outlet(week: Week) -> None:
    assert {outlet.format for outlet in week.outlets.values()} == set(FORMATS)


def test_every_story_is_told_by_several_outlets(week: Week) -> None:
    tellers = defaultdict(set)
    for report in week.reports:
        if report.story is not None:
            tellers[report.story].add(report.outlet)
    assert len(tellers) == 13
    assert min(len(outlets) for outlets in tellers.values()) >= 4


def test_two_reports_in_five_are_of_other_things(week: Week) -> None:
    other = [report for report in week.reports if report.story is None]
    assert len(other) >= 0.4 * len(week.reports)


def test_no_real_outlet_and_no_real_person_is_named(week: Week) -> None:
    real = set(f"{REAL_OUTLETS} {REAL_PEOPLE}".split())
    for report in week.reports:
        assert real.isdisjoint(re.findall(r"\w+", f"{report.title} {report.summary}".lower())), report


def test_one_title_is_hostile(week: Week) -> None:
    titles = [report.title for report in week.reports]
    assert [title for title in titles if "<script>" in title and "\u202e" in title and "Senator" in title]


def test_reprints_and_rewordings_are_there(week: Week) -> None:
    outlets = defaultdict(set)
    for report in week.reports:
        outlets[report.title].add(report.outlet)
    assert sum(len(names) > 1 for names in outlets.values()) >= 3
    assert sum(report.retitle_of is not None for report in week.reports) == 2


def test_the_eve_runs_at_its_own_speed_and_the_week_fast() -> None:
    timeline = Timeline(start=MONDAY, duration=timedelta(seconds=42))
    assert timeline.real(-timedelta(hours=3)) == MONDAY - timedelta(hours=3)
    assert timeline.real(timedelta(0)) == MONDAY
    assert timeline.real(timedelta(days=3.5)) == MONDAY + timedelta(seconds=21)
    assert timeline.real(WEEK) == MONDAY + timedelta(seconds=42)


def test_every_side_and_every_kind_of_source_is_there(week: Week) -> None:
    sources = sources_of(week)
    assert {source.side for source in sources} == set(Side)
    assert {source.kind for source in sources} == set(SourceKind)
    assert Counter(source.lang for source in sources) == {"en": 10, "ru": 2}
    assert all(source.url.startswith("http://127.0.0.1:8080/") for source in sources)


async def test_the_newsroom_offers_its_outlets_as_sources(reader: Reader) -> None:
    source = next(source for source in reader.newsroom.catalog().sources if source.id == "harbour-wire")
    response, _ = await reader.ask(source.url.removeprefix(reader.newsroom.base_url))
    assert response.status == 200


def test_the_rules_can_be_followed(week: Week) -> None:
    for rule in week.rules:
        assert str(parse_rule(rule)) == rule


@settings(deadline=None)
@given(data=st.data(), seconds=st.floats(0, 46))
def test_every_feed_reads_as_it_was_written_at_any_moment(week: Week, data: st.DataObject, seconds: float) -> None:
    source = data.draw(st.sampled_from(sources_of(week)))
    outlet = week.outlets[source.id]
    shown = week.postings(source.id, played(week), MONDAY + timedelta(seconds=seconds))
    form = FORMATS[outlet.format]
    parsed = KINDS[source.kind](form.write(outlet, shown), source, form.content_type)
    assert parsed.problem is None
    assert {told(entry) for entry in parsed.entries} == {
        (
            plain_text(posting.title),
            posting.summary,
            shown_url(posting.link),
            posting.published.replace(microsecond=0),
        )
        for posting in shown
    }


def told(entry: FeedEntry) -> tuple[str, str, str | None, datetime | None]:
    """What a reader gets; feeds tell the time to the second."""
    return entry.title, entry.summary, entry.link, entry.published and entry.published.replace(microsecond=0)


def test_every_item_is_plain_once_read(week: Week) -> None:
    timeline = played(week)
    for source in sources_of(week):
        outlet = week.outlets[source.id]
        for moment in range(0, 46, 5):
            shown = week.postings(source.id, timeline, MONDAY + timedelta(seconds=moment))
            body = FORMATS[outlet.format].write(outlet, shown)
            for entry in KINDS[source.kind](body, source, None).entries:
                for text in (entry.title, entry.summary):
                    assert re.fullmatch(r"[^<>\u200b\u202a-\u202e]+", text)
                    assert text == clean(text)


def test_the_filter_shows(week: Week) -> None:
    """Newcomers see what the relevance filter does: what they get is about the subject, the rest stays away."""
    classifier = read_subject(config_folder()).classifier
    sources = week.catalog("http://127.0.0.1:8080").by_id
    core: dict[bool, list[bool]] = {True: [], False: []}
    for report in week.reports:
        source = sources[SourceId(report.outlet)]
        entry = FeedEntry(title=report.title, summary=report.summary, published=MONDAY)
        (item,) = to_items(source, [entry], MONDAY)
        on_subject = report.story not in {None, "exchange"}
        core[on_subject].append(classifier.classify(item, source.scope).relevance is Relevance.CORE)
    assert sum(core[True]) >= 0.95 * len(core[True])
    assert sum(core[False]) <= 0.02 * len(core[False])


def test_the_hostile_title_is_harmless_once_read(week: Week) -> None:
    source = next(source for source in sources_of(week) if source.id == "echo-basket")
    outlet = week.outlets[source.id]
    body = FORMATS[outlet.format].write(outlet, week.postings(source.id, played(week), MONDAY + timedelta(days=1)))
    titles = [entry.title for entry in KINDS[source.kind](body, source, None).entries]
    assert "Senator finds coordination of ferries overdue & signatories agree" in titles


def test_a_feed_that_is_cut_off_still_gives_its_newest_entries(week: Week) -> None:
    source = next(source for source in sources_of(week) if source.id == "dnipro-beacon")
    outlet = week.outlets[source.id]
    shown = week.postings(source.id, played(week), MONDAY + timedelta(seconds=25))
    parsed = KINDS[source.kind](cut_off(FORMATS[outlet.format].write(outlet, shown)), source, None)
    assert parsed.problem is not None
    assert [entry.title for entry in parsed.entries[:8]] == [posting.title for posting in shown[:8]]


def test_a_feed_shows_what_has_appeared_newest_first(week: Week) -> None:
    timeline = played(week)
    for outlet in week.outlets:
        for report in (report for report in week.reports if report.outlet == outlet):
            now = timeline.real(report.at)
            shown = week.postings(outlet, timeline, now)
            assert 1 <= len(shown) <= FEED_LENGTH
            assert [posting.published for posting in shown] == sorted(
                (posting.published for posting in shown), reverse=True
            )
            assert all(posting.published <= now for posting in shown)
            assert report.title in {posting.title for posting in shown}
            just_before = week.postings(outlet, timeline, now - timedelta(microseconds=1))
            assert (report.title, report.summary) not in {(old.title, old.summary) for old in just_before}


def test_new_words_replace_the_old_under_the_same_guid_and_date(week: Week) -> None:
    timeline = played(week)
    reworded = next(report for report in week.reports if report.retitle_of)
    first = next(report for report in week.reports if report.guid == reworded.retitle_of)
    shown = week.postings(reworded.outlet, timeline, timeline.real(reworded.at))
    (entry,) = [posting for posting in shown if posting.guid == first.guid]
    assert (entry.title, entry.published) == (reworded.title, timeline.real(first.at))
    assert reworded.guid not in {posting.guid for posting in shown}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"at": "8 05:50", "outlet": "gull", "guid": "1", "title": "t", "summary": "s"}', "a day from 0 to 7"),
        ('{"at": "1 24:00", "outlet": "gull", "guid": "1", "title": "t", "summary": "s"}', "a day from 0 to 7"),
        ('{"at": "1 05:50", "outlet": "owl", "guid": "1", "title": "t", "summary": "s"}', "no outlet owl"),
        ('{"at": "1 05:50", "outlet": "gull", "guid": "0", "title": "t", "summary": "s"}', "used twice"),
        ('{"at": "1 05:50", "outlet": "gull", "guid": "1", "title": "", "summary": "s"}', "line 2, title"),
        ('{"at": "1 05:50", "outlet": "gull", "guid": "1", "title": "t"}', "line 2: summary"),
        ('{"at": "1 05:50", "outlet": "gull", "guid": "1", "title": "t", "summary": "s", "tone": 1}', "line 2, tone"),
        ('{"at": "1 05:50", "outlet": "gull", "guid": "1", "title": "t", "summary": "s", "retitle_of": "2"}', "2"),
        ("not JSON", "line 2"),
    ],
)
def test_a_faulty_week_says_what_is_wrong_and_where(tmp_path: Path, line: str, said: str) -> None:
    first = '{"at": "1 04:00", "outlet": "gull", "guid": "0", "title": "t", "summary": "s"}'
    (tmp_path / "week.jsonl").write_text(f"{first}\n{line}\n", encoding="utf-8")
    (tmp_path / "week.toml").write_text("rules = []\ntrouble = []\n", encoding="utf-8")
    (tmp_path / "sources.toml").write_text(
        '[[source]]\nid = "gull"\nname = "The Gull"\nurl = "{base}/gull.rss"\n', encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=said):
        Week.read(tmp_path)


async def test_reports_appear_as_time_goes_by(reader: Reader) -> None:
    reader.wait_until("1 05:49")
    _, before = await reader.ask("/tallinn-lantern.rss")
    reader.wait_until("1 05:50")
    _, after = await reader.ask("/tallinn-lantern.rss")
    assert "Sirens in Võru county" not in before
    assert "Sirens in Võru county" in after


async def test_who_has_the_feed_already_gets_304_and_no_body(reader: Reader, week: Week) -> None:
    for outlet in week.outlets.values():
        first, body = await reader.ask(outlet.path)
        assert (first.status, bool(body)) == (200, True)
        again, nothing = await reader.ask(outlet.path, If_None_Match=first.headers["ETag"])
        assert (again.status, nothing, again.headers["ETag"]) == (304, "", first.headers["ETag"])


async def test_a_weak_or_listed_etag_counts_and_an_old_one_does_not(reader: Reader) -> None:
    first, _ = await reader.ask("/harbour-wire.rss")
    weak, _ = await reader.ask("/harbour-wire.rss", If_None_Match=f'"other", W/{first.headers["ETag"]}')
    reader.wait_until("2 00:00")
    later, _ = await reader.ask("/harbour-wire.rss", If_None_Match=first.headers["ETag"])
    assert (weak.status, later.status) == (304, 200)


async def test_a_server_falls_over_then_asks_for_patience_then_is_well(reader: Reader) -> None:
    answers = []
    for at in ("2 11:00", "2 12:00", "3 00:00", "3 07:00"):
        reader.wait_until(at)
        response, _ = await reader.ask("/alpine-postcard.rdf")
        answers.append((response.status, response.headers.get("Retry-After")))
    assert answers == [(200, None), (500, None), (503, "1"), (200, None)]


async def test_a_feed_is_cut_off_for_a_while(reader: Reader) -> None:
    ends = []
    for at in ("4 07:59", "4 08:00", "5 00:00"):
        reader.wait_until(at)
        response, body = await reader.ask("/dnipro-beacon.rss")
        assert response.status == 200
        ends.append(body.rstrip().endswith("</rss>"))
    assert ends == [True, False, True]


async def test_it_tells_when_a_report_appeared(reader: Reader) -> None:
    reader.wait_until("1 05:50")
    appeared = reader.newsroom.appeared("tl-02")
    assert appeared == reader.newsroom.appeared("https://tallinn-lantern.example/tl-02")
    _, body = await reader.ask("/tallinn-lantern.rss")
    assert f"{appeared:%a, %d %b %Y %H:%M:%S +0000}" in body
    with pytest.raises(KeyError):
        reader.newsroom.appeared("owl-01")


def test_the_summary_says_the_times() -> None:
    lags = tuple(timedelta(seconds=seconds) for seconds in (0.4, 0.61, 2.75))
    text = summary_text(DemoSummary(polls=512, new=239, relevant=131, lags=lags, edited=7, risen=2))
    assert re.search(r"Feeds read +512\n +New reports +239\n +On the subject +131\n +Alerts by rule +3\n", text)
    assert re.search(r"later edited +7\n +raised in level +2\n", text)
    assert "0.6 s at the median, 2.8 s at most" in text


def test_the_summary_without_alerts_invents_no_times() -> None:
    text = summary_text(DemoSummary(polls=12, new=0, relevant=0, lags=(), edited=0, risen=0))
    assert "No alert was sent" in text
    assert " s " not in text
