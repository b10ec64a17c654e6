"""Lists of sources as OPML 2.0, the format that feed readers exchange (http://opml.org/spec2.opml), and as TOML."""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from pydantic import ValidationError

from bot.core.language.text import clean
from bot.core.model import Side, Source, SourceKind
from bot.errors import ParseError
from bot.sources.catalog import Catalog, SourceTable, source_of, web_address
from bot.terminal import escaped

# What OPML has no words for stands in a namespace of its own, as OPML 2.0 asks.
_NAMESPACE = "{urn:faultline:source}"
_OURS = ("id", "kind", "publisher", "publisher_kind", "side", "lang", "scope", "enabled", "leads", "offer")
_SWITCHES = {"enabled", "leads"}
_TRUTHS = {"true": True, "false": False}
_PREVIEW = re.compile(r"https?://t\.me/s/", re.IGNORECASE)
_LONGEST_SLUG = 30


def opml_of(catalog: Catalog) -> str:
    """The sources as OPML, grouped by side; readers other than ours see titles and addresses."""
    ElementTree.register_namespace("faultline", _NAMESPACE.strip("{}"))
    opml = Element("opml", version="2.0")
    SubElement(SubElement(opml, "head"), "title").text = "Faultline sources"
    body = SubElement(opml, "body")
    for side in Side:
        of_side = [source for source in catalog.sources if source.side is side]
        if not of_side:
            continue
        group = SubElement(body, "outline", text=side.value.replace("_", " "))
        for source in of_side:
            outline = SubElement(group, "outline", type="rss", text=source.name, xmlUrl=source.url)
            for key in _OURS:
                value = getattr(source, key)
                if value != "":
                    outline.set(_NAMESPACE + key, str(value).lower() if isinstance(value, bool) else value)
    ElementTree.indent(opml)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(opml, encoding="unicode") + "\n"


def sources_of_opml(text: str) -> tuple[Source, ...]:
    """The sources of an OPML file; raises ParseError.

    Those of another program get an id made from their title, and the side "mixed", to be set by whoever knows.
    """
    if "<!ENTITY" in text:
        raise ParseError("this file declares entities, which OPML doesn't use, so it was not read")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  no entities, nothing to expand
    except (ElementTree.ParseError, ValueError) as error:
        raise ParseError(f"this isn't an OPML file: {error}") from error
    if root.tag.lower() != "opml":
        raise ParseError("this isn't an OPML file: its first element should be <opml>")
    return tuple(_sources(root))


def toml_of(sources: Iterable[Source]) -> str:
    """The sources as `[[source]]` tables, to be appended to a sources.toml; what is as by default is left out."""
    return "\n".join(_table(source) for source in sources)


def _sources(root: Element) -> Iterator[Source]:
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    for outline in root.iter("outline"):
        plain = {name.lower(): clean(value) for name, value in outline.items()}
        url = _web_address(plain.get("xmlurl", ""))
        if url is not None:
            title = plain.get("title") or plain.get("text") or ""
            source = source_at(url, title, _ours(outline), taken, numbers)
            taken.add(source.id)
            yield source


def source_at(
    url: str,
    title: str,
    ours: Mapping[str, Any],
    taken: Collection[str],
    numbers: MutableMapping[str, int] | None = None,
) -> Source:
    """The source at an address, its id made from its title or its host and none of those taken; `ours` are its keys.

    `numbers` is for who asks many times while more are taken: the first number of each id that may be free.
    """
    wanted = ours.get("id") or _slug(title) or _slug(urlsplit(url).netloc) or "source"
    id_ = _free(wanted, taken, {} if numbers is None else numbers)
    kind = SourceKind.TELEGRAM_CHANNEL if _PREVIEW.match(url) else SourceKind.FEED
    name = clean(title) or id_
    values = {"kind": kind, "side": Side.MIXED, "name": name, **ours, "id": id_, "url": url}
    return source_of(SourceTable.model_validate(values))


def _ours(outline: Element) -> dict[str, Any]:
    """Our own attributes, as far as they hold what they should."""
    given = {key: text for key in _OURS if (text := outline.get(_NAMESPACE + key)) is not None}
    values = {key: _TRUTHS.get(text, text) if key in _SWITCHES else text for key, text in given.items()}
    try:
        SourceTable.model_validate(values)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            values.pop(str(detail["loc"][0]), None)
    return values


def _web_address(url: str) -> str | None:
    """feed:// is what some readers write for http://."""
    if url.lower().startswith("feed:"):
        rest = url[len("feed:") :]
        url = f"http:{rest}" if rest.startswith("//") else rest
    try:
        return web_address(url)
    except ValueError:
        return None


def _slug(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:_LONGEST_SLUG].strip("-")


def _free(id_: str, taken: Collection[str], numbers: MutableMapping[str, int]) -> str:
    if id_ not in taken:
        return id_
    short = id_[:_LONGEST_SLUG]
    number = next(number for number in count(numbers.get(short, 2)) if f"{short}-{number}" not in taken)
    numbers[short] = number + 1
    return f"{short}-{number}"


def _table(source: Source) -> str:
    fields = SourceTable.model_fields
    plain = {"name": source.id, "publisher": source.id, **{key: field.default for key, field in fields.items()}}
    told = (key for key in fields if getattr(source, key) != plain[key])
    # TOML's basic strings are JSON's, but for DEL (toml.io/en/v1.0.0, section String).
    lines = (f"{key} = {escaped(json.dumps(getattr(source, key), ensure_ascii=False))}" for key in told)
    return "\n".join(["[[source]]", *lines, ""])
