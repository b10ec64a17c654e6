import itertools
import json
import tarfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import FeedEntry
from bot.errors import ParseError
from bot.sources.parsing.feed import parse_feed
from tests.sources.papers import a_source, atom, first, read, rss

ODD = Path(__file__).parents[4] / "shared" / "data" / "feeds_odd.tar.gz"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

ITEM = """<title>Cable cut in the Baltic</title><description>A ship is held.</description>
<link>https://wire.example/a</link><guid isPermaLink="false">7</guid><pubDate>Sun, 01 Mar 2026 12:00:00 GMT</pubDate>"""
ENTRY = FeedEntry(
    title="Cable cut in the Baltic",
    summary="A ship is held.",
    guid="7",
    link="https://wire.example/a",
    published=NOON,
)

RSS_OLD = '<rss version="{}"><channel><title>W</title><item><title>T</title><link>https://wire.example/a</link></item></channel></rss>'
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://wire.example/"><title>W</title></channel>
<item rdf:about="https://wire.example/a"><title>T</title><link>https://wire.example/a</link>
<dc:date>2026-03-01T15:00:00+03:00</dc:date></item></rdf:RDF>"""


# Formats


def test_rss_2() -> None:
    parsed = read(rss(ITEM, channel="<ttl>15</ttl>"))
    assert parsed.entries == (ENTRY,)
    assert (parsed.title, parsed.ttl, parsed.problem) == ("Invented Wire", timedelta(minutes=15), None)


@pytest.mark.parametrize("version", ["0.91", "0.92", "0.94", "2.0.1", "x"])
def test_older_and_stranger_rss(version: str) -> None:
    assert first(RSS_OLD.format(version)) == FeedEntry(title="T", link="https://wire.example/a")


def test_rdf() -> None:
    assert first(RDF) == FeedEntry(
        title="T", guid="https://wire.example/a", link="https://wire.example/a", published=NOON
    )


def test_atom() -> None:
    entry = first(
        atom(
            '<title type="html">Cable &amp;lt;i&amp;gt;cut&amp;lt;/i&amp;gt;</title><id>urn:7</id><link href="/a"/>'
            '<updated>2026-03-01T12:00:00Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
            "<p>A <b>sh</b>ip</p></div></content>"
        )
    )
    assert entry == FeedEntry(
        title="Cable cut", summary="A ship", guid="urn:7", link="https://wire.example/a", published=NOON
    )


@pytest.mark.parametrize("content_type", ["application/feed+json", "application/json; charset=utf-8", None])
def test_json_feed(content_type: str | None) -> None:
    item = {
        "id": 7,
        "url": "/a?utm_source=x",
        "title": "Cable <b>cut</b>",
        "content_html": "<p>A ship</p>",
        "date_published": "2026-03-01T15:00:00+03:00",
    }
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Invented Wire", "items": [item, 5, {"id": "8"}]}
    parsed = read("\ufeff" + json.dumps(feed), content_type)
    assert parsed.title == "Invented Wire"
    assert parsed.entries == (
        FeedEntry(title="Cable cut", summary="A ship", guid="7", link="https://wire.example/a", published=NOON),
    )


REFUSED = [
    ("", "the answer is empty"),
    (" \n", "the answer is empty"),
    ("<!DOCTYPE html><html><head><title>Just a moment</title></head></html>", "this is a web page, not a feed"),
    ("<!-- <rss> --><HTML><body>", "this is a web page, not a feed"),
    ("Not found", "this is not RSS, Atom or JSON Feed"),
    ('<?xml version="1.0"?><opml version="2.0"><body/></opml>', "this is not RSS, Atom or JSON Feed"),
    ("{", "this is broken JSON, not a feed"),
    ("{" * 100_000, "this is broken JSON, not a feed"),
    ('{"error": "quota"}', "this is JSON, but not a JSON Feed"),
]


@pytest.mark.parametrize(("body", "sentence"), REFUSED)
def test_what_is_no_feed_is_told(body: str, sentence: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(body)
    assert str(caught.value) == sentence


PROBLEMS = [
    (rss(), "has no entries"),
    (rss("<title>T</title>"), "no entry has a date"),
    (rss(ITEM), None),
    (rss(ITEM + "\x07\x00"), None),
    (rss(ITEM + "&mdash;&nbsp;&hellip;"), None),
    (rss(ITEM)[:-20], "the XML is broken; read as far as it goes"),
    (rss(ITEM + "<x:y>undeclared</x:y>"), "the XML is broken; read as far as it goes"),
]


@pytest.mark.parametrize(("feed", "problem"), PROBLEMS)
def test_what_could_be_better_is_told(feed: str, problem: str | None) -> None:
    assert read(feed).problem == problem


# Texts


TITLES = [
    ("<title>Fish &amp; chips</title>", "Fish & chips"),
    ("<title>It&amp;#8217;s on</title>", "It’s on"),
    ("<title>It&#8217;s on</title>", "It’s on"),
    ("<title>It&rsquo;s on</title>", "It’s on"),
    ("<title><![CDATA[It&#8217;s <b>on</b>]]></title>", "It’s on"),
    ("<title>&lt;![CDATA[On]]&gt;</title>", "On"),
    ("<title>&lt;script&gt;alert(1)&lt;/script&gt;On</title>", "On"),
    ("<title>A\n  line\tbroken</title>", "A line broken"),
    ("<title>On\u202e\u200b\x07</title>", "On"),
    ("<title>3 &lt; 4</title>", "3 < 4"),
    ("<title>Own</title><media:title>Of a picture</media:title>", "Own"),
    ("<media:content><media:title>Of a picture</media:title></media:content><title>Own</title>", "Own"),
    ("<itunes:title>Of an episode</itunes:title><itunes:summary>Guests talk.</itunes:summary>", "Of an episode"),
    ("<itunes:title>Of an episode</itunes:title><title>Own</title>", "Own"),
    ("<itunes:title lang='en'>Of an episode</itunes:title><title>Own</title>", "Own"),
    ("<description>No title. Here.</description>", "No title. Here."),
    ("<title> </title><description>The first sentence is a title. The next is not.</description>", None),
]


@pytest.mark.parametrize(("item", "title"), TITLES)
def test_titles_are_plain(item: str, title: str | None) -> None:
    assert first(rss(item)).title == (title or "The first sentence is a title.")


def test_a_long_text_without_title_is_cut_at_a_word() -> None:
    title = first(rss(f"<description>{'word ' * 100}</description>")).title
    assert title.endswith("word…")
    assert len(title) <= 141


# Bluesky and Mastodon give posts no titles.
POSTS = {
    "Bluesky": """<link>https://bsky.app/profile/did:plc:k3/post/3k7</link>
