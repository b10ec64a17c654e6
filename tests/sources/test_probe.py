from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core.model import Source
from bot.sources.base import Probe
from bot.sources.http.fetcher import Fetcher
from bot.sources.parsing.worker import ParserPool
from bot.sources.probe import probe
from tests.sources.papers import a_source, rss
from tests.sources.site import Site, running_site

DATED = "<title>Cable cut</title><pubDate>Sun, 01 Mar 2026 12:00:00 GMT</pubDate>"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with running_site() as site:
        yield site


async def probed(source: Source) -> Probe:
    async with Fetcher(contact="x", allow_private=True) as fetcher, ParserPool() as pool:
        return await probe(source, fetcher, pool)


async def test_a_source_that_is_well(site: Site) -> None:
    source = a_source(site.says("/feed", rss(DATED, "<title>Undated</title>").encode()))
    found = await probed(source)
    newest = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert found.milliseconds > 0
    assert replace(found, milliseconds=0) == Probe(
        source=source, status="ok", entries=2, newest=newest, milliseconds=0, problem=None, title="Invented Wire"
    )


@pytest.mark.parametrize(
    ("title", "lang"),
    [
        ("NATO ships on their way to Кестрел", "en"),
        ("Дроны над Кестрелом, говорит NATO", "ru"),
        ("Дрони над Кестрелем, їх помітили вночі біля її гавані", "uk"),
        ("Партия «Сiла» выступила с заявлением о том, что происходит в гавани", "ru"),
    ],
)
async def test_the_language_is_told_by_its_letters(site: Site, title: str, lang: str) -> None:
    found = await probed(a_source(site.says("/feed", rss(f"<title>{title}</title>").encode())))
    assert found.lang == lang


async def test_a_source_that_has_moved(site: Site) -> None:
    new = site.says("/new", rss(DATED).encode())
    found = await probed(a_source(site.redirects("/old", "/new", 301)))
    assert (found.status, found.problem) == ("moved", f"has moved for good to {new}")


@pytest.mark.parametrize(
    ("body", "status", "word", "problem"),
    [
        (b"", 404, "no answer", "the server says 404: not found"),
        (b"", 304, "no answer", "the server says that nothing has changed, but it was asked for everything"),
        (b"<html></html>", 200, "unreadable", "this is a web page, not a feed"),
        (rss("<title>T</title>").encode(), 200, "ok", "no entry has a date"),
        (rss().encode(), 200, "ok", "has no entries"),
    ],
)
async def test_a_source_that_is_not_well(site: Site, body: bytes, status: int, word: str, problem: str) -> None:
    found = await probed(a_source(site.says("/feed", body, status=status)))
    assert (found.status, found.problem) == (word, problem)
