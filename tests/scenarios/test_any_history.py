"""From any history of a story: a chat that reads its messages knows what is true, and was rung once for each thing.

Reports join, are corrected, denied, withdrawn and said again; levels rise; the chat mutes, pauses, goes quiet and
chooses languages; edits are refused; the bot is killed and starts again. Outlets and events are invented.
"""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.commands.framework.request import Request
from bot.core.intake.items import digest
from bot.core.language.lexicon import NO_LEXICON
from bot.core.language.text import title_key
from bot.core.message.blocks import Message, plain, text_of
from bot.core.model import Level, PublisherKind, Side, Story, StoryId, Urgency
from bot.core.rules.aliases import NO_ALIASES
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.core.stories.corroboration import corroboration
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.outgoing import Outgoing
from bot.errors import SendRefused
from bot.storage import mutes, news, outbox, subscribers
from bot.storage.database import Database, open_database
from bot.storage.schema import former_titles
from tests.builders import NOW, ManualClock, chat, item
from tests.fakes import FakeChats, OneEvent, an_intake

ANN = chat("ann", platform="fake")
HOUR = timedelta(hours=1)

# Of each report: what it says, the same in other words, its denial, and its withdrawal.
TITLES = (
    (
        "Russian MiG violates Estonian airspace, pilots feared dead",
        "Russian MiG violates Estonian airspace over Hiiumaa, pilots feared dead",
        "Russian MiG did not violate Estonian airspace",
        "This article has been withdrawn",
    ),
    (
        "Russian MiG violates Estonian airspace, two NATO pilots dead",
        "Russian MiG violates Estonian airspace, two NATO pilots dead, says army",
        "Russian MiG violates Estonian airspace, NATO pilots unharmed",
        "This article has been withdrawn",
    ),
    (
        "Estonian airspace violated by Russian MiG, pilots dead",
        "Estonian airspace violated by Russian MiG, pilots dead, minister says",
        "Estonian airspace not violated by Russian MiG",
        "This article has been withdrawn",
    ),
)
OUTLETS = (
    {"outlet": "westmark"},
    {"outlet": "northgate", "side": Side.NATO, "publisher_kind": PublisherKind.NATO_OFFICIAL},
    {"outlet": "flankpost"},
)

Reports = st.integers(0, len(TITLES) - 1)
CHANGES = st.sampled_from(["mute", "unmute", "pause", "resume", "hush", "ring", "refuse", "kill", "choose"])
Steps = st.one_of(
    st.tuples(st.just("says"), Reports, st.integers(0, 3)),
    st.tuples(st.just("says"), Reports, st.sampled_from([0, 2])),
    st.tuples(st.just("waits"), st.sampled_from([6, 61]), st.just(0)),
    st.tuples(CHANGES, st.just(0), st.just(0)),
)


