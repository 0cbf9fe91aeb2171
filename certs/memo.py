"""What a process keeps of what it has read or fetched: the newest used, up to so many bytes, the oldest goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedMemo(Generic[K, V]):
    """Values by key, at most ``max_bytes`` of them by the sizes they were kept with. Thread-safe.

    A value larger than the whole is not kept.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._bytes = 0

    def get(self, key: K) -> V | None:
        """What was kept under ``key``, and it is the newest used now; None where nothing is."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: K, value: V, size_bytes: int) -> None:
        """Keep a value in place of what was there; drop the oldest used until all fit."""
        with self._lock:
            self._bytes -= self._kept.pop(key, (value, 0))[1]
            if size_bytes > self._max_bytes:
                return
            self._kept[key] = (value, size_bytes)
            self._bytes += size_bytes
            while self._bytes > self._max_bytes:
                self._bytes -= self._kept.popitem(last=False)[1][1]

    def snapshot(self) -> dict[K, V]:
        """All that is kept now."""
        with self._lock:
            return {key: value for key, (value, _) in self._kept.items()}
