"""Conversations on Telegram as people have them, over the wire: real library, real commands, real database."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from bot.commands import COMMANDS, answer
from bot.commands.framework.admission import Admission
from bot.commands.framework.command import About, Who
from bot.commands.framework.request import Request
from bot.core.message.blocks import Block, Message, Role, Run
from bot.core.model import Urgency
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.outgoing import Outgoing
from bot.errors import ChatClosed, ChatGone, ConfigError, SendError, SendLater, SendRefused, SendUnknown
from bot.platforms.registry import chat_events_in, chat_session
from bot.platforms.telegram.platform import check_token, wrong_token
from bot.storage import admissions, subscribers
from tests import builders
from tests.builders import item
from tests.commands.room import Room as Desk
from tests.platforms.telegram.line import Line, answer_with, connected, on_the_line
from tests.platforms.telegram.server import TOKEN, TelegramServer
from tests.platforms.telegram.world import PATIENCE, Refusal, Room, flood

ALERT = Message(
    (Block((Run("Cable <cut> & mended", bold=True, url="https://northgate.example/?a=1&b=2"),), Role.TITLE),)
)


async def rules_of(desk: Desk, room: Room, thread: str = "") -> list[str]:
    """What a chat follows, as storage has it."""
    async with desk.database.read() as tx:
        found = await subscribers.find(tx, builders.chat(str(room.id), platform="telegram", thread=thread))
        return [each.text for each in await subscribers.followings_of(tx, found.id)] if found else []


async def publish(desk: Desk, count: int) -> None:
    titles = (f"Drones seen over Kestrel pier {number}" for number in range(1, count + 1))
    await desk.publish(*(builders.item(title, ago=timedelta(minutes=place)) for place, title in enumerate(titles)))


# Private chats


async def test_a_rule_is_followed_by_a_command_and_a_button(line: Line, desk: Desk, ann: Room) -> None:
    await publish(desk, 2)
    line.server.says(ann, "/follow drones kestrel")
    asked = await line.server.sees(ann, "Follow drones kestrel?")
    assert "can't say yet how many alerts" in asked.text
    assert asked.styled("code") == ["drones kestrel"]
    assert asked.styled("text_link") == ["Drones seen over Kestrel pier 1", "Drones seen over Kestrel pier 2"]
    press = line.server.presses_button(ann, "Follow")
    saved = await line.server.sees(ann, "Saved as rule 1: drones kestrel")
    assert saved.id == asked.id
    assert line.server.presses[press] == {"text": None, "alert": False}
    assert len(line.server.sent_to(ann)) == 1
    assert await rules_of(desk, ann) == ["drones kestrel"]


async def test_a_second_press_of_an_impatient_finger_changes_nothing(line: Line, desk: Desk, ann: Room) -> None:
    line.server.says(ann, "/follow drones")
    await line.server.sees(ann, "Follow drones?")
    presses = [line.server.presses_button(ann, "Follow") for _ in range(2)]
    line.server.says(ann, "/about")
    await line.server.sees(ann, "Faultline")
    assert all(line.server.presses[press] for press in presses)
    assert line.server.sent_to(ann)[0].startswith("Saved as rule 1")


async def test_news_is_paged_in_place(line: Line, desk: Desk, ann: Room) -> None:
    await publish(desk, 7)
    line.server.says(ann, "/latest")
    first = await line.server.sees(ann, "Latest news")
    assert first.text.count("Kestrel pier") == 5
    line.server.presses_button(ann, "Older")
    second = await line.server.sees(ann, "Latest news, page 2")
    assert second.text.count("Kestrel pier") == 2
    line.server.presses_button(ann, "Newer")
    again = await line.server.sees(ann, "Latest news")
    assert again.text == first.text
    assert first.id == second.id == again.id


async def test_a_faulty_rule_is_marked_in_columns_and_mended_by_a_button(line: Line, ann: Room) -> None:
    line.server.says(ann, "/follow drone (poland")
    marked = await line.server.sees(ann, "^")
    (columns,) = marked.styled("pre")
    rule, caret, *_ = columns.splitlines()
    assert rule[caret.index("^")] == "("
    line.server.presses_button(ann, "Yes, use that")
    await line.server.sees(ann, "Follow drone poland?")


@pytest.mark.parametrize("typed", ["/follow “air space” —football", "/Follow@Faultline_Bot “air space” –football"])
async def test_commands_are_read_as_phones_type_them(line: Line, ann: Room, typed: str) -> None:
    line.server.says(ann, typed)
    await line.server.sees(ann, 'Follow "air space" -football?')


async def test_text_that_is_no_command_gets_a_hint(line: Line, ann: Room) -> None:
    line.server.says(ann, "drones?")
    await line.server.sees(ann, "which begin with a slash")


async def test_a_command_below_a_picture_is_obeyed(line: Line, ann: Room) -> None:
    line.server.shows(ann, "/follow drone")
    await line.server.sees(ann, "Follow drone?")
    group = line.server.group(admin=ann)
    line.server.shows(ann, "/rules", where=group)
    await line.server.sees(group, "doesn't follow any rules")


async def test_what_has_no_words_gets_a_hint_in_private_once_an_album(line: Line, ann: Room) -> None:
    group = line.server.group(admin=ann)
    line.server.shows(ann, where=group)
    for album in ("holiday", "holiday", "holiday", None):
        line.server.shows(ann, album=album)
    line.server.shows(ann, "/follow drone", album="drones")
    line.server.shows(ann, album="drones")
    line.server.says(ann, "/about")
    await line.server.sees(ann, "Faultline")
    starts = [text[:22] for text in line.server.sent_to(ann)[:-1]]
    assert starts == ["I answer commands, whi"] * 2 + ["Follow drone?\nThat is:"[:22]]
    assert line.server.sent_to(group) == []


async def test_a_link_to_the_bot_starts_it_whatever_it_carries(line: Line, ann: Room) -> None:
    line.server.says(ann, "/start from-a-poster")
    welcome = await line.server.sees(ann, "Welcome to Faultline.")
    assert welcome.styled("bold") == ["Welcome to Faultline."]


async def test_what_was_obeyed_is_not_obeyed_again_when_it_is_edited(line: Line, ann: Room) -> None:
    written = line.server.says(ann, "/rules")
    await line.server.sees(ann, "doesn't follow any rules")
    line.server.edits(ann, written, "/rules ")
    line.server.says(ann, "/about")
    await line.server.sees(ann, "Faultline")
    assert len(line.server.sent_to(ann)) == 2


async def test_whatever_is_typed_comes_back_escaped(line: Line, ann: Room) -> None:
    line.server.says(ann, '/<b>bold</b>&amp;"')
    told = await line.server.sees(ann, "isn't a command")
    assert told.styled("code")[0] == '/<b>bold</b>&amp;"'


async def test_a_button_of_an_older_version_answers_politely(line: Line, ann: Room) -> None:
    line.server.says(ann, "/start")
    await line.server.sees(ann, "Welcome")
    press = line.server.presses_button(ann, "Nuclear weapons", data="v0:mute:17")
    await line.server.until(lambda: line.server.presses[press] is not None)
    answered = line.server.presses[press]
    assert answered is not None
    assert answered["alert"]
    assert "too old" in answered["text"]
    line.server.presses_button(ann, "Nuclear weapons", data="/gone 17")
    await line.server.sees(ann, "/gone isn't a command")
    assert line.server.sent_to(ann)[0].startswith("Welcome")


async def test_an_answer_below_a_deleted_message_comes_as_a_new_one(line: Line, ann: Room) -> None:
    line.server.says(ann, "/start")
    welcome = await line.server.sees(ann, "Welcome")
    line.server.presses_button(ann, "Nuclear weapons")
    ann.sent[0].deleted = True
    offered = await line.server.sees(ann, "Follow")
    assert offered.id != welcome.id


async def test_a_press_that_comes_too_late_for_its_spinner_is_obeyed(line: Line, ann: Room) -> None:
    line.server.says(ann, "/start")
    await line.server.sees(ann, "Welcome")
    line.server.refuses("answerCallbackQuery", Refusal(400, "Bad Request: query is too old"))
    line.server.presses_button(ann, "Nuclear weapons")
    await line.server.sees(ann, "Follow nuclear")


async def test_commands_of_a_chat_are_answered_in_order_and_beside_those_of_others(line: Line, ann: Room) -> None:
    people = [line.server.person(f"P{number}") for number in range(30)]
    for who in people:
        for command in ("/rules", "/about", "/status"):
            line.server.says(who, command)
    for who in people:
        await line.server.sees(who, "doesn't follow any rules")
        await line.server.sees(who, "Faultline 0")
        await line.server.sees(who, "")
        assert [text[:18] for text in line.server.sent_to(who)[:2]] == ["This chat doesn't ", "Faultline 0.1.0\n\nF"]
    assert not line.server.refused


# Groups, topics and channels


async def test_in_a_group_only_admins_change_what_it_follows(line: Line, desk: Desk, ann: Room, bob: Room) -> None:
    group = line.server.group(admin=ann)
    line.server.says(bob, "/follow drones", where=group)
    await line.server.sees(group, "Only admins")
    asked = line.server.says(ann, "/follow drones", where=group)
    offered = await line.server.sees(group, "Follow drones?")
    assert offered.reply_to == asked
    press = line.server.presses_button(bob, "Follow", where=group)
    await line.server.until(lambda: line.server.presses[press] is not None)
    refused = line.server.presses[press]
    assert refused is not None
    assert refused["alert"]
    assert "Only admins" in refused["text"]
    line.server.presses_button(ann, "Follow", where=group)
    await line.server.sees(group, "Saved as rule 1")
    assert await rules_of(desk, group) == ["drones"]
    assert await rules_of(desk, ann) == []


async def test_everybody_in_a_group_may_read(line: Line, desk: Desk, ann: Room, bob: Room) -> None:
    await publish(desk, 7)
    group = line.server.group(admin=ann)
    line.server.says(bob, "/latest@faultline_bot", where=group)
    await line.server.sees(group, "Latest news")
    line.server.presses_button(bob, "Older", where=group)
    await line.server.sees(group, "page 2")
    assert line.server.calls["getChatMember"] == 0


async def test_an_admin_who_stays_anonymous_is_an_admin(line: Line, ann: Room) -> None:
    group = line.server.group(admin=ann)
    line.server.says(ann, "/follow drones", where=group, anonymously=True)
    await line.server.sees(group, "Follow drones?")
    assert line.server.calls["getChatMember"] == 0


async def test_rights_are_those_of_the_moment(line: Line, ann: Room, bob: Room) -> None:
    group = line.server.group(admin=ann)
    for _ in range(3):
        line.server.says(bob, "/pause", where=group)
        await line.server.sees(group, "Only admins")
    assert line.server.calls["getChatMember"] == 1, "that somebody is none is remembered for a minute"
    line.server.promotes(group, bob)
    line.server.says(bob, "/pause", where=group)
    await line.server.sees(group, "Alerts are paused")
    line.server.demotes(group, bob, silently=True)
    line.server.presses_button(bob, "Resume", where=group)
    line.server.says(bob, "/resume", where=group)
    await line.server.sees(group, "Only admins")
    line.server.promotes(group, bob, silently=True)
    line.server.clock.advance(seconds=61)
    line.server.says(bob, "/resume", where=group)
    await line.server.sees(group, "Alerts are back on")


async def test_where_telegram_does_not_say_who_is_an_admin_nothing_is_changed(line: Line, ann: Room) -> None:
    group = line.server.group(admin=ann)
    line.server.refuses("getChatMember", Refusal(500, "Internal Server Error"), times=3)
    line.server.says(ann, "/pause", where=group)
    await line.server.sees(group, "couldn't ask Telegram")


async def test_what_others_say_in_a_group_is_none_of_our_business(line: Line, ann: Room) -> None:
    group = line.server.group(admin=ann)
    for text in ("hello", "/rules@other_bot", "/weather", "see /rules", "/"):
        line.server.says(ann, text, where=group)
    line.server.says(ann, "/storm@faultline_bot", where=group)
    await line.server.sees(group, "/storm isn't a command")
    assert len(line.server.sent_to(group)) == 1


@pytest.mark.parametrize("line_shown", ["/forget yes", "/forget@faultline_bot yes", "/ forget yes"])
async def test_what_is_forwarded_is_no_command(line: Line, desk: Desk, ann: Room, bob: Room, line_shown: str) -> None:
    group = line.server.group(admin=ann)
    for where in (group, ann):
        await desk.follow("drones", chat=builders.chat(str(where.id), platform="telegram"))
        line.server.forwards(ann, line_shown, of=bob, where=where)
        line.server.says(ann, "/rules", where=where)
        await line.server.sees(where, "1. drones")
    assert len(line.server.sent_to(group)) == 1
    assert line.server.sent_to(ann)[0].startswith("I answer commands")


async def test_what_is_forwarded_in_private_can_be_searched_for(line: Line, ann: Room, bob: Room) -> None:
    line.server.forwards(ann, "Cable cut", of=bob)
    assert (await line.server.sees(ann, "I answer commands")).buttons == {
        "Search the news for this": "/search Cable cut"
    }


async def test_a_topic_has_rules_and_alerts_of_its_own(line: Line, desk: Desk, ann: Room) -> None:
    forum = line.server.group("Forum", admin=ann, forum=True)
    line.server.says(ann, "/follow drones", where=forum, topic=77)
    offered = await line.server.sees(forum, "Follow drones?")
    assert offered.thread == 77
    line.server.presses_button(ann, "Follow", where=forum)
    saved = await line.server.sees(forum, "Saved as rule 1")
    assert saved.thread == 77
    line.server.says(ann, "/rules", where=forum)
    elsewhere = await line.server.sees(forum, "doesn't follow any rules")
    assert elsewhere.thread is None
    assert await rules_of(desk, forum, "77") == ["drones"]
    assert await rules_of(desk, forum) == []


async def test_posts_of_a_channel_are_made_by_its_admins_but_its_buttons_are_seen_by_all(
    line: Line, desk: Desk, ann: Room, bob: Room
) -> None:
    channel = line.server.channel("Kestrel news", admin=ann)
    line.server.says(ann, "/follow drones", where=channel)
    await line.server.sees(channel, "Follow drones?")
    press = line.server.presses_button(bob, "Follow", where=channel)
    await line.server.until(lambda: line.server.presses[press] is not None)
    refused = line.server.presses[press]
    assert refused is not None
    assert "Only admins" in refused["text"]
    assert await rules_of(desk, channel) == []
    line.server.presses_button(ann, "Follow", where=channel)
    await line.server.sees(channel, "Saved as rule 1")


async def test_a_group_is_greeted_once(line: Line, ann: Room) -> None:
    group = line.server.group()
    line.server.adds(group, ann)
    await line.server.sees(group, "Welcome to Faultline.")
    line.server.update("my_chat_member", line.server.change_of_bot(group, ann, "member", "administrator"))
    channel = line.server.channel("Kestrel news", admin=ann)
    line.server.adds(channel, ann, status="administrator")
    await line.up()
    line.server.says(ann, "/rules")
    await line.server.sees(ann)
    assert len(line.server.sent_to(group)) == 1
    assert line.server.sent_to(channel) == []


# Coming, going, moving


async def test_who_blocks_the_bot_is_gone_until_they_let_it_in_again(line: Line, ann: Room) -> None:
    line.server.blocks(ann)
    with pytest.raises(ChatGone, match="blocked by the user"):
        await line.sends(ann, ALERT)
    await line.server.until(lambda: len(line.ledger.entries) == 2)
    line.server.unblocks(ann)
    await line.server.until(lambda: len(line.ledger.entries) == 3)
    assert line.ledger.entries == [("gone", str(ann.id))] * 2 + [("back", str(ann.id))]
    await line.sends(ann, ALERT)


async def test_a_group_that_throws_the_bot_out_is_gone(line: Line, ann: Room) -> None:
    group = line.server.group(admin=ann)
    line.server.kicks(group, ann)
    with pytest.raises(ChatGone, match="kicked from the group"):
        await line.sends(group, ALERT)


async def test_a_chat_that_nobody_knows_is_gone(line: Line, server: TelegramServer) -> None:
    del server.rooms[server.person().id]
    with pytest.raises(ChatGone, match="Chat not found"):
        await line.telegram.send(Outgoing(chat=builders.chat("424242", platform="telegram"), message=ALERT))
    assert line.ledger.entries == [("gone", "424242")]


async def test_a_group_that_became_a_supergroup_is_followed_by_the_refusal(line: Line, ann: Room) -> None:
    group = line.server.group(admin=ann)
    new = line.server.upgrades(group, telling=False)
    for _ in range(2):
        await line.sends(group, ALERT)
    assert len(line.server.sent_to(new)) == 2
    assert line.ledger.entries == [("migrated", str(group.id), str(new.id))]


async def test_a_group_that_became_a_supergroup_is_followed_by_its_message(line: Line, ann: Room) -> None:
    group = line.server.group(admin=ann)
    new = line.server.upgrades(group)
    line.server.update("my_chat_member", line.server.change_of_bot(group, ann, "member", "left"))
    line.server.update("my_chat_member", line.server.change_of_bot(new, ann, "left", "member"))
    line.server.says(ann, "/rules", where=new)
    await line.server.sees(new, "doesn't follow any rules")
    assert set(line.ledger.entries) == {("migrated", str(group.id), str(new.id)), ("back", str(new.id))}
    assert len(line.server.sent_to(new)) == 1


@pytest.mark.parametrize("telling", [True, False])
async def test_a_group_that_was_let_in_stays_so_as_a_supergroup(
    server: TelegramServer, desk: Desk, ann: Room, *, telling: bool
) -> None:
    access = desk.services.access
    access.is_open = False
    desk.services = replace(desk.services, owners=frozenset({f"telegram:{ann.id}"}))
    group = server.group()
    await desk.say(
        f"/allow telegram:{group.id}", chat=builders.chat(str(ann.id), platform="telegram"), user=str(ann.id)
    )
    admission = Admission(answer, desk.services)
    async with on_the_line(server, admission.answer, changes=chat_events_in(desk.services)) as line:
        new = server.upgrades(group, telling=telling)
        await line.sends(group, ALERT)
        server.says(server.person("Bob"), "/rules", where=new)
        await server.sees(new, "doesn't follow any rules")
    assert access.named == (f"telegram:{new.id}",)
    async with desk.database.read() as tx:
        kept = await admissions.entries(tx)
    assert [entry for entry, brought_by in kept.items() if brought_by is None] == [f"telegram:{new.id}"]


async def test_alerts_taken_up_before_a_group_moved_come_where_it_is_now(
    server: TelegramServer, desk: Desk, ann: Room
) -> None:
    access = desk.services.access
    access.is_open = False
    desk.services = replace(desk.services, owners=frozenset({f"telegram:{ann.id}"}))
    group = server.group()
    there = builders.chat(str(group.id), platform="telegram")
    await desk.say(f"/allow telegram:{group.id}", chat=there, user=str(ann.id))
    await desk.follow("drones or cable", chat=there)
    await desk.publish(item("Drones seen over Kestrel"), item("Cable cut near Osk"), alerting=True)
    new = server.upgrades(group, telling=False)
    async with on_the_line(server, answer_with(desk.services), changes=chat_events_in(desk.services)) as line:
        await Dispatcher(
            database=desk.database,
            sends={"telegram": line.telegram.send},
            index=desk.index,
            aliases=desk.services.aliases,
            clock=desk.clock,
            may_receive=access.may_receive,
        ).dispatch_due()
    assert sorted(text.splitlines()[0] for text in server.sent_to(new)) == [
        "Cable cut near Osk",
        "Drones seen over Kestrel",
    ]


NO_RIGHTS = Refusal(400, "Bad Request: not enough rights to send text messages to the chat")


async def test_where_a_right_is_missing_the_admins_are_told_once(line: Line, ann: Room, bob: Room) -> None:
    group = line.server.group("Harbour watch", admin=ann)
    line.server.promotes(group, bob, silently=True)
    line.server.blocks(bob)
    group.refusal = NO_RIGHTS
    for _ in range(2):
        with pytest.raises(ChatClosed, match="Not enough rights"):
            await line.sends(group, ALERT)
    assert line.server.sent_to(ann) == [
        "I can't write in Harbour watch, so its alerts will wait for up to a day. An admin can let me write, or "
        "remove me."
    ]
    assert ("gone", str(group.id)) not in line.ledger.entries


async def test_a_chat_where_a_right_is_missing_is_asked_once_in_ten_minutes(line: Line, ann: Room) -> None:
    group = line.server.group("Harbour watch", admin=ann)
    group.refusal = NO_RIGHTS
    for minutes in (0, 4, 5):
        line.server.clock.advance(minutes=minutes)
        with pytest.raises(ChatClosed) as caught:
            await line.sends(group, ALERT)
    assert caught.value.retry_after == timedelta(minutes=1)
    assert line.server.calls["sendMessage"] == 2, "one there, one to its admin"
    line.server.clock.advance(minutes=1)
    group.refusal = None
    await line.sends(group, ALERT)
    assert line.ledger.entries == [("back", str(group.id))], "what waits goes at once"


async def test_telegram_says_at_once_that_a_right_is_back(line: Line, ann: Room) -> None:
    group = line.server.group("Harbour watch", admin=ann)
    group.refusal = NO_RIGHTS
    line.server.restricts_us(group, ann)
    with pytest.raises(ChatClosed):
        await line.sends(group, ALERT)
    line.server.frees_us(group, ann)
    await line.server.until(lambda: line.ledger.entries == [("back", str(group.id))])
    await line.sends(group, ALERT)


async def test_a_channel_that_lets_us_post_again_gets_what_waits(line: Line, ann: Room) -> None:
    channel = line.server.channel("Sea watch", admin=ann)
    line.server.lets_us_post(channel, ann, posting=False)
    with pytest.raises(ChatClosed):
        await line.sends(channel, ALERT)
    line.server.lets_us_post(channel, ann, posting=True)
    await line.server.until(lambda: line.ledger.entries == [("back", str(channel.id))])
    await line.sends(channel, ALERT)


# Trouble


async def test_an_alert_that_telegram_wants_later_is_sent_later(line: Line, ann: Room) -> None:
    line.server.refuses("sendMessage", flood(43_200))
    with pytest.raises(SendLater) as caught:
        await line.sends(ann, ALERT)
    assert caught.value.retry_after == timedelta(hours=12)
    assert line.naps.taken == []


async def test_an_answer_that_telegram_wants_later_waits_for_its_turn(line: Line, ann: Room) -> None:
    line.server.refuses("sendMessage", flood(7))
    line.server.says(ann, "/rules")
    await line.server.sees(ann, "doesn't follow any rules")
    assert line.naps.taken == [7]


async def test_an_answer_that_nobody_waits_for_any_more_is_given_up(line: Line, ann: Room) -> None:
    line.server.refuses("sendMessage", flood(600))
    line.server.says(ann, "/rules")
    async with asyncio.timeout(PATIENCE):
        while line.telegram.refusals == 0:  # noqa: ASYNC110  nobody tells when
            await asyncio.sleep(0)
    line.server.clock.advance(seconds=600)
    line.server.says(ann, "/about")
    await line.server.sees(ann, "Faultline")
    assert len(line.server.sent_to(ann)) == 1
    assert line.naps.taken == []


@pytest.mark.parametrize("times", [1, 5])
async def test_an_answer_that_may_have_arrived_is_repeated_once(line: Line, ann: Room, times: int) -> None:
    line.server.loses_answers("sendMessage", times)
    line.server.says(ann, "/rules")
    line.server.says(ann, "/about")
    await line.server.sees(ann, "Faultline")
    assert [text.startswith("This chat doesn't follow any rules") for text in line.server.sent_to(ann)[:3]] == [
        True,
        True,
        False,
    ]


async def test_telegram_is_not_there_while_it_does_not_say_who_we_are(line: Line) -> None:
    line.server.refuses("getMe", Refusal(502, "Bad Gateway"))
    with pytest.raises(SendUnknown):
        await line.telegram.is_there()
    await line.telegram.is_there()


@pytest.mark.parametrize("refusal", [Refusal(500, "Internal Server Error"), Refusal(502, "Bad Gateway")])
async def test_an_answer_that_meets_a_stumbling_server_is_given(line: Line, ann: Room, refusal: Refusal) -> None:
    line.server.refuses("sendMessage", refusal)
    line.server.says(ann, "/settings")
    panel = await line.server.sees(ann, "Sound: every alert rings.")
    line.server.refuses("editMessageText", refusal)
    line.server.presses_button(ann, "Breaking")
    assert (await line.server.sees(ann, "Sound: only breaking news rings")).id == panel.id
    assert len(ann.sent) == 1


async def test_a_stumble_over_who_is_an_admin_keeps_no_admin_out(line: Line, ann: Room) -> None:
    group = line.server.group(admin=ann)
    line.server.refuses("getChatMember", Refusal(502, "Bad Gateway"))
    line.server.says(ann, "/pause", where=group)
    await line.server.sees(group, "Alerts are paused")


async def test_of_a_long_answer_only_the_part_that_did_not_arrive_is_sent_again(
    server: TelegramServer, ann: Room
) -> None:
    async def answered(request: Request) -> Message:
        return Message(tuple(Block((Run(f"{number} " + "word " * 700),)) for number in range(3)))

    async with on_the_line(server, answered) as line:
        server.refuses("sendMessage", flood(3), after=1)
        server.says(ann, "/rules")
        await server.sees(ann, "2 word")
        assert [text[:6] for text in server.sent_to(ann)] == ["0 word", "1 word", "2 word"]
        assert line.naps.taken == [3]


async def test_when_the_answer_is_lost_the_outcome_is_unknown(line: Line, ann: Room) -> None:
    line.server.loses_answers("sendMessage")
    with pytest.raises(SendUnknown):
        await line.sends(ann, ALERT)
    assert line.server.sent_to(ann) == ["Cable <cut> & mended"]


async def test_when_no_connection_comes_about_nothing_was_sent(line: Line, ann: Room) -> None:
    await line.server.goes_down()
    with pytest.raises(SendError) as caught:
        await line.sends(ann, ALERT)
    assert not isinstance(caught.value, SendUnknown)
    await line.server.comes_back()


async def test_markup_that_telegram_cannot_read_is_sent_without(
    line: Line, ann: Room, caplog: pytest.LogCaptureFixture
) -> None:
    unreadable = 'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0'
    line.server.refuses("sendMessage", Refusal(400, unreadable))
    await line.sends(ann, ALERT)
    (sent,) = ann.sent
    assert sent.html == ""
    assert sent.text == "Cable <cut> & mended\nhttps://northgate.example/?a=1&b=2"


async def test_an_alert_that_was_deleted_is_not_told_anew_by_an_edit(line: Line, ann: Room) -> None:
    chat = builders.chat(str(ann.id), platform="telegram")
    edit = Outgoing(chat=chat, message=ALERT, urgency=Urgency.EDIT, edits="77")
    with pytest.raises(SendRefused):
        await line.telegram.send(edit)
    assert line.server.sent_to(ann) == []


async def test_a_long_message_comes_in_parts(line: Line, ann: Room) -> None:
    long = Message(tuple(Block((Run(f"Paragraph {number}. " + "😀 word " * 40),)) for number in range(40)))
    ref = await line.sends(ann, long)
    assert len(ann.sent) > 3
    assert ref == str(ann.sent[0].id)
    assert "".join(line.server.sent_to(ann)).count("word") == 1600


async def test_alerts_have_no_preview_and_are_silent_where_they_say_so(line: Line, ann: Room) -> None:
    # The server itself insists on link previews being off.
    await line.sends(ann, Message(ALERT.blocks, silent=True))
    await line.sends(ann, ALERT)
    assert [sent.silent for sent in ann.sent] == [True, False]
    assert ann.sent[0].styled("text_link") == ["Cable <cut> & mended"]
    assert ann.sent[0].entities[-1].url == "https://northgate.example/?a=1&b=2"


async def test_an_update_that_cannot_be_read_is_passed_over_once_and_for_all(line: Line, ann: Room) -> None:
    line.server.update("message", "nonsense")
    line.server.update("callback_query", {"id": 7})
    line.server.says(ann, "/rules")
    await line.server.sees(ann, "doesn't follow any rules")
    polls = line.server.calls["getUpdates"]
    await line.up()
    assert line.server.calls["getUpdates"] <= polls + 1


async def test_the_bot_waits_while_telegram_is_away_and_goes_on_when_it_is_back(line: Line, ann: Room) -> None:
    await line.server.goes_down()
    first, second, third = await line.naps.until(3)
    assert line.telegram.state == "waiting for Telegram since 12:00 UTC"
    assert 0.75 <= first <= 1 < second <= 2 < third <= 4
    line.server.says(ann, "/rules")
    await line.server.comes_back()
    await line.server.sees(ann, "doesn't follow any rules")
    assert line.telegram.state == "connected"


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(
            409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        ),
        Refusal(502, "Bad Gateway"),
        Refusal(401, "Unauthorized"),
        flood(5),
    ],
    ids=lambda refusal: str(refusal.code),
)
async def test_whatever_telegram_answers_to_a_poll_the_bot_goes_on(
    server: TelegramServer, desk: Desk, ann: Room, refusal: Refusal
) -> None:
    server.refuses("getUpdates", refusal, times=2)
    async with on_the_line(server, answer_with(desk.services)) as line:
        server.says(ann, "/rules")
        await server.sees(ann, "doesn't follow any rules")
        assert len(line.naps.taken) == 2


# Starting and stopping


async def test_a_wrong_token_is_one_clear_sentence(server: TelegramServer, desk: Desk) -> None:
    wrong = f"1234567890:{'B' * 35}"
    async with connected(server, answer_with(desk.services), token=wrong) as line, chat_session() as session:
        for attempt in (partial(check_token, wrong, server.url, session), line.telegram.run):
            with pytest.raises(ConfigError, match=f"the server at {server.url} doesn't recognise this token") as caught:
                await attempt()
            assert "FAULTLINE_TELEGRAM__API_URL" in str(caught.value)
            assert wrong not in str(caught.value)
            assert "\n" not in str(caught.value)
    assert "server" not in str(wrong_token("https://api.telegram.org/"))


async def test_a_path_that_is_no_bot_api_is_named(server: TelegramServer) -> None:
    server.url += "/v1"
    async with chat_session() as session:
        with pytest.raises(ConfigError, match=f"the server at {server.url} doesn't recognise this token"):
            await check_token(TOKEN, server.url, session)


async def test_telegram_being_away_at_the_start_is_no_fault_of_the_token(server: TelegramServer) -> None:
    await server.goes_down()
    async with chat_session() as session:
        await check_token(TOKEN, server.url, session)
    await server.comes_back()


async def test_a_webhook_of_an_earlier_program_is_no_hindrance(server: TelegramServer, desk: Desk, ann: Room) -> None:
    server.webhook = "https://elsewhere.example/hook"
    async with on_the_line(server, answer_with(desk.services)) as line:
        server.says(ann, "/rules")
        await server.sees(ann, "doesn't follow any rules")
        assert line.naps.taken == []


async def test_the_menu_is_offered_by_scope_and_only_when_it_changed(server: TelegramServer, desk: Desk) -> None:
    answered = answer_with(desk.services)
    async with on_the_line(server, answered):
        menus = {scope: [entry["command"] for entry in entries] for scope, entries in server.menus.items()}
    elsewhere = (Who.OWNER, About.SERVER)
    shown = [row.name for row in COMMANDS if not row.hidden and row.who not in elsewhere and row.about not in elsewhere]
    assert menus["all_private_chats"] == shown
    assert menus["all_chat_administrators"] == [name for name in shown if name != "channel"]
    assert "latest" in menus["all_group_chats"]
    assert "follow" not in menus["all_group_chats"]
    assert server.calls["setMyCommands"] == 3
    async with on_the_line(server, answered):
        assert server.calls["setMyCommands"] == 3
    async with on_the_line(server, answered, table=COMMANDS[1:]):
        assert server.calls["setMyCommands"] == 6


@pytest.mark.parametrize("refusal", [Refusal(400, "Bad Request: BOT_COMMAND_INVALID"), flood(3600)], ids=str)
async def test_a_menu_that_telegram_does_not_take_keeps_nobody_waiting(
    server: TelegramServer, desk: Desk, ann: Room, refusal: Refusal
) -> None:
    server.refuses("setMyCommands", refusal)
    async with on_the_line(server, answer_with(desk.services)) as line:
        server.says(ann, "/rules")
        await server.sees(ann, "doesn't follow any rules")
        assert line.naps.taken == []


async def test_what_was_fetched_before_telegram_went_away_is_answered_when_it_is_back(
    server: TelegramServer, desk: Desk, ann: Room
) -> None:
    server.says(ann, "/rules")
    server.refuses("getUpdates", Refusal(502, "Bad Gateway"), after=1)
    async with connected(server, answer_with(desk.services)) as line:
        assert line.telegram.state == "waiting for Telegram since 12:00 UTC"
    async with on_the_line(server, answer_with(desk.services)):
        await server.sees(ann, "doesn't follow any rules")


async def test_of_what_was_asked_before_the_start_only_the_newest_is_answered(
    server: TelegramServer, desk: Desk, ann: Room, bob: Room
) -> None:
    for _ in range(150):
        server.says(ann, "/about")
    server.says(ann, "/rules")
    server.says(bob, "/about", ago=3600)
    group = server.group()
    server.adds(group, ann)
    async with on_the_line(server, answer_with(desk.services)):
        await server.sees(ann, "doesn't follow any rules")
        await server.sees(group, "Welcome")
        server.says(bob, "/rules")
        await server.sees(bob, "doesn't follow any rules")
    assert [len(room.sent) for room in (ann, bob, group)] == [1, 1, 1]


async def test_a_conversation_goes_on_after_a_restart(server: TelegramServer, desk: Desk, ann: Room) -> None:
    answered = answer_with(desk.services)
    async with on_the_line(server, answered):
        server.says(ann, "/follow drones")
        await server.sees(ann, "Follow drones?")
    server.presses_button(ann, "Follow")
    async with on_the_line(server, answered):
        await server.sees(ann, "Saved as rule 1")
    async with on_the_line(server, answered):
        server.says(ann, "/rules")
        await server.sees(ann, "1. drones")
    assert len(server.sent_to(ann)) == 2


async def test_what_was_answered_is_not_answered_again_after_a_stop(
    server: TelegramServer, desk: Desk, ann: Room
) -> None:
    async with on_the_line(server, answer_with(desk.services)):
        server.says(ann, "/rules")
        await server.sees(ann, "doesn't follow any rules")
    assert server.updates == []


async def test_it_stops_promptly_while_telegram_is_away(server: TelegramServer, desk: Desk) -> None:
    async with on_the_line(server, answer_with(desk.services)):
        await server.goes_down()
