"""What goes out to Discord by itself, over the wire: never twice, never lost, and nowhere that it is not wanted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from discord import ChannelType, Permissions

from bot.core.message.blocks import Block, Button, Message, Role, Run, say
from bot.core.model import Chat, Level
from bot.core.wording.alert import alert
from bot.delivery.outgoing import Outgoing
from bot.errors import ChatClosed, ChatGone, PlatformAway, SendError, SendLater, SendRefused, SendUnknown
from bot.platforms.discord.adapter import LIMITS as DISCORD
from tests.builders import NOW, item, story
from tests.platforms.contract import Clerk
from tests.platforms.discord.line import Line, connected, on_the_line, running
from tests.platforms.discord.server import SUPPRESS_NOTIFICATIONS, DiscordServer
from tests.platforms.discord.world import (
    BOT,
    CLOSED_MESSAGES,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    PATIENCE,
    UNAVAILABLE,
    UNKNOWN_CHANNEL,
    Channel,
    Person,
    Refusal,
    Server,
    flood,
)

ALERT = alert(story(item("Cable <@1> cut")), number=1, rule_text="cable", words=("Cable",), now=NOW)
RETITLED = alert(story(item("Cable NOT cut")), number=1, rule_text="cable", words=("Cable",), now=NOW)
ELSEWHERE = alert(story(item("Cable <@1> cut"), id_=5), number=1, rule_text="cable", words=("Cable",), now=NOW)
OTHER = Message((Block(say("Cable mended")),))


async def silence(_request: object) -> None:
    return None


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server


@pytest.fixture
def harbour(server: DiscordServer) -> Server:
    return server.server()


@pytest.fixture
def general(harbour: Server) -> Channel:
    return next(iter(harbour.channels.values()))


@pytest.fixture
async def line(server: DiscordServer, harbour: Server) -> AsyncIterator[Line]:
    async with on_the_line(server, silence) as line:
        yield line


@pytest.fixture
def ann(server: DiscordServer) -> Person:
    return server.person("ann")


async def test_an_alert_is_an_embed_and_makes_no_sound_where_none_is_wanted(line: Line, general: Channel) -> None:
    await line.sends(general, ALERT)
    await line.sends(general, replace(ALERT, silent=True))
    (loud, quiet) = general.sent
    assert loud.embeds[0]["title"] == "Cable \\<@1\\> cut"
    assert loud.embeds[0]["author"]["name"] == "Northgate Wire · NATO's side"
    assert (loud.flags, quiet.flags) == (0, SUPPRESS_NOTIFICATIONS)


# Never twice


async def test_what_discord_took_without_our_hearing_it_is_not_sent_again(line: Line, general: Channel) -> None:
    line.server.loses_answers("create_message")
    ref = await line.sends(general, ALERT, nonce="17")
    assert line.server.calls["create_message"] == 2
    assert ref == f"{general.id}/{general.sent[0].id}"
    assert len(general.sent) == 1


async def test_it_is_known_again_by_a_later_attempt_at_the_same_delivery(line: Line, general: Channel) -> None:
    line.server.loses_answers("create_message", times=3)
    with pytest.raises(SendUnknown):
        await line.sends(general, ALERT, nonce="17")
    await line.sends(general, ALERT, nonce="17")
    assert len(general.sent) == 1
    await line.sends(general, ALERT, nonce="18")
    await line.sends(general, ALERT)
    await line.sends(general, ALERT)
    assert len(general.sent) == 4


async def test_one_delivery_goes_to_each_chat_and_its_parts_stay_apart(
    line: Line, general: Channel, ann: Person
) -> None:
    long = Message(tuple(Block((Run("word " * 200),)) for _ in range(9)))
    for chat in (general, ann):
        await line.sends(chat, long, nonce="17")
    assert len(general.sent) == len(ann.private.sent) == 3
    nonces = {sent.nonce for sent in (*general.sent, *ann.private.sent)}
    assert len(nonces) == 6


async def test_a_post_that_was_made_without_our_hearing_it_is_found_again(line: Line, harbour: Server) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    line.server.loses_answers("start_post")
    ref = await line.sends(forum, ALERT, nonce="17")
    assert len(forum.log) == 1
    assert ref == f"{forum.log[0].channel}/{forum.log[0].id}"


async def test_discord_is_not_there_while_it_does_not_say_who_we_are(line: Line) -> None:
    line.server.refuses("get_me", UNAVAILABLE)
    with pytest.raises(PlatformAway):
        await line.discord.is_there()
    await line.discord.is_there()


@pytest.mark.parametrize("status", [500, 502, 504, 524])
async def test_a_post_that_was_made_though_discord_says_it_failed_is_found_again(
    line: Line, harbour: Server, status: int
) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    line.server.misleads("start_post", Refusal(status, 0, "Bad Gateway"))
    ref = await line.sends(forum, ALERT, nonce="17")
    assert [f"{sent.channel}/{sent.id}" for sent in forum.log] == [ref]
    assert line.server.calls["start_post"] == 1


async def test_a_post_that_was_not_made_is_made_when_discord_is_back(line: Line, harbour: Server) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    line.server.refuses("start_post", Refusal(502, 0, "Bad Gateway"), times=2)
    ref = await line.sends(forum, ALERT, nonce="17")
    assert [f"{sent.channel}/{sent.id}" for sent in forum.log] == [ref]
    line.server.refuses("start_post", Refusal(502, 0, "Bad Gateway"), times=3)
    with pytest.raises(SendError):
        await line.sends(forum, ALERT, nonce="18")
    line.server.misleads("start_post", Refusal(504, 0, "Gateway Time-out"), times=2)
    refs = await asyncio.gather(*(line.sends(forum, ALERT, nonce=nonce) for nonce in ("18", "19")))
    assert len({ref, *refs}) == len(forum.log) == 3


async def test_another_post_of_the_same_name_is_not_taken_for_ours(line: Line, harbour: Server) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    line.server.channel(harbour, "Cable <@1> cut", ChannelType.public_thread, parent=forum, owner=BOT["id"])
    refs = [await line.sends(forum, ALERT, nonce="one")]
    for nonce in ("two", "three"):
        line.server.refuses("start_post", UNAVAILABLE)
        refs.append(await line.sends(forum, ALERT, nonce=nonce))
    assert len(set(refs)) == len(forum.log) == 3


async def test_two_posts_of_one_name_that_were_made_without_our_hearing_it_stay_two(
    line: Line, harbour: Server
) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    line.server.loses_answers("start_post", times=2)
    refs = await asyncio.gather(*(line.sends(forum, ALERT, nonce=nonce) for nonce in ("one", "two")))
    assert len(set(refs)) == len(forum.log) == 2


# After a kill, or when Discord has forgotten the nonce


@asynccontextmanager
async def after_a_kill(server: DiscordServer) -> AsyncIterator[Line]:
    """Another life of the bot, which knows no ref of the last one's."""
    server.forgets_nonces()
    server.forgets_sessions()
    server.clock.advance(minutes=10)
    async with on_the_line(server, silence) as line:
        yield line


