"""Drawing in a process of its own, which ends with the picture.

The library takes half a second to load and holds the interpreter while it does, and 60 MB for as long as it stays.
"""

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import PIPE
from datetime import timedelta
from weakref import WeakKeyDictionary

import structlog

from bot.core.stories.tension import Tension

log = structlog.get_logger()

# A picture takes a second or two; the very first one, for which fonts are looked up, some more. Where many others are
# drawn first, people had better have the table.
TIME_LIMIT = timedelta(seconds=20)

_ARTIST = (
    "import pickle, sys; from bot.core.wording.tension_chart import tension_png; "
    "sys.stdout.buffer.write(tension_png(pickle.load(sys.stdin.buffer)))"
)
# Where fonts are remembered, and what any program needs; none of our secrets.
_INHERITED = ("HOME", "LANG", "LC_ALL", "MPLCONFIGDIR", "PATH", "SYSTEMROOT", "TZ", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")

# One picture at a time, however many ask; a lock belongs to a loop.
_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def draw_tension(found: Tension, time_limit: timedelta = TIME_LIMIT) -> bytes | None:
    """The picture as a PNG; None if it cannot be drawn within the limit, which the log explains."""
    desk = _desks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    try:
        async with asyncio.timeout(time_limit.total_seconds()), desk:
            return await _drawn(found)
    except (OSError, TimeoutError) as error:
        log.warning("a picture could not be drawn", problem=str(error) or "it took too long")
        return None


async def _drawn(found: Tension) -> bytes:
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    artist = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _ARTIST, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment
    )
    try:
        picture, said = await artist.communicate(pickle.dumps(found))
    finally:
        if artist.returncode is None:  # we are stopping, or out of time
            artist.kill()
            await artist.wait()
    if artist.returncode:
        raise ChildProcessError(said.decode(errors="replace")[-2000:])
    return picture
