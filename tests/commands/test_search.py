from dataclasses import replace
from datetime import timedelta

from tests.builders import item
from tests.commands.room import Room

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def test_search_counts_the_stories_of_the_last_week(room: Room) -> None:
    await room.publish(*(item(f"Tanker number {n} held", ago=n * DAY) for n in range(1, 11)))
    reply = await room.say("/search tankers")
    assert reply.lines[0] == "7 stories in the last 7 days match tankers"
    assert len(reply.titles) == 7
    assert reply.buttons["Follow this"] == "/follow tankers"
    assert list(reply.buttons) == ["1", "2", "3", "4", "5", "6", "7", "Follow this"]


async def test_search_takes_a_period(room: Room) -> None:
    await room.publish(*(item(f"Tanker number {n} held", ago=n * DAY) for n in range(1, 11)))
    assert (await room.say("/search tanker 1 day")).lines[0] == "1 story in the last 24 hours matches tanker"
    reply = await room.say("/search tanker 2 weeks")
    assert reply.lines[0] == "10 stories in the last 14 days match tanker"


async def test_the_pages_of_a_search_end_where_its_period_does(room: Room) -> None:
    await room.publish(*(item(f"Tanker number {n} held", ago=n * 9 * HOUR) for n in range(1, 30)))
    first = await room.say("/search tanker")
    assert first.lines[0] == "18 stories in the last 7 days match tanker"
    second = await room.press(first, "Older")
    assert second.titles == [f"Tanker number {n} held" for n in range(11, 19)]
    assert list(second.buttons) == ["11", "12", "13", "14", "15", "16", "17", "18", "Newer"]


async def test_a_search_without_finds_says_how_to_find_more(room: Room) -> None:
    await room.publish(item("Envoys meet in Varn"))
    reply = await room.say("/search tanker football 3d")
    assert reply.lines[0] == "Nothing in the last 3 days matches tanker football."
    assert reply.buttons == {"Follow this": "/follow tanker football"}


async def test_smart_quotes_and_dashes_of_phones_are_understood(room: Room) -> None:
    await room.publish(item("Talks on air space in Varn"), item("Space for air in Varn"), item("Air space football"))
    assert (await room.say("/latest “air space” –football")).titles == ["Talks on air space in Varn"]


async def test_who_asks_for_more_than_is_kept_is_told_how_far_it_goes(room: Room) -> None:
    await room.publish(*(item(f"Tanker number {n} held", ago=n * 10 * DAY) for n in range(1, 5)))
    reply = await room.say("/search tanker 90d")
    assert reply.lines[:2] == [
        "3 stories in the last 30 days match tanker",
        "I only keep news for 30 days, so I didn't look any further back.",
    ]
    assert "I only keep news" not in (await room.say("/search tanker 30d")).text
    assert (await room.say("/search football 1 year")).lines[:3] == [
        "Nothing in the last 30 days matches football.",
        "I only keep news for 30 days, so I didn't look any further back.",
        "",
    ]
    room.services = replace(room.services, keep=15 * DAY)
    assert (await room.say("/search tanker 20d")).lines[0] == "1 story in the last 15 days matches tanker"
    assert (await room.say("/latest 20 tanker")).titles == ["Tanker number 1 held"]
