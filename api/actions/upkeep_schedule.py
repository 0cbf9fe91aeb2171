"""What is next for a result's evidence, and when: by its report, the level asked for, the renewal policy. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

from api.storage.seals import ResultRow
from api.storage.upkeep import Task, UpkeepRow
from verifier.bundle.lifetime import RenewalPolicy, lifetime_of, load_renewal_policy
from verifier.report import ValidationReport

RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(days=1),
)
"""When an attempt that came to nothing is made again; the last of them for ever: nobody's evidence is given up."""

MIN_GAIN = 1.2

SEAL_ORDER = ("B-B", "B-T", "B-LT", "B-LTA")


@cache
def renewal_policy() -> RenewalPolicy:
    """The shipped policy, read once."""
    return load_renewal_policy()


def first_upkeep(row: ResultRow, wished_level: str, report: ValidationReport, now: datetime) -> UpkeepRow:
    """The upkeep of a result that was just sealed."""
    fresh = UpkeepRow(row.result_code, row.agency, wished_level, row.level, None, None, None, None)
    return scheduled(fresh, row.level, report, now)


def scheduled(upkeep: UpkeepRow, level: str, report: ValidationReport, now: datetime) -> UpkeepRow:
    """How it stands with a file of this level and this report: raised where it fell short, renewed before its end.

    Archive time stamps are what can be renewed: a result that was asked for at a lower level ends with its certificate.
    """
    policy, lifetime = renewal_policy(), lifetime_of(report, renewal_policy())
    task, next_at = None, None
    if SEAL_ORDER.index(level) < SEAL_ORDER.index(upkeep.wished_level):
        task, next_at = Task.RAISE, now
    elif level == "B-LTA" and lifetime is not None:
        task, next_at = Task.RENEW, renewal_due(upkeep.result_code, lifetime.until, policy, now)
    return replace(
        upkeep,
        level=level,
        expires_at=None if lifetime is None else lifetime.until,
        expires_with=None if lifetime is None else lifetime.ends_with,
        task=task,
        next_at=next_at,
        attempts=0,
        failure=None,
    )


def renewal_due(result_code: str, until: datetime, policy: RenewalPolicy, now: datetime) -> datetime:
    """Some time before the end, the same for the same result, spread evenly over all of them.

    Never sooner than half the time that is left: a certificate shorter than the policy's days must not be renewed
    without end.
    """
    drawn = int.from_bytes(hashlib.sha256(result_code.encode()).digest()[:4], "big") / 2**32
    return max(until - policy.before - policy.spread * drawn, now + (until - now) / 2)


def gains(now: datetime, before: datetime | None, after: datetime | None) -> bool:
    """Is a renewal worth it: does the evidence hold a fifth longer from now than it did."""
    if before is None or after is None:
        return True
    return after - now >= (before - now) * MIN_GAIN


def ask_again_at(until: datetime, now: datetime) -> datetime:
    """When to see again whether an authority has a newer certificate: sooner the nearer the end is."""
    return now + min(max((until - now) / 8, timedelta(days=1)), timedelta(days=30))


def retry_at(attempts: int, now: datetime) -> datetime:
    """When to try again after so many attempts."""
    return now + RETRY_AFTER[min(attempts, len(RETRY_AFTER)) - 1]
