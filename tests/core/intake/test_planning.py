from collections.abc import Set
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.intake.items import to_items
from bot.core.intake.planning import KnownItem, Planner, StoredStory, StoryPlan, UpdatePlan, ids_are_kept, shown_again
from bot.core.model import FeedEntry, Item, ItemId, Level, Relevance, RuleId, Side, StoryId
from bot.core.rules.index import RuleIndex
from bot.core.rules.rule import parse_rule
from bot.core.stories.grouping import Grouper, NewStory
from tests import builders
from tests.builders import NOW
from tests.fakes import by_title, real_subject

CABLE = "Cable cut between two islands off Kestrel"


def entry(title: object = CABLE, **fields: object) -> FeedEntry:
    defaults = {"guid": "1", "link": "https://northgate.example/cable", "published": NOW - timedelta(minutes=5)}
    return FeedEntry(title=str(title), **(defaults | fields))  # type: ignore[arg-type]


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
    reprinted: dict[str, StoryId] | None = None,
    grouper: Grouper | None = None,
    stored: dict[StoryId, StoredStory] | None = None,
    index: RuleIndex | None = None,
    alerting: bool = True,
    empty_at: datetime | None = None,
    shown: Set[ItemId] = frozenset(),
    keeps_ids: bool = False,
) -> UpdatePlan:
    draft = (grouper or Grouper(real_subject().lexicon)).draft()
    planner = Planner(known=known or {}, reprinted=reprinted or {}, draft=draft, shown=shown, keeps_ids=keeps_ids)
    for item in items:
        planner.place(item)
    known_items = [KNOWN_STORY] if known else []
    steps = planner.decide(
        stored or {each.story.id: each for each in known_items},
        index=index or following("cable"),
        levels=real_subject().levels,
        alerting=alerting,
        now=NOW,
        empty_at=empty_at,
    )
    assert len(list(steps)) <= 3 * len(items) + 20, "steps are small"
    return planner.plan()


def stored_story(*items: Item, id_: int = 7) -> StoredStory:
    ids = tuple(ItemId(number) for number, _ in enumerate(items, start=1))
    return StoredStory(story=builders.story(*items, id_=id_), ids=ids)


KNOWN_STORY = stored_story(*items_of(entry("Ferry delayed off Kestrel")))


def test_a_new_item_begins_a_story_and_meets_the_rules() -> None:
    (story,) = plan(*items_of(entry())).stories
    assert isinstance(story.story, NewStory)
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


def test_of_a_first_reading_after_an_empty_answer_only_what_gives_a_later_date_is_news() -> None:
    entries = [
        entry("Choir tours with a cable", guid="1", link="https://n.example/1", published=NOW - timedelta(hours=6)),
        entry(
            "Harbour library gets its cable", guid="2", link="https://n.example/2", published=NOW - timedelta(minutes=5)
        ),
        entry("Ferry lost a cable in the storm", guid="3", link="https://n.example/3", published=None),
    ]
    empty_at = NOW - timedelta(minutes=10)
    result = plan(*items_of(*entries), alerting=False, empty_at=empty_at, grouper=by_title())
    told = [story.items[0].title for story in result.stories if story.matches]
    assert told == ["Harbour library gets its cable"]


def test_an_archive_piece_put_back_into_a_feed_is_stored_and_not_alerted() -> None:
    fresh = entry("Ferry delayed off Kestrel", guid="2", link="https://northgate.example/ferry")
    (old, _) = plan(*items_of(entry(published=NOW - timedelta(days=20)), fresh)).stories
    assert old.items[0].published == NOW - timedelta(days=20)
    assert old.matches == ()


def test_a_feed_whose_newest_item_is_old_alerts_it_all_the_same() -> None:
    (story,) = plan(*items_of(entry(published=NOW - timedelta(days=20)))).stories
    assert story.matches == (1,)


@pytest.mark.parametrize("date", [NOW + timedelta(days=40), None])
def test_an_entry_without_a_date_to_believe_makes_no_other_old(date: datetime | None) -> None:
    pinned = entry("Ferry delayed off Kestrel", guid="2", link="https://northgate.example/ferry", published=date)
    (story, _) = plan(*items_of(entry(published=NOW - timedelta(days=3)), pinned)).stories
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


