"""Signing sessions: rows in, plain values out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.dossiers.signing_session import SessionState
from api.storage.database import Transaction
from api.storage.key_tables import signing_sessions


@dataclass(frozen=True)
class SessionRow:
    """One session as stored. ``order`` is an encoded ``SessionOrder`` without the document's bytes, ``prepared`` what
    the second step needs beside the prepared document: place of the gap, field, signed attributes, algorithm.
    """

    id: str
    caller: str
    idempotency_key: str
    request_sha256: str
    state: SessionState
    order: dict[str, Any]
    document_sha256: str
    prepared_sha256: str
    prepared: dict[str, Any]
    match_code: str
    wrong_values: int
    reason: str | None
    verification: str | None
    created_at: datetime
    expires_at: datetime
    closed_at: datetime | None


class SessionExists(Exception):  # noqa: N818 - the answer to a question, not a fault
    """The caller has a session under this idempotency key."""


def insert_session(transaction: Transaction, row: SessionRow) -> None:
    """Record a session.

    Raises:
        SessionExists: the key is in use; the transaction is to be given up.
    """
    values = {name: getattr(row, name) for name in SessionRow.__dataclass_fields__}
    try:
        transaction.connection.execute(insert(signing_sessions).values(values | {"state": row.state.value}))
    except IntegrityError as error:
        raise SessionExists(row.idempotency_key) from error


def find_session(transaction: Transaction, session_id: str) -> SessionRow | None:
    """The session of an id."""
    return _one(transaction, signing_sessions.c.id == session_id)


def session_of_key(transaction: Transaction, caller: str, key: str) -> SessionRow | None:
    """The session under a caller's idempotency key."""
    found = (signing_sessions.c.caller == caller) & (signing_sessions.c.idempotency_key == key)
    return _one(transaction, found)


def change_session(transaction: Transaction, seen: SessionRow, **changes: Any) -> SessionRow | None:
    """Change a waiting session as it was last seen; None where somebody else changed it since."""
    row = replace(seen, **changes)
    values = {name: getattr(row, name) for name in changes} | {"state": row.state.value}
    change = update(signing_sessions).where(
        signing_sessions.c.id == seen.id,
        signing_sessions.c.state == SessionState.WAITING.value,
        signing_sessions.c.wrong_values == seen.wrong_values,
    )
    return row if transaction.connection.execute(change.values(values)).rowcount == 1 else None


def _one(transaction: Transaction, condition: ColumnElement[bool]) -> SessionRow | None:
    row = transaction.connection.execute(select(signing_sessions).where(condition)).one_or_none()
    if row is None:
        return None
    values = {name: row._mapping[name] for name in SessionRow.__dataclass_fields__}
    return SessionRow(**(values | {"state": SessionState(row.state)}))
