"""What all platforms share: how long to leave one alone, and presses of impatient fingers."""

from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.buttons import PRESSES_KEPT, DoubleClickGuard
from bot.platforms.connection import LONGEST_WAIT, Connection, wait_after
from tests.builders import ManualClock
from tests.platforms.telegram.line import Naps


@given(st.integers(1, 10_000))
def test_waits_grow_up_to_a_minute_and_keep_no_step(failures: int) -> None:
    wait = wait_after(failures).total_seconds()
    longest = min(2.0 ** min(failures - 1, 10), LONGEST_WAIT.total_seconds())
    assert 0.75 * longest <= wait <= longest


async def test_a_connection_says_since_when_it_is_away() -> None:
    clock = ManualClock()
    connection = Connection("Wire", clock, Naps(clock))
    assert connection.state == "waiting for Wire since 12:00 UTC"
    connection.restored()
    assert connection.state == "connected"
    clock.advance(minutes=5)
    connection.lost()
    clock.advance(minutes=5)
    await connection.wait_out("gone")
    assert connection.state == "waiting for Wire since 12:05 UTC"


def test_only_the_same_button_of_the_same_message_pressed_soon_again_is_a_repetition() -> None:
    clock = ManualClock()
    presses = DoubleClickGuard(clock)
    assert not presses.is_repeated(1, "/rules")
    assert presses.is_repeated(1, "/rules")
    assert not presses.is_repeated(2, "/rules")
    assert not presses.is_repeated(1, "/help")
    clock.advance(seconds=11)
    assert not presses.is_repeated(1, "/help")


def test_presses_are_not_remembered_for_ever() -> None:
    presses = DoubleClickGuard(ManualClock())
    for message in range(PRESSES_KEPT + 1):
        presses.is_repeated(message, "/rules")
    assert not presses.is_repeated(0, "/rules")
