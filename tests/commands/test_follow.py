import asyncio
from datetime import timedelta

import pytest

from bot.commands.follow import MOST_RULES
from bot.core.model import Relevance
from bot.storage import subscribers
from tests import builders
from tests.builders import NOW, item
from tests.commands.room import Room

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def hold_a_week_of_news(room: Room) -> None:
    await room.publish(item("Old news", published=NOW - 9 * DAY, first_seen=NOW - 9 * DAY))


async def test_before_a_rule_is_saved_it_shows_what_it_would_have_sent(room: Room) -> None:
    await hold_a_week_of_news(room)
    await room.publish(*(item(f"Tanker number {n} held", ago=n * 11 * HOUR) for n in range(1, 30)))
    reply = await room.say("/follow tanker")
    assert reply.lines[0] == "Follow tanker?"
    assert "In the last 7 days it would have sent 15 alerts, about 2 a day." in reply.lines
    assert reply.titles == ["Tanker number 1 held", "Tanker number 2 held", "Tanker number 3 held"]
    assert list(reply.buttons) == ["Follow", "Cancel"]
    assert len(room.index) == 0
    assert (await room.say("/rules")).lines[0] == "This chat doesn't follow any rules yet."


async def test_the_trial_counts_as_alerts_do(room: Room) -> None:
    """One alert a story, our subject alone, the last week alone."""
    await hold_a_week_of_news(room)
    title = "Tanker held between the islands"
    await room.publish(item(title, outlet="volga"), item("Tanker off course", relevance=Relevance.RELATED))
    await room.publish(item(title, outlet="northgate"), item("Tanker lost", ago=8 * DAY))
    assert "it would have sent 1 alert." in (await room.say("/follow tanker")).text
    assert (
        "it would have sent 2 alerts, less than one a day." in (await room.say("/follow tanker relevance:related")).text
    )


async def test_the_names_that_a_word_stands_for_are_told(room: Room) -> None:
    await room.publish(item("Кестрел закрыт для танкеров", outlet="volga-ru"))
    reply = await room.say("/follow kestrel")
    assert "Кестрел" in reply.lines[1]
    assert reply.titles == ["Кестрел закрыт для танкеров"]


async def test_a_rule_that_finds_nothing_is_warned_about(room: Room) -> None:
    await hold_a_week_of_news(room)
    reply = await room.say("/follow dredger")
    assert "In the last 7 days it would have sent nothing." in reply.lines
    assert "Perhaps a word is misspelt" in reply.text
    assert list(reply.buttons) == ["Follow", "Cancel"]


async def test_a_misspelt_word_is_asked_about(room: Room) -> None:
    await room.publish(item("Tanker held", published=NOW - 20 * DAY, first_seen=NOW - 20 * DAY))
    reply = await room.say("/follow kestrrel tnaker")
    assert "Did you mean kestrel tanker?" in reply.lines
    assert list(reply.buttons) == ["Follow", "Cancel", "Yes, use that"]
    assert (await room.press(reply, "Yes, use that")).lines[0] == "Follow kestrel tanker?"


async def test_a_rule_of_small_words_is_questioned(room: Room) -> None:
    reply = await room.say("/follow the")
    assert "That is in nearly every report" in reply.text
    assert (await room.press(reply, "Yes, use that")).lines[0] == 'Follow "the"?'


async def test_a_flood_is_warned_about(room: Room) -> None:
    await hold_a_week_of_news(room)
    await room.publish(*(item(f"Tanker number {n} held", ago=n * HOUR) for n in range(1, 160)))
    reply = await room.say("/follow tanker")
    assert "159 alerts, about 23 a day." in reply.text
    assert "more than most people read" in reply.text


async def test_with_less_than_a_week_of_news_it_says_so(room: Room) -> None:
    await room.publish(item("Tanker held", ago=30 * HOUR))
    reply = await room.say("/follow tanker")
    assert "I've only been collecting news for 1 day 6 hours, so there may have been more." in reply.lines


async def test_in_the_first_day_of_collecting_it_counts_nothing_yet(room: Room) -> None:
    await room.publish(item("Tanker held", ago=3 * HOUR))
    reply = await room.say("/follow tanker")
    assert "I've only been collecting news for 3 hours, so I can't say yet how many alerts to expect." in reply.lines
    assert "Tanker held" in reply.text
    assert "misspelt" not in (await room.say("/follow barge")).text


