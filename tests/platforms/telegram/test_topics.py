"""Topics that are closed or deleted: real library, commands, database and dispatcher, a server that refuses."""

import asyncio
from dataclasses import dataclass

import pytest

from bot.core.model import Chat, Urgency
from bot.delivery.dispatcher import Dispatcher
from bot.platforms.telegram.topics import topic_book
from bot.storage import forum_topics, outbox, subscribers
from bot.storage.forum_topics import AlertRoute
from tests import builders
from tests.commands.room import Room as Desk
from tests.platforms.telegram.line import Line, answer_with, connected
from tests.platforms.telegram.server import TelegramServer
from tests.platforms.telegram.world import GENERAL, PATIENCE, Refusal, Room, Sent

TITLES = (
    "Drones seen over Kestrel",
    "Twelve drones found in Orsha wood",
    "Makers of drones meet at sea",
    "Drones banned",
)
CLOSED, HEADLINE = "A topic in this group is closed", "Drones"


def dispatcher_of(desk: Desk, line: Line) -> Dispatcher:
    return Dispatcher(
        database=desk.database,
        sends={"telegram": line.telegram.send},
        index=desk.index,
        aliases=desk.services.aliases,
        clock=desk.clock,
    )


@dataclass(slots=True)
class Forum:
    """A forum of Ann's in whose topic 77 somebody follows drones."""

    room: Room
    ann: Room
    desk: Desk
    line: Line
    published: int = 0

    def chat(self, thread: str = "") -> Chat:
        return builders.chat(str(self.room.id), platform="telegram", thread=thread)

    async def alerted(self) -> list[Sent]:
        """Something happens, and is sent; what came into the group, in order."""
        count = len(self.room.sent)
        await self.desk.publish(builders.item(TITLES[self.published]), alerting=True)
        self.published += 1
        await dispatcher_of(self.desk, self.line).dispatch_due()
        return self.room.sent[count:]

    async def sent_later(self, **span: float) -> list[Sent]:
        """Time goes by; what came into the group then."""
        count = len(self.room.sent)
        self.desk.clock.advance(**span)
        await dispatcher_of(self.desk, self.line).dispatch_due()
        return self.room.sent[count:]

    async def opened(self, topic: int) -> None:
        """Ann opens a topic again, and the bot reads so."""
        self.line.server.reopens(self.room, self.ann, topic)
        async with asyncio.timeout(PATIENCE):
            while await self._waits(self.chat(str(topic))):  # noqa: ASYNC110  nobody tells when
                await asyncio.sleep(0)

    async def _waits(self, topic: Chat) -> bool:
        async with self.desk.database.read() as tx:
            reach, _ = await forum_topics.route_of(tx, topic)
            due = await outbox.next_due(tx, ("telegram",), Urgency.ALERT)
        return reach is not AlertRoute.ITSELF or (due is not None and due > self.desk.clock.now())

    async def pressed(self, label: str) -> str:
        """Ann presses a button, and reads what it says."""
        server, count = self.line.server, len(self.room.log)
        press = server.presses_button(self.ann, label, where=self.room)
        await server.until(lambda: server.presses[press] is not None)
        notice = server.presses[press]
        assert notice is not None
        if not notice["text"]:
            await server.until(lambda: len(self.room.log) > count)
        return str(notice["text"] or self.room.log[-1].text)

    async def rules(self, thread: str = "") -> dict[int, str]:
        async with self.desk.database.read() as tx:
            found = await subscribers.find(tx, self.chat(thread))
            return {each.number: each.text for each in await subscribers.followings_of(tx, found.id)} if found else {}

    async def owed(self) -> outbox.OutboxCounts:
        async with self.desk.database.read() as tx:
            return await outbox.counts(tx)


@pytest.fixture
async def forum(line: Line, desk: Desk, ann: Room) -> Forum:
    room = line.server.group("Harbour watch", admin=ann, forum=True)
    room.topics[77] = "open"
    forum = Forum(room, ann, desk, line)
    await desk.follow("drones", chat=forum.chat("77"))
    return forum


async def test_alerts_of_a_closed_topic_come_to_the_general_one_until_it_opens(forum: Forum) -> None:
    forum.room.topics[77] = "closed"
    word, alert = await forum.alerted()
    assert (word.thread, alert.thread) == (None, None)
    assert "is closed. The alerts of its rules come here for now:\n1. drones\n" in word.text
    assert alert.text.startswith("Drones seen over Kestrel")
    (again,) = await forum.alerted()
    assert again.thread is None
    assert await forum.rules("77") == {1: "drones"}
    forum.room.topics[77] = "open"
    forum.desk.clock.advance(minutes=61)
    (back,) = await forum.alerted()
    assert back.thread == 77
    forum.room.topics[77] = "closed"
    assert (await forum.alerted())[0].text.startswith(CLOSED), "it was open in between"
    assert forum.line.ledger.entries == []


