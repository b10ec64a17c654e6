"""A platform that nobody here knows, and that shows only text, is served by an adapter and one line of the registry."""

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest
from pydantic import ValidationError

from bot.core.message.blocks import Message
from bot.core.model import Chat, Urgency
from bot.delivery.limits import Limits
from bot.delivery.outgoing import Outgoing
from bot.errors import ConfigError, Fault, PlatformAway, SendRefused
from bot.platforms.base import Adapter, Answer, ChatEvents, Parts, Platform, PlatformSettings
from bot.platforms.registry import ADAPTERS
from bot.platforms.sending import Failure, SendAttempt, Sender, Trouble, refused
from bot.platforms.text_only import NumberedButtons, Updates, text_of
from bot.settings import settings_with
from tests.builders import ManualClock
from tests.platforms.contract import ALERT, PATIENCE, Clerk, Contract
from tests.platforms.telegram.line import Ledger, Naps

BOX = Chat(platform="slips", address="box")


class Letterbox:
    """Slips of paper that go in and come out; `refuses` is what the next one meets."""

    def __init__(self) -> None:
        self.put_in: asyncio.Queue[str] = asyncio.Queue()
        self.came_out: list[str] = []
        self.changed = asyncio.Event()
        self.refuses: list[LetterboxError] = []


class LetterboxError(Exception):
    """The box does not take a slip."""


class Slips(Sender[SendAttempt[str, str], str]):
    """The platform `slips`, as somebody would write it who has read nothing but `bot/platforms`."""

    name, platform, state = "slips", "Slips", "connected"
    errors = (LetterboxError,)

    def __init__(self, answer: Answer, box: Letterbox, events: ChatEvents, clock: ManualClock) -> None:
        super().__init__(events, Limits(), clock, Naps(clock))
        self._answer = answer
        self._box = box
        self._buttons, self._updates = NumberedButtons(), Updates()

    async def run(self) -> None:
        while True:
            asked = self._buttons.asked(BOX, await self._box.put_in.get(), user="anybody")
            answer = asked if isinstance(asked, Message) else await self._answer(asked)
            if answer is not None:
                await self.send(Outgoing(chat=BOX, message=answer, urgency=Urgency.REPLY))

    async def send(self, outgoing: Outgoing) -> str:
        message = outgoing.message
        shown = message if outgoing.edits is None else self._updates.of(outgoing.edits, message)
        if shown is None:
            return outgoing.edits or ""
        text = text_of(self._buttons.number(outgoing.chat, shown))
        attempt = SendAttempt[str, str](chat=outgoing.chat, part=text, urgency=outgoing.urgency, begin=outgoing.begin)
        ref = await self.deliver(attempt)
        if outgoing.edits is None:
            self._updates.of(ref, message)
        return outgoing.edits or ref

    async def request(self, attempt: SendAttempt[str, str]) -> str:
        if self._box.refuses:
            raise self._box.refuses.pop(0)
        self._box.came_out.append(attempt.part)
        self._box.changed.set()
        return str(len(self._box.came_out))

    def failure_of(self, error: Exception) -> Failure:
        return refused(Trouble.UNSENDABLE, str(error))

    async def is_there(self) -> None:
        if self._box.refuses:
            raise PlatformAway("the box is nailed up")


class SlipsSettings(PlatformSettings):
    place: str = ""

    @property
    def is_wanted(self) -> bool:
        return bool(self.place)


async def check(own: SlipsSettings, _session: aiohttp.ClientSession) -> None:
    """Raise ConfigError where there is no such box."""
    if own.place != "hall":
        raise ConfigError(Fault(where="setting slips.place", what="no box hangs there"))


def build(_own: SlipsSettings, parts: Parts) -> Platform:
    return Slips(parts.answer, Letterbox(), parts.events, ManualClock())


ADAPTER = Adapter(name="slips", title="Slips", settings=SlipsSettings, check=check, build=build, user="[a-z]+")


class SlipsSeat:
    """Somebody who puts slips in and reads those that come out."""

    chat = BOX

    def __init__(self, clerk: Clerk) -> None:
        self.box = Letterbox()
        self.platform = Slips(clerk.answer, self.box, Ledger().changes, ManualClock())
        self._read_to = 0

    async def type(self, line: str) -> None:
        self.box.put_in.put_nowait(line)

    async def press(self, label: str) -> None:
        await self.type(re.findall(rf"\[(\d+)\] {label}", "\n".join(self.box.came_out))[-1])

    async def read(self, words: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while (place := "\n".join(self.box.came_out).find(words, self._read_to)) < 0:
                self.box.changed.clear()
                await self.box.changed.wait()
        self._read_to = place + len(words)


class TestSlips(Contract):
    @pytest.fixture
    def seat(self, clerk: Clerk) -> SlipsSeat:
        return SlipsSeat(clerk)


async def test_an_edit_that_changes_nothing_is_shown_to_nobody() -> None:
    seat = SlipsSeat(Clerk())
    ref = await seat.platform.send(Outgoing(chat=BOX, message=ALERT))
    for _ in range(2):
        assert await seat.platform.send(Outgoing(chat=BOX, message=ALERT, edits=ref)) == ref
    assert len(seat.box.came_out) == 1


async def test_what_the_platform_will_never_take_is_refused_for_good() -> None:
    seat = SlipsSeat(Clerk())
    seat.box.refuses = [LetterboxError("the slot is narrow")]
    with pytest.raises(SendRefused, match="the slot is narrow"):
        await seat.platform.send(Outgoing(chat=BOX, message=ALERT))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty installation, with nothing set from outside."""
    (tmp_path / "config").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_line_of_the_registry_gives_it_settings_and_owners(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAULTLINE_SLIPS__PLACE", "hall")
    monkeypatch.setenv("FAULTLINE_OWNERS", "slips:ann, telegram:7")
    settings = settings_with((*ADAPTERS, ADAPTER))()
    assert [adapter.title for adapter in settings.wanted] == ["Slips"]
    assert not settings.console_wanted
    monkeypatch.setenv("FAULTLINE_OWNERS", "slips:7")
    with pytest.raises(ValidationError, match="number 1 should be a platform and a user's number"):
        settings_with((*ADAPTERS, ADAPTER))()