<description>Two corvettes left Kestrel at dawn.

Their escort followed an hour later.</description><pubDate>01 Mar 2026 12:00 +0000</pubDate>
<guid isPermaLink="false">at://did:plc:k3/app.bsky.feed.post/3k7</guid>""",
    "Mastodon": """<guid isPermaLink="true">https://toots.example/@spotter/37</guid><link>https://toots.example/@spotter/37</link>
<pubDate>Sun, 01 Mar 2026 12:00:00 +0000</pubDate>
<description>&lt;p&gt;Two corvettes left Kestrel at dawn.&lt;/p&gt;
&lt;p&gt;Their escort followed an hour later.&lt;/p&gt;</description>""",
}


@pytest.mark.parametrize("post", POSTS.values(), ids=POSTS)
def test_a_post_is_called_by_its_first_sentence(post: str) -> None:
    entry = first(rss(post))
    assert entry.title == "Two corvettes left Kestrel at dawn."
    assert "Their escort followed an hour later." in entry.summary
    assert entry.published == NOON
    assert entry.link is not None
    assert entry.guid is not None


def test_entries_without_any_text_are_left_out() -> None:
    assert read(rss("<link>https://wire.example/a</link>", ITEM)).entries == (ENTRY,)


SUMMARIES = [
    ("<description>Short</description><content:encoded>&lt;p&gt;Long&lt;/p&gt;</content:encoded>", "Short"),
    ("<content:encoded><![CDATA[<p>Long</p><p>text</p>]]></content:encoded>", "Long text"),
    ("<description>T</description>", ""),
    ("<description>A ship &lt;a href='/'>Continue reading...&lt;/a></description>", "A ship"),
    ("<description>A ship [&amp;#8230;]</description>", "A ship …"),
    ("<description>A ship&lt;p>The post T appeared first on Invented Wire.&lt;/p></description>", "A ship"),
]


