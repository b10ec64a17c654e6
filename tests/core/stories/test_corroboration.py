import pytest

from bot.core.message.blocks import text_of
from bot.core.model import Item, Level, PublisherKind, Side, StoryCoverage
from bot.core.sides import GROUP_NAMES, Group
from bot.core.stories.corroboration import (
    corroboration,
    coverage_of,
    group_counts,
    group_of,
    is_one_partys_word,
    is_told_by_both,
    tellers,
    voice_counts,
)
from tests.builders import item, story

ALLIANCE = item(outlet="northgate", publisher_kind=PublisherKind.NATO_OFFICIAL)
MINISTRY = item(outlet="flankpost", publisher_kind=PublisherKind.WESTERN_GOVERNMENT)
DAILY = item(outlet="westmark", publisher_kind=PublisherKind.INTERNATIONAL_MEDIA)
STATE = item(outlet="volga", publisher_kind=PublisherKind.RUSSIAN_STATE_MEDIA)
STATE_TOO = item(outlet="volga-ru", publisher_kind=PublisherKind.RUSSIAN_STATE_MEDIA)
PALACE = item(outlet="volga", publisher="palace", publisher_kind=PublisherKind.RUSSIAN_OFFICIAL)
MERCHANT = item(outlet="volga", publisher="merchant", publisher_kind=PublisherKind.RUSSIAN_PRIVATE)
EXILE = item(outlet="ostrov", publisher_kind=PublisherKind.RUSSIAN_INDEPENDENT)
KYIV = item(outlet="dnipro", publisher_kind=PublisherKind.UKRAINIAN)
KYIV_TOO = item(outlet="dnipro", publisher="desna", publisher_kind=PublisherKind.UKRAINIAN)
NEUTRAL = item(outlet="meridian")
SEARCH = item(outlet="meridian", publisher="gull", side=Side.MIXED, publisher_kind=PublisherKind.AGGREGATOR)

WATCHER = item(outlet="westmark", publisher="watcher", publisher_kind=PublisherKind.OBSERVER)
SPOTTER = item(outlet="dnipro", publisher="spotter", publisher_kind=PublisherKind.OBSERVER)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ((STATE,), "one source so far: Volga Courier (Russian state media)"),
        ((STATE, STATE), "one source so far: Volga Courier (Russian state media)"),
        ((PALACE,), "one source so far: Volga Courier (Russian officials)"),
        ((MERCHANT,), "one source so far: Volga Courier (Russian private media)"),
        ((ALLIANCE,), "one source so far: Northgate Wire (NATO itself)"),
        ((MINISTRY,), "one source so far: Flank Post (government of NATO or the EU)"),
        ((DAILY,), "one source so far: Westmark Daily (Western media)"),
        ((EXILE,), "one source so far: Ostrov (independent Russian)"),
        ((KYIV,), "one source so far: Dnipro Sheet (Ukraine's side)"),
        ((NEUTRAL,), "one source so far: Meridian Observer (neutral)"),
        ((SEARCH,), "one source so far: Meridian Observer (side unknown)"),
        ((ALLIANCE, DAILY, STATE), "3 publishers: NATO 1 · West 1 · Russia 1 · both sides report"),
        ((ALLIANCE, DAILY), "2 publishers: NATO 1 · West 1"),
        ((STATE, STATE_TOO), "2 publishers: Russia 2 · only Russian state media so far"),
        ((STATE, PALACE), "2 publishers: Russia 2 · only Russian officials and state media so far"),
        ((STATE, MERCHANT), "2 publishers: Russia 2"),
        ((STATE, EXILE), "2 publishers: Russia 1 · independent Russian 1"),
        ((ALLIANCE, MINISTRY), "2 publishers: NATO 2 · only governments of NATO and the EU so far"),
        ((KYIV, KYIV_TOO), "2 publishers: Ukraine 2 · only Ukraine's side so far"),
        ((KYIV, STATE), "2 publishers: Russia 1 · Ukraine 1"),
        ((NEUTRAL, SEARCH), "2 publishers: neutral 1 · side unknown 1"),
        ((WATCHER,), "one source so far: Westmark Daily (open-source observer)"),
        ((WATCHER, WATCHER), "one source so far: Westmark Daily (open-source observer)"),
        ((WATCHER, SPOTTER), "2 open-source observers, no publisher so far"),
        ((WATCHER, STATE), "one source so far: Volga Courier (Russian state media) · and 1 open-source observer"),
        (
            (STATE, WATCHER, STATE_TOO, SPOTTER),
            "2 publishers: Russia 2 · only Russian state media so far · and 2 open-source observers",
        ),
    ],
)
def test_an_alert_says_who_tells_it(items: tuple[Item, ...], said: str) -> None:
    assert text_of(corroboration(story(*items))) == said


def test_what_observers_add_changes_what_an_alert_says() -> None:
    told = [story(*items) for items in ((STATE,), (STATE, WATCHER), (WATCHER,), (WATCHER, SPOTTER))]
    assert len({repr(tellers(each)) for each in told}) == len(told)
    assert tellers(story(WATCHER, STATE)) == tellers(story(STATE, WATCHER))


