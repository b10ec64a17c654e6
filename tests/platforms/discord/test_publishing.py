"""Alerts in announcement channels that go on to those who follow them, over the wire."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from discord import ChannelType

from bot.core.wording.alert import alert
from bot.errors import SendError, SendLater
from bot.platforms.discord.publishing import MOST, publication_book
from bot.platforms.discord.sender import Ref
from bot.storage import subscribers
from tests import builders
from tests.builders import NOW, item, story
from tests.commands.room import Room as Desk
from tests.platforms.discord.line import Line, connected, on_the_line, running
from tests.platforms.discord.server import DiscordServer
from tests.platforms.discord.world import (
    MISSING_PERMISSIONS,
    PATIENCE,
    UNAVAILABLE,
    Channel,
    Person,
    Refusal,
    Server,
    flood,
)
from tests.platforms.telegram.line import answer_with

ALERT = alert(story(item("Cable cut")), number=1, rule_text="cable", words=("Cable",), now=NOW)
OTHER = alert(story(item("Cable mended")), number=1, rule_text="cable", words=("Cable",), now=NOW)


@pytest.fixture
async def server(desk: Desk) -> AsyncIterator[DiscordServer]:
    async with DiscordServer(desk.clock) as server:
        yield server


@pytest.fixture
def ann(server: DiscordServer) -> Person:
    return server.person("ann")


@pytest.fixture
def harbour(server: DiscordServer, ann: Person) -> Server:
    return server.server(admin=ann)


@pytest.fixture
def news(server: DiscordServer, harbour: Server) -> Channel:
    return server.channel(harbour, "news", ChannelType.news)


@pytest.fixture
async def line(server: DiscordServer, desk: Desk, news: Channel) -> AsyncIterator[Line]:
    async with on_the_line(server, answer_with(desk.services)) as line:
        yield line


async def publishes(desk: Desk, channel: Channel) -> bool:
    async with desk.database.read() as tx:
        found = await subscribers.find(tx, builders.chat(channel.id, platform="discord"))
    return found is not None and found.publishes


async def tried(line: Line, times: int) -> None:
    await line.server.until(lambda: line.server.calls["publish_message"] == times)


async def test_an_admin_switches_publishing_on_and_off(line: Line, desk: Desk, ann: Person, news: Channel) -> None:
    line.server.gives(ann, "publish", switch="on", where=news)
    await line.server.sees(news, "From now on, alerts are published")
    assert await publishes(desk, news)
    line.server.gives(ann, "publish", switch="off", where=news)
    await line.server.sees(news, "they aren't published")
    assert not await publishes(desk, news)


async def test_only_an_announcement_channel_can_publish(line: Line, desk: Desk, ann: Person, harbour: Server) -> None:
    general = next(iter(harbour.channels.values()))
    line.server.gives(ann, "publish", switch="on", where=general)
    await line.server.sees(general, "Only an announcement channel can publish")
    assert not await publishes(desk, general)


async def test_alerts_are_published_where_that_is_asked_for(line: Line, news: Channel) -> None:
    await line.sends(news, ALERT)
    await line.sends(news, ALERT, publishes=True)
    await tried(line, 1)
    assert [sent.published for sent in news.sent] == [False, True]


async def test_an_edit_of_what_is_published_is_not_published_again(line: Line, news: Channel) -> None:
    ref = await line.sends(news, ALERT, publishes=True)
    await tried(line, 1)
    await line.sends(news, OTHER, publishes=True, edits=ref)
    await line.sends(news, OTHER, publishes=True)
    await tried(line, 2)
    assert [sent.published for sent in news.sent] == [True, True]


async def test_a_channel_that_announces_no_more_is_not_asked_to_publish(line: Line, harbour: Server) -> None:
    general = next(iter(harbour.channels.values()))
    await line.sends(general, ALERT, publishes=True)
    other = line.server.channel(harbour, "other", ChannelType.news)
    await line.sends(other, ALERT, publishes=True)
    await tried(line, 1)
    assert not general.sent[0].published


async def test_an_alert_that_may_not_be_published_stands_and_is_sent_once(line: Line, news: Channel) -> None:
    line.server.refuses("publish_message", MISSING_PERMISSIONS)
    ref = await line.sends(news, ALERT, publishes=True)
    assert ref == f"{news.id}/{news.sent[0].id}"
    await tried(line, 1)
    await line.sends(news, OTHER, publishes=True)
    await tried(line, 2)
    assert [sent.published for sent in news.sent] == [False, True]
    assert line.ledger.entries == []


@pytest.mark.parametrize("refusal", [UNAVAILABLE, flood(3000)], ids=lambda each: str(each.status))
async def test_an_alert_that_cannot_be_published_now_is_published_later(
    line: Line, news: Channel, refusal: Refusal
) -> None:
    line.server.refuses("publish_message", refusal, times=3)
    await line.sends(news, ALERT, publishes=True)
    await line.server.until(lambda: news.sent[0].published)
    assert len(news.sent) == 1
    assert line.server.calls["publish_message"] == 4
    assert line.discord.refusals == (3 if refusal.status == 429 else 0)


async def test_what_is_published_already_is_let_be(line: Line, news: Channel) -> None:
    line.server.loses_answers("publish_message")
    await line.sends(news, ALERT, publishes=True)
    await tried(line, 2)
    await line.sends(news, OTHER, publishes=True)
    await tried(line, 3)
    assert [sent.published for sent in news.sent] == [True, True]


async def test_all_that_an_hour_holds_is_published_at_once_however_far_its_end(line: Line, news: Channel) -> None:
    line.server.tells_its_limit("publish_message", MOST, 3600)
    for _ in range(MOST):
        await line.sends(news, ALERT, publishes=True)
    await tried(line, MOST)
    assert [sent.published for sent in news.sent] == [True] * MOST
    assert line.naps.taken == []


async def test_a_limit_that_is_used_up_for_long_is_not_asked_again(line: Line, news: Channel) -> None:
    line.server.tells_its_limit("create_message", 2, 3600)
    for _ in range(2):
        await line.sends(news, ALERT)
    with pytest.raises(SendLater) as caught:
        await line.sends(news, ALERT)
    assert timedelta(seconds=3500) < caught.value.retry_after <= timedelta(seconds=3600)
    assert line.server.calls["create_message"] == 2


async def test_an_alert_does_not_wait_for_being_published(line: Line, news: Channel) -> None:
    may_answer = line.server.holds_answers("publish_message")
    for _ in range(3):
        await line.sends(news, ALERT, publishes=True)
    assert len(news.sent) == 3
    may_answer.set()
    await tried(line, 3)


async def test_no_more_than_ten_an_hour_are_published_and_the_rest_waits(line: Line, desk: Desk, news: Channel) -> None:
    began = desk.clock.now()
    for _ in range(15):
        await line.sends(news, ALERT, publishes=True)
    await line.server.until(lambda: all(sent.published for sent in news.sent))
    assert len(news.sent) == line.server.calls["publish_message"] == 15
    assert desk.clock.now() - began == timedelta(hours=1)


async def test_what_could_not_be_published_for_a_day_stays_as_it_is(line: Line, news: Channel) -> None:
    line.server.refuses("publish_message", flood(50_000), times=2)
    await line.sends(news, ALERT, publishes=True)
    await line.naps.until(2)
    await line.sends(news, OTHER, publishes=True)
    await tried(line, 3)
    assert [sent.published for sent in news.sent] == [False, True]


async def test_what_waited_when_we_stopped_is_published_by_the_next_life(
    server: DiscordServer, desk: Desk, news: Channel
) -> None:
    await desk.follow("cable", chat=builders.chat(news.id, platform="discord"))
    book = publication_book(desk.database)

    async def is_kept(count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(await book.waiting()) != count:  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0)

    line = connected(server, answer_with(desk.services), book=book, real_time=True)
    async with running(line):
        await line.up()
        server.refuses("publish_message", flood(3000), times=2)
        for _ in range(3):
            await line.sends(news, ALERT, publishes=True)
        await is_kept(3)
    assert not any(sent.published for sent in news.sent)
    async with on_the_line(server, answer_with(desk.services), book=book):
        await server.until(lambda: all(sent.published for sent in news.sent))
        await is_kept(0)
    assert len(news.sent) == 3


async def test_what_is_forgotten_waits_for_nothing(desk: Desk, news: Channel) -> None:
    chat, book = builders.chat(news.id, platform="discord"), publication_book(desk.database)
    ref = Ref(channel=int(news.id), message=1)
    await book.keep(ref, NOW)
    assert list(await book.waiting()) == [], "nobody knows the chat"
    await desk.follow("cable", chat=chat)
    await book.keep(ref, NOW)
    await book.keep(ref, NOW)
    assert list(await book.waiting()) == [(ref, NOW)]
    await desk.say("/forget yes", chat=chat)
    assert list(await book.waiting()) == []


async def test_what_was_not_sent_is_not_published(line: Line, news: Channel) -> None:
    line.server.refuses("create_message", MISSING_PERMISSIONS)
    with pytest.raises(SendError):
        await line.sends(news, ALERT, publishes=True)
    assert line.server.calls["publish_message"] == 0
