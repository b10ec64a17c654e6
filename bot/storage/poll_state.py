"""What we remember of each source between two polls."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import SourceId
from bot.storage.schema import poll_states


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """One source's state, a column of `poll_states` each.

    `asked` is the address that the configuration named; `url` is where a permanent redirect sent us, or None; `rhythm`
    the dates of its last items (at most 10, oldest first); `stored_once` that its first reading is stored and alerts
    may flow; `gone` that its server said 410; `checked` when `asked` was last asked without conditions, and
    `unconditional_until` how long they are left out because it answered them with lies; `keeps_ids` that entries kept
    their ids and links from one reading to the next.
    """

    source: SourceId
    asked: str
    next_poll: datetime
    url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    rhythm: tuple[datetime, ...] = ()
    stored_once: bool = False
    failures: int = 0
    problem: str | None = None
    last_success: datetime | None = None
    gone: bool = False
    checked: datetime | None = None
    unconditional_until: datetime | None = None
    keeps_ids: bool = False

    @property
    def address(self) -> str:
        """Where it is read at present."""
        return self.url or self.asked

    def after_step(self, by: timedelta, now: datetime) -> "PollState":
        """The same once the clock has gone back `by` so much, to `now` (as `clock_steps` has it stored)."""
        until = self.unconditional_until
        return replace(
            self,
            next_poll=self.next_poll - by,
            unconditional_until=until and until - by,
            last_success=self.last_success and min(self.last_success, now),
            checked=self.checked and min(self.checked, now),
            rhythm=tuple(sorted(moment - by if moment > now else moment for moment in self.rhythm)),
        )

    @property
    def trouble(self) -> str | None:
        """What is wrong with the source at present, in a few words; None when its last poll went well."""
        if self.gone:
            return "its server says that it is gone; it is tried once a day"
        return (self.problem or "no answer") if self.failures else None


async def all_states(tx: AsyncConnection) -> Mapping[SourceId, PollState]:
    """Every source's state, also of sources that the configuration no longer names."""
    found: dict[SourceId, PollState] = {}
    for row in await tx.execute(select(poll_states)):
        columns = row._asdict()
        source, rhythm = SourceId(columns.pop("source_id")), columns.pop("rhythm")
        moments = tuple(datetime.fromtimestamp(moment, UTC) for moment in rhythm)
        found[source] = PollState(source=source, rhythm=moments, **columns)
    return found


async def save(tx: AsyncConnection, state: PollState) -> None:
    """Write a source's state over the one before."""
    values = asdict(state)
    values |= {"source_id": values.pop("source"), "rhythm": [moment.timestamp() for moment in state.rhythm]}
    statement = insert(poll_states).values(values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[poll_states.c.source_id], set_=values))


async def forget(tx: AsyncConnection, source: SourceId) -> None:
    """Forget a source's state: its next poll is a first one, which alerts nobody."""
    await tx.execute(delete(poll_states).where(poll_states.c.source_id == source))
