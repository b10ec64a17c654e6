"""What pacing promises to one chat and to all, told message by message; answers come at once here."""

from collections import defaultdict
from collections.abc import Hashable
from datetime import timedelta

import pytest

from bot.core.model import Urgency
from bot.delivery.limits import ChatKind, Limits, Window
from bot.delivery.scheduler import Permit, SendScheduler
from bot.platforms.discord.adapter import LIMITS as DISCORD
from bot.platforms.telegram.adapter import LIMITS as TELEGRAM
from bot.platforms.telegram.adapter import PAID_LIMITS as TELEGRAM_PAID
from tests.builders import NOW, ManualClock

STEP = 1 / 29  # seconds from one message to the next at Telegram's 30 a second, less our headroom


class Desk:
    """Sends what it is told to as its scheduler allows; `sent` says when (seconds from the start) and what."""

    def __init__(self, limits: Limits = TELEGRAM) -> None:
        self.clock = ManualClock()
        self.scheduler: SendScheduler[str] = SendScheduler(limits, self.clock.now())
        self.sent: list[tuple[float, str]] = []
        self._refusals: dict[Hashable, list[float]] = defaultdict(list)
        self._given_up: set[str] = set()

    def owe(
        self,
        ticket: str,
        chat: str = "ann",
        *,
        kind: ChatKind = ChatKind.PRIVATE,
        urgency: Urgency = Urgency.ALERT,
    ) -> None:
        self.scheduler.push(ticket, chat=chat, kind=kind, urgency=urgency, now=self.clock.now())

    def give_up(self, *tickets: str) -> None:
        """Nobody waits for these any more: their turns will be passed over, as the limiter does."""
        self._given_up.update(tickets)

    def refuse(self, chat: str, *, seconds: float) -> None:
        """The platform will refuse the next message to this chat."""
        self._refusals[chat].append(seconds)

    def run(self, seconds: float = 0) -> list[str]:
        """Let so much time pass; returns what was sent in it."""
        before, end = len(self.sent), self.clock.now() + timedelta(seconds=seconds)
        while (due := self.scheduler.next_time(self.clock.now())) and due <= end:
            self.clock.advance(seconds=(due - self.clock.now()).total_seconds())
            while turn := self.scheduler.pop(self.clock.now()):
                self._send(turn)
        self.clock.advance(seconds=(end - self.clock.now()).total_seconds())
        return [ticket for _, ticket in self.sent[before:]]

    def time_of(self, ticket: str) -> float:
        return next(time for time, sent in self.sent if sent == ticket)

    def _send(self, turn: Permit[str]) -> None:
        now = self.clock.now()
        if turn.ticket in self._given_up:
            self.scheduler.unsent(turn, now)
        elif self._refusals[turn.chat]:
            self.scheduler.refused(turn, timedelta(seconds=self._refusals[turn.chat].pop(0)), now)
        else:
            self.sent.append(((now - NOW).total_seconds(), turn.ticket))
            self.scheduler.sent(turn, now)


def most_within(seconds: float, times: list[float]) -> int:
    """How many of the times the fullest stretch of this length holds, wherever it begins."""
    return max(sum(begin <= time < begin + seconds - 1e-6 for time in times) for begin in times)


def test_nothing_waits_where_there_is_no_limit() -> None:
    desk = Desk(Limits())
    for number in range(100):
        desk.owe(f"{number}")
    assert desk.run() == [f"{number}" for number in range(100)]


def test_the_urgent_go_first() -> None:
    desk = Desk()
    for urgency in reversed(Urgency):
        desk.owe(urgency.name, chat=urgency.name, urgency=urgency)
    assert desk.run(1) == ["REPLY", "BREAKING", "ALERT", "DIGEST", "EDIT"]


def test_the_urgent_go_first_within_one_chat_too() -> None:
    desk = Desk()
    for urgency in reversed(Urgency):
        desk.owe(urgency.name, urgency=urgency)
    assert desk.run(10) == ["REPLY", "BREAKING", "ALERT", "DIGEST", "EDIT"]


def test_a_chat_gets_one_message_a_second_and_holds_up_nobody() -> None:
    desk = Desk()
    for number in range(3):
        desk.owe(f"ann {number}")
    desk.owe("bob 0", chat="bob")
    assert desk.run(0.5) == ["ann 0", "bob 0"]
    assert desk.run(0.499) == []
    assert desk.run(0.001) == ["ann 1"]
    assert desk.run(1) == ["ann 2"]


