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

# Each test starts the program, some several times.
pytestmark = pytest.mark.slow

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
    done = faultline(installation, "check", FAULTLINE_TELEGRAM__TOKEN=f"12345:{'hunter2' * 5}")
    assert done.returncode == 0, done.stderr
    assert "All is well." in done.stdout
    assert "database: sqlite:///data/faultline.db, will be created at the first start" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert not (installation / "data").exists(), "a check makes nothing"


def test_check_tells_of_tokens_a_database_and_sources_that_cannot_serve(installation: Path) -> None:
    (installation / "data").write_text("no folder")
    variables = {"FAULTLINE_TELEGRAM__TOKEN": "abc", "FAULTLINE_DISCORD__TOKEN": "def"}
    done = faultline(installation, "check", FAULTLINE_SOURCES="nothing.toml", **variables)
    assert done.returncode == 1
    assert "All is well" not in done.stdout
    telegram, discord, database, sources = done.stderr.splitlines()
    assert telegram.startswith("setting telegram.token (or FAULTLINE_TELEGRAM__TOKEN): doesn't look like a bot token")
    assert discord.startswith("setting discord.token (or FAULTLINE_DISCORD__TOKEN): doesn't look like a bot token")
    assert database.startswith("setting database.url (sqlite:///data/faultline.db): the database cannot be created: ")
    assert sources.startswith("nothing.toml: no source is enabled")
    silent = faultline(installation, "check", FAULTLINE_CONSOLE="false", FAULTLINE_DATABASE__URL="sqlite://")
    nobody, nowhere = silent.stderr.splitlines()
    assert "nobody to talk to" in nobody
    assert nowhere.startswith("setting database.url (sqlite://): names no file, so everything would be lost ")


def test_a_secret_that_others_can_read_is_told_by_check_and_once_by_the_log(installation: Path) -> None:
    env = installation / ".env"
    env.write_text(f"FAULTLINE_TELEGRAM__WEBHOOK_SECRET={'x' * 32}\n")
    env.chmod(0o644)
    told = f"{env} holds secrets and can be read by other users of this machine; chmod 600 {env} fixes that"
    check = faultline(installation, "check")
    assert (check.returncode, check.stderr) == (0, f"warning: {told}\n")
    run = faultline(installation, "run", typed="/rules\n", FAULTLINE_SOURCES="nothing.toml")
    assert run.stderr.count(told) == 1
    assert not [file for file in (installation / "data").iterdir() if file.stat().st_mode & 0o077]
    env.chmod(0o600)
    assert faultline(installation, "check").stderr == ""


def test_a_token_in_the_wrong_place_is_printed_by_nothing(installation: Path) -> None:
    token = f"123456789:{'A' * 35}"
    names = ("OWNERS", "SOURCES", "DATABASE__URL", "TELEGRAM__API_URL", "LOG__LEVEL", "CONSOLE", "DISCORD__TOKEN")
    wrong = {f"FAULTLINE_{name}": token for name in names}
    # Faults of settings are told before their sources are looked for.
    for variables in (wrong, {"FAULTLINE_SOURCES": token}, {"FAULTLINE_DATABASE__URL": token}):
        done = faultline(installation, "check", **variables)
        assert done.returncode == 1
        assert "A" * 35 not in done.stdout + done.stderr


def test_check_says_every_fault_of_every_file_at_once(installation: Path) -> None:
    (installation / "mine.toml").write_text('[[source]]\nid = "a b"\nurl = "ftp://x"\nside = "nato"\n')
    (installation / "config" / "subject" / "topics.toml").write_text('[topic.airspace]\nrules = ["(drone"]\n')
    (installation / "config" / "levels.toml").write_text("")
    done = faultline(installation, "check", FAULTLINE_SOURCES="mine.toml", FAULTLINE_CONSOL="1")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for words in (
        "FAULTLINE_CONSOL:",
        "config/levels.toml: isn't read there; move it to config/subject, or delete it",
        "config/subject/topics.toml, line 2, [topic.airspace], rules 1: This parenthesis is never closed",
    ):
        assert words in done.stderr


