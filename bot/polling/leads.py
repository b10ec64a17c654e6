"""Leads: where a feed says next to nothing of an article that may matter, its page is read, once.

What is found decides anew whether the item is core, before it is given to a story. No poll waits long for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from cachetools import LRUCache

from bot.core.intake.items import FIRST_FEEDS, is_identified_by_link
from bot.core.intake.planning import KnownItem, alert_period
from bot.core.model import Item, Relevance, Scope, Source, SourceKind
from bot.errors import FetchError, ParseError
from bot.polling.worker import Formerly, ReadBody
from bot.sources.base import Fetched
from bot.sources.http.fetcher import CONNECTIONS_PER_HOST
from bot.sources.parsing.page import SHORT
from bot.storage import news
from bot.storage.database import Database
from bot.storage.poll_state import PollState

log = structlog.get_logger()

FetchPage = Callable[[str], Awaitable[Fetched]]
"""Fetches a page, as its host's robots.txt allows. Raises FetchError."""

ReadLead = Callable[[Item, Fetched | Formerly, Scope], Awaitable[Item]]
"""An item with what its page says, classified anew. Raises FetchError and ParseError."""

MOST_PAGES = 10  # of one poll
# Since a poll's first page: how long others may be begun, and be read. One that has been begun takes 6 s at most, with
# its robots.txt (see http/pages.py).
BEGIN_WITHIN, READ_WITHIN = timedelta(seconds=3), timedelta(seconds=9)
# Addresses that have been asked for since the start, in case what they brought could not be stored.
_MOST_ASKED = 10_000
# Where addresses lead to the article by a script alone.
_WITHOUT_TEXT = frozenset({"news.google.com"})
# A channel's posts are all there is of them.
_WITH_PAGES = frozenset(SourceKind) - {SourceKind.TELEGRAM_CHANNEL}


class Leads:
    """Adds leads to items; fetches none where it is not `is_on`."""

    def __init__(
        self,
        *,
        database: Database,
        fetch: FetchPage,
        read: ReadLead,
        is_on: bool,
        begin_within: timedelta = BEGIN_WITHIN,
        read_within: timedelta = READ_WITHIN,
    ) -> None:
        self._database = database
        self._fetch = fetch
        self._read = read
        self._is_on = is_on
        self._begin_within = begin_within.total_seconds()
        self._read_within = read_within.total_seconds()
        self._asked: LRUCache[str, bool] = LRUCache(_MOST_ASKED)

    async def add(self, source: Source, body: ReadBody, state: PollState, now: datetime) -> ReadBody:
        """What a body held, its items with the leads that they need and can have.

        `state` is the source's before this poll: what is no news gets no lead. An item that has been stored with one
        keeps it while its title tells the same and its summary says little.
        """
        short = {place: item for place, item in enumerate(body.items) if len(item.summary) < SHORT}
        async with self._database.read() as tx:
            known = await news.known_items(tx, [key for item in short.values() for key in item.keys])
        newest = max((item.published for item in body.items if item.dated), default=FIRST_FEEDS)
        period = alert_period(newest, alerting=state.stored_once, now=now, empty_at=state.last_success)
        said: dict[int, Fetched | Formerly] = {}
        wanted: dict[int, Item] = {}
        for place, item in short.items():
            before = next((known[key] for key in item.keys if key in known), None)
            if before is not None:
                if before.lead and before.title and before.url == item.url and _is_rewritten(before, item):
                    said[place] = Formerly(title=before.title, lead=before.lead)
            elif place in body.promising and period is not None and period[0] <= item.published < period[1]:
                wanted[place] = item
        begun = asyncio.get_running_loop().time()
        if wanted and self._is_on and source.leads and source.kind in _WITH_PAGES:
            said |= await self._pages(wanted, begun + self._begin_within)
        items = await self._with(said, body.items, source.scope, begun + self._read_within)
        return replace(body, items=items)

    async def _pages(self, wanted: Mapping[int, Item], until: float) -> dict[int, Fetched]:
        """The pages of these items that came in time, of the core and newest ones; each address is asked for once."""
        urls = {place: item.url for place, item in wanted.items() if item.url and is_identified_by_link(item)}
        async with self._database.read() as tx:
            linked = await news.linked(tx, urls.values())
        chosen: dict[int, str] = {}
        for place in sorted(urls, key=lambda place: (wanted[place].relevance is not Relevance.CORE, -place)):
            url = urls[place]
            is_new = url not in linked and url not in self._asked and url not in chosen.values()
            if is_new and urlsplit(url).hostname not in _WITHOUT_TEXT and len(chosen) < MOST_PAGES:
                chosen[place] = url
        # A host gets no more at a time, and what waits for a connection loses of its own time.
        slots = asyncio.Semaphore(CONNECTIONS_PER_HOST)
        async with asyncio.TaskGroup() as tasks:
            fetching = {place: tasks.create_task(self._page(url, slots, until)) for place, url in chosen.items()}
        return {place: page for place, task in fetching.items() if (page := task.result()) is not None}

    async def _page(self, url: str, slots: asyncio.Semaphore, until: float) -> Fetched | None:
        async with slots:
            if url in self._asked or asyncio.get_running_loop().time() >= until:
                return None
            self._asked[url] = True
            try:
                return await self._fetch(url)
            except FetchError as error:
                log.debug("a page goes unread", url=url, problem=str(error))
                return None

    async def _with(
        self, said: Mapping[int, Fetched | Formerly], items: Sequence[Item], scope: Scope, until: float
    ) -> tuple[Item, ...]:
        """The items, with what is said of those at these places."""
        led = list(items)
        for place, each in said.items():
            if asyncio.get_running_loop().time() >= until:  # other sources keep the reader busy
                break
            try:
                led[place] = await self._read(items[place], each, scope)
            except FetchError as error:  # it is not compressed as it claims
                log.debug("a page cannot be read", url=items[place].url, problem=str(error))
            except ParseError as error:  # whose pages take so long to read is not given as much time again
                log.debug("no more pages are read", url=items[place].url, problem=str(error))
                break
        return tuple(led)


def _is_rewritten(before: KnownItem, item: Item) -> bool:
    return (before.title, before.summary) != (item.title, item.summary)
