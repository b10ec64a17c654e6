from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.matcher import RuleIndex
from bot.core.model import FeedEntry, Item, ItemId, Relevance, RuleId, StoryId
from bot.core.rules import parse_rule
from bot.core.stories import reprint_keys
from bot.core.update import KnownItem, UpdatePlan, plan_update, plausible_date, to_items
from tests import builders
from tests.builders import NOW

CABLE = "Cable cut between two islands off Kestrel"


def entry(title: str = CABLE, **fields: object) -> FeedEntry:
    defaults = {"guid": "1", "link": "https://northgate.example/cable", "published": NOW - timedelta(minutes=5)}
    return FeedEntry(title=title, **(defaults | fields))  # type: ignore[arg-type]


def items_of(*entries: FeedEntry) -> tuple[Item, ...]:
    bare = to_items(builders.source(), entries, NOW)
    return tuple(replace(item, relevance=Relevance.CORE) for item in bare)


def known_from(*items: Item, story: int = 7) -> dict[bytes, KnownItem]:
    return {
        key: KnownItem(id=ItemId(number), story=StoryId(story), title=item.title, summary=item.summary, url=item.url)
        for number, item in enumerate(items, start=1)
        for key in item.keys
    }


def following(*rules: str) -> RuleIndex:
    index = RuleIndex()
    for number, rule in enumerate(rules, start=1):
        index.add(RuleId(number), parse_rule(rule))
    return index


def plan(
    *items: Item,
    known: dict[bytes, KnownItem] | None = None,
    recent: dict[bytes, tuple[StoryId, datetime]] | None = None,
    index: RuleIndex | None = None,
    alerting: bool = True,
) -> UpdatePlan:
    return plan_update(
        items=items,
        known=known or {},
        recent=recent or {},
        index=index or following("cable"),
        alerting=alerting,
    )


def test_a_new_item_begins_a_story_and_meets_the_rules() -> None:
    (story,) = plan(*items_of(entry())).stories
    assert story.story is None
    assert [item.title for item in story.items] == [CABLE]
    assert story.matches == (1,)


def test_an_item_that_no_rule_wants_is_stored_and_told_to_nobody() -> None:
    (story,) = plan(*items_of(entry("Harbour library opens on Sundays from May"))).stories
    assert story.items
    assert story.matches == ()


def test_a_first_poll_stores_everything_and_alerts_nobody() -> None:
    (story,) = plan(*items_of(entry()), alerting=False).stories
    assert story.items
    assert story.matches == ()


def test_an_archive_piece_put_back_into_a_feed_is_stored_and_not_alerted() -> None:
    fresh = entry("Ferry delayed off Kestrel", guid="2", link="https://northgate.example/ferry")
    (old, _) = plan(*items_of(entry(published=NOW - timedelta(days=20)), fresh)).stories
    assert old.items[0].published == NOW - timedelta(days=20)
    assert old.matches == ()


def test_a_feed_whose_newest_item_is_old_alerts_it_all_the_same() -> None:
    (story,) = plan(*items_of(entry(published=NOW - timedelta(days=20)))).stories
    assert story.matches == (1,)


def test_what_is_not_our_subject_is_not_alerted() -> None:
    (item,) = items_of(entry())
    (story,) = plan(replace(item, relevance=Relevance.NONE)).stories
    assert story.matches == ()


@pytest.mark.parametrize(
    "again",
    [
        entry(),
        entry(link="https://northgate.example/cable?utm_source=rss"),
        entry(guid="changes at every fetch"),
        entry(guid="changes", link="https://northgate.example/session/99"),
        entry(guid=None, link=None),
    ],
    ids=["same", "tracking link", "new id", "new id and link", "no id nor link"],
)
def test_an_entry_that_shows_up_again_is_not_news(again: FeedEntry) -> None:
    known = known_from(*items_of(entry()))
    result = plan(*items_of(again), known=known)
    assert result.stories == ()
    assert {key for key, _ in result.seen} == set(items_of(again)[0].keys)


