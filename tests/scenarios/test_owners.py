"""What owners do to the running bot."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.message.blocks import plain
from bot.core.model import Urgency
from bot.errors import ChatGone, SendLater
from tests.fakes import TOWN_SOURCES, Site, Town, a_life, a_town

CABLE = "NATO says a Russian ship cut a Baltic cable"
DRONE = "Russian drone crosses into Estonia, NATO jets scrambled"
TANKER = "NATO warship shadows Russian tanker in the Baltic"
ADDED = "https://lantern.example/rss"


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as town:
        lantern = Site("lantern", town.clock)
        lantern.publishes("NATO and Russian jets meet over the Baltic")
        town.sites["lantern"] = lantern
        yield town


async def test_a_source_that_is_switched_off_is_asked_no_more_until_it_is_on_again(town: Town) -> None:
    await town.follow("ann", "baltic OR estonia")
    town.publish(CABLE, at="volga")
    await town.advance(minutes=2)
    await town.say("olga", "/sources off volga")
    asked = town.sites["volga"].requests
    town.publish(DRONE, at="volga")
    await town.advance(hours=2)
    assert town.sites["volga"].requests == asked
    assert CABLE in plain(await town.say("ann", "/search cable")), "what it had published stays"
    await town.say("olga", "/sources on volga")
    await town.turn()
    assert town.sites["volga"].requests == asked + 1, "at once"
    town.publish(TANKER, at="volga")
    await town.advance(minutes=2)
    assert town.alerts("ann") == [CABLE, TANKER], "what it published while it was off is no news"


async def test_a_source_that_is_added_is_polled_at_once_and_its_next_reports_are_news(town: Town) -> None:
    await town.follow("ann", "baltic")
    asked = await town.say("olga", f"/sources add {ADDED}")
    await town.press("olga", asked, "NATO's flank")
    await town.turn()
    assert "meet over the Baltic" in plain(await town.say("ann", "/search jets"))
    assert town.alerts("ann") == []
    town.sites["lantern"].publishes(CABLE)
    await town.advance(minutes=2)
    assert town.alerts("ann") == [CABLE]


async def test_changes_of_sources_outlast_a_restart(town: Town) -> None:
    await town.say("olga", "/sources off volga")
    await town.say("olga", f"/sources add {ADDED} nato_flank")
    await town.advance(minutes=1)
    again = await a_life(town.app.database, TOWN_SOURCES, town.sites, town.clock)
    asked = again.sites["volga"].requests
    await again.follow("ann", "baltic")
    again.publish(CABLE, at="lantern")
    await again.advance(minutes=2)
    assert again.alerts("ann") == [CABLE]
    assert again.sites["volga"].requests == asked


async def test_a_chat_that_is_let_in_no_longer_is_sent_nothing(town: Town) -> None:
    await town.follow("ann", "baltic")
    await town.follow("bob", "baltic")
    await town.say("olga", "/allow fake:ann")
    closed = await a_life(town.app.database, TOWN_SOURCES, town.sites, town.clock, access="allowlist")
    closed.publish(CABLE)
    await closed.advance(minutes=2)
    assert (closed.alerts("ann"), closed.alerts("bob")) == ([CABLE], [])
    await closed.say("olga", "/disallow fake:ann")
    await closed.say("olga", "/allow fake:bob")
    closed.publish(TANKER)
    await closed.advance(minutes=2)
    assert (closed.alerts("ann"), closed.alerts("bob")) == ([CABLE], [TANKER])


def told(town: Town, who: str) -> list[str]:
    """What a chat got beside answers."""
    return [plain(message) for message in town.chats.arrived.get(who, [])]


async def test_a_broadcast_reaches_everybody_once_over_a_restart_in_its_middle(town: Town) -> None:
    everybody = [f"reader{number}" for number in range(5)]
    for who in (*everybody, "olga"):
        await town.follow(who, "baltic")
    preview = await town.say("olga", "/broadcast We move tonight.\nSee you.")
    before = await a_life(town.app.database, TOWN_SOURCES, town.sites, town.clock)
    await before.press("olga", preview, "Send it")
    for who in everybody[:2]:
        before.chats.errors[who] = [SendLater(timedelta(minutes=10))]
    before.chats.errors["reader2"] = [ChatGone("blocked")]
    await before.turn()
    assert [told(before, who) for who in everybody] == [[], [], [], *[["We move tonight.\nSee you."]] * 2]
    assert "3 sent, 2 waiting, 1 couldn't be reached" in plain(await before.say("olga", "/broadcast"))
    after = await a_life(town.app.database, TOWN_SOURCES, town.sites, town.clock)
    await after.press("olga", preview, "Send it")
    await after.advance(hours=1)
    assert [len(told(after, who)) for who in everybody] == [1, 1, 0, 0, 0]
    assert "5 sent, 0 waiting, 1 couldn't be reached" in plain(await after.say("olga", "/broadcast"))
    assert {each.urgency for each in after.chats.sent} == {Urgency.DIGEST}
