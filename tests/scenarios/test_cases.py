"""Small inputs with their right values: the files of tests/cases, each a kind of fault that a reader of feeds can have.

The `level` of a file says how it is run. parse: dates and entries as written, and what they mean. match: rules and
titles, and whether one finds the other. town: bodies that a site gives one after the other, and what a chat reads of
them. http: the same over a real connection.
"""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, timedelta
from email.utils import format_datetime
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import pytest

from bot.app import Outside, wire
from bot.commands.framework.services import Services
from bot.core.message.blocks import plain
from bot.core.model import Relevance, RuleId, Scope
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.core.stories.grouping import Grouper
from bot.platforms.base import Answer
from bot.settings import PollSettings, Settings
from bot.sources.catalog import Catalog
from bot.sources.http.fetcher import Fetcher
from bot.storage.database import open_database
from tests import builders, fakes
from tests.builders import ManualClock
from tests.fakes import FakeChats, Town, a_life, no_pages, probe_here, read_here, read_lead_here, real_subject
from tests.sources import papers
from tests.sources.papers import rss
from tests.sources.site import Site, running_site

FOLDER = Path(__file__).parents[1] / "cases"

Case = Mapping[str, Any]


def cases(*levels: str) -> Sequence[Any]:
    """The cases of these levels, each under the name of its file."""
    return [
        pytest.param(case, id=path.stem)
        for path in sorted(FOLDER.glob("*.json"))
        if (case := json.loads(path.read_text(encoding="utf-8")))["level"] in levels
    ]


# What is written


def item(row: Mapping[str, str]) -> str:
    """An item of a feed; a date such as -6h counts from the start of the case."""
    own = {"title": "title", "guid": "guid", "link": "link", "date": "pubDate", "desc": "description"}
    values = dict(row) | ({"date": moment(row["date"])} if "date" in row else {})
    elements = [f"<{name}>{escape(values[key])}</{name}>" for key, name in own.items() if key in row]
    return "".join([row.get("before", ""), *elements, row.get("after", "")]).replace(
        "<guid>", "<guid isPermaLink='false'>"
    )


def moment(text: str) -> str:
    found = re.fullmatch(r"([+-]\d+)([mhd])", text)
    if found is None:
        return text
    unit = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[found[2]]
    return format_datetime(builders.NOW + int(found[1]) * unit)


def feed(rows: Sequence[Mapping[str, str]]) -> bytes:
    return rss(*map(item, rows)).encode()


@pytest.mark.parametrize("case", cases("parse"))
def test_what_is_written_is_read_as_it_is_meant(case: Case) -> None:
    for written, meant in case.get("dates", ()):
        published = papers.first(feed([{"title": "T", "date": written}])).published
        assert (published and published.astimezone(UTC).isoformat()) == meant, written
    for entry in case.get("entries", ()):
        read = papers.first(feed(entry["items"]))
        assert {name: getattr(read, name) for name in entry["expect"]} == entry["expect"]


@pytest.mark.parametrize("case", cases("match"))
def test_a_rule_finds_what_it_means(case: Case) -> None:
    for rule, title, wanted in case["pairs"]:
        index = RuleIndex(real_subject().aliases)
        index.add(RuleId(1), parse_rule(rule))
        found = set(index.matches(builders.item(title, relevance=Relevance.CORE)))
        assert bool(found) == wanted, f"{rule!r} in {title!r}"


# What a chat reads of it


class Paper(fakes.Site):
    """A site whose feed is what a case says."""

    body = feed([])

    def answers(self) -> bytes:
        super().answers()
        return self.body


