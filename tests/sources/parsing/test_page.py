"""The lead of a page, whatever shape the page is in."""

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FetchError
from bot.sources.base import Fetched, Validators
from bot.sources.parsing.page import LONGEST, lead_of

TITLE = "Drone crosses the border of Varn"
LEAD = (
    "A drone that came from the east crossed the border of Varn on Tuesday night, the ministry said, and was lost from "
    "radar near Kestrel twelve minutes later."
)
SHORT_LEAD = "The ministry of Varn says where a drone came from."
SITE = (
    "Westmark Daily brings you all that matters, from politics to sports, with pictures and films, at every hour of it."
)


def page(html: str | bytes, **fields: str) -> Fetched:
    body = html if isinstance(html, bytes) else html.encode()
    given: dict[str, str | None] = {"content_type": "text/html; charset=utf-8", **fields}
    return Fetched(body=body, validators=Validators(), moved_to=None, fresh_for=None, status=200, **given)  # type: ignore[arg-type]


def lead(html: str | bytes, title: str = TITLE, lang: str = "en", **fields: str) -> str:
    return lead_of(page(html, **fields), title, lang)


def og(text: str, more: str = "") -> str:
    return f'<html><head><meta property="og:description" content="{text}">{more}</head><body><p>Menu</p></body></html>'


def ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def article(**fields: object) -> dict[str, object]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, **fields}


@pytest.mark.parametrize(
    "html",
    [
        og(LEAD),
        f"<meta name='og:description' content='{LEAD}'>",
        f"<meta property='OG:Description' content='{LEAD}'>",
        f"<META CONTENT='{LEAD}' NAME='Description'>",
        f"<meta name='twitter:description' content='{LEAD}'>",
        og("&lt;p&gt;" + LEAD + "&lt;/p&gt;"),
        ld(article(description=LEAD)),
        ld([{"@type": "Organization", "description": SITE}, article(description=LEAD)]),
        ld({"@graph": [{"@type": "WebSite", "description": SITE}, article(description=LEAD)]}),
        ld(article(articleBody=LEAD)),
        ld({"@type": ["NewsArticle"], "description": LEAD}),
        f"<article><p>By Jo Orel</p><p>{LEAD}</p></article>",
        f"<body><p>{SITE}</p><td><p>{LEAD.replace(' on ', '<br>on ')}</p>",
        f"<main><p>{SITE}</p><div><p>{LEAD[:30]}<b>{LEAD[30:40]}</b>{LEAD[40:]}</p></div></main>",
        f"<div itemprop='articleBody'><p>{LEAD}<script>var drone = 1;</script>",
        og(SHORT_LEAD) + ld(article(description=LEAD)),
        og(SITE) + f"<article><p>{LEAD}</p></article>",
        og(TITLE) + f"<article><p>{LEAD}</p></article>",
        f"<script type='application/ld+json'>{{broken</script>{og(LEAD)}",
        f"<script type='application/ld+json'>{'[' * 100_000}</script>{og(LEAD)}",
        "\ufeff" + og(LEAD),
    ],
)
def test_a_lead_is_read_where_a_page_has_it(html: str) -> None:
    assert lead(html) == LEAD


def test_a_short_lead_is_better_than_none() -> None:
    assert lead(og(SHORT_LEAD)) == SHORT_LEAD


@pytest.mark.parametrize(
    "html",
    [
        "",
        og(""),
        og(TITLE),
        og(f"{TITLE}."),
        og(SITE),
        f"<main><p>{SITE}</p></main>",
        "<html><body><p>Access denied. Enable cookies and reload the page to go on, or write to the people who run it.",
        f"<script>var text = '{LEAD}'</script>",
        ld({"@type": "WebSite", "description": LEAD}),
        ld(article(description=12)),
    ],
)
def test_what_says_nothing_of_the_article_is_no_lead(html: str) -> None:
    assert lead(html) == ""


