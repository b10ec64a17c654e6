"""Conversations on Discord as people have them, over the wire: real library, real commands, real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from string import ascii_lowercase

import pytest
from discord import ChannelType, Permissions

from bot.commands import COMMANDS, answer
from bot.commands.framework.admission import Admission
from bot.commands.framework.arguments import to_request
from bot.commands.framework.quota import MOST_ASKED
from bot.core.message.blocks import Block, Button, Message, Role, Run
from bot.storage import subscribers
from tests import builders
from tests.commands.room import Room as Desk
from tests.platforms.discord.asking import PRESS_PROMISE, SELECT, Asking
from tests.platforms.discord.line import Line, complete_with, on_the_line
from tests.platforms.discord.server import DiscordServer
from tests.platforms.discord.world import MANAGES, READS, Channel, Person, Refusal, Server
from tests.platforms.telegram.line import answer_with


@pytest.fixture
async def server(desk: Desk) -> AsyncIterator[DiscordServer]:
    async with DiscordServer(desk.clock) as server:
        yield server


@pytest.fixture
async def line(server: DiscordServer, desk: Desk) -> AsyncIterator[Line]:
    async with on_the_line(server, answer_with(desk.services), complete=complete_with(desk.services)) as line:
        yield line


@pytest.fixture
def ann(server: DiscordServer) -> Person:
    return server.person("ann")


@pytest.fixture
def bob(server: DiscordServer) -> Person:
    return server.person("bob")


@pytest.fixture
def harbour(server: DiscordServer, ann: Person) -> Server:
    """A server of Ann's, known before the bot connects."""
    return server.server(admin=ann)


@pytest.fixture
def general(harbour: Server) -> Channel:
    return next(iter(harbour.channels.values()))


OFFERED = [row.name for row in COMMANDS if not row.hidden]


async def rules_of(desk: Desk, channel: Channel) -> list[str]:
    """What a chat follows, as storage has it."""
    async with desk.database.read() as tx:
        found = await subscribers.find(tx, builders.chat(channel.id, platform="discord"))
        return [each.text for each in await subscribers.followings_of(tx, found.id)] if found else []


async def publish(desk: Desk, count: int) -> None:
    titles = (f"Drones seen over Kestrel pier {number}" for number in range(1, count + 1))
    await desk.publish(*(builders.item(title, ago=timedelta(minutes=place)) for place, title in enumerate(titles)))


async def ends(line: Line, asking: Asking) -> Asking:
    """Wait until an interaction is acknowledged and nobody waits for it."""
    await line.server.until(lambda: asking.took is not None and not asking.is_waiting, lambda: f"{asking}")
    return asking


# Direct messages


async def test_a_rule_is_followed_by_a_command_and_a_button(line: Line, desk: Desk, ann: Person) -> None:
    await publish(desk, 2)
    line.server.says(ann, "/follow drones kestrel")
    asked = await line.server.sees(ann.private, "Follow drones kestrel?")
    assert "can't say yet how many alerts" in asked.text
    assert "`drones kestrel`" in asked.embeds[0]["title"]
    line.server.presses(ann, "Follow")
    saved = await line.server.sees(ann.private, "Saved as rule 1: drones kestrel")
    assert saved.id == asked.id
    assert len(line.server.sent_to(ann.private)) == 1
    assert await rules_of(desk, ann.private) == ["drones kestrel"]


async def test_a_second_press_of_an_impatient_finger_changes_nothing(line: Line, ann: Person) -> None:
    line.server.says(ann, "/follow drones")
    await line.server.sees(ann.private, "Follow drones?")
    presses = [line.server.presses(ann, "Follow") for _ in range(2)]
    for press in presses:
        await ends(line, press)
    assert PRESS_PROMISE in {press.kind for press in presses}
    await line.server.sees(ann.private, "Saved as rule 1")
    assert line.server.sent_to(ann.private)[0].startswith("Saved as rule 1")


