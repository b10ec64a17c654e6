import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import StorageError
from bot.log import HIDDEN, start_log, without_secrets

TOKEN = "123456789:AAE-abcdefghijklmnopqrstuvwxyz012345"


@pytest.fixture(autouse=True)
def the_log_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def logged(form: str = "json", secrets: tuple[str, ...] = ()) -> list[str]:
    stream = io.StringIO()
    with redirect_stderr(stream):
        start_log(level="info", form=form, secrets=secrets)
        structlog.get_logger().info("polled", url=f"https://api.example/bot{TOKEN}/getMe", note="say hunter2")
        logging.getLogger("somebody").warning("their words: hunter2 %s", TOKEN)
        try:
            int("hunter2 in a traceback")
        except ValueError:
            structlog.get_logger().exception("failed")
        logging.getLogger("alembic").info("chatter")
    return stream.getvalue().splitlines()


def test_lines_are_json_when_asked_and_have_a_time() -> None:
    first = json.loads(logged()[0])
    assert first["event"] == "polled"
    assert first["level"] == "info"
    assert first["timestamp"].endswith("Z")


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_secret_reaches_the_log_from_anywhere(form: str) -> None:
    told = "\n".join(logged(form, ("hunter2",)))
    assert "hunter2" not in told
    assert TOKEN not in told
    assert told.count(HIDDEN) >= 3
    assert "ValueError" in told


def fails_with(fault: Exception) -> None:
    raise fault


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_an_outage_prevents_is_a_line_and_no_traceback(form: str) -> None:
    stream = io.StringIO()
    with redirect_stderr(stream):
        start_log(level="info", form=form, secrets=())
        for fault in (StorageError("the disk is full"), ValueError("a fault of ours")):
            try:
                fails_with(fault)
            except Exception:
                structlog.get_logger().exception("an update could not be handled")
                logging.getLogger("somebody").exception("nor can this")
    told = stream.getvalue()
    first, second, *others = told.splitlines()
    assert "the disk is full" in first
    assert "the disk is full" in second
    assert "StorageError" not in told
    assert "\n".join(others).count("Traceback") == 2


def test_libraries_that_chatter_are_quiet() -> None:
    assert not any("chatter" in line for line in logged())


def test_a_password_in_an_address_is_hidden() -> None:
    assert without_secrets("postgresql://ann:pass@db/news") == f"postgresql://ann:{HIDDEN}@db/news"


@given(st.text(), st.text(min_size=1))
def test_a_secret_is_never_left_over(text: str, secret: str) -> None:
    if secret not in HIDDEN:
        assert secret not in without_secrets(text + secret, (secret,)).replace(HIDDEN, "")


def test_the_log_goes_to_standard_error_not_among_the_messages(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(level="info", form="text", secrets=())
    structlog.get_logger().info("hello")
    assert capsys.readouterr().out == ""
    assert sys.stderr is not None


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_a_server_says_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str], form: str) -> None:
    start_log(level="info", form=form, secrets=())
    structlog.get_logger().info("poll failed", problem="says:\x1b[2Jgone\x9b31m\u202e")
    told = capsys.readouterr().err
    assert "says:[2Jgone31m" in told
    assert not set(told) & set("\x1b\x9b\u202e")