CAPTIONS = [
    "<media:description>A street. Photo: agency</media:description>",
    '<media:description type="plain">A street. Photo: agency</media:description>',
    "<media:content url='https://wire.example/p.jpg'><media:description>A street</media:description></media:content>",
    "<media:group><media:description><![CDATA[A street]]></media:description></media:group>",
    "<m:description>A street</m:description>",
]


@pytest.mark.parametrize("caption", CAPTIONS)
def test_a_caption_is_no_summary(caption: str) -> None:
    for item in (f"{caption}<description>A ship</description>", f"<description>A ship</description>{caption}"):
        assert first(rss(f"<title>T</title>{item}")).summary == "A ship"
    assert first(rss(f"<title>T</title>{caption}")).summary == ""
    content = "<content:encoded>A ship</content:encoded>"
    assert first(rss(f"<title>T</title>{caption}{content}")).summary == "A ship"


def test_a_caption_is_no_title() -> None:
    assert first(rss(f"{CAPTIONS[0]}<description>A ship</description>")).title == "A ship"


def test_what_describes_a_video_is_its_summary() -> None:
    namespaces = ' xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"'
    video = (
        "<yt:videoId>x</yt:videoId><title>T</title><media:group><media:description>A ship</media:description>"
        "</media:group>"
    )
    assert first(atom(video, attributes=namespaces)).summary == "A ship"


@pytest.mark.parametrize(("item", "summary"), SUMMARIES)
def test_summaries_are_plain(item: str, summary: str) -> None:
    assert first(rss("<title>T</title>" + item)).summary == summary


def test_an_aggregators_entry_names_its_outlet() -> None:
    entry = first(
        rss(
            '<title>Cable cut - Invented Wire 2</title><source url="https://wire2.example">Invented Wire 2</source>'
            "<description>&lt;a href='x'>Cable cut&lt;/a>&amp;nbsp;&lt;font>Invented Wire 2&lt;/font></description>"
        )
    )
    assert (entry.title, entry.summary, entry.outlet) == ("Cable cut", "", "Invented Wire 2")


def test_names_are_short() -> None:
    long = "Invented Wire " * 1000
    parsed = read(
        rss(f"<title>T</title><source url='https://w.example'>{long}</source>").replace(
            "Invented Wire<", "X" * 200 + "<"
        )
    )
    assert len(parsed.entries[0].outlet or "") <= 80
    assert len(parsed.title or "") == 80


def test_a_source_that_names_itself_is_no_aggregator() -> None:
    assert first(rss('<title>T</title><source url="https://wire.example">Invented Wire</source>')).outlet is None


# Links and ids


LINKS = [
    ("<link>https://wire.example/a?utm_source=rss&amp;id=7#top</link>", "https://wire.example/a?id=7#top"),
    ("<link> /a </link>", "https://wire.example/a"),
    ("<link>b</link>", "https://wire.example/feeds/b"),
    ("<link>//other.example/a</link>", "https://other.example/a"),
    ("<link>javascript:alert(1)</link>", None),
    ("<link></link>", None),
    ("<guid>https://wire.example/a</guid>", "https://wire.example/a"),
    ("<guid>12345</guid>", None),
    ("<guid>tag:wire.example,2026:1</guid>", None),
    ("<guid isPermaLink='false'>https://wire.example/a</guid>", None),
    ("<guid>12345</guid><link>https://wire.example/a</link>", "https://wire.example/a"),
    ("<link>http://[broken</link>", None),
    ("<atom:link rel='self' href='https://wire.example/self'/><link>/a</link>", "https://wire.example/a"),
]


@pytest.mark.parametrize(("item", "link"), LINKS)
def test_links_are_absolute_and_of_the_web(item: str, link: str | None) -> None:
    assert first(rss("<title>T</title>" + item)).link == link


def test_an_xml_base_counts() -> None:
    feed = atom('<title>T</title><link href="a"/>', attributes=' xml:base="https://base.example/x/"')
    assert first(feed).link == "https://base.example/x/a"
    feed = atom('<title>T</title><link href="a"/>', attributes=' xml:base="/y/"')
    assert first(feed).link == "https://wire.example/y/a"


