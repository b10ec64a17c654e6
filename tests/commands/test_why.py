"""Why an alert came, and what nearly came: /why, /missed."""

from dataclasses import replace
from datetime import timedelta

from bot.core.model import Item, Level, Relevance
from bot.core.rules.aliases import aliases_of
from tests import builders
from tests.builders import NOW, item
from tests.commands.room import Room

MINUTE = timedelta(minutes=1)


def fresh(room: Room, title: str, **fields: object) -> Item:
    """An item of this moment."""
    return item(title, published=room.clock.now(), **fields)


async def alerted(room: Room, title: str = "Кестрелские drones seen", ref: str = "71") -> None:
    """A chat follows drones over Kestrel, is owed an alert a minute later, and gets it."""
    await room.follow("drone (kestrel OR varn) -football")
    room.clock.advance(minutes=1)
    await room.publish(fresh(room, title), alerting=True)
    await room.sent(ref)


async def test_why_names_the_rule_the_words_and_what_they_stand_for(room: Room) -> None:
    await alerted(room, "Drones over Кестрел again")
    await room.raised(1, Level.MAJOR, "at least 2 publishers report it")
    reply = await room.say("/why id:1")
    assert reply.lines[0] == "Drones over Кестрел again"
    assert reply.lines[2:] == [
        "Northgate Wire · NATO's side · just now",
        "",
        "Your rule 1: drone (kestrel OR varn) -football",
        "Found in the words of Northgate Wire: Drones, Кестрел",
        "“Drones” is a form of drone, which you asked for.",
        "“Кестрел” counts as Kestrel, which you asked for.",
        "Rule 1 sends stories of every level.",
        "",
        "Major since 22 Nov, 12:01 UTC, because at least 2 publishers report it.",
        "It's about our core subject.",
        "",
        "The alert was sent on 22 Nov, 12:01 UTC.",
    ]


async def test_why_as_a_reply_is_about_the_alert_that_is_replied_to(room: Room) -> None:
    await room.publish(item("Harbour closed"))
    await alerted(room, "Drones over Kestrel", ref="71")
    assert (await room.say("/why", reply_to="71")).lines[0] == "Drones over Kestrel"
    assert (await room.say("/why", reply_to="72")).text.startswith("Why what?")
    assert (await room.say("/why")).text.startswith("Why what?")
    # A message of another chat can have the same number.
    assert (await room.say("/why", reply_to="71", chat=builders.chat("eve"))).text.startswith("Why what?")


async def test_why_names_the_rule_by_which_an_alert_came_though_it_has_ended(room: Room) -> None:
    await alerted(room, "Drones over Kestrel")
    await room.say("/unfollow 1")
    ended = "It was sent for rule 1, drone (kestrel OR varn) -football, which this chat no longer follows."
    assert (await room.say("/why id:1")).lines == [
        "Drones over Kestrel",
        str(item("Drones over Kestrel").url),
        "",
        ended,
        "",
        "The alert was sent on 22 Nov, 12:01 UTC.",
    ]
    room.clock.advance(minutes=1)
    await room.follow("kestrel")
    lines = (await room.say("/why id:1")).lines
    assert ended in lines
    assert "Your rule 2: kestrel" in lines, "the story fits it, but did not come by it"
    assert "The alert was sent on 22 Nov, 12:01 UTC." in lines


async def test_why_tells_how_a_rule_read_when_an_alert_came_by_it(room: Room) -> None:
    await alerted(room, "Drones over Kestrel")
    offers = await room.tap("/fewer 1 id:1")
    await room.press(offers, next(iter(offers.buttons)))
    assert (
        "It was sent for rule 1 as it was then: drone (kestrel OR varn) -football"
        in (await room.say("/why id:1")).lines
    )


async def test_why_of_a_story_that_did_not_come_says_what_held_it_back(room: Room) -> None:
    await room.publish(item("Harbour closed"))
    assert "None of this chat's rules matches this story." in (await room.say("/why id:1")).lines
    await room.follow("harbour")
    assert (await room.say("/why id:1")).lines[-1] == "It wasn't sent. It was reported before rule 1 was made."
    room.clock.advance(minutes=1)
    await room.publish(fresh(room, "Harbour opened again"), alerting=True)
    assert (await room.say("/why id:2")).lines[-1] == "The alert is waiting its turn to be sent."
    await room.buried("muted")
    assert (await room.say("/why id:2")).lines[-1] == "It wasn't sent. It is muted; /mutes shows what is."


async def test_why_tells_what_is_only_related(room: Room) -> None:
    await room.follow("depot")
    await room.follow("depot relevance:related")
    room.clock.advance(minutes=1)
    await room.publish(fresh(room, "Depot burns at the front", relevance=Relevance.RELATED), alerting=True)
    await room.sent()
    reply = await room.say("/why id:1")
    assert reply.lines[4].endswith("relevance:related")
    assert "It's only related to our subject, which is what rule 2 asks for." in reply.lines
    assert "As you asked, it is of the core subject or related to it." in reply.lines


async def test_a_story_that_nobody_has_is_refused(room: Room) -> None:
    assert (await room.say("/why id:4711")).text == (
        "That story doesn't exist or has been deleted. /latest shows the latest stories."
    )


