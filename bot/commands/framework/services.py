"""What a handler may use to answer: the database, what is kept in memory, and how the program is doing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.commands.framework.access import Access
from bot.commands.framework.lists import Lists
from bot.commands.framework.request import Request
from bot.commands.framework.sharing import Shared
from bot.commands.framework.turns import Turns
from bot.core.message.blocks import Message
from bot.core.model import Source, StoryId
from bot.core.rules.aliases import Aliases
from bot.core.rules.index import RuleIndex
from bot.core.rules.operators import RuleVocabulary
from bot.core.stories.events import EventTypes
from bot.core.wording.readership import Facts, Readership
from bot.core.wording.title_facts import TitleFacts
from bot.outage import Outage
from bot.sources.base import Probe
from bot.sources.catalog import Catalog
from bot.sources.roster import Roster
from bot.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformHealth:
    """The status of one platform."""

    name: str
    state: str  # in a few words: `connected`, `waiting for Telegram since 14:02 UTC`
    refusals: int = 0  # how often it asked us to wait since the start


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The status of the running program, beyond what the database knows."""

    started: datetime
    lag: timedelta = timedelta(0)  # the longest that something held up everything else lately
    unwritable: Outage | None = None  # since when the database cannot be written
    offline: Outage | None = None  # since when there is no connection to the internet
    platforms: tuple[PlatformHealth, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All that a handler may use."""

    database: Database
    index: RuleIndex
    roster: Roster
    aliases: Aliases
    events: EventTypes  # reads what titles tell
    topics: tuple[str, ...]  # those that rules may name
    clock: Clock
    health: Callable[[], Health]
    probe: Callable[[Source], Awaitable[Probe]]  # tries a source
    access: Access
    owners: frozenset[str] = frozenset()  # who runs the bot, as `platform:user`
    # What takes long to work out, with the stories behind its numbers, under keys that begin with their command.
    shared: Shared[tuple[Message, Mapping[int, StoryId]]] = field(default_factory=Shared)
    turns: Turns = field(default_factory=Turns)  # for what takes seconds
    keep: timedelta = timedelta(days=30)  # how long news is kept
    lists: Lists = field(default_factory=Lists)
    wake: Callable[[], None] = lambda: None  # has what is owed looked at now

    @property
    def catalog(self) -> Catalog:
        """The sources in force now."""
        return self.roster.catalog

    @property
    def facts(self) -> Facts:
        """What tells of titles in languages that a chat doesn't read."""
        return TitleFacts(self.events, self.aliases).of

    def readership(self, langs: tuple[str, ...]) -> Readership:
        """A chat that reads these languages; none: all."""
        return Readership(langs=langs, facts=self.facts)

    @property
    def vocabulary(self) -> RuleVocabulary:
        """The values that rules may name now."""
        sources = self.catalog.sources
        return RuleVocabulary(
            sources=tuple(source.id for source in sources),
            publishers=tuple(dict.fromkeys(source.publisher for source in sources)),
            topics=self.topics,
            langs=tuple(dict.fromkeys(source.lang for source in sources)),
        )

    def is_owner(self, request: Request) -> bool:
        """Whether somebody who runs the bot asks."""
        return f"{request.chat.platform}:{request.user}" in self.owners
