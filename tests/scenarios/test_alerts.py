import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from structlog.testing import capture_logs

from bot.core.message.blocks import plain
from bot.core.model import SourceId
from bot.errors import ChatGone, FetchError, SendLater, SendUnknown
from bot.storage.database import open_database
from tests.builders import ManualClock, source
from tests.fakes import Site, Town, a_life, a_town

CABLE = "NATO says a Russian ship cut a Baltic cable"
FACTORY = "Kremlin calls sanctions on Rostov cable factory an act of hostility by the EU"
DRONE = "Drone crosses into Estonia, fighter jets scrambled"


async def test_news_of_a_followed_rule_arrive_and_others_do_not(town: Town) -> None:
    await town.follow("ann", "cable")
    town.publish(CABLE)
    town.publish(DRONE)
    await town.advance(minutes=2)
    assert town.alerts("ann") == [CABLE]


async def test_an_alert_says_who_said_it_and_why_it_came(town: Town) -> None:
    await town.follow("ann", "(cable OR pipeline) -football")
    town.publish(CABLE)
    await town.advance(minutes=2)
    text = plain(town.chats.arrived["ann"][0])
    assert "Northgate Wire" in text
    assert "NATO's side" in text
    assert "Your rule 1" in text
    assert "cable" in text


async def test_an_alert_waits_as_long_as_the_platform_asks(town: Town) -> None:
    await town.follow("ann", "cable")
    town.chats.errors["ann"] = [SendLater(timedelta(minutes=10))]
    town.publish(CABLE)
    await town.advance(minutes=9)
    assert town.alerts("ann") == []
    await town.advance(minutes=3)
    assert town.alerts("ann") == [CABLE]


async def test_news_of_one_fetch_is_told_in_the_order_in_which_it_happened(town: Town) -> None:
    await town.follow("ann", "baltic OR estonia OR rostov")
    for title in (CABLE, DRONE, FACTORY):
        town.publish(title)
        town.clock.advance(seconds=1)
    await town.advance(minutes=2)
    assert town.alerts("ann") == [CABLE, DRONE, FACTORY]


async def test_a_chat_that_must_wait_holds_up_nobody_else_and_keeps_its_order(town: Town) -> None:
    await town.follow("ann", "baltic OR estonia")
    await town.follow("bob", "baltic OR estonia")
    town.chats.errors["ann"] = [SendLater(timedelta(minutes=10))]
    town.publish(CABLE)
    town.publish(DRONE)
    await town.advance(minutes=2)
    assert town.alerts("bob") == [CABLE, DRONE]
    assert town.alerts("ann") == []
    await town.advance(minutes=10)
    assert town.alerts("ann") == [CABLE, DRONE]


async def test_a_chat_that_is_gone_is_not_tried_again(town: Town) -> None:
    await town.follow("ann", "cable")
    town.chats.errors["ann"] = [ChatGone("blocked by the user")]
    town.publish(CABLE)
    await town.advance(hours=2)
    assert town.alerts("ann") == []
    assert "1 given up" in plain(await town.say("ann", "/status"))


async def test_what_somebody_muted_counts_as_given_up_nowhere(town: Town) -> None:
    await town.follow("ann", "cable")
    await town.say("ann", "/mute baltic")
    town.publish(CABLE)
    with capture_logs() as logs:
        await town.advance(minutes=2)
    assert town.alerts("ann") == []
    assert "0 sent, 0 given up" in plain(await town.say("ann", "/status"))
    [dropped] = [entry for entry in logs if entry["event"].startswith("alert")]
    assert (dropped["log_level"], dropped["reason"]) == ("info", "muted")


async def test_an_unknown_outcome_is_sent_again_rather_than_lost(town: Town) -> None:
    await town.follow("ann", "cable")
    town.chats.errors["ann"] = [SendUnknown("the connection broke")]
    began = town.clock.now()
    town.publish(CABLE)
    await town.advance(minutes=3)
    assert town.alerts("ann") == [CABLE]
    # A platform that shows what stands in a chat can look for the first one, and knows since when.
    since = town.chats.sent[-1].unseen_since
    assert since is not None
    assert began <= since < town.clock.now() - timedelta(minutes=1)


async def test_a_fault_in_one_delivery_stops_no_other(town: Town) -> None:
    await town.follow("ann", "cable")
    await town.follow("bob", "cable")
    town.chats.errors["ann"] = [ZeroDivisionError()]  # type: ignore[list-item]
    town.publish(CABLE)
    await town.advance(minutes=2)
    assert town.alerts("bob") == [CABLE]
    await town.advance(minutes=1)
    assert town.alerts("ann") == [CABLE]


async def test_two_sources_that_print_one_report_alert_once(town: Town) -> None:
    await town.follow("ann", "cable")
    town.publish(CABLE)
    town.publish(CABLE, at="volga")
    await town.advance(minutes=5)
    assert town.alerts("ann") == [CABLE]


async def test_a_changed_title_is_no_second_alert(town: Town) -> None:
    await town.follow("ann", "cable")
    town.publish(CABLE)
    await town.advance(minutes=2)
    town.site.retitles(CABLE, f"Update: {CABLE}")
    await town.advance(minutes=2)
    assert town.alerts("ann") == [CABLE]


