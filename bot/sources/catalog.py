"""The list of sources: `[[source]]` tables of a TOML file, checked so that every fault is told at once."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, TypeVar

from bot.config_files import ENCODING
from bot.core.intake.urls import canonical_url
from bot.core.language.text import clean
from bot.core.model import PublisherKind, Scope, Side, Source, SourceId, SourceKind
from bot.errors import ConfigError, Fault

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LANG = re.compile(r"[a-z]{2}")
_HEADING = re.compile(r"^\s*\[\[\s*source\s*\]\]", re.MULTILINE)

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All sources, in the order of their file; ids and addresses are unique."""

    sources: tuple[Source, ...]

    @property
    def by_id(self) -> Mapping[SourceId, Source]:
        """Every source under its id; made anew at each call."""
        return {source.id: source for source in self.sources}


def read_catalog(path: Path) -> Catalog:
    """The sources of a file; raises ConfigError with all that is wrong."""
    try:
        text = path.read_text(encoding=ENCODING)
        document = tomllib.loads(text)
    except FileNotFoundError:
        raise ConfigError(Fault(where=str(path), what="file not found")) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(Fault(where=path.name, what=f"cannot be read: {error}")) from error
    tables = _tables(document)
    if not tables:
        raise ConfigError(Fault(where=path.name, what="has no sources: each begins with a line [[source]]"))
    places = _places(path.name, text, tables)
    drafts = [_draft(table) for table in tables]
    faults = [
        *(Fault(where=path.name, what=_unknown(name, ["source"])) for name in document if name != "source"),
        *(Fault(where=place, what=what) for place, draft in zip(places, drafts, strict=True) for what in draft.faults),
        *_repetitions(places, drafts),
    ]
    if faults:
        raise ConfigError(*faults)
    return Catalog(sources=tuple(source_of(draft.values) for draft in drafts))


# Each key has a function that returns its value or raises ValueError with a sentence.


def _text(value: object) -> str:
    if not isinstance(value, str) or not clean(value):
        raise ValueError("should be a text in quotes")
    return clean(value)


def _slug(value: object) -> str:
    slug = _text(value)
    if not _SLUG.fullmatch(slug):
        raise ValueError(f'"{slug}" should be up to 40 small letters a-z, digits, - or _, such as "baltic-times"')
    return slug


def _address(value: object) -> str:
    address = _text(value)
    if "{" in address:
        raise ValueError(f'"{address}" holds a placeholder: put the real address in')
    if " " in address or canonical_url(address) is None:
        raise ValueError(f'"{address}" should be a web address that begins with http:// or https://')
    return address


def _lang(value: object) -> str:
    lang = _text(value)
    if not _LANG.fullmatch(lang):
        raise ValueError(f'"{lang}" should be a two-letter code, such as en, ru or uk')
    return lang


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("should be true or false")  # noqa: TRY004  a fault of the file, told with all others
    return value


def _one_of(kind: type[E]) -> Callable[[object], E]:
    def read(value: object) -> E:
        known = [member.value for member in kind]
        if value not in known:
            likely = get_close_matches(str(value), known, n=1)
            raise ValueError(
                f'"{value}" is not known: '
                + (f'did you mean "{likely[0]}"?' if likely else "one of " + ", ".join(known))
            )
        return kind(value)

    return read


# The keys of a [[source]] table.
KEYS: dict[str, Callable[[object], Any]] = {
    "id": _slug,
    "name": _text,
    "url": _address,
    "kind": _one_of(SourceKind),
    "publisher": _text,
    "publisher_kind": _one_of(PublisherKind),
    "side": _one_of(Side),
    "lang": _lang,
    "scope": _one_of(Scope),
    "enabled": _truth,
}
REQUIRED = ("id", "url", "side")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A table as far as it can be read."""

    values: Mapping[str, Any]
    faults: Sequence[str]


def _draft(table: Mapping[str, object]) -> _Draft:
    values, faults = {}, [f"{key} is missing" for key in REQUIRED if key not in table]
    for key, value in table.items():
        if key not in KEYS:
            faults.append(_unknown(key, KEYS))
            continue
        try:
            values[key] = KEYS[key](value)
        except ValueError as error:
            faults.append(f"{key}: {error}")
    return _Draft(values=values, faults=faults)


def source_of(values: Mapping[str, Any]) -> Source:
    """A source from the values of its keys; without a name or publisher it is called by its id."""
    return Source(**{"name": values["id"], "publisher": values["id"], **values})


def _tables(document: Mapping[str, object]) -> list[dict[str, object]]:
    value = document.get("source")
    return [table for table in value if isinstance(table, dict)] if isinstance(value, list) else []


def _unknown(key: str, known: Iterable[str]) -> str:
    likely = get_close_matches(key, list(known), n=1)
    return f"{key} isn't a known key" + (f": did you mean {likely[0]}?" if likely else "")


def _places(name: str, text: str, tables: Sequence[Mapping[str, object]]) -> list[str]:
    """Where each table stands: `sources.toml: source 3 (id tass-en), line 42`."""
    ends = [heading.end() for heading in _HEADING.finditer(text)]
    lines = list(accumulate((text.count("\n", *between) for between in pairwise([0, *ends])), initial=1))[1:]
    places = [f"{name}: source {number} (id {table.get('id', '?')})" for number, table in enumerate(tables, 1)]
    if len(lines) != len(places):
        return places
    return [f"{place}, line {line}" for place, line in zip(places, lines, strict=True)]


def _repetitions(places: Sequence[str], drafts: Sequence[_Draft]) -> Iterator[Fault]:
    for key in ("id", "url"):
        counts = Counter(draft.values.get(key) for draft in drafts)
        firsts: dict[str, str] = {}
        for place, draft in zip(places, drafts, strict=True):
            value = draft.values.get(key)
            if value is not None and counts[value] > 1 and firsts.setdefault(value, place) != place:
                yield Fault(where=place, what=f'{key} "{value}" is already that of {firsts[value].partition(": ")[2]}')
