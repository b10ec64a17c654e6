from datetime import datetime, timedelta

from bot.core.model import Item, Relevance, Story
from bot.core.rules.index import RuleIndex
from bot.storage import news
from bot.storage.database import Database
from tests.builders import NOW, item
from tests.fakes import an_intake

HOUR = timedelta(hours=1)
# So different that nobody takes two of them for one.
EVENTS = (
    "Harbour closed after a storm",
    "Envoys of both islands meet in Varn",
    "Minister resigns over pension row",
    "Submarine seen beneath the Orrin bridge",
    "Grain silo opens near Lund",
    "Parliament adopts the new tax code",
    "Choir of Tarn tours the north",
)
CORE = (Relevance.CORE,)
BOTH = (Relevance.CORE, Relevance.RELATED)


async def publish(database: Database, *items: Item, now: datetime = NOW) -> None:
    intake = an_intake(database, RuleIndex())
    await intake.take(items, now, alerting=False)


async def stories(
    database: Database,
    relevances: tuple[Relevance, ...] = CORE,
    *,
    since: datetime = NOW - 24 * HOUR,
    seen_by: datetime = NOW,
    limit: int = 100,
    offset: int = 0,
) -> list[Story]:
    async with database.read() as tx:
        return await news.stories_since(tx, since, relevances, seen_by=seen_by, limit=limit, offset=offset)


def titles(told: list[Story]) -> list[str]:
    return [story.items[0].title for story in told]


async def test_stories_come_newest_first_within_their_time_and_in_pages(database: Database) -> None:
    await publish(database, *(item(EVENTS[n % 7], ago=n * HOUR) for n in (3, 1, 2, 30 + 2)))
    assert titles(await stories(database)) == [EVENTS[n] for n in (1, 2, 3)]
    assert titles(await stories(database, limit=1, offset=1)) == [EVENTS[2]]
    assert titles(await stories(database, since=NOW - 2 * HOUR)) == [EVENTS[n] for n in (1, 2)]


async def test_a_story_stands_once_where_its_first_item_does_with_all_its_items(database: Database) -> None:
    title = "Cable cut between the islands of Kestrel"
    await publish(database, item(title, outlet="volga", ago=5 * HOUR), item("Harbour closed", ago=3 * HOUR))
    await publish(database, item(title, outlet="northgate", ago=HOUR))
    told = await stories(database)
    assert titles(told) == ["Harbour closed", title]
    assert [each.publisher for each in told[1].items] == ["Volga Courier", "Northgate Wire"]
    assert titles(await stories(database, since=NOW - 4 * HOUR)) == ["Harbour closed"]


async def test_only_stories_of_the_relevances_asked_for_are_told(database: Database) -> None:
    await publish(
        database,
        item("Depot burns", relevance=Relevance.RELATED, ago=HOUR),
        item("Envoys meet", ago=2 * HOUR),
        item("Garden show", relevance=Relevance.NONE),
    )
    assert titles(await stories(database)) == ["Envoys meet"]
    assert titles(await stories(database, BOTH)) == ["Depot burns", "Envoys meet"]


async def test_what_was_seen_later_does_not_shift_a_list(database: Database) -> None:
    await publish(database, item("Envoys meet", ago=2 * HOUR))
    await publish(database, item("Harbour closed", ago=3 * HOUR, first_seen=NOW + HOUR), now=NOW + HOUR)
    assert titles(await stories(database)) == ["Envoys meet"]
    assert titles(await stories(database, seen_by=NOW + HOUR)) == ["Envoys meet", "Harbour closed"]


async def test_a_reprint_that_claims_to_be_older_does_not_move_its_story_in_a_list(database: Database) -> None:
    title = "Cable cut between the islands of Kestrel"
    await publish(database, item(title, ago=2 * HOUR), item("Harbour closed", ago=3 * HOUR))
    await publish(database, item(title, outlet="volga", ago=4 * HOUR, first_seen=NOW + HOUR), now=NOW + HOUR)
    assert [len(story.items) for story in await stories(database)] == [2, 1]
    assert [len(story.items) for story in await stories(database, seen_by=NOW + HOUR)] == [1, 2]


async def test_items_of_one_moment_are_all_told_once(database: Database) -> None:
    await publish(database, *(item(title, published=NOW) for title in EVENTS))
    pages = [titles(await stories(database, limit=3, offset=offset)) for offset in (0, 3, 6)]
    assert sorted(title for page in pages for title in page) == sorted(EVENTS)


async def test_since_when_news_is_collected(database: Database) -> None:
    async with database.read() as tx:
        assert await news.collecting_since(tx) is None
    await publish(database, item("Envoys meet", ago=9 * HOUR, first_seen=NOW - HOUR), item("Harbour closed"))
    async with database.read() as tx:
        assert await news.collecting_since(tx) == NOW - HOUR
