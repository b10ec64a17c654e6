"""A rule tried on an archive sends what it would have sent of live news: one alert a story, and only on our subject."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.core.model import PublisherKind, Side
from bot.core.rules.rule import parse_rule
from bot.core.stories.corroboration import coverage_of
from bot.errors import FaultlineError
from bot.replay import Alert, alerts_by, archive_line, read_archive, replay, vocabulary_of
from tests.fakes import real_subject

WARNING = "Russia and NATO trade nuclear warnings over Kaliningrad"
SHOT = "NATO jets shoot down Russian drones over Poland"

ARCHIVE: tuple[Mapping[str, str], ...] = (
    {"id": "1", "outlet": "Harbour Wire", "at": "08:00", "title": WARNING},
    {"id": "2", "outlet": "The Post", "at": "08:10", "title": WARNING},
    {"id": "3", "outlet": "Kestrel Daily", "at": "09:00", "title": "Nuclear plant opens its visitors' centre"},
    {"id": "4", "outlet": "Harbour Wire", "at": "10:00", "title": SHOT},
    {"id": "5", "outlet": "The Post", "at": "10:05", "title": SHOT},
    {"id": "6", "outlet": "Kestrel Daily", "at": "10:10", "title": SHOT},
    {"id": "7", "outlet": "Kestrel Daily", "at": "11:00", "title": "Ukraine hits Russian oil depot with drones"},
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("archive") / "archive.jsonl"
    lines = (
        {
            "id": line["id"],
            "outlet": line["outlet"],
            "title": line["title"],
            "published": f"2026-03-02T{line['at']}:00Z",
        }
        for line in ARCHIVE
    )
    file.write_text("\n".join(map(json.dumps, lines)))
    return file


def alerts(archive: Path, rule: str) -> list[Alert]:
    lines, subject = list(read_archive(archive)), real_subject()
    parsed = parse_rule(rule, vocabulary_of(lines, subject))
    return list(alerts_by(parsed, replay(lines, subject), subject.aliases))


@pytest.mark.parametrize(
    ("rule", "sent"),
    [
        ("nuclear", {"1": "08:00"}),
        ("nuclear sources>=2", {"1": "08:10"}),
        ("nuclear sources>=3", {}),
        ("drone level:major", {"4": "10:05"}),
        ("drone", {"4": "10:00"}),
        ("drone relevance:related", {"4": "10:00", "7": "11:00"}),
        ('source:"The Post"', {"2": "08:10", "5": "10:05"}),
        ("source:thepost nuclear", {"2": "08:10"}),
    ],
)
def test_a_story_is_alerted_once_when_it_first_fits(archive: Path, rule: str, sent: dict[str, str]) -> None:
    assert {each.id: f"{each.line.item.published:%H:%M}" for each in alerts(archive, rule)} == sent


def test_an_alert_names_the_words_that_hit_and_the_level_of_its_story_then(archive: Path) -> None:
    (alert,) = alerts(archive, "drone poland sources>=3")
    assert (alert.id, alert.line.id, alert.words) == ("4", "6", ("drones", "Poland"))
    assert alert.line.level in {"major", "breaking"}


LINE = {"id": "1", "outlet": "Coast News", "published": "2026-03-02T08:00:00Z", "title": SHOT}


def test_a_line_may_say_whose_an_outlet_is_and_where_it_stands() -> None:
    _, source, _ = archive_line(
        {**LINE, "publisher": "Coast Group", "side": "nato_flank", "publisher_kind": "baltic_nordic_polish"}
    )
    assert (source.name, source.publisher) == ("Coast News", "Coast Group")
    assert (source.side, source.publisher_kind) == (Side.NATO_FLANK, PublisherKind.BALTIC_NORDIC_POLISH)


def test_an_outlet_of_which_nothing_is_said_belongs_to_itself_and_to_no_side() -> None:
    _, source, _ = archive_line(LINE)
    assert (source.publisher, source.side, source.publisher_kind) == ("Coast News", Side.MIXED, PublisherKind.OTHER)


def test_a_side_or_kind_that_does_not_exist_is_named_with_those_that_do(tmp_path: Path) -> None:
    file = tmp_path / "archive.jsonl"
    for key, known in (("side", "nato, west, nato_flank"), ("publisher_kind", "nato_official")):
        file.write_text(json.dumps({**LINE, key: "moon"}))
        with pytest.raises(FaultlineError, match=f"line 1: {key} “moon” is unknown; known are: {known}"):
            list(read_archive(file))


def test_two_outlets_of_one_publisher_are_one_source_of_a_story() -> None:
    lines = [
        archive_line({**LINE, "publisher": "Coast Group"}),
        archive_line({**LINE, "id": "2", "outlet": "Coast Online", "publisher": "Coast Group"}),
        archive_line({**LINE, "id": "3", "outlet": "Volga Herald", "side": "russia"}),
    ]
    told = [coverage_of(each.told) for each in replay(lines, real_subject())]
    assert [each.publishers for each in told] == [1, 1, 2]


def test_a_line_that_names_no_language_is_read_in_that_of_its_words() -> None:
    titles = {
        "en": SHOT,
        "ru": "Над городом сбили беспилотник",
        "pl": "Samoloty poderwane nad Lublinem, to nie ćwiczenia",
    }
    assert {lang: archive_line({**LINE, "title": title})[1].lang for lang, title in titles.items()} == {
        lang: lang for lang in titles
    }
    assert archive_line({**LINE, "title": titles["pl"], "lang": "cs"})[1].lang == "cs"
