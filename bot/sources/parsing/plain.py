"""HTML to plain text: what a reader would see, on one line, and nothing that a machine could take for markup."""

import re

from selectolax.lexbor import LexborHTMLParser

from bot.core.language.text import clean

# Of a text far longer than any summary only the start is read: some feeds carry whole speeches, and hostile nesting
# costs the square of its length.
LONGEST = 20_000

# Elements whose content is not for reading.
_UNREAD = ["script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math", "head", "textarea"]
# Elements that end a word; <b> and its kin don't.
_BLOCK = re.compile(
    r"<(?=/?(?:p|br|div|li|[uod]l|d[td]|h[1-6]|hr|t[dhr]|table|blockquote|pre|section|article|figure|figcaption"
    r"|title|img|video|audio)\b)",
    re.IGNORECASE,
)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_ENTITY = re.compile(r"&#?\w{1,32};")
_TAG = re.compile(r"(?<!<)<++(?=[A-Za-z/!?])")  # looks at each run once: a page of "<" must not cost its square
# Text may have been escaped for HTML, again for XML, and again by a careless template.
_MOST_ROUNDS = 4


def plain_text(html: str) -> str:
    """The text of an HTML fragment, cleaned (see `bot.core.language.text.clean`), of 20,000 characters at most.

    Entities are undone as often as they were done, and markup that comes to light goes too. "a < b" survives.
    """
    text = clean(html[:LONGEST])
    for _ in range(_MOST_ROUNDS):
        if not (_TAG.search(text) or _ENTITY.search(text)):
            return text
        tree = LexborHTMLParser(_BLOCK.sub(" <", _CDATA.sub("", text)), is_fragment=True)
        tree.strip_tags(_UNREAD)
        before, text = text, clean(tree.root.text(deep=True) if tree.root else "")
        if text == before:
            break
    return _TAG.sub("", text)
