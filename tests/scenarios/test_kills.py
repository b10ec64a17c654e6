"""Two hundred kills of the bot, at any moment, on Telegram and Discord: nothing is lost, next to nothing comes twice.

`make kills` prints how much. Every answer of a platform takes as long as over a network, so that each kill finds some
messages that have arrived and of which the bot has not heard.
"""

import asyncio
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Protocol

import pytest
from sqlalchemy import text

from bot.core.rules.rule import parse_rule
from bot.storage import subscribers
from tests.builders import NOW
from tests.polling.old_news import MONTH, store_old_news
from tests.scenarios.killed_bot import (
    ANSWER_TIME,
    MIGRATING,
    Account,
    Bot,
    Inbox,
    Servers,
    both_platforms,
    title,
    until,
)
from tests.storage.migrant import old_database

KILLS = 200
SEED = 20261130
MOST_WAITING = 4  # alerts a chat; no more news until they have gone, or the platforms' limits take the time
ON_PAUSE = 12_000  # more than one chunk of a fan-out
IN_2100 = 4_102_444_800_000_000  # as the database keeps it
OLD_STORIES = 20_000
TOLD_BEFORE = 500


async def follow(bot: Bot, inboxes: Sequence[Inbox]) -> None:
    """These chats come and follow what the feed is about."""
    async with bot.database() as database, database.write() as tx:
        for inbox in inboxes:
            there = await subscribers.ensure(tx, inbox.chat, NOW)
            await subscribers.follow(tx, there.id, str(parse_rule("cable")), names_relevance=False, now=NOW)


async def follow_in_a_crowd(bot: Bot, inboxes: Sequence[Inbox]) -> None:
    """They do, but between the first half and the second come so many on pause that a fan-out has two chunks."""
    half = len(inboxes) // 2
    numbers = f"WITH RECURSIVE n(value) AS (VALUES (1) UNION ALL SELECT value + 1 FROM n WHERE value < {ON_PAUSE})"
    come = "INSERT INTO subscribers (platform, address, thread, relevance, created, paused_until)"
    follow_too = "INSERT INTO followings (subscriber_id, number, rule_id, created)"
    await follow(bot, inboxes[:half])
    async with bot.database() as database, database.write() as tx:
        await tx.execute(text(f"{come} {numbers} SELECT 'telegram', value + 1000000, '', 'core', 0, {IN_2100} FROM n"))
        paused = "SELECT id, 1, (SELECT id FROM rules), 0 FROM subscribers WHERE paused_until IS NOT NULL"
        await tx.execute(text(f"{follow_too} {paused}"))
    await follow(bot, inboxes[half:])


async def nothing_more(_bot: Bot) -> None:
    """What there is, is enough."""


async def much_to_delete(bot: Bot) -> None:
    """Two months of news that were kept for one."""
    if bot.count("stories") < OLD_STORIES / 2:
        async with bot.database() as database:
            await store_old_news(database, OLD_STORIES, datetime.now(UTC))


def published_version_owing(bot: Bot, inboxes: Sequence[Inbox]) -> int:
    """A database of the first published version, which owes each chat one alert; returns the number of its story."""
    number = next(bot.numbers)
    story = TOLD_BEFORE + 1 + number  # no other bot's: the buttons of a message tell of its story
    now, old = (int(at.timestamp() * 1e6) for at in (datetime.now(UTC), datetime.now(UTC) - MONTH / 3))
    numbers = f"WITH RECURSIVE n(id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM n WHERE id < {TOLD_BEFORE})"
    stories = "INSERT INTO stories (id, relevance, topics, level, revision, created, updated)"
    items = (
        "INSERT INTO items (story_id, source_id, source_name, publisher, publisher_kind, side, lang, title, summary, "
        "published, first_seen, relevance, topics)"
    )
    told = "'westmark', 'Westmark Daily', 'Westmark Daily', 'other', 'west', 'en'"
    deliveries = (
        "INSERT INTO deliveries (subscriber_id, story_id, rule_id, state, due, attempts, ref, created, settled, told, "
        "told_level, told_revision)"
    )
    rows = [
        "INSERT INTO rules (id, text, names_relevance) VALUES (1, 'cable', 0)",
        *(
            "INSERT INTO subscribers (platform, address, thread, relevance, created) "
            f"VALUES ('{inbox.chat.platform}', '{inbox.chat.address}', '', 'core', 1)"
            for inbox in inboxes
        ),
        "INSERT INTO followings (subscriber_id, number, rule_id, created) SELECT id, 1, 1, 1 FROM subscribers",
        f"{stories} {numbers} SELECT id, 'core', '[]', 'normal', 1, {old}, {old} FROM n",
        f"{stories} VALUES ({story}, 'core', '[]', 'normal', 1, {now}, {now})",
        f"{items} {numbers} SELECT id, {told}, 'Cable ' || id, '', {old}, {old}, 'core', '[]' FROM n",
        f"{items} VALUES ({story}, {told}, '{title(number)}', '', {now}, {now}, 'core', '[]')",
        f"{deliveries} SELECT s.id, t.id, 1, 'sent', {old}, 1, t.id, {old}, {old}, {old}, 'normal', 1 "
        "FROM subscribers s, stories t "
        f"WHERE t.id <= {TOLD_BEFORE}",
        f"{deliveries} SELECT id, {story}, 1, 'queued', {now}, 0, NULL, {now}, NULL, NULL, NULL, NULL FROM subscribers",
    ]
    old_database(bot.folder / "faultline.db", rows=rows)
    return number


MakeBot = Callable[[], Bot]