class Life:
    """Ann's chat, the outlets, and a bot that may be killed between any two steps."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ManualClock()
        self.index = RuleIndex()
        self.intake = an_intake(database, self.index, OneEvent(NO_LEXICON))
        self.chats = FakeChats(nobody_asks)
        self.dispatcher = self.begins()
        self.titles: dict[str, str] = {}  # what each report says, by its address
        self.is_muted = self.is_paused = self.is_hushed = False
        self.langs: tuple[str, ...] = ()
        self.is_forgiven = False  # a message was refused that cannot be sent in another way
        self.gone: set[str] = set()  # messages that take no edit
        self.rings: list[Outgoing] = []
        self.heard: list[tuple[str, str]] = []  # reports that headed a message which rang, as they were then
        self.corrected: dict[str, datetime] = {}  # when a report last rang for being taken back
        self.levels: list[Level] = []  # that were told, or kept back

    def begins(self) -> Dispatcher:
        return Dispatcher(
            database=self.database, sends={"fake": self.send}, index=self.index, aliases=NO_ALIASES, clock=self.clock
        )

    async def comes(self) -> None:
        rule = parse_rule("mig OR airspace OR withdrawn")
        async with self.database.write() as tx:
            self.ann = (await subscribers.ensure(tx, ANN, NOW)).id
            saved = await subscribers.follow(tx, self.ann, str(rule), names_relevance=False, now=NOW)
        self.index.add(saved.following.rule, rule)

    async def send(self, outgoing: Outgoing) -> str:
        is_wrong = bool(self.chats.errors.get("ann"))
        if is_wrong:
            self.gone |= {ref for ref in (outgoing.edits, outgoing.answers) if ref}
            self.is_forgiven |= not (outgoing.edits or outgoing.answers)
        ref = await self.chats.send(outgoing)
        message, now = outgoing.message, self.clock.now()
        if outgoing.edits:
            assert message.silent
            return ref
        begins = message.blocks[0].text
        is_correction = begins.startswith(("Correction", "Withdrawn"))
        address = next(run.url for run in message.blocks[0].runs if run.url)
        if not is_correction:
            level = next((each for each in Level if f"{each.value} · " in begins.lower()), Level.NORMAL)
            assert level not in self.levels, "told twice"
            self.levels.append(level)
        elif not message.silent:
            assert now - self.corrected.get(address, NOW - HOUR) >= HOUR, "twice within the hour"
            self.corrected[address] = now
        if not message.silent:
            assert {self.is_muted, self.is_paused, self.is_hushed} == {False}
            self.rings.append(outgoing)
            self.heard.append((address, self.titles[address]))
        return ref

    async def step(self, what: str, which: int, how: int) -> None:
        """Something happens, and what is due is sent; what must ring then, has rung."""
        self.clock.advance(minutes=1)
        before, had = len(self.rings), bool(self.levels)
        must_ring = None
        if what == "says":
            must_ring = await self.says(which, how)
        elif what == "choose":
            await self.chooses()
        else:
            await self.does(what, which)
        await self.dispatcher.dispatch_due()
        story = await self.story()
        if not story or not had or self.is_forgiven:
            return
        if self.is_muted:
            self.levels += [story.level] if story.level not in self.levels else []
        elif what == "says" and must_ring is not None and not self.is_paused:
            assert story.level in self.levels, "a level that nobody told"
            if must_ring and not self.is_hushed:
                assert any(
                    "Correction" in plain(each.message) or "Withdrawn" in plain(each.message)
                    for each in self.rings[before:]
                )

    async def says(self, which: int, how: int) -> bool | None:
        """A report comes, or says something else; whether that takes back what was heard, None if it is nothing new."""
        address, title = f"https://{which}.example/", TITLES[which][how]
        if self.titles.get(address) == title:
            return None
        report = item(
            title,
            keys=(digest(address),),
            url=address,
            published=NOW,
            first_seen=self.clock.now(),
            **OUTLETS[which],
        )
        self.titles[address] = title
        count = len(await self.reversals())
        await self.intake.take([report], self.clock.now(), alerting=True)
        is_late = self.clock.now() - self.corrected.get(address, NOW - HOUR) >= HOUR
        heard = any(by == address and title_key(was) != title_key(title) for by, was in self.heard)
        return len(await self.reversals()) > count and heard and is_late

    async def does(self, what: str, minutes: int) -> None:
        now = self.clock.now()
        async with self.database.write() as tx:
            if what == "mute" and self.levels:
                await mutes.add_story(tx, self.ann, StoryId(1), None, now)
                self.is_muted = True
            elif what == "unmute" and self.is_muted:
                for mute in await mutes.of(tx, self.ann, now):
                    await mutes.remove(tx, self.ann, mute.id)
                self.is_muted = False
            elif what in {"pause", "resume"}:
                self.is_paused = what == "pause"
                await subscribers.pause(tx, self.ann, now + 100 * HOUR if self.is_paused else None)
            elif what in {"hush", "ring"}:
                self.is_hushed = what == "hush"
                await subscribers.ring(tx, self.ann, None if self.is_hushed else Level.NORMAL)
        if what == "waits":
            self.clock.advance(minutes=minutes)
        elif what == "refuse" and self.levels:
            self.chats.errors["ann"] = [SendRefused("message not found")]
        elif what == "kill":
            async with self.database.write() as tx:
                for urgency in (Urgency.BREAKING, Urgency.ALERT, Urgency.EDIT):
                    await outbox.claim(tx, ("fake",), urgency, now + HOUR, limit=9, lease=HOUR)
                await outbox.recover(tx)
            self.dispatcher = self.begins()

    async def chooses(self) -> None:
        """Ann reads the language of the reports no longer, or again."""
        self.langs = () if self.langs else ("lv",)
        async with self.database.write() as tx:
            await subscribers.set_languages(tx, self.ann, self.langs)

    async def reversals(self) -> Sequence[object]:
        async with self.database.read() as tx:
            return (await tx.execute(select(former_titles).where(former_titles.c.reverses))).all()

    async def story(self) -> Story | None:
        async with self.database.read() as tx:
            return await news.story(tx, StoryId(1))

    async def knows_what_is_true(self) -> None:
        """In the end, once all has come to rest."""
        self.chats.errors.clear()
        for what in ("unmute", "resume", *["waits"] * 4):
            await self.step(what, 6, 0)
        story, read = await self.story(), self.chats.arrived.get("ann", [])
        kept = [(number, message) for number, message in enumerate(read, start=1) if str(number) not in self.gone]
        if story is None or not kept:
            return
        current = [block.text for _, message in kept for block in message.blocks]
        struck = {run.text for _, message in kept for block in message.blocks for run in block.runs if run.strike}
        async with self.database.read() as tx:
            stored = (await news.stored_stories(tx, [story.id]))[story.id]
            former = (await news.former_titles_of(tx, [story.id]))[story.id]
        by_id = dict(zip(stored.ids, stored.story.items, strict=True))
        for address, was in self.heard:
            (id_,) = [id_ for id_, report in by_id.items() if report.url == address]
            corrected = {title for of, title, _, _ in former if of == id_}
            if title_key(was) != title_key(by_id[id_].title) and was in corrected:
                now, is_withdrawn = by_id[id_].title, by_id[id_].reading.is_withdrawn
                is_told = corrected & struck if is_withdrawn else any(now in text for text in current)
                assert is_told, (was, now, current)
                # The first message tells of all that has headed one.
                first_struck = {run.text for block in kept[0][1].blocks for run in block.runs if run.strike}
                was_first = next(read for by, read in self.heard if by == address)
                if kept[0][0] == 1 and title_key(was_first) != title_key(now):
                    assert corrected & first_struck, (was_first, now, plain(kept[0][1]))
        mark = "" if story.level is Level.NORMAL else f"{story.level.value} · "
        assert any(mark in message.blocks[0].text.lower() for _, message in kept)
        number, first = kept[0]
        if number == 1:
            assert text_of(corroboration(story)) in [block.text for block in first.blocks]
            assert mark in first.blocks[0].text.lower()
            headed = next(run.text for run in first.blocks[0].runs if run.url)
            assert headed in {report.title for report in story.items}, "and nothing that is no longer said"


async def nobody_asks(_request: Request) -> Message | None:
    raise AssertionError("nobody asks")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database to copy."""
    file = tmp_path_factory.mktemp("history") / "empty.db"

    async def make() -> None:
        await (await open_database(f"sqlite:///{file}")).close()

    asyncio.run(make())
    return file


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(Steps, min_size=6, max_size=14))
def test_a_chat_knows_what_is_true_and_was_rung_once_for_each_thing(
    empty: Path, steps: Sequence[tuple[str, int, int]]
) -> None:
    async def live() -> None:
        with TemporaryDirectory() as folder:
            shutil.copy(empty, f"{folder}/a.db")
            database = await open_database(f"sqlite:///{folder}/a.db")
            life = Life(database)
            await life.comes()
            for step in (("says", 0, 0), *steps):
                await life.step(*step)
            await life.knows_what_is_true()
            await database.close()

    asyncio.run(live())
