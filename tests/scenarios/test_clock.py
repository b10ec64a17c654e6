"""The machine's clock goes back, while the bot runs or while it does not."""

from datetime import timedelta
from pathlib import Path

from bot.core.message.blocks import plain
from bot.core.model import SourceId
from bot.errors import SendLater
from bot.storage.database import open_database
from tests.builders import ManualClock, source
from tests.fakes import Site, Town, a_life

CABLE = "NATO says a Russian ship cut a Baltic cable"
DRONE = "Drone crosses into Estonia, fighter jets scrambled"


async def test_a_clock_that_goes_back_stops_neither_polls_nor_alerts(town: Town) -> None:
    await town.follow("ann", "baltic OR estonia")
    town.publish(CABLE)
    await town.advance(minutes=2)
    town.clock.advance(hours=-1)
    town.publish(DRONE)
    await town.advance(minutes=3)
    assert town.alerts("ann") == [CABLE, DRONE]
    assert DRONE in plain(await town.say("ann", "/latest"))


async def test_what_waited_for_the_platform_waits_as_long_as_it_asked(town: Town) -> None:
    await town.follow("ann", "baltic OR estonia")
    town.chats.errors["ann"] = [SendLater(timedelta(minutes=10))]
    town.publish(CABLE)
    await town.advance(minutes=2)
    town.clock.advance(hours=-1)
    await town.advance(minutes=5)
    assert town.alerts("ann") == []
    await town.advance(minutes=6)
    assert town.alerts("ann") == [CABLE]


async def test_a_correction_comes_in_time_though_the_clock_has_gone_back(town: Town) -> None:
    await town.follow("ann", "baltic")
    town.publish(CABLE)
    await town.advance(minutes=2)
    town.clock.advance(hours=-1)
    await town.turn()
    corrected = "NATO says no Russian ship cut a Baltic cable"
    town.site.retitles(CABLE, corrected)
    await town.advance(minutes=8)
    assert corrected in plain(town.chats.arrived["ann"][0])


async def test_who_heard_what_is_taken_back_hears_of_it_though_the_clock_has_gone_back(town: Town) -> None:
    town.clock.advance(days=1)
    cut, uncut = "Baltic cable cut by Russian ship, NATO says", "Baltic cable NOT cut by Russian ship, NATO says"
    await town.follow("ann", "baltic")
    town.publish(cut)
    await town.advance(minutes=2)
    town.clock.advance(hours=-1)
    await town.turn()
    town.site.retitles(cut, uncut)
    await town.advance(minutes=8)
    answers = [sent for sent in town.chats.sent if sent.answers]
    assert len(answers) == 1, "at once, and not when the old time comes again"
    assert not answers[0].message.silent


async def test_what_is_known_of_sources_is_not_of_the_future_once_the_clock_has_gone_back(town: Town) -> None:
    town.publish(CABLE)
    await town.advance(minutes=2)
    town.clock.advance(days=-400)
    await town.turn()
    state, now = town.app.poller.states[SourceId("northgate")], town.clock.now()
    assert [moment for moment in (state.checked, state.last_success, *state.rhythm) if moment and moment > now] == []


async def test_a_clock_that_went_back_while_the_bot_was_down_stops_nothing(tmp_path: Path) -> None:
    clock, sources = ManualClock(), [source("northgate")]
    sites = {"northgate": Site("northgate", clock)}
    first = await open_database(f"sqlite:///{tmp_path}/town.db")
    town = await a_life(first, sources, sites, clock)
    await town.advance(minutes=1)
    await town.follow("ann", "baltic OR estonia")
    town.chats.errors["ann"] = [SendLater(timedelta(minutes=10))]
    town.publish(CABLE)
    await town.advance(seconds=90)
    await first.close()

    clock.advance(hours=-1)
    second = await open_database(f"sqlite:///{tmp_path}/town.db")
    town = await a_life(second, sources, sites, clock)
    town.publish(DRONE)
    await town.advance(minutes=3)
    assert town.alerts("ann") == [DRONE]
    await town.advance(minutes=8)
    assert town.alerts("ann") == [DRONE, CABLE]
    await second.close()


async def test_a_small_correction_of_the_clock_changes_nothing(town: Town) -> None:
    before = {id_: state.next_poll for id_, state in town.app.poller.states.items()}
    town.clock.advance(seconds=-2)
    await town.app.clock_watch.look()
    assert {id_: state.next_poll for id_, state in town.app.poller.states.items()} == before
