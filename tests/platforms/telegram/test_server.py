"""The loopback server is as strict as Telegram: what it lets through would go through there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import aiohttp
import pytest

from tests.platforms.telegram.server import TOKEN, TelegramServer
from tests.platforms.telegram.world import Json, Room

Call = Callable[..., Coroutine[Any, Any, Json]]


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer(limited=True) as server:
        yield server


@pytest.fixture
async def call(server: TelegramServer) -> AsyncIterator[Call]:
    """A call of a method, and the whole of its answer."""
    async with aiohttp.ClientSession() as session:

        async def called(method: str, token: str = TOKEN, **parameters: Any) -> Json:
            async with session.post(f"{server.url}/bot{token}/{method}", json=parameters) as response:
                answer: Json = await response.json()
                assert answer["ok"] == (response.status == 200)
                return answer

        yield called


def message(room: Room, text: str = "x", **fields: Any) -> Json:
    return {
        "chat_id": room.id,
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    } | fields


async def test_a_chat_takes_one_message_a_second(server: TelegramServer, call: Call) -> None:
    ann, bob = server.person(), server.person()
    assert (await call("sendMessage", **message(ann)))["ok"]
    assert (await call("sendMessage", **message(bob)))["ok"]
    refused = await call("sendMessage", **message(ann))
    assert refused["description"] == "Too Many Requests: retry after 1"
    assert refused["parameters"] == {"retry_after": 1}
    assert server.refused == {429: 1}


async def test_all_chats_take_thirty_messages_a_second(server: TelegramServer, call: Call) -> None:
    answers = [await call("sendMessage", **message(server.person())) for _ in range(31)]
    assert [answer["ok"] for answer in answers] == [True] * 30 + [False]


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"text": "<u>x</u>"}, 'Bad Request: can\'t parse entities: Unsupported start tag "u" at byte offset 0'),
        ({"text": "<b> </b>"}, "Bad Request: message text is empty"),
        ({"text": "😀" * 2049}, "Bad Request: message is too long"),
        ({"message_thread_id": 9}, "Bad Request: message thread not found"),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "я" * 33}]]}},
            "Bad Request: BUTTON_DATA_INVALID",
        ),
        ({"chat_id": 42}, "Bad Request: chat not found"),
    ],
)
async def test_what_telegram_would_refuse_is_refused(
    server: TelegramServer, call: Call, fields: Json, description: str
) -> None:
    refused = await call("sendMessage", **message(server.person()) | fields)
    assert (refused["error_code"], refused["description"]) == (400, description)


async def test_a_text_of_as_many_characters_as_can_be_goes_through(server: TelegramServer, call: Call) -> None:
    assert (await call("sendMessage", **message(server.person(), f"<b>{'&lt;' * 4096}</b>")))["ok"]


async def test_only_one_polls(server: TelegramServer, call: Call) -> None:
    first = asyncio.create_task(call("getUpdates", timeout=5))
    await server.until(lambda: server.idle)
    second = asyncio.create_task(call("getUpdates", timeout=5))
    assert (await first)["description"].startswith("Conflict: terminated by other getUpdates request")
    server.says(server.person(), "hello")
    assert (await second)["result"][0]["message"]["text"] == "hello"


async def test_updates_come_until_they_are_confirmed(server: TelegramServer, call: Call) -> None:
    server.says(server.person(), "hello")
    (update,) = (await call("getUpdates"))["result"]
    assert (await call("getUpdates"))["result"] == [update]
    assert (await call("getUpdates", offset=update["update_id"] + 1))["result"] == []
    assert (await call("getUpdates"))["result"] == []


async def test_a_press_is_answered_once(server: TelegramServer, call: Call) -> None:
    ann = server.person()
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "/go"}]]}
    await call("sendMessage", **message(ann, reply_markup=keyboard))
    press = server.presses_button(ann, "Go")
    assert (await call("answerCallbackQuery", callback_query_id=press))["ok"]
    again = await call("answerCallbackQuery", callback_query_id=press)
    assert again["description"].startswith("Bad Request: query is too old")


async def test_strangers_are_not_served(call: Call) -> None:
    assert (await call("getMe", token="1:x"))["description"] == "Unauthorized"
    assert (await call("flyToTheMoon"))["description"] == "Not Found"
