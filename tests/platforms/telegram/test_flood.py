from tests.commands.room import Room as Desk
from tests.platforms.telegram.flood import a_flood


async def test_people_are_answered_at_once_while_alerts_are_queued(desk: Desk) -> None:
    """In real time, with Telegram's limits; with a thousand alerts in tests/bench/test_telegram_flood.py."""
    flood = await a_flood(desk.database, people=18, groups=2, alerts=3, asking=5, first=0.2, every=0.4, most=15)
    assert flood.messages == 65
    assert max(flood.waits) < 1.5
    assert not flood.refusals
