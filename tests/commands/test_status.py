from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from bot.commands.framework.services import Health, PlatformHealth
from bot.core.model import Relevance, Urgency
from bot.outage import Outage
from bot.sources.catalog import Catalog
from bot.sources.roster import Roster
from bot.storage.schema import deliveries
from tests.builders import NOW, OUTLETS, item, source
from tests.commands.room import Room

WELL: dict[str, Any] = {"last_success": NOW - timedelta(minutes=3), "stored_once": True}


async def test_status_of_a_bot_that_runs_well(room: Room) -> None:
    for name in OUTLETS:
        await room.polled(name, **WELL)
    await room.publish(
        item("Envoys meet in Varn"),
        item("Depot burns", relevance=Relevance.RELATED),
        item("Old report", first_seen=NOW - timedelta(days=2)),
    )
    await room.follow("tanker OR cable")
    await room.publish(item("Tanker held off Varn"), alerting=True)
    assert (await room.say("/status")).lines == [
        "Running for 1 day 2 hours",
        "console: connected",
        "",
        "Sources: 8 working, 0 failing.",
        "",
        "In the last 24 hours: 2 reports on the confrontation, 1 on related news, 0 on other things.",
        "Chats: 1. Rules followed: 1.",
        "Alerts: 1 waiting, 0 sent, 0 given up.",
    ]


async def test_status_names_failing_sources_with_their_reasons(room: Room) -> None:
    for name in OUTLETS:
        await room.polled(name, **WELL)
    await room.polled("volga", **WELL, failures=3, problem="the server answered 503")
    await room.polled("dnipro", gone=True, last_success=NOW)
    lines = (await room.say("/status")).lines
    assert "Sources: 6 working, 2 failing." in lines
    assert "– Volga Courier: the server answered 503" in lines
    assert "– Dnipro Sheet: its server says that it is gone; it is tried once a day" in lines


async def test_sources_that_fail_for_one_reason_share_a_line(room: Room) -> None:
    for name in list(OUTLETS)[1:]:
        await room.polled(name, failures=1, problem="its address was not found")
    await room.polled("northgate", **WELL)
    assert (
        "– Westmark Daily, Flank Post, Volga Courier, Волжский курьер, Ostrov and 2 others: its address was not found"
    ) in (await room.say("/status")).lines


async def test_of_many_reasons_the_commonest_are_told(room: Room) -> None:
    catalog = Catalog(sources=tuple(source(f"paper{n}") for n in range(12)))
    room.services = replace(room.services, roster=Roster(catalog))
    for n in range(12):
        await room.polled(f"paper{n}", failures=1, problem=f"the name paper{max(n, 2)}.example leads nowhere")
    lines = (await room.say("/status")).lines
    assert "– Paper0, Paper1, Paper2: the name paper2.example leads nowhere" in lines
    assert len([line for line in lines if line.startswith("– ")]) == 9
    assert "– 2 others; /sources with a name shows why" in lines


async def test_status_says_plainly_when_nothing_can_be_read(room: Room) -> None:
    for name in OUTLETS:
        await room.polled(name, failures=2, problem="its address was not found", last_success=NOW)
    assert ("No news is coming in: all 8 sources tried are failing. The internet connection may be down.") in (
        await room.say("/status")
    ).lines


async def test_status_just_after_the_start(room: Room) -> None:
    assert "Sources: 0 working, 0 failing, 8 not tried yet." in (await room.say("/status")).lines


async def test_sources_are_listed_by_side_with_numbers_of_publishers(room: Room) -> None:
    lines = (await room.say("/sources")).lines
    assert lines[0] == "8 sources of 8 publishers, by side"
    assert lines[lines.index("Russia's side: 2 publishers") + 1] == "Volga Courier, Волжский курьер"
    assert "NATO's side: 1 publisher" in lines


async def test_sources_with_a_word_are_shown_in_full(room: Room) -> None:
    await room.polled("volga", **WELL)
    await room.polled("volga-ru", failures=2, problem="the server answered 503")
    reply = await room.say("/sources russia's side")
    assert reply.lines == [
        "2 sources for “russia's side”",
        "",
        "Volga Courier",
        'Russia\'s side · en · in rules source:volga or source:"Volga Courier"',
        "Read 3 min ago",
        "",
        "Волжский курьер",
        'Russia\'s side · ru · in rules source:volga-ru or source:"Волжский курьер"',
        "Failing: the server answered 503",
    ]
    assert [line for line in (await room.say("/sources ru")).lines if "source:" in line] == [
        'Russia\'s side · ru · in rules source:volga-ru or source:"Волжский курьер"',
        "independent Russian · ru · in rules source:ostrov or source:Ostrov",
    ]
    assert "Not read yet" in (await room.say("/sources NORTHGATE")).lines


async def test_a_word_that_no_source_has_is_answered_in_words(room: Room) -> None:
    assert (await room.say("/sources zzz")).lines == ["No source has “zzz” in its name, side or language."]


