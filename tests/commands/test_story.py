"""One story from every side: /story."""

from datetime import timedelta

from bot.core.model import Level, PublisherKind, Side
from tests.builders import item
from tests.commands.room import Room

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
TITLE = "Cable cut between the islands of Kestrel"


async def test_a_story_is_told_in_order_with_the_first_word_of_each_side(room: Room) -> None:
    link = "https://meridian.example/cable"
    await room.publish_event(
        item("Port of Kestrel denies that a cable was cut", outlet="volga", ago=50 * MINUTE, url=link),
        item(TITLE, outlet="northgate", ago=HOUR, url=link, publisher_kind=PublisherKind.NATO_OFFICIAL),
        item("Cable off Kestrel will be mended", outlet="northgate", ago=10 * MINUTE, url=link),
    )
    reply = await room.say("/story id:1")
    assert reply.lines == [
        TITLE,
        link,
        "2 publishers: NATO 1 · Russia 1",
        "Level: normal",
        "",
        "Who said what, and when",
        "",
        TITLE,
        link,
        "22 Nov, 11:00 UTC · Northgate Wire · NATO's side · first on its side",
        "",
        "Port of Kestrel denies that a cable was cut",
        link,
        "22 Nov, 11:10 UTC · Volga Courier · Russia's side · first on its side",
        "",
        "Cable off Kestrel will be mended",
        link,
        "22 Nov, 11:50 UTC · Northgate Wire · NATO's side",
    ]


async def test_natos_flank_has_a_first_word_of_its_own_and_an_unknown_side_has_none(room: Room) -> None:
    link = "https://meridian.example/cable"
    await room.publish_event(
        item(TITLE, outlet="westmark", ago=HOUR, url=link),
        item("Cable off Kestrel is cut", outlet="flankpost", ago=30 * MINUTE, url=link),
        item("Cut cable off Kestrel", outlet="meridian", ago=20 * MINUTE, url=link, side=Side.MIXED),
    )
    lines = (await room.say("/story id:1")).lines
    assert "22 Nov, 11:30 UTC · Flank Post · NATO's flank · first on its side" in lines
    assert lines[-1] == "22 Nov, 11:40 UTC · Meridian Observer · side unknown"


async def test_an_observer_has_no_first_word_and_is_told_apart_from_publishers(room: Room) -> None:
    link = "https://meridian.example/cable"
    post = item(TITLE, outlet="westmark", ago=HOUR, url=link, publisher_kind=PublisherKind.OBSERVER)
    await room.publish_event(post, item(TITLE, outlet="flankpost", ago=30 * MINUTE, url=link))
    lines = (await room.say("/story id:1")).lines
    assert lines[2] == "one source so far: Flank Post (NATO's flank) · and 1 open-source observer"
    assert "22 Nov, 11:00 UTC · Westmark Daily · the West's side, observer" in lines
    assert "22 Nov, 11:30 UTC · Flank Post · NATO's flank · first on its side" in lines


async def test_a_long_story_shows_the_first_of_each_side_and_the_newest(room: Room) -> None:
    link = "https://meridian.example/cable"
    reports = [item(f"Cable off Kestrel, report {n}", ago=(60 - n) * MINUTE, url=link) for n in range(30)]
    await room.publish_event(*reports, item("Volga hears of a cable", outlet="volga", ago=55 * MINUTE, url=link))
    reply = await room.say("/story id:1")
    assert reply.titles[1:] == [
        "Cable off Kestrel, report 0",
        "Volga hears of a cable",
        *(f"Cable off Kestrel, report {n}" for n in range(20, 30)),
    ]
    assert reply.lines[-1] == "19 more reports in between."


async def test_a_report_that_was_withdrawn_is_marked_and_not_counted(room: Room) -> None:
    link = "https://meridian.example/cable"
    await room.publish_event(
        item("This article has been withdrawn", outlet="northgate", ago=HOUR, url=link),
        item(TITLE, outlet="volga", url=link, publisher_kind=PublisherKind.RUSSIAN_STATE_MEDIA),
    )
    lines = (await room.say("/story id:1")).lines
    assert (lines[0], lines[2]) == (TITLE, "one source so far: Volga Courier (Russian state media)")
    assert [line for line in lines if line.endswith("· withdrawn")] == [
        "22 Nov, 11:00 UTC · Northgate Wire · NATO's side · first on its side · withdrawn"
    ]


async def test_of_a_story_that_one_publisher_tells_it_says_so(room: Room) -> None:
    await room.publish(item(TITLE, outlet="volga", publisher_kind=PublisherKind.RUSSIAN_STATE_MEDIA))
    assert "one source so far: Volga Courier (Russian state media)" in (await room.say("/story id:1")).lines


async def test_a_story_tells_how_it_became_as_loud_as_it_is(room: Room) -> None:
    await room.publish(item(TITLE))
    await room.raised(1, Level.MAJOR, "at least 2 publishers report it")
    room.clock.advance(minutes=30)
    await room.raised(1, Level.BREAKING, "at least 5 publishers report it")
    lines = (await room.say("/story id:1")).lines
    assert lines[3:5] == [
        "Major since 22 Nov, 12:00 UTC, because at least 2 publishers report it.",
        "Breaking since 22 Nov, 12:30 UTC, because at least 5 publishers report it.",
    ]


async def test_a_number_that_no_story_has_leads_on(room: Room) -> None:
    assert (await room.say("/story id:4711")).text.startswith("That story doesn't exist")
    assert (await room.say("/story")).text == (
        "Which story? Reply with /story to an alert, press “Who says what” below it, "
        "or give a story's number in the last list: /story 1."
    )


async def test_a_reply_to_an_alert_points_at_its_story(room: Room) -> None:
    await room.follow("tanker")
    room.clock.advance(minutes=1)
    await room.publish(item("Harbour painted"), item("Tanker held off Varn", published=room.clock.now()), alerting=True)
    await room.sent("71")
    assert (await room.say("/story", reply_to="71")).lines[0] == "Tanker held off Varn"
    assert "Which story?" in (await room.say("/story", reply_to="72")).text