def test_faults_of_languages_are_told_before_any_word_is_read(installation: Path) -> None:
    (installation / "config" / "languages" / "en.toml").write_text('name = "English"\n[words]\nsmal = "a an the"\n')
    done = faultline(installation, "check")
    assert done.returncode == 1
    assert done.stderr == "config/languages/en.toml, line 3, [words], smal: isn't known here; did you mean small?\n"


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


def test_byte_order_marks_are_read_over_in_every_file(installation: Path) -> None:
    files = [installation / "archive.jsonl", installation / "nothing.toml", *(installation / "config").rglob("*.toml")]
    for file in files:
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    replayed = faultline(installation, "replay", "archive.jsonl", "--json")
    assert len(decisions(replayed.stdout)) == 4, replayed.stderr
    assert "All is well." in faultline(installation, "check").stdout
    assert "<opml" in faultline(installation, "sources", "export", FAULTLINE_SOURCES="nothing.toml").stdout


def test_a_bad_line_of_an_archive_is_named(installation: Path) -> None:
    (installation / "archive.jsonl").write_text('{"id": "1", "outlet": "x", "published": "2026-01-01T00:00:00Z"}\n')
    done = faultline(installation, "replay", "archive.jsonl")
    assert done.returncode == 1
    assert "line 1" in done.stderr
    assert "title" in done.stderr


def test_rules_test_shows_the_alerts_that_a_rule_would_have_sent(installation: Path) -> None:
    done = faultline(installation, "rules", "test", "nato -choir", "archive.jsonl", "--json")
    assert [alert["id"] for alert in decisions(done.stdout)] == ["1", "3"]
    shown = faultline(installation, "rules", "test", "nato -choir", "archive.jsonl").stdout
    assert "Alerts: 2, from 4 items." in shown


def test_a_rule_that_nothing_can_fit_is_marked(installation: Path) -> None:
    done = faultline(installation, "rules", "test", "nato -nato", "archive.jsonl")
    assert done.returncode == 1
    assert done.stderr.splitlines()[:2] == ["nato -nato", "     ^"]


def test_a_faulty_rule_is_marked_and_mended(installation: Path) -> None:
    done = faultline(installation, "rules", "test", "drone sorce:harbour", "archive.jsonl")
    assert done.returncode == 1
    assert "^" in done.stderr
    assert "source:harbour" in done.stderr


def test_sources_go_out_as_opml_and_come_back(installation: Path) -> None:
    (installation / "sources.opml").write_text(faultline(installation, "sources", "export").stdout)
    known = faultline(installation, "sources", "import", "sources.opml")
    assert known.stderr.startswith("0 new of 179")
    new = faultline(installation, "sources", "import", "sources.opml", FAULTLINE_SOURCES="nothing.toml")
    assert new.stdout.count("[[source]]") == 179


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


@pytest.mark.parametrize("told_by", [signal.SIGTERM, signal.SIGHUP])
def test_a_service_without_input_stops_promptly_when_told(installation: Path, told_by: signal.Signals) -> None:
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
    assert "No input" in process.stdout.readline()
    second = faultline(installation, "run", FAULTLINE_SOURCES="nothing.toml")
    assert second.returncode == 1
    assert "another Faultline" in second.stderr
    told = time.monotonic()
    process.send_signal(told_by)
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


def test_what_was_started_to_outlive_its_terminal_does(installation: Path) -> None:
    process = subprocess.Popen(
        ["nohup", sys.executable, "-m", "bot", "run"],
        cwd=installation,
        env=environment(FAULTLINE_SOURCES="nothing.toml"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "No input" in process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    process.terminate()
    process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0


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
    assert "another program is already listening on port" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_replay_lists_the_stories_with_their_items(installation: Path) -> None:
    done = faultline(installation, "replay", "archive.jsonl", "--stories")
    first, *_ = done.stdout.split("\n\n")
    head, *items = first.splitlines()
    assert head == "1: normal, items: 2, publishers: 1"
    assert [line.split("harbour: ")[1] for line in items] == [ARCHIVE[0]["title"], ARCHIVE[1]["title"]]