def test_a_changed_title_under_one_id_is_an_update_of_its_item() -> None:
    known = known_from(*items_of(entry("Ferry delayed off Kestrel")))
    (story,) = plan(*items_of(entry()), known=known).stories
    assert story.story == 7
    assert story.items == ()
    assert [(change.id, change.item.title) for change in story.changes] == [(1, CABLE)]
    assert story.matches == (1,), "the new title may satisfy rules that the old one did not"


def test_an_old_id_on_another_article_is_a_new_item() -> None:
    known = known_from(*items_of(entry("Ferry delayed off Kestrel", link="https://northgate.example/ferry")))
    (story,) = plan(*items_of(entry()), known=known).stories
    assert story.story is None
    assert len(story.items) == 1


def test_articles_that_come_one_by_one_under_one_link_are_each_news() -> None:
    (before,) = items_of(entry("Ferry delayed off Kestrel", guid="1"))
    (item,) = items_of(entry(guid="2"))
    recent = {key: (StoryId(7), NOW) for key in reprint_keys(before)}
    (story,) = plan(item, known=known_from(before), recent=recent).stories
    assert story.story is None
    assert story.matches == (1,)


def test_an_entry_without_id_and_link_whose_date_is_always_now_is_news_once() -> None:
    known = known_from(*items_of(entry(guid=None, link=None)))
    assert plan(*items_of(entry(guid=None, link=None, published=NOW)), known=known).stories == ()


def test_an_item_deleted_long_ago_and_still_shown_is_not_news() -> None:
    (item,) = items_of(entry())
    gone = KnownItem(id=ItemId(1), story=None, title=None, summary=None, url=None)
    result = plan(item, known=dict.fromkeys(item.keys, gone))
    assert result.stories == ()
    assert len(result.seen) == 3


def test_an_id_and_a_link_on_every_entry_identify_none() -> None:
    home = "https://northgate.example/"
    first = entry("Tide tables for the week are out now", guid="feed", link=home)
    items = items_of(entry(guid="feed", link=home), first)
    assert len(plan(*items).new_items) == 2
    assert set(items[0].keys).isdisjoint(items[1].keys)
    assert len(plan(*items).stories) == 2, "a shared link is no reprint either"


def test_one_entry_twice_in_a_fetch_is_one_item() -> None:
    items = items_of(entry(guid=None), entry(guid=None))
    assert len(plan(*items).new_items) == 1


def test_a_reprint_joins_the_story_of_the_last_72_hours() -> None:
    (item,) = items_of(entry("CABLE CUT between two islands, off Kestrel", link="https://northgate.example/other"))
    key = next(key for key in reprint_keys(items_of(entry())[0]) if key in reprint_keys(item))
    fresh = {key: (StoryId(7), NOW - timedelta(hours=71))}
    stale = {key: (StoryId(7), NOW - timedelta(hours=73))}
    assert [story.story for story in plan(item, recent=fresh).stories] == [7]
    assert [story.story for story in plan(item, recent=stale).stories] == [None]


def test_two_reprints_in_one_fetch_are_one_story() -> None:
    items = items_of(entry(), entry(guid="2", link="https://northgate.example/other", published=NOW))
    (story,) = plan(*items).stories
    assert len(story.items) == 2


def test_short_titles_glue_nothing_together() -> None:
    items = items_of(
        entry("Live", guid="a", link="https://a.example/1"),
        entry("Live", guid="b", link="https://a.example/2", published=NOW),
    )
    assert len(plan(*items).stories) == 2


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


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from("12")), max_size=12))
def test_polling_the_same_feed_twice_finds_nothing_new(rows: list[tuple[str, str, str]]) -> None:
    entries = [
        entry(f"Report {title} on the {title} matter", guid=guid, link=f"https://n.example/{link}")
        for title, link, guid in rows
    ]
    first = plan(*items_of(*entries))
    second = plan(*items_of(*entries), known=known_from(*first.new_items))
    assert second.new_items == ()
    assert second.stories == ()
