"""The figures of whole weeks on small cases that can be counted by hand."""

import pytest

from tests.bench.week_figures import (
    AlertCounts,
    added,
    alert_counts,
    further_languages,
    grouping,
    is_inflated,
    item_scores,
    owner,
    retrieval,
    second_voice,
)


def test_precision_and_recall_are_unknown_where_nothing_was_taken_or_sought() -> None:
    found = retrieval([True, True, True, False], [True, False, True, True])
    assert (found.precision, found.recall) == (2 / 3, 2 / 3)
    assert retrieval([True], [False]).precision is None
    assert retrieval([False], [True]).recall is None


def test_a_wrong_pair_counts_once_for_both_its_items() -> None:
    found = grouping(item_scores(["a", "a", "b", "c"], [1, 2, 2, 3]))
    assert found is not None
    assert [found.precision, found.recall] == pytest.approx([3 / 4, 3 / 4])
    assert found.wrong_pairs == 25  # one pair, four items
    assert grouping([]) is None


def test_scores_of_some_items_count_those_that_are_left_out() -> None:
    scores = item_scores(["a", "b"], [1, 1])
    assert [score.precision for score in scores[:1]] == [0.5]


def test_the_main_group_is_that_of_most_reports_in_the_home_language() -> None:
    reports = [("ro", 1), ("en", 1), ("en", 1), ("en", 1), ("ro", 2), ("ro", 2), ("hu", 2)]
    langs, groups = zip(*reports, ("pl", 7), ("cs", 7), strict=True)
    # Romanian and English are as frequent, Romanian came first; more is told of it in group 2 than in 1.
    assert further_languages(["a"] * 7 + ["b", "b"], langs, groups) == {
        "a": {"en": False, "hu": True},
        "b": {"cs": True},
    }


def test_a_story_of_one_language_has_no_further_ones() -> None:
    assert further_languages(["a", "a"], ["ro", "ro"], [1, 2]) == {}


def test_a_group_tells_the_story_of_most_of_its_labelled_items() -> None:
    assert owner([None, None, None, "a", "b", "b"]) == "b"
    assert owner(["a", "b"]) == "a"
    assert owner([None]) is None


def test_the_second_voice_is_another_publisher() -> None:
    assert second_voice([("08:00", "x"), ("08:10", "x"), ("08:30", "y"), ("09:00", "z")]) == "08:30"
    assert second_voice([("08:00", "x"), ("08:10", "x")]) is None


def test_a_publisher_of_another_event_inflates_a_story_unless_it_tells_both() -> None:
    assert is_inflated([("a", "x"), ("b", "y")], "a")
    assert is_inflated([("a", "x"), (None, "y")], "a")
    assert not is_inflated([("a", "x"), ("a", "y"), ("b", "y")], "a")


def test_alerts_are_off_doubled_or_no_news() -> None:
    of_a_rule = alert_counts([("a", True), (None, False), ("a", True), ("b", False)])
    assert of_a_rule == AlertCounts(alerts=4, off_subject=1, doubled=1, no_news=1)
    assert added([of_a_rule, of_a_rule]).alerts == 8
