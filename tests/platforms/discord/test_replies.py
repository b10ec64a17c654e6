"""Answers on Discord that are late, long, silent or lost; and the commands that it is told to offer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.commands import COMMANDS
from bot.commands.framework.command import Notice
from bot.commands.framework.request import Request
from bot.core.message.blocks import Block, Button, Message, Run, say
from tests.commands.room import Room as Desk
from tests.platforms.discord.asking import PRESS_PROMISE, PROMISE, Asking
from tests.platforms.discord.line import Line, on_the_line
from tests.platforms.discord.server import DiscordServer
from tests.platforms.discord.world import Person, Refusal
from tests.platforms.telegram.line import answer_with


@pytest.fixture
async def server(desk: Desk) -> AsyncIterator[DiscordServer]:
    async with DiscordServer(desk.clock) as server:
        yield server


@pytest.fixture
async def line(server: DiscordServer, desk: Desk) -> AsyncIterator[Line]:
    async with on_the_line(server, answer_with(desk.services)) as line:
        yield line


@pytest.fixture
def ann(server: DiscordServer) -> Person:
    return server.person("ann")


async def ends(line: Line, asking: Asking) -> Asking:
    """Wait until an interaction is acknowledged and nobody waits for it."""
    await line.server.until(lambda: asking.took is not None and not asking.is_waiting, lambda: f"{asking}")
    return asking


class Desks:
    """Answers as it is told to."""

    def __init__(self, answer: Message | None) -> None:
        self.answer = answer
        self.may_answer = asyncio.Event()
        self.asked: list[Request] = []

    async def now(self, request: Request) -> Message | None:
        self.asked.append(request)
        return self.answer

    async def later(self, request: Request) -> Message | None:
        await self.may_answer.wait()
        return await self.now(request)


DONE = Message((Block(say("Done.")),))


@pytest.mark.parametrize("answer", [DONE, None], ids=["words", "silence"])
async def test_an_answer_that_takes_its_time_is_promised(
    server: DiscordServer, ann: Person, answer: Message | None
) -> None:
    desks = Desks(answer)
    async with on_the_line(server, desks.later) as line:
        asking = line.server.says(ann, "/latest")
        await line.server.until(lambda: asking.kind == PROMISE)
        assert asking.is_waiting
        desks.may_answer.set()
        await ends(line, asking)
    assert len(ann.private.sent) == (answer is not None)
    assert asking.deleted == (answer is None)


async def test_silence_acknowledges_all_the_same(server: DiscordServer, ann: Person) -> None:
    desks = Desks(DONE)
    async with on_the_line(server, desks.now) as line:
        await line.sends(ann, Message(DONE.blocks, ((Button("Again", "/latest"),),)))
        desks.answer = None
        pressed = await ends(line, line.server.presses(ann, "Again"))
        given = await ends(line, line.server.says(ann, "/latest"))
    assert pressed.kind == PRESS_PROMISE
    assert given.deleted
    assert len(line.server.sent_to(ann.private)) == 1


async def test_a_long_answer_comes_in_several_messages(server: DiscordServer, ann: Person) -> None:
    blocks = tuple(Block((Run(f"Rule {number}. " + "word " * 50),)) for number in range(60))
    desks = Desks(Message(blocks, ((Button("Last", "/latest"),),)))
    async with on_the_line(server, desks.now) as line:
        line.server.says(ann, "/latest")
        last = await line.server.sees(ann.private, "Rule 59.")
    shown = "".join(line.server.sent_to(ann.private))
    assert all(f"Rule {number}." in shown for number in range(60))
    assert [bool(sent.buttons) for sent in ann.private.sent] == [False] * 3 + [True]
    assert last.buttons == {"Last": "/latest"}


async def test_nobody_is_told_to_reply_with_a_slash_command(line: Line, ann: Person) -> None:
    line.server.says(ann, "/why")
    told = await line.server.sees(ann.private, "Why what?")
    assert "Press Why below an alert, or choose one of the stories that come up as you type." in told.text
    assert "Reply" not in told.text


async def test_help_names_only_what_discord_offers_there(line: Line, ann: Person) -> None:
    home = line.server.server(admin=ann)
    await line.up()
    for where in (ann.private, next(iter(home.channels.values()))):
        line.server.says(ann, "/help", where=where)
        told = await line.server.sees(where, "What you can ask")
        assert ("/mention" in told.text) == ("mention" in line.server.offered(ann, where))
        assert ("/publish" in told.text) == ("publish" in line.server.offered(ann, where))


async def test_an_answer_whose_embed_is_refused_comes_as_plain_words(line: Line, ann: Person) -> None:
    line.server.refuses("acknowledge", Refusal(400, 50035, "Invalid Form Body"))
    line.server.says(ann, "/about")
    shown = await line.server.sees(ann.private, "Faultline 0")
    assert shown.embeds == []


async def test_an_answer_is_shown_once_though_its_acknowledgement_was_not_heard(
    server: DiscordServer, ann: Person
) -> None:
    desks = Desks(DONE)
    async with on_the_line(server, desks.now) as line:
        line.server.loses_answers("acknowledge")
        line.server.says(ann, "/latest")
        await line.server.until(lambda: line.server.calls["edit_reply"] == 1)
    assert line.server.sent_to(ann.private) == ["Done."]
    assert len(desks.asked) == 1


async def test_a_promised_answer_is_shown_though_the_promise_was_not_heard(server: DiscordServer, ann: Person) -> None:
    desks = Desks(DONE)
    async with on_the_line(server, desks.later) as line:
        line.server.loses_answers("acknowledge")
        asking = line.server.says(ann, "/latest")
        await line.server.until(lambda: asking.kind == PROMISE)
        desks.may_answer.set()
        await line.server.sees(ann.private, "Done.")
    assert line.server.sent_to(ann.private) == ["Done."]


async def test_too_late_an_acknowledgement_harms_nobody(line: Line, desk: Desk, ann: Person) -> None:
    line.server.refuses("acknowledge", Refusal(404, 10062, "Unknown interaction"))
    line.server.says(ann, "/pause")
    await line.server.until(lambda: line.server.refused[404] == 1)
    line.server.says(ann, "/resume")
    await line.server.sees(ann.private, "Alerts are back on")


@pytest.mark.parametrize("is_heard", [True, False])
async def test_an_acknowledgement_that_hangs_is_tried_again_in_time(
    server: DiscordServer, ann: Person, *, is_heard: bool
) -> None:
    desks = Desks(DONE)
    async with on_the_line(server, desks.now) as line:
        if is_heard:
            line.server.holds_answers("acknowledge")
        else:
            line.server.stalls("acknowledge")
        asking = await ends(line, line.server.says(ann, "/latest"))
        await line.server.until(lambda: line.server.calls["acknowledge"] == 2)
        await line.is_done()
    assert asking.took is not None
    assert line.server.sent_to(ann.private) == ["Done."]


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("is_obeyed", [False, True])
@pytest.mark.parametrize("is_press", [False, True])
async def test_an_answer_that_meets_faults_of_discord_is_given_soon(
    server: DiscordServer, ann: Person, status: int, *, is_obeyed: bool, is_press: bool
) -> None:
    async with on_the_line(server, Desks(DONE).now) as line:
        await line.sends(ann, Message((Block(say("Before.")),), ((Button("Again", "/latest"),),)))
        fails = line.server.misleads if is_obeyed else line.server.refuses
        fails("acknowledge", Refusal(status, 0, "Server Error"), 1 if is_obeyed else 4)
        asking = line.server.presses(ann, "Again") if is_press else line.server.says(ann, "/latest")
        await line.server.sees(ann.private, "Done.")
        await line.is_done()
    assert asking.took is not None
    assert asking.took < 1
    assert line.server.sent_to(ann.private) == (["Done."] if is_press else ["Before.", "Done."])


@pytest.mark.parametrize("name", ["edit_reply", "acknowledge"])
async def test_a_promised_answer_outlasts_two_minutes_of_faults(server: DiscordServer, ann: Person, name: str) -> None:
    desks = Desks(DONE)
    async with on_the_line(server, desks.later) as line:
        line.server.refuses(name, Refusal(502, 0, "Bad Gateway"), 7 if name == "edit_reply" else 3)
        asking = line.server.says(ann, "/latest")
        await line.server.until(lambda: asking.is_waiting)
        desks.may_answer.set()
        await line.server.sees(ann.private, "Done.")
    assert line.server.sent_to(ann.private) == ["Done."]


async def test_tries_of_an_answer_have_an_end(server: DiscordServer, ann: Person) -> None:
    async with on_the_line(server, Desks(DONE).now) as line:
        line.server.refuses("acknowledge", Refusal(502, 0, "Bad Gateway"), 99)
        line.server.says(ann, "/latest")
        await line.server.until(lambda: line.server.calls["acknowledge"] == 5)
        await line.is_done()
    assert line.server.calls["acknowledge"] == 5


async def test_completions_outlast_a_fault(line: Line, ann: Person) -> None:
    line.server.refuses("acknowledge", Refusal(502, 0, "Bad Gateway"), 2)
    asking = await ends(line, line.server.types(ann, "follow", "rule", "drone -top"))
    assert asking.took is not None
    assert asking.took < 1


@pytest.mark.parametrize("is_late", [True, False])
async def test_why_a_press_does_nothing_leaves_what_stands_there(
    server: DiscordServer, ann: Person, *, is_late: bool
) -> None:
    desks = Desks(Notice((Block(say("Not so often.")),)))
    async with on_the_line(server, desks.later if is_late else desks.now) as line:
        await line.sends(ann, Message(DONE.blocks, ((Button("Older", "/latest page 2"),),)))
        asking = line.server.presses(ann, "Older")
        await line.server.until(lambda: not is_late or asking.kind == PRESS_PROMISE)
        desks.may_answer.set()
        await line.server.sees(ann.private, "Not so often.")
        assert line.server.sent_to(ann.private) == ["Done.", "Not so often."]
        desks.answer = DONE
        await ends(line, line.server.presses(ann, "Older"))
        await line.server.until(lambda: len(desks.asked) == 2, lambda: "what was refused is no first press")


# What goes wrong on our side


class Broken:
    """Fails, at once or when it is let."""

    def __init__(self) -> None:
        self.may_fail = asyncio.Event()

    async def now(self, _request: Request) -> Message | None:
        raise OSError("no space left")

    async def later(self, request: Request) -> Message | None:
        await self.may_fail.wait()
        return await self.now(request)


async def test_an_answer_that_fails_is_told(server: DiscordServer, ann: Person) -> None:
    async with on_the_line(server, Broken().now) as line:
        await ends(line, line.server.says(ann, "/latest"))
        assert line.server.sent_to(ann.private) == ["Sorry, that went wrong on my side; please try again."]


async def test_a_promised_answer_that_fails_is_told(server: DiscordServer, ann: Person) -> None:
    broken = Broken()
    async with on_the_line(server, broken.later) as line:
        asking = line.server.says(ann, "/latest")
        await line.server.until(lambda: asking.is_waiting)
        broken.may_fail.set()
        await ends(line, asking)
        assert line.server.sent_to(ann.private) == ["Sorry, that went wrong on my side; please try again."]


@pytest.mark.parametrize("is_late", [True, False])
async def test_a_press_that_fails_leaves_what_stands_there(
    server: DiscordServer, ann: Person, *, is_late: bool
) -> None:
    broken = Broken()
    async with on_the_line(server, broken.later if is_late else broken.now) as line:
        await line.sends(ann, Message(DONE.blocks, ((Button("Older", "/latest page 2"),),)))
        asking = line.server.presses(ann, "Older")
        await line.server.until(lambda: not is_late or asking.kind == PRESS_PROMISE)
        broken.may_fail.set()
        await line.server.sees(ann.private, "Sorry, that went wrong on my side; please try again.")
        assert line.server.sent_to(ann.private) == ["Done.", "Sorry, that went wrong on my side; please try again."]


async def test_a_promise_is_taken_back_in_words_when_the_bot_stops(server: DiscordServer, ann: Person) -> None:
    async with on_the_line(server, Desks(DONE).later) as line:
        asking = line.server.says(ann, "/latest")
        await line.server.until(lambda: asking.is_waiting)
    assert line.server.sent_to(ann.private) == ["I'm restarting; please try again in a minute."]


# The commands that Discord offers


async def test_commands_are_sent_only_when_they_changed(server: DiscordServer, desk: Desk) -> None:
    for _ in range(2):
        async with on_the_line(server, answer_with(desk.services)):
            pass
    assert server.syncs == 1
    changed = (replace(COMMANDS[0], summary="Something new"), *COMMANDS[1:])
    async with on_the_line(server, answer_with(desk.services), table=changed):
        pass
    assert server.syncs == 2
    assert server.commands[0]["description"] == "Something new"