async def owe(room: Room, **fields: Any) -> None:
    """One more story that ann is owed, as it stands in the outbox."""
    async with room.database.write() as tx:
        await tx.execute(update(deliveries).values(**fields))


async def test_owners_are_told_of_the_queue_and_the_machine(room: Room) -> None:
    for name in OUTLETS:
        await room.polled(name, **WELL)
    assert (await room.say("/status", user="olga")).lines[-6:] == [
        "Queue",
        "Nothing is waiting.",
        "",
        "Machine",
        "console: rate-limited 0 times.",
        "Database: 1 MB. Longest stall: 0 ms.",
    ]
    await room.follow("tanker OR cable")
    await room.publish(item("Tanker held off Varn"), alerting=True)
    await room.publish(item("Cable cut off Varn"), alerting=True)
    await owe(room, attempts=2)
    room.clock.advance(minutes=5)
    lines = (await room.say("/status", user="olga")).lines
    assert "alerts: 2, the oldest from 5 min ago; 2 to be tried again" in lines
    await owe(room, attempts=0, urgency=Urgency.BREAKING)
    assert "breaking: 2, the oldest from 5 min ago" in (await room.say("/status", user="olga")).lines
    assert "Queue" not in (await room.say("/status")).text


async def test_owners_are_told_since_when_a_source_fails_and_what_to_do(room: Room) -> None:
    for name in OUTLETS:
        await room.polled(name, **WELL)
    failing = {"failures": 3, "problem": "the server answered 503"}
    await room.polled("volga", **failing, last_success=NOW - timedelta(hours=3))
    await room.polled("ostrov", **failing, last_success=NOW - timedelta(days=4))
    await room.polled("meridian", **failing)
    await room.polled("dnipro", gone=True, last_success=NOW)
    lines = (await room.say("/status", user="olga")).lines
    at = lines.index("Failing sources")
    assert lines[at + 1 : at + 5] == [
        "– meridian: never read. Check its address, or /sources off meridian",
        "– ostrov: last read 4 days ago. Check its address, or /sources off ostrov",
        "– volga: last read 3 h ago. Just wait: it will be tried again",
        "– dnipro: gone, according to its server. It is tried once a day; /sources off dnipro stops that",
    ]
    assert "Failing sources" not in (await room.say("/status")).text


async def test_owners_see_how_a_broadcast_fares_and_what_platforms_asked(room: Room) -> None:
    health = Health(
        started=NOW, lag=timedelta(milliseconds=12), platforms=(PlatformHealth(name="console", state="up", refusals=1),)
    )
    room.services = replace(room.services, health=lambda: health)
    await room.press(await room.say("/broadcast Hello", user="olga"), "Send it", user="olga")
    text = (await room.say("/status", user="olga")).text
    assert "Broadcast just now: 0 sent, 0 waiting, 0 couldn't be reached." in text
    assert "console: rate-limited 1 time." in text
    assert "Longest stall: 12 ms." in text


async def test_what_cannot_be_written_comes_first(room: Room) -> None:
    for name in OUTLETS:
        await room.polled(name, **WELL)
    full = Outage(since=NOW - timedelta(hours=4, minutes=50), problem="the disk is full")
    room.services = replace(room.services, health=lambda: Health(started=NOW, unwritable=full))
    assert (await room.say("/status")).lines[:6] == [
        "I haven't been able to write to the database since 07:10 UTC: the disk is full. "
        "Until that is fixed, nothing new is stored or saved.",
        "The figures below are from before that.",
        "",
        "Running for 0 minutes",
        "",
        "Sources: 8 working, 0 failing.",
    ]


async def test_without_a_connection_no_source_is_blamed(room: Room) -> None:
    for name in OUTLETS:
        await room.polled(name, failures=2, problem="northgate.example cannot be found", last_success=NOW)
    offline = Outage(since=NOW - timedelta(days=1), problem="no server can be reached")
    room.services = replace(room.services, health=lambda: Health(started=NOW, offline=offline))
    reply = await room.say("/status", user="olga")
    assert reply.lines[0] == "No connection to the internet since 21 Nov, 12:00 UTC."
    assert "I keep trying all 8 sources." in reply.lines
    assert "/sources off" not in reply.text
    assert "cannot be found" not in reply.text


async def test_no_source_is_to_be_switched_off_where_most_fail(room: Room) -> None:
    for name in list(OUTLETS)[:5]:
        await room.polled(name, failures=9, problem="its address was not found", last_success=NOW - timedelta(days=3))
    for name in list(OUTLETS)[5:]:
        await room.polled(name, **WELL)
    reply = await room.say("/status", user="olga")
    assert "/sources off" not in reply.text
    assert (
        "Most sources are failing at once, so the problem is probably on our side. Wait, or check the connection."
        in reply.lines
    )
