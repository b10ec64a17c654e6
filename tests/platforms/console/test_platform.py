import asyncio
import logging
import os
from collections.abc import AsyncIterator, Iterator
from io import StringIO

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from bot.commands import COMMANDS
from bot.core.message.blocks import Block, Button, Message, Run
from bot.core.wording.alert import Correction, alert
from bot.delivery.outgoing import Outgoing
from bot.demo.playing import Witness
from bot.errors import SendError
from bot.platforms.console.pipe import Pipe
from bot.platforms.console.platform import CHAT, Console
from bot.platforms.console.terminal import CommandCompleter
from tests.builders import NOW, item, story
from tests.platforms.contract import ALERT, PATIENCE, Clerk, Served
from tests.platforms.seats import PipeSeat, TerminalSeat, read_some, terminal_seat

ASKING = Message((Block((Run("Well?"),)),), ((Button("Yes", "/yes"), Button("No", "/no")),))


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.fixture
def piped(clerk: Clerk) -> Iterator[PipeSeat]:
    seat = PipeSeat(clerk)
    yield seat
    seat.close()


@pytest.fixture
async def sitting(clerk: Clerk) -> AsyncIterator[TerminalSeat]:
    with terminal_seat(clerk) as seat:
        yield seat


async def test_at_the_end_of_the_input_everything_is_answered_and_the_bot_stops(piped: PipeSeat, clerk: Clerk) -> None:
    await piped.type("/latest\n\n  \n/rules")
    piped.end_input()
    async with asyncio.timeout(PATIENCE):
        await piped.platform.run()
    await piped.read("Receipt 1 for latest.")
    await piped.read("Receipt 2 for rules.")
    assert [asked.command for asked in clerk.asked] == ["latest", "rules"]


async def test_it_stops_when_nobody_reads_any_more(clerk: Clerk) -> None:
    stdin, typed = os.pipe()
    read, stdout = os.pipe()
    os.close(read)
    console = Console(clerk.answer, Pipe(stdin, stdout))
    os.write(typed, b"/latest\n/rules\n")
    async with asyncio.timeout(PATIENCE):
        await console.run()
    with pytest.raises(SendError):
        await console.send(Outgoing(chat=CHAT, message=ALERT))
    for end in (stdin, typed, stdout):
        os.close(end)


async def test_the_demo_goes_on_when_its_input_ends_until_nobody_reads_any_more(clerk: Clerk) -> None:
    stdin, typed = os.pipe()
    read, stdout = os.pipe()
    console = Witness(clerk.answer, Pipe(stdin, stdout))
    os.write(typed, b"/latest\n")
    os.close(typed)
    running = asyncio.create_task(console.run())
    async with asyncio.timeout(PATIENCE):
        assert b"Receipt 1 for latest." in await read_some(read)
        assert await console.send(Outgoing(chat=CHAT, message=ALERT)) == "2"
        await read_some(read)
        done, _ = await asyncio.wait([running], timeout=0)
        assert not done
        os.close(read)
        with pytest.raises(SendError):
            await console.send(Outgoing(chat=CHAT, message=ALERT))
        await running
    for end in (stdin, stdout):
        os.close(end)


async def test_messages_that_are_shown_at_the_same_time_have_numbers_of_their_own(clerk: Clerk) -> None:
    both_show = asyncio.Barrier(2)

    class Slow(Pipe):
        async def show(self, message: Message) -> None:
            await both_show.wait()

    console = Console(clerk.answer, Slow(None, os.open(os.devnull, os.O_WRONLY)))
    async with asyncio.timeout(PATIENCE):
        refs = await asyncio.gather(*(console.send(Outgoing(chat=CHAT, message=ALERT)) for _ in range(2)))
    assert sorted(refs) == ["1", "2"]


def standing(*outlets: str, title: str = "Drones seen over Kestrel harbour", correction: str = "") -> Message:
    """The alert of a story that these outlets tell, perhaps with a correction."""
    first, *others = (item(title if place == 0 else "Drones again", outlet=name) for place, name in enumerate(outlets))
    corrections = [Correction(item=first, was=correction)] if correction else []
    return alert(story(first, *others), number=1, rule_text="drone", words=(), now=NOW, corrections=corrections)


