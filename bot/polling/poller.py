"""The poller: fetches each source when it is due, and applies what its news change.

A source that is slow, broken or hostile delays and breaks nothing but itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.core.model import Source, SourceId
from bot.core.planning import UpdatePlan
from bot.core.schedule import Rhythm, after_items, backoff, first_rhythm, next_interval, stagger
from bot.errors import FaultlineError, FetchError
from bot.polling.intake import Intake
from bot.polling.reading import Reading
from bot.sources.base import Fetched, Validators
from bot.sources.catalog import Catalog
from bot.sources.roster import Roster
from bot.storage import poll_state
from bot.storage.database import Database, DatabaseFault
from bot.storage.poll_state import PollState
from bot.storage.updates import Applied

log = structlog.get_logger()

Fetch = Callable[[str, Validators], Awaitable[Fetched]]
"""Fetches an address; the body is None when nothing has changed. Raises FetchError."""

Read = Callable[[Fetched, Source, datetime], Awaitable[Reading]]
"""Reads the body of a source's answer at a moment; raises FetchError and ParseError."""

# Sources polled at one time; the two connections a host are the fetcher's business.
MAX_POLLS = 16

# At the very first start the sources come in within this time, so that the first answers need not wait for a minute.
FIRST_ROUND = timedelta(seconds=20)
LONGEST_WAIT = timedelta(seconds=30)
# As long as the longest Retry-After that is believed (core.schedule).
LONGEST_SILENCE = timedelta(days=1)


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