async def test_a_title_that_comes_to_say_more_alerts_those_it_now_concerns(town: Town) -> None:
    await town.follow("ann", "cable")
    town.publish("Russian ship watched by NATO in the Baltic")
    await town.advance(minutes=2)
    assert town.alerts("ann") == []
    town.site.retitles("Russian ship watched by NATO in the Baltic", CABLE)
    await town.advance(minutes=2)
    assert town.alerts("ann") == [CABLE]


async def test_a_source_that_fails_stops_no_other_and_comes_back(town: Town) -> None:
    await town.follow("ann", "baltic OR estonia")
    town.sites["volga"].trouble = FetchError("the server says 500")
    town.publish(CABLE)
    await town.advance(minutes=3)
    assert town.alerts("ann") == [CABLE]
    town.sites["volga"].trouble = None
    town.publish(DRONE, at="volga")
    await town.advance(hours=1)
    assert town.alerts("ann") == [CABLE, DRONE]


async def test_a_source_that_is_gone_is_asked_once_a_day_and_people_are_told(town: Town) -> None:
    town.sites["volga"].trouble = FetchError("the server says 410: gone for good", status=410)
    await town.advance(minutes=3)
    asked = town.sites["volga"].requests
    await town.advance(hours=5)
    assert town.sites["volga"].requests == asked
    for line in ("/status", "/sources volga"):
        assert "is gone; it is tried once a day" in plain(await town.say("ann", line))


async def test_with_every_source_failing_the_bot_answers_and_says_so(town: Town) -> None:
    for site in town.sites.values():
        site.trouble = FetchError("no connection")
    await town.advance(minutes=3)
    text = plain(await town.say("ann", "/status"))
    assert "no connection" in text


async def test_paused_chats_get_nothing_and_later_only_what_is_new(town: Town) -> None:
    await town.follow("ann", "baltic OR estonia")
    await town.say("ann", "/pause 1h")
    town.publish(CABLE)
    await town.advance(minutes=61)
    town.publish(DRONE)
    await town.advance(minutes=2)
    assert town.alerts("ann") == [DRONE]


async def test_unfollowing_ends_alerts_that_are_still_owed(town: Town) -> None:
    await town.follow("ann", "cable")
    town.chats.errors["ann"] = [SendLater(timedelta(minutes=10))]
    town.publish(CABLE)
    await town.advance(minutes=2)
    await town.say("ann", "/unfollow 1")
    await town.advance(minutes=20)
    assert town.alerts("ann") == []


async def test_ending_one_of_two_rules_keeps_what_the_other_asks_for(town: Town) -> None:
    await town.follow("ann", "cable")
    await town.follow("ann", "baltic")
    town.chats.errors["ann"] = [SendLater(timedelta(minutes=10))]
    town.publish(CABLE)
    await town.advance(minutes=2)
    await town.say("ann", "/unfollow 1")
    await town.advance(minutes=20)
    assert town.alerts("ann") == [CABLE]
    assert "Your rule 2" in plain(town.chats.arrived["ann"][0])


async def test_another_address_in_the_configuration_is_another_feed(tmp_path: Path) -> None:
    async with a_town(tmp_path) as town:
        town.site.trouble = FetchError("the server says 410: gone for good", status=410)
        await town.advance(minutes=2)
        moved = source("northgate", url="https://northgate.example/new")
        town.site.trouble = None
        again = await a_life(town.app.database, [moved], town.sites, town.clock)
        await again.follow("ann", "cable")
        again.publish(CABLE)
        await again.advance(minutes=3)
        assert again.alerts("ann") == [CABLE]


async def test_a_database_that_fails_for_a_while_loses_nothing_and_stops_nobody(town: Town, tmp_path: Path) -> None:
    await town.follow("ann", "cable")
    town.publish(CABLE)
    with closing(sqlite3.connect(tmp_path / "town.db")) as other:
        other.execute("ALTER TABLE poll_states RENAME TO hidden")
        other.commit()
        await town.advance(minutes=2)
        assert "internal fault" in (town.app.poller.states[SourceId("northgate")].problem or "")
        other.execute("ALTER TABLE hidden RENAME TO poll_states")
        other.commit()
    await town.advance(minutes=30)
    assert town.alerts("ann") == [CABLE]


async def test_a_restart_keeps_rules_news_and_what_is_owed(tmp_path: Path) -> None:
    clock = ManualClock()
    sites = {"northgate": Site("northgate", clock)}
    sources = [source("northgate")]
    first = await open_database(f"sqlite:///{tmp_path}/town.db")
    town = await a_life(first, sources, sites, clock)
    await town.advance(minutes=1)
    await town.follow("ann", "cable")
    town.chats.errors["ann"] = [SendLater(timedelta(minutes=10))]
    town.publish(CABLE)
    await town.advance(minutes=2)
    await first.close()

    second = await open_database(f"sqlite:///{tmp_path}/town.db")
    town = await a_life(second, sources, sites, clock)
    await town.advance(minutes=10)
    assert town.alerts("ann") == [CABLE]
    town.publish(FACTORY)
    await town.advance(minutes=2)
    assert len(town.alerts("ann")) == 2, "the rule was loaded again"
    await second.close()


async def test_a_first_poll_alerts_nobody(tmp_path: Path) -> None:
    async with a_town(tmp_path) as town:
        await town.follow("ann", "cable")
        late = Site("late", town.clock)
        late.publishes(CABLE)
        town.sites["late"] = late
        town.site.publishes(FACTORY)
        again = await a_life(town.app.database, [source("late"), source("northgate")], town.sites, town.clock)
        await again.advance(minutes=3)
        assert again.alerts("ann") == [FACTORY]
