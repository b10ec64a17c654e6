"""How owners change which sources are read."""

from dataclasses import replace

import pytest

from bot.core.model import PublisherKind, Side, SourceId, SourceKind
from bot.core.rules.rule import parse_rule
from bot.errors import RuleError
from bot.sources.catalog import Catalog
from bot.sources.roster import Roster
from tests.builders import NOW, source
from tests.commands.room import Room

PAPER = "https://paper.example/rss"


@pytest.fixture
def room(room: Room) -> Room:
    room.feeds[PAPER] = "Paper of Varn"
    return room


def enabled(room: Room) -> set[str]:
    return {source.id for source in room.services.catalog.sources if source.enabled}


async def test_an_owner_switches_a_source_off_and_on(room: Room) -> None:
    await room.polled("volga", last_success=NOW, stored_once=True)
    off = await room.say("/sources off volga", user="olga")
    assert off.lines == ["Volga Courier is switched off.", "What it has published so far can still be found."]
    assert "volga" not in enabled(room)
    assert "Volga Courier" not in (await room.say("/sources")).text
    on = await room.press(off, "Switch on again", user="olga")
    assert on.lines[0] == "Volga Courier is switched on."
    assert "volga" in enabled(room)
    assert "Not read yet" in (await room.say("/sources volga courier")).lines, "its next reading is a first one"


async def test_what_is_switched_already_stays_so(room: Room) -> None:
    assert (await room.say("/sources on volga", user="olga")).lines == ["Volga Courier is already switched on."]
    await room.say("/sources off volga", user="olga")
    assert (await room.say("/sources off Volga", user="olga")).lines == ["Volga Courier is already switched off."]


async def test_a_word_that_fits_several_sources_switches_none(room: Room) -> None:
    reply = await room.say("/sources off russia", user="olga")
    assert reply.lines == ["“russia” matches several sources. Choose one of these: volga, volga-ru, ostrov"]
    assert len(enabled(room)) == 8
    assert (await room.say("/sources off zzz", user="olga")).text.startswith("No source has “zzz”")


async def test_without_a_name_those_are_told_that_it_could_be(room: Room) -> None:
    await room.say("/sources off volga", user="olga")
    assert (await room.say("/sources on", user="olga")).lines == ["Which source? One of these: volga"]


async def test_nobody_else_may_change_sources(room: Room) -> None:
    for line in ("/sources off volga", "/sources on volga", f"/sources add {PAPER} neutral", "/sources remove volga"):
        assert (await room.say(line)).lines == ["Only the owner of this bot can change which sources are read."]
    assert len(enabled(room)) == 8
    assert "Only the owner of this bot" in (await room.say("/sources off")).text


async def test_only_owners_are_told_how(room: Room) -> None:
    assert "/sources off" in (await room.say("/sources", user="olga")).text
    assert "/sources off" not in (await room.say("/sources")).text


async def test_an_owner_adds_a_source(room: Room) -> None:
    reply = await room.say(f"/sources add {PAPER} nato-flank Paper of the Port", user="olga")
    assert reply.lines == [
        "Paper of the Port has been added: NATO's flank, en.",
        "It has 1 report.",
        "In rules, call it source:paper-of-the-port.",
        "It will be read for the first time in a moment; nothing is sent for that first reading.",
    ]
    added = room.services.catalog.by_id[SourceId("paper-of-the-port")]
    assert (added.url, added.enabled, added.kind) == (PAPER, True, SourceKind.FEED)
    parse_rule("source:paper-of-the-port", room.services.vocabulary)
    assert (await room.press(reply, "Remove it again", user="olga")).lines[0] == "Paper of the Port has been removed."
    with pytest.raises(RuleError):
        parse_rule("source:paper-of-the-port", room.services.vocabulary)


async def test_the_side_is_asked_for_by_buttons(room: Room) -> None:
    asked = await room.say(f"/sources add {PAPER} Paper of the Port", user="olga")
    assert asked.lines[0] == "On whose side is Paper of Varn? A side is a label, never a judgement."
    added = await room.press(asked, "Neutral", user="olga")
    assert added.lines[0] == "Paper of the Port has been added: neutral, en."
    again = await room.press(asked, "Neutral", user="olga")
    assert again.lines == [
        "That is Paper of the Port, which is already there; /sources paper-of-the-port shows how it is doing."
    ]


async def test_a_source_is_called_what_it_calls_itself(room: Room) -> None:
    asked = await room.say(f"/sources add {PAPER}", user="olga")
    assert (await room.press(asked, "Russia's side", user="olga")).lines[0] == (
        "Paper of Varn has been added: Russia's side, en."
    )