async def test_a_closed_topic_is_tried_again_once_the_clock_has_gone_back(forum: Forum) -> None:
    forum.room.topics[77] = "closed"
    await forum.alerted()
    forum.room.topics[77] = "open"
    forum.desk.clock.advance(hours=-5)
    (back,) = await forum.alerted()
    assert back.thread == 77


async def test_a_topic_that_opens_again_has_its_alerts_at_once(forum: Forum) -> None:
    forum.room.topics[77] = "closed"
    await forum.alerted()
    await forum.opened(77)
    assert [sent.thread for sent in await forum.alerted()] == [77]


@pytest.mark.parametrize("topic", [77, GENERAL])
async def test_alerts_that_wait_for_a_topic_are_sent_when_one_opens(forum: Forum, topic: int) -> None:
    forum.room.topics = {77: "closed", GENERAL: "closed"}
    assert await forum.alerted() == []
    await forum.opened(topic)
    *_, alert = await forum.sent_later(seconds=1)
    assert alert.text.startswith("Drones seen over Kestrel")
    assert alert.thread == (None if topic == GENERAL else 77)


async def test_an_answer_is_given_in_the_topic_as_soon_as_that_is_open(forum: Forum) -> None:
    forum.room.topics[77] = "closed"
    await forum.alerted()
    forum.room.topics[77] = "open"
    forum.line.server.says(forum.ann, "/rules", where=forum.room, topic=77)
    assert (await forum.line.server.sees(forum.room, "Rules of this chat")).thread == 77
    assert [sent.thread for sent in await forum.alerted()] == [77], "whoever answers there knows that it is open"


async def test_a_closed_topic_is_told_of_once_over_restarts(
    forum: Forum, server: TelegramServer, desk: Desk, ann: Room
) -> None:
    forum.room.topics[77] = "closed"
    await forum.alerted()
    async with connected(server, answer_with(desk.services), book=topic_book(desk.database)) as after:
        forum.line = after
        (alert,) = await forum.alerted()
        assert alert.text.startswith("Twelve drones")


async def test_a_topic_that_opened_while_the_bot_was_off_is_told_of_when_it_closes_again(
    forum: Forum, server: TelegramServer, desk: Desk
) -> None:
    forum.room.topics[77] = "closed"
    await forum.alerted()
    async with connected(server, answer_with(desk.services), book=topic_book(desk.database)) as after:
        forum.line, forum.room.topics[77] = after, "open"
        assert [sent.thread for sent in await forum.alerted()] == [77]
        forum.room.topics[77] = "closed"
        assert len(await forum.alerted()) == 2


async def test_buttons_below_an_alert_of_a_closed_topic_act_on_the_topic(forum: Forum) -> None:
    await forum.desk.follow("ballet", chat=forum.chat())
    forum.room.topics[77] = "closed"
    await forum.alerted()
    assert "Muted" in await forum.pressed("Mute this story")
    fewer = await forum.pressed("Fewer like this")
    assert fewer.startswith("For a topic in this group:")
    assert "no rule 1" not in fewer
    assert "drones" in fewer
    assert "1. drones" in await forum.pressed("Rules of that topic")
    assert "Rule 1 is no longer followed: drones" in await forum.pressed("Unfollow 1")
    assert (await forum.rules("77"), await forum.rules()) == ({}, {1: "ballet"})


async def test_in_the_general_topic_one_sees_the_rules_of_all(forum: Forum) -> None:
    server = forum.line.server
    server.says(forum.ann, "/rules", where=forum.room)
    none = await server.sees(forum.room, "The general topic doesn't follow any rules.")
    assert none.text.endswith("Rules of topic 77\n1. drones")
    assert none.styled("text_link") == ["topic 77"]
    assert f'href="https://t.me/c/{-forum.room.id - 1_000_000_000_000}/77"' in none.html
    await forum.desk.follow("ballet", chat=forum.chat())
    server.says(forum.ann, "/rules", where=forum.room)
    listed = await server.sees(forum.room, "1. ballet")
    assert listed.text.endswith("Rules of topic 77\n1. drones")
    assert list(listed.buttons) == ["Unfollow 1", "Rules of topic 77"]
    assert "1. drones" in await forum.pressed("Rules of topic 77")
    assert "Rule 1 is no longer followed: drones" in await forum.pressed("Unfollow 1")
    assert (await forum.rules("77"), await forum.rules()) == ({}, {1: "ballet"})
    server.says(forum.ann, "/rules", where=forum.room)
    assert "topic" not in (await server.sees(forum.room, "1. ballet")).text


