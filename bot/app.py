"""The whole bot, wired: the only file that knows every part.

poller -> database -> dispatcher -> platforms
             ^                          |
             +------- commands <--------+
"""

import asyncio
import gc
import signal
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import make_url

from bot.adapters import chat_session, check_platforms, platforms_wanted
from bot.clock import Clock, SystemClock
from bot.commands import answer
from bot.commands.access import Access
from bot.commands.admission import Admission
from bot.commands.base import Health, PlatformHealth, Services
from bot.core.grouping import Grouper
from bot.core.matcher import RuleIndex
from bot.core.model import RuleId, Source
from bot.core.rules import Rule, parse_rule
from bot.delivery.dispatcher import Dispatcher
from bot.errors import RuleError
from bot.platforms import console
from bot.platforms.base import Answer, Platform
from bot.platforms.serving import serve, stop_asked
from bot.polling.housekeeping import Housekeeper
from bot.polling.intake import Intake
from bot.polling.poller import Fetch, Poller, Read
from bot.polling.reading import Reading, read_body
from bot.settings import Settings
from bot.sources.base import Probe
from bot.sources.catalog import Catalog
from bot.sources.http import Fetcher
from bot.sources.parsing import ParserPool
from bot.sources.probing import probe
from bot.sources.roster import Roster
from bot.storage import admissions, outbox, subscribers, switches
from bot.storage.database import Database, open_database
from bot.subject import Subject, config_folder
from bot.web import WebServer

log = structlog.get_logger()

HEARTBEAT = timedelta(seconds=30)

Platforms = Callable[[Answer, Services], Sequence[Platform]]


class LoopLag:
    """Measures how long the event loop is held up: a task that wants to go on every second notes how late it may."""

    def __init__(self) -> None:
        self._late: deque[float] = deque([0.0], maxlen=60)

    @property
    def longest(self) -> timedelta:
        """The longest of the last minute."""
        return timedelta(seconds=max(self._late))

    async def measure(self) -> None:
        """Measure until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + 1
            await asyncio.sleep(1)
            self._late.append(loop.time() - due)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Every part of a running bot."""

    database: Database
    index: RuleIndex
    poller: Poller
    dispatcher: Dispatcher
    housekeeper: Housekeeper
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
                loops.create_task(self.housekeeper.run(), name="housekeeper"),
                loops.create_task(_beat(self.heartbeat), name="heartbeat"),
                loops.create_task(self.lag.measure(), name="lag"),
            ]
            serving = [loops.create_task(serve(each), name=each.name) for each in self.platforms]
            error = await stop_asked(serving)
            for task in [*tasks, *serving]:
                task.cancel()
        if error is not None:
            raise error


async def run_bot(settings: Settings, catalog: Catalog, subject: Subject) -> None:
    """Run the bot on these settings until Ctrl-C, SIGTERM, or the console's end. Raises ConfigError."""
    server = WebServer(settings.listen.host, settings.listen.port)
    async with chat_session() as session:
        await check_platforms(settings, session)
        platforms = partial(platforms_wanted, settings=settings, session=session, server=server)
        async with open_app(settings, catalog, subject, platforms) as app:
            gc.collect()
            gc.freeze()  # what is loaded stays: the collector need not walk it while it holds up the loop
            with stopping_on_signals():
                async with server.listening():
                    await app.run()


@asynccontextmanager
async def open_app(settings: Settings, catalog: Catalog, subject: Subject, platforms: Platforms) -> AsyncIterator[App]:
    """Everything opened, wired and loaded; closed in the opposite order. Raises ConfigError."""
    async with AsyncExitStack() as stack:
        database = await open_database(settings.database.url)
        stack.push_async_callback(database.close)
        http = settings.http
        fetcher = await stack.enter_async_context(Fetcher(allow_private=http.allow_private, contact=http.contact))
        pool = await stack.enter_async_context(ParserPool())

        async def read(body: bytes, source: Source, content_type: str | None, now: datetime) -> Reading:
            return await pool.run(read_body, body, source, content_type, now, config_folder())

        yield await wire(
            settings,
            catalog,
            subject,
            platforms=platforms,
            database=database,
            fetch=fetcher.fetch,
            read=read,
            probe=partial(probe, fetcher=fetcher, pool=pool),
            grouper=Grouper(subject.lexicon),
            clock=SystemClock(),
        )