def test_a_site_that_goes_over_to_https_has_no_news() -> None:
    before, after = (
        entry(guid=f"{scheme}://northgate.example/1", link=f"{scheme}://northgate.example/1", published=date)
        for scheme, date in (("http", NOW), ("https", NOW - timedelta(minutes=1)))
    )
    assert plan(*items_of(after), known=known_from(*items_of(before))).stories == ()


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
    assert isinstance(story.story, NewStory)
    assert len(story.items) == 1


def test_articles_that_come_one_by_one_under_one_link_are_each_news() -> None:
    (before,) = items_of(entry("Ferry delayed off Kestrel", guid="1"))
    (item,) = items_of(entry(guid="2"))
    assert item.url
    (story,) = plan(item, known=known_from(before), reprinted={item.url: StoryId(7)}).stories
    assert isinstance(story.story, NewStory)
    assert story.matches == (1,)


def numbered(number: int, **fields: object) -> FeedEntry:
    return entry(**({"guid": f"g{number}", "link": f"https://northgate.example/{number}"} | fields))


@pytest.mark.parametrize(
    ("again", "before", "kept"),
    [
        ([numbered(1), numbered(2, title="Ferry delayed")], False, True),
        ([numbered(9)], True, True),
        ([numbered(9)], False, False),
        ([numbered(8), numbered(9, title="Ferry delayed")], True, False),
        ([numbered(1), numbered(9, title="Ferry delayed")], False, True),
        ([numbered(1), numbered(3), numbered(8), numbered(9, title="Ferry delayed")], False, True),
        ([numbered(3), numbered(4), numbered(8, title="Swans"), numbered(9, title="Ferry delayed")], True, False),
        ([numbered(1, title="Ferry is back")], False, True),
        ([numbered(7, title="Ferry is back")], True, True),
        ([entry(guid=None)], True, True),
        ([], False, False),
    ],
    ids=[
        "all kept",
        "one lost",
        "one lost, never kept",
        "all lost",
        "half",
        "beside their namesake",
        "several lost",
        "retitled",
        "new",
        "no id",
        "nothing",
    ],
)
def test_whether_a_source_keeps_its_ids_is_seen_by_what_it_shows_again(
    again: list[FeedEntry], before: bool, kept: bool
) -> None:
    known = known_from(*items_of(numbered(1), numbered(2, title="Ferry delayed")))
    assert ids_are_kept(items_of(*again), known, before) is kept


MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.mark.parametrize("published", [MIDNIGHT, None])
def test_a_new_id_and_a_new_link_are_another_article_where_a_source_keeps_them(published: datetime | None) -> None:
    known = known_from(*items_of(numbered(1, published=published)))
    again = numbered(2, published=published)
    assert len(plan(*items_of(again), known=known, keeps_ids=True).new_items) == 1
    assert plan(*items_of(again), known=known).new_items == ()
    assert plan(*items_of(replace(again, link="https://northgate.example/1")), known=known).new_items == ()


def test_a_title_at_its_time_of_day_is_one_entry_though_its_source_keeps_the_ids_of_others() -> None:
    known = known_from(*items_of(numbered(1)))
    assert plan(*items_of(numbered(2)), known=known, keeps_ids=True).new_items == ()
    later = numbered(2, published=NOW - timedelta(minutes=1))
    assert len(plan(*items_of(later), known=known, keeps_ids=True).new_items) == 1


def test_two_entries_side_by_side_are_two_though_title_and_time_are_the_same() -> None:
    known = known_from(*items_of(numbered(1)))
    both = items_of(numbered(2), numbered(1))
    assert len(plan(*both, known=known, shown=shown_again(both, known)).new_items) == 1


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


def test_a_page_of_many_entries_makes_none_a_reprint() -> None:
    page = "https://northgate.example/live"
    tides = entry("Tide tables for the week are out now", guid="2", link=f"{page}#2")
    known = known_from(*items_of(tides, entry(link=f"{page}#1")))
    items = items_of(entry("Ferry delayed off Kestrel", guid="3", link=page), tides)
    (story,) = plan(*items, known=known, reprinted={page: StoryId(7)}).stories
    assert isinstance(story.story, NewStory)
    retitled = items_of(entry(f"{CABLE}, ship held", link=f"{page}#1"), tides)
    (story,) = plan(*retitled, known=known).stories
    assert [change.id for change in story.changes] == [1]


def test_one_entry_twice_in_a_fetch_is_one_item() -> None:
    items = items_of(entry(guid=None), entry(guid=None))
    assert len(plan(*items).new_items) == 1


