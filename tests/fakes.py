"""Fakes with words of their own, under the real poller, storage, commands and dispatcher.

A `Town` is a sealed world whose clock moves only when told: sites publish, people say things in chats, time goes by.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache, partial
from html import escape
from pathlib import Path

from bot.app import App, Outside, wire
from bot.commands.framework.arguments import to_request
from bot.commands.framework.request import Request
from bot.commands.framework.services import Services
from bot.core.language.lexicon import NO_LEXICON
from bot.core.message.blocks import Button, Message, Role, plain
from bot.core.model import Item, Scope, Side, Source
from bot.core.rules.index import RuleIndex
from bot.core.stories.grouping import SIGNALS, Draft, Grouper, Label
from bot.delivery.outgoing import Outgoing
from bot.errors import FetchError, SendError
from bot.platforms.base import Answer
from bot.polling.intake import Intake
from bot.polling.leads import FetchPage, Leads
from bot.polling.worker import Formerly, ReadBody, read_answer, with_lead
from bot.settings import PollSettings, Settings
from bot.sources import parse_answer
from bot.sources.base import Fetch, Fetched, Probe, Validators
from bot.sources.catalog import Catalog
from bot.storage.database import Database, open_database
from bot.subject import Subject, config_folder, read_subject
from tests import builders
from tests.builders import ManualClock


@lru_cache(maxsize=1)
def real_subject() -> Subject:
    """The subject as it ships."""
    return read_subject(config_folder())


async def read_here(answer: Fetched, source: Source, now: datetime) -> ReadBody:
    """Reads an answer in this process: what is tested here is not the worker."""
    return read_answer(answer, source, now, config_folder())


async def read_lead_here(item: Item, said: Fetched | Formerly, scope: Scope) -> Item:
    """Reads a page in this process."""
    return with_lead(item, said, scope, config_folder())


async def no_pages(_url: str) -> Fetched:
    """Where articles have no pages."""
    raise FetchError("the server says 404: not found", status=404)


def some_leads(database: Database, fetch: FetchPage = no_pages) -> Leads:
    """Leads of pages that are fetched so."""
    return Leads(database=database, fetch=fetch, read=read_lead_here, is_on=True)


async def probe_here(fetch: Fetch, source: Source) -> Probe:
    """Tries a source in this process."""
    status, entries, problem = "ok", 0, None
    try:
        fetched = await fetch(source.url, Validators())
        entries = len(parse_answer(fetched, source).entries)
    except FetchError as error:
        status, problem = "no answer", str(error)
    return Probe(source=source, status=status, entries=entries, newest=None, milliseconds=1, problem=problem)


@dataclass(slots=True)
class Site:
    """A web site with a feed: it publishes, is down, comes back."""

    name: str
    clock: ManualClock
    entries: list[tuple[str, str, str, datetime]] = field(default_factory=list)
    trouble: FetchError | None = None
    requests: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    pages_asked: list[str] = field(default_factory=list)

    def publishes(self, title: str, *, summary: str = "", guid: str | None = None, page: str = "") -> None:
        """A new article, dated now; `page` is what its page says."""
        guid = guid or f"g{len(self.entries)}"
        self.entries.append((guid, title, summary, self.clock.now()))
        if page:
            self.pages[f"https://{self.name}.example/{guid}"] = page

    def retitles(self, old: str, new: str) -> None:
        """The same article under another title."""
        self.entries = [(guid, new if title == old else title, text, at) for guid, title, text, at in self.entries]

    def resummarizes(self, title: str, summary: str) -> None:
        """The same article with another summary."""
        self.entries = [
            (guid, known, summary if known == title else text, at) for guid, known, text, at in self.entries
        ]

    def answers(self) -> bytes:
        """The feed as it stands, the newest first. Raises what `trouble` is."""
        self.requests += 1
        if self.trouble is not None:
            raise self.trouble
        rows = "".join(
            f"<item><guid isPermaLink='false'>{guid}</guid><title>{escape(title)}</title>"
            f"<description>{escape(summary)}</description><pubDate>{format_datetime(at)}</pubDate>"
            f"<link>https://{self.name}.example/{guid}</link></item>"
            for guid, title, summary, at in reversed(self.entries)
        )
        return f"<rss version='2.0'><channel><title>Site</title>{rows}</channel></rss>".encode()


class FakeChats:
    """A chat platform: people ask in it, alerts arrive in it, and it can refuse.

    `arrived` is what each chat reads, its messages as they were last edited; `sent` is all that went out, in order.
    `errors` befall single chats, `outage` all of them, and with `is_away` the platform itself as well; `asked_for`
    counts the requests for each chat that left.
    """

    name = "fake"
    state = "connected"
    refusals = 0

    def __init__(self, asked: Answer) -> None:
        self.asked = asked
        self.arrived: dict[str, list[Message]] = {}
        self.sent: list[Outgoing] = []
        self.errors: dict[str, list[SendError]] = {}
        self.outage: SendError | None = None
        self.is_away = True
        self.asked_whether_there = 0
        self.asked_for: Counter[str] = Counter()
        self.gives_turns = asyncio.Event()
        self.gives_turns.set()

    async def run(self) -> None:
        raise AssertionError("scenarios call the bodies of the loops")

    async def send(self, outgoing: Outgoing) -> str:
        address = outgoing.chat.address
        await self.gives_turns.wait()
        if outgoing.begin is not None:
            await outgoing.begin()
        self.asked_for[address] += 1
        if self.outage is not None:
            raise self.outage
        if self.errors.get(address):
            raise self.errors[address].pop(0)
        self.sent.append(outgoing)
        arrived = self.arrived.setdefault(address, [])
        if outgoing.edits is not None:
            arrived[int(outgoing.edits) - 1] = outgoing.message
            return outgoing.edits
        arrived.append(outgoing.message)
        return str(len(arrived))

    async def is_there(self) -> None:
        self.asked_whether_there += 1
        if self.outage is not None and self.is_away:
            raise self.outage


class Town:
    """The sealed world; `site` is the feed of a topical source, `sites` all of them by source id."""

    def __init__(self, app: App, chats: FakeChats, sites: dict[str, Site], clock: ManualClock) -> None:
        self.app = app
        self.chats = chats
        self.sites = sites
        self.clock = clock

    @property
    def site(self) -> Site:
        return self.sites["northgate"]

    async def say(self, who: str, line: str, *, reply_to: str = "") -> Message:
        """Somebody types a line and reads the answer."""
        return await self._ask(to_request(builders.chat(who, platform="fake"), line, user=who, reply_to=reply_to))

    async def _ask(self, request: Request) -> Message:
        answered = await self.chats.asked(request)
        assert answered is not None, "silence"
        return answered

    async def press(self, who: str, message: Message, label: str) -> Message:
        """Somebody presses a button under a message."""
        line = button(message, label).command
        return await self._ask(to_request(builders.chat(who, platform="fake"), line, user=who, from_button=True))

    async def follow(self, who: str, rule: str) -> None:
        """Somebody follows a rule and confirms it."""
        offered = await self.say(who, f"/follow {rule}")
        await self.press(who, offered, offered.buttons[0][0].label)

    def publish(self, title: str, *, at: str = "northgate", summary: str = "", page: str = "") -> None:
        """A site publishes an article."""
        self.sites[at].publishes(title, summary=summary, page=page)

    async def advance(self, **span: float) -> None:
        """Time goes by; what falls due in it is polled and sent."""
        end = self.clock.now() + timedelta(**span)
        while self.clock.now() < end:
            self.clock.advance(seconds=min(30.0, (end - self.clock.now()).total_seconds()))
            await self.turn()

    async def turn(self) -> None:
        """One turn of the loops at the present moment."""
        await self.app.clock_watch.look()
        await self.app.poller.poll_due()
        await self.app.dispatcher.dispatch_due()

    def alerts(self, who: str) -> list[str]:
        """The headlines that a chat got, in order."""
        return [headline(message) for message in self.chats.arrived.get(who, [])]


def headline(message: Message) -> str:
    """What an alert is about, without the mark of its level."""
    title = next(block for block in message.blocks if block.role is Role.TITLE)
    return next((run.text for run in title.runs if run.url), title.text)


def button(message: Message, label: str) -> Button:
    """A message's button by its label."""
    for row in message.buttons:
        for each in row:
            if each.label == label:
                return each
    raise AssertionError(f"no button {label!r} under: {plain(message)}")


