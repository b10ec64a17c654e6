"""The sources in force: those of the configuration, under what owners have changed since."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.core.model import Source, SourceId
from bot.sources.catalog import Catalog


class Roster:
    """Holds the catalog in force and tells its watchers of each change; all who need sources ask here, each time."""

    def __init__(self, shipped: Catalog) -> None:
        self._shipped = shipped
        self._catalog = shipped
        self._watchers: list[Callable[[], None]] = []

    @property
    def catalog(self) -> Catalog:
        """The sources as they stand now: another object after each change."""
        return self._catalog

    def is_shipped(self, source: SourceId) -> bool:
        """Whether a source comes from the configuration, and cannot be taken out of it from here."""
        return any(each.id == source for each in self._shipped.sources)

    def watch(self, told: Callable[[], None]) -> None:
        """Call `told` after each change."""
        self._watchers.append(told)

    def change(self, *, added: Sequence[Source], switched: Mapping[SourceId, bool]) -> None:
        """Put all that owners have changed in force, instead of what they had changed before.

        Where a newer configuration names the id or the address of an added source, the configuration counts.
        """
        ids = {source.id for source in self._shipped.sources}
        urls = {source.url for source in self._shipped.sources}
        own = (source for source in added if source.id not in ids and source.url not in urls)
        self._catalog = Catalog(
            sources=tuple(
                replace(source, enabled=switched.get(source.id, source.enabled))
                for source in (*self._shipped.sources, *own)
            )
        )
        for told in self._watchers:
            told()
