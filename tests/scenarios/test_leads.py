"""What chats notice of leads: an alert for what only the article's page says, and no noise afterwards."""

from pathlib import Path

from bot.core.message.blocks import plain
from bot.storage.database import open_database
from tests.builders import ManualClock
from tests.fakes import TOWN_SOURCES, Site, Town, a_life

TITLE = "Russian drone violates airspace of Estonia, NATO jets scrambled"
PAGE = (
    "The trawler Sable and a tanker of the shadow fleet were near the place where the drone of Russia crossed into "
    "Estonia on Tuesday, NATO said in Brussels."
)


async def test_a_rule_finds_what_only_the_page_says_and_why_tells_so(town: Town) -> None:
    await town.follow("ann", "estonia trawler")
    town.publish(TITLE, page=PAGE)
    await town.advance(minutes=2)
    assert town.alerts("ann") == [TITLE]
    why = plain(await town.say("ann", "/why", reply_to="1"))
    assert "Found in the words of Northgate Wire: Estonia\n" in why
    assert "Found on the article's page, which Northgate Wire's feed doesn't quote: trawler\n" in why
    assert TITLE in plain(await town.say("ann", "/search trawler"))
    assert TITLE in plain(await town.say("ann", "/story 1"))


async def test_words_of_the_feed_itself_are_not_called_the_pages(town: Town) -> None:
    await town.follow("ann", "estonia trawler")
    town.publish(TITLE, summary=PAGE, page="Another text about the drone of Russia")
    await town.advance(minutes=2)
    assert "Found in the words of Northgate Wire: Estonia, trawler\n" in plain(
        await town.say("ann", "/why", reply_to="1")
    )
    assert town.site.pages_asked == []


async def test_an_alert_that_its_page_brought_is_not_touched_by_what_the_feed_says_later(town: Town) -> None:
    await town.follow("ann", "estonia trawler")
    town.publish(TITLE, page=PAGE)
    await town.advance(minutes=2)
    before = list(town.chats.sent)
    for summary in ("By Jo Orel", "", "By Jo Orel and others"):
        town.site.resummarizes(TITLE, summary)
        await town.advance(minutes=10)
        assert "trawler" in plain(await town.say("ann", "/why", reply_to="1"))
    assert town.chats.sent == before
    assert len(town.site.pages_asked) == 1


async def test_no_page_is_asked_for_twice_over_a_restart(tmp_path: Path) -> None:
    clock = ManualClock()
    sites: dict[str, Site] = {source.id: Site(source.id, clock) for source in TOWN_SOURCES}
    sites["northgate"].publishes("Ferry delayed off Kestrel by Russian ship, NATO says", page=PAGE)
    for _ in range(2):
        database = await open_database(f"sqlite:///{tmp_path}/town.db", clock)
        town = await a_life(database, TOWN_SOURCES, sites, clock)
        await town.advance(minutes=3)
        if len(sites["northgate"].entries) == 1:
            town.publish(TITLE, page=PAGE)
            await town.advance(minutes=3)
        await database.close()
    assert len(sites["northgate"].pages_asked) == 1, "and none for the first reading"
