"""What we remember of each source between two polls."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.model import SourceId
from bot.storage.schema import poll_states


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """One source's state.

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
    return {SourceId(row.source_id): _state_of(row) for row in await tx.execute(select(poll_states))}


async def save(tx: AsyncConnection, state: PollState) -> None:
    """Write a source's state over the one before."""
    values = {
        "source_id": state.source,
        "asked": state.asked,
        "url": state.url,
        "etag": state.etag,
        "last_modified": state.last_modified,
        "body_hash": state.body_hash,
        "rhythm": [moment.timestamp() for moment in state.rhythm],
        "next_poll": state.next_poll,
        "stored_once": state.stored_once,
        "failures": state.failures,
        "problem": state.problem,
        "last_success": state.last_success,
        "gone": state.gone,
        "checked": state.checked,
        "unconditional_until": state.unconditional_until,
        "keeps_ids": state.keeps_ids,
    }
    statement = insert(poll_states).values(values)
    await tx.execute(statement.on_conflict_do_update(index_elements=[poll_states.c.source_id], set_=values))


async def forget(tx: AsyncConnection, source: SourceId) -> None:
    """Forget a source's state: its next poll is a first one, which alerts nobody."""
    await tx.execute(delete(poll_states).where(poll_states.c.source_id == source))


def _state_of(row: Row[Any]) -> PollState:
    return PollState(
        source=SourceId(row.source_id),
        asked=row.asked,
        next_poll=row.next_poll,
        url=row.url,
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        rhythm=tuple(datetime.fromtimestamp(moment, UTC) for moment in row.rhythm),
        stored_once=row.stored_once,
        failures=row.failures,
        problem=row.problem,
        last_success=row.last_success,
        gone=row.gone,
        checked=row.checked,
        unconditional_until=row.unconditional_until,
        keeps_ids=row.keeps_ids,
    )
