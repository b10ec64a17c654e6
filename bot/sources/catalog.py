"""The list of sources: `[[source]]` tables of a TOML file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool

from bot.config_files import ConfigTable, once_in_file, read_model
from bot.core.intake.urls import canonical_url
from bot.core.language.text import clean
from bot.core.model import PublisherKind, Scope, Side, Source, SourceId, SourceKind
from bot.core.subject.config_models import Text

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_LANG = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """All sources, in the order of their file; ids and addresses are unique."""

    sources: tuple[Source, ...]

    @property
    def by_id(self) -> Mapping[SourceId, Source]:
        """Every source under its id; made anew at each call."""
        return {source.id: source for source in self.sources}


def web_address(text: str) -> str:
    """The address that a text is; raises ValueError with a sentence."""
    address = clean(text)
    if "{" in address:
        raise ValueError(f'"{address}" holds a placeholder: put the real address in')
    if " " in address or canonical_url(address) is None:
        raise ValueError(f'"{address}" should be a web address that begins with http:// or https://')
    return address


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError(f'"{text}" should be up to 40 small letters a-z, digits, - or _, such as "baltic-times"')
    return text


def _lang(text: str) -> str:
    if not _LANG.fullmatch(text):
        raise ValueError(f'"{text}" should be a two-letter code, such as en, ru or uk')
    return text


def _tables(value: object) -> object:
    if not value or not isinstance(value, list):
        raise ValueError("there are no sources; each begins with a line [[source]]")
    return value


class SourceTable(ConfigTable):
    """A `[[source]]` table; without a name or publisher the source is called by its id."""

    id: Annotated[Text, AfterValidator(_slug), once_in_file("source")]
    name: Text | None = None
    url: Annotated[str, AfterValidator(web_address), once_in_file("source")]
    kind: SourceKind = SourceKind.FEED
    publisher: Text | None = None
    publisher_kind: PublisherKind = PublisherKind.OTHER
    side: Side
    lang: Annotated[Text, AfterValidator(_lang)] = "en"
    scope: Scope = Scope.GENERAL
    enabled: StrictBool = True
    leads: StrictBool = True
    offer: Annotated[str, AfterValidator(clean)] = ""


class SourcesFile(ConfigTable):
    """A whole sources.toml."""

    source: Annotated[tuple[SourceTable, ...], BeforeValidator(_tables)] = Field(default=(), validate_default=True)


def read_catalog(path: Path) -> Catalog:
    """The sources of a file; raises ConfigError with all that is wrong."""
    return Catalog(sources=tuple(source_of(table) for table in read_model(path, SourcesFile).source))


def source_of(table: SourceTable) -> Source:
    """The source that a table describes."""
    return Source(**{"name": table.id, "publisher": table.id, **table.model_dump(exclude_none=True)})
