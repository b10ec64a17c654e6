"""How the bot is doing: /status."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.commands.framework.command import About, Call, Command
from bot.commands.framework.services import Health
from bot.commands.framework.wording import moment_words
from bot.commands.status_details import owner_blocks
from bot.core.message.blocks import Block, Message, Role, Run, say, say_count
from bot.core.message.durations import duration_words
from bot.core.model import Relevance, Source, SourceId
from bot.storage import news, outbox, poll_state, subscribers
from bot.storage.poll_state import PollState

DAY = timedelta(days=1)
PROBLEMS_NAMED = 8
NAMES_A_PROBLEM = 5

States = Mapping[SourceId, PollState]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStanding:
    """The enabled sources by how they are doing: read well at the last try, failing, not tried yet."""

    well: tuple[Source, ...]
    failing: tuple[tuple[Source, str], ...]
    waiting: tuple[Source, ...]


@Command(
    summary="How the bot and its sources are doing",
    example="/status",
    about=About.BOT,
    also=("health", "ping", "uptime", "stats"),
)
async def status(call: Call) -> Message:
    """How everything stands now, in plain words."""
    async with call.services.database.read() as tx:
        standing = standing_of(call.services.catalog.sources, await poll_state.all_states(tx))
        seen = await news.counts_since(tx, call.now - DAY)
        chats, followed = await subscribers.counts(tx)
        owed = await outbox.counts(tx)
    health = call.services.health()
    for_owner = await owner_blocks(call, health) if call.services.is_owner(call.request) else ()
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
            *_source_blocks(standing, is_offline=health.offline is not None),
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


def standing_of(catalog: Iterable[Source], states: States) -> SourceStanding:
    """How the enabled sources stand."""
    well, failing, waiting = [], [], []
    for source in catalog:
        state = states.get(source.id)
        if not source.enabled:
            continue
        if state is not None and state.trouble:
            failing.append((source, state.trouble))
        elif state is not None and state.last_success is not None:
            well.append(source)
        else:
            waiting.append(source)
    return SourceStanding(well=tuple(well), failing=tuple(failing), waiting=tuple(waiting))


def _source_blocks(standing: SourceStanding, *, is_offline: bool) -> Iterator[Block]:
    """How the sources stand, and why those fail that do; offline, whose fault that is is known."""
    if is_offline:
        count = len(standing.well) + len(standing.failing) + len(standing.waiting)
        yield Block(say_count(count, "I keep trying the only source.", "I keep trying all {count} sources."))
        return
    yield Block(_source_sentence(standing))
    by_problem: dict[str, list[str]] = {}
    for source, problem in standing.failing:
        by_problem.setdefault(problem, []).append(source.name)
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


def _source_sentence(standing: SourceStanding) -> tuple[Run, ...]:
    well, failing, waiting = len(standing.well), len(standing.failing), len(standing.waiting)
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
