"""The circuit breaker: when a platform is left alone, how it is asked again, and that it never holds up for long."""

from datetime import timedelta

from bot.delivery.breaker import LONGEST_PAUSE, MANY_UNHEARD, CircuitBreaker
from tests.builders import NOW

SECOND = timedelta(seconds=1)


def fails(breaker: CircuitBreaker, *chats: str) -> None:
    for chat in chats:
        breaker.began(chat, NOW)
        breaker.failed(chat, chat, NOW)


def test_the_first_send_without_an_answer_puts_it_in_doubt_and_the_platform_is_asked_at_once() -> None:
    breaker = CircuitBreaker()
    assert breaker.asks_at(NOW) is None
    fails(breaker, "ann")
    assert not breaker.is_open
    assert breaker.has_to_be_heard(NOW), "no other leaves before that is known"
    assert breaker.asks_at(NOW) == NOW
    breaker.is_asked()
    assert breaker.asks_at(NOW) is None, "one question at a time"


def test_a_chat_that_fails_alone_says_nothing_of_a_platform_that_is_there() -> None:
    breaker = CircuitBreaker()
    for _ in range(20):
        fails(breaker, "ann")
        breaker.is_asked()
        breaker.is_there()
        assert not breaker.is_open
        assert not breaker.has_to_be_heard(NOW)


def test_it_opens_when_the_platform_does_not_say_that_it_is_there() -> None:
    breaker = CircuitBreaker()
    fails(breaker, "ann")
    breaker.is_asked()
    breaker.is_not_there(NOW + 9 * SECOND)
    assert breaker.open_since == NOW


def test_three_chats_in_a_row_without_an_answer_open_it() -> None:
    breaker = CircuitBreaker()
    fails(breaker, "ann", "bob")
    assert not breaker.is_open
    fails(breaker, "eve")
    assert breaker.open_since == NOW


def test_an_answer_in_between_begins_the_count_anew() -> None:
    breaker = CircuitBreaker()
    fails(breaker, "ann", "bob")
    breaker.answered("zoe", NOW)
    fails(breaker, "eve", "ann")
    assert not breaker.is_open


def test_a_question_that_is_overtaken_by_an_answer_opens_nothing() -> None:
    breaker = CircuitBreaker()
    fails(breaker, "ann")
    breaker.is_asked()
    breaker.answered("bob", NOW)
    breaker.is_not_there(NOW)
    assert not breaker.is_open


def test_it_is_asked_again_after_growing_pauses() -> None:
    breaker = CircuitBreaker()
    fails(breaker, "ann")
    now, pauses = NOW, []
    for _ in range(7):
        at = breaker.asks_at(now)
        assert at is not None
        pauses.append((at - now).total_seconds())
        now = at
        breaker.is_asked()
        breaker.is_not_there(now)
    assert pauses == [0, 5, 10, 20, 40, 60, 60]


def test_the_first_answer_closes_it_and_the_next_outage_begins_with_a_short_pause() -> None:
    breaker = CircuitBreaker()
    for _ in range(2):
        fails(breaker, "ann", "bob", "eve")
        assert breaker.asks_at(NOW) == NOW + 5 * SECOND
        breaker.answered("ann", NOW)
        assert not breaker.is_open


def test_a_platform_that_is_there_and_answers_no_message_gets_one_at_a_time_after_growing_pauses() -> None:
    breaker = CircuitBreaker()
    fails(breaker, "ann", "bob", "eve")
    now, pauses = NOW, []
    for _ in range(4):
        at = breaker.asks_at(now)
        assert at is not None
        pauses.append((at - now).total_seconds())
        now = at
        breaker.is_asked()
        breaker.is_there()
        assert not breaker.has_to_be_heard(now)
        breaker.began("zoe", now)
        assert breaker.has_to_be_heard(now), "the next waits to see what becomes of that one"
        breaker.failed("zoe", "zoe", now)
        assert breaker.is_open
    assert pauses == [5, 10, 20, 40]


def test_a_clock_that_is_set_back_makes_no_pause_longer_than_it_was() -> None:
    breaker = CircuitBreaker()
    fails(breaker, "ann", "bob", "eve")
    earlier = NOW - timedelta(hours=1)
    at = breaker.asks_at(earlier)
    assert at is not None
    assert at <= earlier + LONGEST_PAUSE


def test_many_sends_under_way_let_the_next_one_wait_for_an_answer() -> None:
    breaker = CircuitBreaker()
    for number in range(MANY_UNHEARD):
        assert not breaker.has_to_be_heard(NOW)
        breaker.began(number, NOW)
    assert breaker.has_to_be_heard(NOW)
    breaker.answered(0, NOW)
    assert not breaker.has_to_be_heard(NOW)


def test_what_goes_on_while_others_are_answered_holds_nobody_up() -> None:
    breaker = CircuitBreaker()
    for number in range(MANY_UNHEARD):
        breaker.began(number, NOW)
    breaker.answered(0, NOW + SECOND)
    for number in range(MANY_UNHEARD - 1):
        breaker.began(f"another {number}", NOW + SECOND)
        assert not breaker.has_to_be_heard(NOW + SECOND)


def test_a_platform_that_answers_hundreds_a_second_may_have_as_many_under_way_as_it_answers_in_a_third() -> None:
    breaker = CircuitBreaker()
    for number in range(300):
        breaker.began(number, NOW)
        breaker.answered(number, NOW)
    for number in range(100):
        assert not breaker.has_to_be_heard(NOW)
        breaker.began(f"another {number}", NOW)
    assert breaker.has_to_be_heard(NOW)
    assert breaker.has_to_be_heard(NOW + SECOND)