async def test_news_is_paged_in_place(line: Line, desk: Desk, ann: Person) -> None:
    await publish(desk, 7)
    line.server.says(ann, "/latest")
    first = await line.server.sees(ann.private, "Latest news")
    assert first.text.count("Kestrel pier") == 5
    line.server.presses(ann, "Older")
    second = await line.server.sees(ann.private, "Latest news, page 2")
    assert second.text.count("Kestrel pier") == 2
    line.server.presses(ann, "Newer")
    again = await line.server.sees(ann.private, "Latest news")
    assert again.text == first.text
    assert first.id == second.id == again.id


async def test_options_are_asked_for_one_by_one(line: Line, desk: Desk, ann: Person) -> None:
    await publish(desk, 7)
    line.server.gives(ann, "latest", n="3", rule="drones")
    shown = await line.server.sees(ann.private, "Latest news")
    assert shown.text.count("Kestrel pier") == 3


async def test_a_faulty_rule_is_marked_in_columns_and_mended_by_a_button(line: Line, ann: Person) -> None:
    line.server.says(ann, "/follow drone (poland")
    marked = await line.server.sees(ann.private, "^")
    _, rule, caret, *_ = marked.embeds[0]["description"].splitlines()
    assert rule[caret.index("^")] == "("
    line.server.presses(ann, "Yes, use that")
    await line.server.sees(ann.private, "Follow drone poland?")


async def test_whatever_is_typed_comes_back_without_a_meaning(line: Line, ann: Person) -> None:
    line.server.says(ann, "/sources <@1234> **x** @everyone https://evil.example")
    told = await line.server.sees(ann.private, "<@1234> **x** @everyone https://evil.example")
    assert "<@1234>" not in str(told.embeds)


async def test_buttons_work_after_a_restart(server: DiscordServer, desk: Desk, ann: Person) -> None:
    async with on_the_line(server, answer_with(desk.services)) as line:
        line.server.says(ann, "/follow drones")
        await line.server.sees(ann.private, "Follow drones?")
    async with on_the_line(server, answer_with(desk.services)) as line:
        line.server.presses(ann, "Follow")
        await line.server.sees(ann.private, "Saved as rule 1")
    assert await rules_of(desk, ann.private) == ["drones"]


async def test_a_button_of_an_older_version_answers_politely(line: Line, ann: Person) -> None:
    old = (Button("Forgotten", "v0:mute:17"), Button("Gone", "/gone 17"))
    await line.sends(ann, Message((Block((Run("Cable cut"),)),), (old,)))
    line.server.presses(ann, "Forgotten")
    await line.server.sees(ann.private, "too old")
    line.server.presses(ann, "Gone")
    await line.server.sees(ann.private, "/gone isn't a command")


@pytest.mark.parametrize("forged", ["/unfollow 1", "!/unfollow 1", "/forget yes"])
async def test_a_press_of_what_no_button_of_the_message_carries_does_nothing(
    line: Line, desk: Desk, ann: Person, forged: str
) -> None:
    await desk.follow("drones", chat=builders.chat(ann.private.id, platform="discord"))
    line.server.says(ann, "/start")
    await line.server.sees(ann.private, "Welcome")
    line.server.presses(ann, "Nuclear weapons", forged=forged)
    await line.server.sees(ann.private, "too old")
    line.server.presses(ann, "Nuclear weapons", kind=SELECT)
    await line.server.sees(ann.private, "too old")
    assert await rules_of(desk, ann.private) == ["drones"]


async def test_many_ask_at_once_and_each_is_answered_once_and_soon(line: Line) -> None:
    people = [line.server.person(f"p{number}") for number in range(100)]
    asked = [line.server.says(who, "/rules") for who in people]
    for asking in asked:
        await ends(line, asking)
    assert all(line.server.sent_to(who.private) == [line.server.sent_to(people[0].private)[0]] for who in people)
    assert not line.server.refused


# Servers


async def test_in_a_server_only_admins_are_offered_what_changes_it(
    line: Line, general: Channel, ann: Person, bob: Person
) -> None:
    everyone = set(line.server.offered(bob, general))
    assert {"latest", "search", "rules", "help"} <= everyone
    assert {"follow", "unfollow", "pause", "forget"} <= set(line.server.offered(ann, general)) - everyone


