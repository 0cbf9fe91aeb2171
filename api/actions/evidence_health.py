"""How the evidence of sealed results stands: what ends when, what is due, what is stuck and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from api.callers import ALL_AGENCIES, Caller
from api.services import Services
from api.storage.stamp_counts import DatabaseLedger
from api.storage.upkeep import MonthCount, Task, UpkeepRow, count_by_month, count_due, next_due, stuck_upkeep

MONTHS = 120
STUCK = 50
"""As many are listed; the counts are of all."""


REASONS = frozenset(
    {
        *("TIMESTAMP-UNAVAILABLE", "TIMESTAMP-REJECTED", "TIMESTAMP-QUOTA", "TIMESTAMP-NOT-CONFIGURED"),
        *("EVIDENCE-INCOMPLETE", "EARLIER-SIGNATURE-NOT-PASSED", "RENEWAL-GAINS-NOTHING", "DOCUMENT-MISSING"),
    }
)


def reason_code(row: UpkeepRow) -> str:
    """The code of the sentence that says why an attempt came to nothing."""
    return f"stuck.{row.failure}" if row.failure in REASONS else "stuck.other"


@dataclass(frozen=True)
class Quota:
    """How often a time stamp authority was asked in a period (an hour or a day, UTC), and how often it may be."""

    address: str
    period: str
    used: int
    limit: int


@dataclass(frozen=True)
class EvidenceHealth:
    """The evidence of the results of a caller's agencies at ``at``.

    ``due`` counts what should be done by now; ``months`` how many results' evidence ends in each month, soonest first;
    ``stuck`` are those whose last attempt came to nothing, whose evidence ends soonest first.
    """

    at: datetime
    due: dict[Task, int]
    next_due: datetime | None
    months: tuple[MonthCount, ...]
    stuck: tuple[UpkeepRow, ...]
    quotas: tuple[Quota, ...]


def evidence_health(services: Services, caller: Caller) -> EvidenceHealth:
    """The state of the evidence of the results that the caller may seal."""
    now = services.clock()
    agencies = None if ALL_AGENCIES in caller.agencies else sorted(caller.agencies)
    with services.database.reading() as transaction:
        due = count_due(transaction, now, agencies)
        first = next_due(transaction, agencies)
        months = count_by_month(transaction, agencies, MONTHS)
        stuck = stuck_upkeep(transaction, agencies, STUCK)
    return EvidenceHealth(now, due, first, tuple(months), tuple(stuck), _quotas(services))


def _quotas(services: Services) -> tuple[Quota, ...]:
    if services.sealing is None:
        return ()
    ledger, now = DatabaseLedger(services.database, services.clock), services.clock()
    found = []
    for authority in services.sealing.authorities:
        used = ledger.counts(authority)
        limits = authority.quotas(now, background=False)
        found += [Quota(_address(authority.url), period, used[period], limit) for period, limit in limits.items()]
    return tuple(found)


def _address(url: str) -> str:
    """An authority's address as callers see it: without a name, password or token that the operator's may carry."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
