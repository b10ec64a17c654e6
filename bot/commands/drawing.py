"""Drawing in a process of its own, which ends with the picture.

The library takes half a second to load and holds the interpreter while it does, and 60 MB for as long as it stays.
"""

import asyncio
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog

from bot.core.tension import Tension

log = structlog.get_logger()

# A picture takes a second or two; the very first one, for which fonts are looked up, some more.
TIME_LIMIT = timedelta(seconds=20)

_ARTIST = (
    "import pickle, sys; from bot.core.drawing import tension_png; "
    "sys.stdout.buffer.write(tension_png(pickle.load(sys.stdin.buffer)))"
)
# Where fonts are remembered, and what any program needs; none of our secrets.
_INHERITED = ("HOME", "LANG", "LC_ALL", "MPLCONFIGDIR", "PATH", "SYSTEMROOT", "TZ", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")

# One picture at a time, however many ask.
_desk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drawing")


async def draw_tension(found: Tension, time_limit: timedelta = TIME_LIMIT) -> bytes | None:
    """The picture as a PNG; None if it cannot be drawn, which the log explains."""
    try:
        return await asyncio.get_running_loop().run_in_executor(_desk, _drawn, found, time_limit)
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or b""
        log.warning("a picture could not be drawn", problem=str(error), said=said.decode(errors="replace")[-2000:])
        return None


def _drawn(found: Tension, time_limit: timedelta) -> bytes:
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return subprocess.run(  # noqa: S603  our own words, and our own interpreter
        (sys.executable, "-c", _ARTIST),
        input=pickle.dumps(found),
        env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        timeout=time_limit.total_seconds(),
        check=True,
    ).stdout
