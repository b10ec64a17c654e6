"""How soon people are acknowledged on Discord while alerts are queued, and what lost answers do to alerts."""

import asyncio
import time

import pytest

from bot.core.model import Chat
from bot.core.wording.alert import alert
from bot.delivery.outgoing import Outgoing
from bot.errors import SendError
from bot.platforms.discord.adapter import LIMITS as DISCORD
from tests.builders import NOW, item, story
from tests.platforms.contract import Clerk
from tests.platforms.discord.asking import Asking
from tests.platforms.discord.line import Line, connected, running
from tests.platforms.discord.server import DiscordServer
from tests.platforms.discord.world import Channel

ALERT = alert(story(item("Cable cut off Kestrel")), number=1, rule_text="cable", words=("Cable",), now=NOW)
ASKED_EVERY = 0.1


async def send_until_sent(line: Line, channel: Channel, nonce: str, desk: asyncio.Semaphore) -> None:
    """As the outbox does: written one at a time, sent with the same nonce until it is known to be there."""
    async with desk:
        await asyncio.sleep(0)
    outgoing = Outgoing(chat=Chat(platform="discord", address=channel.id), message=ALERT, nonce=nonce)
    while True:
        try:
            await line.discord.send(outgoing)
        except SendError:
            await asyncio.sleep(0.1)
        else:
            return


async def ask_while(line: Line, sending: asyncio.Future[list[None]]) -> list[Asking]:
    """People ask, one after another, as long as alerts are sent."""
    asked = []
    while not sending.done():
        person = line.server.person()
        asked.append(line.server.says(person, "/latest"))
        await asyncio.wait([sending], timeout=ASKED_EVERY)
    await line.server.until(lambda: all(each.took is not None for each in asked))
    return asked


class Stalls:
    """How long the event loop was kept from going on, and our own work meanwhile; the rest is the machine's doing."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.longest_work = 0.0

    async def watch(self) -> None:
        while True:
            before, work_before = time.monotonic(), time.process_time()
            await asyncio.sleep(0.01)
            self.longest = max(self.longest, time.monotonic() - before - 0.01)
            self.longest_work = max(self.longest_work, time.process_time() - work_before)


async def measure(alerts: int, channels: int, *, losing: int = 0, breaking: bool = False) -> dict[str, float]:
    """Queue alerts for many channels at once, and ask meanwhile."""
    async with DiscordServer(limited=True) as server:
        home = server.server()
        places = [server.channel(home, f"c{number}", silently=True) for number in range(channels)]
        line = connected(server, Clerk().answer, limits=DISCORD, real_time=True)
        async with running(line):
            await line.up()
            server.loses_answers("create_message", times=losing)
            stalls, began, desk = Stalls(), time.monotonic(), asyncio.Semaphore()
            watching = asyncio.create_task(stalls.watch())
            sending = asyncio.gather(
                *(send_until_sent(line, places[number % channels], f"n{number}", desk) for number in range(alerts))
            )
            if breaking:
                server.drops()
            asked = await ask_while(line, sending)
            watching.cancel()
        waits = sorted(each.took or 0 for each in asked)
        return {
            "alerts": alerts,
            "arrived": sum(len(place.sent) for place in places),
            "seconds": time.monotonic() - began,
            "requests": server.calls["create_message"],
            "refused": server.refused[429],
            "asked": len(asked),
            "median": waits[len(waits) // 2],
            "slowest": waits[-1],
            "longest stall": stalls.longest,
            "longest work": stalls.longest_work,
            "resumed": server.resumed,
        }


def told(figures: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in figures.items())


@pytest.mark.bench
async def test_people_are_acknowledged_soon_while_a_thousand_alerts_are_queued() -> None:
    figures = await measure(1000, 100)
    print(f"\n1,000 alerts queued: {told(figures)}")
    assert figures["arrived"] == figures["alerts"]
    assert figures["slowest"] - figures["longest stall"] < 1
    assert figures["longest work"] < 0.5


@pytest.mark.bench
async def test_lost_answers_and_a_broken_gateway_double_nothing() -> None:
    figures = await measure(400, 100, losing=100, breaking=True)
    print(f"\nanswers of 100 sends lost, the gateway broken: {told(figures)}")
    assert figures["arrived"] == figures["alerts"]
    assert figures["requests"] >= figures["alerts"] + 100
