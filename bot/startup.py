"""What the bot remembers from before: read from the database at the start, before anybody is served."""

import structlog

from bot.commands.framework.access import Access
from bot.core.rules.aliases import Aliases
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.errors import RuleError
from bot.sources.catalog import Catalog
from bot.sources.roster import Roster
from bot.storage import admissions, outbox, source_changes, subscribers
from bot.storage.database import Database

log = structlog.get_logger()


async def load_roster(database: Database, catalog: Catalog) -> Roster:
    """The configured sources with what owners have changed about them."""
    async with database.read() as tx:
        added, switched = await source_changes.added(tx), await source_changes.switched(tx)
    roster = Roster(catalog)
    roster.change(added=added, switched=switched)
    return roster


async def load_rules(database: Database, aliases: Aliases) -> RuleIndex:
    """The index of all rules that somebody follows."""
    async with database.read() as tx:
        followed = await subscribers.all_rules(tx)
    readable = []
    for rule, text in followed.items():
        try:
            readable.append((rule, parse_rule(text)))
        except RuleError as error:
            # Only after a change of the language itself: its chats keep the rule and /rules shows it.
            log.warning("a followed rule cannot be read any more", rule=text, problem=str(error))
    index = RuleIndex(aliases)
    index.add_all(readable)
    return index


async def recover(database: Database) -> None:
    """Owe again what the last run had taken up and did not come to settle."""
    async with database.write() as tx:
        unsettled = await outbox.recover(tx)
    if unsettled:
        log.info("alerts that the last run had taken up are queued again", alerts=unsettled)


async def load_access(database: Database, owners: frozenset[str], *, is_open: bool) -> Access:
    """Who is let in."""
    access = Access(is_open=is_open, owners=owners)
    async with database.read() as tx:
        access.change(await admissions.entries(tx))
    return access