def by_title() -> Grouper:
    """Where it does not matter which reports are one story: those of one title."""
    return Grouper(NO_LEXICON, dict.fromkeys(SIGNALS, 0.0) | {"terms": 1.0, "bias": -0.95})


def fetched(body: bytes) -> Fetched:
    """An answer that says nothing of itself."""
    return Fetched(body=body, content_type=None, validators=Validators(), moved_to=None, fresh_for=None, status=200)


class OneEvent(Grouper):
    """Where reports of one event are needed, whatever they say: all that it is given are one story."""

    def draft(self) -> Draft:
        return _OneEventDraft(self)


class _OneEventDraft(Draft):
    def assign(self, item: Item, story: Label | None = None, *, is_own: bool = False) -> Label:
        running = next(iter({**self._grouper.profiles, **self._profiles}), None)
        return super().assign(item, running if story is None else story, is_own=is_own)


def an_intake(database: Database, index: RuleIndex, grouper: Grouper | None = None) -> Intake:
    """Takes items in as the poller does."""
    return Intake(database=database, index=index, grouper=grouper or by_title(), levels=real_subject().levels)


TOWN_SOURCES = (
    builders.source("northgate", scope=Scope.TOPICAL),
    builders.source("volga", scope=Scope.TOPICAL, side=Side.RUSSIA),
)


