"""Intents to seal, their leases, and the results that came of them.

A lease says who is working on an intent. It only saves work: what keeps a seal single is that ``finish_intent``
succeeds once, for the holder of the present lease, in the transaction that stores the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.storage.database import Transaction
from api.storage.living import Cause, VersionRow, begin_life
from api.storage.living_tables import result_versions
from api.storage.tables import dossiers, results, seal_intents
from api.storage.upkeep import UpkeepRow, insert_upkeep


class IntentState(StrEnum):
    """Where an intent stands."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True)
class IntentRow:
    """An intent as stored; ``order`` is an encoded ``SealOrder`` without the document's bytes."""

    id: str
    caller: str
    idempotency_key: str
    request_sha256: str
    plan_sha256: str
    order: dict[str, Any]
    document_sha256: str
    dossier: str
    result_number: int | None
    verification_code: str
    state: IntentState
    refusal: str | None
    lease: str | None
    lease_holder: str | None
    lease_until: datetime | None
    attempts: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class ResultRow:
    """A sealed result as stored."""

    result_code: str
    dossier: str
    number: int
    verification_code: str
    intent: str
    document_sha256: str
    verification: str
    agency: str
    agency_name: str
    signatory: str
    level: str
    title: str
    paper_number: str
    holder_name: str
    issued_on: date
    valid_until: date | None
    filename: str
    sealed_at: datetime
    sealed_by: str


class NumberTaken(Exception):  # noqa: N818 - the answer to a question, not a fault
    """The dossier has a result, or an intent, of that number."""


def find_intent(transaction: Transaction, caller: str, idempotency_key: str) -> IntentRow | None:
    """The intent under a caller's idempotency key."""
    query = select(seal_intents).where(
        seal_intents.c.caller == caller, seal_intents.c.idempotency_key == idempotency_key
    )
    row = transaction.connection.execute(query).one_or_none()
    return None if row is None else _intent(row)


def intent_of_id(transaction: Transaction, intent_id: str) -> IntentRow | None:
    """The intent of an id."""
    row = transaction.connection.execute(select(seal_intents).where(seal_intents.c.id == intent_id)).one_or_none()
    return None if row is None else _intent(row)


def pending_intents(transaction: Transaction, limit: int, without_prefix: str) -> list[IntentRow]:
    """Intents that nobody finished yet, oldest first; those whose key has the prefix are somebody else's to finish."""
    query = (
        select(seal_intents)
        .where(seal_intents.c.state == IntentState.PENDING.value)
        .where(~seal_intents.c.idempotency_key.startswith(without_prefix, autoescape=True))
        .order_by(seal_intents.c.created_at)
        .limit(limit)
    )
    return [_intent(row) for row in transaction.connection.execute(query)]


def insert_intent(transaction: Transaction, row: IntentRow) -> None:
    """Record an intent.

    Raises:
        NumberTaken: the number was given to another one; the transaction is to be given up.
    """
    values = {name: getattr(row, name) for name in IntentRow.__dataclass_fields__}
    try:
        transaction.connection.execute(insert(seal_intents).values(values | {"state": row.state.value}))
    except IntegrityError as error:
        raise NumberTaken(f"{row.dossier} {row.result_number}") from error


def restart_intent(transaction: Transaction, seen: IntentRow, row: IntentRow) -> bool:
    """Take over an intent as it was last seen; False where somebody else changed it since.

    Raises:
        NumberTaken: as ``insert_intent``.
    """
    values = {name: getattr(row, name) for name in IntentRow.__dataclass_fields__ if name != "id"}
    change = (
        update(seal_intents)
        .where(
            seal_intents.c.id == seen.id,
            seal_intents.c.state == seen.state.value,
            seal_intents.c.attempts == seen.attempts,
        )
        .values(values | {"state": row.state.value})
    )
    try:
        return transaction.connection.execute(change).rowcount == 1
    except IntegrityError as error:
        raise NumberTaken(f"{row.dossier} {row.result_number}") from error