async def test_answers_in_a_server_are_for_whoever_asked_alone(
    line: Line, desk: Desk, general: Channel, ann: Person
) -> None:
    line.server.says(ann, "/follow drones", where=general)
    offered = await line.server.sees(general, "Follow drones?")
    assert offered.to == ann.id
    line.server.presses(ann, "Follow", where=general)
    saved = await line.server.sees(general, "Saved as rule 1")
    assert (saved.id, saved.to) == (offered.id, ann.id)
    assert await rules_of(desk, general) == ["drones"]
    assert await rules_of(desk, ann.private) == []


async def test_who_presses_too_often_is_told_so_alone_and_the_list_stays(
    server: DiscordServer, desk: Desk, general: Channel, bob: Person
) -> None:
    admission = Admission(answer, desk.services)
    async with on_the_line(server, admission.answer) as line:
        await publish(desk, 7)
        line.server.says(bob, "/latest", where=general)
        listed = await line.server.sees(general, "Latest news")
        for _ in range(MOST_ASKED - 1):
            await admission.answer(to_request(builders.chat(general.id, platform="discord"), "/rules", user=bob.id))
        line.server.presses(bob, "Older", where=general)
        told = await line.server.sees(general, "That was 20 questions in a minute")
        assert told.to == bob.id
        assert told.id != listed.id
        for asking in (
            line.server.presses(bob, "Older", where=general),
            line.server.says(bob, "/rules", where=general),
        ):
            again = await line.server.sees(general, "That was 20 questions in a minute")
            assert again.to == bob.id
            assert not asking.deleted
        assert [sent.text for sent in general.sent] == [listed.text, *[told.text] * 3]


async def test_whom_the_owner_lets_give_a_command_may_also_press_its_buttons(
    line: Line, desk: Desk, harbour: Server, general: Channel, bob: Person
) -> None:
    harbour.granted.add((bob.id, "follow"))
    line.server.says(bob, "/follow drones", where=general)
    await line.server.sees(general, "Follow drones?")
    line.server.presses(bob, "Follow", where=general)
    await line.server.sees(general, "Saved as rule 1")
    assert await rules_of(desk, general) == ["drones"]


async def test_what_the_owner_lets_somebody_do_is_that_command_alone_and_ends_when_he_says_so(
    line: Line, desk: Desk, harbour: Server, general: Channel, bob: Person
) -> None:
    await desk.follow("cables", chat=builders.chat(general.id, platform="discord"))
    harbour.granted.add((bob.id, "follow"))
    line.server.says(bob, "/follow drones", where=general)
    await line.server.sees(general, "Follow drones?")
    line.server.presses(bob, "Follow", where=general)
    await line.server.sees(general, "Saved as rule 2")
    line.server.presses(bob, "Rules of this chat", where=general)
    await line.server.sees(general, "1. cables")
    line.server.presses(bob, "Unfollow 1", where=general)
    await line.server.sees(general, "Only admins")
    line.server.says(bob, "/follow ships", where=general)
    await line.server.sees(general, "Follow ships?")
    line.server.revokes(harbour, bob, "follow")
    line.server.presses(bob, "Follow", where=general)
    await line.server.sees(general, "Only admins")
    assert await rules_of(desk, general) == ["cables", "drones"]


async def test_a_command_that_was_let_through_lends_its_buttons_a_quarter_of_an_hour(
    line: Line, desk: Desk, harbour: Server, general: Channel, bob: Person
) -> None:
    harbour.granted.add((bob.id, "follow"))
    line.server.says(bob, "/follow drones", where=general)
    await line.server.sees(general, "Follow drones?")
    desk.clock.advance(minutes=15)
    line.server.presses(bob, "Follow", where=general)
    await line.server.sees(general, "Only admins")
    assert await rules_of(desk, general) == []


