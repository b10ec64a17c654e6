"""The whole bot, wired: the only file that knows every part.

poller -> database -> dispatcher -> platforms
             ^                          |
             +------- commands <--------+
"""

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import aiohttp

from bot.clock import Clock, SystemClock
from bot.commands import answer
from bot.commands.framework.admission import Admission
from bot.commands.framework.services import Health, Services
from bot.core.model import Item, Scope, Source
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.core.stories.grouping import Grouper
from bot.delivery.dispatcher import Dispatcher
from bot.health import LoopLag, beat, beside, health_of, heartbeat_file
from bot.platforms.base import Answer, Parts, Platform
from bot.platforms.registry import FALLBACK, OPERATOR, chat_events_in, chat_session
from bot.platforms.supervisor import serve, stop_asked
from bot.polling.clock_watch import ClockWatch
from bot.polling.housekeeping import Housekeeper
from bot.polling.intake import Intake
from bot.polling.internet import Internet
from bot.polling.leads import FetchPage, Leads, ReadLead
from bot.polling.poller import Poller
from bot.polling.worker import Formerly, Read, ReadBody, prepare, read_answer, with_lead
from bot.settings import Settings, check_somebody_asks
from bot.sources.base import Fetch, Fetched, Probe
from bot.sources.catalog import Catalog
from bot.sources.http.fetcher import Fetcher
from bot.sources.http.pages import Pages
from bot.sources.parsing.robots import may_ask
from bot.sources.parsing.worker import ParserPool
from bot.sources.probe import probe
from bot.startup import load_access, load_roster, load_rules, recover
from bot.storage.database import Database, faults_told, open_database
from bot.subject import Subject, config_folder
from bot.web import WebServer

Platforms = Callable[[Answer, Services], Sequence[Platform]]


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Every part of a running bot."""

    database: Database
    index: RuleIndex
    poller: Poller
    dispatcher: Dispatcher
    housekeeper: Housekeeper
    clock_watch: ClockWatch
    platforms: Sequence[Platform]
    answer: Answer
    lag: LoopLag
    heartbeat: Path | None

    async def run(self) -> None:
        """Run every loop until one platform asks to stop or the task is cancelled.

        Raises ConfigError when no platform can be served any more.
        """
        async with asyncio.TaskGroup() as loops:
            tasks = [
                loops.create_task(self.poller.run(), name="poller"),
                loops.create_task(self.dispatcher.run(), name="dispatcher"),
                *(
                    loops.create_task(beside(run, name=name), name=name)
                    for name, run in (
                        ("housekeeper", self.housekeeper.run),
                        ("clock", self.clock_watch.run),
                        ("heartbeat", partial(beat, self.heartbeat)),
                        ("lag", self.lag.measure),
                    )
                ),
            ]
            serving = [loops.create_task(serve(each), name=each.name) for each in self.platforms]
            error = await stop_asked(serving)
            for task in [*tasks, *serving]:
                task.cancel()
        if error is not None:
            raise error


async def run_bot(settings: Settings, catalog: Catalog, subject: Subject) -> None:
    """Run the bot on these settings until Ctrl-C, SIGTERM, SIGHUP, or the console's end. Raises ConfigError."""
    check_somebody_asks(settings)
    server = WebServer(settings.listen.host, settings.listen.port)
    async with chat_session() as session:
        for adapter, own in settings.wanted.items():
            await adapter.check(own, session)
        platforms = partial(platforms_wanted, settings=settings, session=session, server=server)
        async with open_app(settings, catalog, subject, platforms) as app:
            gc.collect()
            gc.freeze()  # what is loaded stays: the collector need not walk it while it holds up the loop
            with stopping_on_signals():
                async with server.listening():
                    await app.run()


def platforms_wanted(
    answer: Answer, services: Services, *, settings: Settings, session: aiohttp.ClientSession, server: WebServer
) -> Sequence[Platform]:
    """Those that the settings ask for, none running yet. Raises ConfigError."""
    events = chat_events_in(services)
    parts = Parts(answer=answer, services=services, events=events, session=session, server=server)
    console = [FALLBACK(answer)] if settings.console_wanted else []
    return [*console, *(adapter.build(own, parts) for adapter, own in settings.wanted.items())]


# A thread that computes (a search) lets another have the interpreter after so many seconds. Python's 0.005 is long for
# a loop that asks for it several times a query.
SWITCH_INTERVAL = 0.0002


