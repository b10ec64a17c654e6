"""What every platform promises, whoever is behind it. A platform joins by a `Contract` with a `seat` of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Protocol

import pytest

from bot.commands.framework.request import Request
from bot.commands.sources import question
from bot.core.message.blocks import Block, Button, Message, Role, Run, say
from bot.core.model import Chat, Side, Source, SourceId
from bot.delivery.outgoing import Outgoing
from bot.platforms.base import Platform

PATIENCE = 5.0  # seconds; a promise that is kept takes milliseconds


class Seat(Protocol):
    """A person in one chat of a platform."""

    @property
    def platform(self) -> Platform:
        """What is sat at."""
        ...

    @property
    def chat(self) -> Chat:
        """The chat that the person is in."""
        ...

    async def type(self, line: str) -> None:
        """Send a line."""
        ...

    async def press(self, label: str) -> None:
        """Press the newest button with this label."""
        ...

    async def read(self, words: str) -> None:
        """Wait until these words are there to be read, since whatever was read before."""
        ...


class Clerk:
    """Answers every request with a numbered receipt and a button, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    async def answer(self, request: Request) -> Message:
        self.asked.append(request)
        receipt = say("Receipt {number} for {command}.", number=len(self.asked), command=request.command or "nothing")
        return Message((Block(receipt),), ((Button("Again", "/again 7"),),))


class Served:
    """The platform, running for as long as the block lasts."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def __aenter__(self) -> asyncio.Task[None]:
        self._running = asyncio.create_task(self._platform.run())
        return self._running

    async def __aexit__(self, *_: object) -> None:
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE):
                await self._running


ALERT = Message(
    (
        Block(
            (Run("Cable <b>cut</b> & [more] *stars* `ticks`", bold=True, url="https://a.example/?a=1&b=2"),), Role.TITLE
        ),
        Block((Run("Northgate Wire · NATO's side"),), Role.BYLINE),
    )
)


async def a_message_is_read_as_it_was_written(seat: Seat) -> None:
    async with Served(seat.platform):
        await seat.platform.send(Outgoing(chat=seat.chat, message=ALERT))
        await seat.read("Cable <b>cut</b> & [more] *stars* `ticks`")
        await seat.read("Northgate Wire · NATO's side")


async def every_message_has_a_ref_of_its_own(seat: Seat) -> None:
    async with Served(seat.platform):
        refs = [await seat.platform.send(Outgoing(chat=seat.chat, message=ALERT)) for _ in range(3)]
    assert len(set(refs)) == 3
    assert all(refs)


async def a_sent_message_can_be_made_to_read_otherwise(seat: Seat) -> None:
    async with Served(seat.platform):
        ref = await seat.platform.send(Outgoing(chat=seat.chat, message=ALERT))
        await seat.read("Cable")
        mended = Message((Block(say("Cable mended")),))
        assert await seat.platform.send(Outgoing(chat=seat.chat, message=mended, edits=ref))
        await seat.read("Cable mended")


async def a_message_can_answer_another(seat: Seat) -> None:
    async with Served(seat.platform):
        ref = await seat.platform.send(Outgoing(chat=seat.chat, message=ALERT))
        answer = Message((Block(say("More on the cable")),))
        assert await seat.platform.send(Outgoing(chat=seat.chat, message=answer, answers=ref)) != ref
        await seat.read("More on the cable")


async def a_command_is_asked_for_its_chat_and_its_answer_read(seat: Seat, clerk: Clerk) -> None:
    async with Served(seat.platform):
        await seat.type("/latest 5 “air space”")
        await seat.read("Receipt 1 for latest.")
    (asked,) = clerk.asked
    assert (asked.chat, asked.command, _as_typed(asked)) == (seat.chat, "latest", "5 “air space”")
    assert not asked.from_button
    assert asked.user_is_admin


def _as_typed(asked: Request) -> str:
    """The arguments as one text, for platforms that ask for each by itself, too."""
    return asked.arguments if isinstance(asked.arguments, str) else " ".join(asked.arguments.values())


async def a_press_asks_for_the_command_of_the_button(seat: Seat, clerk: Clerk) -> None:
    async with Served(seat.platform):
        await seat.type("/latest")
        await seat.read("Again")
        await seat.platform.send(Outgoing(chat=seat.chat, message=ALERT))
        await seat.press("Again")
        await seat.read("Receipt 2 for again.")
    assert clerk.asked[1].from_button
    assert clerk.asked[1].arguments == "7"


async def a_question_with_many_answers_can_be_read_and_answered(seat: Seat, clerk: Clerk) -> None:
    offered = [
        Source(
            id=SourceId(f"agency-{n}"),
            url=f"https://agency.example/{n}",
            side=Side.RUSSIA,
            name=f"Агентство {n}",
            publisher="agency",
            enabled=False,
            offer=f"agency {n} of the state",
        )
        for n in range(5)
    ]
    async with Served(seat.platform):
        await seat.platform.send(Outgoing(chat=seat.chat, message=Message(*question(offered))))
        await seat.read("agency 4 of the state")
        await seat.press("Read Агентство 3")
        await seat.read("Receipt 1 for sources.")
    (asked,) = clerk.asked
    assert (_as_typed(asked), asked.from_button) == ("on agency-3", True)


async def it_stops_promptly(seat: Seat) -> None:
    async with Served(seat.platform) as running:
        await seat.type("/latest")
        await seat.read("Receipt 1")
        assert not running.done()


async def it_says_that_it_is_there_and_shows_nobody_anything(seat: Seat) -> None:
    async with Served(seat.platform):
        await seat.platform.send(Outgoing(chat=seat.chat, message=ALERT))
        await seat.platform.is_there()


PROMISES_OF_WORDS = (
    a_message_is_read_as_it_was_written,
    every_message_has_a_ref_of_its_own,
    a_sent_message_can_be_made_to_read_otherwise,
    a_message_can_answer_another,
    it_stops_promptly,
    it_says_that_it_is_there_and_shows_nobody_anything,
)
PROMISES_OF_TALK = (
    a_command_is_asked_for_its_chat_and_its_answer_read,
    a_press_asks_for_the_command_of_the_button,
    a_question_with_many_answers_can_be_read_and_answered,
)


class Contract:
    """The promises as tests of one platform, whose subclass has a fixture `seat`."""

    @pytest.fixture
    def clerk(self) -> Clerk:
        return Clerk()

    @pytest.mark.parametrize("promise", PROMISES_OF_WORDS, ids=lambda promise: promise.__name__)
    async def test_words(self, promise: Callable[[Seat], Awaitable[None]], seat: Seat) -> None:
        await promise(seat)

    @pytest.mark.parametrize("promise", PROMISES_OF_TALK, ids=lambda promise: promise.__name__)
    async def test_talk(self, promise: Callable[[Seat, Clerk], Awaitable[None]], seat: Seat, clerk: Clerk) -> None:
        await promise(seat, clerk)
