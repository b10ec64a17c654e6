from datetime import timedelta

from bot.core.model import Level, Relevance
from tests import builders
from tests.builders import NOW, item
from tests.commands.room import Room

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


async def test_before_there_is_news_it_says_what_to_do(room: Room) -> None:
    reply = await room.say("/latest")
    assert reply.lines[0] == "No news yet."
    assert "/status" in reply.text


async def test_latest_shows_the_newest_five_with_publisher_side_age_and_link(room: Room) -> None:
    reports = [item(f"Report number {n} of today", ago=n * HOUR, outlet="volga") for n in range(1, 8)]
    await room.publish(*reports)
    reply = await room.say("/latest")
    assert reply.lines[:5] == [
        "Latest news",
        "",
        "1. Report number 1 of today",
        str(reports[0].url),
        "Volga Courier · Russia's side · 1 h ago",
    ]
    assert reply.titles == [f"Report number {n} of today" for n in range(1, 6)]


async def test_latest_takes_a_number_and_a_rule(room: Room) -> None:
    await room.publish(*(item(f"Report number {n} of today", ago=n * HOUR) for n in range(1, 5)))
    await room.publish(item("Tanker held off Kestrel", ago=9 * HOUR), item("Tankers wait in line", ago=8 * HOUR))
    assert len((await room.say("/latest 3")).titles) == 3
    found = await room.say("/latest 1 tanker")
    assert found.titles == ["Tankers wait in line"]
    assert found.lines[0] == "Latest news for tanker"


async def test_reprints_of_a_story_are_shown_once_by_their_first_item(room: Room) -> None:
    title = "Cable cut between the islands of Kestrel"
    await room.publish(item(title, outlet="volga", ago=2 * HOUR), item("Harbour closed", ago=3 * HOUR))
    await room.publish(item(title, outlet="northgate", ago=HOUR))
    reply = await room.say("/latest")
    assert reply.titles == [title, "Harbour closed"]
    assert "Volga Courier" in reply.text
    assert "Northgate Wire · NATO's side · 1 h ago" not in reply.text
    assert reply.lines[2:6] == [
        f"1. {title}",
        str(item(title, outlet="volga", ago=2 * HOUR).url),
        "Volga Courier · Russia's side · 2 h ago",
        "2 publishers: NATO 1 · Russia 1 · both sides report",
    ]


async def test_a_story_is_shown_by_the_title_that_tells_it_best(room: Room) -> None:
    link = "https://meridian.example/cable"
    await room.publish_event(
        item("What we know about the cable", outlet="meridian", ago=3 * HOUR, url=link),
        item("Между островами Кестрел оборван кабель", outlet="ostrov", ago=2 * HOUR, url=link),
        item("Cable cut between the islands of Kestrel", outlet="volga", ago=HOUR, url=link),
    )
    reply = await room.say("/latest")
    assert reply.titles == ["Cable cut between the islands of Kestrel"]
    assert (await room.say("/latest кабель")).titles == ["Между островами Кестрел оборван кабель"]


async def test_how_loud_a_story_is_stands_beside_who_tells_it(room: Room) -> None:
    title = "Cable cut between the islands of Kestrel"
    await room.publish(item("Harbour closed", ago=3 * HOUR))
    await room.publish(item(title, outlet="volga"), item(title, outlet="northgate"))
    await room.raised(1, Level.MAJOR)
    await room.raised(2, Level.BREAKING)
    reply = await room.say("/latest")
    assert "Breaking · 2 publishers: NATO 1 · Russia 1 · both sides report" in reply.lines
    assert reply.lines[-1] == "Major"
    assert (await room.say("/latest level:breaking")).titles == [title]
    assert len((await room.say("/search level:major")).titles) == 2
    assert (await room.say("/search sources>=2 cable")).titles == [title]


async def test_a_page_counts_only_what_had_been_seen_when_the_first_was_shown(room: Room) -> None:
    title = "Tanker held off the islands of Kestrel"
    await room.publish(*(item(f"Report number {n} of a tanker", ago=n * HOUR) for n in range(1, 6)))
    await room.publish(item(title, outlet="volga", ago=9 * HOUR))
    first = await room.say("/latest tanker")
    room.clock.advance(minutes=5)
    now = room.clock.now()
    await room.publish(item(title, outlet="northgate", published=now, first_seen=now))
    older = await room.press(first, "Older")
    assert older.titles == [title]
    assert "publishers" not in older.text
    assert "2 publishers" in (await room.say("/latest 10 tanker")).text