async def test_whoever_lost_a_role_since_presses_as_what_they_are_now(
    line: Line, desk: Desk, harbour: Server, general: Channel, bob: Person
) -> None:
    harbour.granted.add((bob.id, "follow"))
    line.server.promotes(harbour, bob, READS)
    line.server.says(bob, "/follow drones", where=general)
    await line.server.sees(general, "Follow drones?")
    line.server.demotes(harbour, bob)
    line.server.presses(bob, "Follow", where=general)
    await line.server.sees(general, "Only admins")
    assert await rules_of(desk, general) == []


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_an_old_panel_of_an_admin_of_once_sets_nothing(
    line: Line, desk: Desk, harbour: Server, general: Channel, ann: Person, *, elsewhere: bool
) -> None:
    about = line.server.channel(harbour, "news") if elsewhere else general
    await desk.follow("drones", chat=builders.chat(about.id, platform="discord"))
    line.server.says(ann, "/rules", where=general, channel=about if elsewhere else None)
    await line.server.sees(general, "1. drones")
    line.server.demotes(harbour, ann)
    line.server.presses(ann, "Unfollow 1", where=general)
    told = await line.server.sees(general, "Only admins")
    assert told.to == ann.id
    assert await rules_of(desk, about) == ["drones"]


async def test_a_mark_of_old_in_a_button_is_not_believed(line: Line, desk: Desk, general: Channel, bob: Person) -> None:
    await desk.follow("drones", chat=builders.chat(general.id, platform="discord"))
    await line.sends(general, Message((Block((Run("Cable cut"),)),), ((Button("End it", "!/unfollow 1"),),)))
    line.server.presses(bob, "End it", where=general)
    await line.server.sees(general, "Only admins")
    assert await rules_of(desk, general) == ["drones"]


async def test_what_all_can_see_is_changed_by_admins_alone(
    line: Line, desk: Desk, general: Channel, ann: Person, bob: Person
) -> None:
    line.server.says(ann, "/follow drones", where=general)
    await line.server.sees(general, "Follow drones?")
    line.server.presses(ann, "Follow", where=general)
    await line.server.sees(general, "Saved as rule 1")
    alert = Message((Block((Run("Cable cut"),), Role.TITLE),), ((Button("End it", "/unfollow 1"),),))
    await line.sends(general, alert)
    await line.server.sees(general, "Cable cut")
    line.server.presses(bob, "End it", where=general)
    refused = await line.server.sees(general, "Only admins")
    assert refused.to == bob.id
    assert await rules_of(desk, general) == ["drones"]
    line.server.presses(ann, "End it", where=general)
    ended = await line.server.sees(general, "Rule 1 is no longer followed")
    assert ended.to == ""
    assert await rules_of(desk, general) == []
    assert "!" not in str(ended.components)


async def test_where_discord_was_never_told_who_may_only_admins_may(
    server: DiscordServer, desk: Desk, general: Channel, bob: Person
) -> None:
    """An older registration of the same application may admit anybody."""
    server.commands = [
        {"name": "pause", "contexts": [0], "default_member_permissions": None, "options": [], "description": "x"}
    ]
    server.refuses("set_commands", Refusal(400, 30034, "Max number of daily application command creates"))
    async with on_the_line(server, answer_with(desk.services)) as line:
        line.server.gives(bob, "pause", where=general)
        await line.server.sees(general, "Only admins")


@pytest.mark.parametrize("installed", ["has_own_app", "shares_app"])
async def test_who_brings_the_app_along_has_no_other_rights_for_that(
    line: Line, general: Channel, bob: Person, ann: Person, installed: str
) -> None:
    """Discord asks for a server's rights only where the server alone has installed the app."""
    for who in (bob, ann):
        setattr(who, installed, True)
    line.server.says(bob, "/follow drones", where=general)
    await line.server.sees(general, "Only admins")
    line.server.says(ann, "/follow drones", where=general)
    await line.server.sees(general, "Follow drones?")


# Other channels, threads, forums


