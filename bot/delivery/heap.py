"""A queue in which chats wait, each at one place at the most."""

from collections.abc import Hashable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Generic, TypeVar

K = TypeVar("K", bound=tuple[int, ...])
W = TypeVar("W", bound=Hashable)


class IndexedHeap(Generic[K, W]):
    """The lowest key is first; among equal keys, who came first. All operations take O(log n), first() amortised."""

    def __init__(self) -> None:
        # A place that was given up stays in the heap until it surfaces, or until half of the heap is such.
        self._heap: list[tuple[K, int, W]] = []
        self._places: dict[W, tuple[K, int, W]] = {}
        self._count = count()

    def put(self, who: W, key: K) -> None:
        """Give `who` a place, instead of the one it may have."""
        self._places[who] = place = (key, next(self._count), who)
        heappush(self._heap, place)
        if len(self._heap) > 2 * len(self._places) + 16:
            self._heap = list(self._places.values())
            heapify(self._heap)

    def leave(self, who: W) -> None:
        """Take `who` out, if it is here."""
        self._places.pop(who, None)

    def first(self) -> tuple[K, W] | None:
        """Who is first, and its key; it stays there."""
        while self._heap:
            key, _, who = place = self._heap[0]
            if self._places.get(who) is place:
                return key, who
            heappop(self._heap)
        return None