class Poller:
    """Polls the enabled sources of the roster, each at its own rhythm; calls `told` when something may be owed."""

    def __init__(
        self,
        *,
        database: Database,
        fetch: Fetch,
        read: Read,
        roster: Roster,
        intake: Intake,
        clock: Clock,
        min_interval: timedelta,
        max_interval: timedelta,
        told: Callable[[], None],
        random: Random | None = None,
    ) -> None:
        self._database = database
        self._fetch = fetch
        self._read = read
        self._roster = roster
        self._catalog = roster.catalog
        self._sources = _enabled(self._catalog)
        self._intake = intake
        self._clock = clock
        self._min_interval = min_interval
        self._max_interval = max_interval
        self._told = told
        self._random = random or Random()
        self._states: dict[SourceId, PollState] = {}
        self._polls: dict[SourceId, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        roster.watch(self._wake.set)
        self.facts = PollFacts()

    @property
    def states(self) -> dict[SourceId, PollState]:
        """How each enabled source stands, by id."""
        return self._states

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
            state = state if state.asked == source.url else replace(fresh, stored_once=state.stored_once)
            # A clock that once ran ahead must not silence a source for good.
            self._states[id_] = replace(state, next_poll=min(state.next_poll, now + LONGEST_SILENCE))

    async def run(self) -> None:
        """Poll until cancelled."""
        async with asyncio.TaskGroup() as polls:
            polls.create_task(self._load_stories())
            while True:
                self._wake.clear()
                self._start_due(polls)
                await self._wait()

    async def _load_stories(self) -> None:
        """Read the stories that still run at once, for the first news would wait for that."""
        try:
            await self._intake.load(self._clock.now())
        except DatabaseFault as error:
            log.warning("the stories that run cannot be read; trying again with the next news", problem=str(error))

    async def poll_due(self) -> None:
        """Poll all sources that are due now, and wait until what they brought is stored."""
        async with asyncio.TaskGroup() as polls:
            while self._start_due(polls):
                await asyncio.wait(self._polls.values(), return_when=asyncio.FIRST_COMPLETED)

    def _follow_roster(self) -> None:
        """Take up what was switched on or added: due now, as if for the first time; let go of what was switched off."""
        if self._catalog is self._roster.catalog:
            return
        before = self._sources
        self._catalog = self._roster.catalog
        self._sources = _enabled(self._catalog)
        now = self._clock.now()
        self._states = {
            id_: self._states[id_] if id_ in before else PollState(source=id_, asked=source.url, next_poll=now)
            for id_, source in self._sources.items()
        }

    def _start_due(self, polls: asyncio.TaskGroup) -> int:
        self._follow_roster()
        now = self._clock.now()
        due = [state for state in self._idle() if state.next_poll <= now]
        free = MAX_POLLS - len(self._polls)
        for state in sorted(due, key=lambda state: state.next_poll)[:free]:
            self._start(polls, self._sources[state.source])
        return len(self._polls)

    def _idle(self) -> Iterator[PollState]:
        for id_ in self._sources:
            if id_ not in self._polls and not self._states[id_].gone:
                yield self._states[id_]

    def _start(self, polls: asyncio.TaskGroup, source: Source) -> None:
        poll = polls.create_task(self._poll(source))
        self._polls[source.id] = poll
        poll.add_done_callback(lambda _poll: self._ended(source.id))

    def _ended(self, id_: SourceId) -> None:
        del self._polls[id_]
        self._wake.set()

    async def _wait(self) -> None:
        waiting = [state.next_poll for state in self._idle()]
        full = len(self._polls) >= MAX_POLLS
        wait = LONGEST_WAIT if full or not waiting else min(min(waiting) - self._clock.now(), LONGEST_WAIT)
        try:
            async with asyncio.timeout(max(wait.total_seconds(), 0)):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _poll(self, source: Source) -> None:
        """One poll of one source: whatever goes wrong stays with it, in its state and in the log."""
        state = self._states[source.id]
        try:
            await self._update(source, state)
        except FaultlineError as error:
            if str(error) != state.problem:  # a source that stays down is one line, and a line in /status
                log.info("poll failed", source=source.id, problem=str(error))
            await self._keep(self._after_failure(state, error))
        except Exception as error:
            log.exception("poll failed", source=source.id)
            await self._keep(self._after_failure(state, FaultlineError(f"internal fault: {error!r}")))

    async def _update(self, source: Source, state: PollState) -> None:
        validators = Validators(etag=state.etag, last_modified=state.last_modified, body_hash=state.body_hash)
        fetched = await self._fetch(state.url or source.url, validators)
        now = self._clock.now()
        answered = _after_answer(state, fetched)
        if fetched.body is None:
            # What was odd about the body is so still.
            problem = None if state.failures else state.problem
            await self._save(self._after_success(answered, now, problem=problem, wishes=(fetched.fresh_for,)))
            return
        reading = await self._read(fetched, source, now)
        applied = await self._apply(answered, fetched, reading, now)
        self.facts = self.facts.plus(applied)
        self._told()

    async def _apply(self, state: PollState, fetched: Fetched, reading: Reading, now: datetime) -> Applied:
        """Items, stories, deliveries and the source's state: one transaction, so that nothing is seen but not owed."""
        wishes = (fetched.fresh_for or reading.ttl,)
        after = state

        async def save(tx: AsyncConnection, plan: UpdatePlan) -> None:
            nonlocal after
            read = replace(state, rhythm=_rhythm_after(state, plan, now).times, stored_once=True)
            after = self._after_success(read, now, problem=reading.problem, wishes=wishes)
            await poll_state.save(tx, after)

        applied = await self._intake.take(reading.items, now, alerting=state.stored_once, also=save)
        self._states[state.source] = after
        log.debug("polled", source=state.source, entries=len(reading.items), new=applied.new, owed=applied.owed)
        return applied

    def _after_success(
        self, state: PollState, now: datetime, *, problem: str | None = None, wishes: Sequence[timedelta | None] = ()
    ) -> PollState:
        rhythm = Rhythm(times=state.rhythm)
        interval = next_interval(rhythm, now, shortest=self._min_interval, longest=self._max_interval, wishes=wishes)
        return replace(state, next_poll=now + interval, failures=0, problem=problem, last_success=now)

    def _after_failure(self, state: PollState, error: FaultlineError) -> PollState:
        failures = state.failures + 1
        retry_after = error.retry_after if isinstance(error, FetchError) else None
        wait = backoff(failures, self._random.random(), retry_after, shortest=self._min_interval)
        gone = isinstance(error, FetchError) and error.gone
        next_poll = self._clock.now() + wait
        return replace(state, next_poll=next_poll, failures=failures, problem=str(error), gone=gone)

    async def _keep(self, state: PollState) -> None:
        """Remember a failure, if only in memory: it may be the database that failed."""
        self._states[state.source] = state
        try:
            await self._save(state)
        except DatabaseFault as error:
            log.warning("the state of a source cannot be written", source=state.source, problem=str(error))

    async def _save(self, state: PollState) -> None:
        async with self._database.write() as tx:
            await poll_state.save(tx, state)
        self._states[state.source] = state


def _enabled(catalog: Catalog) -> Mapping[SourceId, Source]:
    return {source.id: source for source in catalog.sources if source.enabled}


def _rhythm_after(state: PollState, plan: UpdatePlan, now: datetime) -> Rhythm:
    if not state.stored_once:
        # What had no date has been given the present one.
        return first_rhythm([item.published for item in plan.new_items if item.published < now], now)
    return after_items(Rhythm(times=state.rhythm), len(plan.new_items), now)


def _after_answer(state: PollState, fetched: Fetched) -> PollState:
    """With what the server told beside the body; kept only once the body has proved to be what it should."""
    return replace(
        state,
        url=fetched.moved_to or state.url,
        etag=fetched.validators.etag,
        last_modified=fetched.validators.last_modified,
        body_hash=fetched.validators.body_hash,
    )