async def test_without_any_news_it_does_not_pretend_to_know(room: Room) -> None:
    reply = await room.say("/follow tanker")
    assert "No news has been collected yet, so I can't say how many alerts to expect." in reply.lines
    assert list(reply.buttons) == ["Follow", "Cancel"]


async def test_with_the_first_news_it_does_not_say_that_there_is_none(room: Room) -> None:
    await room.publish(item("Tanker held", ago=timedelta(0)))
    reply = await room.say("/follow tanker")
    assert "Tanker held" in reply.text
    assert "No news" not in reply.text
    assert "I've only just started collecting news, so I can't say yet how many alerts to expect." in reply.lines


async def test_a_confirmed_rule_is_saved_shown_and_sends_alerts(room: Room) -> None:
    saved = await room.follow("Tanker  -football")
    assert saved.lines[0] == "Saved as rule 1: tanker -football"
    assert (await room.say("/rules")).lines[:4] == [
        "Rules of this chat",
        "",
        "1. tanker -football",
        "tanker, but not football",
    ]
    await room.publish(item("Tankers held off Kestrel"), alerting=True)
    assert await room.owed() == 1


async def test_a_cancelled_rule_is_not_saved(room: Room) -> None:
    asked = await room.say("/follow tanker")
    assert (await room.press(asked, "Cancel")).lines == ["Not saved: tanker"]
    assert "has already been answered" in (await room.press(asked, "Follow")).text
    assert len(room.index) == 0


async def test_a_question_is_answered_once(room: Room) -> None:
    asked = await room.say("/follow tanker")
    await room.press(asked, "Follow")
    assert "has already been answered" in (await room.press(asked, "Follow")).text
    assert "has already been answered" in (await room.press(asked, "Cancel")).text
    assert len(room.index) == 1


async def test_nobody_confirms_for_another_chat(room: Room) -> None:
    asked = await room.say("/follow tanker")
    assert "has already been answered" in (await room.press(asked, "Follow", chat=builders.chat("eve"))).text
    assert len(room.index) == 0
    assert (await room.press(asked, "Follow")).lines[0] == "Saved as rule 1: tanker"


async def test_what_is_followed_already_is_not_asked_again(room: Room) -> None:
    await room.follow("tanker")
    assert (await room.say("/follow  TANKER")).lines == ["This chat already follows that: it's rule 1."]


async def test_two_questions_about_one_rule_make_one_rule(room: Room) -> None:
    first, second = await room.say("/follow tanker"), await room.say("/follow tanker")
    await room.press(first, "Follow")
    assert (await room.press(second, "Follow")).lines == ["This chat already follows that: it's rule 1."]


async def test_a_chat_has_a_limit_of_rules(room: Room) -> None:
    async with room.database.write() as tx:
        subscriber = await subscribers.ensure(tx, builders.chat(), NOW)
        for number in range(MOST_RULES):
            await subscribers.follow(tx, subscriber.id, f"tanker{number}", names_relevance=False, now=NOW)
    reply = await room.say("/follow cable")
    assert reply.lines == [
        "This chat has 50 rules, which is the maximum. /unfollow one, or join several with OR in one rule."
    ]


async def test_rules_are_listed_in_words_with_a_button_to_end_each(room: Room) -> None:
    await room.follow("kestrel (cable OR tanker)")
    await room.follow("side:russia drone*")
    reply = await room.say("/rules")
    assert "1. kestrel (cable OR tanker)" in reply.lines
    assert "Kestrel, and cable or tanker. Also matches: Kestrel (Кестрел)" in reply.lines
    assert reply.buttons == {"Unfollow 1": "/unfollow 1:1", "Unfollow 2": "/unfollow 2:2"}


