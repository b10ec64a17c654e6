"""Every error that Faultline raises on purpose; each carries plain data and one sentence for a person.

FaultlineError
├── ConfigError      the configuration has faults, all of them listed
├── RuleError        a rule cannot be read; knows the place and a way to mend it
├── FetchError       a source could not be fetched
├── ParseError       what a source sent is not what its kind should be
├── StorageError     the database cannot be used at present
├── SendError        a message did not (or perhaps did not) reach its chat
│   ├── ChatGone      and never will: blocked, deleted, removed
│   ├── ChatClosed    until we may write there again: a right is missing
│   ├── SendRefused   and never will, though others may: too long, empty, no longer to be edited
│   ├── SendLater     the platform asks us to wait
│   ├── PlatformAway  the platform cannot be reached: nothing was sent
│   ├── NotBegun      its turn came, and it was not to leave any more
│   └── SendUnknown   the connection broke after sending: it may have arrived
└── UsageError       a command was typed wrongly
"""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus


class FaultlineError(Exception):
    """The base of all; `str()` is one clear sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong in a configuration file: where (`sources.toml, line 42, [[source]] tass-en`) and what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class ConfigError(FaultlineError):
    """The configuration has faults; `faults` lists every one, never only the first."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class RuleError(FaultlineError):
    """A rule cannot be read: `position` is the 0-based place in `rule`, `suggestion` a rule that would do, or None."""

    def __init__(self, message: str, *, rule: str, position: int, suggestion: str | None = None) -> None:
        self.message = message
        self.rule = rule
        self.position = position
        self.suggestion = suggestion
        super().__init__(message)


class FetchError(FaultlineError):
    """A source could not be fetched.

    `status` is what the server said, `retry_after` when it named a wait, `hung` when it did not answer in time.
    `reached` tells whether a server said anything; None where that says nothing of our connection.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
        hung: bool = False,
        reached: bool | None = None,
    ) -> None:
        self.status = status
        self.retry_after = retry_after
        self.hung = hung
        self.reached = reached
        super().__init__(message)

    @property
    def gone(self) -> bool:
        """Whether the server said that there is nothing any more."""
        return self.status == HTTPStatus.GONE


class ParseError(FaultlineError):
    """What a source sent is not what its kind should be, or took too long to read."""


class StorageError(FaultlineError):
    """The database cannot be used at present, which is not our fault; the sentence says why: `the disk is full`."""


class SendError(FaultlineError):
    """A message was not sent; trying again later may help."""


class ChatGone(SendError):
    """The chat cannot be reached any more: blocked, deleted, removed."""


class ChatClosed(SendError):
    """We may not write in the chat for now; it is there, and is asked again after `retry_after`."""

    def __init__(self, message: str, *, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class SendRefused(SendError):
    """The platform will never take this message; the chat is there."""


class SendLater(SendError):
    """The platform asks us to wait `retry_after` before anything else goes to this chat."""

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after = retry_after
        super().__init__(f"asked to wait {retry_after.total_seconds():.0f} s")


class PlatformAway(SendError):
    """The platform cannot be reached, or takes nothing from anybody: nothing was sent."""


class NotBegun(SendError):
    """Its turn came, and it was not to leave any more (see `Outgoing.begin`)."""


class SendUnknown(SendError):
    """The connection broke after the message left: it may have arrived."""


class UsageError(FaultlineError):
    """A command was typed wrongly; the sentence says how it is meant."""