KINDS = ["text", "thread", "private", "forum"]


def place_of(server: DiscordServer, harbour: Server, kind: str) -> Channel:
    general = next(iter(harbour.channels.values()))
    match kind:
        case "thread":
            return server.channel(harbour, "cables", ChannelType.public_thread, parent=general)
        case "private":
            return server.person("ann").private
        case "forum":
            return server.channel(harbour, "stories", ChannelType.forum)
        case _:
            return general


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("message", [ALERT, OTHER], ids=["alert", "broadcast"])
async def test_what_stands_there_after_a_kill_is_found_and_not_sent_again(
    server: DiscordServer, harbour: Server, kind: str, message: Message
) -> None:
    where = place_of(server, harbour, kind)
    async with on_the_line(server, silence) as line:
        ref = await line.sends(where, message, nonce="17")
    async with after_a_kill(server) as line:
        assert await line.sends(where, message, nonce="17", unseen_since=NOW) == ref
        assert len(where.log) == 1
        assert await line.sends(where, message, nonce="18", unseen_since=NOW) != ref
        assert len(where.log) == 2


@pytest.mark.parametrize("kind", KINDS)
async def test_what_never_left_is_sent_after_a_kill(server: DiscordServer, harbour: Server, kind: str) -> None:
    where = place_of(server, harbour, kind)
    async with on_the_line(server, silence) as line:
        await line.sends(where, ELSEWHERE, nonce="16")
    async with after_a_kill(server) as line:
        await line.sends(where, ALERT, nonce="17", unseen_since=NOW)
    assert len(where.log) == 2