async def test_an_address_that_cannot_be_read_is_not_added(room: Room) -> None:
    reply = await room.say("/sources add https://nowhere.example/rss neutral", user="olga")
    assert reply.lines == ["Not added: https://nowhere.example/rss: its address was not found."]
    reply = await room.say("/sources add nowhere neutral", user="olga")
    assert reply.text.startswith("Say what to add: /sources add https://")
    reply = await room.say("/sources add ftp://nowhere.example/rss neutral", user="olga")
    assert reply.lines[0] == (
        'Not added: "ftp://nowhere.example/rss" should be a web address that begins with http:// or https://.'
    )
    reply = await room.say("/sources add 77 neutral", user="olga")
    assert reply.text.startswith("That question is over a week old.")
    assert len(enabled(room)) == 8


async def test_an_address_that_is_read_already_is_not_added_twice(room: Room) -> None:
    volga = "https://volga.example/feed"
    assert (await room.say(f"/sources add {volga} russia", user="olga")).lines == [
        "That is Volga Courier, which is already there; /sources volga shows how it is doing."
    ]
    await room.say("/sources off volga", user="olga")
    assert (await room.say(f"/sources add {volga} russia", user="olga")).lines == [
        "That is Volga Courier, which is switched off; /sources on volga starts it."
    ]


async def test_a_source_of_the_configuration_is_switched_off_rather_than_removed(room: Room) -> None:
    reply = await room.say("/sources remove volga", user="olga")
    assert reply.lines[0] == "Volga Courier is part of the configuration, so it was switched off instead of removed."
    assert "volga" not in enabled(room)


async def test_observers_are_called_so_and_found_by_it(room: Room) -> None:
    spotter = source("spotter", publisher="spotter", publisher_kind=PublisherKind.OBSERVER, side=Side.WEST)
    known = room.services.catalog.sources
    room.services = replace(room.services, roster=Roster(Catalog(sources=(*known, spotter))))
    found = (await room.say("/sources observer")).lines
    assert "Spotter" in found
    assert "the West's side, observer · en · in rules source:spotter" in found


@pytest.fixture
def offering(room: Room) -> Room:
    """A room whose configuration offers two sources that are off."""
    off = {"enabled": False, "side": Side.RUSSIA}
    agency = source("agency", name="Агентство", offer="the state's agency, in Russian", **off)
    channel = source("channel", name="Channel Nought", offer="a state channel; banned in Varn", **off)
    known = room.services.catalog.sources
    room.services = replace(room.services, roster=Roster(Catalog(sources=(*known, agency, channel))))
    return room


async def test_an_owner_is_asked_which_state_media_to_read_and_what_that_means(offering: Room) -> None:
    asked = await offering.say("/sources", user="olga")
    at = asked.lines.index("Read more of Russia's state media?")
    assert asked.lines[at + 2 :] == [
        "These are off until you decide, because some are banned in the EU. Their reports would be labelled Russia's "
        "side; on their own they never make a story breaking.",
        "Агентство (agency): the state's agency, in Russian",
        "Channel Nought (channel): a state channel; banned in Varn",
    ]
    assert list(asked.buttons) == ["Read Агентство", "Read Channel Nought", "No, thanks"]
    assert not {"agency", "channel"} & enabled(offering)


async def test_nobody_but_an_owner_is_asked_or_answers(offering: Room) -> None:
    assert (await offering.say("/sources")).buttons == {}
    asked = await offering.say("/sources", user="olga")
    for label in asked.buttons:
        refused = await offering.press(asked, label, user="ann")
        assert refused.lines == ["Only the owner of this bot can change which sources are read."]


async def test_one_is_read_and_the_rest_still_asked_about(offering: Room) -> None:
    asked = await offering.say("/sources", user="olga")
    on = await offering.press(asked, "Read Агентство", user="olga")
    assert on.lines[0] == "Агентство is switched on."
    assert list(on.buttons) == ["Switch off again", "Read Channel Nought", "No, thanks"]
    assert {"agency", "channel"} & enabled(offering) == {"agency"}
    await offering.press(on, "Switch off again", user="olga")
    assert "Read Агентство" not in (await offering.say("/sources", user="olga")).buttons, "it is answered"


async def test_who_wants_none_is_asked_no_more(offering: Room) -> None:
    asked = await offering.say("/sources", user="olga")
    no = await offering.press(asked, "No, thanks", user="olga")
    assert no.lines == ["All right, they stay off. To read one later, send /sources on agency."]
    assert "state media" not in (await offering.say("/sources", user="olga")).text
    assert (await offering.press(asked, "No, thanks", user="olga")).lines == ["There is nothing to decline."]
    await offering.say("/sources on channel", user="olga")
    assert {"agency", "channel"} & enabled(offering) == {"channel"}


async def test_where_nothing_is_offered_nothing_is_asked(room: Room) -> None:
    reply = await room.say("/sources", user="olga")
    assert ("state media" in reply.text, reply.buttons) == (False, {})
