"""Telegram with a webhook, over real HTTP on both sides."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.commands.framework.request import Request
from bot.core.message.blocks import Message
from bot.platforms.telegram.queue import MOST_AT_ONCE, MOST_OF_A_PERSON
from bot.platforms.telegram.updates import KINDS
from bot.platforms.telegram.webhook import Webhook
from bot.web import LARGEST_BODY
from tests.platforms.contract import Clerk
from tests.platforms.telegram.courier import URL, Courier, a_courier, an_update
from tests.platforms.telegram.server import TelegramServer
from tests.platforms.telegram.world import PATIENCE, Refusal, Room


class SlowClerk(Clerk):
    """Takes its time until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = asyncio.Event()

    async def answer(self, request: Request) -> Message:
        await self.let_go.wait()
        return await super().answer(request)


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    async with TelegramServer() as server:
        yield server


@pytest.fixture
def clerk() -> Clerk:
    return Clerk()


@pytest.fixture
def slow() -> SlowClerk:
    return SlowClerk()


@pytest.fixture
async def courier(server: TelegramServer, clerk: Clerk) -> AsyncIterator[Courier]:
    async with a_courier(server, clerk.answer) as courier:
        yield courier


@pytest.fixture
def ann(server: TelegramServer) -> Room:
    return server.person("Ann")


async def test_a_command_that_is_brought_is_answered(courier: Courier, ann: Room) -> None:
    courier.server.says(ann, "/rules")
    assert await courier.brings() == [200]
    await courier.server.sees(ann, "Receipt 1 for rules.")
    assert courier.server.calls["getUpdates"] == 0


async def test_telegram_is_told_where_what_and_with_which_secret(courier: Courier) -> None:
    hook = courier.server.hook
    assert (hook["url"], hook["secret_token"]) == (URL, "from-telegram")
    assert tuple(hook["allowed_updates"]) == KINDS
    assert not hook.get("drop_pending_updates")


@pytest.mark.parametrize("secret", ["", "from-telegran", "from-telegram-2", "тайна", "x" * 5000])
async def test_whoever_does_not_know_the_secret_is_refused(
    courier: Courier, clerk: Clerk, ann: Room, secret: str
) -> None:
    courier.server.says(ann, "/rules")
    assert await courier.brings(secret=secret) == [403]
    assert await courier.posts(b"anything") == 403
    assert await courier.brings() == [200]
    await courier.server.sees(ann, "Receipt 1")
    assert len(clerk.asked) == 1


async def test_an_update_that_is_brought_twice_is_handled_once(courier: Courier, clerk: Clerk, ann: Room) -> None:
    courier.server.says(ann, "/rules")
    lost = list(courier.server.updates)
    assert await courier.brings() == [200]
    courier.server.updates[:] = lost
    courier.server.says(ann, "/about")
    assert await courier.brings() == [200, 200]
    await courier.server.sees(ann, "for about.")
    assert [asked.command for asked in clerk.asked] == ["rules", "about"]


async def test_when_there_is_too_much_to_do_telegram_keeps_the_rest(server: TelegramServer, slow: SlowClerk) -> None:
    people = [server.person(f"Person {number}") for number in range(MOST_AT_ONCE + 1)]
    async with a_courier(server, slow.answer) as courier:
        for person in people:
            server.says(person, "/rules")
        assert await courier.brings() == [200] * MOST_AT_ONCE + [503]
        assert await courier.brings() == [503]
        slow.let_go.set()
        await server.sees(people[0], "Receipt")
        await server.until(lambda: sum(len(person.sent) for person in people) == MOST_AT_ONCE)
        assert await courier.brings() == [200]
        await server.sees(people[-1], "Receipt")


async def test_a_flood_from_one_chat_takes_no_place_from_others(
    server: TelegramServer, slow: SlowClerk, ann: Room
) -> None:
    async with a_courier(server, slow.answer) as courier:
        for number in range(MOST_AT_ONCE + 1):
            server.says(ann, f"/latest {number}")
        bob = server.person("Bob")
        server.says(bob, "/rules")
        assert await courier.brings() == [200] * (MOST_AT_ONCE + 2)
        slow.let_go.set()
        await server.until(lambda: len(ann.sent) == MOST_OF_A_PERSON and len(bob.sent) == 1)
        server.says(ann, "/about")
        assert await courier.brings() == [200]
        await server.sees(ann, "for about.")
    assert Counter(asked.command for asked in slow.asked) == {"latest": MOST_OF_A_PERSON, "rules": 1, "about": 1}


async def test_questions_of_one_chat_are_answered_in_their_order(
    server: TelegramServer, slow: SlowClerk, ann: Room
) -> None:
    async with a_courier(server, slow.answer) as courier:
        for number in range(5):
            server.says(ann, f"/latest {number}")
        assert await courier.brings() == [200] * 5
        slow.let_go.set()
        await server.sees(ann, "Receipt 5")
    assert [asked.arguments for asked in slow.asked] == ["0", "1", "2", "3", "4"]


async def test_updates_wait_at_telegram_from_a_stop_to_the_next_start(
    server: TelegramServer, clerk: Clerk, ann: Room
) -> None:
    async with a_courier(server, clerk.answer, secret="first"):
        pass
    assert server.webhook == URL
    server.says(ann, "/rules")
    async with a_courier(server, clerk.answer, secret="second") as courier:
        assert await courier.brings(secret="first") == [403]
        assert await courier.brings() == [200]
        await server.sees(ann, "Receipt 1 for rules.")
    assert server.calls["deleteWebhook"] == 0