@pytest.mark.parametrize("kind", KINDS)
async def test_an_alert_that_is_found_again_gets_the_words_of_now(
    server: DiscordServer, harbour: Server, kind: str
) -> None:
    where = place_of(server, harbour, kind)
    async with on_the_line(server, silence) as line:
        ref = await line.sends(where, ALERT, nonce="17")
    async with after_a_kill(server) as line:
        assert await line.sends(where, RETITLED, nonce="17", unseen_since=NOW) == ref
    stands = server.channels[ref.partition("/")[0]]
    assert len(stands.sent) == 1
    assert stands.sent[0].text.startswith("Northgate Wire · NATO's side\nCable NOT cut")


async def test_an_alert_of_long_ago_or_the_one_that_is_answered_is_not_taken_for_this(
    server: DiscordServer, general: Channel
) -> None:
    async with on_the_line(server, silence) as line:
        first = await line.sends(general, ALERT, nonce="17")
    async with after_a_kill(server) as line:
        await line.sends(general, ALERT, nonce="17-major", answers=first, unseen_since=NOW)
        await line.sends(general, ALERT, nonce="18", unseen_since=NOW + timedelta(minutes=30))
    assert len(general.sent) == 3


async def test_an_answer_to_somebody_is_not_taken_for_an_alert(server: DiscordServer, ann: Person) -> None:
    async def answer(_request: object) -> Message:
        return OTHER

    async with on_the_line(server, answer) as line:
        line.server.says(ann, "/latest")
        await line.server.sees(ann.private, "Cable mended")
    async with after_a_kill(server) as line:
        await line.sends(ann, OTHER, nonce="17", unseen_since=NOW)
    assert server.sent_to(ann.private) == ["Cable mended"] * 2


@pytest.mark.parametrize(("kind", "count"), [("text", 2), ("forum", 1)])
async def test_where_we_may_not_read_it_is_repeated_once_but_posts_are_known_by_name(
    server: DiscordServer, harbour: Server, kind: str, count: int
) -> None:
    where = place_of(server, harbour, kind)
    server.denies(where, read_message_history=True)
    async with on_the_line(server, silence) as line:
        await line.sends(where, ALERT, nonce="17")
    async with after_a_kill(server) as line:
        await line.sends(where, ALERT, nonce="17", unseen_since=NOW)
    assert len(where.log) == count
    assert server.calls["get_message"] == server.calls["get_messages"] == 0


async def test_where_we_cannot_look_just_now_nothing_is_sent(server: DiscordServer, general: Channel) -> None:
    async with on_the_line(server, silence) as line:
        await line.sends(general, ALERT, nonce="17")
    async with after_a_kill(server) as line:
        server.refuses("get_messages", UNAVAILABLE)
        with pytest.raises(SendError) as caught:
            await line.sends(general, ALERT, nonce="17", unseen_since=NOW)
        assert not isinstance(caught.value, SendUnknown)
        await line.sends(general, ALERT, nonce="17", unseen_since=NOW)
    assert len(general.sent) == 1


