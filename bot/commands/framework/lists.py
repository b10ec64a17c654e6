"""Which stories the numbers mean that people type: those of the last list that was shown in their chat."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cachetools import LRUCache

from bot.core.model import Chat, StoryId

Reader = tuple[Chat, str]
"""A chat, and the one person in it to whom a list was shown; empty where everybody there saw it."""

# Some 300 bytes each.
READERS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _List:
    of: datetime
    stories: Mapping[int, StoryId]


class Lists:
    """The last list of each reader, in memory only: what somebody has looked at is nothing to write down.

    After a restart no number means anything, which is said, until the next list.
    """

    def __init__(self) -> None:
        self._last: LRUCache[Reader, _List] = LRUCache(READERS_KEPT)

    def begin(self, reader: Reader, of: datetime, stories: Mapping[int, StoryId]) -> None:
        """A list is shown; `of` is the moment whose news it shows, `stories` are those behind its numbers."""
        self._last[reader] = _List(of, stories)

    def turn(self, reader: Reader, of: datetime, stories: Mapping[int, StoryId]) -> None:
        """Another page of a list is shown: the numbers of its pages before go on to count."""
        last = self._last.get(reader)
        before = last.stories if last is not None and last.of == of else {}
        self.begin(reader, of, {**before, **stories})

    def forget(self, chat: Chat) -> None:
        """Drop the lists of a chat, whoever in it they were shown to."""
        for reader in [reader for reader in self._last if reader[0] == chat]:
            del self._last[reader]

    def last(self, reader: Reader) -> Mapping[int, StoryId] | None:
        """The stories of the last list by their numbers; None where none is known."""
        last = self._last.get(reader)
        return None if last is None else last.stories