@pytest.mark.parametrize("case", cases("town"))
async def test_a_site_is_told_as_it_is(case: Case, tmp_path: Path) -> None:
    source, clock = builders.source(scope=Scope.TOPICAL), ManualClock()
    paper = Paper(source.id, clock)
    paper.body = feed(case.get("first", ()))
    database = await open_database(f"sqlite:///{tmp_path}/town.db")
    try:
        town = await a_life(database, [source], {source.id: paper}, clock, Grouper(real_subject().lexicon))
        await town.advance(minutes=1)
        await town.follow("ann", case["rule"])
        for step in case["steps"]:
            paper.body = feed(step["items"])
            await later(town, **step.get("advance", {"minutes": 3}))
        await check(town, case)
    finally:
        await database.close()


@pytest.mark.parametrize("case", cases("http"))
async def test_a_server_is_told_as_it_is(case: Case, tmp_path: Path) -> None:
    async with running_site() as site, a_town_that_fetches(site.url, tmp_path) as town:
        here = site.url.replace("127.0.0.1", "localhost")
        for number, phase in enumerate(case["phases"]):
            for path, answer in phase["answers"].items():
                answers(site, path, answer, here)
            await later(town, **phase.get("advance", {"minutes": 2}))
            if number == 0:
                await town.follow("ann", case["rule"])
        await check(town, case, lambda text: text.replace(here, "NEWHOST"))


def answers(site: Site, path: str, answer: Mapping[str, Any], here: str) -> None:
    """From now on the path is answered so; NEWHOST is the same server under another name."""
    if "to" in answer:
        site.redirects(path, answer["to"].replace("NEWHOST", here), answer["status"])
    else:
        # An ETag that stays as it is answers 304 to whoever asks with it.
        named = {name.replace("-", "_"): value for name, value in answer.get("headers", {}).items()}
        site.says(path, feed(answer.get("items", ())), status=answer.get("status", 200), **named)


@asynccontextmanager
async def a_town_that_fetches(url: str, folder: Path) -> AsyncIterator[Town]:
    """A town with the source /rss.xml of a server, fetched over a real connection."""
    clock, source = ManualClock(), builders.source(scope=Scope.TOPICAL, url=f"{url}/rss.xml")
    platforms: list[FakeChats] = []

    def served(asked: Answer, _services: Services) -> Sequence[FakeChats]:
        platforms.append(FakeChats(asked))
        return platforms

    database = await open_database(f"sqlite:///{folder}/town.db")
    try:
        async with Fetcher(contact="desk@faultline.example", allow_private=True, clock=clock) as fetcher:
            every_minute = PollSettings(min_interval=timedelta(minutes=1), max_interval=timedelta(minutes=1))
            outside = Outside(
                database=database,
                fetch=fetcher.fetch,
                read=read_here,
                fetch_page=no_pages,
                read_lead=read_lead_here,
                probe=partial(probe_here, fetcher.fetch),
                grouper=Grouper(real_subject().lexicon),
                clock=clock,
            )
            app = await wire(Settings(poll=every_minute), Catalog(sources=(source,)), real_subject(), outside, served)
            yield Town(app, platforms[0], {}, clock)
    finally:
        await database.close()


async def later(town: Town, **span: int) -> None:
    """As `Town.advance`, with less haste once twenty minutes have gone by."""
    soon, end = (town.clock.now() + each for each in (timedelta(minutes=20), timedelta(**span)))
    while town.clock.now() < end:
        step = 30 if town.clock.now() < soon else 900
        town.clock.advance(seconds=min(step, (end - town.clock.now()).total_seconds()))
        await town.turn()


def unchanged(text: str) -> str:
    return text


async def check(town: Town, case: Case, named: Callable[[str], str] = unchanged) -> None:
    """Whether ann has read what she should: `alerts` are the headlines, `has:` and `lacks:` look into an answer."""
    for what, meant in case["expect"].items():
        how, _, line = what.partition(":")
        if how == "alerts":
            assert town.alerts("ann") == meant
        elif how == "alerts_count":
            assert len(town.alerts("ann")) == meant
        else:
            read = town.chats.arrived.get("ann", []) if line == "messages" else [await town.say("ann", line)]
            text = named("\n".join(map(plain, read)))
            assert (meant in text) == (how == "has"), text
