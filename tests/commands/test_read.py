"""Which languages a chat reads, and what lists show it then."""

import pytest

from bot.commands import COMMANDS
from bot.commands.framework.arguments import to_request
from bot.commands.framework.completion import completions
from bot.commands.read import read
from bot.storage import subscribers
from tests import builders
from tests.builders import item
from tests.commands.room import Room

DIVERS = "Divers find cable cut off Kestrel"
CUT_RU = "Кабель перерезан у Кестрела"


async def langs(room: Room) -> tuple[str, ...]:
    async with room.database.read() as tx:
        found = await subscribers.find(tx, builders.chat())
    return found.langs if found else ()


async def test_a_chat_reads_all_languages_until_it_chooses(room: Room) -> None:
    shown = await room.say("/read")
    assert shown.lines == [
        "Languages: this chat reads all.",
        "",
        "What there is",
        "English (en): 6 of 8 sources",
        "Russian (ru): 2 of 8 sources",
        "",
        "To change it, send /read en uk or /read all.",
    ]
    assert shown.buttons == {"✓ All languages": "/read all", "English": "/read en", "Russian": "/read ru"}


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("en uk", ("en", "uk")),
        ("UK, EN", ("en", "uk")),
        ("english and ukrainian", ("en", "uk")),
        ("only Deutsch", ("de",)),
        ("română українська", ("ro", "uk")),
        ("romana", ("ro",)),
        ("all", ()),
    ],
)
async def test_languages_are_chosen_by_code_or_name(room: Room, typed: str, chosen: tuple[str, ...]) -> None:
    await room.say("/read fi")
    await room.say(f"/read {typed}")
    assert await langs(room) == chosen


async def test_languages_are_added_and_dropped(room: Room) -> None:
    await room.say("/read -ru")
    assert "ru" not in await langs(room)
    assert {"en", "ro"} <= set(await langs(room))
    await room.say("/read +russian")
    assert await langs(room) == (), "these are all that there are"
    await room.say("/read en")
    await room.say("/read +ro -en")
    assert await langs(room) == ("ro",)
    await room.say("/read -ro")
    assert await langs(room) == (), "nobody reads nothing"


async def test_languages_are_pressed_one_by_one(room: Room) -> None:
    shown = await room.press(await room.say("/read"), "English")
    assert "✓ English" in shown.buttons
    assert "Languages: this chat reads English, Russian." in (await room.press(shown, "Russian")).lines
    assert await langs(room) == ("en", "ru")
    shown = await room.press(await room.press(shown, "✓ English"), "All languages")
    assert await langs(room) == ()
    assert "Only admins" in (await room.press(shown, "Russian", admin=False)).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ukranian", "I don't know the language “ukranian”. Did you mean Ukrainian?"),
        ("en, deutch", "I don't know the language “deutch”. Did you mean German?"),
        ("klingon", "I don't know the language “klingon”. These I know: be, bg,"),
        ("en +ro", "Say either which languages to read, such as /read en uk, or what to change, such as"),
    ],
)
async def test_a_word_that_names_no_language_changes_nothing(room: Room, typed: str, said: str) -> None:
    assert said in (await room.say(f"/read {typed}")).text
    assert await langs(room) == ()


async def test_a_language_without_a_source_is_told(room: Room) -> None:
    assert "No source is in Finnish." in (await room.say("/read fi en")).lines


async def test_what_a_chat_reads_is_told_with_its_settings_and_rules(room: Room) -> None:
    await room.say("/read en uk")
    await room.follow("cable")
    assert "Languages: this chat reads English, Ukrainian." in (await room.say("/settings")).lines
    assert "Reports in English, Ukrainian come first. /read all ends that." in (await room.say("/rules")).lines


async def test_lists_show_a_report_that_the_chat_reads(room: Room) -> None:
    await room.publish(item(CUT_RU, outlet="volga-ru"), item(DIVERS, outlet="westmark"))
    lines = ("/latest", "/latest kestrel", "/search kestrel")
    assert [(await room.say(line)).titles for line in lines] == [[DIVERS], [CUT_RU], [CUT_RU]]
    await room.say("/read en")
    assert [(await room.say(line)).titles for line in lines] == [[DIVERS]] * 3
    assert "(ru)" not in (await room.say("/latest")).text
    await room.say("/read ru")
    assert [(await room.say(line)).titles for line in lines] == [[CUT_RU]] * 3


async def test_a_report_in_another_language_is_marked_wherever_it_is_shown(room: Room) -> None:
    await room.publish(item(CUT_RU, outlet="volga-ru"))
    lines = ("/latest", "/search kestrel", "/story 1", "/summary", "/follow кабель")
    for line in lines:
        assert "(ru)" not in (await room.say(line)).text, line
    await room.say("/read en")
    for line in lines:
        assert "Волжский курьер (ru) ·" in (await room.say(line)).text, line


async def test_beneath_its_title_is_what_was_understood(room: Room) -> None:
    await room.say("/read ru")
    await room.publish(item("Boat fires near Oslo", outlet="westmark"))
    for line in ("/latest", "/story 1", "/search oslo"):
        shown = (await room.say(line)).lines
        assert "en · shots (my reading)" in shown, line


async def test_languages_complete_by_any_of_their_names(room: Room) -> None:
    (param,) = read.params
    request = to_request(builders.chat(), "/read")

    async def offered(typed: str) -> list[tuple[str, str]]:
        found = await completions(request, param, typed, table=COMMANDS, services=room.services)
        return [(each.value, each.shown) for each in found]

    assert await offered("en укр") == [("en uk", "en Ukrainian – українська")]
    assert await offered("deu") == [("de", "German – Deutsch")]
    assert await offered("+rom") == [("+ro", "+Romanian – română")]
    assert ("all", "All languages") in await offered("")
