"""The dispatcher: takes what is due out of the outbox, composes it, sends it, and settles what became of it.

Each chat has its own lane: its alerts go one after another, and a chat that is slow holds up nobody else.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import structlog

from bot.clock import Clock
from bot.core.matcher import RuleIndex
from bot.core.message import Message
from bot.core.messages import alert
from bot.core.model import Dead, Delivery, Following, Outcome, Retry, Sent, Story, SubscriberId
from bot.delivery.outgoing import Outgoing, Send
from bot.errors import ChatGone, SendError, SendLater, SendUnknown
from bot.storage import news, outbox, subscribers
from bot.storage.database import Database, DatabaseFault

log = structlog.get_logger()

# Chats that are served side by side. Most of a lane's time is waiting for its turn at the platform's gate, so there
# must be many, or chats that may not be sent to yet would keep out those that may.
MAX_LANES = 1000
CLAIM_LIMIT = 200
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


def backoff(attempts: int) -> timedelta:
    """The wait after the `attempts`th failed attempt: 5 s, doubled each time, an hour at the most."""
    return min(FIRST_BACKOFF * (1 << min(attempts - 1, 20)), LONGEST_BACKOFF)


def after_failure(delivery: Delivery, error: SendError, now: datetime) -> Outcome:
    """What to do with a delivery whose send failed; pure, so that every case is one line of a test table."""
    if isinstance(error, ChatGone):
        return Dead(reason=str(error))
    if now - delivery.created >= LATEST:
        return Dead(reason=f"gave up after a day: {error}")
    if isinstance(error, SendLater):
        return Retry(at=now + error.retry_after, reason=str(error))
    if delivery.attempts >= MAX_ATTEMPTS:
        return Dead(reason=f"gave up after {delivery.attempts} attempts: {error}")
    at = now + backoff(delivery.attempts)
    return Retry(at=at, reason=str(error), unknown=isinstance(error, SendUnknown))


class Dispatcher:
    """Sends what the outbox owes on the platforms it is given. `wake` it when something new may be due."""

    def __init__(self, *, database: Database, sends: Mapping[str, Send], index: RuleIndex, clock: Clock) -> None:
        self._database = database
        self._sends = sends
        self._index = index
        self._clock = clock
        self._lanes: dict[SubscriberId, asyncio.Task[None]] = {}
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
                        log.warning("the outbox cannot be read; trying again", problem=str(error))
                        await asyncio.sleep(FAULT_PAUSE.total_seconds())
            except asyncio.CancelledError:
                await self._finish_lanes()
                raise

    async def dispatch_due(self) -> None:
        """Send all that is due now, and wait until it is settled."""
        async with asyncio.TaskGroup() as lanes:
            while await self._start_due(lanes):
                await asyncio.wait(self._lanes.values())

    async def _start_due(self, lanes: asyncio.TaskGroup) -> int:
        """Put everything that is due on lanes, as far as lanes are free; returns how many deliveries that were."""
        await self._fan_out()
        started = 0
        while len(self._lanes) < MAX_LANES and (claimed := await self._claim()):
            for subscriber, group in groupby(claimed, key=lambda delivery: delivery.subscriber):
                self._open_lane(lanes, subscriber, list(group))
            started += len(claimed)
        return started

    async def _fan_out(self) -> None:
        """One chunk of each story whose alerts are not all queued, each in a transaction of its own."""
        async with self._database.read() as tx:
            waiting = await news.open_fanouts(tx)
        for story in waiting:
            async with self._database.write() as tx:
                await news.fan_out(tx, story, self._clock.now())
            self.wake()

    async def _claim(self) -> list[Delivery]:
        async with self._database.write() as tx:
            claimed = await outbox.claim(
                tx,
                tuple(self._sends),
                self._clock.now(),
                limit=CLAIM_LIMIT,
                lease=LEASE,
                busy=tuple(self._lanes),
            )
        return sorted(claimed, key=lambda delivery: (delivery.subscriber, delivery.id))

    def _open_lane(self, lanes: asyncio.TaskGroup, subscriber: SubscriberId, queue: Sequence[Delivery]) -> None:
        lane = lanes.create_task(self._serve(queue))
        self._lanes[subscriber] = lane
        lane.add_done_callback(lambda _lane: self._close_lane(subscriber))

    def _close_lane(self, subscriber: SubscriberId) -> None:
        del self._lanes[subscriber]
        self.wake()

    async def _serve(self, queue: Sequence[Delivery]) -> None:
        """A lane from end to end. What it could not settle is claimed anew when the lease ends."""
        try:
            await self._send_all(queue)
        except DatabaseFault as error:
            log.warning("a lane ended early", chat=queue[0].chat, problem=str(error))

    async def _send_all(self, queue: Sequence[Delivery]) -> None:
        for position, delivery in enumerate(queue):
            outcome = None if self._stopping else await self._outcome(delivery)
            if outcome is not None:
                await self._settle(delivery, outcome)
            if not isinstance(outcome, Sent | Dead):
                # The rest waits with it: alerts of a chat keep their order, and one refusal is enough.
                await self._release(queue[position + (outcome is not None) :], outcome)
                return

    async def _outcome(self, delivery: Delivery) -> Outcome:
        try:
            message = await self._compose(delivery)
            if message is None:
                return Dead(reason="no longer wanted")
            outgoing = Outgoing(chat=delivery.chat, message=message, nonce=str(delivery.id))
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                return Sent(ref=await self._sends[delivery.chat.platform](outgoing))
        except SendError as error:
            return after_failure(delivery, error, self._clock.now())
        except TimeoutError:
            return after_failure(delivery, SendUnknown("no answer from the platform"), self._clock.now())
        except Exception as error:
            log.exception("delivery failed", delivery=delivery.id)
            return after_failure(delivery, SendError(f"internal fault: {error!r}"), self._clock.now())

    async def _compose(self, delivery: Delivery) -> Message | None:
        """The alert as it stands now; None when the rule is no longer followed or the story is gone."""
        async with self._database.read() as tx:
            story = await news.story(tx, delivery.story)
            followed = await subscribers.followings_of(tx, delivery.subscriber)
        following = self._following(delivery, story, followed) if story else None
        if story is None or following is None:
            return None
        words = self._words(story, following)
        return alert(story, number=following.number, rule_text=following.text, words=words, now=self._clock.now())

    def _following(self, delivery: Delivery, story: Story, followed: Sequence[Following]) -> Following | None:
        """The rule that it is owed to, or another of the chat that the story satisfies if that one has been ended."""
        satisfied = {rule for item in story.items for rule in self._index.matches(item)} | {delivery.rule}
        return min(
            (each for each in followed if each.rule in satisfied),
            key=lambda each: each.rule != delivery.rule,
            default=None,
        )

    def _words(self, story: Story, following: Following) -> tuple[str, ...]:
        """The words that satisfied the rule, in the first item of the story that did."""
        if following.rule not in self._index:
            return ()
        explained = (self._index.explain(following.rule, item) for item in story.items)
        return next((match.words for match in explained if match.words), ())

    async def _settle(self, delivery: Delivery, outcome: Outcome) -> None:
        if not isinstance(outcome, Sent):
            log.warning("alert not sent", delivery=delivery.id, chat=delivery.chat, outcome=outcome)
        for _ in range(SETTLE_ATTEMPTS):
            try:
                async with self._database.write() as tx:
                    return await outbox.settle(tx, delivery.id, outcome, self._clock.now())
            except DatabaseFault as error:
                # Not to write down that it was sent would send it twice.
                log.warning("an outcome cannot be written; trying again", delivery=delivery.id, problem=str(error))
                await asyncio.sleep(FAULT_PAUSE.total_seconds())
        return None

    async def _release(self, queue: Sequence[Delivery], outcome: Outcome | None) -> None:
        if not queue:
            return
        due = outcome.at if isinstance(outcome, Retry) else None
        async with self._database.write() as tx:
            await outbox.release(tx, [delivery.id for delivery in queue], due)

    async def _wait(self) -> None:
        async with self._database.read() as tx:
            due = await outbox.next_due(tx, tuple(self._sends), busy=tuple(self._lanes))
        full = len(self._lanes) >= MAX_LANES
        wait = LONGEST_WAIT if due is None or full else min(due - self._clock.now(), LONGEST_WAIT)
        try:
            async with asyncio.timeout(max(wait.total_seconds(), 0.05)):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _finish_lanes(self) -> None:
        self._stopping = True
        if self._lanes:
            await asyncio.wait(self._lanes.values(), timeout=STOP_TIME.total_seconds())
