from datetime import UTC, datetime, timedelta

import pytest

from bot.core.intake.items import is_identified_by_link, plausible_date, to_items
from bot.core.model import FeedEntry, Item, PublisherKind
from tests.builders import NOW, source


@pytest.mark.parametrize(
    ("published", "kept"),
    [
        (None, NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW),
        (NOW + timedelta(days=400), NOW),
        (NOW + timedelta(minutes=3), NOW),
        (NOW - timedelta(days=2), NOW - timedelta(days=2)),
        (NOW.replace(hour=0), NOW),
        (NOW.replace(hour=0) - timedelta(days=1), NOW.replace(hour=0) - timedelta(days=1)),
    ],
)
def test_dates_that_lie_become_now(published: datetime | None, kept: datetime) -> None:
    assert plausible_date(published, NOW) == kept


def linked(*links: str) -> list[Item]:
    entries = [FeedEntry(title=f"Report {n}", link=link) for n, link in enumerate(links)]
    return sorted(to_items(source(), entries, NOW), key=lambda item: item.title)


def test_links_that_differ_only_after_the_mark_are_shown_and_identify_nothing() -> None:
    page = "https://northgate.example/live"
    first, second, plain, own = linked(f"{page}#1", f"{page}#2", page, "https://northgate.example/a#top")
    assert [item.url for item in (first, second, plain)] == [f"{page}#1", f"{page}#2", page]
    assert not any(is_identified_by_link(item) for item in (first, second, plain))
    assert set(first.keys).isdisjoint(second.keys)
    assert own.url == "https://northgate.example/a"
    assert is_identified_by_link(own)


@pytest.mark.parametrize("guid", ["{}://northgate.example/a", None])
def test_an_article_is_known_again_under_https(guid: str | None) -> None:
    before, after = (
        to_items(
            source(),
            [
                FeedEntry(
                    title="Drones over Kestrel harbour",
                    guid=guid and guid.format(scheme),
                    link=f"{scheme}://northgate.example/a",
                    published=date,
                )
            ],
            NOW,
        )[0]
        for scheme, date in (("http", NOW), ("https", NOW - timedelta(minutes=1)))
    )
    assert len(set(before.keys) & set(after.keys)) == (2 if guid else 1)


@pytest.mark.parametrize("kind", PublisherKind)
def test_only_an_aggregator_speaks_for_others(kind: PublisherKind) -> None:
    entry = FeedEntry(title="Drones over Kestrel harbour", outlet="Westmark Daily")
    (item,) = to_items(source("northgate", publisher_kind=kind), [entry], NOW)
    named = ("Westmark Daily", "westmark daily") if kind is PublisherKind.AGGREGATOR else ("Northgate Wire",) * 2
    assert (item.source_name, item.publisher) == named


def order(*dated: tuple[str, int | None]) -> str:
    """In which order entries are taken in that are so many hours old; None: without a date."""
    entries = [
        FeedEntry(title=name, guid=name, published=None if hours is None else NOW - timedelta(hours=hours))
        for name, hours in dated
    ]
    return "".join(item.title for item in to_items(source(), entries, NOW))


def test_entries_of_one_fetch_come_by_their_dates_the_oldest_first() -> None:
    assert order(("c", 1), ("b", 2), ("a", 3)) == "abc"
    assert order(("a", 3), ("b", 2), ("c", 1)) == "abc"
    assert order(("b", 2), ("c", 1), ("a", 3)) == "abc"


def test_entries_of_one_moment_come_the_other_way_round_than_they_are_listed() -> None:
    assert order(("c", None), ("b", None), ("a", None)) == "abc"
    assert order(("c", 40), ("b", 40), ("a", 40)) == "abc"
    assert order(("d", 40), ("c", 40), ("b", 60), ("a", 70)) == "abcd"


def test_a_feed_whose_dates_ascend_lists_the_oldest_first() -> None:
    assert order(("a", 70), ("b", 60), ("c", 40), ("d", 40)) == "abcd"
