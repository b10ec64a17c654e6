"""The circuit breaker: when a platform is left alone, how it is asked again, and that it never holds up for long."""

from datetime import timedelta

from bot.delivery.breaker import LONGEST_PAUSE, MANY_UNHEARD, CircuitBreaker
from tests.builders import NOW

SECOND = timedelta(seconds=1)


def fails(breaker: CircuitBreaker, *chats: str) -> None:
    for chat in chats:
        breaker.began(chat, NOW)
        breaker.failed(chat, chat, NOW)


def test_three_chats_in_a_row_without_an_answer_open_it() -> None:
    breaker = CircuitBreaker()
    fails(breaker, "ann", "bob")
    assert not breaker.is_open
    fails(breaker, "eve")
    assert breaker.open_since == NOW


def test_one_chat_that_fails_for_ever_says_nothing_of_the_platform() -> None:
    breaker = CircuitBreaker()
    fails(breaker, *["ann"] * 20)
    assert not breaker.is_open


def test_an_answer_in_between_begins_the_count_anew() -> None:
    breaker = CircuitBreaker()
    fails(breaker, "ann", "bob")
    breaker.answered("zoe", NOW)
    fails(breaker, "eve", "ann")
    assert not breaker.is_open


def test_it_is_asked_again_after_growing_pauses_by_one_probe_at_a_time() -> None:
    breaker = CircuitBreaker()
    assert breaker.probe_at(NOW) is None, "closed"
    fails(breaker, "ann", "bob", "eve")
    now, pauses = NOW, []
    for _ in range(6):
        at = breaker.probe_at(now)
        assert at is not None
        pauses.append((at - now).total_seconds())
        now = at
        breaker.probe_begins()
        assert breaker.probe_at(now) is None, "one at a time"
        breaker.failed("ann", "ann", now)
        breaker.probe_ends(now, has_asked=True)
    assert pauses == [5, 10, 20, 40, 60, 60]


def test_the_first_answer_closes_it_and_the_next_outage_begins_with_a_short_pause() -> None:
    breaker = CircuitBreaker()
    for _ in range(2):
        fails(breaker, "ann", "bob", "eve")
        assert breaker.probe_at(NOW) == NOW + 5 * SECOND
        breaker.probe_begins()
        breaker.answered("ann", NOW)
        breaker.probe_ends(NOW, has_asked=True)
        assert not breaker.is_open


def test_a_probe_that_asked_nobody_makes_the_pause_no_longer() -> None:
    breaker = CircuitBreaker()
    fails(breaker, "ann", "bob", "eve")
    breaker.probe_begins()
    breaker.probe_ends(NOW, has_asked=False)
    assert breaker.probe_at(NOW) == NOW + 5 * SECOND


def test_a_clock_that_is_set_back_makes_no_pause_longer_than_it_was() -> None:
    breaker = CircuitBreaker()
    fails(breaker, "ann", "bob", "eve")
    earlier = NOW - timedelta(hours=1)
    at = breaker.probe_at(earlier)
    assert at is not None
    assert at <= earlier + LONGEST_PAUSE


def test_many_sends_without_any_answer_for_a_second_are_silence() -> None:
    breaker = CircuitBreaker()
    for number in range(MANY_UNHEARD):
        assert not breaker.is_silent(NOW + 9 * SECOND), "few may just be slow"
        breaker.began(number, NOW)
    assert not breaker.is_silent(NOW)
    assert breaker.is_silent(NOW + SECOND)
    breaker.answered(0, NOW + SECOND)
    breaker.began("another", NOW + SECOND)
    assert not breaker.is_silent(NOW + SECOND)
