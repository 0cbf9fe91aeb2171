"""Living results: their state, what was decided about them, and every version of their file.

The legal state is one row (``result_states``), changed in the transaction that records the decision, so that every
surface that reads it agrees at once. Nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from api.storage.database import Transaction
from api.storage.living_tables import result_changes, result_states, result_versions
from api.storage.tables import results


class LegalState(StrEnum):
    """What the agency decided about a result; whether its days are over is another question."""

    IN_FORCE = "in-force"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class ChangeKind(StrEnum):
    """What a decision does to a result."""

    WITHDRAWAL = "withdrawal"
    REPLACEMENT = "replacement"
    CORRECTION = "correction"


class Cause(StrEnum):
    """Why a version of a result's file was made."""

    SEALED = "sealed"
    RAISED = "raised"
    RENEWED = "renewed"


@dataclass(frozen=True)
class StateRow:
    """The legal state of a result; ``successor`` is the result code that replaced it, ``changes`` their number."""

    result_code: str
    state: LegalState
    successor: str | None
    changes: int
    changed_at: datetime


@dataclass(frozen=True)
class ChangeRow:
    """A decision as stored; ``before`` and ``after`` hold the corrected facts as JSON values."""

    result_code: str
    number: int
    kind: ChangeKind
    reason: str
    note: str | None
    public_note: str | None
    decided_by: str
    decision_number: str
    decision_date: date
    successor: str | None
    before: dict[str, Any]
    after: dict[str, Any]
    at: datetime
    caller: str
    idempotency_key: str
    request_sha256: str


@dataclass(frozen=True)
class VersionRow:
    """One file that is or was a result; numbers count from 1."""

    result_code: str
    number: int
    document_sha256: str
    verification: str
    level: str
    cause: Cause
    made_at: datetime


def state_of(transaction: Transaction, result_code: str) -> StateRow:
    """The state of a result that exists."""
    return states_of(transaction, [result_code])[result_code]


def states_of(transaction: Transaction, codes: Collection[str], *, lock: bool = False) -> dict[str, StateRow]:
    """The states of several results; ``lock`` keeps others from changing them until the transaction is over.

    Rows are locked in the order of their codes, so that two changes never wait for each other in a circle.
    """
    query = select(result_states).where(result_states.c.result_code.in_(sorted(codes)))
    query = query.order_by(result_states.c.result_code)
    if lock:
        query = query.with_for_update()
    rows = transaction.connection.execute(query)
    return {
        row.result_code: StateRow(row.result_code, LegalState(row.state), row.successor, row.changes, row.changed_at)
        for row in rows
    }


def set_state(transaction: Transaction, row: StateRow) -> None:
    """Change the state of a result whose row is locked."""
    change = update(result_states).where(result_states.c.result_code == row.result_code)
    values = {"state": row.state.value, "successor": row.successor, "changes": row.changes}
    transaction.connection.execute(change.values(**values, changed_at=row.changed_at))


class KeyTaken(Exception):  # noqa: N818 - the answer to a question, not a fault
    """The caller's idempotency key stands for a decision about another result, recorded at the same moment."""


def insert_change(transaction: Transaction, row: ChangeRow) -> None:
    """Record a decision.

    Raises:
        KeyTaken: the transaction is to be given up.
    """
    values = {name: getattr(row, name) for name in ChangeRow.__dataclass_fields__}
    try:
        transaction.connection.execute(insert(result_changes).values(values | {"kind": row.kind.value}))
    except IntegrityError as error:
        raise KeyTaken(row.idempotency_key) from error


def change_under_key(transaction: Transaction, caller: str, key: str) -> ChangeRow | None:
    """The decision that a caller recorded under an idempotency key."""
    query = select(result_changes).where(result_changes.c.caller == caller, result_changes.c.idempotency_key == key)
    row = transaction.connection.execute(query).one_or_none()
    return None if row is None else _change(row)


def changes_of(transaction: Transaction, result_code: str) -> list[ChangeRow]:
    """All decisions about a result, oldest first."""
    query = select(result_changes).where(result_changes.c.result_code == result_code)
    return [_change(row) for row in transaction.connection.execute(query.order_by(result_changes.c.number))]


def set_facts(transaction: Transaction, result_code: str, facts: dict[str, Any]) -> None:
    """Set corrected facts of the register; what they were before stands in the change."""
    transaction.connection.execute(update(results).where(results.c.result_code == result_code).values(facts))


def versions_of(transaction: Transaction, result_code: str) -> list[VersionRow]:
    """Every version of a result's file, oldest first."""
    query = select(result_versions).where(result_versions.c.result_code == result_code)
    return [_version(row) for row in transaction.connection.execute(query.order_by(result_versions.c.number))]


def version_of_document(transaction: Transaction, sha256: str) -> VersionRow | None:
    """The version that a file is."""
    row = transaction.connection.execute(
        select(result_versions).where(result_versions.c.document_sha256 == sha256)
    ).one_or_none()
    return None if row is None else _version(row)


def add_version(transaction: Transaction, row: VersionRow) -> None:
    """Record a newer version; from now on the result's file is this one."""
    values = {name: getattr(row, name) for name in VersionRow.__dataclass_fields__}
    transaction.connection.execute(insert(result_versions).values(values | {"cause": row.cause.value}))
    newest = {"document_sha256": row.document_sha256, "verification": row.verification, "level": row.level}
    transaction.connection.execute(update(results).where(results.c.result_code == row.result_code).values(newest))


def begin_life(transaction: Transaction, first: VersionRow) -> None:
    """A result that was just sealed: in force, in its first version."""
    values = {name: getattr(first, name) for name in VersionRow.__dataclass_fields__}
    transaction.connection.execute(insert(result_versions).values(values | {"cause": first.cause.value}))
    state = {"result_code": first.result_code, "state": LegalState.IN_FORCE.value, "successor": None, "changes": 0}
    transaction.connection.execute(insert(result_states).values(**state, changed_at=first.made_at))


def _change(row: Any) -> ChangeRow:
    values = {name: row._mapping[name] for name in ChangeRow.__dataclass_fields__}
    return ChangeRow(**(values | {"kind": ChangeKind(row.kind)}))


def _version(row: Any) -> VersionRow:
    values = {name: row._mapping[name] for name in VersionRow.__dataclass_fields__}
    return VersionRow(**(values | {"cause": Cause(row.cause)}))
