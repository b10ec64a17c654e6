"""Tokens of the library's buckets: all are there to be used, and whoever gets none learns it at once."""

import asyncio
from typing import Any, cast

import pytest
from discord import RateLimited

from bot.platforms.discord.buckets import MANY, Bucket, Buckets

FAR, NEAR, LONGEST = 3600.0, 0.02, 30.0


class Headers:
    """What an answer says of its bucket."""

    def __init__(self, left: int, *, of: int, reset_after: float) -> None:
        told = {"Limit": of, "Remaining": left, "Reset-After": reset_after}
        self.headers = {f"X-Ratelimit-{key}": str(value) for key, value in told.items()}


async def use(bucket: Bucket, left: int, *, of: int, reset_after: float, heard: asyncio.Event | None = None) -> None:
    """A request that takes a token, and the answer that says how many are left."""
    async with bucket:
        if heard is not None:
            await heard.wait()
        bucket.update(cast("Any", Headers(left, of=of, reset_after=reset_after)))


async def test_tokens_are_used_however_far_their_end() -> None:
    bucket = Bucket(LONGEST)
    for left in (2, 1, 0):
        await use(bucket, left, of=3, reset_after=FAR)
    with pytest.raises(RateLimited) as caught:
        await use(bucket, 0, of=3, reset_after=FAR)
    assert FAR - 10 < caught.value.retry_after <= FAR


async def test_whoever_waits_behind_a_first_request_takes_what_is_left_or_learns_that_nothing_is() -> None:
    bucket, heard = Bucket(LONGEST), asyncio.Event()
    first = asyncio.create_task(use(bucket, 2, of=3, reset_after=FAR, heard=heard))
    others = [asyncio.create_task(use(bucket, left, of=3, reset_after=FAR)) for left in (1, 0, 0, 0)]
    await asyncio.sleep(0)
    heard.set()
    async with asyncio.timeout(5):
        outcomes = await asyncio.gather(first, *others, return_exceptions=True)
    assert [type(each).__name__ for each in outcomes] == ["NoneType"] * 3 + ["RateLimited"] * 2


async def test_a_near_token_is_waited_for() -> None:
    bucket = Bucket(LONGEST)
    async with asyncio.timeout(5):
        await asyncio.gather(*(use(bucket, 1 - number % 2, of=2, reset_after=NEAR) for number in range(6)))


async def test_who_gives_up_waiting_takes_no_token_along() -> None:
    bucket, heard = Bucket(LONGEST), asyncio.Event()
    first = asyncio.create_task(use(bucket, 1, of=2, reset_after=FAR, heard=heard))
    given_up, last = (asyncio.create_task(use(bucket, 0, of=2, reset_after=FAR)) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    heard.set()
    async with asyncio.timeout(5):
        await asyncio.gather(first, last)
    assert bucket.remaining == 0


async def test_buckets_that_nobody_asks_of_are_forgotten() -> None:
    buckets = Buckets(LONGEST)
    for number in range(MANY):
        buckets[str(number)]._last_request -= 1000
    assert buckets["one more"] is buckets["one more"]
    assert len(buckets) == 1