async def test_unfollow_ends_the_rule_and_its_waiting_alerts_at_once(room: Room) -> None:
    await room.follow("tanker")
    await room.follow("cable")
    await room.publish(item("Tanker held off Varn"), item("Cable cut off Varn"), alerting=True)
    assert await room.owed() == 2
    ended = await room.say("/unfollow 1")
    assert ended.lines == ["Rule 1 is no longer followed: tanker"]
    assert ended.buttons == {"Follow again": "/follow tanker"}
    assert await room.owed() == 1
    await room.publish(item("Tanker lost off Varn"), alerting=True)
    assert await room.owed() == 1
    assert list((await room.say("/rules")).buttons) == ["Unfollow 2"]


async def test_a_rule_that_others_follow_stays(room: Room) -> None:
    bob = builders.chat("bob")
    await room.follow("tanker")
    await room.follow("tanker", chat=bob)
    await room.say("/unfollow 1")
    await room.publish(item("Tanker held off Varn"), alerting=True)
    assert await room.owed() == 1
    await room.say("/unfollow 1", chat=bob)
    assert len(room.index) == 0


async def test_a_number_that_is_no_rule_is_answered_kindly(room: Room) -> None:
    assert (await room.say("/unfollow 7")).lines == ["This chat has no rule 7. /rules shows the numbers."]


async def test_a_rule_may_name_a_relevance(room: Room) -> None:
    await room.follow("depot relevance:related")
    await room.publish(item("Depot burns at the front", relevance=Relevance.RELATED), alerting=True)
    assert await room.owed() == 1


async def test_chats_that_follow_and_unfollow_one_rule_at_once_leave_the_index_right(room: Room) -> None:
    ann, bob = builders.chat("ann"), builders.chat("bob")
    await room.follow("tanker", chat=ann)
    for turn in range(10):
        asked = await room.say("/follow tanker", chat=bob)
        await asyncio.gather(room.say(f"/unfollow {turn // 2 + 1}", chat=ann), room.press(asked, "Follow", chat=bob))
        async with room.database.read() as tx:
            kept = await subscribers.all_rules(tx)
        assert list(kept.values()) == ["tanker"]
        assert all(rule in room.index for rule in kept)
        assert len(room.index) == 1
        ann, bob = bob, ann


async def test_a_number_is_never_given_again_so_that_an_old_button_ends_no_other_rule(room: Room) -> None:
    await room.follow("tanker")
    await room.follow("cable")
    old = await room.say("/rules")
    await room.press(old, "Unfollow 2")
    assert (await room.follow("kestrel")).lines[0] == "Saved as rule 3: kestrel"
    assert (await room.press(old, "Unfollow 2")).text == "This chat has no rule 2. /rules shows the numbers."
    await room.say("/unfollow 1")
    await room.say("/unfollow 3")
    assert (await room.follow("cable")).lines[0] == "Saved as rule 4: cable"


@pytest.mark.parametrize(
    ("line", "marked", "mended"),
    [
        ("/follow drone -drone", "      ^", "/follow drone"),
        ("/mute drone -drones 3d", "      ^", "/mute drone 3d"),
        ("/search kestrel drone -Кестрел", "              ^", "/search kestrel drone"),
        ("/latest 5 side:nato side:russia", "          ^", "/latest 5 side:nato OR side:russia"),
    ],
)
async def test_a_rule_that_nothing_can_fit_is_not_taken(room: Room, line: str, marked: str, mended: str) -> None:
    reply = await room.say(line)
    assert reply.lines[1] == marked
    assert "nothing can match" in reply.lines[2]
    assert reply.buttons == {"Yes, use that": mended}


async def test_after_forgetting_no_old_button_ends_or_changes_a_new_rule(room: Room) -> None:
    """/forget begins the numbers anew, since nothing is left that could remember the last one."""
    await room.publish(item("Tanker held off Varn"))
    await room.follow("tanker")
    old_rules, old_level = await room.say("/rules"), await room.say("/level major 1")
    await room.say("/forget yes")
    await room.follow("cable")
    said = "Rule 1 has ended or changed since. /rules shows what this chat follows."
    for pressed in (await room.press(old_rules, "Unfollow 1"), await room.press(old_level, "Only breaking")):
        assert pressed.text == said
    assert list((await room.say("/rules")).buttons.values()) == ["/unfollow 1:2"]
    assert "Brings" not in (await room.say("/rules")).text
    assert (await room.say("/unfollow 1")).text == "Rule 1 is no longer followed: cable"
