"""Chats in which we may not write for now: each is asked again in ten minutes, or as soon as its platform says so."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.core.model import Chat
from bot.errors import ChatClosed

TRIED_AGAIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Closed:
    """Why a chat is closed, and when it was found so the last time."""

    reason: str
    at: datetime


class ClosedChats:
    """Remembers them while the program runs. `opened` is told of each that is open again, with all its threads."""

    def __init__(self, clock: Clock, opened: Callable[[Chat], Awaitable[None]]) -> None:
        self._clock = clock
        self._opened = opened
        self._closed: dict[Chat, _Closed] = {}

    def __iter__(self) -> Iterator[Chat]:
        return iter(tuple(self._closed))

    def check(self, chat: Chat) -> None:
        """Let one request through in ten minutes. Raises ChatClosed for the others."""
        closed = self._closed.get(_whole(chat))
        if closed is None:
            return
        passed = self._clock.now() - closed.at
        if timedelta(0) <= passed < TRIED_AGAIN:
            raise ChatClosed(closed.reason, retry_after=TRIED_AGAIN - passed)

    def close(self, chat: Chat, reason: str) -> bool:
        """We were refused there; whether that is news."""
        is_news = _whole(chat) not in self._closed
        self._closed[_whole(chat)] = _Closed(reason, self._clock.now())
        return is_news

    def forget(self, chat: Chat) -> None:
        """The chat is lost altogether."""
        self._closed.pop(_whole(chat), None)

    async def arrived(self, chat: Chat) -> None:
        """Something of ours arrived there: if it was closed, what waits goes at once."""
        if _whole(chat) in self._closed:
            await self.open(chat)

    async def open(self, chat: Chat) -> None:
        """The platform says that we may write there again: what waits goes at once."""
        self.forget(chat)
        await self._opened(_whole(chat))


def _whole(chat: Chat) -> Chat:
    return replace(chat, thread="")
