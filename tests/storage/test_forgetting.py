"""That /forget forgets: every table is looked through, also those that are still to come."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import ForeignKey, select

from bot.commands.framework.arguments import to_request
from bot.core.message.blocks import plain
from bot.core.model import Chat
from bot.storage import acting_chats, admissions, subscribers
from bot.storage.schema import metadata
from tests.fakes import Town, a_life, a_town, button

# Whose chat, and the words that only this person has used.
ANN, WORD, TITLE = "7770007", "zeppelin", "Zeppelin of NATO crosses into Russia, jets scrambled"
OWN, GROUP, CHANNEL = (Chat(platform="fake", address=address) for address in (ANN, "-5", "-6"))

# Each table, and whether it may hold anything about a chat or a person. Sort a new one in here.
ABOUT_PEOPLE = {
    "subscribers",
    "acting",
    "followings",
    "drafts",
    "mutes",
    "deliveries",
    "alert_messages",
    "alert_headlines",
    "admissions",
    "publications",
}
ABOUT_RULES = {"rules"}
ABOUT_NEWS = {"poll_states", "items", "former_titles", "item_keys", "stories", "story_levels", "matches", "fanouts"}
ABOUT_THE_BOT = {"switches", "added_sources", "broadcasts"}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path) as town:
        yield town


async def ask(town: Town, line: str, *, where: Chat = OWN, shared: bool = False) -> str:
    """Ann asks in a chat, and presses the first button where there is one to confirm."""
    request = to_request(where, line, user=ANN, is_shared=shared)
    answered = await town.chats.asked(request)
    assert answered is not None
    if line.startswith("/follow"):
        line = answered.buttons[0][0].command
        await town.chats.asked(to_request(where, line, user=ANN, is_shared=shared, from_button=True))
    return plain(answered)


async def rows(town: Town) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    async with town.app.database.read() as tx:
        return {
            table.name: [repr(tuple(row)) for row in await tx.execute(select(table))]
            for table in metadata.sorted_tables
        }


async def lives_here(town: Town) -> None:
    """Ann uses all that there is, and leaves traces in other chats."""
    await ask(town, f"/follow {WORD} relevance:related")
    await ask(town, f"/follow {WORD}2", where=GROUP, shared=True)
    await town.chats.asked(to_request(OWN, f"/follow {WORD}3", user=ANN))
    await ask(town, f"/mute {WORD}4")
    town.publish(TITLE)
    await town.advance(minutes=2)
    assert town.alerts(ANN) == [TITLE]
    async with town.app.database.write() as tx:
        channel = await subscribers.ensure(tx, CHANNEL, town.clock.now())
        own = await subscribers.find(tx, OWN)
        assert own is not None
        await acting_chats.begin(tx, own.id, channel.id, "Harbour")
        await subscribers.note_set_up(tx, GROUP, ANN)
        await admissions.admit(tx, f"fake:{ANN}", town.clock.now())
        await admissions.admit(tx, "fake:-5", town.clock.now(), brought_by=f"fake:{ANN}")


def test_every_table_is_known_to_be_about_people_or_not() -> None:
    assert set(metadata.tables) == ABOUT_PEOPLE | ABOUT_RULES | ABOUT_NEWS | ABOUT_THE_BOT


def test_what_belongs_to_a_chat_goes_with_it() -> None:
    about_chats = {"subscribers"}
    for _ in ABOUT_PEOPLE:
        for key in keys():
            if key.column.table.name in about_chats:
                assert key.ondelete == "CASCADE", key
                about_chats.add(key.parent.table.name)
    assert about_chats == ABOUT_PEOPLE - {"admissions"}


def keys() -> Iterator[ForeignKey]:
    return (key for table in metadata.sorted_tables for key in table.foreign_keys)


async def test_nothing_about_a_person_is_left_in_any_table(town: Town) -> None:
    await lives_here(town)
    before = await rows(town)
    assert all(before[name] for name in ABOUT_PEOPLE - {"publications"})
    async with town.app.database.read() as tx:
        own = await subscribers.find(tx, OWN)
    assert own is not None
    for chat in (OWN, GROUP):
        request = to_request(chat, "/forget yes", user=ANN, is_shared=chat is GROUP)
        answered = await town.chats.asked(request)
        assert answered is not None
        assert "Nothing is kept about this chat any more" in plain(answered)
    after = await rows(town)
    left = [
        (name, row)
        for name, found in after.items()
        for row in found
        if ANN in row or (WORD in row and name not in ABOUT_NEWS)
    ]
    assert left == []
    assert before["matches"]
    assert after["matches"] == [], "which stories somebody's words have hit"
    for table in metadata.sorted_tables:
        columns = [
            column
            for column in table.columns
            if any(key.column.table.name == "subscribers" for key in column.foreign_keys)
        ]
        async with town.app.database.read() as tx:
            for column in columns:
                assert await tx.scalar(select(column).where(column == own.id)) is None, column


async def test_what_let_a_chat_in_goes_with_its_last_topic(town: Town) -> None:
    topics = [Chat(platform="fake", address="-7", thread=thread) for thread in ("", "3")]
    for topic in topics:
        await ask(town, "/follow cable", where=topic, shared=True)
    async with town.app.database.write() as tx:
        await admissions.admit(tx, "fake:-7", town.clock.now())
    await ask(town, "/forget yes", where=topics[0], shared=True)
    assert len((await rows(town))["admissions"]) == 1
    await ask(town, "/forget yes", where=topics[1], shared=True)
    assert (await rows(town))["admissions"] == []


async def test_who_must_be_let_in_again_is_told_before(town: Town) -> None:
    life = await a_life(town.app.database, (), {}, town.clock, access="allowlist")
    async with life.app.database.write() as tx:
        await admissions.admit(tx, f"fake:{ANN}", life.clock.now())
    again = await a_life(town.app.database, (), {}, town.clock, access="allowlist")
    asked = await again.say(ANN, "/forget")
    assert "It also comes off the owner's access list: the owner would have to give it access again." in plain(asked)
    await again.say(ANN, button(asked, "Delete it all").command)
    assert "I only answer chats and people my owner has given access" in plain(await again.say(ANN, "/latest"))
