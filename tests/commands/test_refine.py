"""Fewer like this: from an alert's button to a stricter rule under the same number."""

from datetime import timedelta

import pytest

from bot.commands.refine import Offer, chosen
from bot.core.model import Item, Relevance, StoryId, Urgency
from bot.core.rules.rule import parse_rule
from bot.delivery.composing import Composer, ToSend
from bot.storage import news, outbox, subscribers
from tests import builders
from tests.builders import NOW, item
from tests.commands.room import ALIASES, Reply, Room

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def football(number: int, **fields: object) -> Item:
    return item(f"Drone films football match {number}", **({"ago": number * HOUR, "topics": ("sport",)} | fields))


def sightings(count: int, **fields: object) -> list[Item]:
    """Reports that whoever follows drones wants to go on reading."""
    places = ("Varn", "Tolm", "Osk", "Brell", "Quay", "Mora", "Linn", "Harg", "Dell", "Sond")
    return [
        item(f"Drone crosses into {place}", ago=(number + 1) * HOUR, **({"topics": ("airspace",)} | fields))
        for number, place in enumerate(places[:count])
    ]


async def story_titled(room: Room, title: str) -> StoryId:
    async with room.database.read() as tx:
        told = await news.stories_since(tx, NOW - 30 * DAY, tuple(Relevance), seen_by=room.clock.now(), limit=100)
    return next(story.id for story in told if story.items[0].title == title)


async def fewer(room: Room, title: str, number: int = 1, **asking: object) -> Reply:
    return await room.tap(f"/fewer {number} id:{await story_titled(room, title)}", **asking)  # type: ignore[arg-type]


async def rules_of(room: Room) -> dict[int, str]:
    async with room.database.read() as tx:
        subscriber = await subscribers.find(tx, builders.chat())
        assert subscriber is not None
        return {each.number: each.text for each in await subscribers.followings_of(tx, subscriber.id)}


async def test_stricter_rules_are_offered_each_with_what_it_would_have_sent(room: Room) -> None:
    await room.publish(*sightings(6), football(1), football(2, outlet="volga"))
    await room.follow("drone")
    reply = await fewer(room, "Drone films football match 1")
    assert reply.lines[0] == "Fewer like this"
    assert "Rule 1 is drone; in the last 7 days 8 stories matched it." in reply.lines
    offered = [line for line in reply.lines if line[:3] in {"1. ", "2. ", "3. "}]
    assert offered[0] == "1. drone -topic:sport"
    assert reply.lines[reply.lines.index(offered[0]) + 1 :][:2] == [
        "drone; not on the topic sport",
        "In the last 7 days: 6 stories instead of 8.",
    ]
    assert list(reply.buttons) == [f"Use {place}" for place in range(1, len(offered) + 1)]


async def test_a_stricter_rule_takes_the_place_of_the_old_one_and_can_give_it_back(room: Room) -> None:
    await room.publish(*sightings(6), football(1), football(2))
    await room.follow("cable")
    await room.follow("drone")
    offers = await fewer(room, "Drone films football match 1", 2)
    used = await room.press(offers, "Use 1")
    assert used.lines == ["Rule 2 is now: drone -topic:sport", "It used to be: drone"]
    assert await rules_of(room) == {1: "cable", 2: "drone -topic:sport"}
    await room.publish(football(30, ago=HOUR / 2), alerting=True)
    assert await room.owed() == 0
    await room.publish(item("Drone crosses into Kestrel"), alerting=True)
    assert await room.owed() == 1
    await room.press(used, "Back to the old rule")
    assert await rules_of(room) == {1: "cable", 2: "drone"}
    await room.publish(football(31, ago=HOUR / 3), alerting=True)
    assert await room.owed() == 2
    assert len(room.index) == 2


async def test_what_waits_to_be_sent_is_sent_only_if_the_stricter_rule_wants_it(room: Room) -> None:
    await room.follow("drone")
    await room.publish(*sightings(2), football(1), alerting=True)
    await room.press(await fewer(room, "Drone films football match 1"), "Use 1")
    composer = Composer(database=room.database, index=room.index, aliases=ALIASES, clock=room.clock)
    async with room.database.write() as tx:
        due = await outbox.claim(tx, ("console",), Urgency.ALERT, room.clock.now(), limit=100, lease=HOUR)
    told = []
    for delivery in due:
        composed = await composer.compose(delivery)
        if isinstance(composed, ToSend):
            told.append(composed.outgoing.message.blocks)
    assert sorted(blocks[0].text for blocks in told) == ["Drone crosses into Tolm", "Drone crosses into Varn"]
    assert all("Your rule 1: drone -topic:sport" in blocks[3].text for blocks in told)


