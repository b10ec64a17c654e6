"""Which polls may begin: few at a time of one host, so that a host that hangs holds up nobody but itself."""

from collections import Counter

from yarl import URL

from bot.core.model import SourceId
from bot.sources.http.fetcher import CONNECTIONS_PER_HOST


class HostSlots:
    """Two polls a host at a time; sources that hung at their last poll share one of the two.

    So however many feeds of a host hang, its other feeds always find the second slot free of them.
    """

    def __init__(self) -> None:
        self._under_way: dict[SourceId, str] = {}
        self._busy: Counter[str] = Counter()
        self._hung: set[SourceId] = set()
        self._hanging: dict[str, SourceId] = {}

    def has_room(self, source: SourceId, address: str) -> bool:
        """Whether a poll of a source at an address may begin now."""
        host = _host_of(address)
        return self._busy[host] < CONNECTIONS_PER_HOST and not (source in self._hung and host in self._hanging)

    def take(self, source: SourceId, address: str) -> None:
        """A poll begins; it ends with `free`."""
        host = self._under_way[source] = _host_of(address)
        self._busy[host] += 1
        if source in self._hung:
            self._hanging[host] = source

    def free(self, source: SourceId) -> None:
        """The poll of a source has ended."""
        host = self._under_way.pop(source)
        self._busy[host] -= 1
        if self._hanging.get(host) == source:
            del self._hanging[host]
        if not self._busy[host]:
            del self._busy[host]

    def note(self, source: SourceId, *, hung: bool) -> None:
        """Whether a source did not answer in time."""
        if hung:
            self._hung.add(source)
        else:
            self._hung.discard(source)


def _host_of(address: str) -> str:
    try:
        return URL(address).host or address
    except ValueError:
        return address