async def test_while_discord_is_out_of_order_nothing_is_lost_or_doubled(line: Line, general: Channel) -> None:
    line.server.refuses("create_message", UNAVAILABLE, times=2)
    await line.sends(general, ALERT, nonce="17")
    assert len(general.sent) == 1
    line.server.refuses("create_message", UNAVAILABLE, times=3)
    with pytest.raises(PlatformAway):
        await line.sends(general, ALERT, nonce="18")
    assert line.ledger.entries == []


async def test_where_nobody_listens_nothing_was_sent(line: Line, general: Channel) -> None:
    await line.server.goes_down()
    with pytest.raises(SendError) as caught:
        await line.sends(general, ALERT)
    assert not isinstance(caught.value, SendUnknown)


async def test_what_is_under_way_when_we_stop_is_sent(server: DiscordServer, general: Channel) -> None:
    line = connected(server, silence)
    serving = asyncio.create_task(line.discord.run())
    await line.up()
    may_answer = server.holds_answers("create_message")
    sending = asyncio.create_task(line.sends(general, ALERT))
    await server.until(lambda: server.calls["create_message"] == 1)
    serving.cancel()
    with pytest.raises(SendLater):
        await line.sends(general, ALERT)
    await asyncio.wait([serving], timeout=0.2)
    assert not serving.done()
    may_answer.set()
    assert await sending == f"{general.id}/{general.sent[0].id}"
    await asyncio.wait([serving], timeout=PATIENCE)
    assert serving.cancelled()


async def test_what_waits_for_its_turn_when_we_stop_goes_back_at_once(server: DiscordServer, general: Channel) -> None:
    line = connected(server, silence, limits=DISCORD, real_time=True)
    async with running(line):
        await line.up()
        sending = [asyncio.create_task(line.sends(general, ALERT)) for _ in range(9)]
        await server.until(lambda: len(general.sent) == 5)
    outcomes = await asyncio.gather(*sending, return_exceptions=True)
    assert [type(each) for each in outcomes] == [str] * 5 + [SendLater] * 4


async def test_people_are_acknowledged_while_alerts_wait_for_their_turn(
    server: DiscordServer, general: Channel
) -> None:
    line = connected(server, Clerk().answer, limits=DISCORD, real_time=True)
    async with running(line):
        await line.up()
        waiting = [asyncio.create_task(line.sends(general, ALERT)) for _ in range(100)]
        asked = [server.says(server.person(), "/latest") for _ in range(20)]
        await server.until(lambda: all(each.took is not None for each in asked))
        assert len(general.sent) <= 5
    assert max(each.took or 0 for each in asked) < 1
    await asyncio.gather(*waiting, return_exceptions=True)


# Edits and answers


async def test_edits_go_to_the_message_that_was_sent(line: Line, general: Channel) -> None:
    with_button = replace(ALERT, buttons=((Button("Rules", "/rules"),),))
    ref = await line.sends(general, with_button)
    assert general.sent[0].buttons == {"Rules": "/rules"}
    assert await line.sends(general, OTHER, edits=ref) == ref
    assert line.server.sent_to(general) == ["Cable mended"]
    assert general.sent[0].buttons == {}


async def test_an_alert_that_was_deleted_does_not_come_back_with_its_next_edit(line: Line, general: Channel) -> None:
    ref = await line.sends(general, ALERT)
    general.sent[0].deleted = True
    assert await line.sends(general, OTHER, edits=ref) == ref
    assert line.server.sent_to(general) == []
    assert line.ledger.entries == []
    await line.sends(general, OTHER, answers=ref)
    assert line.server.sent_to(general) == ["Cable mended"]


