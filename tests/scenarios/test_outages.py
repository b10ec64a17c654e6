"""Platforms that are ill for a while: every alert waits, and nothing is lost or told over and over."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.message.blocks import plain
from bot.errors import ChatClosed, PlatformAway, SendError, SendUnknown
from bot.storage import subscribers
from tests import builders
from tests.fakes import Town

CABLE = "NATO says a Russian ship cut a Baltic cable"
DRONE = "Drone crosses into Estonia, fighter jets scrambled"
PEOPLE = [f"person{number}" for number in range(12)]


async def everybody_follows(town: Town) -> None:
    for who in PEOPLE:
        await town.follow(who, "baltic OR estonia")


async def is_found(town: Town, title: str) -> None:
    """News comes, and its alerts are due."""
    town.publish(title)
    town.clock.advance(minutes=1)
    await town.app.poller.poll_due()


async def wait(town: Town, **span: float) -> None:
    """Time goes by for the dispatcher alone."""
    end = town.clock.now() + timedelta(**span)
    while town.clock.now() < end:
        await town.app.dispatcher.dispatch_due()
        town.clock.advance(seconds=20)
    await town.app.dispatcher.dispatch_due()


def arrived_for(town: Town) -> int:
    return sum(bool(town.alerts(who)) for who in PEOPLE)


@pytest.mark.parametrize("outage", [PlatformAway("no connection"), SendUnknown("HTTP 502")])
async def test_an_outage_of_forty_three_minutes_loses_no_alert(town: Town, outage: SendError) -> None:
    await everybody_follows(town)
    town.chats.outage = outage
    await is_found(town, CABLE)
    await wait(town, minutes=43)
    assert arrived_for(town) == 0
    town.chats.outage = None
    await wait(town, minutes=2)
    assert [town.alerts(who) for who in PEOPLE] == [[CABLE]] * len(PEOPLE)


@pytest.mark.parametrize("chats", [1, 2, 3, 12])
async def test_an_outage_repeats_nothing_more_than_once_however_few_chats_there_are(town: Town, chats: int) -> None:
    for who in PEOPLE[:chats]:
        await town.follow(who, "baltic OR estonia")
    town.chats.outage = SendUnknown("HTTP 502")
    await is_found(town, CABLE)
    await wait(town, minutes=43)
    assert max(town.chats.asked_for.values()) == 1, "who is asked is the platform, by what nobody sees"
    assert town.chats.asked_whether_there > 40
    since = town.clock.now()
    town.chats.outage = None
    await wait(town, minutes=2)
    assert [len(town.alerts(who)) for who in PEOPLE[:chats]] == [1] * chats
    assert max(town.chats.asked_for.values()) <= 2
    assert town.clock.now() - since < timedelta(minutes=3)


async def test_a_platform_that_is_there_and_answers_no_message_repeats_little(town: Town) -> None:
    await everybody_follows(town)
    town.chats.is_away = False
    town.chats.outage = SendUnknown("HTTP 502")
    await is_found(town, CABLE)
    await wait(town, minutes=43)
    assert sum(town.chats.asked_for.values()) < 50, "one at a time"
    assert max(town.chats.asked_for.values()) <= 4
    town.chats.outage = None
    await wait(town, minutes=21)
    assert arrived_for(town) == len(PEOPLE)


async def test_a_platform_is_well_again_though_nothing_is_owed_there(town: Town) -> None:
    await everybody_follows(town)
    town.chats.outage = PlatformAway("no connection")
    await is_found(town, CABLE)
    await wait(town, minutes=20)
    for who in PEOPLE[1:]:
        await town.say(who, "/forget yes")
    await town.say(PEOPLE[0], "/mute baltic")
    town.chats.outage = None
    await wait(town, minutes=2)
    assert "fake: connected" in plain(await town.say("olga", "/status"))


async def test_those_who_want_nothing_any_more_hold_up_nobody(town: Town) -> None:
    await everybody_follows(town)
    town.chats.outage = PlatformAway("no connection")
    await is_found(town, CABLE)
    await wait(town, minutes=20)
    for who in PEOPLE[:-1]:
        await town.say(who, "/mute baltic")
    town.chats.outage = None
    await wait(town, seconds=80)
    assert town.alerts(PEOPLE[-1]) == [CABLE]


async def test_the_first_answer_lets_all_go_on_and_a_refusal_is_an_answer(town: Town) -> None:
    await everybody_follows(town)
    town.chats.outage = PlatformAway("no connection")
    await is_found(town, CABLE)
    await wait(town, minutes=20)
    town.chats.outage = None
    for who in PEOPLE:
        town.chats.errors[who] = [SendError("no way")]
    await wait(town, minutes=2)
    assert arrived_for(town) == len(PEOPLE)


async def test_status_says_that_a_platform_takes_nothing_and_since_when(town: Town) -> None:
    await everybody_follows(town)
    town.chats.outage = PlatformAway("no connection")
    await is_found(town, CABLE)
    since = town.clock.now()
    await wait(town, minutes=30)
    assert f"fake: has taken no alerts since {since:%H:%M} UTC; they are waiting" in plain(
        await town.say("ann", "/status")
    )
    town.chats.outage = None
    await wait(town, minutes=2)
    assert "fake: connected" in plain(await town.say("ann", "/status"))


async def test_what_waited_for_a_day_is_given_up_and_people_can_see_it(town: Town) -> None:
    await everybody_follows(town)
    town.chats.outage = PlatformAway("no connection")
    await is_found(town, CABLE)
    await wait(town, minutes=10)
    town.clock.advance(hours=23, minutes=40)
    await is_found(town, DRONE)
    await wait(town, minutes=20)
    status = plain(await town.say("ann", "/status"))
    assert "12 waiting, 0 sent, 12 given up" in status
    missed = plain(await town.say(PEOPLE[0], "/missed"))
    assert CABLE in missed
    assert "It couldn't be sent: gave up after a day" in missed
    assert DRONE not in missed, "it waits"
    town.chats.outage = None
    await wait(town, minutes=3)
    assert [town.alerts(who) for who in PEOPLE] == [[DRONE]] * len(PEOPLE), "a day late is no alert any more"


async def test_a_chat_that_fails_alone_holds_up_nobody_and_is_tried_again(town: Town) -> None:
    await everybody_follows(town)
    town.chats.errors[PEOPLE[0]] = [SendUnknown("HTTP 502") for _ in range(3)]
    await is_found(town, CABLE)
    await wait(town, minutes=2)
    assert arrived_for(town) == len(PEOPLE) - 1
    await wait(town, minutes=40)
    assert town.alerts(PEOPLE[0]) == [CABLE]


async def test_a_message_that_no_try_gets_through_holds_up_no_other_of_its_chat(town: Town) -> None:
    await town.follow("ann", "baltic OR estonia")
    town.chats.errors["ann"] = [SendError("no way")]
    await is_found(town, CABLE)
    await is_found(town, DRONE)
    await town.app.dispatcher.dispatch_due()
    assert town.alerts("ann") == [DRONE]
    await wait(town, minutes=1)
    assert sorted(town.alerts("ann")) == sorted([CABLE, DRONE])


async def test_while_nothing_can_be_written_down_next_to_nothing_is_sent(town: Town, tmp_path: Path) -> None:
    await everybody_follows(town)
    await is_found(town, CABLE)
    sending = await wait_for_turns(town)
    with closing(sqlite3.connect(tmp_path / "town.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        town.chats.gives_turns.set()
        for _ in range(50):
            await asyncio.sleep(0.005)
        assert sum(town.chats.asked_for.values()) == 0, "what leaves now might be forgotten by a kill, and sent twice"
        other.rollback()
    await sending
    assert arrived_for(town) == len(PEOPLE)


async def test_a_chat_that_opens_again_reads_the_older_alert_first(town: Town) -> None:
    await town.follow("ann", "baltic OR estonia")
    town.chats.errors["ann"] = [ChatClosed("no rights", retry_after=timedelta(minutes=10)) for _ in range(500)]
    await is_found(town, CABLE)
    await wait(town, minutes=5)
    await is_found(town, DRONE)
    await wait(town, minutes=5)
    town.chats.errors["ann"] = []
    await wait(town, minutes=12)
    assert town.alerts("ann") == [CABLE, DRONE]


# The last look


async def wait_for_turns(town: Town) -> asyncio.Task[None]:
    """Everything that is due is taken up, and waits for its turn."""
    town.chats.gives_turns.clear()
    sending = asyncio.create_task(town.app.dispatcher.dispatch_due())
    async with asyncio.timeout(10):
        while not town.chats.gives_turns._waiters:  # noqa: ASYNC110  nobody tells when
            await asyncio.sleep(0.001)
    return sending


@pytest.mark.parametrize(
    "line", ["/pause", "/pause 2h", "/unfollow 1", "/forget yes", "/mute baltic", "/mute story id:1"]
)
async def test_nothing_comes_of_what_waits_for_its_turn_once_it_is_not_wanted_any_more(town: Town, line: str) -> None:
    await town.follow("ann", "baltic OR estonia")
    await town.follow("bob", "baltic OR estonia")
    await is_found(town, CABLE)
    sending = await wait_for_turns(town)
    await town.say("ann", line)
    town.chats.gives_turns.set()
    await sending
    await wait(town, minutes=2)
    assert town.alerts("ann") == []
    assert town.alerts("bob") == [CABLE]


@pytest.mark.parametrize("line", ["/settings level breaking", "/level 1 breaking"])
async def test_what_waits_for_its_turn_is_held_back_by_a_level_that_is_set_meanwhile(town: Town, line: str) -> None:
    await town.follow("ann", "baltic OR estonia")
    await is_found(town, CABLE)
    sending = await wait_for_turns(town)
    await town.say("ann", line)
    town.chats.gives_turns.set()
    await sending
    await wait(town, minutes=2)
    assert town.alerts("ann") == []
    assert "sends breaking stories only" in plain(await town.say("ann", "/missed"))


@pytest.mark.parametrize("line", ["/level 1 breaking", "/unfollow 1"])
async def test_an_alert_that_waits_for_its_turn_comes_by_another_rule_that_asks_for_it_then(
    town: Town, line: str
) -> None:
    await town.follow("ann", "cable")
    await town.follow("ann", "baltic")
    await is_found(town, CABLE)
    sending = await wait_for_turns(town)
    await town.say("ann", line)
    town.chats.gives_turns.set()
    await sending
    await wait(town, minutes=1)
    assert "Your rule 2" in plain(town.chats.arrived["ann"][0])


async def test_silence_that_is_asked_for_while_an_alert_waits_is_kept(town: Town) -> None:
    await town.follow("ann", "cable")
    await is_found(town, CABLE)
    sending = await wait_for_turns(town)
    await town.say("ann", "/settings sound none")
    town.chats.gives_turns.set()
    await sending
    await wait(town, minutes=1)
    assert [message.silent for message in town.chats.arrived["ann"]] == [True]


async def test_an_alert_that_has_to_wait_is_not_sent_into_a_pause_that_began_meanwhile(town: Town) -> None:
    await town.follow("ann", "cable")
    town.chats.errors["ann"] = [SendUnknown("HTTP 502")]
    await is_found(town, CABLE)
    await town.app.dispatcher.dispatch_due()
    async with town.app.database.write() as tx:
        # As a bot leaves it that died while the alert was under way, after the pause had been answered.
        found = await subscribers.find(tx, builders.chat("ann", platform="fake"))
        assert found is not None
        await subscribers.pause(tx, found.id, town.clock.now() + timedelta(hours=1))
    await wait(town, minutes=5)
    assert town.alerts("ann") == []
    assert "Alerts were paused then" in plain(await town.say("ann", "/missed"))