async def test_only_admins_change_a_topic_from_elsewhere(forum: Forum, bob: Room) -> None:
    forum.room.topics[77] = "closed"
    await forum.alerted()
    server = forum.line.server
    await forum.pressed("Rules of that topic")
    press = server.presses_button(bob, "Unfollow 1", where=forum.room)
    await server.until(lambda: server.presses[press] is not None)
    refused = server.presses[press]
    assert refused is not None
    assert "Only admins" in refused["text"]
    assert await forum.rules("77") == {1: "drones"}


async def test_the_rules_of_a_deleted_topic_become_the_general_ones(forum: Forum) -> None:
    await forum.desk.follow("ballet", chat=forum.chat())
    forum.room.topics[77] = "deleted"
    word, alert = await forum.alerted()
    assert word.text.startswith("A topic in this group was deleted.")
    assert "\n2. drones\n" in word.text
    assert (word.thread, alert.thread) == (None, None)
    assert "Your rule 2: drones" in alert.text
    assert await forum.rules() == {1: "ballet", 2: "drones"}
    assert await forum.rules("77") == {}
    assert "no rule" not in await forum.pressed("Fewer like this")
    (again,) = await forum.alerted()
    assert again.text.startswith("Twelve drones")


async def test_what_is_followed_in_both_is_sent_once(forum: Forum) -> None:
    await forum.desk.follow("drones", chat=forum.chat())
    forum.room.topics[77] = "deleted"
    sent = await forum.alerted()
    assert len([each for each in sent if each.text.startswith(HEADLINE)]) == 1
    assert len(await forum.alerted()) == 1


async def test_alerts_wait_where_the_general_topic_is_closed_too_and_the_admins_are_told_once(forum: Forum) -> None:
    forum.room.topics = {77: "closed", GENERAL: "closed"}
    assert await forum.alerted() == []
    assert await forum.sent_later(hours=2) == []
    assert await forum.sent_later(hours=2) == []
    told = forum.line.server.sent_to(forum.ann)
    assert len(told) == 1
    assert told[0].startswith("I can't write in Harbour watch: its topics are closed to me.")
    assert "\n1. drones\n" in told[0]
    assert (await forum.owed()).queued == 1
    forum.room.topics[GENERAL] = "open"
    word, alert = await forum.sent_later(hours=2)
    assert word.text.startswith(CLOSED)
    assert alert.text.startswith("Drones seen over Kestrel")


async def test_a_general_topic_that_is_closed_has_its_own_alerts_wait(forum: Forum) -> None:
    await forum.desk.follow("kestrel", chat=forum.chat())
    forum.room.topics[GENERAL] = "closed"
    assert [sent.thread for sent in await forum.alerted()] == [77]
    assert len(forum.line.server.sent_to(forum.ann)) == 1
    forum.room.topics[GENERAL] = "open"
    assert [sent.thread for sent in await forum.sent_later(minutes=61)] == [None]


async def test_a_topic_deleted_beside_a_closed_general_one_is_told_to_the_admins(forum: Forum) -> None:
    forum.room.topics = {77: "deleted", GENERAL: "closed"}
    assert await forum.alerted() == []
    told = forum.line.server.sent_to(forum.ann)
    assert told[0].startswith("A topic in Harbour watch was deleted.")
    assert (await forum.owed()).queued == 1
    forum.room.topics[GENERAL] = "open"
    (alert,) = await forum.sent_later(hours=2)
    assert "Your rule 1: drones" in alert.text


async def test_where_no_admin_can_be_told_it_is_tried_again(forum: Forum) -> None:
    forum.room.topics = {77: "closed", GENERAL: "closed"}
    forum.ann.refusal = Refusal(403, "Forbidden: bot can't initiate conversation with a user")
    await forum.alerted()
    forum.ann.refusal = None
    await forum.sent_later(hours=2)
    assert len(forum.line.server.sent_to(forum.ann)) == 1


async def test_an_answer_in_a_topic_that_was_closed_meanwhile_comes_to_the_general_one(forum: Forum) -> None:
    forum.room.topics[77] = "closed"
    forum.line.server.says(forum.ann, "/rules", where=forum.room, topic=77)
    answer = await forum.line.server.sees(forum.room, "Rules of this chat")
    assert answer.thread is None
    assert "Rule 1 is no longer followed" in await forum.pressed("Unfollow 1")
    assert await forum.rules("77") == {}
