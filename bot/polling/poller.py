"""The poller: fetches each source when it is due, and applies what its news change.

A source that is slow, broken or hostile delays and breaks nothing but itself.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from urllib.parse import urlsplit

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.core.intake.planning import UpdatePlan
from bot.core.intake.schedule import Rhythm, after_items, first_rhythm, next_interval, stagger, trusted_for, wait_after
from bot.core.model import Source, SourceId
from bot.errors import FaultlineError, FetchError, ParseError, StorageError
from bot.polling.hosts import HostSlots
from bot.polling.intake import Intake
from bot.polling.internet import AT_LEAST, Internet
from bot.polling.leads import Leads
from bot.polling.worker import Read, ReadBody
from bot.sources.base import Fetch, Fetched, Validators
from bot.sources.catalog import Catalog
from bot.sources.roster import Roster
from bot.storage import poll_state
from bot.storage.database import Database, DatabaseFault
from bot.storage.outages import log_prevented
from bot.storage.poll_state import PollState
from bot.storage.updates import Applied

log = structlog.get_logger()

# Sources polled at one time. A poll mostly waits for its host, so there must be room for very many slow ones.
MAX_POLLS = 200

# At the very first start the sources come in within this time, so that the first answers need not wait for a minute.
FIRST_ROUND = timedelta(seconds=20)
LONGEST_WAIT = timedelta(seconds=30)
# As long as the longest Retry-After that is believed (core.intake.schedule).
LONGEST_SILENCE = timedelta(days=1)
# A server is asked this often, come what may, for everything, at the address of the configuration, and though it said
# that the source is gone: what it said of that was a mistake more often than not.
CHECK_EVERY = timedelta(days=1)
# For so long no conditions are sent to a server that said "not modified" while there was news.
DISTRUST = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFacts:
    """What polling has come to since the start."""

    polls: int = 0
    new: int = 0
    relevant: int = 0
    owed: int = 0

    def plus(self, applied: Applied) -> "PollFacts":
        """The facts after one more poll."""
        return PollFacts(
            polls=self.polls + 1,
            new=self.new + applied.new,
            relevant=self.relevant + applied.relevant,
            owed=self.owed + applied.owed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A good answer: what is known of the source with it, and what it held (None: the same as before).

    `unasked_news` tells that, if there is news in it, the server has kept that from us.
    """

    state: PollState
    fetched: Fetched
    reading: ReadBody | None
    unasked_news: bool


