"""Leads: where a feed says next to nothing of an article that may matter, its page is read, once.

What is found decides anew whether the item is core, before it is given to a story. No poll waits long for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

import structlog
from cachetools import LRUCache

from bot.core.intake.items import FIRST_FEEDS, is_identified_by_link
from bot.core.intake.planning import KnownItem, alert_period
from bot.core.model import Item, Relevance, Scope, Source, SourceKind
from bot.errors import FetchError, ParseError
from bot.polling.worker import Formerly, ReadBody
from bot.sources.base import Fetched
from bot.sources.parsing.page import SHORT
from bot.storage import news
from bot.storage.database import Database
from bot.storage.poll_state import PollState

log = structlog.get_logger()

FetchPage = Callable[[str], Awaitable[Fetched]]
"""Fetches a page, as its host's robots.txt allows. Raises FetchError."""

ReadLead = Callable[[Item, Fetched | Formerly, Scope], Awaitable[Item]]
"""An item with what its page says, classified anew. Raises FetchError and ParseError."""

# Pages of one poll, so many at a time, and when no more is begun: it is held up for 7 s at most (see http/pages.py).
MOST_PAGES = 10
AT_ONCE = 4
BUDGET = timedelta(seconds=4)
# Addresses that have been asked for since the start, in case what they brought could not be stored.
_MOST_ASKED = 10_000


# Where addresses lead to the article by a script alone.
_WITHOUT_TEXT = frozenset({"news.google.com"})


class Leads:
    """Adds leads to items; fetches none where it is not `is_on`."""

    def __init__(
        self, *, database: Database, fetch: FetchPage, read: ReadLead, is_on: bool, budget: timedelta = BUDGET
    ) -> None:
        self._database = database
        self._fetch = fetch
        self._read = read
        self._is_on = is_on
        self._budget = budget.total_seconds()
        self._asked: LRUCache[str, bool] = LRUCache(_MOST_ASKED)

    async def add(self, source: Source, body: ReadBody, state: PollState, now: datetime) -> ReadBody:
        """What a body held, its items with the leads that they need and can have; first of all those that are core.

        `state` is the source's before this poll: what is no news gets no lead. An item that has been stored with one
        keeps it while its title tells the same and its summary says little.
        """
        short = {place: item for place, item in enumerate(body.items) if len(item.summary) < SHORT}
        async with self._database.read() as tx:
            known = await news.known_items(tx, [key for item in short.values() for key in item.keys])
            linked = await news.linked(tx, [item.url for item in short.values() if item.url])
        former: dict[int, Fetched | Formerly] = {}
        wanted: dict[int, str] = {}
        for place, item in short.items():
            before = next((known[key] for key in item.keys if key in known), None)
            if before is not None:
                if before.lead and before.title and before.url == item.url and _is_rewritten(before, item):
                    former[place] = Formerly(title=before.title, lead=before.lead)
            elif place in body.promising and is_identified_by_link(item) and item.url and item.url not in linked:
                wanted[place] = item.url
        items = list(body.items)
        newest = max((item.published for item in items if item.dated), default=FIRST_FEEDS)
        period = alert_period(newest, alerting=state.stored_once, now=now, empty_at=state.last_success)
        order = sorted(wanted, key=lambda place: (items[place].relevance is not Relevance.CORE, -place))
        fresh = [place for place in order if period and period[0] <= items[place].published < period[1]]
        pages = await self._pages({place: wanted[place] for place in fresh}) if self._may_fetch(source) else {}
        for place, said in (former | pages).items():
            try:
                items[place] = await self._read(items[place], said, source.scope)
            except FetchError as error:  # it is not compressed as it claims
                log.debug("a page cannot be read", url=items[place].url, problem=str(error))
            except ParseError as error:  # who makes us work so hard is asked to once a poll
                log.debug("no more pages are read", url=items[place].url, problem=str(error))
                break
        return replace(body, items=tuple(items))

    def _may_fetch(self, source: Source) -> bool:
        """A channel's posts are all there is of them."""
        return self._is_on and source.leads and source.kind is not SourceKind.TELEGRAM_CHANNEL

    async def _pages(self, wanted: Mapping[int, str]) -> dict[int, Fetched | Formerly]:
        """The pages of these addresses that came in time; each address is asked for once."""
        new = {
            place: url
            for place, url in wanted.items()
            if url not in self._asked and urlsplit(url).hostname not in _WITHOUT_TEXT
        }
        asked = dict(islice(new.items(), MOST_PAGES))
        self._asked.update(dict.fromkeys(asked.values(), True))
        slots, until = asyncio.Semaphore(AT_ONCE), asyncio.get_running_loop().time() + self._budget
        async with asyncio.TaskGroup() as tasks:
            fetching = {place: tasks.create_task(self._page(url, slots, until)) for place, url in asked.items()}
        return {place: page for place, task in fetching.items() if (page := task.result()) is not None}

    async def _page(self, url: str, slots: asyncio.Semaphore, until: float) -> Fetched | None:
        async with slots:
            if asyncio.get_running_loop().time() >= until:
                return None
            try:
                return await self._fetch(url)
            except FetchError as error:
                log.debug("a page goes unread", url=url, problem=str(error))
                return None


def _is_rewritten(before: KnownItem, item: Item) -> bool:
    return (before.title, before.summary) != (item.title, item.summary)
