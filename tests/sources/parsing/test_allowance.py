import subprocess
import sys
from pathlib import Path

import pytest

from bot.sources.parsing.allowance import LEAST, address_space

MB = 1024 * 1024
MOST = 512 * MB

# A bot whose shell (ulimit -v) leaves it 400 MB; only root might take more.
LIMITED = """
import asyncio, resource
from bot.sources.parsing.worker import ParserPool
from tests.sources.chores import allowance, double

async def ask():
    async with ParserPool() as pool:
        return await pool.run(double, 21), await pool.run(allowance)

resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20))
print(*asyncio.run(ask()))
"""


def folders(tmp_path: Path, ours: str, limits: dict[str, str]) -> dict[str, Path]:
    """The files of a machine's control groups."""
    (tmp_path / "self").write_text(ours)
    for name, limit in limits.items():
        file = tmp_path / "groups" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(limit)
    return {"ours": tmp_path / "self", "cgroups": tmp_path / "groups"}


@pytest.mark.parametrize(
    ("ours", "limits", "wanted"),
    [
        ("0::/\n", {}, MOST),
        ("0::/\n", {"memory.max": "max\n"}, MOST),
        ("0::/\n", {"memory.max": f"{4096 * MB}\n"}, MOST),
        ("0::/\n", {"memory.max": f"{400 * MB}\n"}, 200 * MB),
        ("0::/\n", {"memory.max": f"{128 * MB}\n"}, LEAST),
        ("0::/user/bot\n", {"user/bot/memory.max": "max", "user/memory.max": str(600 * MB)}, 300 * MB),
        ("9:cpu:/x\n4:memory:/x\n0::/\n", {"memory/x/memory.limit_in_bytes": str(500 * MB)}, 250 * MB),
        ("4:memory:/x\n", {"memory/memory.limit_in_bytes": str(2**63 - 4096)}, MOST),
    ],
)
def test_a_reader_takes_half_of_what_its_control_group_may(
    tmp_path: Path, ours: str, limits: dict[str, str], wanted: int
) -> None:
    assert address_space(MOST, **folders(tmp_path, ours, limits)) == wanted


def test_where_nothing_tells_of_control_groups_there_are_none(tmp_path: Path) -> None:
    assert address_space(MOST, ours=tmp_path / "none", cgroups=tmp_path) == MOST


def test_a_reader_works_within_the_limit_of_the_bot() -> None:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["42", str(400 * MB), "1000"], done.stderr
