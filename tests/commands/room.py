"""A room in which people talk with the bot: real storage, real rules, a clock that stands still."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import insert, update

from bot.commands import answer
from bot.commands.framework.access import Access
from bot.commands.framework.arguments import to_request
from bot.commands.framework.request import Request
from bot.commands.framework.services import Health, PlatformHealth, Services
from bot.core.language.lexicon import NO_LEXICON
from bot.core.message.blocks import Message, plain
from bot.core.model import Chat, Item, Level, Source, SourceId
from bot.core.rules.aliases import aliases_of
from bot.core.rules.index import RuleIndex
from bot.core.stories.events import EventsFile, EventTypes
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.outgoing import Outgoing
from bot.sources.base import Probe
from bot.sources.catalog import Catalog
from bot.sources.roster import Roster
from bot.storage import outbox, poll_state
from bot.storage.database import Database
from bot.storage.poll_state import PollState
from bot.storage.schema import deliveries, stories, story_levels
from tests import builders
from tests.builders import NOW, OUTLETS, ManualClock
from tests.fakes import OneEvent, an_intake

ALIASES = aliases_of({"places": [["Kestrel", "Кестрел"]], "alliances": [["NATO", "НАТО", "OTAN"]]})

EVENTS = EventTypes(
    EventsFile.model_validate(
        {
            "event": [
                {
                    "id": "shots",
                    "what": "shots",
                    "short": "shots",
                    "gravity": 2,
                    "weight": -10,
                    "words": {"en": ["fires OR shots"]},
                },
                {"id": "talks", "what": "talks", "gravity": 1, "weight": 4, "words": {"en": ["talks"]}},
            ]
        }
    ),
    ALIASES,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a chat was answered."""

    message: Message

    @property
    def text(self) -> str:
        return plain(self.message)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def titles(self) -> list[str]:
        """The headlines that the answer links to."""
        return [run.text for block in self.message.blocks for run in block.runs if run.url]

    @property
    def buttons(self) -> dict[str, str]:
        """What each button does, by its label."""
        return {button.label: button.command for row in self.message.buttons for button in row}


class Room:
    """Everything around the commands, and words for what people and outlets do."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = ManualClock()
        self.index = RuleIndex(ALIASES)
        self._intake = an_intake(database, self.index)
        self.feeds: dict[str, str] = {}
        """The titles of the feeds that can be read, by address."""
        self.services = Services(
            database=database,
            index=self.index,
            roster=Roster(Catalog(sources=tuple(builders.source(name) for name in OUTLETS))),
            aliases=ALIASES,
            events=EVENTS,
            topics=("airspace",),
            clock=self.clock,
            health=lambda: Health(
                started=NOW - timedelta(hours=26), platforms=(PlatformHealth(name="console", state="connected"),)
            ),
            probe=self._probe,
            access=Access(is_open=True),
            owners=frozenset({"console:olga"}),
        )

    async def say(
        self,
        line: str,
        *,
        chat: Chat | None = None,
        user: str = "ann",
        admin: bool = True,
        reply_to: str = "",
        in_server: bool = False,
    ) -> Reply:
        """Somebody types a line, perhaps in reply to a message."""
        request = to_request(chat or builders.chat(), line, user=user, user_is_admin=admin, reply_to=reply_to)
        return await self._ask(replace(request, in_server=in_server))

    async def fill(self, command: str, /, **options: str) -> Reply:
        """Somebody gives a command whose options a platform asks for one by one."""
        return await self._ask(Request(chat=builders.chat(), command=command, arguments=options, user="ann"))

    async def press(
        self, reply: Reply, label: str, *, chat: Chat | None = None, user: str = "ann", admin: bool = True
    ) -> Reply:
        """Somebody presses a button of an answer."""
        return await self.tap(reply.buttons[label], chat=chat, user=user, admin=admin)

    async def tap(self, line: str, *, chat: Chat | None = None, user: str = "ann", admin: bool = True) -> Reply:
        """Somebody presses a button, perhaps below an alert, that gives this line."""
        request = to_request(chat or builders.chat(), line, user=user, user_is_admin=admin, from_button=True)
        return await self._ask(request)

    async def _ask(self, request: Request) -> Reply:
        message = await answer(request, self.services)
        assert message is not None, "silence"
        return Reply(message=message)

    async def _probe(self, source: Source) -> Probe:
        title = self.feeds.get(source.url)
        status, problem = ("ok", None) if title else ("no answer", "its address was not found")
        count = 1 if title else 0
        return Probe(
            source=source, status=status, entries=count, newest=None, milliseconds=1, problem=problem, title=title
        )

    async def follow(self, rule: str, *, chat: Chat | None = None) -> Reply:
        """Somebody follows a rule and confirms it."""
        return await self.press(await self.say(f"/follow {rule}", chat=chat), "Follow", chat=chat)

    async def publish(self, *items: Item, alerting: bool = False) -> None:
        """Outlets publish, and one poll stores it."""
        await self._intake.take(items, self.clock.now(), alerting=alerting)

    async def publish_event(self, *items: Item) -> None:
        """Outlets report one event, and one poll stores it."""
        intake = an_intake(self.database, self.index, OneEvent(NO_LEXICON))
        await intake.take(items, self.clock.now(), alerting=False)

    async def raised(self, story: int, level: Level, because: str = "many tell it") -> None:
        """A story has become so loud."""
        rise = {"story_id": story, "level": level, "reason": because, "at": self.clock.now()}
        async with self.database.write() as tx:
            await tx.execute(update(stories).where(stories.c.id == story).values(level=level))
            await tx.execute(insert(story_levels).values(rise))

    async def polled(self, id_: str, **fields: object) -> None:
        """A source was polled, with this result."""
        state = PollState(
            source=SourceId(id_), asked="https://feed.example", next_poll=self.clock.now() + timedelta(minutes=5)
        )
        async with self.database.write() as tx:
            await poll_state.save(tx, replace(state, **fields))  # type: ignore[arg-type]

    async def sent(self, ref: str = "1") -> None:
        """All alerts that are owed are sent; each has this ref."""

        async def take(_: Outgoing) -> str:
            return ref

        dispatcher = Dispatcher(
            database=self.database,
            sends={"console": take},
            index=self.index,
            aliases=self.services.aliases,
            clock=self.clock,
        )
        await dispatcher.dispatch_due()

    async def buried(self, reason: str) -> None:
        """All alerts that are owed are not sent, for this reason."""
        async with self.database.write() as tx:
            await tx.execute(
                update(deliveries).where(deliveries.c.state == "queued").values(state="dead", reason=reason)
            )

    async def owed(self) -> int:
        """How many alerts wait to be sent."""
        async with self.database.read() as tx:
            return (await outbox.counts(tx)).queued