def test_two_feeds_of_one_owner_are_one_publisher() -> None:
    twice = item("Drones over Kestrel", outlet="westmark"), item("Drones, again", outlet="westmark")
    assert group_counts(twice) == {Group.WEST: 1}


def test_every_side_has_a_group_and_every_group_a_label() -> None:
    assert {group_of(item(side=side)) for side in Side} == set(Group) == set(GROUP_NAMES)


def test_groups_are_told_in_one_order() -> None:
    assert list(group_counts((STATE, NEUTRAL, ALLIANCE))) == [Group.NATO, Group.RUSSIA, Group.NEUTRAL]


@pytest.mark.parametrize(
    ("items", "coverage"),
    [
        ((STATE, STATE), StoryCoverage(publishers=1, sides=1)),
        ((STATE, DAILY, MINISTRY), StoryCoverage(publishers=3, sides=3)),
        ((DAILY, SEARCH), StoryCoverage(publishers=2, sides=1)),
        ((SEARCH,), StoryCoverage(publishers=1, sides=1)),
        ((WATCHER, SPOTTER), StoryCoverage(publishers=1, sides=1)),
        ((SPOTTER, STATE, WATCHER), StoryCoverage(publishers=1, sides=1)),
    ],
)
def test_rules_are_told_how_many_publishers_and_sides(items: tuple[Item, ...], coverage: StoryCoverage) -> None:
    assert coverage_of(story(*items)) == coverage
    loud = coverage_of(story(*items, level=Level.BREAKING))
    assert loud.level is Level.BREAKING


def test_both_sides_are_natos_or_the_wests_and_russias_own() -> None:
    assert is_told_by_both((STATE, DAILY))
    assert is_told_by_both((MERCHANT, MINISTRY))
    assert not is_told_by_both((EXILE, DAILY))
    assert not is_told_by_both((STATE, KYIV, NEUTRAL))


CLAIM = "Russian jet shot down NATO drone over Black Sea"
ECHO = "Russia claims it shot down NATO drone over Black Sea, no evidence"


@pytest.mark.parametrize(
    ("russian", "western", "both"),
    [
        (CLAIM, "Russian jet downs drone of NATO, footage shows", True),
        (CLAIM, ECHO, False),
        (CLAIM, "Drone of NATO shot down, Moscow says", False),
        (CLAIM, "Pentagon denies that Russian jet shot down its drone", False),
        (CLAIM, "NATO says its drone was shot down by Russian jet", True),
        ("Poland says it shot down drones", "Poland says it shot down Russian drones", False),
        ("Польша заявила, что сбила дроны", "Poland shoots down drones", False),
        ("Польша сбила дроны", "Poland shoots down drones", True),
        ("Kremlin says its jet shot down NATO drone", "Poland shoots down drones", True),
        ("Drones were not from Russia, Moscow says", "Poland says drones were Russian", False),
        ("NATO will not send troops", "NATO not to send troops, allies agree", True),
        ("Is NATO planning to attack Russia from Latvia?", "NATO and Latvia: everything you need to know", False),
        ("Live: drones over Poland", "Poland shoots down drones", False),
    ],
)
def test_a_side_that_only_quotes_or_denies_the_other_does_not_report(russian: str, western: str, both: bool) -> None:
    told = item(russian, outlet="volga"), item(western, outlet="westmark")
    assert is_told_by_both(told) is both
    assert text_of(corroboration(story(*told))).endswith("both sides report") is both


def test_who_quotes_a_party_adds_a_publisher_but_no_voice() -> None:
    claim, echo = item(CLAIM, outlet="volga"), item(ECHO, outlet="westmark")
    assert is_one_partys_word((claim, echo))
    assert group_counts((claim, echo)) == {Group.WEST: 1, Group.RUSSIA: 1}
    assert voice_counts((claim, echo)) == {Group.RUSSIA: 1}
    assert voice_counts((echo, item(ECHO, outlet="meridian"))) == {Group.RUSSIA: 1}
    seen = item("Drone of NATO shot down, footage shows", outlet="westmark")
    assert voice_counts((claim, echo, seen)) == {Group.WEST: 1, Group.RUSSIA: 1}
    assert not is_one_partys_word((claim, seen))


@pytest.mark.parametrize(
    ("items", "alone"),
    [
        ((STATE, STATE_TOO, PALACE, MERCHANT), True),
        ((ALLIANCE, MINISTRY), True),
        ((KYIV, KYIV_TOO), True),
        ((DAILY,), False),
        ((STATE, NEUTRAL), False),
        ((ALLIANCE, STATE), False),
    ],
)
def test_one_partys_word_is_known_for_it_on_every_side(items: tuple[Item, ...], alone: bool) -> None:
    assert is_one_partys_word(items) is alone


def test_a_report_that_was_withdrawn_counts_for_nothing() -> None:
    gone = item("This article has been withdrawn", outlet="westmark", publisher_kind=PublisherKind.INTERNATIONAL_MEDIA)
    told = story(gone, STATE)
    assert text_of(corroboration(told)) == "one source so far: Volga Courier (Russian state media)"
    assert coverage_of(told) == StoryCoverage(level=Level.NORMAL, publishers=1, sides=1)
    assert text_of(corroboration(story(gone))) == "withdrawn, and nobody else reports it"
