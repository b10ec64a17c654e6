"""Buttons on Telegram, over the wire: below alerts, in the panel of settings, old ones, and who may press them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands import answer
from bot.commands.framework.admission import Admission
from bot.commands.framework.quota import MOST_ASKED_OF_MEMBER
from bot.commands.framework.request import Request
from bot.core.message.blocks import Block, Message, say
from bot.core.wording.announcement import announcement
from bot.delivery.dispatcher import Dispatcher
from bot.platforms.base import Answer
from bot.storage import mutes, subscribers
from tests import builders
from tests.builders import item
from tests.commands.room import Room as Desk
from tests.platforms.telegram.line import Line, answer_with, on_the_line
from tests.platforms.telegram.server import TelegramServer
from tests.platforms.telegram.world import Json, Refusal, Room

HOUR = timedelta(hours=1)
FOOTBALL = "Drone films football in Varn"


def dispatcher(line: Line, desk: Desk) -> Dispatcher:
    return Dispatcher(
        database=desk.database,
        sends={"telegram": line.telegram.send},
        index=desk.index,
        aliases=desk.services.aliases,
        clock=desk.clock,
    )


async def publish(line: Line, desk: Desk, *titles: str) -> None:
    """News comes, and the alerts for it go out."""
    await desk.publish(*(item(title) for title in titles), alerting=True)
    await dispatcher(line, desk).dispatch_due()


async def follow(line: Line, desk: Desk, where: Room, rule: str) -> None:
    await desk.follow(rule, chat=builders.chat(str(where.id), platform="telegram"))
    assert line.telegram.state == "connected"


async def notice(line: Line, press: str) -> Json:
    """How a press was answered."""
    await line.server.until(lambda: line.server.presses[press] is not None, lambda: press)
    return line.server.presses[press] or {}


async def muted_in(desk: Desk, where: Room) -> list[int | None]:
    async with desk.database.read() as tx:
        found = await subscribers.find(tx, builders.chat(str(where.id), platform="telegram"))
        return [each.story for each in await mutes.of(tx, found.id, desk.clock.now())] if found else []


# Below alerts


async def test_a_story_is_muted_below_its_alert_which_stays_as_it_is(line: Line, desk: Desk, ann: Room) -> None:
    await follow(line, desk, ann, "drone")
    await publish(line, desk, FOOTBALL)
    alert = await line.server.sees(ann, FOOTBALL)
    press = line.server.presses_button(ann, "Mute this story")
    shown = await notice(line, press)
    assert shown["alert"]
    assert shown["text"].startswith(f"Muted until 29 Nov, 12:00 UTC: “{FOOTBALL}”")
    assert len(shown["text"]) <= 200
    assert [(sent.text, sent.edits) for sent in ann.sent] == [(alert.text, 0)]
    assert await muted_in(desk, ann) == [1]


async def test_nothing_more_comes_about_a_story_that_was_muted(line: Line, desk: Desk, ann: Room, bob: Room) -> None:
    """Its alert was still on its way; Bob, who did not mute it, has it."""
    for who in (ann, bob):
        await follow(line, desk, who, "drone")
    await desk.publish(item(FOOTBALL), alerting=True)
    ann_there = builders.chat(str(ann.id), platform="telegram")
    await desk.say("/mute story id:1", chat=ann_there)
    await dispatcher(line, desk).dispatch_due()
    await publish(line, desk, "Drone crosses into Tolm")
    await line.server.sees(ann, "Drone crosses into Tolm")
    assert [text.splitlines()[0] for text in line.server.sent_to(ann)] == ["Drone crosses into Tolm"]
    assert [text.splitlines()[0] for text in line.server.sent_to(bob)] == [FOOTBALL, "Drone crosses into Tolm"]


async def test_both_sides_and_the_reason_are_a_press_or_a_reply_away(line: Line, desk: Desk, ann: Room) -> None:
    await follow(line, desk, ann, "drone")
    desk.clock.advance(minutes=1)
    await publish(line, desk, FOOTBALL)
    alert = await line.server.sees(ann, FOOTBALL)
    line.server.presses_button(ann, "Who says what")
    assert (await line.server.sees(ann, "Who said what, and when")).reply_to == alert.id
    line.server.presses_button(ann, "Why")
    assert (await line.server.sees(ann, "Your rule 1: drone")).reply_to == alert.id
    line.server.says(ann, "/why", answers=alert.id)
    await line.server.until(lambda: sum("Your rule 1: drone" in sent.text for sent in ann.sent[1:]) == 2, lambda: "why")
    line.server.says(ann, "/why", answers=alert.id + 1)
    await line.server.sees(ann, "Why what?")


async def test_fewer_like_this_makes_a_rule_stricter(line: Line, desk: Desk, ann: Room) -> None:
    await follow(line, desk, ann, "drone")
    await desk.publish(*(item(f"Drone crosses into {place}", ago=HOUR) for place in ("Tolm", "Osk", "Brell", "Quay")))
    await publish(line, desk, FOOTBALL)
    alert = await line.server.sees(ann, FOOTBALL)
    press = line.server.presses_button(ann, "Fewer like this")
    offered = await line.server.sees(ann, "Fewer like this")
    assert offered.reply_to == alert.id
    assert await notice(line, press) == {"text": None, "alert": False}
    assert "1. drone -films" in offered.text.splitlines()
    assert "In the last 7 days: 4 stories instead of 5." in offered.text
    line.server.presses_button(ann, "Use this")
    used = await line.server.sees(ann, "Rule 1 is now: drone -films")
    assert used.id == offered.id
    assert [sent.text for sent in ann.sent if sent.id == alert.id] == [alert.text]
    await publish(line, desk, "Drone films regatta", "Drone crosses into Mora")
    await line.server.sees(ann, "Drone crosses into Mora")
    assert "regatta" not in " ".join(line.server.sent_to(ann))
    line.server.presses_button(ann, "Back to the old rule")
    await line.server.sees(ann, "Rule 1 is now: drone")


async def test_a_second_finger_on_a_notice_does_nothing_twice(line: Line, desk: Desk, ann: Room) -> None:
    await follow(line, desk, ann, "drone")
    await publish(line, desk, FOOTBALL)
    first, second = (line.server.presses_button(ann, "Mute this story") for _ in range(2))
    assert (await notice(line, first))["alert"]
    assert await notice(line, second) == {"text": None, "alert": False}
    desk.clock.advance(seconds=11)
    assert (await notice(line, line.server.presses_button(ann, "Mute this story")))["alert"]


async def test_buttons_mean_the_same_after_a_restart(server: TelegramServer, desk: Desk) -> None:
    ann = server.person("Ann")
    async with on_the_line(server, answer_with(desk.services)) as line:
        await follow(line, desk, ann, "drone")
        await desk.publish(item("Drone crosses into Tolm"), item("Drone crosses into Osk", ago=HOUR))
        await publish(line, desk, FOOTBALL)
        alert = await server.sees(ann, FOOTBALL)
    async with on_the_line(server, answer_with(desk.services)) as line:
        assert (await notice(line, server.presses_button(ann, "Mute this story")))["text"].startswith("Muted until")
        server.presses_button(ann, "Fewer like this")
        offered = await server.sees(ann, "Fewer like this")
        assert offered.reply_to == alert.id
    async with on_the_line(server, answer_with(desk.services)):
        server.presses_button(ann, "Use this")
        await server.sees(ann, "Rule 1 is now: drone -films")


async def test_buttons_about_what_is_gone_answer_politely(line: Line, desk: Desk, ann: Room) -> None:
    await follow(line, desk, ann, "drone")
    await publish(line, desk, FOOTBALL)
    await line.server.sees(ann, FOOTBALL)
    gone = line.server.presses_button(ann, "Mute this story", data="/mute story 4711")
    assert "no longer exists" in (await notice(line, gone))["text"]
    line.server.says(ann, "/unfollow 1")
    await line.server.sees(ann, "Rule 1 is no longer followed")
    line.server.presses_button(ann, "Fewer like this")
    await line.server.sees(ann, "It was sent for rule 1, drone, which this chat no longer follows.")


async def test_in_a_group_only_admins_press_what_changes_it(line: Line, desk: Desk, ann: Room, bob: Room) -> None:
    group = line.server.group(admin=ann)
    await follow(line, desk, group, "drone")
    await publish(line, desk, FOOTBALL)
    await line.server.sees(group, FOOTBALL)
    for label in ("Mute this story", "Fewer like this"):
        refused = await notice(line, line.server.presses_button(bob, label, where=group))
        assert refused["alert"]
        assert "Only admins" in refused["text"]
    assert await muted_in(desk, group) == []
    allowed = await notice(line, line.server.presses_button(ann, "Mute this story", where=group))
    assert allowed["text"].startswith("Muted until"), "whatever somebody else pressed just before"
    assert await muted_in(desk, group) == [1]
    assert len(group.sent) == 1


async def publish_two_pages(desk: Desk) -> None:
    await desk.publish(
        *(item(f"Drone crosses into {place}") for place in ("Tolm", "Osk", "Brell", "Quay", "Mora", "Varn"))
    )


async def asks_all_that_one_may(line: Line, who: Room, group: Room) -> None:
    for _ in range(MOST_ASKED_OF_MEMBER):
        line.server.says(who, "/rules", where=group)
        await line.server.sees(group, "doesn't follow any rules")


async def list_asked_for(line: Line, who: Room, group: Room) -> int:
    line.server.says(who, "/latest 5", where=group)
    return (await line.server.sees(group, "Drone crosses")).id


async def test_an_admin_of_a_group_follows_as_many_rules_at_once_as_in_private(
    server: TelegramServer, desk: Desk, ann: Room
) -> None:
    async with on_the_line(server, Admission(answer, desk.services).answer):
        group = server.group(admin=ann)
        for number, word in enumerate(("drone", "cable", "missile", "baltic"), 1):
            server.says(ann, f"/follow {word}", where=group)
            await server.sees(group, f"Follow {word}?")
            server.presses_button(ann, "Follow", where=group)
            await server.sees(group, f"Saved as rule {number}")


async def test_turning_over_ones_own_list_takes_nothing_from_ones_share(
    server: TelegramServer, desk: Desk, bob: Room
) -> None:
    async with on_the_line(server, Admission(answer, desk.services).answer) as line:
        group = server.group()
        await publish_two_pages(desk)
        listed = await list_asked_for(line, bob, group)
        for _ in range(4):
            server.presses_button(bob, "Older", where=group)
            assert (await server.sees(group, "page 2")).id == listed
            server.presses_button(bob, "Newer", where=group)
            await server.sees(group, "Latest news")


async def test_pressing_for_a_new_message_each_time_takes_from_ones_share(
    server: TelegramServer, desk: Desk, bob: Room
) -> None:
    async with on_the_line(server, Admission(answer, desk.services).answer) as line:
        group = server.group()
        await publish_two_pages(desk)
        await list_asked_for(line, bob, group)
        for story in range(1, MOST_ASKED_OF_MEMBER):
            press = server.presses_button(bob, "Older", data=f"/story id:{story}", where=group)
            assert await notice(line, press) == {"text": None, "alert": False}
        told = await notice(line, server.presses_button(bob, "Older", data="/story id:6", where=group))
        assert told["text"].startswith("That was 6 questions in a minute")


async def test_who_presses_too_often_is_told_in_a_box_and_the_list_stays(
    server: TelegramServer, desk: Desk, ann: Room, bob: Room
) -> None:
    async with on_the_line(server, Admission(answer, desk.services).answer) as line:
        group = server.group()
        await publish_two_pages(desk)
        await asks_all_that_one_may(line, bob, group)
        listed = await list_asked_for(line, ann, group)
        before = [(sent.text, sent.edits) for sent in group.sent]
        told = await notice(line, server.presses_button(bob, "Older", where=group))
        assert told["alert"]
        assert told["text"].startswith("That was 6 questions in a minute; I'll answer again in ")
        assert await notice(line, server.presses_button(bob, "Older", where=group)) == {"text": None, "alert": False}
        assert [(sent.text, sent.edits) for sent in group.sent] == before
        server.presses_button(ann, "Older", where=group)
        turned = await server.sees(group, "page 2")
        assert turned.id == listed, "that somebody else was refused is no press of hers"


async def test_what_only_the_owner_may_press_leaves_the_owners_message(
    server: TelegramServer, desk: Desk, ann: Room, bob: Room
) -> None:
    desk.services = replace(desk.services, owners=frozenset({f"telegram:{ann.id}"}))
    async with on_the_line(server, answer_with(desk.services)) as line:
        group = server.group()
        server.says(ann, "/allow telegram:-100123", where=group)
        listed = await server.sees(group, "telegram:-100123 now has access")
        told = await notice(line, server.presses_button(bob, "Undo", where=group))
        assert told == {"text": "Only the owner of this bot can do that. /help lists what you can ask.", "alert": True}
        assert [(sent.text, sent.edits) for sent in group.sent] == [(listed.text, 0)]


async def test_a_notice_that_meets_a_stumbling_server_is_shown(line: Line, desk: Desk, ann: Room) -> None:
    await follow(line, desk, ann, "drone")
    await publish(line, desk, FOOTBALL)
    alert = await line.server.sees(ann, FOOTBALL)
    line.server.refuses("answerCallbackQuery", Refusal(502, "Bad Gateway"))
    press = line.server.presses_button(ann, "Mute this story")
    assert (await notice(line, press))["text"].startswith("Muted until")
    line.server.refuses("answerCallbackQuery", Refusal(500, "Internal Server Error"), times=3)
    line.server.presses_button(ann, "Mute this story", forged="/rules")
    said_instead = await line.server.sees(ann, "This message doesn't have that button")
    assert said_instead.reply_to == alert.id


# Which presses count


async def test_what_no_button_of_the_message_carries_is_not_obeyed(
    line: Line, desk: Desk, ann: Room, bob: Room
) -> None:
    group = line.server.group(admin=ann)
    await follow(line, desk, group, "drone")
    await publish(line, desk, FOOTBALL)
    alert = await line.server.sees(group, FOOTBALL)
    for forged in ("/search football", "/unfollow 1", "/story 1 ", "#5/rules", "/why 4711"):
        for who in (ann, bob):
            told = await notice(line, line.server.presses_button(who, "Why", where=group, forged=forged))
            assert told == {"text": "This message doesn't have that button any more.", "alert": True}
    assert [(sent.text, sent.buttons, sent.edits) for sent in group.sent] == [(alert.text, alert.buttons, 0)]
    line.server.presses_button(bob, "Why", where=group)
    assert (await line.server.sees(group, "Your rule 1: drone")).reply_to == alert.id


async def test_below_a_message_that_telegram_no_longer_shows_one_can_only_read(
    line: Line, desk: Desk, ann: Room
) -> None:
    await follow(line, desk, ann, "drone")
    await publish(line, desk, FOOTBALL)
    alert = await line.server.sees(ann, FOOTBALL)
    for unseen in ("/unfollow 1", "/mute story 1", "/fewer 1 1", "/latest", "/channel off", "/forget yes", "/gone"):
        told = await notice(line, line.server.presses_button(ann, "Why", forged=unseen, shown=False))
        assert told["text"].startswith("This message is too old for its buttons to work.")
    assert [(sent.text, sent.edits) for sent in ann.sent] == [(alert.text, 0)]
    for label, said in (("Who says what", "Who said what, and when"), ("Why", "Your rule 1: drone")):
        line.server.presses_button(ann, label, shown=False)
        await line.server.sees(ann, said)


# What can be pressed in texts


async def test_what_a_feed_says_cannot_be_pressed(line: Line, desk: Desk, ann: Room) -> None:
    await follow(line, desk, ann, "drone")
    told = item(
        "Drone falls, says @kestrel_news",
        url=None,
        summary="Write to ann@scam.example or call +358 40 123 4567, or send /unfollow 1 at scam.example #now at once.",
    )
    await desk.publish(told, alerting=True)
    await dispatcher(line, desk).dispatch_due()
    alert = await line.server.sees(ann, "Drone falls")
    assert "scam" in alert.text
    assert alert.alive == []


async def test_our_own_commands_and_an_owners_address_can_be_pressed(line: Line, desk: Desk, ann: Room) -> None:
    for asked, pressed in (
        ("/start", ["/latest", "/help"]),
        ("/unfollow 3", ["/rules"]),
        ("/unfollow", ["/unfollow", "/rules"]),
        ("/why", ["/why", "/why"]),
        ("/nowhere", ["/help"]),
        ("/pause", ["/resume", "/latest"]),
    ):
        line.server.says(ann, asked)
        assert (await line.server.sees(ann)).alive == pressed
    line.server.says(ann, "/help")
    assert {"/follow", "/unfollow", "/mutes"} <= set((await line.server.sees(ann)).alive)
    await line.sends(ann, announcement("We move: https://faultline.example/move, or /status."))
    assert (await line.server.sees(ann)).alive == ["/status", "faultline.example"]


# Settings


async def test_the_panel_of_settings_edits_itself_in_place(line: Line, desk: Desk, ann: Room) -> None:
    line.server.says(ann, "/settings")
    panel = await line.server.sees(ann, "Sound: every alert rings.")
    for label, said in (
        ("Breaking", "Sound: only breaking news rings, the rest arrives silently."),
        ("Wider circle", "Circle: the war in Ukraine"),
        ("Pause 1 h", "Alerts: paused until 22 Nov, 13:00 UTC."),
        ("Alerts on", "Alerts: on."),
    ):
        line.server.presses_button(ann, label)
        assert (await line.server.sees(ann, said)).id == panel.id
    assert len(ann.sent) == 1
    assert [label for label in ann.sent[0].buttons if label.startswith("✓")] == [
        "✓ Breaking",
        "✓ Every level",
        "✓ Wider circle",
        "✓ All languages",
        "✓ Alerts on",
    ]


async def test_what_is_set_already_can_be_pressed_without_harm(line: Line, ann: Room) -> None:
    line.server.says(ann, "/settings")
    await line.server.sees(ann, "Sound: every alert rings.")
    await notice(line, line.server.presses_button(ann, "✓ Core only"))
    line.server.presses_button(ann, "None")
    await line.server.sees(ann, "Sound: all alerts arrive silently.")
    assert len(ann.sent) == 1


# How fast presses are answered


@pytest.fixture
def slow(desk: Desk) -> tuple[Answer, asyncio.Event]:
    """An answer that takes until the event is set."""
    ready, commands = asyncio.Event(), answer_with(desk.services)

    async def answered(request: Request) -> Message | None:
        if request.from_button:
            await ready.wait()
        return await commands(request)

    return answered, ready


async def test_a_notice_that_takes_long_is_acknowledged_and_comes_as_a_reply(
    server: TelegramServer, desk: Desk, slow: tuple[Answer, asyncio.Event]
) -> None:
    answered, ready = slow
    ann = server.person("Ann")
    async with on_the_line(server, answered) as line:
        await follow(line, desk, ann, "drone")
        await publish(line, desk, FOOTBALL)
        alert = await server.sees(ann, FOOTBALL)
        press = server.presses_button(ann, "Mute this story")
        assert await notice(line, press) == {"text": None, "alert": False}
        ready.set()
        late = await server.sees(ann, "Muted until")
        assert late.reply_to == alert.id


async def test_a_press_is_acknowledged_while_an_earlier_question_of_the_chat_takes_long(
    server: TelegramServer, desk: Desk, slow: tuple[Answer, asyncio.Event]
) -> None:
    answered, ready = slow
    ann = server.person("Ann")
    async with on_the_line(server, answered) as line:
        await follow(line, desk, ann, "drone")
        await publish(line, desk, FOOTBALL)
        await server.sees(ann, FOOTBALL)
        server.presses_button(ann, "Fewer like this")
        press = server.presses_button(ann, "Mute this story")
        assert await notice(line, press) == {"text": None, "alert": False}
        assert not ready.is_set()
        ready.set()
        assert (await server.sees(ann, "Muted until")).text.startswith("Muted until")


@pytest.mark.parametrize("label", ["Fewer like this", "Follow"])
async def test_other_presses_are_acknowledged_before_they_are_answered(
    server: TelegramServer, desk: Desk, slow: tuple[Answer, asyncio.Event], label: str
) -> None:
    answered, ready = slow
    ann = server.person("Ann")
    async with on_the_line(server, answered) as line:
        await follow(line, desk, ann, "drone")
        await publish(line, desk, FOOTBALL)
        server.says(ann, "/follow cable")
        await server.sees(ann, "Follow cable?")
        seen = len(ann.log)
        assert await notice(line, server.presses_button(ann, label)) == {"text": None, "alert": False}
        assert len(ann.log) == seen
        ready.set()
        await server.until(lambda: len(ann.log) > seen)


async def test_a_press_is_acknowledged_while_telegram_looks_up_who_is_an_admin(
    line: Line, desk: Desk, ann: Room
) -> None:
    group = line.server.group(admin=ann)
    await follow(line, desk, group, "drone")
    await publish(line, desk, FOOTBALL)
    alert = await line.server.sees(group, FOOTBALL)
    looked_up = line.server.holds("getChatMember")
    press = line.server.presses_button(ann, "Mute this story", where=group)
    assert await notice(line, press) == {"text": None, "alert": False}
    looked_up.set()
    assert (await line.server.sees(group, "Muted until")).reply_to == alert.id
    assert await muted_in(desk, group) == [1]


async def test_what_comes_too_late_for_a_box_is_said_below_the_message(line: Line, desk: Desk, ann: Room) -> None:
    group = line.server.group(admin=ann)
    await follow(line, desk, group, "drone")
    await publish(line, desk, FOOTBALL)
    alert = await line.server.sees(group, FOOTBALL)
    looked_up = line.server.holds("getChatMember")
    line.server.refuses("getChatMember", Refusal(500, "Internal Server Error"), times=3)
    presses = [
        line.server.presses_button(ann, "Mute this story", where=group),
        line.server.presses_button(ann, "Mute this story", where=group, data="v0:mute:17"),
    ]
    for press in presses:
        assert await notice(line, press) == {"text": None, "alert": False}
    looked_up.set()
    for told in ("I couldn't ask Telegram", "This button is too old"):
        assert (await line.server.sees(group, told)).reply_to == alert.id


async def test_a_notice_too_long_for_its_box_comes_as_a_reply(server: TelegramServer, desk: Desk) -> None:
    commands = answer_with(desk.services)

    async def talkative(request: Request) -> Message | None:
        return Message((Block(say("Muted. " * 40)),)) if request.from_button else await commands(request)

    ann = server.person("Ann")
    async with on_the_line(server, talkative) as line:
        await follow(line, desk, ann, "drone")
        await publish(line, desk, FOOTBALL)
        alert = await server.sees(ann, FOOTBALL)
        press = server.presses_button(ann, "Mute this story")
        told = await server.sees(ann, "Muted. Muted.")
        assert told.reply_to == alert.id
        assert await notice(line, press) == {"text": None, "alert": False}
