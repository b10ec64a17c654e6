"""How tense the news are: /tension."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from bot.commands.tension_drawing import draw_tension
from bot.core.model import Level, Relevance
from bot.core.stories.tension import Tension
from bot.core.wording.tension_chart import signed
from tests.builders import chat, item
from tests.commands.room import Room

DAY = timedelta(days=1)
FIGHT, TALK = "Boat fires on a buoy off Orsa", "Envoys hold talks in the town of Varn"
PNG = b"\x89PNG\r\n\x1a\n"


async def test_a_week_is_drawn_and_told_with_its_peaks(room: Room) -> None:
    fights = [item(f"{FIGHT} {n}", ago=3 * DAY, outlet="volga") for n in range(5)]
    await room.publish(*fights, item(TALK), item("Harbour painted"), item(FIGHT, ago=20 * DAY))
    await room.raised(1, Level.BREAKING)
    reply = await room.say("/tension")
    assert reply.lines == [
        "Tension in the news, last 7 days",
        "",
        "Index today +1.0, average −2.6 over 2 days with news; the scale runs from −10 (conflict) to +10 "
        "(cooperation).",
        "Stories: 7, 0 of them major, 1 breaking.",
        "",
        f"1. 19 Nov, −6.2: {FIGHT} 0 (Volga Courier)",
        str(fights[0].url),
        f"2. 22 Nov, +1.0: {TALK} (Northgate Wire)",
        str(item(TALK).url),
        "",
        "This measures what is reported, not how dangerous things are.",
    ]
    picture = reply.message.picture
    assert picture is not None
    assert picture.png.startswith(PNG)
    assert len(picture.lines) == 7
    assert picture.lines[-4] == "19 Nov   −6.2  5 stories, 1 breaking"
    assert picture.lines[-2] == "21 Nov         no news"
    assert picture.lines[-1] == "22 Nov   +1.0  2 stories"


async def test_a_month_is_a_button_away_and_back(room: Room) -> None:
    await room.publish(item(TALK), item(FIGHT, ago=20 * DAY))
    month = await room.press(await room.say("/tension"), "30 days")
    assert month.lines[0] == "Tension in the news, last 30 days"
    assert FIGHT in month.titles
    assert month.message.picture is not None
    assert len(month.message.picture.lines) == 30
    assert (await room.press(month, "7 days")).lines[0] == "Tension in the news, last 7 days"


@pytest.mark.parametrize(
    ("asked", "days"), [("7 days", 7), ("week", 7), ("12h", 7), ("3 weeks", 21), ("месяц", 30), ("за 2 недели", 14)]
)
async def test_the_period_is_read_as_with_other_commands(room: Room, asked: str, days: int) -> None:
    await room.publish(item(TALK))
    reply = await room.say(f"/tension {asked}")
    assert reply.lines[0] == f"Tension in the news, last {days} days"
    assert reply.message.picture is not None
    assert len(reply.message.picture.lines) == days


async def test_days_without_news_are_no_days_of_index_0(room: Room) -> None:
    await room.publish(item(FIGHT, ago=3 * DAY))
    reply = await room.say("/tension")
    assert reply.lines[2] == (
        "No news so far today. Average index −2.5 over 1 day with news; the scale runs from −10 (conflict) to +10 "
        "(cooperation)."
    )
    assert reply.message.picture is not None
    assert sum("no news" in line for line in reply.message.picture.lines) == 6


async def test_a_story_that_only_goes_on_is_no_news_of_these_days(room: Room) -> None:
    await room.publish(item(FIGHT, ago=7 * DAY), item(FIGHT, ago=6 * DAY, outlet="volga"))
    reply = await room.say("/tension")
    assert reply.text == "No new stories in the last 7 days."
    assert reply.message.picture is None


async def test_what_is_only_related_is_not_counted(room: Room) -> None:
    await room.publish(item(FIGHT, relevance=Relevance.RELATED))
    reply = await room.say("/tension")
    assert reply.text == "No new stories in the last 7 days."
    assert reply.message.picture is None


async def test_titles_with_signs_of_formulas_and_many_at_once_are_drawn(room: Room) -> None:
    await room.publish(
        *(item(f"Boat fires $5 shells_of^ \\frac {{ at the town of Orsa {n}", ago=n * DAY) for n in range(7))
    )
    replies = await asyncio.gather(*(room.say("/tension") for _ in range(3)))
    assert all(reply.message.picture and reply.message.picture.png.startswith(PNG) for reply in replies)


async def test_the_bot_itself_loads_nothing_to_draw_with(room: Room) -> None:
    await room.publish(item(TALK))
    reply = await room.say("/tension")
    assert reply.message.picture is not None
    assert "matplotlib" not in sys.modules


async def test_what_cannot_be_drawn_is_told_as_a_table(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "matplotlibrc").write_bytes(b"\xff")
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    await room.publish(item(TALK))
    with structlog.testing.capture_logs() as logs:
        reply = await room.say("/tension")
    assert reply.message.picture is None
    assert reply.lines[0] == "Tension in the news, last 7 days"
    assert reply.lines[-7:] == [f"{day} Nov         no news" for day in range(16, 22)] + ["22 Nov   +1.0  1 story"]
    (tmp_path / "matplotlibrc").unlink()
    assert (await room.say("/tension")).message.picture is not None, "what failed is not kept"
    assert [(log["event"], "UnicodeDecodeError" in log["problem"]) for log in logs] == [
        ("a picture could not be drawn", True)
    ]


async def test_one_picture_serves_all_who_ask_the_same_within_a_minute(room: Room) -> None:
    await room.publish(item(TALK))
    together = await asyncio.gather(*(room.say("/tension") for _ in range(5)))
    soon = await room.say("/tension 7d", chat=chat("bob"))
    assert {id(reply.message.picture) for reply in together} == {id(soon.message.picture)}
    await room.publish(item(FIGHT, outlet="volga"))
    room.clock.advance(seconds=59)
    assert "Stories: 1," in (await room.say("/tension")).text
    room.clock.advance(seconds=1)
    assert "Stories: 2," in (await room.say("/tension")).text


async def test_whoever_stops_waiting_takes_the_picture_from_nobody(room: Room) -> None:
    await room.publish(item(TALK))
    first, second = (asyncio.create_task(room.say("/tension")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).message.picture is not None
    assert (await asyncio.gather(first, return_exceptions=True))[0].__class__ is asyncio.CancelledError


async def test_a_picture_that_takes_too_long_is_given_up() -> None:
    with structlog.testing.capture_logs() as logs:
        assert await draw_tension(Tension(days=(), mean=None, peaks=()), timedelta(milliseconds=1)) is None
    assert "too long" in logs[0]["problem"]


async def test_all_words_fit_below_a_picture_on_telegram(room: Room) -> None:
    long = "Boat fires at the town of Orsa " + "while people of Varn look on " * 12
    await room.publish(*(item(f"{long}{n}", ago=n * DAY, source_name="Northgate " * 9) for n in range(7)))
    reply = await room.say("/tension")
    assert len("\n\n".join(block.text for block in reply.message.blocks)) <= 1024


@pytest.mark.parametrize(("index", "words"), [(1.23, "+1.2"), (-3.42, "−3.4"), (0.04, "0.0"), (-0.04, "0.0")])
def test_an_index_is_said_with_its_sign(index: float, words: str) -> None:
    assert signed(index) == words


async def test_a_period_that_is_too_short_for_a_picture_is_said_to_be_so(room: Room) -> None:
    await room.publish(item("Shots fired over Kestrel"))
    assert "I show at least 7 days." in (await room.say("/tension 1d")).lines
    assert "at least" not in (await room.say("/tension 7d")).text