async def test_no_offer_would_have_brought_the_story(room: Room) -> None:
    """Whatever is used: the story that was complained of does not fit it, and others still do."""
    await room.publish(*sightings(8), football(1), football(2, outlet="volga"))
    await room.follow("drone OR airspace")
    offers = await fewer(room, "Drone films football match 1")
    assert offers.buttons
    for label in offers.buttons:
        used = await room.press(offers, label)
        refused = await fewer(room, "Drone films football match 1")
        assert "would not send this story" in refused.text, label
        await room.press(used, "Back to the old rule")
        offers = await fewer(room, "Drone films football match 1")


async def test_without_a_publisher(room: Room) -> None:
    await room.publish(*sightings(4, topics=()), *sightings(4, topics=(), outlet="volga", summary="By our own writer"))
    await room.publish(item("Drone parade in Orel", outlet="volga", topics=()))
    await room.follow("drone")
    assert '1. drone -publisher:"Volga Courier"' in (await fewer(room, "Drone parade in Orel")).lines


async def test_a_publisher_is_not_left_out_where_others_tell_the_story(room: Room) -> None:
    await room.publish(*sightings(2, topics=()), *sightings(4, topics=(), outlet="volga", summary="By our own writer"))
    await room.publish(item("Drone parade in Orel"))
    await room.publish(item("Drone parade in Orel", outlet="volga"))
    await room.follow("drone")
    offered = await fewer(room, "Drone parade in Orel")
    assert "drone -parade" in offered.text
    assert "publisher" not in offered.text


async def test_what_would_have_changed_nothing_in_a_week_is_not_offered(room: Room) -> None:
    await room.publish(*sightings(6), football(1, ago=8 * DAY))
    await room.follow("drone")
    assert "can't find a stricter form" in (await fewer(room, "Drone films football match 1")).text


async def test_in_the_wider_circle_the_core_alone_is_offered(room: Room) -> None:
    await room.publish(*sightings(4), item("Drone depot burns at the front", relevance=Relevance.RELATED))
    await room.follow("drone")
    await room.say("/wider on")
    assert "1. drone relevance:core" in (await fewer(room, "Drone depot burns at the front")).lines


async def test_what_is_only_mentioned_can_be_kept_to_titles(room: Room) -> None:
    await room.publish(*sightings(5))
    await room.publish(item("Varn holds its regatta", summary="A drone filmed it.", topics=("airspace",)))
    await room.follow("drone")
    assert "1. title:drone" in (await fewer(room, "Varn holds its regatta")).lines


async def test_an_alternative_can_go(room: Room) -> None:
    await room.publish(*sightings(5), item("Tanker off Kestrel", topics=("airspace",)))
    await room.follow("drone OR tanker")
    assert "1. drone" in (await fewer(room, "Tanker off Kestrel")).lines


async def test_where_nothing_stricter_helps_it_says_so_and_offers_what_there_is(room: Room) -> None:
    await room.publish(*sightings(6), item("Drone"))
    await room.follow("drone* -football")
    reply = await fewer(room, "Drone")
    assert reply.lines == [
        "I can't find a stricter form of rule 1 (drone* -football) that would leave this story out and still send "
        "others."
    ]
    assert list(reply.buttons) == ["Mute this story", "Unfollow 1"]


async def test_no_offer_contradicts_its_rule(room: Room) -> None:
    """What the rule asks for, by whatever name or in whatever form, is never what is left out."""
    await room.publish(item("NATO drones", topics=("airspace",)))
    await room.follow("drone otan topic:airspace source:northgate")
    assert "can't find a stricter form" in (await fewer(room, "NATO drones")).text


async def test_of_a_rare_rule_nothing_may_be_left_and_it_says_so(room: Room) -> None:
    await room.publish(football(1))
    await room.follow("drone")
    reply = await fewer(room, "Drone films football match 1")
    assert "1. drone -topic:sport" in reply.lines
    assert "In the last 7 days it would have sent nothing." in reply.lines


async def test_fewer_like_an_alert_whose_rule_has_ended_says_so_though_its_words_are_followed_anew(room: Room) -> None:
    await room.follow("drone")
    room.clock.advance(minutes=1)
    await room.publish(item("Drones over Kestrel", published=room.clock.now()), alerting=True)
    await room.sent()
    await room.say("/unfollow 1")
    room.clock.advance(minutes=1)
    await room.follow("football nato")
    said = "It was sent for rule 1, drone, which this chat no longer follows. /rules shows what it follows now."
    assert said in (await room.tap("/fewer 1 id:1")).text
    await room.follow("drone")
    assert "Rule 3 is drone; in the last 7 days 1 story matched it." in (await room.tap("/fewer 1 id:1")).lines


