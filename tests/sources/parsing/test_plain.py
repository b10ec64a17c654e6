import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.sources.parsing.plain import LONGEST, plain_text

TEXTS = [
    # plain text comes back as it is
    ("a < b", "a < b"),
    ("2 <3 & 4>1", "2 <3 & 4>1"),
    ("AT&T and R&D; more", "AT&T and R&D; more"),
    # tags go; those that end a line leave a space, those within a word don't
    ("<p>Cable cut</p><p>Again</p>", "Cable cut Again"),
    ("one<br/>two<li>three", "one two three"),
    ("<b>N</b>ATO <i>jets</i>", "NATO jets"),
    ("<td>a</td><td>b</td>", "a b"),
    ("<img alt='a > b' src=x>Ships", "Ships"),
    ("<!-- hidden -->Seen", "Seen"),
    ("An unclosed <a href='x", "An unclosed"),
    # what is not for reading
    ("<style>p{}</style><script>alert(1)</script>Ships", "Ships"),
    ("<noscript>Turn it on</noscript><svg><title>logo</title></svg>Ships", "Ships"),
    # entities, as often as they were escaped
    ("Fish &amp; chips &#8217;26 &nbsp;&hellip;", "Fish & chips ’26 …"),
    ("Fish &amp;amp; chips &amp;#8217;26", "Fish & chips ’26"),
    ("&lt;p&gt;Cable&lt;/p&gt;", "Cable"),
    ("&lt;script&gt;alert(1)&lt;/script&gt;Ships", "Ships"),
    ("<![CDATA[Cable cut]]>", "Cable cut"),
    ("&lt;![CDATA[Cable cut]]&gt;", "Cable cut"),
    # characters that disguise
    ("\u202eevil\u202c ca\u200bble\u0007", "evil cable"),
    ("<scr\u200bipt>alert(1)</scr\u200bipt>Ships", "Ships"),
    ("&#x202E;evil &zwnj;", "evil"),
]


@pytest.mark.parametrize(("html", "text"), TEXTS)
def test_html_becomes_what_a_reader_would_see(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize("piece", ["<div>", "<a href=x>", "&amp;", "<table>", "<svg><p>", "<", "<!--"])
def test_hostile_markup_is_cut_short(piece: str) -> None:
    started = time.process_time()
    assert len(plain_text(piece * 1_000_000)) <= LONGEST
    assert time.process_time() - started < 1


PIECES = """
< > &lt; &amp; &amp;lt; script </ p /> <b> a <![CDATA[ ]]> <!-- \u200b \u202e &#60; &#x3c; onclick= " '
&amp;amp;amp;amp;amp;lt;
"""
MARKUP = st.lists(st.sampled_from(PIECES.split()) | st.text(max_size=3)).map("".join)


@given(MARKUP | st.text())
@example("&amp;amp;amp;amp;lt;script&amp;amp;amp;amp;gt;")
@example("<<script>script>alert(1)")
def test_no_markup_survives(html: str) -> None:
    text = plain_text(html)
    assert not re.search(r"<[A-Za-z/!?]", text)
    assert text == " ".join(text.split())
    assert not set(text) & set("\u200b\u202e\u0000")
    assert not re.search(r"<[A-Za-z/!?]", plain_text(text))


@given(st.text(st.characters(exclude_characters="<&", exclude_categories=["C"])))
def test_text_without_markup_keeps_its_words(text: str) -> None:
    assert plain_text(plain_text(text)) == plain_text(text)
    assert plain_text(f"<p>{text}</p>") == plain_text(text)
