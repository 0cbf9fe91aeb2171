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

    A value larger than the whole is not kept. Of equal keys the newest object asked with is held: one that is the same
    object is found without comparing, which for a CRL of 17 MB is the look-up's whole cost.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, tuple[V, int, K]] = OrderedDict()
        self._bytes = 0

    def get(self, key: K) -> V | None:
        """What was kept under ``key``, and it is the newest used now; None where nothing is."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            value, size_bytes, held = found
            if held is key:
                self._kept.move_to_end(key)
            else:
                del self._kept[key]
                self._kept[key] = (value, size_bytes, key)
            return value

    def keep(self, key: K, value: V, size_bytes: int) -> None:
        """Keep a value in place of what was there; drop the oldest used until all fit."""
        with self._lock:
            self._bytes -= self._kept.pop(key, (value, 0, key))[1]
            if size_bytes > self._max_bytes:
                return
            self._kept[key] = (value, size_bytes, key)
            self._bytes += size_bytes
            while self._bytes > self._max_bytes:
                self._bytes -= self._kept.popitem(last=False)[1][1]

    def snapshot(self) -> dict[K, V]:
        """All that is kept now."""
        with self._lock:
            return {key: value for key, (value, _, _) in self._kept.items()}
