"""Letters that wait to be issued: rows in, plain values out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.dossiers.letter import OPEN, LetterState
from api.storage.database import Transaction
from api.storage.number_tables import letters


@dataclass(frozen=True)
class LetterRow:
    """One letter as stored; ``order`` is an encoded ``SealOrder`` without the document's bytes.

    ``document_sha256`` is the letter as it came, ``signed_sha256`` what the leader signed, with the verification code
    printed on it; ``series`` is empty where the portal numbers in a series of its own.
    """

    id: str
    caller: str
    idempotency_key: str
    order_sha256: str
    order: dict[str, Any]
    document_sha256: str
    signed_sha256: str
    verification_code: str
    agency: str
    series: str
    dossier: str
    state: LetterState
    signed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None


class LetterExists(Exception):  # noqa: N818 - the answer to a question, not a fault
    """The caller has a letter under this idempotency key."""


def insert_letter(transaction: Transaction, row: LetterRow) -> None:
    """Record a letter.

    Raises:
        LetterExists: somebody was quicker; the transaction is to be given up.
    """
    values = {name: getattr(row, name) for name in LetterRow.__dataclass_fields__}
    try:
        transaction.connection.execute(insert(letters).values(values | {"state": row.state.value}))
    except IntegrityError as error:
        raise LetterExists(row.idempotency_key) from error


def letter_of_key(transaction: Transaction, caller: str, key: str) -> LetterRow | None:
    """The letter under a caller's idempotency key."""
    return _one(transaction, (letters.c.caller == caller) & (letters.c.idempotency_key == key))


def find_letter(transaction: Transaction, letter_id: str) -> LetterRow | None:
    """The letter of an id."""
    return _one(transaction, letters.c.id == letter_id)


def letters_open(transaction: Transaction, agencies: Collection[str], limit: int) -> list[LetterRow]:
    """Letters of these agencies that are not out yet, oldest first."""
    states = [state.value for state in OPEN]
    query = select(letters).where(letters.c.agency.in_(agencies), letters.c.state.in_(states))
    return [_row(row) for row in transaction.connection.execute(query.order_by(letters.c.signed_at).limit(limit))]


def change_letter(transaction: Transaction, seen: LetterRow, **changes: Any) -> LetterRow | None:
    """Change a letter as it was last seen; None where somebody else changed it since."""
    row = replace(seen, **changes)
    values = {name: getattr(row, name) for name in changes} | {"state": row.state.value}
    change = update(letters).where(letters.c.id == seen.id, letters.c.state == seen.state.value)
    return row if transaction.connection.execute(change.values(values)).rowcount == 1 else None


def _one(transaction: Transaction, condition: ColumnElement[bool]) -> LetterRow | None:
    row = transaction.connection.execute(select(letters).where(condition)).one_or_none()
    return None if row is None else _row(row)


def _row(row: Row[Any]) -> LetterRow:
    values = {name: row._mapping[name] for name in LetterRow.__dataclass_fields__}
    return LetterRow(**(values | {"state": LetterState(row.state)}))
