"""What the command line shows of what strangers wrote: their words, and nothing that steers the terminal."""

import json
from datetime import UTC, datetime
from io import StringIO

from rich.console import Console
from rich.table import Table

from bot import cli_output
from bot.core.model import FeedEntry
from bot.replay import Replayed, outlet_source, replay
from bot.sources.base import Probe
from tests import builders
from tests.fakes import real_subject

STEERING = "Wire\x1b[2J\x1b]0;owned\x07\x9b31m\u202e"
SEEN = "Wire[2J]0;owned31m"


def shown(table: Table) -> str:
    paper = StringIO()
    Console(file=paper, width=200).print(table)
    return paper.getvalue()


def archive() -> list[Replayed]:
    """One item of an outlet whose name is hostile."""
    entry = FeedEntry(
        title="NATO jets escort Russian bombers over the Baltic",
        guid="1",
        published=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return list(replay([(STEERING, outlet_source(STEERING, "en"), entry)], real_subject()))


def test_headers_of_a_server_do_not_steer_the_terminal() -> None:
    probe = Probe(
        source=builders.source(), status=STEERING, entries=0, newest=None, milliseconds=1, problem=f"says {STEERING}"
    )
    text = shown(cli_output.probe_table([probe]))
    assert text.count(SEEN) == 2
    assert not set(text) & set("\x1b\x07\x9b\u202e")


def test_names_in_an_archive_do_not_steer_the_terminal() -> None:
    for text in (shown(cli_output.replay_table(archive())), cli_output.stories_text(archive())):
        assert SEEN in text
        assert not set(text) & set("\x1b\x07\x9b\u202e")


def test_programs_read_such_names_as_they_are() -> None:
    line = cli_output.replay_line(archive()[0])
    assert not set(line) & set("\x1b\x07\x9b\u202e")
    assert json.loads(line)["id"] == STEERING
