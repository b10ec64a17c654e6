"""What a worker process is given to do; few imports, for it starts anew often."""

import os
import re
import time
from pathlib import Path

from bot.errors import FetchError, ParseError


def double(number: int) -> int:
    return 2 * number


def length(body: bytes) -> int:
    return len(body)


def hang() -> None:
    time.sleep(60)


def backtrack() -> None:
    re.fullmatch(r"(a+)+b", "a" * 60)


def die(number: int) -> None:
    os.kill(os.getpid(), number)


def leave() -> None:
    os._exit(3)


def refuse() -> None:
    raise ParseError("this is a web page, not a feed")


def stumble() -> None:
    raise FetchError("an error of another kind", status=410)


def chatter() -> str:
    os.write(1, b"to the wrong pipe")
    return "right"


def gorge() -> int:
    return len(bytearray(4 << 30))


def unpicklable() -> object:
    return lambda: None


def environment() -> dict[str, str]:
    return dict(os.environ)


def worker() -> int:
    """The process whose fork this is."""
    return os.getppid()


def toil(seconds: float) -> int:
    """Computes for so long; in whose fork."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    return worker()


def allowance() -> str:
    """The limit of the address space, and how readily the kernel ends the process."""
    import resource

    return f"{resource.getrlimit(resource.RLIMIT_AS)[1]} {Path('/proc/self/oom_score_adj').read_text().strip()}"
