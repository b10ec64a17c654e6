"""The command line as a person uses it, in real processes on an installation of their own."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app

ROOT = Path(__file__).parent.parent
TIMEOUT = 60

OFF = '[[source]]\nid = "off"\nurl = "https://off.example/rss"\nside = "neutral"\nenabled = false\n'

ARCHIVE = [
    {"outlet": "harbour", "title": "NATO jets escort Russian bombers over the Baltic", "summary": "Two took off."},
    {"outlet": "harbour", "title": "NATO jets escort Russian bombers over the Baltic!", "summary": "Two took off."},
    {"outlet": "volga", "lang": "ru", "title": "НАТО наращивает силы у границ России, заявил МИД", "summary": ""},
    {"outlet": "harbour", "title": "Choir of senators wins the harbour prize", "summary": "They sang of Warsaw."},
]


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "nothing.toml").write_text(OFF)
    lines = (
        {"id": str(number), "lang": "en", "published": "2026-03-02T08:00:00+00:00"} | record
        for number, record in enumerate(ARCHIVE, start=1)
    )
    (tmp_path / "archive.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    return tmp_path


def environment(**variables: str) -> Mapping[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("FAULTLINE_")}
    return mine | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"} | variables


def faultline(folder: Path, *arguments: str, typed: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment(**variables),
        input=typed,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def decisions(text: str) -> Sequence[Mapping[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_check_finds_nothing_wrong_with_what_ships(installation: Path) -> None:
    done = faultline(installation, "check", FAULTLINE_TELEGRAM__TOKEN="12345:hunter2")
    assert done.returncode == 0, done.stderr
    assert "All is well." in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


def test_check_says_every_fault_of_every_file_at_once(installation: Path) -> None:
    (installation / "mine.toml").write_text('[[source]]\nid = "a b"\nurl = "ftp://x"\nside = "nato"\n')
    (installation / "config" / "topics.toml").write_text('[topic.airspace]\nrules = ["(drone"]\n')
    done = faultline(installation, "check", FAULTLINE_SOURCES="mine.toml", FAULTLINE_CONSOL="1")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for words in ("FAULTLINE_CONSOL:", "topics.toml", "airspace"):
        assert words in done.stderr


def test_an_error_is_one_clear_line_and_its_traceback_is_there_for_the_asking(installation: Path) -> None:
    done = faultline(installation, "replay", "nowhere.jsonl")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "nowhere.jsonl" in done.stderr
    assert "Traceback" in faultline(installation, "--debug", "replay", "nowhere.jsonl").stderr


@pytest.mark.parametrize("call", [["bogus"], ["replay"], ["rules", "test", "drone"], ["demo", "--seconds", "soon"]])
def test_a_wrong_call_is_one_line_too(installation: Path, call: list[str]) -> None:
    done = faultline(installation, *call)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "--help" in done.stderr


def test_a_rule_may_begin_with_a_minus(installation: Path) -> None:
    done = faultline(installation, "rules", "test", "-football", "archive.jsonl")
    assert done.returncode == 1
    assert "^" in done.stderr


def test_replay_decides_on_each_line(installation: Path) -> None:
    done = faultline(installation, "replay", "archive.jsonl", "--json")
    first, reprint, russian, choir = decisions(done.stdout)
    assert first == {
        "id": "1",
        "relevant": True,
        "relevance": "core",
        "topics": first["topics"],
        "story": "1",
        "level": "normal",
    }
    assert reprint["story"] == "1"
    assert russian["relevant"]
    assert choir == {"id": "4", "relevant": False, "relevance": "none", "topics": [], "story": "4", "level": "normal"}


def test_a_bad_line_of_an_archive_is_named(installation: Path) -> None:
    (installation / "archive.jsonl").write_text('{"id": "1", "outlet": "x", "published": "2026-01-01T00:00:00Z"}\n')
    done = faultline(installation, "replay", "archive.jsonl")
    assert done.returncode == 1
    assert "line 1" in done.stderr
    assert "title" in done.stderr


def test_rules_test_shows_what_a_rule_would_have_matched(installation: Path) -> None:
    done = faultline(installation, "rules", "test", "nato -choir", "archive.jsonl", "--json")
    assert [match["id"] for match in decisions(done.stdout)] == ["1", "2", "3"]
    shown = faultline(installation, "rules", "test", "nato -choir", "archive.jsonl").stdout
    assert "3 of 4 items." in shown


def test_a_faulty_rule_is_marked_and_mended(installation: Path) -> None:
    done = faultline(installation, "rules", "test", "drone sorce:harbour", "archive.jsonl")
    assert done.returncode == 1
    assert "^" in done.stderr
    assert "source:harbour" in done.stderr


def test_sources_go_out_as_opml_and_come_back(installation: Path) -> None:
    (installation / "sources.opml").write_text(faultline(installation, "sources", "export").stdout)
    known = faultline(installation, "sources", "import", "sources.opml")
    assert known.stderr.startswith("0 new of 115")
    new = faultline(installation, "sources", "import", "sources.opml", FAULTLINE_SOURCES="nothing.toml")
    assert new.stdout.count("[[source]]") == 115


@pytest.mark.parametrize(
    "command", [[], ["run"], ["demo"], ["check"], ["sources"], ["sources", "import"], ["replay"], ["rules", "test"]]
)
def test_every_command_has_help(command: list[str]) -> None:
    done = CliRunner().invoke(app, [*command, "--help"], terminal_width=200)
    assert done.exit_code == 0
    assert not command or "Example" in done.output


def test_a_piped_console_answers_and_ends_without_escape_codes(installation: Path) -> None:
    done = faultline(installation, "run", typed="/latest\n/follow drone\n1\n/rules\n", FAULTLINE_SOURCES="nothing.toml")
    assert done.returncode == 0, done.stderr
    assert "Saved as rule 1" in done.stdout
    assert "\x1b" not in done.stdout
    again = faultline(installation, "run", typed="/rules\n", FAULTLINE_SOURCES="nothing.toml")
    assert "drone" in again.stdout, "what was followed is still followed after a restart"


def test_a_service_without_input_stops_promptly_when_told(installation: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=installation,
        env=environment(FAULTLINE_SOURCES="nothing.toml"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "There is no input" in process.stdout.readline()
    second = faultline(installation, "run", FAULTLINE_SOURCES="nothing.toml")
    assert second.returncode == 1
    assert "another Faultline" in second.stderr
    told = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=TIMEOUT)
    assert time.monotonic() - told < 5
    assert process.returncode == 0, log
    assert "Traceback" not in log


def test_a_database_that_cannot_be_used_is_one_clear_line(installation: Path) -> None:
    with closing(sqlite3.connect(installation / "notes.db")) as connection:
        connection.execute("CREATE TABLE notes (text)")
    for name, words in (("notes.db", "this file belongs to another program"), ("archive.jsonl", "not a database")):
        done = faultline(
            installation, "run", FAULTLINE_SOURCES="nothing.toml", FAULTLINE_DATABASE__URL=f"sqlite:///{name}"
        )
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert words in line


def test_nobody_else_may_read_what_the_bot_writes(installation: Path) -> None:
    done = faultline(installation, "run", typed="/latest\n", FAULTLINE_SOURCES="nothing.toml")
    assert done.returncode == 0, done.stderr
    written = [installation / "data", *(installation / "data").iterdir()]
    assert [path.name for path in written if path.stat().st_mode & 0o077] == []


def test_a_port_that_is_taken_is_one_clear_line(installation: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = faultline(
            installation,
            "run",
            FAULTLINE_SOURCES="nothing.toml",
            FAULTLINE_TELEGRAM__TOKEN=f"12345:{'A' * 35}",
            FAULTLINE_TELEGRAM__API_URL="http://127.0.0.1:9",
            FAULTLINE_TELEGRAM__WEBHOOK_URL="https://bot.example/telegram",
            FAULTLINE_LISTEN__PORT=str(other.getsockname()[1]),
        )
    assert done.returncode == 1
    assert "another program listens on port" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_replay_lists_the_stories_with_their_items(installation: Path) -> None:
    done = faultline(installation, "replay", "archive.jsonl", "--stories")
    first, *_ = done.stdout.split("\n\n")
    head, *items = first.splitlines()
    assert head == "1: normal, items: 2, publishers: 1"
    assert [line.split("harbour: ")[1] for line in items] == [ARCHIVE[0]["title"], ARCHIVE[1]["title"]]
