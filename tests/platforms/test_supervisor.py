import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.delivery.outgoing import Outgoing
from bot.errors import ConfigError, Fault
from bot.platforms.supervisor import serve, stop_asked
from tests.builders import ManualClock
from tests.fakes import a_town

PATIENCE = 5.0

REVOKED = ConfigError(Fault(where="setting telegram.token", what="Telegram doesn't recognise this token"))
ALSO = ConfigError(Fault(where="setting discord.token", what="Discord doesn't recognise this token"))


class Stage:
    """A platform that comes to the ends it is given, one a run; then it lasts until it is told to stop."""

    state = "connected"
    refusals = 0

    def __init__(self, *ends: Exception | None, name: str = "stage", clock: ManualClock | None = None) -> None:
        self.name = name
        self.runs = 0
        self.stop = asyncio.Event()
        self.lasts = asyncio.Event()
        self.takes: dict[int, timedelta] = {}  # how long a run takes to its end
        self._ends = list(ends)
        self._clock = clock or ManualClock()

    async def run(self) -> None:
        self.runs += 1
        if not self._ends:
            self.lasts.set()
            await self.stop.wait()
            return
        self._clock.advance(seconds=self.takes.get(self.runs, timedelta()).total_seconds())
        end = self._ends.pop(0)
        if end is not None:
            raise end

    async def send(self, outgoing: Outgoing) -> str:
        raise AssertionError("nothing is sent here")

    async def is_there(self) -> None:
        raise AssertionError("nobody asks here")


async def naps_of(stage: Stage, clock: ManualClock) -> list[float]:
    """How long a platform is left alone between its runs, until it asks the program to stop."""
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    stage.stop.set()
    async with asyncio.timeout(PATIENCE):
        assert await serve(stage, clock=clock, sleep=nap) is None
    return naps


async def test_a_platform_that_fails_is_run_again_later_and_later(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(*[RuntimeError("a fault of ours")] * 4)
    assert await naps_of(stage, ManualClock()) == [1, 2, 4, 8]
    assert stage.runs == 5
    assert capsys.readouterr().out.count("RuntimeError: a fault of ours") == 4


async def test_what_ran_well_for_long_has_not_failed_in_a_row() -> None:
    clock = ManualClock()
    stage = Stage(*[RuntimeError()] * 4, clock=clock)
    stage.takes[3] = timedelta(hours=1)
    assert await naps_of(stage, clock) == [1, 2, 1, 2]


async def test_nobody_waits_for_more_than_five_minutes() -> None:
    clock = ManualClock()
    assert (await naps_of(Stage(*[RuntimeError()] * 12, clock=clock), clock))[7:] == [128, 256, 300, 300, 300]


async def served(*stages: Stage, then: Callable[[], None] = lambda: None) -> ConfigError | None:
    """What comes of platforms side by side, once those that last have begun to and something has happened."""
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        serving = [tasks.create_task(serve(stage)) for stage in stages]
        asking = tasks.create_task(stop_asked(serving))
        for stage in stages[1:]:
            await stage.lasts.wait()
        then()
        error = await asking
        for task in serving:
            task.cancel()
    return error


async def test_a_platform_with_a_wrong_token_stays_down_while_others_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    down, up = Stage(REVOKED), Stage()
    assert await served(down, up, then=up.stop.set) is None
    assert (down.runs, up.runs) == (1, 1)
    assert "Telegram doesn't recognise this token" in capsys.readouterr().out


async def test_when_none_is_left_the_faults_of_all_are_told() -> None:
    error = await served(Stage(REVOKED))
    assert error is not None
    assert error.faults == REVOKED.faults
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        both = [tasks.create_task(serve(stage)) for stage in (Stage(REVOKED), Stage(ALSO))]
        error = await stop_asked(both)
    assert error is not None
    assert set(error.faults) == {*REVOKED.faults, *ALSO.faults}


async def test_the_whole_bot_goes_on_when_a_platform_fails_and_ends_when_one_asks(tmp_path: Path) -> None:
    async with a_town(tmp_path) as town:
        broken, down, console = Stage(RuntimeError("a fault of ours")), Stage(REVOKED), Stage(name="console")
        app = replace(town.app, platforms=[broken, down, console], heartbeat=None)
        polls = town.site.requests
        town.clock.advance(minutes=5)
        async with asyncio.timeout(PATIENCE):
            running = asyncio.create_task(app.run())
            while town.site.requests == polls:  # noqa: ASYNC110  nobody tells when
                await asyncio.sleep(0)
            assert not running.done()
            console.stop.set()
            await running
        assert (broken.runs, down.runs) == (1, 1)


async def test_the_whole_bot_ends_with_one_clear_error_when_no_platform_is_left(tmp_path: Path) -> None:
    async with a_town(tmp_path) as town:
        app = replace(town.app, platforms=[Stage(REVOKED)], heartbeat=None)
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(ConfigError, match="doesn't recognise this token"):
                await app.run()