def test_a_chat_has_one_message_under_way_at_a_time() -> None:
    desk = Desk(Limits())
    desk.owe("first")
    desk.owe("second")
    turn = desk.scheduler.pop(desk.clock.now())
    assert turn
    assert turn.ticket == "first"
    assert desk.scheduler.pop(desk.clock.now()) is None
    assert desk.scheduler.next_time(desk.clock.now()) is None
    desk.scheduler.sent(turn, desk.clock.now())
    assert desk.run() == ["second"]


def test_a_chats_second_begins_with_the_answer() -> None:
    desk = Desk()
    desk.owe("first")
    desk.owe("second")
    turn = desk.scheduler.pop(desk.clock.now())
    assert turn
    desk.clock.advance(seconds=5)
    desk.scheduler.sent(turn, desk.clock.now())
    assert desk.run(0.999) == []
    assert desk.run(0.001) == ["second"]


def test_of_alerts_that_come_together_every_chat_gets_one_before_any_gets_two() -> None:
    desk = Desk(Limits(per_second=1))
    for number in range(3):
        desk.owe(f"ann {number}")
    desk.owe("bob", chat="bob")
    desk.owe("cid", chat="cid")
    assert desk.run(6) == ["ann 0", "bob", "cid", "ann 1", "ann 2"]


def test_a_busy_chat_is_not_overtaken_for_ever() -> None:
    desk = Desk(Limits(per_second=1))
    desk.owe("ann 0")
    desk.owe("ann 1")
    for number in range(120):
        desk.owe(f"stranger {number}", chat=f"stranger {number}")
        desk.run(1)
    assert 60 < desk.time_of("ann 1") < 65


def test_what_a_chat_asked_for_does_not_delay_its_alerts() -> None:
    desk = Desk(Limits(per_second=1))
    for number in range(3):
        desk.owe(f"reply {number}", urgency=Urgency.REPLY)
    desk.owe("ann's alert")
    desk.owe("bob's alert", chat="bob")
    assert desk.run(6)[3:] == ["ann's alert", "bob's alert"]


def test_a_group_gets_eighteen_alerts_a_minute_and_two_replies_besides() -> None:
    desk = Desk()
    for number in range(40):
        desk.owe(f"alert {number}", kind=ChatKind.GROUP)
    assert len(desk.run(30)) == 18
    desk.owe("reply 1", urgency=Urgency.REPLY)
    assert desk.run() == ["reply 1"]
    desk.owe("reply 2", urgency=Urgency.REPLY)
    assert desk.run(1) == ["reply 2"]
    desk.owe("reply 3", urgency=Urgency.REPLY)
    assert desk.run(28) == []
    assert desk.run(5)[:1] == ["reply 3"]
    desk.run(200)
    assert most_within(60, [time for time, _ in desk.sent]) == 20
    assert len(desk.sent) == 43


@pytest.mark.parametrize(("limits", "most"), [(TELEGRAM, 30), (TELEGRAM_PAID, 1000), (DISCORD, 45)])
def test_no_second_holds_more_than_the_limit_even_after_rest(limits: Limits, most: int) -> None:
    desk = Desk(limits)
    desk.run(3600)
    for number in range(3 * most):
        desk.owe(f"{number}", chat=f"{number}")
    desk.run(10)
    times = [time for time, _ in desk.sent]
    assert len(times) == 3 * most
    assert most_within(1, times[: 2 * most]) <= most
    assert times[-1] - times[0] < 3 * 1.04


def test_a_caller_that_wakes_late_makes_up_for_it_within_the_limit() -> None:
    desk = Desk()
    for number in range(200):
        desk.owe(f"{number}", chat=f"{number}")
    while len(desk.sent) < 200:
        due = desk.scheduler.next_time(desk.clock.now())
        assert due
        desk.clock.advance(seconds=max((due - desk.clock.now()).total_seconds(), 0) + 0.02)
        desk.run()
    times = [time for time, _ in desk.sent]
    assert times[-1] < 200 * STEP + 0.05
    assert most_within(1, times) <= 30


def test_discord_allows_a_channel_five_messages_in_five_seconds() -> None:
    desk = Desk(DISCORD)
    for number in range(11):
        desk.owe(f"{number}")
    assert [len(desk.run(seconds)) for seconds in (1, 3.9, 1, 4, 1)] == [5, 0, 5, 0, 1]


