"""Who is next: places that are taken in the order in which they were asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class NoTurnError(Exception):
    """Too many wait already, or the time that one may wait is over; ``waiting`` is how many wait now."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} waiting")
        self.waiting = waiting


class _Waiter(Generic[T]):
    def __init__(self, weight: int) -> None:
        self.weight = weight
        self.handed = threading.Semaphore(0)
        self.place: list[T] = []


class Turns(Generic[T]):
    """Places for a few at a time; the others wait in a row, first come, first served. Thread-safe.

    Args:
        places: what is handed out; the one given back last is handed out first, for it is warm.
        max_weight: of all that wait together; whoever would exceed it is sent away. None: no limit.
    """

    def __init__(self, places: list[T], max_weight: int | None = None) -> None:
        self._free = places
        self._waiting: deque[_Waiter[T]] = deque()
        self._max_weight = max_weight
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, max_wait_s: float | None, weight: int = 1) -> Iterator[T]:
        """A place, given back at the end.

        Raises:
            NoTurnError: there was none within ``max_wait_s`` (None: wait for ever), or too much waits already.
        """
        place = self._take(max_wait_s, weight)
        try:
            yield place
        finally:
            self._give(place)

    def _take(self, max_wait_s: float | None, weight: int) -> T:
        with self._lock:
            if self._free:
                return self._free.pop()
            waiting = sum(one.weight for one in self._waiting)
            if max_wait_s is not None and self._max_weight is not None and waiting + weight > self._max_weight:
                raise NoTurnError(len(self._waiting))
            waiter = _Waiter[T](weight)
            self._waiting.append(waiter)
        if not waiter.handed.acquire(timeout=max_wait_s):
            with self._lock:
                if not waiter.place:  # else it came at this very moment
                    self._waiting.remove(waiter)
                    raise NoTurnError(len(self._waiting) + 1)
        return waiter.place[0]

    def _give(self, place: T) -> None:
        with self._lock:
            if not self._waiting:
                self._free.append(place)
                return
            waiter = self._waiting.popleft()
            waiter.place.append(place)
            waiter.handed.release()
