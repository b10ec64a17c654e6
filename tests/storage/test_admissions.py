"""Who is let in, as it is kept."""

from datetime import timedelta

import pytest

from bot.storage import admissions
from bot.storage.database import Database
from tests.builders import NOW

OLD, NEW = "telegram:-9", "telegram:-1009"
ANN = "telegram:77"


@pytest.mark.parametrize(
    ("there", "after"),
    [
        ({OLD: None}, {NEW: None}),
        ({OLD: ANN}, {NEW: ANN}),
        ({OLD: None, NEW: ANN}, {NEW: None}),
        ({OLD: ANN, NEW: None}, {NEW: None}),
        ({NEW: None}, {NEW: None}),
        ({}, {}),
    ],
)
async def test_a_chat_that_moves_stays_let_in_as_firmly_as_it_was_anywhere(
    database: Database, there: dict[str, str | None], after: dict[str, str | None]
) -> None:
    async with database.write() as tx:
        for entry, brought_by in there.items():
            await admissions.admit(tx, entry, NOW, brought_by=brought_by)
        await admissions.admit(tx, "telegram:5", NOW + timedelta(hours=1))
        for _ in range(2):  # platforms tell of it twice
            await admissions.move(tx, OLD, NEW)
        assert await admissions.entries(tx) == after | {"telegram:5": None}
