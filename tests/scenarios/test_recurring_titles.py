"""One title on several articles of a source: a series of statements is news each time, one article is news once."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.core.stories.grouping import Grouper
from bot.storage.schema import items
from tests.fakes import Town, a_town, real_subject

STATEMENT = "Statement by the North Atlantic Council on Russia"
DRONES = "Allies condemn the incursion of drones into Polish airspace."
TRUCE = "Allies call on Moscow to answer the ceasefire proposal."
SPIES = "Allies expel forty diplomats who spied on ports in Norway."


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """Its stories are found as they ship."""
    async with a_town(tmp_path, grouper=Grouper(real_subject().lexicon)) as town:
        yield town


async def prints(town: Town, *entries: tuple[str, str], hours: float = 0) -> None:
    """The site shows these entries, each an id and a text under the one title, dated when they were first shown."""
    dates = {guid: at for guid, _, _, at in town.site.entries}
    now = town.clock.now()
    town.site.entries = [(guid, STATEMENT, text, dates.get(guid, now)) for guid, text in entries]
    await later(town, hours)


async def later(town: Town, hours: float) -> None:
    """What is there now is polled and told; so many hours on it is polled once more."""
    await town.advance(minutes=2)
    town.clock.advance(hours=hours)
    await town.turn()


async def test_a_series_of_statements_is_news_each_time(town: Town) -> None:
    await town.follow("ann", "atlantic")
    await prints(town, ("g1", DRONES), hours=24)
    await prints(town, ("g1", DRONES), ("g2", TRUCE), hours=24)
    await prints(town, ("g1", DRONES), ("g2", TRUCE), ("g3", SPIES), hours=1)
    assert town.alerts("ann") == [STATEMENT] * 3


async def test_two_statements_of_one_day_are_both_news(town: Town) -> None:
    await town.follow("ann", "atlantic")
    await prints(town, ("g1", DRONES))
    await prints(town, ("g1", DRONES), ("g2", TRUCE))
    assert town.alerts("ann") == [STATEMENT] * 2


async def test_a_feed_that_shows_one_statement_at_a_time_is_news_each_time(town: Town) -> None:
    await town.follow("ann", "atlantic")
    await prints(town, ("g1", DRONES), hours=24)
    await prints(town, ("g2", TRUCE), hours=24)
    assert town.alerts("ann") == [STATEMENT] * 2


async def test_statements_without_a_text_are_told_apart_by_time(town: Town) -> None:
    await town.follow("ann", "atlantic")
    await prints(town, ("g1", ""))
    await prints(town, ("g1", ""), ("g2", ""), hours=24)
    assert town.alerts("ann") == [STATEMENT], "within minutes it is the same one, put up again"
    await prints(town, ("g1", ""), ("g2", ""), ("g3", ""))
    assert town.alerts("ann") == [STATEMENT] * 2


async def test_a_report_that_is_put_up_again_with_more_to_say_is_news_once(town: Town) -> None:
    await town.follow("ann", "atlantic")
    await prints(town, ("g1", DRONES))
    await prints(town, ("g1", DRONES), ("g2", f"{DRONES} They fly more patrols from today on."))
    assert town.alerts("ann") == [STATEMENT]


async def test_a_source_whose_ids_and_links_change_at_each_fetch_stays_quiet(town: Town) -> None:
    await town.follow("ann", "atlantic")
    at = town.clock.now()
    for number in range(6):
        town.site.entries = [
            (f"a{number}", STATEMENT, DRONES, at),
            (f"b{number}", STATEMENT, TRUCE, at - timedelta(minutes=20)),
        ]
        await later(town, hours=3)
    assert len(town.alerts("ann")) == 2


async def test_a_source_that_shows_one_entry_under_ever_new_ids_stays_quiet(town: Town) -> None:
    await town.follow("ann", "atlantic")
    at = town.clock.now()
    for number in range(6):
        town.site.entries = [(f"a{number}", STATEMENT, DRONES, at)]
        await later(town, hours=0)
    assert town.alerts("ann") == [STATEMENT]


REPORTS = (
    ("Russian drone crosses into Estonia", "It flew twelve kilometres over Voru county before it fell in a field."),
    ("Baltic cable cut by ship", "Operators lost the link between Gotland and Ventspils at night."),
    ("Poland closes border with Belarus", "Warsaw shut Terespol after balloons with contraband."),
    ("Sweden boards Russian tanker", "Coast guards went aboard off Oland and questioned the captain."),
    ("Kremlin warns Finland about missiles", "Peskov said that bases near Lappeenranta would be targets."),
    ("NATO jets scrambled over Lithuania", "Two Spanish Eurofighters took off to meet a bomber escort."),
)


@pytest.mark.parametrize("stable", [3, 4, 5])
@pytest.mark.parametrize("turns", [0, 1], ids=["the same texts", "other texts"])
async def test_entries_whose_ids_and_links_change_beside_others_that_keep_theirs_are_news_once(
    town: Town, stable: int, turns: int
) -> None:
    await town.follow("ann", "estonia OR baltic OR poland OR sweden OR finland OR lithuania relevance:related")
    at = town.clock.now()
    texts = [text for _, text in REPORTS]
    for fetch in range(5):
        town.site.entries = [
            (f"s{number}", title, text, at - timedelta(minutes=number))
            if number < stable
            else (
                f"r{number}-{fetch}",
                title,
                texts[(number + turns * fetch) % len(texts)],
                at - timedelta(minutes=number),
            )
            for number, (title, text) in enumerate(REPORTS)
        ]
        await town.advance(minutes=2)
    assert len(town.alerts("ann")) == len(REPORTS)
    async with town.app.database.read() as tx:
        assert await tx.scalar(select(func.count()).select_from(items)) == len(REPORTS), "nothing is stored twice"
