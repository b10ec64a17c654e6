import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import FeedEntry, SourceKind
from bot.errors import ParseError
from bot.sources.base import Parsed
from bot.sources.parsing.search_page import parse_search_page
from tests.sources.papers import a_source

SOURCE = a_source("https://alliance.example/search.json?page=1", SourceKind.SEARCH_PAGE)


def search(answer: object) -> Parsed:
    return parse_search_page(json.dumps(answer).encode(), SOURCE, "application/json")


def test_pages_become_entries() -> None:
    page = {
        "title": "Exercise &amp; visit",
        "description": "<p>Ships <b>sail</b></p>",
        "link": "/en/news/exercise",
        "pageDate": "07 July 2026",
    }
    assert search({"numberOfPages": 9, "pages": [page, {}, 5]}).entries == (
        FeedEntry(
            title="Exercise & visit",
            summary="Ships sail",
            link="https://alliance.example/en/news/exercise",
            published=datetime(2026, 7, 7, tzinfo=UTC),
        ),
    )


def test_a_page_without_date_or_text_is_kept() -> None:
    assert search({"pages": [{"title": "Visit", "description": None, "pageDate": "soon"}]}).entries == (
        FeedEntry(title="Visit"),
    )


def test_no_pages_is_a_problem_and_no_error() -> None:
    assert search({"pages": []}).problem == "has no entries"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<html>", "this is not the JSON that the site's search gives"),
        (b"", "this is not the JSON that the site's search gives"),
        (b"[" * 100_000, "this is not the JSON that the site's search gives"),
        (b"[]", "this JSON has no list of pages: the site's search has changed"),
        (b'{"pages": {}}', "this JSON has no list of pages: the site's search has changed"),
    ],
)
def test_another_answer_is_told(body: bytes, sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_search_page(body, SOURCE, None)
    assert str(caught.value) == sentence


JSON = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.lists(st.text()), st.just({"a": [1]}))


@given(st.dictionaries(st.sampled_from(["title", "description", "link", "pageDate"]), JSON))
def test_no_value_is_too_odd(page: dict[str, object]) -> None:
    for entry in search({"pages": [page]}).entries:
        assert entry.title
