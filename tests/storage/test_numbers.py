"""Numbers of rules are never given again, neither after an upgrade nor after a chat has moved."""

from dataclasses import replace
from pathlib import Path

from bot.core.model import Chat
from bot.storage import chat_moves, subscribers
from bot.storage.database import Database, open_database
from tests.builders import NOW
from tests.storage.migrant import old_database

CHAT = Chat(platform="console", address="ann")
OLD = replace(CHAT, address="old")


async def followed(database: Database, chat: Chat, *rules: str) -> list[int]:
    """A chat follows these rules; their numbers."""
    async with database.write() as tx:
        who = await subscribers.ensure(tx, chat, NOW)
        saved = [await subscribers.follow(tx, who.id, rule, names_relevance=False, now=NOW) for rule in rules]
    return [each.following.number for each in saved]


async def ended(database: Database, chat: Chat, rule: str) -> None:
    async with database.write() as tx:
        who = await subscribers.ensure(tx, chat, NOW)
        (following,) = [each for each in await subscribers.followings_of(tx, who.id) if each.text == rule]
        await subscribers.unfollow(tx, following)


async def test_a_database_of_before_goes_on_after_the_numbers_that_its_rules_and_alerts_have(tmp_path: Path) -> None:
    come = "INSERT INTO subscribers (platform, address, thread, relevance, created)"
    rows = [
        *(f"{come} VALUES ('console', '{name}', '', 'core', 0)" for name in ("ann", "old")),
        "INSERT INTO rules (id, text, names_relevance) VALUES (1, 'cable', 0)",
        "INSERT INTO followings (subscriber_id, number, rule_id, created) "
        "SELECT id, CASE address WHEN 'ann' THEN 2 ELSE 3 END, 1, 0 FROM subscribers",
        "INSERT INTO deliveries (subscriber_id, state, due, attempts, created, told_number) "
        "SELECT id, 'sent', 0, 1, 0, 7 FROM subscribers WHERE address = 'ann'",
    ]
    old_database(tmp_path / "a.db", rows=rows)
    database = await open_database(f"sqlite:///{tmp_path}/a.db")
    assert await followed(database, CHAT, "drone") == [8], "an alert names rule 7, which has ended"
    assert await followed(database, OLD, "cable", "drone") == [3, 4]
    await database.close()


async def test_chats_that_become_one_give_no_number_of_either_again(database: Database) -> None:
    await followed(database, OLD, "cable", "kestrel", "drone")
    await ended(database, OLD, "drone")
    await followed(database, CHAT, "tanker")
    async with database.write() as tx:
        await chat_moves.move(tx, OLD, CHAT)
    assert await followed(database, CHAT, "ferry") == [5], "cable became rule 4, and rule 3 has ended"