async def test_missed_tells_what_was_held_back_and_why(room: Room) -> None:
    await room.publish(item("Old drones over Kestrel"))
    await room.follow("drone")
    room.clock.advance(minutes=1)
    await room.publish(fresh(room, "Drones at the front", relevance=Relevance.RELATED), alerting=True)
    await room.publish(fresh(room, "Drones play football"), alerting=True)
    await room.buried("muted")
    await room.publish(fresh(room, "Drones over Kestrel"), alerting=True)
    await room.sent()
    await room.say("/pause 2h")
    room.clock.advance(minutes=1)
    await room.publish(fresh(room, "Drones over Varn"), alerting=True)
    reply = await room.say("/missed")
    assert reply.titles == ["Drones over Varn", "Drones play football", "Drones at the front"]
    assert reply.lines[0] == "Missed in the last 24 hours"
    assert [line for line in reply.lines if line.startswith("Rule 1")] == [
        "Rule 1, drone: Alerts are paused.",
        "Rule 1, drone: It is muted; /mutes shows what is.",
        "Rule 1, drone: It's only related to our subject; /wider on lets that through.",
    ]
    assert list(reply.buttons) == ["1", "2", "3"]


async def test_missed_tells_what_matches_all_but_a_small_part_of_a_rule(room: Room) -> None:
    await room.follow("drone kestrel -football")
    room.clock.advance(minutes=1)
    await room.publish(
        *(fresh(room, f"Drone number {n} over Varn") for n in range(8)),
        fresh(room, "Drones film football in Kestrel"),
        fresh(room, "Kestrel closes its harbour"),
        fresh(room, "Envoys meet"),
    )
    reply = await room.say("/missed 2h")
    assert "Matched all but one part of a rule" in reply.lines
    assert sorted(line for line in reply.lines if line.startswith("Rule 1")) == [
        "Rule 1, drone kestrel -football: everything matched except -football",
        "Rule 1, drone kestrel -football: everything matched except drone",
    ]
    assert set(reply.titles) == {"Kestrel closes its harbour", "Drones film football in Kestrel"}


async def test_a_report_without_the_point_of_a_rule_is_not_near(room: Room) -> None:
    """What few reports have is the point; and where two parts are as rare as each other, both are."""
    await room.follow("nuclear kestrel")
    await room.follow("tanker (varn OR tolm)")
    await room.follow("cable sources>=2")
    room.clock.advance(minutes=1)
    await room.publish(
        *(fresh(room, f"Kestrel report number {n}") for n in range(12)),
        *(fresh(room, f"Nuclear plant number {n} opens") for n in range(3)),
        *(fresh(room, f"Tanker number {n} sails") for n in range(4)),
        *(fresh(room, f"Varn report number {n}") for n in range(4)),
        fresh(room, "Report of a garden", outlet="volga"),
        fresh(room, "Report of a garden", outlet="northgate"),
    )
    near = [line for line in (await room.say("/missed")).lines if line.startswith("Rule ")]
    assert near == ["Rule 1, nuclear kestrel: everything matched except kestrel"] * 3


async def test_words_of_one_name_are_one_part(room: Room) -> None:
    aliases = aliases_of({"streams": [["Nord Stream", "Норд стрим"]]})
    room.services = replace(room.services, aliases=aliases)
    await room.follow("nord stream report")
    room.clock.advance(minutes=1)
    await room.publish(
        *(fresh(room, f"Report number {n} of a nord wind") for n in range(8)), fresh(room, "Nord Stream is mended")
    )
    reply = await room.say("/missed")
    assert [line for line in reply.lines if line.startswith("Rule ")] == [
        "Rule 1, nord stream report: everything matched except report"
    ]


async def test_missed_shows_ten_at_most_the_newest_first(room: Room) -> None:
    await room.follow("drone kestrel")
    room.clock.advance(hours=5)
    now = room.clock.now()
    await room.publish(
        *(item(f"Kestrel report number {n}", published=now - n * MINUTE) for n in range(15)),
        item("Drones over Varn", published=now),
        *(item(f"Envoys meet in Varn {n}", published=now) for n in range(20)),
    )
    found = (await room.say("/missed")).titles
    assert found == ["Drones over Varn"]
    await room.follow("drone -varn")
    room.clock.advance(hours=1)
    later = room.clock.now()
    await room.publish(*(item(f"Drone number {n} over Varn", published=later - n * MINUTE) for n in range(15)))
    assert (await room.say("/missed 1h")).titles == [f"Drone number {n} over Varn" for n in range(10)]


async def test_who_asks_for_more_than_is_kept_is_told_how_far_it_goes(room: Room) -> None:
    await room.follow("drone")
    room.clock.advance(minutes=1)
    await room.publish(fresh(room, "Drones at the front", relevance=Relevance.RELATED), alerting=True)
    assert (await room.say("/missed 90d")).lines[:2] == [
        "Missed in the last 30 days",
        "I only keep news for 30 days, so I didn't look any further back.",
    ]


async def test_missed_with_nothing_to_tell_says_so(room: Room) -> None:
    assert (await room.say("/missed")).text.startswith("This chat doesn't follow any rules")
    await room.follow("drone")
    await room.publish(item("Envoys meet in Varn", published=NOW))
    assert (await room.say("/missed 3d")).text.startswith("In the last 3 days nothing was held back")
