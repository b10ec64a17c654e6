from dataclasses import replace
from datetime import timedelta

from bot.commands.framework.access import Access
from bot.core.message.blocks import plain
from bot.core.model import Sent, Urgency
from bot.core.wording.announcement import announcement
from bot.storage import outbox, subscribers
from tests.builders import NOW, chat
from tests.commands.room import Room

TEXT = "We move tonight.\nAlerts pause for an hour.\n\n<b>Nothing</b> is *lost*."


async def talking(room: Room, *addresses: str) -> None:
    async with room.database.write() as tx:
        for address in addresses:
            name, _, thread = address.partition("/")
            await subscribers.ensure(tx, chat(name, thread=thread), NOW)


def test_lines_and_paragraphs_stay_and_markup_is_none() -> None:
    assert plain(announcement(TEXT)) == TEXT
    assert all(not run.bold and not run.url for block in announcement(TEXT).blocks for run in block.runs)


async def test_the_preview_is_what_is_sent_and_to_how_many(room: Room) -> None:
    await talking(room, "ann", "bob", "forum/1", "forum/2")
    async with room.database.write() as tx:
        await subscribers.ensure(tx, chat("far", platform="elsewhere"), NOW)
        await subscribers.ensure(tx, chat("gone"), NOW)
        await subscribers.mark_unreachable(tx, chat("gone"), NOW)
    preview = await room.say(f"/broadcast {TEXT}", user="olga")
    assert preview.text == f"Send this to 3 chats?\n\n{TEXT}"
    assert await room.owed() == 0
    sent = await room.press(preview, "Send it", user="olga")
    assert sent.lines[0] == "On its way to 3 chats."
    assert await room.owed() == 3


async def test_a_second_press_sends_nothing_twice(room: Room) -> None:
    await talking(room, "ann")
    preview = await room.say("/broadcast Hello", user="olga")
    await room.press(preview, "Send it", user="olga")
    for label in ("Send it", "Don't send"):
        assert (await room.press(preview, label, user="olga")).text.startswith(
            "That question has already been answered"
        )
    assert await room.owed() == 1


async def test_what_is_not_confirmed_is_not_sent(room: Room) -> None:
    await talking(room, "ann")
    preview = await room.say("/broadcast Hello", user="olga")
    assert (await room.press(preview, "Don't send", user="olga")).lines == ["Not sent."]
    assert (await room.press(preview, "Send it", user="olga")).text.startswith(
        "That question has already been answered"
    )
    assert await room.owed() == 0


async def test_only_owners_may_broadcast(room: Room) -> None:
    await talking(room, "ann")
    preview = await room.say("/broadcast Hello", user="olga")
    assert (await room.say("/broadcast Hello")).text.startswith("Only the owner")
    assert (await room.press(preview, "Send it")).text.startswith("Only the owner")
    assert await room.owed() == 0


async def test_a_broadcast_is_one_message_everywhere(room: Room) -> None:
    reply = await room.say("/broadcast " + "a" * 1801, user="olga")
    assert reply.text.startswith("Text has 1,801 characters; the limit is 1,800.")


async def test_its_progress_is_told(room: Room) -> None:
    await talking(room, "ann", "bob")
    assert (await room.say("/broadcast", user="olga")).text.startswith("Add the message to send:")
    await room.press(await room.say("/broadcast Hello", user="olga"), "Send it", user="olga")
    async with room.database.write() as tx:
        (first, _) = await outbox.claim(tx, ("console",), Urgency.DIGEST, NOW, limit=10, lease=timedelta(minutes=1))
        assert first.story is None
        await outbox.settle(tx, first.id, Sent(ref="1"), NOW)
    told = "Broadcast just now: 1 sent, 1 waiting, 0 couldn't be reached."
    assert (await room.say("/broadcast", user="olga")).lines[:2] == ["Hello", told]


async def test_a_pause_drops_alerts_but_no_broadcast(room: Room) -> None:
    await talking(room, "ann")
    await room.press(await room.say("/broadcast Hello", user="olga"), "Send it", user="olga")
    await room.say("/pause 8h")
    assert await room.owed() == 1


async def test_only_chats_that_are_let_in_are_told(room: Room) -> None:
    await talking(room, "ann", "bob")
    access = Access(is_open=False, owners=room.services.owners)
    access.change({"console:bob": None})
    room.services = replace(room.services, access=access)
    preview = await room.say("/broadcast Hello", user="olga")
    assert preview.lines[0] == "Send this to 1 chat?"
