"""The loop behind ``antin worker``: finish what a crash left behind, ask again for missing answers, seal batches.

Several workers at once, on one machine or on several, share the work: everything is claimed with a lease.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event as Stop

import structlog

from api.actions.batch_work import work_on_batches
from api.actions.retry_verifications import retry_due
from api.actions.seals import resolve_intents
from api.actions.upkeep import keep_up
from api.services import Services
from api.storage.database import DatabaseUnavailable
from api.storage.records import is_document_named, is_evidence_named

PAUSE_S = 5.0
BATCH_SLICE_S = 20.0
"""How long a round works on batches before it looks after everything else again."""

SWEEP_EVERY = timedelta(hours=6)

log = structlog.get_logger("antin.worker")


@dataclass(frozen=True)
class Round:
    """What one round of the worker did."""

    intents_resolved: int
    verifications_retried: int
    batch_items: int = 0
    evidence_kept: int = 0

    @property
    def idle(self) -> bool:
        """Nothing was due."""
        return not (self.intents_resolved or self.verifications_retried or self.batch_items or self.evidence_kept)


def work_once(services: Services, stopped: Callable[[], bool] = lambda: False) -> Round:
    """Do everything that is due now; ``stopped`` is asked between the items of batches."""
    return Round(
        resolve_intents(services), retry_due(services), work_on_batches(services, stopped), keep_up(services, stopped)
    )


def sweep(services: Services) -> int:
    """Remove files that a crash left in the stores and that no row names; how many."""

    def names_document(sha256: str) -> bool:
        with services.database.reading() as transaction:
            return is_document_named(transaction, sha256)

    def names_evidence(sha256: str) -> bool:
        with services.database.reading() as transaction:
            return is_evidence_named(transaction, sha256)

    now = services.clock()
    return services.documents.sweep(names_document, now) + services.evidence.sweep(names_evidence, now)


def work(services: Services, stop: Stop, pause_s: float = PAUSE_S) -> None:
    """Work until ``stop`` is set, pausing between rounds in which nothing was due."""
    swept: datetime | None = None
    while not stop.is_set():
        try:
            until = time.monotonic() + BATCH_SLICE_S
            done = work_once(services, lambda end=until: stop.is_set() or time.monotonic() > end)  # type: ignore[misc]
            if not done.idle:
                counts = {"intents": done.intents_resolved, "verifications": done.verifications_retried}
                log.info("worked", **counts, batch_items=done.batch_items, evidence=done.evidence_kept)
            now = services.clock()
            if swept is None or now - swept >= SWEEP_EVERY:
                swept = now
                log.info("swept", files=sweep(services))
        except DatabaseUnavailable as error:
            log.warning("database unavailable", reason=str(error))
            done = Round(0, 0)
        if done.idle:
            stop.wait(pause_s)
