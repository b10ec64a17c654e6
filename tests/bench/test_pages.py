"""What the leads of pages cost: CPU a page, and how long a poll with ten of them takes over the loopback."""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import pytest

from bot.core.intake.items import to_items
from bot.core.model import FeedEntry, Item, Scope
from bot.polling.leads import MOST_PAGES, Leads
from bot.polling.worker import Formerly, ReadBody, prepare, with_lead
from bot.sources.base import Fetched
from bot.sources.http.fetcher import Fetcher
from bot.sources.http.pages import Pages
from bot.sources.parsing.page import lead_of
from bot.sources.parsing.robots import may_ask
from bot.sources.parsing.worker import ParserPool
from bot.storage.database import open_database
from bot.subject import config_folder
from tests import builders
from tests.builders import NOW, ManualClock
from tests.fakes import fetched
from tests.polling.test_leads import CORE, LEAD, READ
from tests.sources.site import running_site

pytestmark = pytest.mark.bench
RUNS = 20


def news_page() -> bytes:
    """As heavy as a page of a paper: 365 KB, of which the article is 2."""
    state = json.dumps({f"key{number}": "v" * 50 for number in range(2500)})
    article = json.dumps({"@graph": [{"@type": "NewsArticle", "headline": CORE, "description": LEAD}]})
    link = "<div class='nav'><a href='/section/{0}?x=1&amp;y=2'>Section {0}</a><svg><path d='M0 0L{0} 1'/></svg></div>"
    menu = "\n".join(map(link.format, range(900)))
    head = (
        f"<meta property='og:description' content='{LEAD[:100]}'><script type='application/ld+json'>{article}</script>"
    )
    body = f"{menu}<article>{f'<p>{LEAD}</p>' * 12}</article>{menu}"
    return f"<!doctype html><head>{head}<script>window.state = {state}</script></head><body>{body}</body>".encode()


def milliseconds(work: Callable[[], object]) -> float:
    work()
    before = process_time()
    for _ in range(RUNS):
        work()
    return (process_time() - before) * 1000 / RUNS


def test_a_page_in_the_worker() -> None:
    page = fetched(news_page())
    robots = fetched(b"User-agent: *\n" + b"Disallow: /some/folder/*.html$\n" * 200)
    for what, work in (
        (f"A page of {len(page.body or b'') // 1000} KB", partial(lead_of, page, CORE, "en")),
        ("A robots.txt of 200 rules", partial(may_ask, robots, "https://x.example/some/a")),
    ):
        print(f"\n{what}: {milliseconds(work):.1f} ms of CPU")


async def test_a_poll_with_ten_pages(tmp_path: Path) -> None:
    database, clock = await open_database(f"sqlite:///{tmp_path}/a.db"), ManualClock()
    async with (
        ParserPool(prepare=partial(prepare, config_folder())) as pool,
        Fetcher(contact="x", allow_private=True) as fetcher,
        running_site() as site,
    ):

        async def read_robots(robots: Fetched, url: str) -> bool:
            return await pool.run_quickly(may_ask, robots, url)

        async def read(item: Item, said: Fetched | Formerly, scope: Scope) -> Item:
            return await pool.run_quickly(with_lead, item, said, scope, config_folder())

        site.says("/robots.txt", b"User-agent: *\nDisallow: /private\n")
        await pool.run(len, "ready")
        leads = Leads(database=database, fetch=Pages(fetcher, read_robots, clock).fetch, read=read, is_on=True)
        for name in ("first", "second"):
            urls = [site.says(f"/{name}{n}", news_page(), Content_Type="text/html") for n in range(MOST_PAGES)]
            entries = [FeedEntry(title=CORE, link=url, published=NOW - timedelta(seconds=1)) for url in urls]
            items = to_items(builders.source(), entries, NOW)
            body = ReadBody(items=items, promising=set(range(MOST_PAGES)), ttl=None, problem=None)
            started = perf_counter()
            found = await leads.add(builders.source(), body, READ, NOW)
            took = perf_counter() - started
            assert all(item.lead == LEAD for item in found.items)
            print(f"\nA poll with ten new pages, {name}: {took * 1000:.0f} ms by the clock")
    await database.close()
