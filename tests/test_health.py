"""What runs beside the loops must not end them."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from structlog.testing import capture_logs

from bot.health import beat, beside

SOON = timedelta(milliseconds=1)


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_heartbeat_file_that_cannot_be_touched_is_told_once_and_touched_later(tmp_path: Path) -> None:
    file = tmp_path / "data" / "a.db.alive"
    with capture_logs() as logs:
        beating = asyncio.create_task(beat(file, SOON))
        await asyncio.sleep(0.05)
        assert not beating.done()
        assert [entry["event"] for entry in logs] == ["the heartbeat file cannot be touched"]
        file.parent.mkdir()
        async with asyncio.timeout(5):
            while not await asyncio.to_thread(file.exists):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
    await ended(beating)


async def test_what_fails_beside_the_loops_goes_on_after_a_pause() -> None:
    runs = asyncio.Semaphore(0)

    async def fails() -> None:
        runs.release()
        raise ZeroDivisionError

    with capture_logs() as logs:
        running = asyncio.create_task(beside(fails, name="housekeeper", pause=SOON))
        async with asyncio.timeout(5):
            for _ in range(3):
                await runs.acquire()
        assert not running.done()
    await ended(running)
    assert logs[0]["part"] == "housekeeper"
