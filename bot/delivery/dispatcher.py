"""The dispatcher: takes what is due out of the outbox, composes it, sends it, and settles what became of it.

Each chat has a lane of its own for each urgency: its alerts go one after another, and a chat that is slow holds up
nobody else. Lanes meet again at the platform's limiter, which knows what goes first. A platform that does not answer is
left alone; it is asked whether it is there by what shows nothing to anybody.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from types import MappingProxyType

import structlog

from bot.clock import Clock, backoff
from bot.core.model import Chat, Dead, Delivery, Nothing, Outcome, Retry, Sent, SubscriberId, Urgency
from bot.core.rules.aliases import Aliases
from bot.core.rules.index import RuleIndex
from bot.core.wording.readership import Facts, no_facts
from bot.delivery.breaker import LONGEST_PAUSE
from bot.delivery.composing import Composer, ToSend
from bot.delivery.departure import Departure, IsThere, ShutOut, Watch
from bot.delivery.outgoing import Send
from bot.errors import ChatClosed, ChatGone, NotBegun, PlatformAway, SendError, SendLater, SendRefused, SendUnknown
from bot.storage import fanout, mutes, outbox, waiting
from bot.storage.database import Database, DatabaseFault
from bot.storage.group_commit import FAULT_PAUSE, GroupCommit
from bot.storage.outages import log_prevented

log = structlog.get_logger()

# Chats that are served side by side, of each platform and urgency: breaking news find room whatever else is under way,
# and so does a platform beside one that hangs. Most of a lane's time is waiting for its turn at the platform's limiter,
# so there must be many, or chats that may not be sent to yet would keep out those that may.
MAX_LANES = 1000
CLAIM_LIMIT = 200
# All but replies, which are never owed.
URGENCIES = (Urgency.BREAKING, Urgency.ALERT, Urgency.DIGEST, Urgency.EDIT)
# Longer than any send may take, so that no second claim overtakes a first that is still under way.
LEASE = timedelta(minutes=20)
# A platform lets a message wait for its turn, then gives its own requests much less than this.
SEND_TIMEOUT = timedelta(minutes=10)
STOP_TIME = timedelta(seconds=3)
LONGEST_WAIT = timedelta(seconds=30)

# An alert that is a day late is no alert any more. Nothing is given up sooner because it failed too often.
LATEST = timedelta(hours=24)
LATE_LOOKED_FOR = timedelta(minutes=1)
FIRST_BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(hours=1)
# What may have arrived is sent again soon, but then seldom: a platform that is there, and yet answers no message, may
# take each of them.
UNKNOWN_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 20))


def after_failure(delivery: Delivery, error: SendError, now: datetime) -> Outcome:
    """What to do with a delivery whose send failed; pure, so that every case is one line of a test table."""
    if isinstance(error, ChatGone | SendRefused | ShutOut):
        return Dead(reason=str(error))
    wait = backoff(delivery.attempts, FIRST_BACKOFF, LONGEST_BACKOFF)
    if now - delivery.created >= LATEST:
        return Dead(reason=f"{waiting.TOO_LATE}: {error}")
    if isinstance(error, SendLater | ChatClosed):
        return Retry(at=now + error.retry_after, reason=str(error))
    if isinstance(error, PlatformAway):
        return Retry(at=now + min(wait, LONGEST_PAUSE), reason=str(error))
    if isinstance(error, SendUnknown):
        unknown_wait = UNKNOWN_WAITS[min(delivery.attempts, len(UNKNOWN_WAITS)) - 1]
        return Retry(at=now + unknown_wait, reason=str(error), unknown=True)
    return Retry(at=now + wait, reason=str(error), alone=True)


async def nothing_to_ask() -> None:
    """Of a platform that cannot be asked whether it is there, that is taken for granted."""


Lanes = dict[SubscriberId, asyncio.Task[None]]
Due = tuple[Urgency, str]  # the urgency, and the platform


class Dispatcher:
    """Sends what the outbox owes on the platforms it is given. `wake` it when something new may be due.

    `are_there` asks the platforms whether they are there. `may_receive` tells to which chats anything may be sent at
    all. `facts` tells what titles say.
    """

    def __init__(
        self,
        *,
        database: Database,
        sends: Mapping[str, Send],
        index: RuleIndex,
        aliases: Aliases,
        clock: Clock,
        facts: Facts = no_facts,
        are_there: Mapping[str, IsThere] = MappingProxyType({}),
        may_receive: Callable[[Chat], bool] = lambda _: True,
    ) -> None:
        self._database = database
        self._sends = sends
        self._watches = {each: Watch(each, clock, are_there.get(each, nothing_to_ask)) for each in sends}
        self._commit = GroupCommit(database)
        self._composer = Composer(database=database, index=index, aliases=aliases, clock=clock, facts=facts)
        self._clock = clock
        self._late_looked_for: datetime | None = None
        self._may_receive = may_receive
        self._lanes: dict[Due, Lanes] = {(urgency, platform): {} for urgency in URGENCIES for platform in sends}
        self._questions: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._wake = asyncio.Event()

    def away_since(self, platform: str) -> datetime | None:
        """Since when a platform takes nothing, so that its alerts wait; None where they do not."""
        watch = self._watches.get(platform)
        return watch.breaker.open_since if watch else None

    def wake(self) -> None:
        """Look into the outbox now."""
        self._wake.set()

    async def run(self) -> None:
        """Dispatch until cancelled; then finish the sends under way (within 3 s) and give back the rest."""
        async with asyncio.TaskGroup() as lanes:
            try:
                while True:
                    self._wake.clear()
                    try:
                        await self._start_due(lanes)
                        await self._wait()
                    except DatabaseFault as error:
                        log_prevented("the outbox cannot be read; trying again", error)
                        await asyncio.sleep(FAULT_PAUSE.total_seconds())
            except asyncio.CancelledError:
                self._stopping = True
                if under_way := self._under_way():
                    await asyncio.wait(under_way, timeout=STOP_TIME.total_seconds())
                raise

    async def dispatch_due(self) -> None:
        """Send all that is due now, and wait until it is settled."""
        async with asyncio.TaskGroup() as lanes:
            while await self._start_due(lanes) or self._under_way():
                if under_way := self._under_way():
                    await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)

    async def _start_due(self, lanes: asyncio.TaskGroup) -> int:
        """Put everything that is due on lanes, as far as lanes are free; returns how many deliveries that were."""
        await self._fan_out()
        await self._end_mutes()
        await self._give_up_late()
        started = self._start_questions(lanes)
        while due := [which for which, at in (await self._next_dues()).items() if at <= self._clock.now()]:
            for which in due:
                urgency, platform = which
                async with self._database.write() as tx:
                    now, busy = self._clock.now(), tuple(self._lanes[which])
                    claimed = await outbox.claim(
                        tx, (platform,), urgency, now, limit=CLAIM_LIMIT, lease=LEASE, busy=busy
                    )
                claimed.sort(key=lambda delivery: (delivery.subscriber, delivery.created, delivery.id))
                for subscriber, group in groupby(claimed, key=lambda delivery: delivery.subscriber):
                    lane = lanes.create_task(self._serve(list(group)))
                    self._lanes[which][subscriber] = lane
                    lane.add_done_callback(partial(self._close_lane, which, subscriber))
                started += len(claimed)
        return started

    async def _next_dues(self) -> dict[Due, datetime]:
        """When something next falls due that there is room for, on the platforms that take what they are sent."""
        dues = {}
        async with self._database.read() as tx:
            for (urgency, platform), lanes in self._lanes.items():
                if len(lanes) + CLAIM_LIMIT <= MAX_LANES and not self._watches[platform].breaker.is_open:
                    at = await outbox.next_due(tx, (platform,), urgency, busy=tuple(lanes))
                    if at is not None:
                        dues[urgency, platform] = at
        return dues

    def _start_questions(self, lanes: asyncio.TaskGroup) -> int:
        """Ask each platform that does not answer whether it is there, if it is time; returns how many."""
        now = self._clock.now()
        asked = [watch for watch in self._watches.values() if (at := watch.asks_at()) is not None and at <= now]
        for watch in asked:
            question = lanes.create_task(watch.ask())
            self._questions.add(question)
            question.add_done_callback(self._end_question)
        return len(asked)

    def _end_question(self, question: asyncio.Task[None]) -> None:
        self._questions.discard(question)
        self.wake()

    async def _give_up_late(self) -> None:
        """What nobody was shown for a day is old news, which people are told even while their platform is away."""
        now = self._clock.now()
        if self._late_looked_for is not None and abs(now - self._late_looked_for) < LATE_LOOKED_FOR:
            return
        self._late_looked_for = now
        async with self._database.write() as tx:
            late = await waiting.give_up(tx, now - LATEST, now)
        if late:
            log.warning("alerts were given up after a day", alerts=late)

    async def _fan_out(self) -> None:
        """One chunk of each story whose alerts are not all queued, each in a transaction of its own."""
        async with self._database.read() as tx:
            waiting = await fanout.open_fanouts(tx)
        for story in waiting:
            async with self._database.write() as tx:
                await fanout.fan_out(tx, story, self._clock.now())
            self.wake()

    async def _end_mutes(self) -> None:
        """Let what was told before a mute be brought up to date after it."""
        async with self._database.read() as tx:
            have_ended = await mutes.have_ended(tx, self._clock.now())
        if have_ended:
            async with self._database.write() as tx:
                await mutes.clear_ended(tx, self._clock.now())

    def _close_lane(self, which: Due, subscriber: SubscriberId, _lane: asyncio.Task[None]) -> None:
        del self._lanes[which][subscriber]
        self.wake()

    def _under_way(self) -> list[asyncio.Task[None]]:
        return [*self._questions, *(lane for lanes in self._lanes.values() for lane in lanes.values())]

    async def _serve(self, queue: Sequence[Delivery]) -> None:
        """A lane from end to end. What it could not settle is claimed anew when the lease ends."""
        watch = self._watches[queue[0].chat.platform]
        try:
            for position, delivery in enumerate(queue):
                departure = Departure(delivery, watch=watch, commit=self._commit, may_receive=self._may_receive)
                outcome = None if self._stopping else await self._outcome(delivery, departure)
                if outcome is None:
                    await self._release(queue[position:], None)
                    return
                await self._settle(delivery, outcome)
                if isinstance(outcome, Retry) and not outcome.alone:
                    # The rest waits with it: alerts of a chat keep their order, and one refusal is enough.
                    await self._release(queue[position + 1 :], outcome)
                    return
        except DatabaseFault as error:
            log_prevented("a lane ended early", error, chat=queue[0].chat)

    async def _outcome(self, delivery: Delivery, departure: Departure) -> Outcome | None:
        """What became of it; None if it never left, for another reason than itself."""
        composed: ToSend | Nothing | None = None
        try:
            composed = await self._composer.compose(delivery)
            return composed if isinstance(composed, Nothing) else await self._sent(composed, departure)
        except SendError as error:
            departure.failed(error)
            if isinstance(error, NotBegun) and not isinstance(error, ShutOut):
                return None
            outcome = after_failure(delivery, error, self._clock.now())
        except Exception as error:
            departure.failed(error)
            log.exception("delivery failed", delivery=delivery.id)
            outcome = after_failure(delivery, SendError(f"internal fault: {error!r}"), self._clock.now())
        if isinstance(outcome, Dead) and isinstance(composed, ToSend):
            return replace(outcome, uneditable=composed.about)
        return outcome

    async def _sent(self, composed: ToSend, departure: Departure) -> Sent:
        outgoing = replace(composed.outgoing, begin=departure.begin)
        try:
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                ref = await self._sends[outgoing.chat.platform](outgoing)
        except TimeoutError:
            if departure.has_begun:
                raise SendUnknown("no answer from the platform") from None
            raise SendLater(FIRST_BACKOFF) from None
        departure.sent()
        return Sent(ref=ref, sent=composed.sent)

    async def _settle(self, delivery: Delivery, outcome: Outcome) -> None:
        if isinstance(outcome, Nothing) and outcome.why is not None:
            log.info("alert not wanted any more", delivery=delivery.id, chat=delivery.chat, reason=outcome.why)
        elif isinstance(outcome, Retry | Dead):
            log.warning("alert not sent", delivery=delivery.id, chat=delivery.chat, outcome=outcome)
        # Not to write down that it was sent would send it twice.
        await self._commit.write(lambda tx: outbox.settle(tx, delivery.id, outcome, self._clock.now()))

    async def _release(self, queue: Sequence[Delivery], outcome: Outcome | None) -> None:
        if not queue:
            return
        due = outcome.at if isinstance(outcome, Retry) else None
        await self._commit.write(lambda tx: outbox.release(tx, queue, due))

    async def _wait(self) -> None:
        questions = [at for watch in self._watches.values() if (at := watch.asks_at()) is not None]
        due = min([*(await self._next_dues()).values(), *questions], default=None)
        wait = LONGEST_WAIT if due is None else min(due - self._clock.now(), LONGEST_WAIT)
        try:
            async with asyncio.timeout(max(wait.total_seconds(), 0.05)):
                await self._wake.wait()
        except TimeoutError:
            return
