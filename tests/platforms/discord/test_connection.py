"""How Discord is reached: the first time, after it was away, and when it does not want us."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from structlog.testing import capture_logs

from bot.core.message.blocks import Block, Message, say
from bot.errors import ConfigError, PlatformAway
from bot.platforms.discord.client import FaultlineClient
from bot.platforms.discord.platform import check_token
from bot.platforms.supervisor import serve
from tests.platforms.contract import PATIENCE, Clerk
from tests.platforms.discord.gateway import TOKEN
from tests.platforms.discord.line import Line, connected, on_the_line, running
from tests.platforms.discord.server import DiscordServer

ALERT = Message((Block(say("Cable cut")),))
INTENT_GUILDS = 1


def problems(logs: Sequence[Mapping[str, object]]) -> list[object]:
    return [entry["problem"] for entry in logs if entry["event"] == "waiting for Discord"]


async def answers(line: Line) -> None:
    """The bot hears what it is asked, and says something."""
    person = line.server.person()
    line.server.says(person, "/latest")
    await line.server.sees(person.private, "Receipt")


@pytest.mark.parametrize("token", ["", "not a token", "wrong.token.altogether"])
async def test_a_wrong_token_is_told_in_one_line_before_anything_starts(token: str) -> None:
    async with DiscordServer() as server:
        with pytest.raises(ConfigError, match="developer portal"):
            await check_token(token, server.url)


@pytest.mark.parametrize(("status", "body"), [(404, "no"), (200, "<p>Welcome</p>"), (200, "{}")])
async def test_what_is_no_api_of_discords_is_told_as_that(status: int, body: str) -> None:
    async def anything(_request: web.BaseRequest) -> web.StreamResponse:
        kind = "application/json" if body == "{}" else "text/html"
        return web.Response(status=status, text=body, content_type=kind)

    async with RawTestServer(anything) as site:
        with pytest.raises(ConfigError, match="isn't Discord's API"):
            await check_token(TOKEN, str(site.make_url("/api/v10")))


async def test_that_discord_is_away_is_no_fault_of_the_token() -> None:
    async with DiscordServer() as server:
        await check_token(TOKEN, server.url)
        await server.goes_down()
        await check_token(TOKEN, server.url)


async def test_only_the_servers_are_asked_for() -> None:
    async with DiscordServer() as server, on_the_line(server, Clerk().answer):
        assert server.asked_intents == INTENT_GUILDS


async def test_discord_that_is_away_at_first_is_waited_for_and_alerts_meanwhile_come_later() -> None:
    async with DiscordServer() as server:
        await server.goes_down()
        line = connected(server, Clerk().answer)
        person = server.person()
        async with running(line):
            await line.naps.until(3)
            assert line.discord.state == "waiting for Discord since 12:00 UTC"
            with pytest.raises(PlatformAway):
                await line.sends(person, ALERT)
            await server.comes_back()
            await line.up()
            await line.sends(person, ALERT)
            await answers(line)
        first, second, third = line.naps.taken[:3]
        assert 0.7 < first <= 1 < second <= 2 < third <= 4


async def test_a_connection_that_breaks_is_resumed_and_nothing_asked_meanwhile_is_lost() -> None:
    async with DiscordServer() as server, on_the_line(server, Clerk().answer) as line:
        for _ in range(3):
            server.drops()
            await answers(line)
        assert (server.identified, server.resumed) == (1, 3)
        assert line.discord.state == "connected"


async def test_a_gateway_that_restarts_is_followed() -> None:
    async with DiscordServer() as server, on_the_line(server, Clerk().answer) as line:
        await server.restarts()
        await answers(line)
        assert (server.identified, server.resumed) == (1, 1)


async def test_a_session_that_is_forgotten_is_begun_anew() -> None:
    async with DiscordServer() as server, on_the_line(server, Clerk().answer) as line:
        server.forgets_sessions()
        server.drops()
        await server.until(lambda: server.identified == 2)
        await line.up()
        await answers(line)


@pytest.mark.parametrize(("code", "words"), [(4004, "token"), (4014, "intent"), (4012, "version")])
async def test_what_only_the_operator_can_mend_ends_discord_alone_with_one_line(code: int, words: str) -> None:
    async with DiscordServer() as server:
        line = connected(server, Clerk().answer)
        task = asyncio.create_task(line.discord.run())
        await line.up()
        await server.closes(code)
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(ConfigError, match=words):
                await task


async def test_a_token_that_is_refused_later_is_told_as_one_that_is_at_first() -> None:
    async with DiscordServer() as server:
        line = connected(server, Clerk().answer)
        server.token = "another"
        with pytest.raises(ConfigError, match="developer portal"):
            await line.discord.run()


async def test_intents_that_are_not_allowed_are_told_at_first() -> None:
    async with DiscordServer() as server:
        server.allowed_intents = 0
        with pytest.raises(ConfigError, match="intent"):
            await connected(server, Clerk().answer).discord.run()


async def test_a_gateway_that_is_closed_without_a_reason_of_ours_is_tried_again() -> None:
    async with DiscordServer() as server, on_the_line(server, Clerk().answer) as line:
        with capture_logs() as logs:
            await server.closes(4011)
            await server.until(lambda: server.identified == 2)
            await line.up()
        assert problems(logs) == ["Discord closed the connection (4011)"]
        await answers(line)


async def test_however_long_the_gateway_is_away_it_is_tried_twice_a_minute() -> None:
    async with DiscordServer() as server, on_the_line(server, Clerk().answer) as line:
        server.drops()
        await answers(line)
        assert isinstance(line.discord._client, FaultlineClient)
        shard = line.discord._client.get_shard(0)
        assert shard is not None
        # What the library would wait, one failure after another; nothing that it offers shows that.
        assert max(shard._parent._backoff.delay() for _ in range(100)) <= 32


async def test_what_the_library_stumbles_over_is_left_to_whoever_starts_platforms_again() -> None:
    async with DiscordServer() as server:
        line = connected(server, Clerk().answer)
        serving = asyncio.create_task(serve(line.discord, clock=server.clock, sleep=line.naps))
        await line.up()
        server.dispatch("CHANNEL_CREATE", {"nothing": "that it knows"})
        await server.until(lambda: server.identified == 2)
        await line.up()
        await answers(line)
        serving.cancel()
        await asyncio.wait([serving])


async def test_what_cannot_be_written_down_is_logged_and_ends_nothing() -> None:
    async with DiscordServer() as server:
        home = server.server()
        async with on_the_line(server, Clerk().answer) as line:
            line.ledger.is_full = True
            with capture_logs() as logs:
                server.deletes(next(iter(home.channels.values())))
                await answers(line)
    assert [entry["method"] for entry in logs if "could not be handled" in entry["event"]] == [
        "on_guild_channel_delete"
    ]


async def test_it_stops_promptly_whatever_it_is_doing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        for moment in (0, 0.005, 0.01, 0.02, 0.04):
            async with DiscordServer() as server:
                task = asyncio.create_task(connected(server, Clerk().answer).discord.run())
                await asyncio.sleep(moment)
                task.cancel()
                async with asyncio.timeout(PATIENCE):
                    await asyncio.wait([task])
                assert task.cancelled()
    assert caplog.records == []
