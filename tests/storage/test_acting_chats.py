from bot.core.model import Subscriber
from bot.storage import acting_chats, subscribers
from bot.storage.acting_chats import Acting
from bot.storage.database import Database
from tests import builders
from tests.builders import NOW

ANN = builders.chat("ann")
KESTREL, HARBOUR = builders.chat("-1001"), builders.chat("-1002")


async def of_ann(database: Database) -> Acting | None:
    async with database.read() as tx:
        return await acting_chats.find(tx, ANN)


async def begin(database: Database, *names: str) -> Subscriber:
    """Ann acts for one channel after the other; returns the last."""
    async with database.write() as tx:
        ann = await subscribers.ensure(tx, ANN, NOW)
        for name in names:
            channel = await subscribers.ensure(tx, {"Kestrel": KESTREL, "Harbour": HARBOUR}[name], NOW)
            await acting_chats.begin(tx, ann.id, channel.id, name)
    return channel


async def test_a_chat_acts_for_the_channel_that_it_chose_last(database: Database) -> None:
    assert await of_ann(database) is None
    channel = await begin(database, "Kestrel", "Harbour")
    assert await of_ann(database) == Acting(channel=channel.id, chat=HARBOUR, name="Harbour")
    async with database.write() as tx:
        await acting_chats.end(tx, KESTREL)
        assert await acting_chats.find(tx, HARBOUR) is None, "a channel acts for nobody"
        assert await acting_chats.find(tx, builders.chat("ann", thread="7")) is None
        assert await acting_chats.find(tx, ANN)
        await acting_chats.end(tx, ANN)
    assert await of_ann(database) is None


async def test_what_is_forgotten_acts_for_nobody_and_nobody_for_it(database: Database) -> None:
    channel = await begin(database, "Kestrel")
    async with database.write() as tx:
        await subscribers.forget(tx, channel.id)
    assert await of_ann(database) is None
    channel = await begin(database, "Kestrel")
    async with database.write() as tx:
        ann = await subscribers.ensure(tx, ANN, NOW)
        await subscribers.forget(tx, ann.id)
        assert await subscribers.find(tx, KESTREL) == channel, "the channel itself is kept"
    assert await of_ann(database) is None


async def test_a_channel_is_known_as_one(database: Database) -> None:
    async with database.write() as tx:
        for chat in (ANN, KESTREL):
            assert not (await subscribers.ensure(tx, chat, NOW)).is_channel
        await subscribers.mark_channel(tx, KESTREL)
        assert (await subscribers.ensure(tx, KESTREL, NOW)).is_channel
        assert not (await subscribers.ensure(tx, ANN, NOW)).is_channel