async def test_the_number_below_a_list_opens_its_story(room: Room) -> None:
    await room.publish(*(item(f"Report number {n} of today", ago=n * HOUR) for n in range(1, 8)))
    first = await room.say("/latest")
    opened = await room.press(first, "3")
    assert opened.titles[0] == "Report number 3 of today"
    assert (await room.press(await room.press(first, "Older"), "7")).titles[0] == "Report number 7 of today"


async def test_a_rule_finds_a_story_by_any_of_its_reprints(room: Room) -> None:
    title = "Cable cut between the islands of Kestrel"
    await room.publish(item(title, outlet="volga", ago=2 * HOUR))
    await room.publish(item(title, outlet="northgate", ago=HOUR))
    assert (await room.say("/latest source:northgate")).lines[4].startswith("Northgate Wire")
    assert (await room.say("/latest кестрел")).titles == [title]


async def test_an_item_off_the_subject_fits_nothing_even_in_a_story_on_it(room: Room) -> None:
    title = "Cable cut between the islands of Kestrel"
    await room.publish(item(title, outlet="volga", ago=2 * HOUR, relevance=Relevance.NONE))
    await room.publish(item(title, outlet="northgate", ago=HOUR))
    assert (await room.say("/latest source:volga")).titles == []
    assert (await room.say("/latest cable")).lines[4].startswith("Northgate Wire")


async def test_only_our_subject_is_shown_unless_the_rule_or_the_chat_widens(room: Room) -> None:
    await room.publish(
        item("Depot burns at the front", relevance=Relevance.RELATED),
        item("Garden show opens", relevance=Relevance.NONE),
        item("Envoys meet in Varn", relevance=Relevance.CORE, ago=HOUR),
    )
    assert (await room.say("/latest")).titles == ["Envoys meet in Varn"]
    assert (await room.say("/latest depot relevance:related")).titles == ["Depot burns at the front"]
    assert (await room.say("/search depot")).titles == []
    await room.say("/wider on")
    assert (await room.say("/latest")).titles == ["Depot burns at the front", "Envoys meet in Varn"]
    assert (await room.say("/search depot")).titles == ["Depot burns at the front"]


async def test_pages_go_to_the_end_and_back_and_stay_put_while_news_comes_in(room: Room) -> None:
    await room.publish(*(item(f"Report number {n} of today", ago=n * HOUR) for n in range(1, 13)))
    first = await room.say("/latest")
    assert list(first.buttons) == ["1", "2", "3", "4", "5", "Older"]
    room.clock.advance(minutes=1)
    await room.publish(item("Something new came up", published=NOW + timedelta(minutes=1)))
    second = await room.press(first, "Older")
    assert second.titles == [f"Report number {n} of today" for n in range(6, 11)]
    assert list(second.buttons) == ["6", "7", "8", "9", "10", "Newer", "Older"]
    third = await room.press(second, "Older")
    assert third.titles == ["Report number 11 of today", "Report number 12 of today"]
    assert list(third.buttons) == ["11", "12", "Newer"]
    assert (await room.press(third, "Newer")).titles == second.titles
    assert (await room.press(second, "Newer")).titles == first.titles
    assert (await room.say("/latest")).titles[0] == "Something new came up"


async def test_pages_of_a_rule_keep_the_rule_however_long_it_is(room: Room) -> None:
    rule = "tanker -" + " -".join(f"недоразумение{n}" for n in range(20))
    await room.publish(*(item(f"Tanker number {n} held", ago=n * HOUR) for n in range(1, 8)))
    await room.publish(item("Report of something else"))
    older = await room.press(await room.say(f"/latest {rule}"), "Older")
    assert older.titles == ["Tanker number 6 held", "Tanker number 7 held"]
    assert older.lines[0].endswith(", page 2")


async def test_buttons_of_a_forgotten_list_answer_politely(room: Room) -> None:
    await room.publish(*(item(f"Tanker number {n} held", ago=n * HOUR) for n in range(1, 8)))
    first = await room.say("/latest tanker")
    await room.say("/forget yes")
    assert "please ask again" in (await room.press(first, "Older")).text


async def test_another_chat_cannot_read_ones_rule_by_its_number(room: Room) -> None:
    await room.publish(*(item(f"Tanker number {n} held", ago=n * HOUR) for n in range(1, 8)))
    first = await room.say("/latest tanker")
    stranger = builders.chat("eve")
    assert "please ask again" in (await room.press(first, "Older", chat=stranger)).text


async def test_a_misspelt_word_that_finds_nothing_is_asked_about(room: Room) -> None:
    await room.publish(item("Tanker held", ago=20 * HOUR))
    for command in ("latest", "search", "summary"):
        reply = await room.say(f"/{command} tnaker")
        assert "Did you mean tanker?" in reply.lines
        assert reply.buttons["Yes, use that"] == f"/{command} tanker"