def test_an_entry_that_is_no_web_page_is_linked_all_the_same() -> None:
    entry = "<title>T</title><id>tag:x</id><link rel='alternate' type='application/pdf' href='/a.pdf'/>"
    assert first(atom(entry)).link == "https://wire.example/a.pdf"


# Dates


DATES = [
    ("<pubDate>Sun, 01 Mar 2026 15:00:00 +0300</pubDate>", NOON),
    ("<pubDate>Sun, 01 Mar 2026 15:00:00 MSK</pubDate>", NOON),
    ("<pubDate>Вс, 01 мар 2026 15:00:00 +0300</pubDate>", NOON),
    ("<pubDate>2026-03-01 12:00:00</pubDate>", NOON),
    ("<dc:date>2026-03-01T12:00:00Z</dc:date>", NOON),
    ("<a10:updated>2026-03-01T12:00:00Z</a10:updated>", NOON),
    ("<pubDate>soon</pubDate><a10:updated>2026-03-01T12:00:00Z</a10:updated>", NOON),
    ("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>", datetime(1970, 1, 1, tzinfo=UTC)),
    ("<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate>", datetime(2100, 1, 1, tzinfo=UTC)),
    ("<pubDate>Fri, 31 Feb 2026 99:00:00 GMT</pubDate>", None),
    ("<pubDate></pubDate>", None),
    ("", None),
]


@pytest.mark.parametrize(("item", "published"), DATES)
def test_dates_are_what_the_source_says_in_utc(item: str, published: datetime | None) -> None:
    assert first(rss("<title>T</title>" + item)).published == published


@pytest.mark.parametrize("order", [1, -1])
def test_of_a_whole_archive_the_newest_are_read_in_no_time(order: int) -> None:
    items = [f"<title>{n}</title><dc:date>{1000 + n // 28}-01-{1 + n % 28:02}</dc:date>" for n in range(28_000)]
    started = time.process_time()
    parsed = read(rss(*items[::order]))
    assert {int(entry.title) for entry in parsed.entries} == set(range(27_500, 28_000))
    assert parsed.problem is None
    assert time.process_time() - started < 3


def test_the_five_hundred_newest_are_kept_in_the_feeds_order() -> None:
    items = [
        f"<title>{number}</title><pubDate>{NOON + timedelta(hours=number):%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        for number in range(600)
    ]
    titles = [entry.title for entry in read(rss(*items, "<title>undated</title>")).entries]
    assert titles == [*map(str, range(101, 600)), "undated"]


# Charsets


RUSSIAN = "Россия и НАТО: учения на Балтике, заявил представитель"
DECLARED = '<?xml version="1.0" encoding="{}"?>'


CHARSETS = ["windows-1251", "utf-8", "koi8-r", "utf-16", "utf-8-sig"]
CLAIMS = ["windows-1251", "utf-8", "iso-8859-1", "nonsense", "base64", "unicode_escape", ""]
SERVERS = [None, "text/xml", "application/xml; charset=utf-8", "text/xml;charset=ISO-8859-1"]
# One Cyrillic charset called by another's name can't be told from the truth.
PAIRS = [pair for pair in itertools.product(CHARSETS, CLAIMS) if pair != ("koi8-r", "windows-1251")]


@pytest.mark.parametrize(("encoding", "declared"), PAIRS)
@pytest.mark.parametrize("content_type", SERVERS)
def test_no_claim_about_the_charset_spoils_russian(encoding: str, content_type: str | None, declared: str) -> None:
    head = DECLARED.format(declared) if declared else ""
    assert first(rss(f"<title>{RUSSIAN}</title>", head=head).encode(encoding), content_type).title == RUSSIAN


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("windows-1250", "Żołnierze w Gdańsku"),
        ("iso-8859-2", "Żołnierze w Gdańsku"),
        ("windows-1257", "Žuvys Šiauliuose"),
        ("windows-1253", "Ελλάδα"),
        ("iso-8859-5", "Россия"),
        ("gb2312", "中国"),
    ],
)
def test_an_honest_claim_counts(encoding: str, text: str) -> None:
    title = f"<title>{text}</title>"
    assert first(rss(title, head=DECLARED.format(encoding)).encode(encoding)).title == text
    assert first(rss(title).encode(encoding), f"text/xml; charset={encoding}").title == text


