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
from bot.core.stories.tension import EventWeights
from bot.outage import Outage
from bot.sources.base import Probe
from bot.sources.catalog import Catalog
from bot.sources.roster import Roster
from bot.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformHealth:
    """How one platform stands, `state` in a few words (`connected`, `waiting for Telegram since 14:02 UTC`).

    `refusals` is how often it asked us to wait since the start.
    """

    name: str
    state: str
    refusals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the running program stands, beyond what the database knows.

    `lag` is the longest that something held up everything else lately; `unwritable` and `offline` tell since when the
    database cannot be written, and since when there is no connection to the internet; None: not now.
    """

    started: datetime
    lag: timedelta = timedelta(0)
    unwritable: Outage | None = None
    offline: Outage | None = None
    platforms: tuple[PlatformHealth, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All that a handler may use.

    `scale` weighs what titles tell; `topics` are those that rules may name; `probe` tries a source; `access` tells who
    is let in; `owners` are those who run the bot, as `platform:user`; `shared` holds answers that take long to work
    out, with the stories behind their numbers, under keys that begin with their command; `turns` are for what takes
    seconds; `keep` is how long news is kept; `lists` are the lists that were shown last; `wake` has what is owed looked
    at now.
    """

    database: Database
    index: RuleIndex
    roster: Roster
    aliases: Aliases
    scale: EventWeights
    topics: tuple[str, ...]
    clock: Clock
    health: Callable[[], Health]
    probe: Callable[[Source], Awaitable[Probe]]
    access: Access
    owners: frozenset[str] = frozenset()
    shared: Shared[tuple[Message, Mapping[int, StoryId]]] = field(default_factory=Shared)
    turns: Turns = field(default_factory=Turns)
    keep: timedelta = timedelta(days=30)
    lists: Lists = field(default_factory=Lists)
    wake: Callable[[], None] = lambda: None

    @property
    def catalog(self) -> Catalog:
        """The sources as they stand now."""
        return self.roster.catalog

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
