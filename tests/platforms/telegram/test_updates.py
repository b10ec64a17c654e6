from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Message

from bot.platforms.telegram.updates import chat_of, command_of, line_of, update_of, worth_taking
from tests.builders import NOW
from tests.platforms.telegram.world import Json, World

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def updates() -> list[Json]:
    """An update of each kind."""
    world = World()
    world.allowed = ["message", "channel_post", "callback_query", "my_chat_member", "chat_member"]
    ann = world.person()
    group = world.group(admin=ann, forum=True)
    channel = world.channel("Kestrel news", admin=ann)
    world.says(ann, "/rules")
    world.says(ann, "/rules", where=group, topic=7)
    world.says(ann, "/rules", where=channel)
    world.adds(group, ann)
    world.promotes(group, ann)
    world.upgrades(group)
    message = {"message_id": 5, "date": 0, "chat": ann.chat}
    query = {"id": "1", "from": ann.people[ann.id], "chat_instance": "1", "data": "/rules", "message": message}
    world.update("callback_query", query)
    return world.updates


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in an update something else could stand."""
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [found for key in keys for found in ((*path, key), *places(value[key], (*path, key)))]


@st.composite
def distorted(draw: st.DrawFn) -> Json:
    """An update of which one thing is not as it should be."""
    update = deepcopy(draw(st.sampled_from(updates())))
    *way, last = draw(st.sampled_from([path for path in places(update) if path != ("update_id",)]))
    inner: Any = update
    for key in way:
        inner = inner[key]
    inner[last] = draw(JSON)
    return update


def test_every_kind_of_update_is_read() -> None:
    assert all(update_of(raw) for raw in updates())


@given(st.lists(distorted() | JSON.map(lambda content: {"update_id": 1, "message": content}), max_size=3))
def test_whatever_telegram_sends_is_read_or_passed_over(raws: list[Json]) -> None:
    read = [update for update in map(update_of, raws) if update is not None]
    assert set(map(id, worth_taking(read, NOW))) <= set(map(id, read))


def message(text: str, kind: str = "group", **fields: object) -> Message:
    raw = {"message_id": 1, "date": 0, "chat": {"id": 1, "type": kind}} | fields
    update = update_of({"update_id": 1, "message": raw})
    assert update is not None
    assert update.message is not None
    with update.message._unfrozen():
        update.message.text = text
    return update.message


@pytest.mark.parametrize(
    ("text", "in_private", "in_group"),
    [
        ("/rules", "/rules", "/rules"),
        ("/rules@Faultline_bot", "/rules", "/rules"),
        ("/rules@other_bot", "/rules", None),
        ("/weather", "/weather", None),
        ("/weather@faultline_bot now", "/weather now", "/weather now"),
        ("/START payload", "/start", "/start"),
        ("/follow\n“air space”", "/follow\n“air space”", "/follow\n“air space”"),
        ("/ rules", "/ rules", None),
        ("hello", "hello", None),
        ("", None, None),
    ],
)
def test_what_a_message_asks(text: str, in_private: str | None, in_group: str | None) -> None:
    known = {"rules", "follow", "start"}.__contains__
    assert line_of(message(text, "private"), "faultline_bot", known) == in_private
    assert line_of(message(text), "faultline_bot", known) == in_group


@pytest.mark.parametrize(
    "fields",
    [
        {"forward_origin": {"type": "hidden_user", "date": 0, "sender_user_name": "Bob"}},
        {"forward_origin": {"type": "chat", "date": 0, "sender_chat": {"id": -7, "type": "supergroup", "title": "x"}}},
        {"via_bot": {"id": 8, "is_bot": True, "first_name": "Other"}},
    ],
)
def test_what_others_wrote_is_no_command(fields: Json) -> None:
    known = {"forget"}.__contains__
    assert line_of(message("/forget yes", **fields), "faultline_bot", known) is None
    assert line_of(message("/forget yes", "private", **fields), "faultline_bot", known) == "forget yes"
    assert line_of(message("/forget yes", "channel", **fields), "faultline_bot", known) is None


@given(st.text())
def test_any_text_is_a_line_or_none_of_our_business(text: str) -> None:
    line = line_of(message(text), "faultline_bot", lambda name: name == "rules")
    assert line is None or command_of(line)


@pytest.mark.parametrize(("fields", "thread"), [({"is_topic_message": True}, "7"), ({}, "")])
def test_only_topics_are_conversations_of_their_own(fields: Json, thread: str) -> None:
    chat = {"id": -1001, "type": "supergroup", "title": "x"}
    update = update_of(
        {"update_id": 1, "message": {"message_id": 1, "date": 0, "chat": chat, "message_thread_id": 7} | fields}
    )
    assert update is not None
    assert update.message is not None
    assert chat_of(update.message).thread == thread


def test_of_a_backlog_the_newest_command_and_press_of_each_chat_are_worth_taking() -> None:
    world = World()
    ann, bob = world.person(), world.person()
    for who, text, age in ((ann, "/about", 20), (ann, "/rules", 10), (bob, "/rules", 301)):
        world.says(who, text, ago=age)
    for number in range(2):
        sender = {"id": f"{number}", "from": ann.people[ann.id], "chat_instance": "1", "data": "/rules"}
        world.update("callback_query", sender | {"message": {"message_id": 5, "date": 0, "chat": ann.chat}})
    world.blocks(bob)
    backlog = [update for update in map(update_of, world.updates) if update is not None]
    taken = worth_taking(backlog, NOW)
    assert [backlog.index(update) for update in taken] == [1, 4, 5]


def test_a_message_that_stands_in_no_chat_cannot_be_read() -> None:
    raw = {"update_id": 700_010, "message": {"message_id": 9, "date": 1_795_348_800, "chat": None}}
    assert update_of(raw) is None