async def test_an_admin_follows_for_another_channel(line: Line, desk: Desk, harbour: Server, ann: Person) -> None:
    general = next(iter(harbour.channels.values()))
    news = line.server.channel(harbour, "news", ChannelType.news)
    line.server.says(ann, "/follow drones", where=general, channel=news)
    offered = await line.server.sees(general, "Follow drones?")
    assert offered.text.startswith("For #news:")
    line.server.presses(ann, "Follow", where=general)
    saved = await line.server.sees(general, "Saved as rule 1")
    assert "For #news:" in saved.text
    assert await rules_of(desk, news) == ["drones"]
    assert await rules_of(desk, general) == []
    line.server.presses(ann, "Rules of this chat", where=general)
    await line.server.sees(general, "1. drones")
    line.server.presses(ann, "Unfollow 1", where=general)
    await line.server.sees(general, "Rule 1 is no longer followed")
    assert await rules_of(desk, news) == []


async def test_who_may_change_one_channel_may_not_change_others_for_that(
    line: Line, desk: Desk, harbour: Server, general: Channel, bob: Person
) -> None:
    harbour.granted.add((bob.id, "follow"))
    news = line.server.channel(harbour, "news")
    line.server.says(bob, "/follow drones", where=general, channel=news)
    await line.server.sees(general, "Only admins")
    assert await rules_of(desk, news) == []


@pytest.mark.parametrize(
    "lacking",
    [
        (ChannelType.text, "send_messages", "Send Messages"),
        (ChannelType.news, "embed_links", "Embed Links"),
        (ChannelType.forum, "send_messages", "Create Posts"),
        (ChannelType.forum, "send_messages_in_threads", "Send Messages in Threads"),
        (ChannelType.text, "read_message_history", "Read Message History"),
        (ChannelType.text, "view_channel", "View Channel"),
    ],
    ids=lambda lacking: f"{lacking[0].name}-{lacking[1]}",
)
async def test_rights_that_we_lack_are_named_at_once(
    line: Line, desk: Desk, general: Channel, ann: Person, lacking: tuple[ChannelType, str, str]
) -> None:
    kind, right, name = lacking
    assert general.server is not None
    there = line.server.channel(general.server, "news", kind)
    line.server.denies(there, **{right: True})
    line.server.says(ann, "/follow drones", where=general, channel=there)
    told = await line.server.sees(general, f"I can't send alerts to #news: I need {name}")
    assert told.to == ann.id
    assert await rules_of(desk, there) == []
    line.server.denies(there)
    line.server.says(ann, "/follow drones", where=general, channel=there)
    await line.server.sees(general, "Follow drones?")


async def test_rights_that_we_lack_here_are_named_too(
    line: Line, harbour: Server, general: Channel, ann: Person
) -> None:
    thread = line.server.channel(harbour, "cables", ChannelType.public_thread, parent=general)
    line.server.denies(general, send_messages_in_threads=True)
    line.server.says(ann, "/follow drones", where=thread)
    await line.server.sees(thread, "I can't send alerts to this channel: I need Send Messages in Threads here.")
    line.server.says(ann, "/follow drones", where=general)
    await line.server.sees(general, "Follow drones?")


async def test_a_thread_has_rules_of_its_own(line: Line, desk: Desk, harbour: Server, ann: Person) -> None:
    general = next(iter(harbour.channels.values()))
    thread = line.server.channel(harbour, "cables", ChannelType.public_thread, parent=general)
    line.server.says(ann, "/follow drones", where=thread)
    await line.server.sees(thread, "Follow drones?")
    line.server.presses(ann, "Follow", where=thread)
    await line.server.sees(thread, "Saved as rule 1")
    assert await rules_of(desk, thread) == ["drones"]
    assert await rules_of(desk, general) == []


async def test_a_channel_that_is_gone_is_told_so(line: Line, harbour: Server, general: Channel, ann: Person) -> None:
    gone = line.server.channel(harbour, "old")
    line.server.says(ann, "/rules", where=general, channel=gone)
    await line.server.sees(general, "doesn't follow any rules")
    line.server.deletes(gone)
    line.server.says(ann, "/rules", where=general, channel=gone)
    await line.server.sees(general, "I can't see that channel")


