from bot.storage import subscribers
from bot.storage.database import Database
from tests import builders
from tests.builders import NOW


async def test_a_draft_is_read_by_its_own_chat_alone_and_stays(database: Database) -> None:
    ann, topic = builders.chat("ann"), builders.chat("ann", thread="7")
    async with database.write() as tx:
        subscriber = await subscribers.ensure(tx, ann, NOW)
        await subscribers.ensure(tx, topic, NOW)
        draft = await subscribers.save_draft(tx, subscriber.id, "tanker", NOW)
    async with database.read() as tx:
        assert await subscribers.draft_of(tx, ann, draft) == "tanker"
        assert await subscribers.draft_of(tx, ann, draft) == "tanker"
        assert await subscribers.draft_of(tx, topic, draft) is None
        assert await subscribers.draft_of(tx, builders.chat("eve"), draft) is None
        assert await subscribers.draft_of(tx, ann, draft + 1) is None
