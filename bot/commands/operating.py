"""How the bot is doing: /status, and whose news it reads: /sources."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.commands.base import Call, Health
from bot.core.durations import duration_words
from bot.core.message import Block, Message, Role, Run, bold, code, say, say_count
from bot.core.messages import SIDE_LABELS, moment_ago
from bot.core.model import Relevance, Side, Source, SourceId
from bot.core.terms import Filter
from bot.core.text import fold
from bot.storage import news, outbox, poll_state, subscribers
from bot.storage.outbox import OutboxCounts
from bot.storage.poll_state import PollState

DAY = timedelta(days=1)
PROBLEMS_NAMED = 8
NAMES_A_PROBLEM = 5
MOST_LISTED = 20

States = Mapping[SourceId, PollState]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStanding:
    """The enabled sources by how they are doing: read well at the last try, failing, not tried yet."""

    well: tuple[Source, ...]
    failing: tuple[tuple[Source, str], ...]
    waiting: tuple[Source, ...]


async def status(call: Call) -> Message:
    """How everything stands now, in plain words."""
    async with call.services.database.read() as tx:
        standing = standing_of(call.services.catalog.sources, await poll_state.all_states(tx))
        seen = await news.counts_since(tx, call.now - DAY)
        chats, followed = await subscribers.counts(tx)
        owed = await outbox.counts(tx)
    health = call.services.health()
    return Message(
        (
            *_running_blocks(health, call),
            *_source_blocks(standing),
            Block(_news_sentence(seen)),
            Block(_chats_sentence(chats, followed), Role.ROW),
            Block(_outbox_sentence(owed), Role.ROW),
        )
    )


async def sources(call: Call) -> Message:
    """The sources by side, or those that a word names, each in full."""
    enabled = [source for source in call.services.catalog.sources if source.enabled]
    word = call.arguments.text("word")
    if word is None:
        return _by_side(enabled)
    named = _named(enabled, word)
    if not named:
        return Message((Block(say("No source has “{word}” in its name, side or language.", word=word)),))
    async with call.services.database.read() as tx:
        states = await poll_state.all_states(tx)
    title = say_count(len(named), "{count} source for “{word}”", "{count} sources for “{word}”", word=word)
    listed = [block for source in named[:MOST_LISTED] for block in _in_full(source, states.get(source.id), call)]
    return Message((Block(title, Role.TITLE), *listed, *_not_listed(len(named) - MOST_LISTED)))


def standing_of(catalog: Iterable[Source], states: States) -> SourceStanding:
    """How the enabled sources stand."""
    well, failing, waiting = [], [], []
    for source in catalog:
        state = states.get(source.id)
        if not source.enabled:
            continue
        if state is not None and (problem := _problem(state)):
            failing.append((source, problem))
        elif state is not None and state.last_success is not None:
            well.append(source)
        else:
            waiting.append(source)
    return SourceStanding(well=tuple(well), failing=tuple(failing), waiting=tuple(waiting))


def _problem(state: PollState) -> str | None:
    if state.gone:
        return "its server says that it is gone for good"
    return (state.problem or "no answer") if state.failures else None


def _running_blocks(health: Health, call: Call) -> Iterator[Block]:
    yield Block(say("Running for {uptime}", uptime=duration_words(call.now - health.started)), Role.TITLE)
    for platform in health.platforms:
        yield Block(say("{name}: {state}", name=platform.name, state=platform.state), Role.ROW)


def _source_blocks(standing: SourceStanding) -> Iterator[Block]:
    yield Block(_source_sentence(standing))
    by_problem: dict[str, list[str]] = {}
    for source, problem in standing.failing:
        by_problem.setdefault(problem, []).append(source.name)
    ranked = sorted(by_problem.items(), key=lambda pair: -len(pair[1]))
    for problem, names in ranked[:PROBLEMS_NAMED]:
        yield Block(_problem_line(problem, names), Role.ROW)
    more = sum(len(names) for _, names in ranked[PROBLEMS_NAMED:])
    if more:
        yield Block(
            say_count(
                more,
                "– {count} other; /sources with its name tells why",
                "– {count} others; /sources with a name tells why",
            ),
            Role.ROW,
        )


def _source_sentence(standing: SourceStanding) -> tuple[Run, ...]:
    well, failing, waiting = len(standing.well), len(standing.failing), len(standing.waiting)
    if not well + failing + waiting:
        return say("No source is switched on: see config/sources.toml.")
    if failing and not well:
        return say_count(
            failing,
            "No news comes in: the only source tried fails. Perhaps there is no connection to the internet.",
            "No news comes in: all {count} sources tried fail. Perhaps there is no connection to the internet.",
        )
    if waiting:
        return say(
            "Sources: {well} read well, {failing} fail, {waiting} not tried yet.",
            well=well,
            failing=failing,
            waiting=waiting,
        )
    return say("Sources: {well} read well, {failing} fail.", well=well, failing=failing)


def _problem_line(problem: str, names: Sequence[str]) -> tuple[Run, ...]:
    more = len(names) - NAMES_A_PROBLEM
    listed = ", ".join(names[:NAMES_A_PROBLEM])
    if more <= 0:
        return say("– {names}: {problem}", names=listed, problem=problem)
    return say_count(
        more,
        "– {names} and {count} other: {problem}",
        "– {names} and {count} others: {problem}",
        names=listed,
        problem=problem,
    )


def _news_sentence(seen: Mapping[Relevance, int]) -> tuple[Run, ...]:
    return say(
        "In the last 24 hours: {core} reports on the confrontation, {related} related, {none} on other things.",
        core=seen[Relevance.CORE],
        related=seen[Relevance.RELATED],
        none=seen[Relevance.NONE],
    )


def _chats_sentence(chats: int, followed: int) -> tuple[Run, ...]:
    return say("Chats: {chats}. Rules followed: {followed}.", chats=chats, followed=followed)


def _outbox_sentence(owed: OutboxCounts) -> tuple[Run, ...]:
    waiting = owed.queued + owed.sending
    if owed.unknown:
        return say(
            "Alerts: {waiting} waiting, {sent} sent, {dead} given up; {unknown} may have arrived twice.",
            waiting=waiting,
            sent=owed.sent,
            dead=owed.dead,
            unknown=owed.unknown,
        )
    return say(
        "Alerts: {waiting} waiting, {sent} sent, {dead} given up.", waiting=waiting, sent=owed.sent, dead=owed.dead
    )


def _by_side(enabled: Sequence[Source]) -> Message:
    publishers = len({source.publisher for source in enabled})
    title = say("{sources} sources of {publishers} publishers, by side", sources=len(enabled), publishers=publishers)
    sides = [block for side in SIDE_LABELS for block in _side_blocks(side, enabled)]
    hint = say("/sources with a word shows those with it in their name, side or language, in full.")
    return Message((Block(title, Role.TITLE), *sides, Block(hint)))


def _side_blocks(side: Side, enabled: Sequence[Source]) -> Iterator[Block]:
    here = [source for source in enabled if source.side is side]
    if not here:
        return
    count = len({source.publisher for source in here})
    label = bold(SIDE_LABELS[side][0].upper() + SIDE_LABELS[side][1:])
    yield Block(say_count(count, "{label}: {count} publisher", "{label}: {count} publishers", label=label), Role.ITEM)
    yield Block(say("{names}", names=", ".join(source.name for source in here)), Role.ROW)


def _named(enabled: Sequence[Source], word: str) -> list[Source]:
    """The sources in a language, if the word is one; else those with the word in a name or in their side."""
    spoken = [source for source in enabled if source.lang == fold(word)]
    return spoken or [source for source in enabled if any(fold(word) in fold(text) for text in _names(source))]


def _names(source: Source) -> tuple[str, ...]:
    return source.id, source.name, source.publisher, source.side, SIDE_LABELS[source.side]


def _in_full(source: Source, state: PollState | None, call: Call) -> tuple[Block, ...]:
    return (
        Block((bold(source.name),), Role.ITEM),
        Block(_standing(source), Role.BYLINE),
        Block(_reading_sentence(state, call), Role.BYLINE),
    )


def _standing(source: Source) -> tuple[Run, ...]:
    """Where a source stands, and how rules name it; `source:` also takes a publisher, for all of its sources."""
    side = SIDE_LABELS[source.side]
    own, shared = (code(str(Filter("source", value))) for value in (source.id, source.publisher))
    if own == shared:
        return say("{side} · {lang} · in rules {own}", side=side, lang=source.lang, own=own)
    return say("{side} · {lang} · in rules {own} or {shared}", side=side, lang=source.lang, own=own, shared=shared)


def _reading_sentence(state: PollState | None, call: Call) -> tuple[Run, ...]:
    if state is not None and (problem := _problem(state)):
        return say("Fails: {problem}", problem=problem)
    if state is None or state.last_success is None:
        return say("Not read yet")
    return say("Read {ago}", ago=moment_ago(state.last_success, call.now))


def _not_listed(more: int) -> tuple[Block, ...]:
    if more <= 0:
        return ()
    return (Block(say_count(more, "{count} more is not shown.", "{count} more are not shown.")),)