def test_an_address_that_is_known_leads_to_its_story() -> None:
    (item,) = items_of(entry())
    assert item.url
    before = stored_story(builders.item("Ferry delayed off Kestrel"))
    (story,) = plan(item, reprinted={item.url: StoryId(7)}, stored={StoryId(7): before}).stories
    assert story.story == 7


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


REPORT = "Russian drone crosses into Estonia near Narva, jets scrambled"


def running(*items: Item) -> Grouper:
    """A grouper that knows these items as story 7."""
    grouper = Grouper(real_subject().lexicon)
    for item in items:
        grouper.add(item, StoryId(7))
    return grouper


def joined(*told: Item, by: Item, index: RuleIndex) -> StoryPlan:
    """What becomes of a story when another report joins it."""
    (story,) = plan(by, grouper=running(*told), stored={StoryId(7): stored_story(*told)}, index=index).stories
    assert story.story == 7, "the scene is set wrongly"
    return story


def test_a_further_publisher_is_a_revision_of_what_alerts_show() -> None:
    story = joined(builders.item(REPORT), by=builders.item(REPORT, outlet="volga"), index=following("drone"))
    assert story.revised
    assert story.matches == (1,)


def test_the_same_publisher_again_revises_nothing() -> None:
    again = builders.item(REPORT + " again", url="https://northgate.example/2")
    assert not joined(builders.item(REPORT), by=again, index=following("drone")).revised


def test_rules_for_several_sides_hold_once_they_tell_it() -> None:
    index = following("drone sides>=2", "narva", "harbour")
    other = builders.item("Drone from Russia crosses into Estonia, jets scrambled", outlet="volga")
    story = joined(builders.item(REPORT), by=other, index=index)
    assert story.matches == (1,), "by what was told before, the second rule held already"


def test_a_level_that_rises_is_told_to_every_rule_that_any_report_satisfies() -> None:
    airspace = {"topics": ("airspace",), "relevance": Relevance.CORE}
    other = builders.item("Drone from Russia crosses into Estonia, jets scrambled", outlet="westmark", **airspace)
    story = joined(builders.item(REPORT, **airspace), by=other, index=following("narva", "harbour", "level:major"))
    assert (story.level, bool(story.reason), story.revised) == (Level.MAJOR, True, True)
    assert set(story.matches) == {1, 3}


def test_a_first_poll_makes_a_story_louder_and_tells_nobody() -> None:
    airspace = {"topics": ("airspace",), "relevance": Relevance.CORE}
    told = builders.item(REPORT, **airspace)
    other = builders.item(REPORT, outlet="volga", side=Side.RUSSIA, **airspace)
    stored = {StoryId(7): stored_story(told)}
    (story,) = plan(other, grouper=running(told), stored=stored, index=following("drone"), alerting=False).stories
    assert (story.level, story.matches) == (Level.MAJOR, ())


@pytest.mark.parametrize(
    ("before", "after", "former"),
    [
        ("Drone hits Kestrel harbour", "Drone hits Kestrel harbour, two hurt", None),
        ("Drone hits Kestrel harbor", "Drone hits Kestrel harbour", None),
        ("Drone kills 4 in Kestrel harbour", "Drone kills 11 in Kestrel harbour", "Drone kills 4 in Kestrel harbour"),
        (
            "Russian drone hits Kestrel harbour",
            "Gas blast shakes Kestrel harbour",
            "Russian drone hits Kestrel harbour",
        ),
        ("Drone hits Kestrel harbour", "Retracted: drone hits Kestrel harbour", "Drone hits Kestrel harbour"),
        ("Moscow holds drill near Kestrel harbour", "Russia holds drill near Kestrel harbour", None),
        ("Drone hits Kestrel harbour", "Drone did not hit Kestrel harbour", "Drone hits Kestrel harbour"),
    ],
)
def test_a_title_that_takes_back_what_it_said_leaves_it_on_record(before: str, after: str, former: str | None) -> None:
    first, again = items_of(entry(before)), items_of(entry(after))
    (story,) = plan(*again, known=known_from(*first), stored={StoryId(7): stored_story(*first)}).stories
    assert [change.before for change in story.changes] == [former]
    assert story.revised, "an alert shows the title"


def test_a_new_summary_alone_revises_nothing() -> None:
    first, again = items_of(entry()), items_of(entry(summary="Repairs take a week, the owner says."))
    (story,) = plan(*again, known=known_from(*first), stored={StoryId(7): stored_story(*first)}).stories
    assert story.changes
    assert not story.revised
