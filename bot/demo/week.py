"""The recorded week of config/demo, and what each outlet shows at a moment while it plays."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.config_files import ConfigTable, read_model, root_folder, sentence_of
from bot.errors import ConfigError, Fault
from bot.sources.catalog import Catalog, read_catalog

WEEK = timedelta(days=7)

SOURCES = "sources.toml"

# What sources.toml holds where the address of the news server will be.
BASE = "{base}"

# An outlet shows its newest reports only, as feeds do.
FEED_LENGTH = 20


def demo_folder() -> Path:
    """Where the recorded week is kept."""
    return root_folder() / "config" / "demo"


def _moment(text: object) -> timedelta:
    found = re.fullmatch(r"([0-7]) ([01]\d|2[0-3]):([0-5]\d)", text) if isinstance(text, str) else None
    if found is None:
        raise ValueError('should be a day from 0 to 7 and a time, as in "1 05:50"')
    day, hours, minutes = map(int, found.groups())
    return timedelta(days=day - 1, hours=hours, minutes=minutes)


# Counted from the first midnight of the week, so that day 0, the eve, is below zero.
Moment = Annotated[timedelta, BeforeValidator(_moment)]
Text = Annotated[str, Field(min_length=1)]


class DemoReport(ConfigTable):
    """One line of week.jsonl: an entry that an outlet publishes, or new words for the entry `retitle_of`.

    `story` names the event that it tells of; no story: news of other things.
    """

    at: Moment
    outlet: Text
    guid: Text
    title: Text
    summary: Text
    link: str | None = None
    story: str | None = None
    retitle_of: str | None = None

    @property
    def address(self) -> str:
        """Where its article would be."""
        return self.link or f"https://{self.outlet}.example/{self.guid}"


class OutletTrouble(ConfigTable):
    """A time in which an outlet answers with an error status, or with a feed `cut` off in the middle."""

    outlet: Text
    since: Moment
    until: Moment
    status: int = 200
    retry_after: int | None = None  # seconds of real time
    cut: bool = False


class Staging(ConfigTable):
    """week.toml: the rules that the demo's subscriber follows, and the troubles."""

    rules: tuple[Text, ...]
    trouble: tuple[OutletTrouble, ...]


class Outlet(BaseModel):
    """What the news server needs of one table of sources.toml; the ending of its path names the format."""

    model_config = ConfigDict(frozen=True)

    id: Text
    name: Text
    url: Text

    @property
    def path(self) -> str:
        return self.url.removeprefix(BASE)

    @property
    def format(self) -> str:
        return self.url.rpartition(".")[2]


class Outlets(BaseModel):
    """sources.toml, as the news server reads it."""

    model_config = ConfigDict(frozen=True)

    source: tuple[Outlet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One entry as its outlet shows it at a moment, not yet in any format; the texts are as the outlet wrote them."""

    guid: str
    link: str
    title: str
    summary: str
    published: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """How the week runs in real time: the eve at its own speed until `start`, then the week within `duration`."""

    start: datetime
    duration: timedelta

    def real(self, at: timedelta) -> datetime:
        """The real moment of a moment of the week."""
        return self.start + (at if at < timedelta(0) else at * (self.duration / WEEK))


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """All that config/demo holds.

    `template` is the text of its sources.toml; `reports` are in the order of time, `rules` as a subscriber types them.
    """

    template: str
    outlets: Mapping[str, Outlet]
    reports: tuple[DemoReport, ...]
    troubles: tuple[OutletTrouble, ...]
    rules: tuple[str, ...]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The week of a folder. Raises ConfigError with every fault."""
        outlets = read_model(folder / SOURCES, Outlets)
        staging = read_model(folder / "week.toml", Staging)
        week = cls(
            template=(folder / SOURCES).read_text(encoding="utf-8"),
            outlets={outlet.id: outlet for outlet in outlets.source},
            reports=_reports((folder / "week.jsonl").read_text(encoding="utf-8")),
            troubles=staging.trouble,
            rules=staging.rules,
        )
        if faults := tuple(week.faults()):
            raise ConfigError(*faults)
        return week

    def catalog(self, base_url: str) -> Catalog:
        """The outlets as sources whose feeds are under an address. Raises ConfigError."""
        with TemporaryDirectory() as folder:
            filled = Path(folder) / SOURCES
            filled.write_text(self.template.replace(BASE, base_url), encoding="utf-8")
            return read_catalog(filled)

    def postings(self, outlet: str, timeline: Timeline, now: datetime) -> tuple[Posting, ...]:
        """What the outlet's feed shows now: its newest entries first, each in its latest words."""
        shown: dict[str, Posting] = {}
        for report in self.reports:
            published = timeline.real(report.at)
            if report.outlet != outlet or published > now:
                continue
            if report.retitle_of is None:
                shown[report.guid] = Posting(
                    guid=report.guid,
                    link=report.address,
                    title=report.title,
                    summary=report.summary,
                    published=published,
                )
            else:
                entry = shown[report.retitle_of]
                shown[report.retitle_of] = replace(entry, title=report.title, summary=report.summary)
        return tuple(reversed(shown.values()))[:FEED_LENGTH]

    def trouble(self, outlet: str, timeline: Timeline, now: datetime) -> OutletTrouble | None:
        """What ails the outlet's server now."""
        for trouble in self.troubles:
            if trouble.outlet == outlet and timeline.real(trouble.since) <= now < timeline.real(trouble.until):
                return trouble
        return None

    def faults(self) -> Iterator[Fault]:
        """What contradicts itself in the week."""
        for where, named in (("week.jsonl", self.reports), ("week.toml", self.troubles)):
            for outlet in sorted({record.outlet for record in named} - set(self.outlets)):
                yield Fault(where=f"demo/{where}", what=f"no outlet {outlet} in sources.toml")
        known: dict[str, str] = {}
        for report in self.reports:
            where = f"demo/week.jsonl: guid {report.guid}"
            if report.guid in known:
                yield Fault(where=where, what="used twice; give each report its own")
            if report.retitle_of is not None and known.get(report.retitle_of) != report.outlet:
                yield Fault(
                    where=where, what=f"retitles {report.retitle_of}, which its outlet has not published before"
                )
            known[report.guid] = report.outlet


def _reports(lines: str) -> tuple[DemoReport, ...]:
    reports: list[DemoReport] = []
    faults: list[Fault] = []
    for number, line in enumerate(lines.splitlines(), start=1):
        try:
            reports.append(DemoReport.model_validate_json(line))
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                place, what = sentence_of(detail, DemoReport)
                where = ", ".join(["demo/week.jsonl", f"line {number}", *map(str, place)])
                faults.append(Fault(where=where, what=what))
    if faults:
        raise ConfigError(*faults)
    return tuple(sorted(reports, key=lambda report: report.at))
