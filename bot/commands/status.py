"""How the bot is doing: /status, and what owners are told beyond that."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.commands.broadcast import progress_block
from bot.commands.framework.command import About, Call, Command
from bot.commands.framework.services import Health
from bot.commands.framework.wording import moment_words
from bot.core.message.blocks import Block, Message, Role, Run, say, say_count
from bot.core.message.durations import duration_words
from bot.core.model import Relevance, Source, SourceId, Urgency
from bot.core.wording.alert import moment_ago
from bot.storage import broadcasts, news, outbox, poll_state, subscribers
from bot.storage.database import size_of
from bot.storage.poll_state import PollState

DAY = timedelta(days=1)
PROBLEMS_NAMED = 8
NAMES_A_PROBLEM = 5
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

States = Mapping[SourceId, PollState]


@Command(
    summary="How the bot and its sources are doing",
    example="/status",
    about=About.BOT,
    also=("health", "ping", "uptime", "stats"),
)
async def status(call: Call) -> Message:
    """The status of everything, in plain words."""
    async with call.services.database.read() as tx:
        states = await poll_state.all_states(tx)
        seen = await news.counts_since(tx, call.now - DAY)
        chats, followed = await subscribers.counts(tx)
        owed = await outbox.counts(tx)
    health = call.services.health()
    for_owner = await _owner_blocks(call, health, states) if call.services.is_owner(call.request) else ()
    reports = say(
        "In the last 24 hours: {core} reports on the confrontation, {related} on related news, {none} on other things.",
        core=seen[Relevance.CORE],
        related=seen[Relevance.RELATED],
        none=seen[Relevance.NONE],
    )
    alerts = "Alerts: {waiting} waiting, {sent} sent, {dead} given up."
    if owed.unknown:
        alerts = "Alerts: {waiting} waiting, {sent} sent, {dead} given up; {unknown} may have arrived twice."
    waiting = owed.queued + owed.sending
    return Message(
        (
            *_running_blocks(health, call),
            *_source_blocks(_enabled(call), states, is_offline=health.offline is not None),
            Block(reports),
            Block(say("Chats: {chats}. Rules followed: {followed}.", chats=chats, followed=followed), Role.ROW),
            Block(say(alerts, waiting=waiting, sent=owed.sent, dead=owed.dead, unknown=owed.unknown), Role.ROW),
            *for_owner,
        )
    )


def _running_blocks(health: Health, call: Call) -> Iterator[Block]:
    """Since when it runs, and where; what keeps it from its work now before all else."""
    if health.unwritable:
        outage = say(
            "I haven't been able to write to the database since {moment}: {problem}. "
            "Until that is fixed, nothing new is stored or saved.",
            moment=since_words(health.unwritable.since, call.now),
            problem=health.unwritable.problem,
        )
        yield Block(outage, Role.HEADING)
        yield Block(say("The figures below are from before that."), Role.ROW)
    if health.offline:
        moment = since_words(health.offline.since, call.now)
        yield Block(say("No connection to the internet since {moment}.", moment=moment), Role.HEADING)
    yield Block(say("Running for {uptime}", uptime=duration_words(call.now - health.started)), Role.TITLE)
    for platform in health.platforms:
        yield Block(say("{name}: {state}", name=platform.name, state=platform.state), Role.ROW)


def since_words(moment: datetime, now: datetime) -> str:
    """`07:10 UTC`, and with its day unless that is today."""
    return f"{moment:%H:%M} UTC" if moment.date() == now.date() else moment_words(moment)


def _source_blocks(enabled: Sequence[Source], states: States, *, is_offline: bool) -> Iterator[Block]:
    """How many sources are read, and why those fail that do; offline, whose fault that is is known."""
    if is_offline:
        yield Block(say_count(len(enabled), "I keep trying the only source.", "I keep trying all {count} sources."))
        return
    well, by_problem = 0, dict[str, list[str]]()
    for source in enabled:
        state = states.get(source.id)
        if state is not None and state.trouble:
            by_problem.setdefault(state.trouble, []).append(source.name)
        elif state is not None and state.last_success is not None:
            well += 1
    failing = sum(map(len, by_problem.values()))
    yield Block(_source_sentence(well, failing, len(enabled) - well - failing))
    ranked = sorted(by_problem.items(), key=lambda pair: -len(pair[1]))
    for problem, names in ranked[:PROBLEMS_NAMED]:
        listed, others = ", ".join(names[:NAMES_A_PROBLEM]), len(names) - NAMES_A_PROBLEM
        with_others = say_count(
            others,
            "– {names} and {count} other: {problem}",
            "– {names} and {count} others: {problem}",
            names=listed,
            problem=problem,
        )
        yield Block(with_others if others > 0 else say("– {names}: {problem}", names=listed, problem=problem), Role.ROW)
    more = sum(len(names) for _, names in ranked[PROBLEMS_NAMED:])
    if more:
        yield Block(
            say_count(
                more,
                "– {count} other; /sources with its name shows why",
                "– {count} others; /sources with a name shows why",
            ),
            Role.ROW,
        )


def _source_sentence(well: int, failing: int, waiting: int) -> tuple[Run, ...]:
    if not well + failing + waiting:
        return say("No sources are switched on: see config/subject/sources.toml.")
    if failing and not well:
        return say_count(
            failing,
            "No news is coming in: the only source tried is failing. The internet connection may be down.",
            "No news is coming in: all {count} sources tried are failing. The internet connection may be down.",
        )
    if waiting:
        return say(
            "Sources: {well} working, {failing} failing, {waiting} not tried yet.",
            well=well,
            failing=failing,
            waiting=waiting,
        )
    return say("Sources: {well} working, {failing} failing.", well=well, failing=failing)


def _enabled(call: Call) -> list[Source]:
    return [source for source in call.services.catalog.sources if source.enabled]


async def _owner_blocks(call: Call, health: Health, states: States) -> Sequence[Block]:
    """What owners are told beyond that: failing sources and what to do, the queue, platforms, the machine."""
    async with call.services.database.read() as tx:
        owed = await outbox.backlog(tx)
        progress = await broadcasts.latest(tx)
        size = await size_of(tx)
    blocks = [*_failing_blocks(call, health, states), Block(say("Queue"), Role.HEADING)]
    for each in owed:
        line = "{kind}: {count}, the oldest from {since}"
        if each.tried:
            line = "{kind}: {count}, the oldest from {since}; {tried} to be tried again"
        kind, since = URGENCIES[each.urgency], moment_ago(each.oldest, call.now)
        blocks.append(Block(say(line, kind=kind, count=each.waiting, since=since, tried=each.tried), Role.ROW))
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


def _failing_blocks(call: Call, health: Health, states: States) -> Iterator[Block]:
    known = [(source, states[source.id]) for source in _enabled(call) if source.id in states]
    failing = [(source, state) for source, state in known if state.trouble]
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


def _most_fail(call: Call, states: States) -> bool:
    """Whether most hosts that were tried fail, and there are some: no reason to switch any of them off."""
    tried: dict[str, bool] = {}
    for source in _enabled(call):
        state = states.get(source.id)
        if state and not state.gone and (state.failures or state.last_success):
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