async def test_old_buttons_answer_politely(room: Room) -> None:
    await room.publish(*sightings(6), football(1), football(2))
    await room.follow("drone")
    title = "Drone films football match 1"
    offers, other_offers = await fewer(room, title), await fewer(room, title)
    assert "no longer has rule 7" in (await room.tap("/fewer 7 id:1")).text
    assert "too old" in (await room.tap("/fewer 1 id:4711")).text
    await room.press(offers, "Use 1")
    assert "would not send this story" in (await fewer(room, title)).text
    assert "has since ended or changed" in (await room.press(other_offers, "Use 2")).text
    await room.say("/unfollow 1")
    assert "has since ended or changed" in (await room.press(offers, "Use 2")).text
    assert "no longer has rule 1" in (await fewer(room, title)).text


async def test_an_offer_ages(room: Room) -> None:
    await room.publish(*sightings(6), football(1), football(2))
    await room.follow("drone")
    offers = await fewer(room, "Drone films football match 1")
    room.clock.advance(days=8)
    await room.say("/follow cable")
    assert "over a week old" in (await room.press(offers, "Use 1")).text
    assert await rules_of(room) == {1: "drone"}


async def test_what_is_followed_already_is_not_followed_twice(room: Room) -> None:
    await room.publish(*sightings(6), item("Drone unhappy"), item("Drone unhappy elsewhere", ago=HOUR))
    await room.follow("drone")
    offers = await fewer(room, "Drone unhappy")
    assert offers.lines[6] == "1. drone -unhappy"
    await room.follow("drone -unhappy")
    assert (await room.press(offers, "Use this")).lines == ["This chat already follows that: it's rule 2."]
    assert await rules_of(room) == {1: "drone", 2: "drone -unhappy"}


async def test_nobody_changes_the_rules_of_another_chat(room: Room) -> None:
    await room.publish(*sightings(6), football(1), football(2))
    await room.follow("drone")
    offers = await fewer(room, "Drone films football match 1")
    eve = builders.chat("eve")
    assert "no longer has rule 1" in (await fewer(room, "Drone films football match 1", chat=eve)).text
    assert "has since ended or changed" in (await room.press(offers, "Use 1", chat=eve)).text
    assert "Only admins" in (await room.press(offers, "Use 1", admin=False)).text
    assert await rules_of(room) == {1: "drone"}


async def test_a_rule_that_others_follow_stays_theirs(room: Room) -> None:
    await room.publish(*sightings(6), football(1), football(2))
    bob = builders.chat("bob")
    await room.follow("drone", chat=bob)
    await room.follow("drone")
    await room.press(await fewer(room, "Drone films football match 1"), "Use 1")
    await room.publish(football(40, ago=HOUR / 4), alerting=True)
    assert await room.owed() == 1
    assert len(room.index) == 2


@pytest.mark.parametrize(
    ("lefts", "now", "wanted"),
    [
        ([[9, 6, 5, 4]], 10, [5]),  # the most goes of what leaves half
        ([[4, 2]], 10, [4]),  # where nothing leaves half, what leaves most
        ([[0], [8]], 10, [8]),
        ([[0]], 10, []),
        ([[0], [0]], 3, [0, 0]),
        ([[0], [1]], 3, [1]),
        ([[9], [8], [7], [6]], 10, [9, 8, 7]),
        ([[], []], 10, []),
    ],
)
def test_the_best_of_each_kind_is_offered(lefts: list[list[int]], now: int, wanted: list[int]) -> None:
    groups = [[Offer(rule=parse_rule("drone"), left=left) for left in group] for group in lefts]
    assert [offer.left for offer in chosen(groups, now)] == wanted


async def test_an_alert_from_before_forgetting_offers_nothing_for_a_new_rule(room: Room) -> None:
    await room.publish(*sightings(6), football(1), football(2))
    await room.follow("tanker")
    meant = await story_titled(room, "Drone films football match 1")
    await room.say("/forget yes")
    await room.follow("drone")
    assert "Rule 1 has ended or changed since." in (await room.tap(f"/fewer 1:1 id:{meant}")).text
    assert "Rule 1 is drone" in (await room.tap(f"/fewer 1:2 id:{meant}")).text
