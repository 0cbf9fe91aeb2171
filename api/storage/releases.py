"""Seals that wait for a second person: rows in, plain values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from api.dossiers.release import ReleaseState
from api.storage.database import Transaction
from api.storage.key_tables import seal_releases


@dataclass(frozen=True)
class ReleaseRow:
    """One request as stored; ``order`` is an encoded ``SealOrder`` without the document's bytes."""

    id: str
    caller: str
    idempotency_key: str
    order_sha256: str
    order: dict[str, Any]
    document_sha256: str
    agency: str
    dossier: str
    state: ReleaseState
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None


class ReleaseExists(Exception):  # noqa: N818 - the answer to a question, not a fault
    """The caller has a request under this idempotency key."""


def insert_release(transaction: Transaction, row: ReleaseRow) -> None:
    """Record a request.

    Raises:
        ReleaseExists: somebody was quicker; the transaction is to be given up.
    """
    values = {name: getattr(row, name) for name in ReleaseRow.__dataclass_fields__}
    try:
        transaction.connection.execute(insert(seal_releases).values(values | {"state": row.state.value}))
    except IntegrityError as error:
        raise ReleaseExists(row.idempotency_key) from error


def release_of_key(transaction: Transaction, caller: str, key: str) -> ReleaseRow | None:
    """The request under a caller's idempotency key."""
    return _one(transaction, (seal_releases.c.caller == caller) & (seal_releases.c.idempotency_key == key))


def find_release(transaction: Transaction, release_id: str) -> ReleaseRow | None:
    """The request of an id."""
    return _one(transaction, seal_releases.c.id == release_id)


def releases_waiting(transaction: Transaction, since: Mapping[str, datetime], limit: int) -> list[ReleaseRow]:
    """Requests that wait, oldest first: of each agency named those made after its time."""
    if not since:
        return []
    columns = seal_releases.c
    fresh = [(columns.agency == agency) & (columns.requested_at > time) for agency, time in since.items()]
    query = select(seal_releases).where(columns.state == ReleaseState.WAITING.value, or_(*fresh))
    return [_row(row) for row in transaction.connection.execute(query.order_by(columns.requested_at).limit(limit))]


def change_release(transaction: Transaction, seen: ReleaseRow, **changes: Any) -> ReleaseRow | None:
    """Change a request as it was last seen; None where somebody else changed it since."""
    row = replace(seen, **changes)
    values = {name: getattr(row, name) for name in changes} | {"state": row.state.value}
    change = update(seal_releases).where(
        seal_releases.c.id == seen.id,
        seal_releases.c.state == seen.state.value,
        seal_releases.c.requested_at == seen.requested_at,
    )
    return row if transaction.connection.execute(change.values(values)).rowcount == 1 else None


def _one(transaction: Transaction, condition: ColumnElement[bool]) -> ReleaseRow | None:
    row = transaction.connection.execute(select(seal_releases).where(condition)).one_or_none()
    return None if row is None else _row(row)


def _row(row: Row[Any]) -> ReleaseRow:
    values = {name: row._mapping[name] for name in ReleaseRow.__dataclass_fields__}
    return ReleaseRow(**(values | {"state": ReleaseState(row.state)}))