@asynccontextmanager
async def open_app(settings: Settings, catalog: Catalog, subject: Subject, platforms: Platforms) -> AsyncIterator[App]:
    """Everything opened, wired and loaded; closed in the opposite order. Raises ConfigError."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    async with AsyncExitStack() as stack:
        database = await open_database(settings.database.url)
        stack.push_async_callback(database.close)
        http = settings.http
        fetcher = await stack.enter_async_context(Fetcher(allow_private=http.allow_private, contact=http.contact))
        pool = await stack.enter_async_context(ParserPool(prepare=partial(prepare, config_folder())))

        async def read(answer: Fetched, source: Source, now: datetime) -> ReadBody:
            return await pool.run(read_answer, answer, source, now, config_folder(), whose=source.id)

        async def read_robots(robots: Fetched, url: str) -> bool:
            return await pool.run_quickly(may_ask, robots, url)

        async def read_lead(item: Item, said: Fetched | Formerly, scope: Scope) -> Item:
            return await pool.run_quickly(with_lead, item, said, scope, config_folder())

        with faults_told(settings.database.url):
            outside = Outside(
                database=database,
                fetch=fetcher.fetch,
                read=read,
                fetch_page=Pages(fetcher, read_robots, SystemClock()).fetch,
                read_lead=read_lead,
                probe=partial(probe, fetcher=fetcher, pool=pool),
                grouper=Grouper(subject.lexicon),
                clock=SystemClock(),
            )
            app = await wire(settings, catalog, subject, outside, platforms)
        yield app


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What a bot is run on; tests have their own."""

    database: Database
    fetch: Fetch
    read: Read
    fetch_page: FetchPage
    read_lead: ReadLead
    probe: Callable[[Source], Awaitable[Probe]]
    grouper: Grouper
    clock: Clock


async def wire(settings: Settings, catalog: Catalog, subject: Subject, outside: Outside, platforms: Platforms) -> App:
    """The parts put together on an open database, with what it remembers loaded."""
    database, clock = outside.database, outside.clock
    await recover(database)
    clock_watch = ClockWatch(database, clock)
    await clock_watch.begin()
    served: list[Platform] = []
    lag, internet = LoopLag(), Internet(clock)

    # The dispatcher needs the platforms, and these what tells of it and wakes it.
    def away_since(platform: str) -> datetime | None:
        return dispatcher.away_since(platform)

    def wake() -> None:
        dispatcher.wake()

    health = health_of(clock.now(), lag, served, away_since, database=database, internet=internet)
    services = await _services(settings, catalog, subject, outside, health=health, wake=wake)
    admission = Admission(answer, services)
    served += platforms(admission.answer, services)
    dispatcher = Dispatcher(
        database=database,
        sends={platform.name: platform.send for platform in served},
        are_there={platform.name: platform.is_there for platform in served},
        index=services.index,
        aliases=services.aliases,
        clock=clock,
        facts=services.facts,
        may_receive=services.access.may_receive,
    )
    poller = _poller(settings, subject, outside, services, internet)
    await poller.load()
    clock_watch.watch(poller.clock_went_back)
    clock_watch.watch(lambda _by: dispatcher.wake())
    return App(
        database=database,
        index=services.index,
        poller=poller,
        dispatcher=dispatcher,
        housekeeper=Housekeeper(database=database, index=services.index, clock=clock, keep=services.keep),
        clock_watch=clock_watch,
        platforms=served,
        answer=admission.answer,
        lag=lag,
        heartbeat=heartbeat_file(settings.database.url),
    )


async def _services(
    settings: Settings,
    catalog: Catalog,
    subject: Subject,
    outside: Outside,
    *,
    health: Callable[[], Health],
    wake: Callable[[], None],
) -> Services:
    parse_rule("warm")  # builds the parser now, not when somebody waits for an answer
    owners = frozenset({*settings.owners, OPERATOR})
    return Services(
        database=outside.database,
        index=await load_rules(outside.database, subject.aliases),
        roster=await load_roster(outside.database, catalog),
        aliases=subject.aliases,
        events=subject.events,
        topics=tuple(topic.id for topic in subject.classifier.topics),
        clock=outside.clock,
        health=health,
        probe=outside.probe,
        access=await load_access(outside.database, owners, is_open=settings.access == "open"),
        owners=owners,
        keep=timedelta(days=settings.keep.days),
        wake=wake,
    )


def _poller(settings: Settings, subject: Subject, outside: Outside, services: Services, internet: Internet) -> Poller:
    database, index, thread = outside.database, services.index, services.turns.thread
    pages, read, is_on = outside.fetch_page, outside.read_lead, settings.poll.leads
    return Poller(
        database=database,
        fetch=outside.fetch,
        read=outside.read,
        leads=Leads(database=database, fetch=pages, read=read, is_on=is_on),
        roster=services.roster,
        intake=Intake(database=database, index=index, grouper=outside.grouper, levels=subject.levels, thread=thread),
        clock=outside.clock,
        min_interval=settings.poll.min_interval,
        max_interval=settings.poll.max_interval,
        told=services.wake,
        internet=internet,
    )


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """SIGTERM, Ctrl-C and the end of the terminal cancel the present task, once; it ends quietly, everything settled.

    What was started to go on without its terminal (nohup) does.
    """
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    assert task is not None, "called within a coroutine"  # noqa: S101
    stopped = False

    def stop() -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            task.cancel()

    numbers = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, stop)
    try:
        yield
    except asyncio.CancelledError:
        if not stopped or task.uncancel() > 0:
            raise
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
