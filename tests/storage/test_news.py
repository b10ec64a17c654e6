from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from bot.core.model import Item, Relevance, StoryId, Urgency
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.storage import fanout, news, outbox, subscribers
from bot.storage.database import Database
from bot.storage.updates import Applied
from tests import builders
from tests.builders import NOW
from tests.fakes import an_intake

DAY = timedelta(days=1)


class Newsdesk:
    """Publishes items as one poll would, to chats that follow rules."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.index = RuleIndex()
        self._intake = an_intake(database, self.index)

    async def follow(self, address: str, *rules: str) -> None:
        async with self.database.write() as tx:
            who = await subscribers.ensure(tx, builders.chat(address), NOW)
            for rule in rules:
                parsed = parse_rule(rule)
                names = "relevance" in parsed.fields()
                saved = await subscribers.follow(tx, who.id, str(parsed), names_relevance=names, now=NOW)
                if saved.fresh:
                    self.index.add(saved.following.rule, parsed)

    async def publish(self, *items: Item, after: timedelta = timedelta(0)) -> Applied:
        return await self._intake.take(items, NOW + after, alerting=True)

    async def owed(self) -> list[tuple[str, StoryId | None]]:
        async with self.database.write() as tx:
            claimed = await outbox.claim(tx, ("console",), Urgency.ALERT, NOW + DAY, limit=10_000, lease=DAY)
        return [(delivery.chat.address, delivery.story) for delivery in claimed]

    async def titles(self, *relevances: Relevance) -> Sequence[str]:
        async with self.database.read() as tx:
            told = await news.stories_since(tx, NOW - 9 * DAY, relevances, seen_by=NOW + 99 * DAY, limit=100)
        return [item.title for story in told for item in story.items]


async def test_an_alert_is_owed_in_the_transaction_that_finds_the_story(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("ann", "cable")
    await desk.follow("bob", "football")
    applied = await desk.publish(builders.item("Cable cut off Kestrel"), builders.item("Harbour fair opens"))
    assert (applied.new, applied.relevant, applied.owed) == (2, 2, 1)
    assert await desk.owed() == [("ann", 1)]


async def test_a_chat_gets_one_alert_a_story_however_many_rules_and_reprints_match(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("ann", "cable", "kestrel", "cut OR cable")
    title = "Cable cut between the islands of Kestrel"
    await desk.publish(builders.item(title))
    await desk.publish(builders.item(title, outlet="volga"))
    assert await desk.owed() == [("ann", 1)]
    async with database.read() as tx:
        story = await news.story(tx, 1)  # type: ignore[arg-type]
    assert story is not None
    assert [item.publisher for item in story.items] == ["Northgate Wire", "Volga Courier"]
    assert story.revision == 2


async def test_paused_chats_are_passed_over_until_they_resume(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("ann", "cable")
    async with database.write() as tx:
        ann = await subscribers.ensure(tx, builders.chat("ann"), NOW)
        await subscribers.pause(tx, ann.id, NOW + timedelta(hours=1))
    await desk.publish(builders.item("Cable cut off Kestrel"))
    assert await desk.owed() == []
    await desk.publish(builders.item("Factory of cable drums burns in Orsha"), after=timedelta(hours=2))
    assert await desk.owed() == [("ann", 2)]


async def test_what_is_only_related_goes_to_those_who_asked_for_it(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("narrow", "strike")
    await desk.follow("asks", "strike relevance:related")
    await desk.follow("wide", "strike")
    async with database.write() as tx:
        wide = await subscribers.ensure(tx, builders.chat("wide"), NOW)
        await subscribers.widen(tx, wide.id, Relevance.RELATED)
    await desk.publish(builders.item("Strike on a depot", relevance=Relevance.RELATED))
    assert {address for address, _ in await desk.owed()} == {"asks", "wide"}


async def test_a_story_for_very_many_chats_is_queued_in_chunks_and_nobody_twice(database: Database) -> None:
    desk = Newsdesk(database)
    for number in range(25):
        await desk.follow(f"chat{number}", "cable", "kestrel")
    await desk.publish(builders.item("Cable cut off Kestrel"))
    async with database.write() as tx:
        # As a crash after the first chunk would leave it.
        await tx.execute(text("DELETE FROM deliveries"))
        await tx.execute(text("INSERT INTO fanouts VALUES (1, 0)"))
        queued = []
        while await fanout.open_fanouts(tx):
            queued.append(await fanout.fan_out(tx, StoryId(1), NOW, chunk=10))
    assert queued == [5, 5, 5, 5, 5, 0], "ten followings a chunk, two of each chat"
    assert len(await desk.owed()) == 25


async def test_a_rewritten_item_keeps_its_place_and_its_dates(database: Database) -> None:
    desk = Newsdesk(database)
    first = builders.item("Ferry delayed off Kestrel")
    await desk.publish(first)
    again = builders.item("Ferry sunk off Kestrel", keys=first.keys, url=first.url, published=NOW)
    await desk.publish(again)
    async with database.read() as tx:
        (story,) = await news.stories_since(tx, NOW - DAY, [Relevance.CORE], seen_by=NOW, limit=100)
    (item,) = story.items
    assert item.title == "Ferry sunk off Kestrel"
    assert item.published == first.published


async def test_items_come_newest_first_and_by_relevance(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.publish(
        builders.item("Envoys meet in Varn", ago=timedelta(hours=5)),
        builders.item("Strait closed to tankers", ago=timedelta(hours=1)),
        builders.item("Choir wins a prize", relevance=Relevance.NONE),
    )
    assert await desk.titles(Relevance.CORE) == ["Strait closed to tankers", "Envoys meet in Varn"]
    async with database.read() as tx:
        counts = await news.counts_since(tx, NOW - DAY)
    assert counts == {Relevance.CORE: 2, Relevance.RELATED: 0, Relevance.NONE: 1}


async def test_old_news_go_and_do_not_come_back(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("ann", "cable")
    item = builders.item("Cable cut off Kestrel")
    await desk.publish(item)
    await desk.publish(item, after=40 * DAY)  # still in the feed, so its keys are seen
    async with database.write() as tx:
        assert await news.delete_older(tx, NOW + 10 * DAY) == 1
        assert await news.delete_older(tx, NOW + 10 * DAY) == 0
    assert await desk.titles(Relevance.CORE) == []
    assert (await desk.publish(item, after=41 * DAY)).new == 0
    assert await desk.owed() == [], "the delivery went with its story"


async def test_breaking_news_are_owed_as_such_also_to_those_who_waited_before(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("ann", "cable")
    await desk.publish(builders.item("Cable cut off Kestrel"))
    await desk.follow("bob", "cable")
    async with database.write() as tx:
        await tx.execute(text("UPDATE stories SET level = 'breaking'"))
        await tx.execute(text("UPDATE matches SET at = (SELECT max(created) FROM followings)"))
        await tx.execute(text("INSERT INTO fanouts (story_id, after) VALUES (1, 0)"))
        assert await fanout.fan_out(tx, StoryId(1), NOW) == 1
        assert list(await tx.scalars(text("SELECT urgency FROM deliveries ORDER BY id"))) == [
            Urgency.BREAKING,
            Urgency.BREAKING,
        ]