class Poller:
    """Polls the enabled sources of the roster, each at its own rhythm; calls `told` when something may be owed."""

    def __init__(
        self,
        *,
        database: Database,
        fetch: Fetch,
        read: Read,
        leads: Leads,
        roster: Roster,
        intake: Intake,
        clock: Clock,
        min_interval: timedelta,
        max_interval: timedelta,
        told: Callable[[], None],
        internet: Internet | None = None,
        random: Random | None = None,
    ) -> None:
        self._database = database
        self._fetch = fetch
        self._read = read
        self._leads = leads
        self._roster = roster
        self._catalog = roster.catalog
        self._sources = _enabled(self._catalog)
        self._intake = intake
        self._clock = clock
        self._min_interval = min_interval
        self._max_interval = max_interval
        self._told = told
        self._internet = internet or Internet(clock)
        self._random = random or Random()
        self.states: dict[SourceId, PollState] = {}  # of the enabled sources
        self._polls: dict[SourceId, asyncio.Task[None]] = {}
        self._slots = HostSlots()
        self._untold: dict[SourceId, str] = {}  # who began to fail since somebody answered
        self._wake = asyncio.Event()
        roster.watch(self._wake.set)
        self.facts = PollFacts()

    async def load(self) -> None:
        """Read what is remembered of each source; a source that is new is due within the first round."""
        async with self._database.read() as tx:
            remembered = await poll_state.all_states(tx)
        now = self._clock.now()
        first_round = min(FIRST_ROUND, self._min_interval)
        for id_, source in self._sources.items():
            fresh = PollState(source=id_, asked=source.url, next_poll=now + stagger(id_, first_round))
            state = remembered.get(id_, fresh)
            # Another address in sources.toml is another feed: what was remembered of the old one no longer holds.
            if state.asked != source.url:
                state = replace(fresh, stored_once=state.stored_once, last_success=state.last_success)
            # A clock that once ran ahead must not silence a source for good.
            rhythm = tuple(min(moment, now) for moment in state.rhythm)
            self.states[id_] = replace(state, next_poll=min(state.next_poll, now + LONGEST_SILENCE), rhythm=rhythm)

    def clock_went_back(self, by: timedelta) -> None:
        """What is due comes as much earlier; see `ClockWatch`."""
        now = self._clock.now()
        self.states = {id_: state.after_step(by, now) for id_, state in self.states.items()}
        self._wake.set()

    async def run(self) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as polls:
            polls.create_task(self._load_stories())
            while True:
                self._wake.clear()
                self._start_due(polls)
                waiting = [state.next_poll for state in self._ready()]
                full = len(self._polls) >= MAX_POLLS
                wait = LONGEST_WAIT if full or not waiting else min(min(waiting) - self._clock.now(), LONGEST_WAIT)
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(wait.total_seconds(), 0)):
                        await self._wake.wait()

    async def _load_stories(self) -> None:
        """Read the stories that still run at once, for the first news would wait for that."""
        try:
            await self._intake.load(self._clock.now())
        except DatabaseFault as error:
            log_prevented("the stories that run cannot be read; trying again with the next news", error)
        except Exception:
            log.exception("the stories that run cannot be read; trying again with the next news")

    async def poll_due(self) -> None:
        """Poll all sources that are due now, and wait until what they brought is stored."""
        async with asyncio.TaskGroup() as polls:
            while self._start_due(polls):
                await asyncio.wait(self._polls.values(), return_when=asyncio.FIRST_COMPLETED)

    def _start_due(self, polls: asyncio.TaskGroup) -> int:
        """Begin what is due; how many polls are under way. What was switched on or added is due as if for the first
        time, what was switched off is let go.
        """
        now = self._clock.now()
        if self._catalog is not self._roster.catalog:
            before, self._catalog = self.states, self._roster.catalog
            self._sources = _enabled(self._catalog)
            self.states = {
                id_: before[id_]
                if id_ in before and before[id_].asked == source.url
                else PollState(source=id_, asked=source.url, next_poll=now)
                for id_, source in self._sources.items()
            }
        due = [state for state in self._ready() if state.next_poll <= now]
        for state in sorted(due, key=lambda state: state.next_poll):
            id_ = state.source
            # What begins may have taken the last slot of its host.
            if len(self._polls) < MAX_POLLS and self._slots.has_room(id_, state.address):
                self._slots.take(id_, state.address)
                self._polls[id_] = poll = polls.create_task(self._poll(self._sources[id_]))
                poll.add_done_callback(partial(self._ended, id_))
        return len(self._polls)

    def _ready(self) -> Iterator[PollState]:
        """The sources that could be polled now: who waits for its host looks again when another poll ends."""
        for id_ in self._sources:
            if id_ not in self._polls and self._slots.has_room(id_, (state := self.states[id_]).address):
                yield state

    def _ended(self, id_: SourceId, _poll: asyncio.Task[None]) -> None:
        del self._polls[id_]
        self._slots.free(id_)
        self._wake.set()

    async def _poll(self, source: Source) -> None:
        """One poll of one source: whatever goes wrong stays with it, in its state and in the log."""
        state = self.states[source.id]
        try:
            answer = await self._answer(source, state)
            if answer.reading is None:
                # What was odd about the body is so still.
                problem, wish = None if state.failures else state.problem, answer.fetched.fresh_for
                await self._save(self._polled(answer.state, self._clock.now(), problem, wish))
            else:
                body = await self._leads.add(source, answer.reading, state, self._clock.now())
                self.facts = self.facts.plus(await self._apply(answer, body, self._clock.now()))
                self._told()
            self._slots.note(source.id, hung=False)
        except StorageError:  # no fault of the source's; the database's own line tells of it
            self.states[source.id] = replace(state, next_poll=self._clock.now() + self._min_interval)
        except FaultlineError as error:
            self._slots.note(source.id, hung=isinstance(error, FetchError) and error.hung)
            if str(error) != state.problem:  # a source that stays down is one line, and a line in /status
                self._untold[source.id] = str(error)
                is_unreached = isinstance(error, FetchError) and error.reached is False
                # Where nobody answers, we may have no connection ourselves: it is told when somebody does.
                if not is_unreached or len(self._hosts) < AT_LEAST:
                    self._tell_failures()
            await self._failed(state, error)
        except Exception as error:
            log.exception("poll failed", source=source.id)
            await self._failed(state, FaultlineError(f"internal fault: {error!r}"))

    async def _answer(self, source: Source, state: PollState) -> Answer:
        """What the source says at the first of its addresses that gives a good answer. Raises FetchError, ParseError.

        A source that has moved is looked for at the address of the configuration once a day, and whenever a poll has
        failed: a server that said "moved for good" may take that back.
        """
        now = self._clock.now()
        is_silent = self._has_been_silent(state, now)
        is_checked = is_silent or state.checked is None or now - state.checked >= CHECK_EVERY
        addresses = (source.url, state.address) if is_checked or state.failures else (state.address, source.url)
        faults: dict[str, FaultlineError] = {}
        for address in dict.fromkeys(addresses):
            is_whole = is_checked or address != state.address or _is_distrusted(state, now)
            # What the server is told of the answer that we have: nothing, when all is wanted, but we still compare.
            validators = Validators(
                etag=None if is_whole else state.etag,
                last_modified=None if is_whole else state.last_modified,
                body_hash=state.body_hash,
            )
            try:
                fetched = await self._fetched(source, address, validators)
                now = self._clock.now()
                reading = None if fetched.body is None else await self._read(fetched, source, now)
            except (FetchError, ParseError) as error:
                faults[address] = error
                continue
            if reading and not reading.items and address != state.address:
                continue  # emptied when it moved
            return Answer(
                state=replace(
                    state,
                    url=fetched.moved_to or (None if address == source.url else state.url),
                    etag=fetched.validators.etag,
                    last_modified=fetched.validators.last_modified,
                    body_hash=fetched.validators.body_hash,
                    checked=now if is_whole or is_checked else state.checked,
                ),
                fetched=fetched,
                reading=reading,
                unasked_news=is_silent and address == state.address and not _is_distrusted(state, now),
            )
        raise faults[state.address]

    def _has_been_silent(self, state: PollState, now: datetime) -> bool:
        """Whether the server has said for longer than it is believed that nothing has changed."""
        if state.checked is None:
            return False
        rhythm = Rhythm(times=state.rhythm)
        newest = max([state.checked, *rhythm.times[-1:]])
        return now - newest >= trusted_for(rhythm, shortest=self._min_interval)

    async def _fetched(self, source: Source, url: str, validators: Validators) -> Fetched:
        """What a source says, noting who can be reached at all. Raises FetchError."""
        try:
            fetched = await self._fetch(url, validators)
        except FetchError as error:
            if error.reached is False:
                self._internet.is_silent(_host(source), hosts=len(self._hosts))
            elif error.reached:
                self._back_online()
            raise
        self._back_online()
        return fetched

    def _back_online(self) -> None:
        """Somebody answers: what could not be reached while nobody did is due again, not when its failures say."""
        hosts, now = self._internet.answered(), self._clock.now()
        if hosts:
            self._untold.clear()
        self._tell_failures()
        for id_, source in self._sources.items():
            if hosts and _host(source) in hosts and id_ not in self._polls:
                soon = now + stagger(id_, min(FIRST_ROUND, self._min_interval))
                self.states[id_] = replace(self.states[id_], next_poll=min(self.states[id_].next_poll, soon))

    def _tell_failures(self) -> None:
        for id_, problem in self._untold.items():
            log.info("poll failed", source=id_, problem=problem)
        self._untold.clear()

    @property
    def _hosts(self) -> frozenset[str]:
        return frozenset(map(_host, self._sources.values()))

    async def _apply(self, answer: Answer, reading: ReadBody, now: datetime) -> Applied:
        """Items, stories, deliveries and the source's state: one transaction, so that nothing is seen but not owed."""
        state, wish = answer.state, answer.fetched.fresh_for or reading.ttl
        after = state

        async def save(tx: AsyncConnection, plan: UpdatePlan) -> None:
            nonlocal after
            has_lied = answer.unasked_news and state.stored_once and bool(plan.stories)
            if state.stored_once:
                rhythm = after_items(Rhythm(times=state.rhythm), len(plan.new_items), now)
            else:
                # What had no date has been given the present one.
                rhythm = first_rhythm([item.published for item in plan.new_items if item.published < now], now)
            read = replace(
                state,
                rhythm=rhythm.times,
                # A server that is being mended may answer with an empty feed: what comes after that is not news.
                stored_once=state.stored_once or bool(reading.items),
                unconditional_until=now + DISTRUST if has_lied else state.unconditional_until,
                keeps_ids=plan.keeps_ids,
            )
            after = self._polled(read, now, reading.problem, wish)
            await poll_state.save(tx, after)

        applied = await self._intake.take(
            reading.items,
            now,
            alerting=state.stored_once,
            empty_at=state.last_success,
            keeps_ids=state.keeps_ids,
            also=save,
        )
        self.states[state.source] = after
        log.debug("polled", source=state.source, entries=len(reading.items), new=applied.new, owed=applied.owed)
        return applied

    def _polled(self, state: PollState, now: datetime, problem: str | None, wish: timedelta | None) -> PollState:
        """The state after a poll that went well; `problem` is what was odd about the body, `wish` its publisher's."""
        rhythm = Rhythm(times=state.rhythm)
        interval = next_interval(rhythm, now, shortest=self._min_interval, longest=self._max_interval, wishes=(wish,))
        return replace(state, next_poll=now + interval, failures=0, problem=problem, last_success=now, gone=False)

    async def _failed(self, state: PollState, error: FaultlineError) -> None:
        """Remember a failure, if only in memory: it may be the database that failed."""
        failures = state.failures + 1
        retry_after = error.retry_after if isinstance(error, FetchError) else None
        wait = wait_after(failures, self._random.random(), retry_after, shortest=self._min_interval)
        gone = isinstance(error, FetchError) and error.gone
        next_poll = self._clock.now() + (max(wait, CHECK_EVERY) if gone else wait)
        after = replace(state, next_poll=next_poll, failures=failures, problem=str(error), gone=gone)
        self.states[state.source] = after
        try:
            await self._save(after)
        except DatabaseFault as fault:
            log_prevented("the state of a source cannot be written", fault, source=state.source)

    async def _save(self, state: PollState) -> None:
        async with self._database.write() as tx:
            await poll_state.save(tx, state)
        self.states[state.source] = state


def _host(source: Source) -> str:
    return urlsplit(source.url).netloc


def _enabled(catalog: Catalog) -> Mapping[SourceId, Source]:
    return {source.id: source for source in catalog.sources if source.enabled}


def _is_distrusted(state: PollState, now: datetime) -> bool:
    return state.unconditional_until is not None and now < state.unconditional_until
