"""What owners are told beyond /status: failing sources and what to do, the queue, platforms, the machine."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from bot.commands.broadcast import progress_block
from bot.commands.framework.command import Call
from bot.commands.framework.services import Health
from bot.core.message.blocks import Block, Role, Run, say, say_count
from bot.core.model import Source, SourceId, Urgency
from bot.core.wording.alert import moment_ago
from bot.storage import broadcasts, outbox, poll_state
from bot.storage.database import size_of
from bot.storage.outbox import Backlog
from bot.storage.poll_state import PollState

MOST_FAILING = 12
# So many hosts don't fail together by chance.
SEVERAL = 3
# What fails for longer does not come back by itself.
PASSING = timedelta(days=1)
MEGABYTE = 1_000_000

URGENCIES: Mapping[Urgency, str] = {
    Urgency.BREAKING: "breaking",
    Urgency.ALERT: "alerts",
    Urgency.DIGEST: "digests and broadcasts",
    Urgency.EDIT: "edits",
}


async def owner_blocks(call: Call, health: Health) -> Sequence[Block]:
    """The lines for owners, short enough for a phone."""
    async with call.services.database.read() as tx:
        states = await poll_state.all_states(tx)
        owed = await outbox.backlog(tx)
        progress = await broadcasts.latest(tx)
        size = await size_of(tx)
    blocks = [*_failing_blocks(call, health, states), Block(say("Queue"), Role.HEADING)]
    blocks += [Block(_queue_line(call, each), Role.ROW) for each in owed]
    if not owed:
        blocks.append(Block(say("Nothing is waiting."), Role.ROW))
    if progress is not None:
        blocks.append(progress_block(progress, call))
    blocks.append(Block(say("Machine"), Role.HEADING))
    for platform in health.platforms:
        asked = say_count(
            platform.refusals,
            "{name}: rate-limited {count} time.",
            "{name}: rate-limited {count} times.",
            name=platform.name,
        )
        blocks.append(Block(asked, Role.ROW))
    megabytes, milliseconds = max(round(size / MEGABYTE), 1), round(health.lag / timedelta(milliseconds=1))
    machine = say("Database: {size} MB. Longest stall: {lag} ms.", size=megabytes, lag=milliseconds)
    return (*blocks, Block(machine, Role.ROW))


def _failing_blocks(call: Call, health: Health, states: Mapping[SourceId, PollState]) -> Iterator[Block]:
    failing = [
        (source, states[source.id])
        for source in call.services.catalog.sources
        if source.enabled and source.id in states and states[source.id].trouble
    ]
    if not failing or health.offline:
        return
    yield Block(say("Failing sources"), Role.HEADING)
    if _most_fail(call, states):
        yield Block(
            say(
                "Most sources are failing at once, so the problem is probably on our side. "
                "Wait, or check the connection."
            ),
            Role.ROW,
        )
        return
    failing.sort(key=lambda each: each[1].last_success.timestamp() if each[1].last_success else 0)  # longest first
    for source, state in failing[:MOST_FAILING]:
        yield Block(_failing_line(call, source, state), Role.ROW)
    more = len(failing) - MOST_FAILING
    if more > 0:
        yield Block(say_count(more, "– and {count} other", "– and {count} others"), Role.ROW)


def _most_fail(call: Call, states: Mapping[SourceId, PollState]) -> bool:
    """Whether most hosts that were tried fail, and there are some: no reason to switch any of them off."""
    tried: dict[str, bool] = {}
    for source in call.services.catalog.sources:
        state = states.get(source.id)
        if source.enabled and state and not state.gone and (state.failures or state.last_success):
            host = urlsplit(source.url).netloc
            tried[host] = tried.get(host, True) and state.trouble is not None
    failing = sum(tried.values())
    return failing >= SEVERAL and failing * 2 > len(tried)


def _failing_line(call: Call, source: Source, state: PollState) -> tuple[Run, ...]:
    """Since when, and what to do: wait, or look after it."""
    id_ = source.id
    if state.gone:
        return say(
            "– {id}: gone, according to its server. It is tried once a day; /sources off {id} stops that", id=id_
        )
    if state.last_success is None:
        return say("– {id}: never read. Check its address, or /sources off {id}", id=id_)
    ago = moment_ago(state.last_success, call.now)
    if call.now - state.last_success < PASSING:
        return say("– {id}: last read {ago}. Just wait: it will be tried again", id=id_, ago=ago)
    return say("– {id}: last read {ago}. Check its address, or /sources off {id}", id=id_, ago=ago)


def _queue_line(call: Call, backlog: Backlog) -> tuple[Run, ...]:
    kind, since = URGENCIES[backlog.urgency], moment_ago(backlog.oldest, call.now)
    if not backlog.tried:
        return say("{kind}: {count}, the oldest from {since}", kind=kind, count=backlog.waiting, since=since)
    return say(
        "{kind}: {count}, the oldest from {since}; {tried} to be tried again",
        kind=kind,
        count=backlog.waiting,
        since=since,
        tried=backlog.tried,
    )
