"""Bytes to text, whatever their server and their first line claim; and XML without the parts that bite."""

import codecs
import re
from collections.abc import Iterator
from html.entities import html5

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its start
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_XML_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})""")
_META_DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_HTTP_DECLARED = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
# Browsers read these names as windows-1252, a superset (WHATWG Encoding, section 4.2).
_WESTERN = {"iso8859-1", "ascii"}
# Codecs of Python that no document is written in.
_NOT_FOR_TEXT = {"unicode-escape", "raw-unicode-escape", "punycode", "idna", "undefined", "mbcs", "oem"}

_HIGH = re.compile(rb"[\x80-\xff]+")
_LETTERS_IN_A_WORD = 3
_WHOLE = re.compile("[^\x00-\x7f\ufffd]")

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_DECLARED = re.compile(r"""<!ENTITY\s+(\w{1,32})\s+(["'])(&#\w{1,8};|[^&<%"']{0,16})\2\s*>""")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_XML_NAMES = {"amp", "lt", "gt", "quot", "apos"}


def text_of(body: bytes, content_type: str | None) -> tuple[str, str | None]:
    """The text of a body, and one sentence if it is not in the encoding that it claims."""
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body.decode(encoding, "replace").lstrip("\ufeff"), None
    claimed = list(_claimed(body, content_type))
    if body.isascii():
        # ISO-2022-JP and its like hide in ASCII: the claim counts.
        return (_decoded(body, claimed[0]) if claimed else None) or body.decode("ascii"), None
    text = _decoded(body, "utf-8")
    if text is not None:  # what happens to be UTF-8 is UTF-8, even if called iso-8859-1 by a server's default
        return text, None
    marked = body.decode("utf-8", "replace")
    # Some letters are cut in half; those of other charsets are hardly ever a letter of UTF-8.
    if "utf-8" in claimed and marked.count("\ufffd") <= len(_WHOLE.findall(marked)):
        return marked, None
    for encoding in claimed:
        if encoding not in {"utf-8", "cp1252"} and (text := _decoded(body, encoding)) is not None:
            return text, None
    encoding = _guessed(body)
    lie = f"says that it is {claimed[0]}, but is {encoding}" if claimed and claimed[0] != encoding else None
    return body.decode(encoding, "replace"), lie


def harmless_xml(text: str) -> str:
    """XML without document type, control characters and named entities, so that nothing in it expands or is fetched.

    Names of HTML and short values that the document declares are put in place; bombs and external entities stay names.
    """
    declared = {name: value for name, _, value in _DECLARED.findall(text)}

    def character(match: re.Match[str]) -> str:
        name = match[1]
        if name in _XML_NAMES:
            return match[0]
        return declared.get(name) or html5.get(name + ";") or match[0]

    return _NAMED.sub(character, _DOCTYPE.sub("", _NOT_XML.sub("", text)))


def _claimed(body: bytes, content_type: str | None) -> Iterator[str]:
    """Names of codecs: the document's own claim first, for the server's is often but a default."""
    xml = _XML_DECLARED.search(body[:1000])
    meta = _META_DECLARED.search(body[:1024])  # as far as browsers look for it (WHATWG HTML, section 13.2.3.2)
    http = _HTTP_DECLARED.search(content_type or "")
    for name in (xml[1].decode() if xml else None, meta[1].decode() if meta else None, http[1] if http else None):
        try:
            codec = codecs.lookup(name).name.replace("_", "-") if name else "undefined"
        except LookupError:
            continue
        if codec not in _NOT_FOR_TEXT:
            yield "cp1252" if codec in _WESTERN else codec


def _decoded(body: bytes, encoding: str) -> str | None:
    try:
        return body.decode(encoding)
    except (UnicodeError, LookupError):  # LookupError: base64 and its like decode to bytes
        return None


def _guessed(body: bytes) -> str:
    """UTF-8 with a few broken characters, or else Cyrillic if high bytes come in words, Western if they come singly."""
    runs = _HIGH.findall(body)
    high = sum(map(len, runs))
    if body.decode("utf-8", "replace").count("\ufffd") * 20 <= high:
        return "utf-8"
    if 2 * sum(len(run) for run in runs if len(run) >= _LETTERS_IN_A_WORD) < high:
        return "cp1252"
    # Most letters are small ones: these are E0-FF in windows-1251, C0-DF in KOI8-R.
    letters = b"".join(runs)
    small = len(letters.translate(None, bytes(range(0xE0))))
    return "cp1251" if 2 * small >= len(letters) else "koi8-r"