async def test_a_private_thread_is_not_looked_into_from_outside(
    line: Line, desk: Desk, harbour: Server, ann: Person, bob: Person
) -> None:
    general = next(iter(harbour.channels.values()))
    secret = line.server.channel(harbour, "secret", ChannelType.private_thread, parent=general)
    await desk.follow("drones", chat=builders.chat(secret.id, platform="discord"))
    for who in (bob, ann):
        line.server.says(who, "/rules", where=general, channel=secret)
        await line.server.sees(general, "I can't see that channel")
    line.server.promotes(harbour, ann, MANAGES | Permissions(manage_threads=True))
    line.server.says(ann, "/rules", where=general, channel=secret)
    await line.server.sees(general, "1. drones")


# Where we are not


async def test_where_only_a_person_has_us_we_answer_but_bring_nothing(line: Line, desk: Desk, ann: Person) -> None:
    await publish(desk, 1)
    foreign = line.server.server("Foreign", admin=ann, with_us=False)
    place = next(iter(foreign.channels.values()))
    line.server.says(ann, "/search drones", where=place)
    await line.server.sees(place, "1 story")
    line.server.presses(ann, "Follow this", where=place)
    told = await line.server.sees(place, "I'm not in this chat")
    assert told.to == ann.id
    assert await rules_of(desk, place) == []


async def test_in_a_group_of_friends_we_answer_but_are_not_asked_to_follow(line: Line, desk: Desk, ann: Person) -> None:
    await publish(desk, 1)
    friends = line.server.group()
    assert "follow" not in line.server.offered(ann, friends)
    line.server.says(ann, "/latest", where=friends)
    await line.server.sees(friends, "Kestrel pier")


# Typing


async def test_what_is_typed_is_completed(line: Line, desk: Desk, ann: Person) -> None:
    await desk.follow("drones kestrel", chat=builders.chat(ann.private.id, platform="discord"))

    async def choices(command: str, option: str, text: str) -> list[object]:
        asking = await ends(line, line.server.types(ann, command, option, text))
        return [choice["value"] for choice in asking.choices]

    assert await choices("sources", "word", "volga") == ["Volga Courier"]
    assert await choices("follow", "rule", "drone -top") == ["drone -topic:"]
    assert await choices("follow", "rule", "drone topic:air") == ["drone topic:airspace"]
    assert await choices("search", "rule", "kestrel") == ["drones kestrel"]
    assert await choices("unfollow", "number", "dro") == [1]


async def test_every_command_that_help_explains_is_completed_and_owners_ones_for_owners_alone(
    line: Line, desk: Desk, harbour: Server, general: Channel, bob: Person
) -> None:
    async def completed(text: str, where: Channel) -> list[object]:
        asking = await ends(line, line.server.types(bob, "help", "command", text, where=where))
        return [choice["value"] for choice in asking.choices]

    for place, named in ((bob.private, {"follow", "forget", "about"}), (general, {"mention", "publish"})):
        offered = {name for letter in ascii_lowercase for name in await completed(letter, place)}
        line.server.says(bob, "/help", where=place)
        listed = (await line.server.sees(place, "What you can ask")).text
        assert offered == {name for name in OFFERED if f"/{name}" in listed} >= named
        assert offered.isdisjoint({"broadcast", "allow", "disallow"})
    assert (await completed("/fol", bob.private))[0] == "follow"
    assert (await completed("subscr", bob.private))[:1] == ["follow"]
    assert len(await completed("", general)) == 25


async def test_owners_are_offered_their_commands(server: DiscordServer, desk: Desk, ann: Person) -> None:
    services = replace(desk.services, owners=frozenset({f"discord:{ann.id}"}))
    async with on_the_line(server, answer_with(services), complete=complete_with(services)) as line:
        asking = await ends(line, line.server.types(ann, "help", "command", "broad"))
    assert [choice["value"] for choice in asking.choices] == ["broadcast"]