@pytest.mark.parametrize("kind", [ChannelType.public_thread, ChannelType.forum])
async def test_an_edit_in_a_thread_that_sleeps_is_let_be_and_the_thread_kept(
    line: Line, harbour: Server, general: Channel, kind: ChannelType
) -> None:
    parent = general if kind is ChannelType.public_thread else None
    where = line.server.channel(harbour, "cables", kind, parent=parent)
    ref = await line.sends(where, ALERT)
    line.server.refuses("edit_message", Refusal(400, 50083, "Thread is archived"))
    assert await line.sends(where, OTHER, edits=ref) == ref
    assert line.ledger.entries == []
    stands = line.server.channels[ref.partition("/")[0]]
    assert len(line.server.sent_to(stands)) == 1
    await line.sends(where, OTHER, answers=ref)
    assert line.server.sent_to(stands)[1:] == ["Cable mended"]


async def test_more_on_a_story_answers_its_alert(line: Line, general: Channel) -> None:
    ref = await line.sends(general, ALERT)
    await line.sends(general, OTHER, answers=ref)
    assert general.sent[1].answers == general.sent[0].id


@pytest.mark.parametrize("kind", [ChannelType.text, ChannelType.forum])
async def test_where_we_may_not_read_what_was_an_answer_shows_nothing_of_it(
    line: Line, harbour: Server, kind: ChannelType
) -> None:
    where = line.server.channel(harbour, "cables", kind)
    ref = await line.sends(where, ALERT)
    refusal = Refusal(403, 160002, "Cannot reply without permission to read message history")
    line.server.refuses("create_message", refusal)
    await line.sends(where, OTHER, answers=ref)
    _, told = line.server.channels[ref.partition("/")[0]].sent
    assert (told.text, told.answers) == ("Cable mended", "")
    assert line.ledger.entries == []


# Forums


async def test_in_a_forum_each_story_has_a_post_and_what_follows_goes_there(line: Line, harbour: Server) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    refs = [await line.sends(forum, ALERT), await line.sends(forum, ALERT)]
    posts = [line.server.channels[ref.partition("/")[0]] for ref in refs]
    assert len({post.id for post in posts}) == 2
    assert [post.name for post in posts] == ["Cable <@1> cut"] * 2
    await line.sends(forum, OTHER, answers=refs[0])
    await line.sends(forum, OTHER, edits=refs[1])
    assert [len(post.sent) for post in posts] == [2, 1]
    assert line.server.sent_to(posts[0])[1] == line.server.sent_to(posts[1])[0] == "Cable mended"


async def test_a_forum_of_which_we_have_not_heard_yet_is_one_all_the_same(line: Line) -> None:
    unheard = line.server.server(with_us=False)
    forum = line.server.channel(unheard, "stories", ChannelType.forum)
    line.server.loses_answers("start_post")
    await line.sends(forum, ALERT)
    assert len(forum.log) == 1


@pytest.mark.parametrize(
    ("tags", "applied"),
    [
        (("News", "Airspace", "Baltic"), "Airspace"),
        (("News", "Baltic cable", "Air space"), "Baltic cable"),
        (("News", "Breaking!", "Talks"), "Breaking!"),
        (("News", "Talks"), "News"),
        (("!Moderated", "News", "Talks"), "News"),
    ],
)
async def test_a_forum_that_wants_a_tag_gets_the_one_that_fits(
    line: Line, harbour: Server, tags: tuple[str, ...], applied: str
) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum, tags=tags)
    told = story(item("Cable cut"), topics=("baltic-cables", "airspace"), level=Level.BREAKING)
    if "Baltic cable" not in tags:
        told = story(item("Cable cut"), topics=("airspace",), level=Level.BREAKING)
    await line.sends(forum, alert(told, number=1, rule_text="cable", words=("Cable",), now=NOW))
    assert line.server.calls["start_post"] == 1
    (post,) = (each for each in harbour.channels.values() if each.parent == forum.id)
    assert post.tags == (applied,)


async def test_a_forum_that_began_to_want_a_tag_gets_one(line: Line, harbour: Server) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    await line.is_ready()
    forum.tags = ("News", "Talks")
    line.server.dispatch("CHANNEL_UPDATE", forum.json | {"flags": 0})
    line.server.denies(next(iter(harbour.channels.values())), send_messages=True)
    line.server.denies(next(iter(harbour.channels.values())))
    await line.hears(lambda: bool(line.ledger.entries))  # by now it has heard of the tags, too
    await line.sends(forum, ALERT)
    assert line.server.calls["start_post"] == 2
    assert len(forum.log) == 1


