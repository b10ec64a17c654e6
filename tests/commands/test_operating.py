from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.core.model import Relevance
from bot.sources.catalog import Catalog
from bot.sources.roster import Roster
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
        "Sources: 8 read well, 0 fail.",
        "",
        "In the last 24 hours: 2 reports on the confrontation, 1 related, 0 on other things.",
        "Chats: 1. Rules followed: 1.",
        "Alerts: 1 waiting, 0 sent, 0 given up.",
    ]


async def test_status_names_failing_sources_with_their_reasons(room: Room) -> None:
    for name in OUTLETS:
        await room.polled(name, **WELL)
    await room.polled("volga", **WELL, failures=3, problem="the server answered 503")
    await room.polled("dnipro", gone=True, last_success=NOW)
    lines = (await room.say("/status")).lines
    assert "Sources: 6 read well, 2 fail." in lines
    assert "– Volga Courier: the server answered 503" in lines
    assert "– Dnipro Sheet: its server says that it is gone for good" in lines


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
    assert "– 2 others; /sources with a name tells why" in lines


async def test_status_says_plainly_when_nothing_can_be_read(room: Room) -> None:
    for name in OUTLETS:
        await room.polled(name, failures=2, problem="its address was not found", last_success=NOW)
    assert ("No news comes in: all 8 sources tried fail. Perhaps there is no connection to the internet.") in (
        await room.say("/status")
    ).lines


async def test_status_just_after_the_start(room: Room) -> None:
    assert "Sources: 0 read well, 0 fail, 8 not tried yet." in (await room.say("/status")).lines


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
        "Fails: the server answered 503",
    ]
    assert [line for line in (await room.say("/sources ru")).lines if "source:" in line] == [
        'Russia\'s side · ru · in rules source:volga-ru or source:"Волжский курьер"',
        "independent Russian · ru · in rules source:ostrov or source:Ostrov",
    ]
    assert "Not read yet" in (await room.say("/sources NORTHGATE")).lines


async def test_a_word_that_no_source_has_is_answered_in_words(room: Room) -> None:
    assert (await room.say("/sources zzz")).lines == ["No source has “zzz” in its name, side or language."]