@pytest.mark.parametrize(
    "mark",
    [
        ld(article(isAccessibleForFree=False)),
        ld(article(isAccessibleForFree="False")),
        ld(article(isAccessibleForFree="https://schema.org/False")),
        ld(article(hasPart={"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".rest"})),
        "<script type='application/ld+json'>{broken, \"isAccessibleForFree\" : false</script>",
        "<meta itemprop='isAccessibleForFree' content='false'>",
        "<meta property='article:content_tier' content='locked'>",
        "<meta property='article:content_tier' content='metered'>",
        "<meta property='og:locked' content='true'>",
        "<meta name='content-tier' content='Locked'>",
        "<meta name='paywall' content='yes'>",
    ],
)
def test_an_article_that_is_not_for_all_is_left_alone(mark: str) -> None:
    assert lead(og(LEAD, mark)) == ""


@pytest.mark.parametrize(
    "mark",
    [
        ld(article(isAccessibleForFree=True)),
        "<meta property='article:content_tier' content='free'>",
        "<meta name='paywall' content='false'>",
        "<meta name='robots' content='index, follow, max-snippet:-1'>",
        "<meta name='tdm-reservation' content='0'>",
    ],
)
def test_an_article_that_is_for_all_is_read(mark: str) -> None:
    assert lead(og(LEAD, mark)) == LEAD


@pytest.mark.parametrize(
    ("mark", "header"),
    [
        ("<meta name='robots' content='noarchive, nosnippet'>", ""),
        ("<meta name='robots' content='max-snippet:0'>", ""),
        ("<meta name='Faultline' content='nosnippet'>", ""),
        ("<meta name='tdm-reservation' content='1'>", ""),
        ("", "x-robots-tag: nosnippet"),
        ("", "tdm-reservation: 1"),
    ],
)
def test_a_publisher_that_wants_no_text_shown_elsewhere_is_heeded(mark: str, header: str) -> None:
    assert lead(og(LEAD, mark), reserved=header) == ""


def test_a_publisher_can_say_how_much_is_shown() -> None:
    found = lead(og(LEAD, "<meta name='robots' content='max-snippet:60'>"))
    assert found == "A drone that came from the east crossed the border of Varn…"
    assert len(found) <= 60


def test_a_long_text_ends_with_a_sentence_or_a_word() -> None:
    second = LEAD.replace("Tuesday", "Monday")
    assert lead(og(f"{LEAD} {second} {LEAD}")) == f"{LEAD} {second}"
    endless = "drone " + "word " * 200
    assert lead(og(endless)) == f"{endless[:399].rpartition(' ')[0]}…"


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1250", "iso-8859-2", "windows-1251", "koi8-r", "utf-16"])
def test_a_page_is_read_in_its_own_letters(encoding: str) -> None:
    is_cyrillic = encoding in {"windows-1251", "koi8-r"}
    title = "Дрон над Варной" if is_cyrillic else "Dron przekroczył granicę"
    text = "Дрон пересек границу Варны ночью." if is_cyrillic else "Dron przekroczył w nocy granicę, mówią źródła."
    html = f"<html><head><meta charset='{encoding}'><meta property='og:description' content='{text}'>"
    assert lead(html.encode(encoding), title, "ru" if is_cyrillic else "pl", content_type="text/html") == text


def test_a_page_that_does_not_name_its_letters_is_guessed() -> None:
    text = "Дрон пересек границу Варны ночью."
    html = og(text).encode("cp1251")
    assert lead(html, "Дрон над Варной", "ru", content_type="text/html") == text


@pytest.mark.parametrize("content_type", ["application/pdf", "image/png", "application/json"])
def test_what_is_no_page_is_not_read(content_type: str) -> None:
    assert lead(og(LEAD), content_type=content_type) == ""


def test_a_compressed_page_is_inflated_and_a_bomb_is_not() -> None:
    assert lead(gzip.compress(og(LEAD).encode()), encoding="gzip") == LEAD
    with pytest.raises(FetchError, match="more than 5 MB"):
        lead(gzip.compress(bytes(20_000_000)), encoding="gzip")


_PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "<article>",
            "</p>",
            "<meta ",
            'property="og:description" ',
            "content='",
            "'>",
            "<script ",
            "</script>",
        ),
        *('type="application/ld+json">', '{"headline": 1, ', '"description": "', '"}', "[" * 50, "<!--", "<![CDATA["),
        *("drone ", "border. ", "&#0;", "\x00", "\ufffd", "ß" * 500, LEAD),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_PIECES | st.text(max_size=40), max_size=40), st.binary(max_size=200), st.text(max_size=60))
def test_no_page_gives_more_than_400_letters_or_breaks_the_reader(pieces: list[str], tail: bytes, title: str) -> None:
    body = "".join(pieces).encode("utf-8", "replace") + tail
    for name in (TITLE, title):
        assert len(lead(body, name, content_type="")) <= LONGEST