async def in_service(
    kills: int,
    make: MakeBot,
    account: Account,
    random: Random,
    *,
    begin: Callable[[Bot, Sequence[Inbox]], Awaitable[None]] = follow,
    before_each: Callable[[Bot], Awaitable[None]] = nothing_more,
) -> None:
    """One bot, killed again and again while it starts, reads a story and sends its alerts."""
    bot = make()
    await begin(bot, account.inboxes)
    bot.publish()
    await bot.lives_until(bot.owes_nothing)  # the first reading alerts nobody
    account.owed.add(bot.publish())
    longest = await bot.lives_until(bot.owes_nothing)
    for _ in range(kills):
        await before_each(bot)
        if account.waiting < MOST_WAITING * len(account.inboxes):
            account.owed.add(bot.publish())
        async with bot.life() as process:
            if random.random() < 0.5:
                await asyncio.sleep(random.uniform(0, longest))
            else:
                enough = account.arrivals + random.randint(1, len(account.inboxes))
                await until(partial(account.has_come_to, enough), process)
                await asyncio.sleep(random.uniform(0, ANSWER_TIME))
        account.close_life(was_killed=True)
    await bot.lives_until(bot.owes_nothing)
    account.close_life(was_killed=False)


async def first_starts(kills: int, make: MakeBot, account: Account, random: Random) -> None:
    """Bots that are killed in their very first start; then chats come, and news."""
    start = Start()
    for kill in range(kills + 1):
        bot = make()
        bot.publish()
        if kill:
            await start.is_killed(bot, random)
            account.close_life(was_killed=True)
        else:
            await start.is_measured(bot, bot.knows_all)
        await follow(bot, account.inboxes)
        async with bot.life() as process:
            await until(bot.knows_all, process)
            account.owed.add(bot.publish())
            await until(bot.owes_nothing, process)
        account.close_life(was_killed=False)


async def migrations(kills: int, make: MakeBot, account: Account, random: Random) -> None:
    """Bots that are killed while they begin on a database of the first published version, which owes alerts."""
    start = Start()
    for kill in range(kills + 1):
        bot = make()
        bot.publish()
        async with MIGRATING:
            account.owed.add(published_version_owing(bot, account.inboxes))
        if kill:
            await start.is_killed(bot, random)
            account.close_life(was_killed=True)
            await bot.lives_until(bot.owes_nothing)
        else:
            await start.is_measured(bot, bot.owes_nothing)
        account.close_life(was_killed=False)


@dataclass(slots=True)
class Start:
    """How long starts take here, in seconds: until the tables are there, and until all is done."""

    opening: float = 0
    whole: float = 0

    async def is_measured(self, bot: Bot, is_done: Callable[[], bool]) -> None:
        async with bot.life() as process:
            self.opening = await until(bot.has_tables, process)
            self.whole = self.opening + await until(is_done, process)

    async def is_killed(self, bot: Bot, random: Random) -> None:
        """Half of the kills come before the tables are there."""
        longest = self.opening if random.random() < 0.5 else self.whole
        async with bot.life():
            await asyncio.sleep(random.uniform(0, longest))


class Play(Protocol):
    """What happens in a phase."""

    def __call__(self, kills: int, make: MakeBot, account: Account, random: Random, /) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class Phase:
    name: str
    kills: int
    inboxes: Callable[[Servers], Sequence[Inbox]]
    play: Play


PHASES = (
    Phase("Telegram, people and groups", 40, lambda servers: servers.people(4) + servers.groups(2), in_service),
    Phase(
        "Telegram, fan-out to 40 of 12,000",
        30,
        lambda servers: servers.people(40),
        partial(in_service, begin=follow_in_a_crowd),
    ),
    Phase("Discord, text channels", 35, lambda servers: servers.channels(6), in_service),
    Phase("Discord, forum posts", 35, lambda servers: servers.forums(4), in_service),
    Phase("both, first starts", 20, Servers.one_of_each, first_starts),
    Phase("both, migrations", 20, Servers.one_of_each, migrations),
    Phase("both, housekeeping", 20, Servers.one_of_each, partial(in_service, before_each=much_to_delete)),
)


async def play(phase: Phase, folder: Path) -> Account:
    async with both_platforms() as servers:
        account = Account(phase.inboxes(servers))
        numbers, folders = count(), count()
        await phase.play(
            phase.kills,
            lambda: Bot(folder / str(next(folders)), servers, numbers),
            account,
            Random(f"{SEED} {phase.name}"),
        )
        return account


@pytest.mark.kills
async def test_two_hundred_kills_lose_no_alert_and_repeat_next_to_none(tmp_path: Path) -> None:
    assert sum(phase.kills for phase in PHASES) == KILLS
    print(f"\n{'phase':34}{'kills':>6}{'alerts':>8}{'lost':>6}{'repeated':>10}{'a kill: median':>16}{'worst':>7}")
    two_at_once = asyncio.Semaphore(2)

    async def played(phase: Phase) -> Account:
        async with two_at_once:
            account = await play(phase, tmp_path / phase.name)
        print(row(phase.name, account.alerts, account.lost, account.repeats), flush=True)
        return account

    accounts = await asyncio.gather(*map(played, PHASES))
    repeats = [each for account in accounts for each in account.repeats]
    lost = sum(account.lost for account in accounts)
    print(row("all", sum(account.alerts for account in accounts), lost, repeats))
    assert lost == 0
    assert sum(repeats) == sum(account.repeated for account in accounts)
    assert len(repeats) == KILLS
    assert statistics.median(repeats) <= 1
    assert max(repeats) <= 10


def row(name: str, alerts: int, lost: int, repeats: Sequence[int]) -> str:
    median = f"{statistics.median(repeats):g}"
    return f"{name:34}{len(repeats):6}{alerts:8,}{lost:6}{sum(repeats):10}{median:>16}{max(repeats):7}"
