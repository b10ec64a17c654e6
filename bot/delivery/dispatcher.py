"""The dispatcher: takes what is due out of the outbox, composes it, sends it, and settles what became of it.

Each chat has a lane of its own for each urgency: its alerts go one after another, and a chat that is slow holds up
nobody else. Lanes meet again at the platform's gate, which knows what goes first.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import structlog

from bot.clock import Clock
from bot.core.aliases import Aliases
from bot.core.matcher import RuleIndex
from bot.core.model import Chat, Dead, Delivery, Kept, Outcome, Retry, Sent, SubscriberId, Urgency
from bot.delivery.composing import Composer, NotWanted, ToSend
from bot.delivery.outgoing import Send
from bot.errors import ChatGone, SendError, SendLater, SendRefused, SendUnknown
from bot.storage import fanout, mutes, outbox
from bot.storage.database import Database, DatabaseFault
from bot.storage.outages import loudness_of

log = structlog.get_logger()

# Chats that are served side by side, of each urgency: breaking news find room whatever else has been taken up. Most of
# a lane's time is waiting for its turn at the platform's gate, so there must be many, or chats that may not be sent to
# yet would keep out those that may.
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

# When the database fails: a full disk, a lock held by another program.
FAULT_PAUSE = timedelta(seconds=5)
SETTLE_ATTEMPTS = 20

MAX_ATTEMPTS = 10
# An alert that is a day late is no alert any more.
LATEST = timedelta(hours=24)
FIRST_BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(hours=1)
# What may have arrived is sent once more, when a platform that does not answer now may have come round.
UNKNOWN_WAIT = timedelta(minutes=1)


def backoff(attempts: int) -> timedelta:
    """The wait after the `attempts`th failed attempt: 5 s, doubled each time, an hour at the most."""
    return min(FIRST_BACKOFF * (1 << min(attempts - 1, 20)), LONGEST_BACKOFF)


def after_failure(delivery: Delivery, error: SendError, now: datetime) -> Outcome:
    """What to do with a delivery whose send failed; pure, so that every case is one line of a test table."""
    if isinstance(error, ChatGone | SendRefused):
        return Dead(reason=str(error))
    if now - delivery.created >= LATEST:
        return Dead(reason=f"gave up after a day: {error}")
    if isinstance(error, SendLater):
        return Retry(at=now + error.retry_after, reason=str(error))
    if isinstance(error, SendUnknown):
        return _after_unknown(delivery, error, now)
    if delivery.attempts >= MAX_ATTEMPTS:
        return Dead(reason=f"gave up after {delivery.attempts} attempts: {error}")
    return Retry(at=now + backoff(delivery.attempts), reason=str(error))


def _after_unknown(delivery: Delivery, error: SendUnknown, now: datetime) -> Outcome:
    if delivery.unknown:
        return Dead(reason=f"sent twice without an answer: {error}")
    return Retry(at=now + UNKNOWN_WAIT, reason=str(error), unknown=True)


class Dispatcher:
    """Sends what the outbox owes on the platforms it is given. `wake` it when something new may be due.

    `may_receive` tells to which chats anything may be sent at all.
    """

    def __init__(
        self,
        *,
        database: Database,
        sends: Mapping[str, Send],
        index: RuleIndex,
        aliases: Aliases,
        clock: Clock,
        may_receive: Callable[[Chat], bool] = lambda _: True,
    ) -> None:
        self._database = database
        self._sends = sends
        self._composer = Composer(database=database, index=index, aliases=aliases, clock=clock)
        self._clock = clock
        self._may_receive = may_receive
        self._lanes: dict[Urgency, dict[SubscriberId, asyncio.Task[None]]] = {urgency: {} for urgency in URGENCIES}
        self._stopping = False
        self._wake = asyncio.Event()

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
                        log.log(loudness_of(error), "the outbox cannot be read; trying again", problem=str(error))
                        await asyncio.sleep(FAULT_PAUSE.total_seconds())
            except asyncio.CancelledError:
                await self._finish_lanes()
                raise

    async def dispatch_due(self) -> None:
        """Send all that is due now, and wait until it is settled."""
        async with asyncio.TaskGroup() as lanes:
            while await self._start_due(lanes):
                if under_way := self._under_way():
                    await asyncio.wait(under_way)

    async def _start_due(self, lanes: asyncio.TaskGroup) -> int:
        """Put everything that is due on lanes, as far as lanes are free; returns how many deliveries that were."""
        await self._fan_out()
        await self._end_mutes()
        started = 0
        while due := [urgency for urgency, at in (await self._next_dues()).items() if at <= self._clock.now()]:
            for urgency in due:
                claimed = await self._claim(urgency)
                for subscriber, group in groupby(claimed, key=lambda delivery: delivery.subscriber):
                    self._open_lane(lanes, urgency, subscriber, list(group))
                started += len(claimed)
        return started

    async def _next_dues(self) -> dict[Urgency, datetime]:
        """When something next falls due that there is room for, by urgency."""
        dues = {}
        async with self._database.read() as tx:
            for urgency, lanes in self._lanes.items():
                if len(lanes) + CLAIM_LIMIT <= MAX_LANES:
                    dues[urgency] = await outbox.next_due(tx, tuple(self._sends), urgency, busy=tuple(lanes))
        return {urgency: at for urgency, at in dues.items() if at is not None}

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

    async def _claim(self, urgency: Urgency) -> list[Delivery]:
        async with self._database.write() as tx:
            claimed = await outbox.claim(
                tx,
                tuple(self._sends),
                urgency,
                self._clock.now(),
                limit=CLAIM_LIMIT,
                lease=LEASE,
                busy=tuple(self._lanes[urgency]),
            )
        return sorted(claimed, key=lambda delivery: (delivery.subscriber, delivery.id))

    def _open_lane(
        self, lanes: asyncio.TaskGroup, urgency: Urgency, subscriber: SubscriberId, queue: Sequence[Delivery]
    ) -> None:
        lane = lanes.create_task(self._serve(queue))
        self._lanes[urgency][subscriber] = lane
        lane.add_done_callback(lambda _lane: self._close_lane(urgency, subscriber))

    def _close_lane(self, urgency: Urgency, subscriber: SubscriberId) -> None:
        del self._lanes[urgency][subscriber]
        self.wake()

    def _under_way(self) -> list[asyncio.Task[None]]:
        return [lane for lanes in self._lanes.values() for lane in lanes.values()]

    async def _serve(self, queue: Sequence[Delivery]) -> None:
        """A lane from end to end. What it could not settle is claimed anew when the lease ends."""
        try:
            await self._send_all(queue)
        except DatabaseFault as error:
            log.log(loudness_of(error), "a lane ended early", chat=queue[0].chat, problem=str(error))

    async def _send_all(self, queue: Sequence[Delivery]) -> None:
        for position, delivery in enumerate(queue):
            outcome = None if self._stopping else await self._outcome(delivery)
            if outcome is not None:
                await self._settle(delivery, outcome)
            if not isinstance(outcome, Sent | Kept | Dead):
                # The rest waits with it: alerts of a chat keep their order, and one refusal is enough.
                await self._release(queue[position + (outcome is not None) :], outcome)
                return

    async def _outcome(self, delivery: Delivery) -> Outcome:
        if not self._may_receive(delivery.chat):
            return Dead(reason="the owner lets this chat in no longer")
        try:
            composed = await self._composer.compose(delivery)
            return composed if isinstance(composed, Kept) else await self._sent(composed)
        except NotWanted as reason:
            return Dead(reason=str(reason))
        except SendError as error:
            return after_failure(delivery, error, self._clock.now())
        except TimeoutError:
            return after_failure(delivery, SendUnknown("no answer from the platform"), self._clock.now())
        except Exception as error:
            log.exception("delivery failed", delivery=delivery.id)
            return after_failure(delivery, SendError(f"internal fault: {error!r}"), self._clock.now())

    async def _sent(self, composed: ToSend) -> Sent | Kept:
        try:
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                ref = await self._sends[composed.outgoing.chat.platform](composed.outgoing)
            return Sent(ref=ref, told=composed.told)
        except SendRefused:
            if composed.otherwise is None:
                raise
            return Kept(told=composed.otherwise)

    async def _settle(self, delivery: Delivery, outcome: Outcome) -> None:
        if not isinstance(outcome, Sent | Kept):
            log.warning("alert not sent", delivery=delivery.id, chat=delivery.chat, outcome=outcome)
        for _ in range(SETTLE_ATTEMPTS):
            try:
                async with self._database.write() as tx:
                    return await outbox.settle(tx, delivery.id, outcome, self._clock.now())
            except DatabaseFault as error:
                # Not to write down that it was sent would send it twice.
                log.log(
                    loudness_of(error),
                    "an outcome cannot be written; trying again",
                    delivery=delivery.id,
                    problem=str(error),
                )
                await asyncio.sleep(FAULT_PAUSE.total_seconds())
        return None

    async def _release(self, queue: Sequence[Delivery], outcome: Outcome | None) -> None:
        if not queue:
            return
        due = outcome.at if isinstance(outcome, Retry) else None
        async with self._database.write() as tx:
            await outbox.release(tx, [delivery.id for delivery in queue], due)

    async def _wait(self) -> None:
        due = min((await self._next_dues()).values(), default=None)
        wait = LONGEST_WAIT if due is None else min(due - self._clock.now(), LONGEST_WAIT)
        try:
            async with asyncio.timeout(max(wait.total_seconds(), 0.05)):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _finish_lanes(self) -> None:
        self._stopping = True
        if under_way := self._under_way():
            await asyncio.wait(under_way, timeout=STOP_TIME.total_seconds())
