"""One side has one name, wherever people read it, and is counted and briefed with the same others."""

from datetime import timedelta

import pytest

from bot.core.briefing.selection import briefing
from bot.core.message.blocks import Role, plain, text_of
from bot.core.model import PublisherKind, Side
from bot.core.rules.rule import parse_rule
from bot.core.sides import GROUP_NAMES, GROUP_OF, SIDE_LABELS, Group
from bot.core.stories.corroboration import corroboration, group_counts, group_of
from bot.core.wording.alert import alert, byline
from bot.core.wording.briefing import briefing_message
from tests.builders import NOW, item, story


def test_every_side_and_every_group_has_a_name_of_its_own() -> None:
    assert set(SIDE_LABELS) == set(GROUP_OF) == set(Side)
    assert len(set(SIDE_LABELS.values())) == len(Side)
    assert set(GROUP_OF.values()) == set(GROUP_NAMES) == set(Group)


@pytest.mark.parametrize("side", [side for side in Side if side is not Side.NATO_FLANK])
def test_a_group_is_called_what_its_side_is(side: Side) -> None:
    name = GROUP_NAMES[GROUP_OF[side]]
    assert SIDE_LABELS[side].removeprefix("the ") in {name, f"{name}'s side"}


@pytest.mark.parametrize("side", list(Side))
def test_a_side_is_called_the_same_beside_a_headline_in_an_alert_and_in_a_rule(side: Side) -> None:
    report = item("Drones seen over Kestrel harbour", side=side)
    label = SIDE_LABELS[side]
    message = alert(story(report), number=1, rule_text="drone", words=("Drones",), now=NOW)
    assert f"Northgate Wire · {label} · 10 min ago" in plain(message)
    assert f"one source so far: Northgate Wire ({label})" in plain(message)
    assert text_of(byline(report, NOW)) == f"Northgate Wire · {label} · 10 min ago"
    assert parse_rule(f"side:{side}").describe() == f"everything labelled {label}"


def test_an_observer_is_called_so_beside_its_side() -> None:
    post = item("Drones seen over Kestrel harbour", outlet="westmark", publisher_kind=PublisherKind.OBSERVER)
    assert text_of(byline(post, NOW)) == "Westmark Daily · the West's side, observer · 10 min ago"


def test_what_no_side_is_known_of_is_called_so_in_counts_too() -> None:
    known, unknown = item(outlet="meridian"), item(outlet="westmark", side=Side.MIXED)
    assert text_of(corroboration(story(known, unknown))) == "2 publishers: neutral 1 · side unknown 1"


def test_natos_flank_is_counted_and_briefed_with_the_west_and_a_ministry_there_with_nato() -> None:
    title = "Varn and Kestrel close the harbour of Lomby"
    post = item(title, outlet="flankpost")
    ministry = item(title, outlet="flankpost", publisher="office", publisher_kind=PublisherKind.WESTERN_GOVERNMENT)
    assert (group_of(post), group_of(ministry)) == (Group.WEST, Group.NATO)
    assert group_counts((post, ministry)) == {Group.NATO: 1, Group.WEST: 1}
    loud = story(item("Kestrel opens the harbour of Varn again"), item("Harbour open"), id_=2)
    told = briefing([story(post, ministry), loud], before=(), now=NOW, period=timedelta(days=1))
    message = briefing_message(told, NOW)
    titles = [block.text for block in message.blocks if block.role is Role.HEADING]
    assert titles == ["Latest developments", "NATO and the West", "Russia's side", "Diplomacy and de-escalation"]
    (western,) = [section for section in told.sections if section.title == "NATO and the West"]
    assert {quote.item.publisher for quote in western.quotes} <= {"office", "Northgate Wire"}