async def test_an_edit_is_a_line_that_tells_what_is_new(piped: PipeSeat) -> None:
    console = piped.platform

    async def edited(message: Message, ref: str) -> None:
        assert await console.send(Outgoing(chat=CHAT, message=message, edits=ref)) == ref

    async with Served(console):
        ref = await console.send(Outgoing(chat=CHAT, message=standing("northgate")))
        await edited(standing("northgate", "volga"), ref)
        await edited(standing("northgate", "volga"), ref)
        await edited(standing("northgate", "volga", title="No drones over Kestrel", correction="Drones seen"), ref)
        await edited(standing("northgate", title="No drones over Kestrel", correction="Drones seen"), ref)
        assert await console.send(Outgoing(chat=CHAT, message=ASKING)) != ref
        await piped.read(
            "[4] Fewer like this\n\n"
            "Updated: Drones seen over Kestrel harbour · now 2 publishers: NATO 1 · Russia 1 · both sides report\n\n"
            "Updated: No drones over Kestrel · now 2 publishers: NATO 1 · Russia 1\nBefore: Drones seen\n\n"
            "Updated: No drones over Kestrel · now one source so far: Northgate Wire (NATO's side)\n\n"
            "Well?\n\n[5] Yes   [6] No"
        )


async def test_an_alert_never_changes_what_a_number_means(piped: PipeSeat, clerk: Clerk) -> None:
    async with Served(piped.platform):
        await piped.platform.send(Outgoing(chat=CHAT, message=ASKING))
        await piped.read("[1] Yes   [2] No")
        await piped.platform.send(Outgoing(chat=CHAT, message=ASKING))
        await piped.read("[3] Yes   [4] No")
        await piped.type("2")
        await piped.read("Receipt 1 for no.")
        await piped.type("3")
        await piped.read("Receipt 2 for yes.")
        await piped.type("77")
        await piped.read("Button 77 doesn't exist.")


async def test_an_alert_appears_above_what_is_being_typed(sitting: TerminalSeat, clerk: Clerk) -> None:
    async with Served(sitting.platform):
        await sitting.read("This is Faultline.")
        sitting.keyboard.send_text("/lat")
        await sitting.read("/lat")
        await sitting.platform.send(Outgoing(chat=CHAT, message=ALERT))
        await sitting.read("Northgate Wire")
        await sitting.read("> /lat")
        await sitting.type("est")
        await sitting.read("Receipt 1 for latest.")


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
async def test_keys_stop_the_bot_at_once(sitting: TerminalSeat, key: str) -> None:
    running = asyncio.create_task(sitting.platform.run())
    await sitting.read("\n>")
    sitting.keyboard.send_text(key)
    async with asyncio.timeout(PATIENCE):
        await running


async def test_the_log_goes_above_the_prompt_and_back_where_it_was(sitting: TerminalSeat) -> None:
    handler = logging.StreamHandler(sitting.paper)
    elsewhere = logging.StreamHandler(StringIO())
    root = logging.getLogger()
    root.addHandler(handler)
    root.addHandler(elsewhere)
    file = elsewhere.stream
    try:
        async with Served(sitting.platform):
            await sitting.read("\n>")
            assert handler.stream is not sitting.paper
            assert elsewhere.stream is file
            root.warning("the lamp is out")
            await sitting.read("the lamp is out")
        assert handler.stream is sitting.paper
        assert handler.level == logging.NOTSET
    finally:
        root.removeHandler(handler)
        root.removeHandler(elsewhere)


async def test_only_warnings_break_into_the_conversation_and_a_log_in_a_file_has_all(sitting: TerminalSeat) -> None:
    handler, elsewhere = logging.StreamHandler(sitting.paper), logging.StreamHandler(StringIO())
    root, level = logging.getLogger(), logging.getLogger().level
    root.setLevel(logging.INFO)
    root.handlers += [handler, elsewhere]
    try:
        async with Served(sitting.platform):
            await sitting.read("\n>")
            root.info("poll failed")
            root.warning("no connection")
            await sitting.read("no connection")
            assert "poll failed" not in sitting.paper.getvalue()
            assert elsewhere.stream.getvalue() == "poll failed\nno connection\n"
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        root.removeHandler(elsewhere)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("/la", ["latest"]),
        ("/un", ["unfollow"]),
        ("/conf", []),
        ("la", []),
        ("/wider ", ["on", "off"]),
        ("/help fo", ["follow", "forget"]),
        ("/follow dr", []),
        ("/Pau", ["pause"]),
    ],
)
def test_commands_are_completed(typed: str, offered: list[str]) -> None:
    completer = CommandCompleter(COMMANDS)
    found = list(completer.get_completions(Document(typed), CompleteEvent()))
    assert [completion.text for completion in found] == offered


def test_completions_say_what_a_command_does() -> None:
    (found,) = CommandCompleter(COMMANDS).get_completions(Document("/lat"), CompleteEvent())
    assert found.display_meta_text == "The latest stories"
