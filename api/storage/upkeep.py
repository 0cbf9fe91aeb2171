"""Until when the evidence of each result holds, and what the worker has to do for it next.

Millions of rows: what is due is found by the index over task and time, a few rows at once. A lease says who is at a
result; it only saves work. What keeps a new version single is that ``finish_upkeep`` succeeds once, for the holder of
the present lease, in the transaction that stores the version.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select, true, update

from api.storage.database import Transaction
from api.storage.living_tables import result_upkeep


class Task(StrEnum):
    """What is to be done, most urgent first."""

    RAISE = "raise"
    """The file has a lower level than was asked for: time stamps were not to be had."""
    ASSESS = "assess"
    """Nobody has worked out yet until when the evidence holds."""
    RENEW = "renew"
    """The evidence comes near its end."""


@dataclass(frozen=True)
class UpkeepRow:
    """The upkeep of a result; ``failure`` is the code of why the last attempt came to nothing."""

    result_code: str
    agency: str
    wished_level: str
    level: str
    expires_at: datetime | None
    expires_with: str | None
    task: Task | None
    next_at: datetime | None
    attempts: int = 0
    failure: str | None = None
    lease: str | None = None
    lease_holder: str | None = None
    lease_until: datetime | None = None


@dataclass(frozen=True)
class MonthCount:
    """How many results' evidence ends in a month (``2027-03``, UTC)."""

    month: str
    count: int


def insert_upkeep(transaction: Transaction, row: UpkeepRow) -> None:
    """Begin the upkeep of a result."""
    transaction.connection.execute(insert(result_upkeep).values(_values(row)))


def upkeep_of(transaction: Transaction, result_code: str) -> UpkeepRow:
    """The upkeep of a result that exists."""
    query = select(result_upkeep).where(result_upkeep.c.result_code == result_code)
    return _row(transaction.connection.execute(query).one())


def due_upkeep(transaction: Transaction, task: Task, now: datetime, limit: int) -> list[UpkeepRow]:
    """What is due of one kind, longest due first, with who was at it last."""
    query = (
        select(result_upkeep)
        .where(result_upkeep.c.task == task.value, result_upkeep.c.next_at <= now)
        .order_by(result_upkeep.c.next_at)
        .limit(limit)
    )
    return [_row(row) for row in transaction.connection.execute(query)]


def lease_upkeep(
    transaction: Transaction, seen: UpkeepRow, holder: str, now: datetime, lease: timedelta, next_at: datetime
) -> UpkeepRow | None:
    """Put a lease on a result as it was last seen; None where somebody else was quicker.

    ``next_at`` is when it is looked at again should this attempt come to nothing without a word: a result that ends
    its worker is not the first one that the next worker meets.
    """
    taken = replace(
        seen,
        attempts=seen.attempts + 1,
        next_at=next_at,
        lease=str(uuid.uuid4()),
        lease_holder=holder,
        lease_until=now + lease,
    )
    change = update(result_upkeep).where(
        result_upkeep.c.result_code == seen.result_code,
        result_upkeep.c.attempts == seen.attempts,
        result_upkeep.c.task == (None if seen.task is None else seen.task.value),
        result_upkeep.c.lease.is_not_distinct_from(seen.lease),
    )
    values = {name: value for name, value in _values(taken).items() if name != "result_code"}
    return taken if transaction.connection.execute(change.values(values)).rowcount == 1 else None


def finish_upkeep(transaction: Transaction, held: UpkeepRow, after: UpkeepRow) -> bool:
    """Store how it stands now and give the lease back; False where the lease was taken over."""
    values = _values(replace(after, lease=None, lease_holder=None, lease_until=None))
    del values["result_code"]
    change = update(result_upkeep).where(
        result_upkeep.c.result_code == held.result_code, result_upkeep.c.lease == held.lease
    )
    return transaction.connection.execute(change.values(values)).rowcount == 1


def count_due(transaction: Transaction, now: datetime, agencies: Sequence[str] | None) -> dict[Task, int]:
    """How many are due of each kind."""
    query = select(result_upkeep.c.task, func.count()).where(
        result_upkeep.c.task.in_([task.value for task in Task]), result_upkeep.c.next_at <= now, _of(agencies)
    )
    rows = transaction.connection.execute(query.group_by(result_upkeep.c.task))
    return {Task(task): count for task, count in rows}


def count_by_month(transaction: Transaction, agencies: Sequence[str] | None, limit: int) -> list[MonthCount]:
    """How many end in each month, soonest first."""
    month = _month(transaction)
    query = (
        select(month, func.count())
        .where(result_upkeep.c.expires_at.is_not(None), _of(agencies))
        .group_by(month)
        .order_by(month)
        .limit(limit)
    )
    return [MonthCount(name, count) for name, count in transaction.connection.execute(query)]


def stuck_upkeep(transaction: Transaction, agencies: Sequence[str] | None, limit: int) -> list[UpkeepRow]:
    """Those whose last attempt came to nothing, whose evidence ends soonest first."""
    query = select(result_upkeep).where(result_upkeep.c.failure.is_not(None), _of(agencies))
    query = query.order_by(result_upkeep.c.expires_at.is_not(None), result_upkeep.c.expires_at).limit(limit)
    return [_row(row) for row in transaction.connection.execute(query)]


def next_due(transaction: Transaction, agencies: Sequence[str] | None) -> datetime | None:
    """When the next task falls due; asked for each kind, so that the index answers."""
    found: list[datetime] = []
    for task in Task:
        query = select(func.min(result_upkeep.c.next_at)).where(result_upkeep.c.task == task.value, _of(agencies))
        first: datetime | None = transaction.connection.scalar(query)
        if first is not None:
            found.append(first)
    return min(found, default=None)


def _of(agencies: Sequence[str] | None) -> Any:
    return true() if agencies is None else result_upkeep.c.agency.in_(agencies)


def _month(transaction: Transaction) -> Any:
    if transaction.connection.dialect.name == "sqlite":
        return func.strftime("%Y-%m", result_upkeep.c.expires_at)
    return func.to_char(func.timezone("UTC", result_upkeep.c.expires_at), "yyyy-mm")


def _values(row: UpkeepRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in UpkeepRow.__dataclass_fields__}
    return values | {"task": None if row.task is None else row.task.value}


def _row(row: Any) -> UpkeepRow:
    values = {name: row._mapping[name] for name in UpkeepRow.__dataclass_fields__}
    return UpkeepRow(**(values | {"task": None if row.task is None else Task(row.task)}))