def test_western_text_called_utf_8_is_read() -> None:
    feed = rss("<title>Élysée – “Côte d’Ivoire”</title>", head=DECLARED.format("utf-8")).encode("windows-1252")
    parsed = read(feed)
    assert parsed.entries[0].title == "Élysée – “Côte d’Ivoire”"
    assert parsed.problem == "says that it is utf-8, but is cp1252"


def test_a_few_broken_letters_do_not_turn_the_rest() -> None:
    feed = rss(f"<title>{RUSSIAN}</title>").encode().replace("а".encode(), b"\xd0", 1)
    assert first(feed).title == RUSSIAN.replace("а", "\ufffd", 1)


@pytest.mark.parametrize("cut", [b"\xd0", b"\xe2\x80"])
def test_utf_8_with_half_a_letter_is_utf_8(cut: bytes) -> None:
    feed = rss("<title>Россия X</title>", head=DECLARED.format("UTF-8")).encode().replace(b"X", cut)
    for content_type in ("text/xml; charset=utf-8", "text/xml", "text/xml; charset=windows-1251"):
        parsed = read(feed, content_type)
        assert parsed.entries[0].title == "Россия \ufffd"
        assert parsed.problem == "no entry has a date"


def test_a_charset_that_hides_in_ascii_is_read() -> None:
    assert first(rss("<title>日本</title>", head=DECLARED.format("iso-2022-jp")).encode("iso-2022-jp")).title == "日本"


# Hostility


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = [
    f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]>',
    f'<?xml version="1.0"?>\n<!DOCTYPE r [\n<!ENTITY l0 "ha">\n{LAUGHS}\n]>\n',
    f'<!-- <a --><!DOCTYPE r [<!ENTITY l9 "{"ha" * 1_000_000}">]>',
    f'<!DOCTYPE r ["]>" <!ENTITY l9 "{"ha" * 1_000_000}">]>',
]


@pytest.mark.parametrize("head", BOMBS)
def test_entities_do_not_blow_up(head: str) -> None:
    started = time.process_time()
    entries = read(rss("<title>T &l9;</title><description>" + "&l9;" * 1000 + "</description>", head=head)).entries
    assert "haha" not in "".join(entry.title + entry.summary for entry in entries)
    assert time.process_time() - started < 3


@pytest.mark.parametrize("kind", ["SYSTEM", 'PUBLIC "x"'])
def test_no_file_or_address_is_read_in(kind: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    head = f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x {kind} "{secret.as_uri()}">]>'
    entry = first(rss("<title>T &x;</title>", head=head))
    assert entry.title == "T &x;"


def test_harmless_entities_are_read() -> None:
    head = '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY wire "Invented Wire">]>'
    assert first(rss("<title>&wire;&nbsp;&mdash; on &euro;</title>", head=head)).title == "Invented Wire — on €"


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_garbage_is_refused_in_words(body: bytes) -> None:
    for dressed in (body, b"<rss><channel><item><title>" + body, b'<?xml version="1.0"?><feed>' + body, b"{" + body):
        with suppress(ParseError):
            parse_feed(dressed, a_source(), None)


PIECES = "< > & ; &# &#x 99999999999; </ <item> </item> <title> </title> <link> <![CDATA[ ]]> <!-- --> <guid> <ttl>"


@given(st.lists(st.sampled_from(PIECES.split()) | st.text(max_size=5)).map("".join))
def test_broken_xml_is_read_or_refused_in_words(middle: str) -> None:
    with suppress(ParseError):
        parsed = read(f"<rss version='2.0'><channel><ttl>{middle}</ttl><item><title>T{middle}</title></item>")
        for entry in parsed.entries:
            assert entry.title
            assert "\x00" not in entry.title + entry.summary


def test_odd_feeds_of_all_libraries_are_read_or_refused() -> None:
    if not ODD.exists():
        pytest.skip(f"{ODD.name} is not here")
    with_entries, entries, dated = 0, 0, 0
    with tarfile.open(ODD) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is None or "LICENSE" in member.name:
                continue
            try:
                parsed = parse_feed(file.read(), a_source(), None)
            except ParseError:
                continue
            with_entries += bool(parsed.entries)
            entries += len(parsed.entries)
            dated += sum(entry.published is not None for entry in parsed.entries)
    # Of 2,524 files; most others are single features on entries without any text.
    assert with_entries >= 863
    assert entries >= 4285
    assert dated >= 3213
