"""Who is answered at all."""

from dataclasses import replace

import pytest

from bot.commands import answer
from bot.commands.framework.access import Access
from bot.commands.framework.admission import Admission
from bot.commands.framework.arguments import to_request
from bot.commands.framework.quota import MOST_ASKED
from bot.core.message.blocks import plain
from bot.core.model import Chat
from bot.storage import admissions
from tests import builders
from tests.commands.room import Room

OLGA = "telegram:1"
GROUP = builders.chat("-100123", platform="telegram")
ANN = builders.chat("77", platform="telegram")


class Door:
    """The way in, before the room."""

    def __init__(self, room: Room, *, is_open: bool) -> None:
        self.room = room
        owners = frozenset({OLGA})
        access = Access(is_open=is_open, owners=owners)
        room.services = replace(room.services, access=access, owners=owners)
        self.access = access
        self.admission = Admission(answer, room.services)

    async def say(
        self,
        line: str,
        *,
        chat: Chat = ANN,
        user: str = "77",
        shared: bool = False,
        admin: bool = False,
        needs_answer: bool = False,
    ) -> str | None:
        """What somebody is answered, None for silence."""
        request = to_request(chat, line, user=user, user_is_admin=admin or not shared, is_shared=shared)
        message = await self.admission.answer(replace(request, needs_answer=needs_answer))
        return plain(message) if message else None

    async def bring(self, by: str) -> str | None:
        """How a group is greeted, into which somebody has brought the bot."""
        request = to_request(GROUP, "/start", user=by, is_shared=True)
        message = await self.admission.answer(replace(request, is_greeting=True))
        return plain(message) if message else None

    async def order(self, line: str) -> str:
        """The owner's command, in the owner's own chat."""
        answered = await self.say(line, chat=builders.chat("1", platform="telegram"), user="1")
        assert answered is not None
        return answered


@pytest.fixture
def closed(room: Room) -> Door:
    return Door(room, is_open=False)


@pytest.fixture
def opened(room: Room) -> Door:
    return Door(room, is_open=True)


async def test_a_stranger_is_told_once_a_day_how_to_be_let_in(closed: Door) -> None:
    told = await closed.say("/latest", chat=GROUP)
    assert told == (
        "Sorry, I only answer chats and people my owner has given access.\nTo give this chat access, the owner can "
        "send me: /allow telegram:-100123"
    )
    assert await closed.say("/latest", chat=GROUP) is None
    assert await closed.say("/latest") is not None, "another chat"
    closed.room.clock.advance(hours=24)
    assert await closed.say("/latest", chat=GROUP) == told


async def test_what_strangers_are_told_to_send_lets_their_chat_in(closed: Door) -> None:
    told = await closed.say("/latest", chat=GROUP) or ""
    assert "now has access" in await closed.order(told.rpartition(": ")[2])
    assert "doesn't follow any rules" in (await closed.say("/rules", chat=GROUP) or "")
    assert "doesn't follow any rules" in (await closed.say("/rules", chat=replace(GROUP, thread="7")) or ""), (
        "with its topics"
    )
    assert "owner" in (await closed.say("/rules") or "")
    await closed.order("/disallow telegram:-100123")
    assert not closed.access.may_receive(GROUP)


async def test_a_person_who_is_let_in_brings_the_chat_along_but_not_the_others_in_it(closed: Door) -> None:
    await closed.order("/allow telegram:77")
    assert not closed.access.may_receive(GROUP)
    await closed.say("/rules", chat=GROUP, user="77")
    assert closed.access.may_receive(GROUP)
    assert "owner" in (await closed.say("/rules", chat=GROUP, user="88") or "")
    assert "telegram:-100123, where telegram:77 asks" in await closed.order("/allow")
    await closed.order("/disallow telegram:77")
    assert not closed.access.may_receive(GROUP)


async def test_a_chat_that_is_named_itself_outlasts_whoever_brought_it(closed: Door) -> None:
    await closed.order("/allow telegram:77")
    await closed.say("/rules", chat=GROUP, user="77")
    await closed.order("/allow telegram:-100123")
    await closed.order("/disallow telegram:77")
    assert closed.access.may_receive(GROUP)


