from dataclasses import replace

import pytest

from bot.commands import COMMANDS, answer
from bot.commands.framework.arguments import of_topic, to_request
from bot.commands.framework.command import Call, Command, Who
from bot.commands.framework.dispatch import answer_from
from bot.core.message.blocks import Block, Button, Message, plain, say
from bot.core.model import Chat
from bot.storage import subscribers
from tests import builders
from tests.commands.room import Room


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/lates", "/latest"),
        ("/folow", "/follow"),
        ("/subscribe", "/follow"),
        ("/unsub 2", "/unfollow"),
        ("/stop", "/pause"),
    ],
)
async def test_an_unknown_command_gets_the_nearest_ones(room: Room, typed: str, meant: str) -> None:
    reply = await room.say(typed)
    assert reply.lines[0] == f"{typed.partition(' ')[0]} isn't a command."
    assert meant in reply.buttons


async def test_only_what_is_near_is_named(room: Room) -> None:
    assert list((await room.say("/lates")).buttons) == ["/latest"]


async def test_a_suggested_command_that_needs_more_explains_itself(room: Room) -> None:
    reply = await room.say("/folow")
    assert reply.buttons["/follow"] == "/help follow"


async def test_a_command_like_no_other_leads_to_help(room: Room) -> None:
    reply = await room.say("/xyzzy")
    assert reply.lines == ["/xyzzy isn't a command.", "/help lists all commands."]


async def test_hidden_commands_are_never_suggested(room: Room) -> None:
    assert "/confirm" not in (await room.say("/confrim 3")).text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("/confirm 1", "/follow"), ("/page 1", "/latest"), ("/endmute 1", "/mutes"), ("/fewer 1 id:1", "/rules")],
)
async def test_what_only_buttons_give_is_unknown_when_typed(room: Room, typed: str, meant: str) -> None:
    await room.say("/follow drone")
    reply = await room.say(typed)
    assert reply.lines[0] == f"{typed.partition(' ')[0]} isn't a command."
    assert next(iter(reply.buttons)) == meant
    assert "doesn't follow any rules" in (await room.say("/rules")).text


async def test_text_that_is_no_command_gets_a_hint_and_can_be_searched_for(room: Room) -> None:
    reply = await room.say("  what about   drones? ")
    assert "which begin with a slash" in reply.text
    assert list(reply.buttons.values()) == ["/search what about drones?"]
    assert (await room.say("long " * 30)).buttons == {}


async def test_a_faulty_rule_is_shown_with_its_place_and_mended_at_a_press(room: Room) -> None:
    await room.publish(builders.item("Drones close Kestrel harbour"))
    reply = await room.say("/latest 5 (drone kestrel")
    assert reply.lines[:2] == ["(drone kestrel", "^"]
    assert reply.buttons == {"Yes, use that": "/latest 5 drone kestrel"}
    assert (await room.press(reply, "Yes, use that")).titles == ["Drones close Kestrel harbour"]


async def test_a_mended_rule_too_long_for_a_button_can_be_copied(room: Room) -> None:
    rule = " ".join(f"недоразумение{n}" for n in range(5))
    reply = await room.say(f"/search ({rule} 3d")
    assert reply.buttons == {}
    assert reply.lines[-1] == f"If so, send: /search {rule} 3d"


async def test_misspelt_fields_and_values_are_corrected(room: Room) -> None:
    reply = await room.say("/follow source:northgat drone")
    assert reply.buttons == {"Yes, use that": "/follow source:northgate drone"}


async def test_wrong_arguments_are_answered_with_an_example(room: Room) -> None:
    assert (await room.say("/unfollow drone")).lines == [
        "“drone” isn't a number.",
        "Example: /unfollow 2",
    ]


@pytest.mark.parametrize("line", ["/follow drone", "/unfollow 1", "/pause", "/resume", "/wider on", "/forget"])
async def test_who_is_no_admin_may_only_read(room: Room, line: str) -> None:
    await room.follow("tanker")
    reply = await room.say(line, admin=False)
    assert reply.lines == [
        "Only admins of this chat can change what it follows. You can read: /latest, /search, /rules."
    ]
    assert list((await room.say("/rules", admin=False)).buttons) == ["Unfollow 1"]
    assert (await room.say("/latest", admin=False)).lines[0] == "No news yet."