# The ends of the road


@pytest.mark.parametrize(
    "refusal",
    [CLOSED_MESSAGES, UNKNOWN_CHANNEL, Refusal(404, 10004, "Unknown Guild")],
    ids=lambda refusal: str(refusal.body["code"]),
)
async def test_what_can_never_arrive_is_tried_once_and_the_chat_parked(
    line: Line, ann: Person, refusal: Refusal
) -> None:
    ann.private.refusal = refusal
    with pytest.raises(ChatGone, match=refusal.body["message"]):
        await line.sends(ann, ALERT)
    assert line.server.calls["create_message"] == 1
    assert line.ledger.told("gone") == [ann.private.id]


LOCKED = Refusal(400, 160005, "This thread is locked")


@pytest.mark.parametrize(
    "refusal",
    [MISSING_ACCESS, MISSING_PERMISSIONS, LOCKED, Refusal(403, 0, "Something new")],
    ids=lambda refusal: str(refusal.body["code"]),
)
async def test_where_a_right_is_missing_we_ask_once_in_ten_minutes_and_lose_nothing(
    line: Line, harbour: Server, general: Channel, refusal: Refusal
) -> None:
    thread = line.server.channel(harbour, "cables", ChannelType.public_thread, parent=general)
    thread.refusal = refusal
    for minutes in (0, 4, 5):
        line.server.clock.advance(minutes=minutes)
        with pytest.raises(ChatClosed, match=refusal.body["message"]) as caught:
            await line.sends(thread, ALERT)
    assert caught.value.retry_after == timedelta(minutes=1)
    assert line.server.calls["create_message"] == 1
    line.server.clock.advance(minutes=1)
    thread.refusal = None
    await line.sends(thread, ALERT)
    assert line.ledger.entries == [("back", thread.id)], "what waits goes at once"
    await line.sends(general, ALERT)


async def test_a_right_that_comes_back_by_a_role_opens_its_channels(
    line: Line, harbour: Server, general: Channel
) -> None:
    await line.is_ready()
    rights = harbour.ours
    line.server.ranks_us(harbour, Permissions(view_channel=True))
    general.refusal = MISSING_PERMISSIONS
    with pytest.raises(ChatClosed):
        await line.sends(general, ALERT)
    general.refusal = None
    line.server.ranks_us(harbour, rights)
    await line.hears(lambda: line.ledger.entries == [("back", general.id)])
    await line.sends(general, ALERT)


async def test_a_locked_post_is_no_word_on_its_forum(line: Line, harbour: Server) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    ref = await line.sends(forum, ALERT)
    line.server.channels[ref.partition("/")[0]].refusal = LOCKED
    with pytest.raises(SendRefused):
        await line.sends(forum, OTHER, answers=ref)
    await line.sends(forum, ALERT)


@pytest.mark.parametrize("fields", ["edits", "answers"])
async def test_a_post_that_was_deleted_is_left_alone_but_not_its_forum(
    line: Line, harbour: Server, fields: str
) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    ref = await line.sends(forum, ALERT)
    post = line.server.channels[ref.partition("/")[0]]
    post.refusal = UNKNOWN_CHANNEL
    with pytest.raises(SendRefused):
        await line.sends(forum, OTHER, **{fields: ref})
    assert line.ledger.entries == []
    await line.sends(forum, ALERT)


async def test_where_we_may_not_go_on_in_the_posts_of_a_forum_it_is_the_forum_that_is_closed_to_us(
    line: Line, harbour: Server
) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    ref = await line.sends(forum, ALERT)
    line.server.channels[ref.partition("/")[0]].refusal = MISSING_PERMISSIONS
    for answers in (ref, None):
        with pytest.raises(ChatClosed, match="Missing Permissions"):
            await line.sends(forum, OTHER, answers=answers)


