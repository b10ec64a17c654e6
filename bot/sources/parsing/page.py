"""The lead of an article's page: what its publisher says of it in a sentence or two, and lets everybody read."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from selectolax.lexbor import LexborHTMLParser

from bot.core.language.sentences import sentences_in
from bot.core.language.text import is_small, title_key, words_in
from bot.core.wording.alert import cut_at_word
from bot.sources.base import MOST_BYTES, Fetched
from bot.sources.parsing.compression import inflated
from bot.sources.parsing.decoding import text_of
from bot.sources.parsing.entries import to_entry

SHORT = 120  # letters: a text below it says little beyond its title
LONGEST = 400

# schema.org, in JSON-LD or microdata and be it broken: the article, or the part of it that matters, is not for all.
_PAID = re.compile(
    r"isAccessibleForFree\W{1,12}(?:content\W{1,4})?(?:https?:\W{2,4}schema\.org\W{1,2})?false", re.IGNORECASE
)
# Open Graph's article:content_tier (free, locked, metered), and what sites call the like of it.
_TIER = re.compile(r"(?:content_?-?tier|paywall|locked|premium)$")
_PAID_TIERS = {"locked", "metered", "paid", "premium", "subscriber", "subscribers", "true", "yes", "1"}
# In robots meta tags and X-Robots-Tag: no text of the page is to be shown elsewhere, or so many letters at most.
_NO_SNIPPET = re.compile(r"\bnosnippet\b|\bmax-snippet:\s*0\b|tdm-reservation:\s*1\b", re.IGNORECASE)
_SNIPPET = re.compile(r"\bmax-snippet:\s*(\d{1,6})", re.IGNORECASE)

_DESCRIPTIONS = ("twitter:description", "description", "dc.description")
_PARAGRAPHS = ("[itemprop='articleBody'] p, article p, main p", "p")
_MOST_PARAGRAPHS = 20
_MOST_NODES = 2000  # of JSON-LD
_LONGEST_READ = 5000  # characters of a text, with its markup
_SHORTEST_STEM = 3


def lead_of(page: Fetched, title: str, lang: str) -> str:
    """What a page says of the article with this title, in at most 400 letters; "" where it says nothing of it, or asks
    for money or for its words to be left alone. Raises FetchError where its body is not as it claims.

    It must share a word with the title: sites describe themselves, their cookies and their errors in the same places.
    """
    if "html" not in (page.content_type or "html").lower():
        return ""
    html, _ = text_of(inflated(page.body or b"", page.encoding, MOST_BYTES), page.content_type)
    tree = LexborHTMLParser(html)
    metas = _metas(tree)
    asked = " ".join([page.reserved, *metas["robots"], *metas["faultline"]])
    asked += "".join([f" tdm-reservation: {value}" for value in metas["tdm-reservation"]])
    if _PAID.search(html) or _is_locked(metas) or _NO_SNIPPET.search(asked):
        return ""
    about = _telling_stems(title, lang)
    texts = [
        text
        for found in _texts(tree, metas)
        if (text := _said(found, title)) and not about.isdisjoint(_telling_stems(text, lang))
    ]
    best = next((text for text in texts if len(text) >= SHORT), max(texts, key=len, default=""))
    return _cut(best, lang, min([LONGEST, *map(int, _SNIPPET.findall(asked))]))


def _metas(tree: LexborHTMLParser) -> Mapping[str, Sequence[str]]:
    """The content of the page's meta tags by their names in small letters."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
        found[name.strip().lower()].append(attributes.get("content") or "")
    return found


def _is_locked(metas: Mapping[str, Sequence[str]]) -> bool:
    return any(
        value.strip().lower() in _PAID_TIERS for name, values in metas.items() if _TIER.search(name) for value in values
    )


def _texts(tree: LexborHTMLParser, metas: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What may be the lead, the best first; it may hold markup."""
    yield from metas.get("og:description", ())
    for script in tree.css("script[type='application/ld+json']"):
        yield from _descriptions(script.text())
    for name in _DESCRIPTIONS:
        yield from metas.get(name, ())
    tree.strip_tags(["script", "style", "noscript", "template"])
    for paragraphs in _PARAGRAPHS:
        for node in tree.css(paragraphs)[:_MOST_PARAGRAPHS]:
            if len(node.text(deep=True)) >= SHORT:
                yield node.html or ""


def _descriptions(script: str) -> Iterator[str]:
    """What JSON-LD says of articles: their descriptions, or how they begin."""
    try:
        left = [json.loads(script)]
    except (ValueError, RecursionError):
        return
    for _ in range(_MOST_NODES):
        if not left:
            return
        node = left.pop()
        if isinstance(node, list):
            left += reversed(node)
        elif isinstance(node, dict):
            if "headline" in node or "Article" in str(node.get("@type")):
                yield from (text for key in ("description", "articleBody") if isinstance(text := node.get(key), str))
            left += [value for value in node.values() if isinstance(value, list | dict)]


def _said(found: str, title: str) -> str:
    """A text as plain words; "" if they only say the title again."""
    entry = to_entry(title=title, summary=found[:_LONGEST_READ], base="")
    text = entry.summary if entry else ""
    return "" if title_key(text) == title_key(title) else text


def _telling_stems(text: str, lang: str) -> frozenset[str]:
    return frozenset(
        word.stem
        for word in words_in(text, lang)
        if len(word.stem) >= _SHORTEST_STEM and not is_small(word.folded, word.lang)
    )


def _cut(text: str, lang: str, most: int) -> str:
    """As many of its sentences as `most` letters hold, if they say enough, else of its words."""
    if len(text) <= most:
        return text
    kept = ""
    for sentence in sentences_in(text, lang):
        longer = f"{kept} {sentence}".strip()
        if len(longer) > most:
            break
        kept = longer
    return kept if len(kept) >= SHORT else cut_at_word(text, most)
