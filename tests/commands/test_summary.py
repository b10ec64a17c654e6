"""The briefing: /summary."""

from datetime import timedelta

from bot.core.message.blocks import Role, plain
from bot.core.model import Level, Relevance
from tests.builders import item
from tests.commands.room import Room

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def test_a_day_is_told_from_each_side_beside_the_day_before(room: Room) -> None:
    await room.publish(
        item("Boats leave the harbour of Varn at dawn", outlet="northgate", ago=2 * HOUR),
        item("Courier ship passes the lighthouse of Orsa", outlet="volga", ago=3 * HOUR),
        item("Envoys of Lomby sit down in Pell", outlet="meridian", ago=4 * HOUR, topics=("diplomacy",)),
        item("Ferry of yesterday ran aground on a bank", outlet="northgate", ago=30 * HOUR),
    )
    await room.raised(1, Level.BREAKING)
    reply = await room.say("/summary")
    assert reply.lines[:4] == [
        "Briefing",
        "",
        "3 stories in the last 24 hours (+2 on the previous 24 hours), 1 breaking (+1).",
        "Told by: NATO 1 (±0) · Russia 1 (+1) · neutral 1 (+1)",
    ]
    assert "Ferry" not in reply.text
    sections = reply.text.split("Russia's side\n\n")
    assert sections[1].startswith("2. Courier ship passes the lighthouse of Orsa")


async def test_a_story_that_goes_on_is_told_on_each_of_its_days(room: Room) -> None:
    title = "Ferry runs aground on the bank of Orsa"
    await room.publish(item(title, ago=30 * HOUR), item(title, outlet="volga", ago=2 * HOUR))
    assert (
        (await room.say("/summary")).lines[2].startswith("1 story in the last 24 hours (±0 on the previous 24 hours)")
    )


async def test_a_briefing_takes_a_period_and_a_rule_in_either_order(room: Room) -> None:
    await room.publish(
        item("Boats leave the harbour of Varn at dawn", ago=30 * HOUR),
        item("Courier ship passes the lighthouse of Orsa", ago=3 * HOUR),
    )
    for line in ("/summary 2d harbour", "/summary harbour 2d"):
        reply = await room.say(line)
        assert reply.lines[2] == "What matches harbour"
        assert "Boats leave the harbour of Varn at dawn" in reply.text
        assert "Courier" not in reply.text
    assert (await room.say("/summary tanker")).lines[0] == "Nothing in the last 24 hours matches tanker."


async def test_a_briefing_for_a_rule_quotes_what_speaks_of_it_in_either_language(room: Room) -> None:
    title = "Boats leave the harbour of Varn at dawn"
    await room.publish(
        item(title, summary="Many boats left the harbour of Varn at dawn.", ago=3 * HOUR),
        item(title, summary="Boats left the harbour of Varn at dawn. Kestrel is told of boats in Varn.", ago=2 * HOUR),
        item("Курьер пишет о гавани Кестрел", outlet="volga-ru", ago=HOUR),
    )
    quoted = [block.text for block in (await room.say("/summary kestrel")).message.blocks if block.role is Role.ITEM]
    assert quoted == ["1. Kestrel is told of boats in Varn.", "2. Курьер пишет о гавани Кестрел"]


async def test_reports_of_a_story_that_do_not_fit_the_rule_are_not_quoted(room: Room) -> None:
    title = "Boats are gone from the harbour of Varn"
    await room.publish(item(title, ago=2 * HOUR), item(title, outlet="westmark", ago=3 * HOUR))
    assert (await room.say("/summary")).titles == ["Northgate Wire"]
    assert (await room.say("/summary side:west")).titles == ["Westmark Daily"]


async def test_a_story_that_goes_on_without_fitting_the_rule_is_not_told_again(room: Room) -> None:
    title = "Boats are gone from the harbour of Varn"
    await room.publish(item(title, outlet="westmark", ago=30 * HOUR), item(title, ago=2 * HOUR))
    western = await room.say("/summary side:west")
    assert western.titles == []
    assert western.lines[4].startswith("0 stories in the last 24 hours (−1 on the previous 24 hours)")
    assert (await room.say("/summary 2d side:west")).titles == ["Westmark Daily"]
    assert (await room.say("/summary side:nato")).lines[2:5] == [
        "What matches side:nato",
        "",
        "1 story in the last 24 hours, 0 breaking; no data for the previous 24 hours.",
    ]


async def test_only_the_wider_circle_hears_of_what_is_related(room: Room) -> None:
    await room.publish(item("Depot burns at the front of Orsa", relevance=Relevance.RELATED))
    assert (await room.say("/summary")).text.startswith("No news in the last 24 hours.")
    await room.say("/wider on")
    assert "Depot burns at the front of Orsa" in (await room.say("/summary")).text


async def test_a_briefing_of_months_is_refused(room: Room) -> None:
    assert (await room.say("/summary 2 months")).lines[0] == "“2 months” is too long; the maximum is 7 days."


async def test_a_briefing_for_a_long_rule_still_fits_one_message(room: Room) -> None:
    await room.publish(
        *(
            item(f"Boat number {n} leaves the harbour of {place}", summary=f"{place} " * 30, outlet=outlet)
            for n, place in enumerate(("Varn", "Orsa", "Pell", "Lomby"))
            for outlet in ("northgate", "volga", "meridian")
        )
    )
    rule = "boat -" + " -".join(f"недоразумение{n}" for n in range(30))
    reply = await room.say(f"/summary {rule}")
    assert len("".join(block.text for block in reply.message.blocks)) < 4096
    assert plain(reply.message).count("…") == 1
