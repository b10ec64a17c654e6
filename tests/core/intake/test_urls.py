from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core.intake.urls import LONGEST_URL, canonical_url, shown_url

SPELLINGS = [
    # white space and junk around it
    (" https://news.example/a \n", "https://news.example/a"),
    ('<https://news.example/a">', "https://news.example/a"),
    # scheme, host, port
    ("HTTPS://News.Example/A", "https://news.example/A"),
    ("https://news.example:443/a", "https://news.example/a"),
    ("http://news.example:80/a", "http://news.example/a"),
    ("http://news.example:8080/a", "http://news.example:8080/a"),
    ("https://news.example./a", "https://news.example/a"),
    ("https://news.example", "https://news.example/"),
    ("https://новости.example/a", "https://xn--b1amnebsh.example/a"),
    ("https://[2001:DB8::1]/a", "https://[2001:db8::1]/a"),
    # a name before the @ is there to deceive, or a password
    ("https://nato.example@evil.example/a", "https://evil.example/a"),
    # fragments and campaign tags go, everything else stays in its order
    ("https://news.example/a#comments", "https://news.example/a"),
    ("https://news.example/a?at_medium=RSS&at_campaign=rss", "https://news.example/a"),
    ("https://news.example/a?z=1&utm_source=x&b=2&UTM_Medium=y", "https://news.example/a?z=1&b=2"),
    ("https://news.example/a?id=7&fbclid=abc&gclid=d", "https://news.example/a?id=7"),
    ("https://news.example/a?partner=rss&emc=rss", "https://news.example/a"),
    ("https://news.example/a?source=wire", "https://news.example/a?source=wire"),
    ("https://news.example/a?", "https://news.example/a"),
    ("https://news.example/a?&&b=&c", "https://news.example/a?b=&c"),
    ("https://news.example/a?%75tm_source=x", "https://news.example/a"),
    # characters that no address may hold
    ("https://news.example/a b", "https://news.example/a%20b"),
    ("https://news.example/новость", "https://news.example/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D1%8C"),
    ("https://news.example/%d0%bd", "https://news.example/%D0%BD"),
    ("https://news.example/100%", "https://news.example/100%25"),
    ("https://news.example/a?q=x|y", "https://news.example/a?q=x%7Cy"),
    # wrappers that only count the click
    ("https://www.google.com/url?rct=j&url=https://news.example/a%3Fid%3D1&ct=ga", "https://news.example/a?id=1"),
    ("http://www.bing.com/news/apiclick.aspx?ref=x&url=https%3a%2f%2fnews.example%2fa", "https://news.example/a"),
    ("https://vk.com/away.php?to=https%3A%2F%2Fnews.example%2Fa%3Futm_source%3Dvk", "https://news.example/a"),
    # ... stay as they are when they lead nowhere that we would go
    ("https://vk.com/away.php?to=javascript:alert(1)", "https://vk.com/away.php?to=javascript:alert(1)"),
    ("https://www.google.com/url?q=nato", "https://www.google.com/url?q=nato"),
]

NOT_ADDRESSES = [
    "",
    "news.example/a",
    "/a",
    "//news.example/a",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "ftp://news.example/a",
    "mailto:desk@news.example",
    "https://",
    "https:///a",
    "http://news.example:port/",
    "http://news.example:99999/",
    "http://[::1/",
    "https://news example/",
    "https://news..example/",
    "https://-news.example/",
    "https://news.example/" + "a" * LONGEST_URL,
    "https://" + "a" * 300 + ".example/",
]


@pytest.mark.parametrize(("url", "expected"), SPELLINGS)
def test_every_spelling_of_an_address_becomes_one(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


@pytest.mark.parametrize("url", NOT_ADDRESSES)
def test_what_is_no_web_address_is_none(url: str) -> None:
    assert canonical_url(url) is None
    assert shown_url(url) is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.example/a?utm_source=rss#top", "https://news.example/a#top"),
        ('https://news.example/#!/2026/11/a b"', "https://news.example/#!/2026/11/a%20b"),
        ("https://news.example/a#", "https://news.example/a"),
        ("https://news.example/a#" + "b" * LONGEST_URL, "https://news.example/a"),
        ("https://vk.com/away.php?to=https%3A%2F%2Fnews.example%2Fa#b", "https://news.example/a"),
    ],
)
def test_an_address_is_shown_with_its_place_in_the_page(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_wrappers_in_wrappers_end() -> None:
    url = "https://news.example/a"
    for _ in range(6):
        url = f"https://vk.com/away.php?to={quote(url, safe='')}"
    assert canonical_url(url) == "https://news.example/a"


HOSTS = st.sampled_from(["news.example", "NEWS.example.", "новости.example", "vk.com", "[::1]", "a_b.example", "x..y"])
NAMES = st.sampled_from(["utm_source", "id", "url", "to", "q", "ref", "%75tm_x", "at_medium", ""])
QUERIES = st.lists(st.tuples(NAMES, st.text(max_size=12)), max_size=5).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)
ADDRESSES = st.builds(
    "{}://{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "https", "HTTPS", "ftp", "javascript"]),
    HOSTS,
    st.sampled_from(["", ":80", ":443", ":8080", ":x"]),
    st.text(max_size=20),
    QUERIES,
    st.text(max_size=5),
)


@given(st.one_of(st.text(), ADDRESSES, ADDRESSES.map(lambda url: f"https://vk.com/away.php?to={url}")))
@example("https://news.example/\\")
@example("https://news.example/?a=%")
@example("http://0/?\udcff")
@example("http://0/'?")
@example("http://0/?a&'#b")
def test_canonical_is_idempotent_and_always_a_web_address(url: str) -> None:
    canonical, shown = canonical_url(url), shown_url(url)
    if canonical is None:
        assert shown is None
        return
    assert shown
    assert shown.isascii()
    assert shown.isprintable()
    assert shown.partition("#")[0] == canonical
    assert len(shown) <= LONGEST_URL
    assert canonical_url(canonical) == canonical
    assert canonical.isascii()
    assert canonical.isprintable()
    parts = urlsplit(canonical)
    assert parts.scheme in {"http", "https"}
    assert parts.hostname
    assert parts.username is None
    assert not parts.fragment
    assert len(canonical) <= LONGEST_URL


@given(QUERIES.filter(lambda query: "#" not in query))
def test_campaign_tags_never_survive(query: str) -> None:
    canonical = canonical_url(f"https://news.example/a?{query}&utm_campaign=x&id=7")
    assert canonical is None or "utm_" not in canonical.lower().replace("%", "")
    assert canonical is None or canonical.endswith("id=7")