async def test_at_a_stop_nothing_more_is_taken_and_what_was_taken_is_answered(
    server: TelegramServer, slow: SlowClerk, ann: Room
) -> None:
    async with a_courier(server, slow.answer) as courier:
        server.says(ann, "/rules")
        assert await courier.brings() == [200]
        courier.running.cancel()
        await asyncio.sleep(0)
        server.says(ann, "/about")
        assert await courier.brings() == [503]
        slow.let_go.set()
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([courier.running])
        await server.sees(ann, "Receipt 1 for rules.")
    assert len(slow.asked) == len(server.updates) == 1


async def test_a_webhook_that_telegram_does_not_take_now_is_set_later(
    server: TelegramServer, clerk: Clerk, ann: Room
) -> None:
    server.refuses("setWebhook", Refusal(502, "Bad Gateway"), times=2)
    async with a_courier(server, clerk.answer) as courier:
        assert len(courier.line.naps.taken) == 2
        server.says(ann, "/rules")
        assert await courier.brings() == [200]
        await server.sees(ann, "Receipt 1")


async def test_the_page_is_there_while_telegram_is_away(server: TelegramServer, clerk: Clerk) -> None:
    await server.goes_down()
    async with a_courier(server, clerk.answer, up=False) as courier:
        await courier.line.naps.until(2)
        assert courier.line.telegram.state == "waiting for Telegram since 12:00 UTC"
        assert await courier.gets("/health") == 200
        await server.comes_back()
        await courier.up()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b"[]",
        b'{"update_id": "7"}',
        b'{"message": {}}',
        an_update("message", "nonsense"),
        an_update("message", {"message_id": 1, "date": 1, "chat": "here"}),
        json.dumps({"update_id": 7, "message": {"date": 1e300}}).encode(),
        b'{"update_id": 7, "message": ' + b'{"date": 1, "reply_to_message": ' * 900 + b"1" + b"}" * 901,
    ],
    ids=lambda body: body[:40].decode(errors="replace"),
)
async def test_what_cannot_be_read_is_logged_and_not_brought_again(
    courier: Courier, ann: Room, body: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await courier.posts(body, secret="from-telegram") == 200
    assert "cannot be read" in capsys.readouterr().out
    courier.server.says(ann, "/rules")
    assert await courier.brings() == [200]
    await courier.server.sees(ann, "Receipt 1")


async def test_a_body_of_any_length_is_read_only_so_far(courier: Courier) -> None:
    assert await courier.posts(b"x" * (LARGEST_BODY + 1), secret="from-telegram") == 413
    assert await courier.posts(b"x" * LARGEST_BODY, secret="from-telegram") == 200


async def test_a_question_of_long_ago_is_taken_and_not_answered(courier: Courier, clerk: Clerk, ann: Room) -> None:
    courier.server.says(ann, "/rules", ago=3600)
    courier.server.says(ann, "/about")
    assert await courier.brings() == [200, 200]
    await courier.server.sees(ann, "for about.")
    assert len(clerk.asked) == 1


async def test_nothing_but_telegrams_posts_is_served(courier: Courier) -> None:
    assert await courier.gets("/from/telegram%20here") == 405
    assert await courier.gets("/elsewhere") == 404


def webhook_of(courier: Courier) -> Webhook:
    updates = courier.line.telegram._updates
    assert isinstance(updates, Webhook)
    return updates


async def test_a_webhook_that_another_program_took_is_set_again(
    courier: Courier, capsys: pytest.CaptureFixture[str]
) -> None:
    courier.server.webhook = ""
    await webhook_of(courier).look()
    assert courier.server.webhook == URL
    assert "another program" in capsys.readouterr().out
    calls = courier.server.calls["setWebhook"]
    await webhook_of(courier).look()
    assert courier.server.calls["setWebhook"] == calls


async def test_what_keeps_telegram_from_bringing_updates_is_told_once(
    courier: Courier, capsys: pytest.CaptureFixture[str]
) -> None:
    started = int(courier.server.clock.now().timestamp())
    for date, problem in ((started - 60, "Connection reset"), *[(started + 60, "Connection refused")] * 2):
        courier.server.undelivered = {"last_error_date": date, "last_error_message": problem}
        await webhook_of(courier).look()
    told = capsys.readouterr().out
    assert told.count("Connection refused") == 1
    assert "Connection reset" not in told, "nobody listened before the start"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["chat", "from", "date", "text", "message", "data", "id", "entities", "message_id", "photo"])
updates = st.fixed_dictionaries(
    {"update_id": st.integers()},
    optional={kind: st.dictionaries(fields, json_values, max_size=6) | json_values for kind in KINDS},
)
bodies = st.binary(max_size=64) | (json_values | updates).map(lambda value: json.dumps(value).encode())


@settings(max_examples=40, deadline=None)
@given(st.lists(bodies, max_size=12))
def test_no_body_whatever_does_any_harm(brought: list[bytes]) -> None:
    async def bring() -> None:
        clerk = Clerk()
        async with TelegramServer() as server, a_courier(server, clerk.answer) as courier:
            for body in brought:
                assert await courier.posts(body, secret="from-telegram") == 200
            ann = server.person()
            server.says(ann, "/rules")
            assert await courier.brings() == [200]
            await server.sees(ann, "for rules.")

    asyncio.run(bring())