def test_a_refusal_stays_with_its_chat_and_the_message_goes_first_when_it_is_over() -> None:
    desk = Desk()
    desk.refuse("ann", seconds=30)
    desk.owe("ann 0")
    desk.owe("ann 1")
    desk.owe("bob", chat="bob")
    assert desk.run(29.9) == ["bob"]
    desk.owe("reply", urgency=Urgency.REPLY)
    assert desk.run(0.05) == []
    assert desk.run(10) == ["reply", "ann 0", "ann 1"]


def test_a_refusal_binds_messages_that_come_later_however_long_it_lasts() -> None:
    desk = Desk()
    desk.refuse("ann", seconds=3_600)
    desk.owe("ann 0")
    desk.run(60)
    desk.give_up("ann 0")
    for number in range(3_000):
        desk.owe(f"{number}", chat=f"{number}")
        desk.run(1)
    desk.owe("ann 1")
    assert desk.run(500) == []
    assert desk.run(100) == ["ann 1"]


def test_several_chats_refused_in_a_row_hold_all_for_the_shortest_of_their_waits() -> None:
    desk = Desk()
    for chat, seconds in (("ann", 7), ("bob", 5), ("cid", 9)):
        desk.refuse(chat, seconds=seconds)
        desk.owe(chat, chat=chat)
    desk.owe("dan", chat="dan")
    desk.owe("eve", chat="eve", urgency=Urgency.EDIT)
    assert desk.run(5.0) == []
    assert desk.run(10) == ["bob", "dan", "eve", "ann", "cid"]


def test_nobody_else_waits_longer_than_a_minute_for_what_others_were_told() -> None:
    desk = Desk()
    for chat in ("ann", "bob", "cid"):
        desk.refuse(chat, seconds=43_200)
        desk.owe(chat, chat=chat)
    desk.owe("dan", chat="dan")
    assert desk.run(60) == []
    assert desk.run(1) == ["dan"]


def test_refusals_with_a_success_between_hold_nobody() -> None:
    desk = Desk()
    for chat in ("ann", "bob", "lucky", "cid"):
        if chat != "lucky":
            desk.refuse(chat, seconds=30)
        desk.owe(chat, chat=chat)
    desk.owe("dan", chat="dan")
    assert desk.run(1) == ["lucky", "dan"]


def test_chats_that_were_just_served_are_refused_for_their_own_sake() -> None:
    desk = Desk()
    chats = [f"group {number}" for number in range(5)]
    for chat in chats:
        desk.owe(f"{chat}: first", chat=chat)
    desk.run(2)
    for chat in chats:
        desk.refuse(chat, seconds=30)
        desk.owe(f"{chat}: second", chat=chat)
    desk.run(1)
    before = len(desk.sent)
    for number in range(100):
        desk.owe(f"{number}", chat=f"{number}")
    assert len(desk.run(1)) in (29, 30), "the rate is what it was"
    assert len(desk.sent) - before in (29, 30)


def sent_in_a_second(desk: Desk, name: str) -> int:
    """How many go in a second's time to chats that were not sent to before."""
    for number in range(40):
        desk.owe(f"{name} {number}", chat=f"{name} {number}")
    sent = len(desk.run(1))
    desk.give_up(*(f"{name} {number}" for number in range(40)))
    return sent


def test_the_rate_gives_way_once_for_the_refusals_of_one_second_and_recovers_when_it_is_quiet() -> None:
    desk = Desk()
    desk.run(10)
    assert sent_in_a_second(desk, "before") == 30
    for chat in ("ann", "bob"):
        desk.refuse(chat, seconds=1)
        desk.owe(chat, chat=chat)
    assert sorted(desk.run(2)) == ["ann", "bob"]
    assert sent_in_a_second(desk, "slower") == 28, "29 x 0.93, and one to make up for rest"
    desk.run(20)
    assert sent_in_a_second(desk, "a little faster") == 29
    desk.run(3600)
    assert sent_in_a_second(desk, "as before") == 30


def test_chats_refused_together_slow_all_down_as_three_refusals_do() -> None:
    desk = Desk()
    turns = []
    for chat in ("ann", "bob", "cid", "dan", "eve"):
        desk.owe(chat, chat=chat)
        desk.clock.advance(seconds=0.1)
        turns.append(desk.scheduler.pop(desk.clock.now()))
    for turn in turns:
        assert turn
        desk.scheduler.refused(turn, timedelta(seconds=2), desk.clock.now())
    assert len(desk.run(5)) == 5
    assert sent_in_a_second(desk, "slower") == 25, "29 x 0.93 x 0.93 x 0.93, and one to make up for rest"


