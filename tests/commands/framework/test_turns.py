"""Who is worked on when many ask what takes seconds, and what the others notice of it."""

import asyncio
from contextlib import AsyncExitStack
from typing import Literal

import pytest

from bot.commands.framework.turns import Turns
from bot.errors import UsageError
from bot.storage.database import READERS, SEARCHERS, Database
from tests import builders
from tests.builders import item
from tests.commands.room import Room

LINES = ("/latest drone", "/search drone", "/follow drone", "/missed", "/summary drone", "/summary", "/tension")


class Work:
    """Questions that end when they are told to."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.begun: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}

    async def ask(self, who: str, what: str) -> None:
        end = self._ends[what] = asyncio.Event()
        async with self.turns.turn(who):
            self.begun.append(what)
            await end.wait()

    async def end(self, what: str) -> None:
        self._ends[what].set()
        await settle()


async def settle() -> None:
    """Let all go on that can."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def work() -> Work:
    return Work(Turns(few=2))


async def test_one_person_is_worked_on_one_question_at_a_time_and_a_few_people_at_once(work: Work) -> None:
    async with asyncio.TaskGroup() as asking:
        for who, what in (("ann", "a1"), ("ann", "a2"), ("ann", "a3"), ("ben", "b1"), ("cem", "c1")):
            asking.create_task(work.ask(who, what))
        await settle()
        assert work.begun == ["a1", "b1"]
        await work.end("a1")
        assert work.begun == ["a1", "b1", "c1"], "whoever has had a turn waits for the others"
        await work.end("b1")
        assert work.begun == ["a1", "b1", "c1", "a2"]
        for what in ("a2", "c1"):
            await work.end(what)
        await work.end("a3")


async def test_a_question_that_is_given_up_gives_its_turn_back(work: Work) -> None:
    first = asyncio.create_task(work.ask("ann", "a1"))
    second = asyncio.create_task(work.ask("ann", "a2"))
    third = asyncio.create_task(work.ask("ann", "a3"))
    await settle()
    second.cancel()
    first.cancel()
    await settle()
    assert work.begun == ["a1", "a3"]
    await work.end("a3")
    await third


async def test_whoever_would_wait_too_long_is_told(work: Work) -> None:
    turns = Turns(few=1, patience=0)
    async with turns.turn("ann"):
        with pytest.raises(UsageError, match=r"Too many searches are waiting\. Please ask again in a minute\."):
            async with turns.turn("ben"):
                pass
    async with turns.turn("ben"):
        pass


class Door(asyncio.Lock):
    """A lock that tells when somebody wants it."""

    def __init__(self) -> None:
        super().__init__()
        self.knocks: asyncio.Queue[None] = asyncio.Queue()

    async def acquire(self) -> Literal[True]:
        self.knocks.put_nowait(None)
        return await super().acquire()


async def occupied(held: AsyncExitStack, database: Database, connections: int) -> None:
    for _ in range(connections):
        await held.enter_async_context(database.search())


@pytest.mark.parametrize("line", LINES)
async def test_searches_that_wait_keep_no_connection_from_the_loops(room: Room, line: str) -> None:
    await room.publish(item("Drone over Kestrel"), item("Envoys meet"))
    await room.follow("drone")
    async with AsyncExitStack() as held:
        await occupied(held, room.database, SEARCHERS)  # as by reads that take long
        asked = [
            asyncio.create_task(room.say(line, chat=builders.chat(f"chat{n}"), user=f"user{n}"))
            for n in range(READERS + 2)
        ]
        async with asyncio.timeout(5), AsyncExitStack() as loops:
            for _ in range(READERS):
                await loops.enter_async_context(room.database.read())
        assert not any(each.done() and "Sorry" in each.result().text for each in asked)
    for each in asked:
        assert "Sorry" not in (await each).text


async def test_cheap_questions_wait_for_no_search(room: Room) -> None:
    await room.publish(item("Drone over Kestrel"))
    await room.follow("drone")
    async with AsyncExitStack() as held:
        await occupied(held, room.database, SEARCHERS)
        searches = [asyncio.create_task(room.say("/search drone", user=f"user{n}")) for n in range(4)]
        await settle()
        async with asyncio.timeout(5):
            for line in ("/latest", "/rules", "/status", "/story 1", "/help", "/mutes"):
                assert "Sorry" not in (await room.say(line, user="user0")).text
        assert not any(each.done() for each in searches)
    for each in searches:
        assert "1 story in the last 7 days" in (await each).text


async def test_what_is_matched_in_a_thread_holds_no_connection(room: Room) -> None:
    await room.publish(item("Drone over Kestrel"))
    thread = room.services.turns.thread = Door()
    async with thread:  # somebody else's thread computes
        searches = [asyncio.create_task(room.say("/search drone", user=f"user{n}")) for n in range(2)]
        async with asyncio.timeout(5):
            await asyncio.gather(*(thread.knocks.get() for _ in range(3)))
        async with asyncio.timeout(5), AsyncExitStack() as held:
            await occupied(held, room.database, SEARCHERS)
    for each in searches:
        assert "1 story in the last 7 days" in (await each).text
