"""How much memory a reader of strangers' feeds may take where the machine, a container or a shell leaves little."""

import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

# With less a feed of 5 MB, which was seen to take 105 MB, might not be read at all.
LEAST = 160 * 1024 * 1024

CGROUPS = Path("/sys/fs/cgroup")
OURS = Path("/proc/self/cgroup")


def address_space(most: int, *, ours: Path = OURS, cgroups: Path = CGROUPS) -> int:
    """The limit in bytes: at most `most`, half of what our control group may take, and what we are limited to already.

    What outgrows its control group is killed, in many places together with all that belongs to the group.
    """
    group = min(_limits(ours, cgroups), default=None)
    wanted = most if group is None else min(most, max(group // 2, LEAST))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def limit_here(most: int) -> None:
    """Let this process take no more, and let the kernel end it before the bot where memory runs out."""
    limit = address_space(most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with suppress(OSError):  # not everywhere is there such a file
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _limits(ours: Path, cgroups: Path) -> Iterator[int]:
    """What our control group and those around it are limited to; both generations of them have their own files.

    https://docs.kernel.org/admin-guide/cgroup-v2.html (memory.max), .../cgroup-v1/memory.html
    """
    try:
        lines = ours.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers not in {"", "memory"}:
            continue
        name = f"{controllers}/{{}}/memory.limit_in_bytes" if controllers else "{}/memory.max"
        inner = Path(path.lstrip("/"))
        for each in (inner, *inner.parents):
            with suppress(OSError, ValueError):  # "max": no limit
                yield int((cgroups / name.format(each)).read_text(encoding="ascii"))
