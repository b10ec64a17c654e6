from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.commands.framework import quota
from bot.commands.framework.quota import MOST_ASKED, WINDOW, Quota, Refusal
from tests.builders import NOW

SECOND = timedelta(seconds=1)


def test_twenty_questions_in_any_minute_and_then_one_word() -> None:
    tried = Quota(MOST_ASKED)
    for second in range(MOST_ASKED):
        assert tried.ask("ann", NOW + second * SECOND) is None
    assert tried.ask("ann", NOW + 25 * SECOND) == Refusal(most=MOST_ASKED, wait=35 * SECOND, is_first=True)
    assert tried.ask("ann", NOW + 26 * SECOND) == Refusal(most=MOST_ASKED, wait=34 * SECOND, is_first=False)
    assert tried.ask("bob", NOW + 26 * SECOND) is None
    assert tried.ask("ann", NOW + 60 * SECOND) is None
    assert tried.ask("ann", NOW + 60 * SECOND) == Refusal(most=MOST_ASKED, wait=SECOND, is_first=False)


def test_the_word_comes_once_a_minute_however_long_somebody_goes_on() -> None:
    tried = Quota(2)
    refusals = [tried.ask("ann", NOW + second * SECOND) for second in range(180)]
    assert [second for second, refusal in enumerate(refusals) if refusal and refusal.is_first] == [2, 62, 122]
    assert [second for second, refusal in enumerate(refusals) if refusal is None] == [0, 1, 60, 61, 120, 121]


@given(gaps=st.lists(st.integers(0, 9000), max_size=200))
def test_no_minute_holds_more_answers_and_a_refusal_says_when_there_is_room(gaps: list[int]) -> None:
    tried, now = Quota(MOST_ASKED), NOW
    answered: list[datetime] = []
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        refusal = tried.ask("ann", now)
        within = [at for at in answered if now - at < WINDOW]
        assert (refusal is None) is (len(within) < MOST_ASKED)
        if refusal is None:
            answered.append(now)
        else:
            assert refusal.wait == within[0] + WINDOW - now > timedelta(0)


def test_memory_is_bounded_and_whoever_asks_now_is_remembered() -> None:
    tried = Quota(MOST_ASKED)
    for _ in range(MOST_ASKED):
        tried.ask("ann", NOW)
    for number in range(quota.PEOPLE_KEPT + 5):
        tried.ask(f"passer-by {number}", NOW)
        if number % 100 == 0:
            assert tried.ask("ann", NOW) is not None
    assert len(tried) == quota.PEOPLE_KEPT