async def test_a_command_that_breaks_apologises_and_logs(room: Room, capsys: pytest.CaptureFixture[str]) -> None:
    async def broken(_call: Call) -> Message:
        raise ZeroDivisionError("the lamp is out")

    table = (Command(name="lamp", summary="light", example="/lamp", handler=broken),)
    message = await answer_from(table, to_request(builders.chat(), "/lamp"), room.services)
    assert message is not None
    assert plain(message).startswith("Sorry, that went wrong")
    logged = capsys.readouterr().out
    assert "ZeroDivisionError: the lamp is out" in logged
    assert "lamp" in logged


async def test_what_is_for_owners_is_shown_to_owners_alone(room: Room) -> None:
    async def opened(_call: Call) -> Message:
        return Message((Block(say("Open.")),))

    table = (*COMMANDS, Command(name="vault", summary="the vault", example="/vault", handler=opened, who=Who.OWNER))
    services = replace(room.services, owners=frozenset({"telegram:7"}))

    async def asked(line: str, user: str) -> str:
        message = await answer_from(table, to_request(builders.chat(platform="telegram"), line, user=user), services)
        assert message is not None
        return plain(message)

    assert await asked("/vault", "7") == "Open."
    assert (await asked("/vault", "8")).startswith("Only the owner of this bot can do that.")
    assert "/vault" in await asked("/help", "7")
    assert "/vault" not in await asked("/help", "8")
    assert "/vault" not in await asked("/vaul", "8")


@pytest.mark.parametrize(
    "chat",
    [
        builders.chat("5002", platform="telegram"),
        builders.chat("-1009", platform="telegram", thread="77"),
        builders.chat("880", platform="discord"),
    ],
)
async def test_a_chat_that_asks_is_out_of_reach_no_more(room: Room, chat: Chat) -> None:
    rules = await room.follow("drones", chat=chat)
    for asks in (room.say("/rules", chat=chat), room.press(rules, "Rules of this chat", chat=chat)):
        async with room.database.write() as tx:
            await subscribers.mark_unreachable(tx, chat, room.clock.now())
        await asks
        async with room.database.read() as tx:
            assert not await subscribers.is_unreachable(tx, chat)
    await room.publish(builders.item("Drones seen over Kestrel"), alerting=True)
    assert await room.owed() == 1


async def test_who_asks_elsewhere_changes_nothing_for_a_chat_out_of_reach(room: Room) -> None:
    ann, bob = builders.chat("ann"), builders.chat("bob")
    await room.follow("drones", chat=bob)
    async with room.database.write() as tx:
        await subscribers.mark_unreachable(tx, bob, room.clock.now())
    await room.say("/rules", chat=ann)
    await room.publish(builders.item("Drones seen over Kestrel"), alerting=True)
    assert await room.owed() == 0


async def test_a_button_about_a_topic_acts_on_the_chat_itself_once_the_topic_has_ended(room: Room) -> None:
    group = builders.chat("-1009", platform="telegram")
    await room.follow("drones", chat=group)
    pressed = to_request(group, "#77/unfollow 1", user="ann", from_button=True)
    answered = await answer(pressed, room.services)
    assert answered is not None
    assert plain(answered) == "Rule 1 is no longer followed: drones"


async def test_typed_it_is_no_button_about_a_topic(room: Room) -> None:
    group, topic = builders.chat("-1009", platform="telegram"), builders.chat("-1009", platform="telegram", thread="77")
    await room.follow("drones", chat=topic)
    await room.say("#77/unfollow 1", chat=group)
    assert "1. drones" in (await room.say("/rules", chat=topic)).lines


async def test_a_button_with_the_mark_of_a_topic_fits() -> None:
    marked = of_topic(Message((), ((Button("More", "/" + "x" * 53),),)), "999999999")
    assert marked.buttons[0][0].command == "#999999999/" + "x" * 53
    assert of_topic(marked, "5") == marked, "what is marked stays so"
