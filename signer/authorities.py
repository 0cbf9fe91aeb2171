"""Time stamp authorities as the operator names them, what may be asked of each, and which of them failed lately.

Quotas are counted in a ledger that outlives a process and is shared by all (``api/storage/stamp_counts.py``). How an
authority behaves is remembered by each process for itself, for a minute at most: a memory that forgets is no fact, and
an authority that answers again is asked again without anybody's hand.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

MAX_PAUSE_S = 60.0
PAUSE_FACTOR = 6.0
"""An authority that let us wait is left alone for six times as long: at most a seventh of the time is lost to it."""

QUICK_S = 1.0
"""What fails sooner than that costs nothing and is not left alone."""

SUSPECT_S = 60.0
"""For so long an authority that failed is asked after all the others."""

LEARNED_FOR_S = 3600.0
"""How long the end of an authority's certificate is taken for known: it may have a new one any day."""

BACKGROUND_SHARE = 0.8
"""Of a quota, for work that can wait: the rest is kept for papers that somebody waits for."""


@dataclass(frozen=True)
class StampAuthority:
    """An authority's address, how often it may be asked in an hour and a day (None: without limit), and its policy.

    ``policy``: the object identifier that every token must name, where the operator demands one (RFC 3161 §2.4.1).
    """

    url: str
    per_hour: int | None = None
    per_day: int | None = None
    policy: str | None = None

    def quotas(self, at: datetime, *, background: bool) -> dict[str, int]:
        """How often it may have been asked in the present hour and day (UTC) after one more question."""
        share = BACKGROUND_SHARE if background else 1.0
        utc = at.astimezone(UTC)
        limits = {f"{utc:%Y-%m-%dT%H}": self.per_hour, f"{utc:%Y-%m-%d}": self.per_day}
        return {period: int(limit * share) for period, limit in limits.items() if limit is not None}


class StampLedger(Protocol):
    """Counts what was asked of each authority."""

    def take(self, authority: StampAuthority, *, background: bool) -> bool:
        """Count one more question, if the quotas of hour and day allow it; else nothing is counted."""
        ...


class MemoryLedger:
    """A ledger of one process, for tools that have no database. Thread-safe."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._counts: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def take(self, authority: StampAuthority, *, background: bool) -> bool:
        """See ``StampLedger``."""
        quotas = authority.quotas(self._clock(), background=background)
        with self._lock:
            if any(self._counts[authority.url, period] >= limit for period, limit in quotas.items()):
                return False
            self._counts.update((authority.url, period) for period in quotas)
        return True


@dataclass
class _Memory:
    failures: int = 0
    paused_until: float = 0.0
    suspect_until: float = 0.0
    lasts_until: datetime | None = None
    learned_at: float = 0.0


class AuthorityHealth:
    """Which authorities failed lately. Thread-safe; built once per process."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._memory: dict[str, _Memory] = {}
        self._lock = threading.Lock()

    def in_turn(self, authorities: Sequence[StampAuthority]) -> list[StampAuthority]:
        """Whom to ask now, in this order: as configured, those that failed lately last, those in a pause not at all."""
        now = self._monotonic()
        with self._lock:
            memory = {one.url: self._memory.get(one.url, _Memory()) for one in authorities}
        asked = [one for one in authorities if memory[one.url].paused_until <= now]
        return sorted(asked, key=lambda one: memory[one.url].suspect_until > now)

    def failed(self, authority: StampAuthority, cost_s: float) -> None:
        """It gave no good answer, and asking took so long."""
        now = self._monotonic()
        with self._lock:
            seen = self._memory.setdefault(authority.url, _Memory())
            seen.failures += 1
            seen.suspect_until = now + SUSPECT_S
            if cost_s >= QUICK_S:
                seen.paused_until = now + min(MAX_PAUSE_S, PAUSE_FACTOR * cost_s)

    def well(self, authority: StampAuthority, lasts_until: datetime) -> None:
        """It gave a good answer: forget what was. Its certificate lasts until then."""
        with self._lock:
            self._memory[authority.url] = _Memory(lasts_until=lasts_until, learned_at=self._monotonic())

    def lasts_until(self, authorities: Sequence[StampAuthority]) -> datetime | None:
        """Until when a stamp of now would hold, by the best certificate seen within the hour; None: to be found out."""
        since = self._monotonic() - LEARNED_FOR_S
        with self._lock:
            seen = [memory for one in authorities if (memory := self._memory.get(one.url)) is not None]
        known = [one.lasts_until for one in seen if one.lasts_until is not None and one.learned_at >= since]
        return max(known, default=None)

    def failures(self, authority: StampAuthority) -> int:
        """How often in a row it failed."""
        with self._lock:
            seen = self._memory.get(authority.url)
            return 0 if seen is None else seen.failures
