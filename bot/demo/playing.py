"""The demo: the whole bot on a recorded week, with a subscriber whose alerts appear on the console."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from tempfile import TemporaryDirectory

from bot.app import App, open_app, stopping_on_signals
from bot.clock import SystemClock
from bot.commands.framework.arguments import to_request
from bot.commands.framework.services import Services
from bot.core.intake.items import FIRST_FEEDS
from bot.core.message.blocks import Block, Message, Role, Run, say
from bot.core.model import Relevance
from bot.delivery.outgoing import Outgoing
from bot.demo.newsroom import DemoNewsroom
from bot.demo.summary import DemoSummary, summary_text
from bot.demo.week import Week, demo_folder
from bot.errors import SendError
from bot.platforms.base import Answer
from bot.platforms.console.platform import CHAT, Console, Screen
from bot.polling.poller import PollFacts
from bot.settings import DatabaseSettings, HttpSettings, PollSettings, Settings
from bot.storage import news
from bot.subject import Subject

# A day of the week takes some six seconds: ask often enough to see each report well within its hour.
# The articles of invented outlets have no pages.
OFTEN = PollSettings(min_interval=timedelta(milliseconds=500), max_interval=timedelta(seconds=1), leads=False)

# What appears in the last moment still has to be fetched, read and sent.
AFTERWARDS = timedelta(seconds=3)

# Stories of a week: more than there are.
ALL = 10_000

WELCOME = (
    "A week of invented news is about to start: twelve outlets from all sides, none of them real, in {seconds} "
    "seconds. You follow three rules:"
)


class Witness(Console):
    """The console, noting when each alert arrived, and how many were edited or followed by news of a higher level.

    The end of piped input does not end it: the week is there to be seen.
    """

    def __init__(self, answer: Answer, screen: Screen | None = None) -> None:
        super().__init__(answer, screen)
        self._unseen = asyncio.Event()
        self.arrived: list[tuple[str, datetime]] = []
        self.edited = 0
        self.risen = 0

    async def run(self) -> None:
        await super().run()
        if not self.has_prompt:
            await self._unseen.wait()

    async def send(self, outgoing: Outgoing) -> str:
        try:
            ref = await super().send(outgoing)
        except SendError:
            self._unseen.set()
            raise
        now = SystemClock().now()
        if outgoing.edits is not None:
            self.edited += 1
        elif outgoing.answers is not None:
            self.risen += 1
        elif any(block.role is Role.WHY for block in outgoing.message.blocks):
            self.arrived += [(run.url, now) for run in outgoing.message.blocks[0].runs if run.url]
        return ref


async def run_demo(settings: Settings, subject: Subject, *, seconds: int) -> None:
    """Play the week, sum up, and leave the prompt open where there is a terminal."""
    week = Week.read(demo_folder())
    with TemporaryDirectory(prefix="faultline-demo-") as folder:
        newsroom = DemoNewsroom(week, SystemClock(), timedelta(seconds=seconds))
        witnesses: list[Witness] = []
        # The operator's settings, but for a database of its own and sources on this machine.
        own = {
            "database": DatabaseSettings(url=f"sqlite:///{folder}/demo.db"),
            "http": HttpSettings(allow_private=True),
            "poll": OFTEN,
        }

        def served(answer: Answer, _services: Services) -> Sequence[Witness]:
            witnesses.append(Witness(answer))
            return witnesses

        async with newsroom:
            catalog = newsroom.catalog()
            async with open_app(settings.model_copy(update=own), catalog, subject, served) as app:
                await _welcome(app, witnesses[0], week, seconds)
                with stopping_on_signals():
                    await _play(app, newsroom, witnesses[0])


async def _welcome(app: App, console: Witness, week: Week, seconds: int) -> None:
    for rule in week.rules:
        offered = await app.answer(to_request(CHAT, f"/follow {rule}"))
        assert offered is not None, "whoever sits at the console is always answered"  # noqa: S101
        await app.answer(to_request(CHAT, offered.buttons[0][0].command, from_button=True))
    rules = tuple(
        Block((Run(f"{number}. "), Run(rule, code=True)), Role.ROW) for number, rule in enumerate(week.rules, start=1)
    )
    await console.send(Outgoing(chat=CHAT, message=Message((Block(say(WELCOME, seconds=seconds)), *rules))))


async def _play(app: App, newsroom: DemoNewsroom, console: Witness) -> None:
    """Run the bot through the week; then sum up, and go on only for somebody who sits at a terminal."""
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(app.run())
        await _until(newsroom.timeline.start, running)
        before = app.poller.facts
        await _until(newsroom.ends + AFTERWARDS, running)
        if running.done():
            return
        text = summary_text(await _summary(before, app, newsroom, console))
        await console.send(Outgoing(chat=CHAT, message=Message((Block((Run(text),), Role.CODE),))))
        if not console.has_prompt:
            running.cancel()


async def _until(moment: datetime, running: asyncio.Task[None]) -> None:
    left = moment - SystemClock().now()
    await asyncio.wait([running], timeout=max(left.total_seconds(), 0))


async def _summary(before: PollFacts, app: App, newsroom: DemoNewsroom, console: Witness) -> DemoSummary:
    async with app.database.read() as tx:
        now = SystemClock().now()
        told = await news.stories_since(tx, FIRST_FEEDS, tuple(Relevance), seen_by=now, limit=ALL)
    stories = {item.url: story for story in told for item in story.items}
    lags = []
    for url, at in console.arrived:
        # Its headline may be that of an older report than the one that brought the alert.
        items = stories[url].items
        newest = max(item.first_seen for item in items if item.first_seen <= at)
        lags.append(at - min(newsroom.appeared(item.url) for item in items if item.first_seen == newest and item.url))
    after = app.poller.facts
    return DemoSummary(
        polls=after.polls - before.polls,
        new=after.new - before.new,
        relevant=after.relevant - before.relevant,
        lags=tuple(lags),
        edited=console.edited,
        risen=console.risen,
    )
