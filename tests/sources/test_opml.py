import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.language.text import clean
from bot.core.model import PublisherKind, Scope, Side, Source, SourceId, SourceKind
from bot.errors import ParseError
from bot.sources.catalog import Catalog, read_catalog
from bot.sources.opml import opml_of, sources_of_opml, toml_of

OURS = Path(__file__).parents[2] / "config" / "subject" / "sources.toml"

NAMES = st.text(min_size=1, max_size=20).map(clean).filter(bool)
SLUGS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,39}", fullmatch=True)
URLS = st.from_regex(r"https?://[a-z]{1,9}\.example(:8080)?/[A-Za-z0-9?&=%;'+-]{0,20}", fullmatch=True)
SOURCES = st.builds(
    Source,
    id=SLUGS.map(SourceId),
    url=URLS,
    side=st.sampled_from(Side),
    name=NAMES,
    publisher=NAMES,
    publisher_kind=st.sampled_from(PublisherKind),
    kind=st.sampled_from(SourceKind),
    lang=st.sampled_from(["en", "ru", "uk"]),
    scope=st.sampled_from(Scope),
    enabled=st.booleans(),
    leads=st.booleans(),
    offer=st.just("") | NAMES,
)
LISTS = st.lists(SOURCES, min_size=1, max_size=5, unique_by=(lambda source: source.id, lambda source: source.url))


@settings(max_examples=40)
@given(LISTS)
def test_opml_brings_back_what_it_was_made_of(sources: list[Source]) -> None:
    found = sources_of_opml(opml_of(Catalog(sources=tuple(sources))))
    assert sorted(found, key=lambda source: source.id) == sorted(sources, key=lambda source: source.id)


@settings(max_examples=40)
@given(LISTS)
def test_toml_brings_back_what_it_was_made_of(tmp_path_factory: pytest.TempPathFactory, sources: list[Source]) -> None:
    path = tmp_path_factory.getbasetemp() / "sources.toml"
    path.write_text(toml_of(sources), encoding="utf-8")
    assert read_catalog(path).sources == tuple(sources)


def test_our_own_list_survives_both_ways(tmp_path: Path) -> None:
    ours = read_catalog(OURS)
    found = sources_of_opml(opml_of(ours))
    assert set(found) == set(ours.sources)
    path = tmp_path / "sources.toml"
    path.write_text(toml_of(found), encoding="utf-8")
    assert set(read_catalog(path).sources) == set(ours.sources)


def test_opml_is_grouped_by_side_for_other_readers() -> None:
    source = Source(
        id=SourceId("wire"), url="https://wire.example/", side=Side.NATO_FLANK, name="A & B", publisher="wire"
    )
    text = opml_of(Catalog(sources=(source,)))
    assert '<outline text="nato flank">' in text
    assert 'text="A &amp; B"' in text
    assert 'faultline:id="wire"' in text


def opml(*outlines: str) -> str:
    return f'<?xml version="1.0" encoding="utf-16"?><opml version="1.0"><body>{"".join(outlines)}</body></opml>'


def test_lists_of_other_readers_are_taken_in() -> None:
    text = opml(
        '<outline text="News"><outline title="The Baltic Times" xmlUrl="https://baltic.example/rss"/>',
        '<outline text="The Baltic Times" XMLURL="feed://baltic.example/other"/></outline>',
        '<outline text="Балтика" xmlUrl="feed:https://baltika.example/rss"/>',
        '<outline xmlUrl="https://t.me/s/invented_wire"/>',
        '<outline text="no address"/><outline text="x" xmlUrl="javascript:alert(1)"/><outline xmlUrl="https://"/>',
    )
    found = sources_of_opml(text)
    assert [(source.id, source.name, source.url, source.kind) for source in found] == [
        ("the-baltic-times", "The Baltic Times", "https://baltic.example/rss", SourceKind.FEED),
        ("the-baltic-times-2", "The Baltic Times", "http://baltic.example/other", SourceKind.FEED),
        ("baltika-example", "Балтика", "https://baltika.example/rss", SourceKind.FEED),
        ("t-me", "t-me", "https://t.me/s/invented_wire", SourceKind.TELEGRAM_CHANNEL),
    ]
    assert {source.side for source in found} == {Side.MIXED}


def test_nonsense_in_our_attributes_is_passed_over() -> None:
    text = opml(
        '<outline xmlns:f="urn:faultline:source" text="Wire" xmlUrl="https://wire.example/" f:id="Two Words" '
        'f:side="left" f:lang="ru" f:enabled="maybe"/>'
    )
    (source,) = sources_of_opml(text)
    assert (source.id, source.side, source.lang, source.enabled) == ("wire", Side.MIXED, "ru", True)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "this isn't an OPML file: no element found"),
        ("<opml", "this isn't an OPML file: unclosed token"),
        ("<rss/>", "this isn't an OPML file: its first element should be <opml>"),
        ('<!DOCTYPE opml [<!ENTITY a "b">]><opml/>', "this file declares entities"),
        ('<!DOCTYPE opml [<!ENTITY % a SYSTEM "file:///etc/passwd">]><opml/>', "this file declares entities"),
    ],
)
def test_what_is_no_opml_is_told(text: str, sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        sources_of_opml(text)
    assert str(caught.value).startswith(sentence)


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    for dressed in (text, f"<opml>{text}</opml>", opml(f'<outline xmlUrl="https://{clean(text)}"/>')):
        try:
            sources_of_opml(dressed)
        except ParseError as error:
            assert str(error)  # noqa: PT017  most of it is refused, some is not


def test_a_list_of_equal_titles_is_read_in_a_second() -> None:
    rows = "".join(f"<outline text='News' xmlUrl='https://a{n}.example/rss'/>" for n in range(20_000))
    began = time.process_time()
    found = sources_of_opml(f"<opml version='2.0'><body>{rows}</body></opml>")
    assert time.process_time() - began < 4, "as long as a list of different titles; a second where nobody else works"
    assert len({source.id for source in found}) == 20_000
    assert [source.id for source in found[:3]] == ["news", "news-2", "news-3"]
    assert found[-1].id == "news-20000"


def test_a_long_id_that_is_taken_stays_one_with_its_number() -> None:
    rows = "".join(
        f"<outline text='Wire' xmlUrl='https://a{n}.example/rss' xmlns:f='urn:faultline:source' f:id='{'a' * 40}'/>"
        for n in range(2)
    )
    found = sources_of_opml(f"<opml version='2.0'><body>{rows}</body></opml>")
    assert [source.id for source in found] == ["a" * 40, f"{'a' * 30}-2"]


def test_a_number_that_a_title_has_taken_is_left_out() -> None:
    titles = ("News", "News 2", "News", "News", "News 2")
    rows = "".join(f"<outline text='{title}' xmlUrl='https://a{n}.example/rss'/>" for n, title in enumerate(titles))
    found = sources_of_opml(f"<opml version='2.0'><body>{rows}</body></opml>")
    assert [source.id for source in found] == ["news", "news-2", "news-3", "news-4", "news-2-2"]