async def test_chats_of_somebody_who_is_an_owner_no_more_are_let_in_no_longer(closed: Door) -> None:
    await closed.say("/rules", chat=GROUP, user="1")
    assert closed.access.may_receive(GROUP)
    after = Access(is_open=False)
    async with closed.room.database.read() as tx:
        after.change(await admissions.entries(tx))
    assert not after.may_receive(GROUP)


async def test_a_group_is_greeted_where_the_bot_was_brought_by_somebody_who_is_let_in(closed: Door) -> None:
    await closed.order("/allow telegram:77")
    assert (await closed.bring("77") or "").startswith("Welcome to Faultline.")
    assert (await closed.bring("1") or "").startswith("Welcome to Faultline.")
    assert closed.access.may_receive(GROUP)


async def test_a_stranger_who_brings_the_bot_into_a_group_spends_no_word_of_it(closed: Door) -> None:
    assert await closed.bring("99") is None
    assert "owner" in (await closed.say("/rules", chat=GROUP, user="99", shared=True) or "")
    assert not closed.access.may_receive(GROUP)


async def test_owners_are_always_let_in(closed: Door) -> None:
    assert "doesn't follow any rules" in (await closed.say("/rules", chat=GROUP, user="1") or "")
    for _ in range(30):
        assert await closed.order("/rules")


async def test_the_list_is_only_for_owners(opened: Door) -> None:
    assert await opened.say("/allow telegram:77") == (
        "Only the owner of this bot can do that. /help lists what you can ask."
    )
    assert await opened.order("/disallow telegram:5") == "telegram:5 isn't on the list. /allow shows the list."
    assert "should be a platform and a number" in await opened.order("/allow ann")
    assert "Right now anyone can use this bot" in await opened.order("/allow telegram:77")
    assert opened.access.may_receive(GROUP)


async def test_after_twenty_questions_one_polite_word_and_then_silence(opened: Door) -> None:
    for _ in range(20):
        assert "isn't a command" in (await opened.say("/nonsense") or "")
    opened.room.clock.advance(seconds=25)
    assert await opened.say("/latest") == "That was 20 questions in a minute; I'll answer again in 35 seconds."
    assert await opened.say("/latest") is None
    assert await opened.say("/rules", chat=GROUP, user="88") is not None, "others are answered"
    assert await opened.say("/rules", chat=GROUP, user="77") is None, "the same person in another chat"
    opened.room.clock.advance(seconds=35)
    assert await opened.say("/rules") is not None


async def test_in_a_group_one_person_has_a_smaller_share(opened: Door) -> None:
    for _ in range(6):
        assert await opened.say("/rules", chat=GROUP, shared=True) is not None
    opened.room.clock.advance(seconds=25)
    assert await opened.say("/rules", chat=GROUP, shared=True) == (
        "That was 6 questions in a minute; I'll answer again in 35 seconds."
    )
    assert await opened.say("/rules", chat=replace(GROUP, thread="7"), shared=True) is None, "its topics share with it"
    assert await opened.say("/rules", chat=GROUP, user="88", shared=True) is not None, "others are answered"
    assert await opened.say("/rules") is not None, "the same person in private"


async def test_in_a_group_what_admins_change_takes_nothing_from_their_share(opened: Door) -> None:
    for _ in range(12):
        assert "Sound" in (await opened.say("/settings", chat=GROUP, shared=True, admin=True) or "")
    for _ in range(6):
        assert "doesn't follow any rules" in (await opened.say("/rules", chat=GROUP, shared=True) or "")
    assert "6 questions" in (await opened.say("/rules", chat=GROUP, shared=True) or "")


async def test_where_the_user_is_unknown_the_chat_is_counted(opened: Door) -> None:
    for _ in range(20):
        assert await opened.say("/rules", chat=GROUP, user="") is not None
    assert "20 questions" in (await opened.say("/rules", chat=GROUP, user="") or "")
    assert await opened.say("/rules", user="") is not None


async def test_where_silence_looks_like_a_fault_everybody_is_told_each_time(opened: Door, closed: Door) -> None:
    for _ in range(MOST_ASKED):
        await opened.say("/rules", needs_answer=True)
    refused = [await opened.say("/rules", needs_answer=True) for _ in range(3)]
    assert all(each is not None and each.startswith("That was 20 questions") for each in refused)
    strangers = [await closed.say("/rules", needs_answer=True) for _ in range(3)]
    assert all(each is not None and each.startswith("Sorry, I only answer") for each in strangers)
