"""How often one address may ask: a token bucket per key, in this process's memory.

With n processes an address gets n times as much; the reverse proxy is the place for a hard limit. Pure: the time is
an argument.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

MAX_KEYS = 50_000
"""Buckets held at most (about 10 MB); the longest unused are dropped, which forgives them, so memory stays bounded."""


@dataclass(frozen=True)
class Allowance:
    """``burst`` requests at once, then ``per_minute``."""

    burst: int
    per_minute: int


@dataclass
class _Bucket:
    tokens: float
    at_s: float


class RateLimiter:
    """Counts requests by key. Thread-safe."""

    def __init__(self, allowance: Allowance, max_keys: int = MAX_KEYS) -> None:
        self._allowance = allowance
        self._max_keys = max_keys
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, key: str, now_s: float) -> float:
        """Take one token; 0 where the request may pass, else the seconds after which the next may.

        Args:
            key: whom to count, such as an address.
            now_s: a clock that never goes back, in seconds.
        """
        rate = self._allowance.per_minute / 60
        with self._lock:
            bucket = self._buckets.setdefault(key, _Bucket(self._allowance.burst, now_s))
            self._buckets.move_to_end(key)
            if len(self._buckets) > self._max_keys:
                self._buckets.popitem(last=False)
            bucket.tokens = min(self._allowance.burst, bucket.tokens + (now_s - bucket.at_s) * rate)
            bucket.at_s = now_s
            if bucket.tokens >= 1:
                bucket.tokens -= 1
                return 0.0
            return (1 - bucket.tokens) / rate