def test_refusals_that_are_over_hide_no_others() -> None:
    desk = Desk()
    desk.refuse("ann", seconds=1)
    desk.owe("ann")
    desk.run()
    desk.give_up("ann")
    desk.run(10)
    for chat in ("bob", "cid", "dan"):
        desk.refuse(chat, seconds=5)
        desk.owe(chat, chat=chat)
    desk.run(0.5)
    desk.owe("eve", chat="eve", urgency=Urgency.REPLY)
    assert desk.run(4) == []
    assert desk.run(1) == ["eve", "bob", "cid", "dan"]


def test_the_rate_does_not_grow_while_anybody_is_refused() -> None:
    desk = Desk()
    desk.owe("ann 0")
    desk.refuse("stranger", seconds=1)
    desk.owe("stranger", chat="stranger")
    for number in range(1, 6):
        desk.run(10)
        desk.refuse("ann", seconds=1)
        desk.owe(f"ann {number}")
    desk.run(3)
    assert sent_in_a_second(desk, "slower") == 28


def test_the_rate_never_falls_below_a_tenth() -> None:
    desk = Desk()
    for number in range(60):
        desk.refuse(f"{number}", seconds=2)
        desk.owe(f"{number}", chat=f"{number}")
        desk.run(1.5)
    desk.run(3)
    assert sent_in_a_second(desk, "slow") >= 3


def test_a_message_that_nobody_wants_any_more_costs_its_chat_nothing() -> None:
    desk = Desk()
    for number in range(21):
        desk.owe(f"given up {number}", kind=ChatKind.GROUP)
        turn = desk.scheduler.pop(desk.clock.now())
        assert turn
        desk.scheduler.unsent(turn, desk.clock.now())
        desk.clock.advance(seconds=STEP + 0.001)
    desk.owe("wanted", kind=ChatKind.GROUP)
    assert desk.run() == ["wanted"]


def test_a_message_that_was_not_sent_is_no_success_among_refusals() -> None:
    desk = Desk()
    for chat in ("ann", "bob", "given up", "cid"):
        desk.clock.advance(seconds=0.1)
        desk.owe(chat, chat=chat)
        turn = desk.scheduler.pop(desk.clock.now())
        assert turn
        if chat == "given up":
            desk.scheduler.unsent(turn, desk.clock.now())
        else:
            desk.scheduler.refused(turn, timedelta(seconds=30), desk.clock.now())
    desk.owe("dan", chat="dan")
    assert desk.run(29) == []


def test_a_turn_is_reported_once() -> None:
    desk = Desk()
    desk.owe("first")
    turn = desk.scheduler.pop(desk.clock.now())
    assert turn
    desk.scheduler.sent(turn, desk.clock.now())
    with pytest.raises(ValueError, match="nothing is under way to 'ann'"):
        desk.scheduler.sent(turn, desk.clock.now())


def test_a_clock_that_is_set_back_costs_nothing() -> None:
    desk = Desk()
    for number in range(3):
        desk.owe(f"{number}")
    desk.run(0.5)
    desk.run()
    desk.clock.advance(hours=-1)
    assert desk.run(0.4) == []
    assert desk.run(1.2) == ["1", "2"]


def test_chats_that_have_been_quiet_are_forgotten() -> None:
    desk = Desk()
    for number in range(1000):
        desk.owe(f"{number}", chat=f"{number}")
    desk.run(3600)
    desk.owe("last")
    desk.run()
    assert len(desk.scheduler._chats) == 1


def test_a_long_queue_is_served_while_short_ones_wait_lest_it_be_the_last_for_long() -> None:
    desk = Desk(Limits(per_second=2, chat={ChatKind.PRIVATE: (Window(messages=1, seconds=1),)}))
    for number in range(50):
        desk.owe(f"chat {number}", chat=f"chat {number}")
    for number in range(40):
        desk.owe(f"busy {number}", chat="busy")
    desk.run(100)
    assert len(desk.sent) == 90
    assert desk.sent[-1][0] < 50, "90 messages take 46.5 s; the busy chat alone 40"
