"""The library's buckets of rate limits, but that they refuse only what has no token left.

The library waits for a new token for half a minute at the most (`max_ratelimit_timeout`). Where a bucket is filled anew
later than that, it refuses every request but the first, whatever is left in it (discord/http.py, Ratelimit.acquire): of
ten messages that Discord lets a channel publish in an hour, one was published. Those that wait it forgets to refuse.
"""

import asyncio

from discord import RateLimited
from discord.http import Ratelimit

# Seconds after which whoever waits for a first answer looks again.
LOOK_AGAIN = 30.0
# The library's own number: from here on, buckets that nobody asks of are forgotten.
MANY = 256


class Bucket(Ratelimit):
    """One bucket, whose tokens are all there to be used. Raises RateLimited where the next is too far away."""

    __slots__ = ()

    async def acquire(self) -> None:
        self._last_request = self._loop.time()
        if self.is_expired():
            self.reset()  # type: ignore[no-untyped-call]
        while self.remaining <= 0:
            if self._is_far():
                raise RateLimited(self._wait())
            await self._turn()
        self.remaining -= 1
        self.outgoing += 1

    async def __aexit__(self, *_: object) -> None:
        self.outgoing -= 1
        if self._is_far():
            # Whoever waits takes one of what is left, or learns how long the next one takes.
            self._wake(len(self._pending_requests))
        elif not self._sleeping.locked():
            tokens = self.remaining - self.outgoing
            if tokens <= 0:
                await self._refresh()
            else:
                self._wake(tokens)

    async def _turn(self) -> None:
        """Wait for a token, or until it is time to look for one."""
        turn = self._loop.create_future()
        self._pending_requests.append(turn)
        try:
            await asyncio.wait([turn], timeout=max(self._wait(), 0) if self.expires is not None else LOOK_AGAIN)
        except BaseException:
            if turn.done() and self.remaining > 0:
                self._wake_next()
            raise
        finally:
            turn.cancel()
        if self.is_expired():
            self.reset()  # type: ignore[no-untyped-call]

    def _wait(self) -> float:
        return self.expires - self._loop.time() if self.expires is not None else 0.0

    def _is_far(self) -> bool:
        return self._max_ratelimit_timeout is not None and self._wait() > self._max_ratelimit_timeout


class Buckets(dict[str, Ratelimit]):
    """Buckets by route and channel, which come into being when they are asked for."""

    def __init__(self, longest_wait: float | None) -> None:
        super().__init__()
        self._longest_wait = longest_wait

    def __missing__(self, key: str) -> Ratelimit:
        if len(self) >= MANY:
            for old in [name for name, bucket in self.items() if bucket.is_inactive()]:
                del self[old]
        self[key] = bucket = Bucket(self._longest_wait)
        return bucket