@asynccontextmanager
async def a_town(folder: Path, sources: Sequence[Source] = (), grouper: Grouper | None = None) -> AsyncIterator[Town]:
    """A town with two sites, on a database file in `folder`; its first polls are done."""
    clock = ManualClock()
    sources = sources or TOWN_SOURCES
    sites: dict[str, Site] = {source.id: Site(source.id, clock) for source in sources}
    database = await open_database(f"sqlite:///{folder}/town.db", clock)
    try:
        town = await a_life(database, sources, sites, clock, grouper)
        await town.advance(minutes=1)
        yield town
    finally:
        await database.close()


async def a_life(
    database: Database,
    sources: Sequence[Source],
    sites: dict[str, Site],
    clock: ManualClock,
    grouper: Grouper | None = None,
    **settings: object,
) -> Town:
    """The bot started on a database, as after any restart; olga is its owner."""
    by_url = {source.url: sites[source.id] for source in sources}
    platforms: list[FakeChats] = []

    async def fetch(url: str, _validators: Validators) -> Fetched:
        site = by_url.get(url) or sites[url.removeprefix("https://").partition(".")[0]]
        return fetched(site.answers())

    async def fetch_page(url: str) -> Fetched:
        site = sites[url.removeprefix("https://").partition(".")[0]]
        site.pages_asked.append(url)
        if url not in site.pages:
            return await no_pages(url)
        head = f"<html><head><meta property='og:description' content='{escape(site.pages[url])}'></head></html>"
        return replace(fetched(head.encode()), content_type="text/html")

    def served(asked: Answer, _services: Services) -> Sequence[FakeChats]:
        platforms.append(FakeChats(asked))
        return platforms

    every_minute = PollSettings(min_interval=timedelta(seconds=60), max_interval=timedelta(seconds=60))
    # Not Settings(owners=...), which knows real platforms only.
    own = {"owners": ("fake:olga",)} | settings
    outside = Outside(
        database=database,
        fetch=fetch,
        read=read_here,
        fetch_page=fetch_page,
        read_lead=read_lead_here,
        probe=partial(probe_here, fetch),
        grouper=grouper or by_title(),
        clock=clock,
    )
    app = await wire(
        Settings(poll=every_minute).model_copy(update=own),
        Catalog(sources=tuple(sources)),
        real_subject(),
        outside,
        served,
    )
    return Town(app, platforms[0], sites, clock)