async def test_put_out_of_a_server_we_leave_all_its_channels_alone_until_we_are_back(
    line: Line, harbour: Server, general: Channel
) -> None:
    line.server.channel(harbour, "cables", ChannelType.public_thread, parent=general)
    await line.is_ready()
    line.server.puts_us_out(harbour)
    line.server.lets_us_in(harbour)
    await line.hears(lambda: len(line.ledger.told("back")) == 2)
    assert set(line.ledger.told("gone")) == set(line.ledger.told("back")) == set(harbour.channels)


async def test_channels_and_threads_that_are_deleted_are_lost(line: Line, harbour: Server, general: Channel) -> None:
    thread = line.server.channel(harbour, "cables", ChannelType.public_thread, parent=general)
    line.server.deletes(thread)
    line.server.deletes(general)
    await line.hears(lambda: len(line.ledger.entries) == 2)
    assert set(line.ledger.told("gone")) == {thread.id, general.id}


async def test_a_channel_whose_rights_are_given_back_is_there_again(line: Line, general: Channel) -> None:
    line.server.denies(general, send_messages=True)
    line.server.denies(general)
    await line.hears(lambda: bool(line.ledger.entries))
    assert line.ledger.entries == [("back", general.id)]


# Waiting


async def test_a_long_wait_is_handed_back_instead_of_slept_through(line: Line, general: Channel) -> None:
    line.server.refuses("create_message", flood(120))
    with pytest.raises(SendLater) as caught:
        await line.sends(general, ALERT)
    assert timedelta(seconds=119) < caught.value.retry_after <= timedelta(seconds=120)
    assert line.discord.refusals == 1


@pytest.mark.parametrize(("headers", "wait"), [({"Retry-After": "900"}, 900), ({}, 600)])
async def test_a_ban_of_our_address_is_waited_out(
    line: Line, general: Channel, headers: dict[str, str], wait: int
) -> None:
    line.server.refuses("create_message", Refusal(429, 0, "You are being blocked", headers=headers))
    with pytest.raises(SendLater) as caught:
        await line.sends(general, ALERT)
    assert caught.value.retry_after == timedelta(seconds=wait)


# What Discord does not take


async def test_an_embed_that_discord_refuses_comes_as_plain_words(line: Line, general: Channel) -> None:
    line.server.refuses("create_message", Refusal(400, 50035, "Invalid Form Body"))
    await line.sends(general, ALERT)
    (sent,) = general.sent
    assert sent.embeds == []
    assert sent.text.startswith("Cable <@1> cut")
    assert "<@1>" not in sent.content


async def test_what_is_refused_in_every_form_is_given_up(line: Line, general: Channel) -> None:
    line.server.refuses("create_message", Refusal(400, 50035, "Invalid Form Body"), times=2)
    with pytest.raises(SendRefused):
        await line.sends(general, ALERT)
    assert line.ledger.entries == []


async def test_a_token_that_is_refused_meanwhile_loses_no_chat_and_is_not_told(line: Line, general: Channel) -> None:
    token, line.server.token = line.server.token, "another"
    with pytest.raises(PlatformAway) as caught:
        await line.sends(general, ALERT)
    assert token not in str(caught.value)
    assert line.ledger.entries == []


async def test_a_title_for_a_post_is_cut_to_what_a_name_holds(line: Line, harbour: Server) -> None:
    forum = line.server.channel(harbour, "stories", ChannelType.forum)
    title = Block((Run("😀" * 90),), Role.TITLE)
    await line.sends(forum, Message((Block(say("before")), title)))
    (post,) = (each for each in harbour.channels.values() if each.parent == forum.id)
    assert post.name == "😀" * 49 + "…"


async def test_a_chat_that_never_was_is_gone(line: Line) -> None:
    with pytest.raises(ChatGone):
        await line.discord.send(Outgoing(chat=Chat(platform="discord", address="42"), message=ALERT))