async def wire(
    settings: Settings,
    catalog: Catalog,
    subject: Subject,
    *,
    platforms: Platforms,
    database: Database,
    fetch: Fetch,
    read: Read,
    probe: Callable[[Source], Awaitable[Probe]],
    grouper: Grouper,
    clock: Clock,
) -> App:
    """The parts put together on an open database, with what it remembers loaded."""
    index = RuleIndex(subject.aliases)
    await _load_rules(database, index)
    parse_rule("warm")  # builds the parser now, not when somebody waits for an answer
    await _recover(database)
    roster = await _roster(database, catalog)
    owners = frozenset({*settings.owners, console.OWNER})
    access = await _access(database, owners, is_open=settings.access == "open")
    served: list[Platform] = []
    lag = LoopLag()
    services = Services(
        database=database,
        index=index,
        roster=roster,
        aliases=subject.aliases,
        scale=subject.scale,
        topics=tuple(topic.id for topic in subject.classifier.topics),
        clock=clock,
        health=_health(clock.now(), lag, served),
        probe=probe,
        access=access,
        owners=owners,
    )

    admission = Admission(answer, services)
    served += platforms(admission.answer, services)
    sends = {platform.name: platform.send for platform in served}
    dispatcher = Dispatcher(
        database=database,
        sends=sends,
        index=index,
        aliases=subject.aliases,
        clock=clock,
        may_receive=access.may_receive,
    )
    intake = Intake(database=database, index=index, grouper=grouper, levels=subject.levels)
    poller = Poller(
        database=database,
        fetch=fetch,
        read=read,
        roster=roster,
        intake=intake,
        clock=clock,
        min_interval=settings.poll.min_interval,
        max_interval=settings.poll.max_interval,
        told=dispatcher.wake,
    )
    await poller.load()
    return App(
        database=database,
        index=index,
        poller=poller,
        dispatcher=dispatcher,
        housekeeper=Housekeeper(database=database, index=index, clock=clock, keep=timedelta(days=settings.keep.days)),
        platforms=served,
        answer=admission.answer,
        lag=lag,
        heartbeat=_heartbeat_file(settings),
    )


async def _roster(database: Database, catalog: Catalog) -> Roster:
    async with database.read() as tx:
        added, switched = await switches.added(tx), await switches.switched(tx)
    roster = Roster(catalog)
    roster.change(added=added, switched=switched)
    return roster


async def _load_rules(database: Database, index: RuleIndex) -> None:
    async with database.read() as tx:
        followed = await subscribers.all_rules(tx)
    index.add_all(_readable(followed))


def _readable(followed: Mapping[RuleId, str]) -> Iterator[tuple[RuleId, Rule]]:
    for rule, text in followed.items():
        try:
            yield rule, parse_rule(text)
        except RuleError as error:
            # Only after a change of the language itself: its chats keep the rule and /rules shows it.
            log.warning("a followed rule cannot be read any more", rule=text, problem=str(error))


async def _recover(database: Database) -> None:
    async with database.write() as tx:
        unsettled = await outbox.recover(tx)
    if unsettled:
        log.info("alerts that the last run had taken up are queued again", alerts=unsettled)


async def _access(database: Database, owners: frozenset[str], *, is_open: bool) -> Access:
    access = Access(is_open=is_open, owners=owners)
    async with database.read() as tx:
        access.change(await admissions.entries(tx))
    return access


def _health(started: datetime, lag: LoopLag, served: Sequence[Platform]) -> Callable[[], Health]:
    def health() -> Health:
        platforms = tuple(PlatformHealth(name=each.name, state=each.state, refusals=each.refusals) for each in served)
        return Health(started=started, lag=lag.longest, platforms=platforms)

    return health


def _heartbeat_file(settings: Settings) -> Path | None:
    file = make_url(settings.database.url).database
    return Path(f"{file}.alive") if file and file != ":memory:" else None


async def _beat(file: Path | None) -> None:
    """Touch a file for as long as the loop turns; the container's health check looks at its age."""
    while True:
        if file is not None:
            await asyncio.to_thread(file.touch)
        await asyncio.sleep(HEARTBEAT.total_seconds())


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """SIGTERM and Ctrl-C cancel the present task, once; it ends quietly, everything settled."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    assert task is not None, "called within a coroutine"  # noqa: S101
    stopped = False

    def stop() -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield
    except asyncio.CancelledError:
        if not stopped or task.uncancel() > 0:
            raise
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
