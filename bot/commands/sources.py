"""Whose news is read: /sources, and how owners change that."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Annotated

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.commands.framework.command import About, Call, Command, Param, SourceWord
from bot.commands.framework.request import misuse
from bot.commands.framework.wording import in_rows
from bot.core.language.text import fold
from bot.core.message.blocks import Block, Button, Message, Role, Run, bold, code, say, say_count
from bot.core.model import Side, Source
from bot.core.rules.ast import Filter
from bot.core.sides import SIDE_LABELS, label_of
from bot.core.wording.alert import moment_ago
from bot.sources.base import Probe
from bot.sources.catalog import web_address
from bot.sources.opml import source_at
from bot.storage import poll_state, source_changes, subscribers

MOST_LISTED = 20
# Sources that are named when a word fits several, or when none is given.
MOST_NAMED = 40

_Question = tuple[tuple[Block, ...], tuple[tuple[Button, ...], ...]]
_NOTHING_ASKED: _Question = ((), ())


@Command(
    summary="Which sources are read, by side",
    example="/sources estonia",
    about=About.BOT,
    for_owners=(
        "/sources off tass-en",
        "/sources on tass-en",
        "/sources add https://...",
        "/sources remove name",
    ),
    also=("feeds", "publishers", "outlets"),
)
async def sources(
    call: Call,
    word: Annotated[
        SourceWord | None,
        Param(summary="only sources with this in their name, side or language", letters=1000),  # owners add addresses
    ] = None,
) -> Message:
    """The sources by side, or those that a word names, each in full; for owners also /sources on, off, add, remove."""
    if word is None:
        return await _by_side(call)
    action, _, rest = word.partition(" ")
    change = CHANGES.get(action.lower())
    if change is None:
        return await _with_word(call, word)
    if not call.services.is_owner(call.request):
        raise misuse("Only the owner of this bot can change which sources are read.")
    return await change(call, rest.strip())


async def _switch_on(call: Call, word: str) -> Message:
    source = _named_one(call, word, enabled=False)
    if source.enabled:
        raise misuse("{name} is already switched on.", name=source.name)
    async with call.services.database.write() as tx:
        await source_changes.switch(tx, source.id, enabled=True)
        # What it published while nobody wanted it is no news.
        await poll_state.forget(tx, source.id)
        await _put_in_force(call, tx)
        asked, answers = question(await _offered(call, tx)) if source.offer else _NOTHING_ASKED
    return Message(
        (
            Block(say("{name} is switched on.", name=bold(source.name))),
            Block(
                say("It will be read for the first time in a moment; nothing is sent for that first reading."), Role.ROW
            ),
            *asked,
        ),
        ((Button("Switch off again", f"/sources off {source.id}"),), *answers),
    )


async def _switch_off(call: Call, word: str) -> Message:
    source = _named_one(call, word, enabled=True)
    if not source.enabled:
        raise misuse("{name} is already switched off.", name=source.name)
    await _write_off(call, source)
    return _switched_off(source, say("{name} is switched off.", name=bold(source.name)))


async def _write_off(call: Call, source: Source) -> None:
    async with call.services.database.write() as tx:
        await source_changes.switch(tx, source.id, enabled=False)
        await _put_in_force(call, tx)


def _switched_off(source: Source, said: tuple[Run, ...]) -> Message:
    kept = Block(say("What it has published so far can still be found."), Role.ROW)
    return Message((Block(said), kept), ((Button("Switch on again", f"/sources on {source.id}"),),))


async def _remove(call: Call, word: str) -> Message:
    source = _named_one(call, word, enabled=None)
    if call.services.roster.is_shipped(source.id):
        await _write_off(call, source)
        said = "{name} is part of the configuration, so it was switched off instead of removed."
        return _switched_off(source, say(said, name=bold(source.name)))
    async with call.services.database.write() as tx:
        await source_changes.remove(tx, source.id)
        await poll_state.forget(tx, source.id)
        await _put_in_force(call, tx)
    kept = Block(say("What it has published so far can still be found."), Role.ROW)
    return Message((Block(say("{name} has been removed.", name=bold(source.name))), kept))


async def _add(call: Call, text: str) -> Message:
    """Add the source at an address once it has been tried; its side is asked for where it is missing."""
    address, side, name = await _wished(call, text)
    catalog = call.services.catalog
    known = next((source for source in catalog.sources if source.url == address), None)
    if known is not None:
        raise _known_already(known)
    wished = source_at(address, name, {"side": side or Side.MIXED}, catalog.by_id)
    probe = await call.services.probe(wished)
    if not probe.entries:
        raise misuse(
            "Not added: {address}: {problem}.", address=code(address), problem=probe.problem or "nothing to read"
        )
    name = name or probe.title or ""
    if side is None:
        async with call.services.database.write() as tx:
            subscriber = await subscribers.ensure(tx, call.request.chat, call.now)
            draft = await subscribers.save_draft(tx, subscriber.id, f"{address} {name}".strip(), call.now)
        whose = bold(probe.title or probe.source.name)
        asked = Block(say("On whose side is {name}? A side is a label, never a judgement.", name=whose))
        buttons = [Button(_capital(label), f"/sources add {draft} {side}") for side, label in SIDE_LABELS.items()]
        return Message((asked, *_found(probe)), in_rows(buttons, 2))
    source = source_at(address, name, {"side": side, "lang": probe.lang}, catalog.by_id)
    async with call.services.database.write() as tx:
        if not await source_changes.add(tx, source, call.now):
            raise _known_already(source)
        await poll_state.forget(tx, source.id)
        await _put_in_force(call, tx)
    return _added(source, probe)


async def _wished(call: Call, text: str) -> tuple[str, Side | None, str]:
    """Address, side and name, as typed; a number means the address and name of an earlier question."""
    first, *others = text.split() or [""]
    asked: list[str] = []
    if first.isdecimal():
        async with call.services.database.read() as tx:
            first, *asked = (await subscribers.draft_of(tx, call.request.chat, int(first)) or "").split() or [""]
        if not first:
            raise misuse("That question is over a week old. Send /sources add with the address again.")
    try:
        address = web_address(first)
    except ValueError as error:
        if "://" in first:
            raise misuse("Not added: {problem}.", problem=str(error)) from None
        raise misuse("Say what to add: /sources add https://paper.example/rss neutral Paper of Varn") from None
    side = next((each for each in Side if others and each == others[0].lower().replace("-", "_")), None)
    return address, side, " ".join([*asked, *others[side is not None :]])


def _known_already(source: Source) -> Exception:
    if source.enabled:
        return misuse(
            "That is {name}, which is already there; /sources {id} shows how it is doing.",
            name=source.name,
            id=source.id,
        )
    return misuse("That is {name}, which is switched off; /sources on {id} starts it.", name=source.name, id=source.id)


def _added(source: Source, probe: Probe) -> Message:
    told = say(
        "{name} has been added: {side}, {lang}.",
        name=bold(source.name),
        side=SIDE_LABELS[source.side],
        lang=source.lang,
    )
    rows = (
        *_found(probe),
        Block(say("In rules, call it {id}.", id=code(str(Filter("source", source.id)))), Role.ROW),
        Block(say("It will be read for the first time in a moment; nothing is sent for that first reading."), Role.ROW),
    )
    return Message((Block(told), *rows), ((Button("Remove it again", f"/sources remove {source.id}"),),))


def _found(probe: Probe) -> Iterator[Block]:
    yield Block(say_count(probe.entries, "It has {count} report.", "It has {count} reports."), Role.ROW)
    if probe.problem:
        yield Block(say("A word of caution: {problem}.", problem=probe.problem), Role.ROW)


def question(offered: Sequence[Source]) -> _Question:
    """Whether to read these, which are off until an owner decides; nothing where there are none."""
    if not offered:
        return _NOTHING_ASKED
    means = (
        "These are off until you decide, because some are banned in the EU. Their reports would be labelled "
        "{side}; on their own they never make a story breaking."
    )
    rows = [
        Block(say("{name} ({id}): {offer}", name=bold(each.name), id=code(each.id), offer=each.offer), Role.ROW)
        for each in offered
    ]
    answers = [Button(f"Read {each.name}", f"/sources on {each.id}") for each in offered]
    blocks = (
        Block(say("Read more of Russia's state media?"), Role.HEADING),
        Block(say(means, side=SIDE_LABELS[Side.RUSSIA])),
        *rows,
    )
    return blocks, in_rows([*answers, Button("No, thanks", "/sources decline")], 2)


async def _offered(call: Call, tx: AsyncConnection) -> Sequence[Source]:
    """The sources of the question that no owner has answered: what was ever switched is answered."""
    switched = await source_changes.switched(tx)
    return [source for source in call.services.catalog.sources if source.offer and source.id not in switched]


async def _decline(call: Call, _: str) -> Message:
    async with call.services.database.write() as tx:
        declined = await _offered(call, tx)
        if not declined:
            raise misuse("There is nothing to decline.")
        for source in declined:
            await source_changes.switch(tx, source.id, enabled=False)
        await _put_in_force(call, tx)
    example = code(f"/sources on {declined[0].id}")
    return Message((Block(say("All right, they stay off. To read one later, send {example}.", example=example)),))


async def _put_in_force(call: Call, tx: AsyncConnection) -> None:
    """Last in the transaction, so that two changes cannot cross."""
    added, switched = await source_changes.added(tx), await source_changes.switched(tx)
    call.services.roster.change(added=added, switched=switched)


CHANGES: Mapping[str, Callable[[Call, str], Awaitable[Message]]] = {
    "on": _switch_on,
    "off": _switch_off,
    "add": _add,
    "remove": _remove,
    "decline": _decline,
}


def _named_one(call: Call, word: str, *, enabled: bool | None) -> Source:
    """The one source that a word names; those that could be meant are told where it names none or several."""
    every = call.services.catalog.sources
    found = [source for source in every if source.id == fold(word)] or (_named(every, word) if word else [])
    if len(found) == 1:
        return found[0]
    likely = found or [source for source in every if enabled in (None, source.enabled)]
    ids = ", ".join(source.id for source in likely[:MOST_NAMED])
    if found:
        raise misuse("“{word}” matches several sources. Choose one of these: {ids}", word=word, ids=ids)
    if not word:
        raise misuse("Which source? One of these: {ids}", ids=ids or "none")
    raise misuse("No source has “{word}” in its name, side or language.", word=word)


async def _with_word(call: Call, word: str) -> Message:
    named = _named(_enabled(call), word)
    if not named:
        return Message((Block(say("No source has “{word}” in its name, side or language.", word=word)),))
    async with call.services.database.read() as tx:
        states = await poll_state.all_states(tx)
    title = say_count(len(named), "{count} source for “{word}”", "{count} sources for “{word}”", word=word)
    blocks = [Block(title, Role.TITLE)]
    for source in named[:MOST_LISTED]:
        side, state = label_of(source), states.get(source.id)
        # How rules name it: `source:` also takes a publisher, for all of its sources.
        own, shared = (code(str(Filter("source", value))) for value in (source.id, source.publisher))
        template = (
            "{side} · {lang} · in rules {own}" if own == shared else "{side} · {lang} · in rules {own} or {shared}"
        )
        label = say(template, side=side, lang=source.lang, own=own, shared=shared)
        if state is not None and state.trouble:
            reading = say("Failing: {problem}", problem=state.trouble)
        elif state is None or state.last_success is None:
            reading = say("Not read yet")
        else:
            reading = say("Read {ago}", ago=moment_ago(state.last_success, call.now))
        blocks += [Block((bold(source.name),), Role.ITEM), Block(label, Role.BYLINE), Block(reading, Role.BYLINE)]
    if more := max(0, len(named) - MOST_LISTED):
        blocks.append(Block(say_count(more, "{count} more isn't shown.", "{count} more aren't shown.")))
    return Message(tuple(blocks))


async def _by_side(call: Call) -> Message:
    enabled = _enabled(call)
    publishers = len({source.publisher for source in enabled})
    title = say("{sources} sources of {publishers} publishers, by side", sources=len(enabled), publishers=publishers)
    blocks = [Block(title, Role.TITLE)]
    for side, label in SIDE_LABELS.items():
        here = [source for source in enabled if source.side is side]
        if here:
            count, name = len({source.publisher for source in here}), bold(_capital(label))
            head = say_count(count, "{label}: {count} publisher", "{label}: {count} publishers", label=name)
            names = ", ".join(source.name for source in here)
            blocks += [Block(head, Role.ITEM), Block(say("{names}", names=names), Role.ROW)]
    blocks.append(Block(say("To see sources in full, send /sources with a word from their name, side or language.")))
    asked, answers = _NOTHING_ASKED
    if call.services.is_owner(call.request):
        async with call.services.database.read() as tx:
            asked, answers = question(await _offered(call, tx))
        switch = say("{off}, and {on}", off=code("/sources off tass-en"), on=code("/sources on tass-en"))
        change = say("{add}, and {remove}", add=code("/sources add https://..."), remove=code("/sources remove ..."))
        blocks += [
            Block(say("As the owner you can also send:")),
            Block(switch, Role.ROW),
            Block(change, Role.ROW),
            *asked,
        ]
    return Message(tuple(blocks), answers)


def _enabled(call: Call) -> list[Source]:
    return [source for source in call.services.catalog.sources if source.enabled]


def _capital(label: str) -> str:
    return label[0].upper() + label[1:]


def _named(every: Sequence[Source], word: str) -> list[Source]:
    """The sources in a language, if the word is one; else those with the word in a name or in their side."""
    if spoken := [source for source in every if source.lang == fold(word)]:
        return spoken
    names = {each.id: (each.id, each.name, each.publisher, each.side, label_of(each)) for each in every}
    return [source for source in every if any(fold(word) in fold(name) for name in names[source.id])]
