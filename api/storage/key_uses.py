"""Each use of a key that was asked for, and how often a key was used lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select, update

from api.storage.database import Transaction
from api.storage.key_tables import key_uses
from api.storage.tables import counters


class UseState(StrEnum):
    """Where a use stands. ``started`` stays where the process died: the key may have been used."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class KeyUseRow:
    """One use as stored; ``digest_sha256`` is the hexadecimal digest that was to be signed."""

    id: str
    key: str
    at: datetime
    caller: str
    agency: str
    purpose: str
    subject: str
    digest_sha256: str
    state: UseState
    refusal: str | None
    closed_at: datetime | None


def lock_uses(transaction: Transaction) -> None:
    """Let one transaction at a time count and record uses: SQLite's writers queue anyway, PostgreSQL locks the row.

    It is the counter of acts, which every use takes afterwards, so no second order of locks arises.
    """
    transaction.connection.execute(select(counters.c.value).where(counters.c.name == "acts").with_for_update())


def count_uses(transaction: Transaction, key: str, since: datetime) -> int:
    """How often a key was used, or is being used, after a moment."""
    counted = (UseState.STARTED.value, UseState.DONE.value)
    query = select(func.count()).where(key_uses.c.key == key, key_uses.c.at > since, key_uses.c.state.in_(counted))
    return int(transaction.connection.scalar(query) or 0)


def insert_use(transaction: Transaction, row: KeyUseRow) -> None:
    """Record a use."""
    values: dict[str, Any] = {name: getattr(row, name) for name in KeyUseRow.__dataclass_fields__}
    transaction.connection.execute(insert(key_uses).values(values | {"state": row.state.value}))


def close_use(transaction: Transaction, use_id: str, state: UseState, at: datetime) -> None:
    """Record what became of a started use."""
    change = update(key_uses).where(key_uses.c.id == use_id, key_uses.c.state == UseState.STARTED.value)
    transaction.connection.execute(change.values(state=state.value, closed_at=at))
