from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from bot.core.matcher import RuleIndex
from bot.core.model import Item, Relevance, RuleId, StoryId, Urgency
from bot.core.rules import parse_rule
from bot.core.update import plan_update
from bot.storage import news, outbox, subscribers
from bot.storage.database import Database
from bot.storage.news import Applied
from tests import builders
from tests.builders import NOW

DAY = timedelta(days=1)


class Newsdesk:
    """Publishes items as one poll would, to chats that follow rules."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.index = RuleIndex()

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
        now = NOW + after
        async with self.database.write() as tx:
            known = await news.known_items(tx, [key for item in items for key in item.keys])
            recent = await news.recent_stories(tx, items)
            plan = plan_update(items=items, known=known, recent=recent, index=self.index, alerting=True)
            return await news.apply(tx, plan, now)

    async def owed(self) -> list[tuple[str, int]]:
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
    await desk.publish(builders.item("Second cable cut off Kestrel"), after=timedelta(hours=2))
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
    async with database.write() as tx:
        applied = await desk_apply_in_chunks(desk, tx)
    assert applied == [5, 5, 5, 5, 5, 0], "ten followings a chunk, two of each chat"
    assert len(await desk.owed()) == 25
    async with database.read() as tx:
        assert await news.open_fanouts(tx) == []


async def desk_apply_in_chunks(desk: Newsdesk, tx: object) -> list[int]:
    """Stores a matching story as a crash after the first chunk would leave it, then goes on."""
    item = builders.item("Cable cut off Kestrel")
    plan = plan_update(items=[item], known={}, recent={}, index=RuleIndex(), alerting=True)
    await news.apply(tx, plan, NOW)  # type: ignore[arg-type]
    for rule in desk.index.matches(item):
        await tx.execute(text(f"INSERT INTO matches (story_id, rule_id) VALUES (1, {int(rule)})"))  # type: ignore[attr-defined]
    await tx.execute(text("INSERT INTO fanouts VALUES (1, 0)"))  # type: ignore[attr-defined]
    queued = []
    while await news.open_fanouts(tx):  # type: ignore[arg-type]
        queued.append(await news.fan_out(tx, RuleId(1), NOW, chunk=10))  # type: ignore[arg-type]
    return queued


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
        builders.item("Old news of the strait", ago=timedelta(hours=5)),
        builders.item("New news of the strait", ago=timedelta(hours=1)),
        builders.item("Choir wins a prize", relevance=Relevance.NONE),
    )
    assert await desk.titles(Relevance.CORE) == ["New news of the strait", "Old news of the strait"]
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


async def test_breaking_news_are_owed_as_such(database: Database) -> None:
    desk = Newsdesk(database)
    await desk.follow("ann", "cable")
    await desk.publish(builders.item("Cable cut off Kestrel"))
    await desk.follow("bob", "cable")
    async with database.write() as tx:
        await tx.execute(text("UPDATE stories SET level = 'breaking'"))
        await tx.execute(text("INSERT INTO fanouts (story_id, after) VALUES (1, 0)"))
        assert await news.fan_out(tx, StoryId(1), NOW) == 1
        assert list(await tx.scalars(text("SELECT urgency FROM deliveries ORDER BY id"))) == [
            Urgency.ALERT,
            Urgency.BREAKING,
        ]
