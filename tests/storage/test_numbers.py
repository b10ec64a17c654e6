"""Numbers of rules are never given again, neither after an upgrade nor after a chat has moved."""

from dataclasses import replace
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from bot.core.model import Chat
from bot.storage import chat_moves, schema, subscribers
from bot.storage.database import Database, open_database
from tests.builders import NOW

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
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    with create_engine(f"sqlite:///{tmp_path}/a.db").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for name in ("ann", "old"):
            connection.execute(
                text(
                    "INSERT INTO subscribers (platform, address, thread, relevance, created) "
                    f"VALUES ('console', '{name}', '', 'core', 0)"
                )
            )
        connection.execute(text("INSERT INTO rules (text, names_relevance) VALUES ('cable', 0)"))
        connection.execute(
            text("INSERT INTO followings (subscriber_id, number, rule_id, created) VALUES (1, 2, 1, 0), (2, 3, 1, 0)")
        )
        connection.execute(
            text(
                "INSERT INTO deliveries (subscriber_id, state, due, attempts, created, told_number) "
                "VALUES (1, 'sent', 0, 1, 0, 7)"
            )
        )
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