def finish_intent(
    transaction: Transaction, intent: IntentRow, state: IntentState, at: datetime, refusal: str | None = None
) -> bool:
    """Close an intent whose lease this is; False where the lease was taken over (then nothing may be stored)."""
    values: dict[str, Any] = {"state": state.value, "refusal": refusal, "changed_at": at}
    values |= {"lease": None, "lease_holder": None, "lease_until": None}
    if state is IntentState.REFUSED:
        values["result_number"] = None
    return _held(transaction, intent, values)


def release_lease(transaction: Transaction, intent: IntentRow, at: datetime) -> bool:
    """Leave an intent pending for the next one who asks, or the worker."""
    values = {"lease": None, "lease_holder": None, "lease_until": None, "changed_at": at}
    return _held(transaction, intent, values)


def next_result_number(transaction: Transaction, dossier: str) -> int:
    """Take the dossier's next n of ``<dossier>-KQ<n>``; others wait for this transaction."""
    take = (
        update(dossiers)
        .where(dossiers.c.code == dossier)
        .values(last_result_number=dossiers.c.last_result_number + 1)
        .returning(dossiers.c.last_result_number)
    )
    return int(transaction.connection.execute(take).scalar_one())


def claim_result_number(transaction: Transaction, dossier: str, number: int) -> None:
    """Note that a certain number was asked for, so that the next one drawn is above it."""
    change = update(dossiers).where(dossiers.c.code == dossier, dossiers.c.last_result_number < number)
    transaction.connection.execute(change.values(last_result_number=number))


def give_back_result_number(transaction: Transaction, dossier: str, number: int) -> None:
    """Return a number that came to nothing, where it was the last one drawn (else a gap stays)."""
    change = update(dossiers).where(dossiers.c.code == dossier, dossiers.c.last_result_number == number)
    transaction.connection.execute(change.values(last_result_number=number - 1))


def insert_result(transaction: Transaction, row: ResultRow, upkeep: UpkeepRow) -> None:
    """Store a sealed result, in force, with its first version and what is to become of its evidence."""
    values = {name: getattr(row, name) for name in ResultRow.__dataclass_fields__}
    transaction.connection.execute(insert(results).values(values))
    first = VersionRow(
        row.result_code, 1, row.document_sha256, row.verification, row.level, Cause.SEALED, row.sealed_at
    )
    begin_life(transaction, first)
    insert_upkeep(transaction, upkeep)


def find_result(transaction: Transaction, result_code: str) -> ResultRow | None:
    """The result of a result code."""
    return _one_result(transaction, results.c.result_code == result_code)


def result_of_intent(transaction: Transaction, intent_id: str) -> ResultRow | None:
    """The result that came of an intent."""
    return _one_result(transaction, results.c.intent == intent_id)


def result_of_verification_code(transaction: Transaction, code: str) -> ResultRow | None:
    """The result on which this verification code is printed (18 characters, no separators)."""
    return _one_result(transaction, results.c.verification_code == code)


def result_of_document(transaction: Transaction, sha256: str) -> ResultRow | None:
    """The result of which a file with this digest is the newest or an earlier version."""
    version = select(result_versions.c.result_code).where(result_versions.c.document_sha256 == sha256)
    return _one_result(transaction, results.c.result_code == version.scalar_subquery())


def _held(transaction: Transaction, intent: IntentRow, values: dict[str, Any]) -> bool:
    change = update(seal_intents).where(
        seal_intents.c.id == intent.id,
        seal_intents.c.state == IntentState.PENDING.value,
        seal_intents.c.lease == intent.lease,
    )
    return transaction.connection.execute(change.values(values)).rowcount == 1


def _one_result(transaction: Transaction, condition: Any) -> ResultRow | None:
    row = transaction.connection.execute(select(results).where(condition)).one_or_none()
    return None if row is None else ResultRow(**{name: row._mapping[name] for name in ResultRow.__dataclass_fields__})


def _intent(row: Row[Any]) -> IntentRow:
    values = {name: row._mapping[name] for name in IntentRow.__dataclass_fields__}
    return IntentRow(**(values | {"state": IntentState(row.state)}))
