"""Batches of seals and their items: rows in, plain values out. An item with a lease is being worked on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, and_, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from api.storage.batch_tables import batch_items, batches
from api.storage.database import Transaction
from api.storage.tables import seal_intents

MAX_POSITION = 2**31 - 1
"""A larger number is no position, and none that a column of whole numbers could be compared with."""


class BatchState(StrEnum):
    """Where a batch stands."""

    COLLECTING = "collecting"
    READY = "ready"
    CHECKING = "checking"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    """What became of one result."""

    PENDING = "pending"
    WAITING = "waiting"
    SEALED = "sealed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class CheckState(StrEnum):
    """What the dry run said of one result."""

    PASSED = "passed"
    REFUSED = "refused"


OPEN = (ItemState.PENDING.value, ItemState.WAITING.value)
"""Of which nothing has become yet."""

ACTIVE = (BatchState.CHECKING.value, BatchState.RUNNING.value)


class BatchKeyTaken(Exception):  # noqa: N818 - the answer to a question, not a fault
    """The caller has a batch under this idempotency key."""


@dataclass(frozen=True)
class BatchRow:
    """A batch as stored. ``waiting_…``: a service outside does not answer, and when it is asked again."""

    id: str
    caller: str
    idempotency_key: str
    request_sha256: str
    name: str
    agency: str
    signatory: str
    level: str
    when_complete: str
    state: BatchState
    total: int
    size_bytes: int
    waiting_reason: str | None
    waiting_data: dict[str, str]
    waiting_since: datetime | None
    waiting_until: datetime | None
    waiting_rounds: int
    paused_reason: str | None
    created_at: datetime
    changed_at: datetime
    started_by: str | None
    finished_at: datetime | None


@dataclass(frozen=True)
class ItemRow:
    """An item as stored; ``order`` is an encoded ``BatchItem``."""

    batch: str
    position: int
    order: dict[str, Any]
    document_sha256: str
    received: bool
    dossier: str
    filename: str
    state: ItemState
    reason: str | None
    reason_data: dict[str, str]
    checked: CheckState | None
    check_reason: str | None
    check_data: dict[str, str]
    placements: list[dict[str, Any]]
    result_code: str | None
    attempts: int
    deaths: int
    not_before: datetime | None
    lease: str | None
    lease_holder: str | None
    lease_until: datetime | None
    changed_at: datetime


@dataclass(frozen=True)
class Lease:
    """Who takes an item on, and until when nobody else may."""

    id: str
    holder: str
    until: datetime


def insert_batch(transaction: Transaction, row: BatchRow, items: Sequence[ItemRow]) -> None:
    """Store a batch with its items.

    Raises:
        BatchKeyTaken: the transaction is to be given up.
    """
    try:
        transaction.connection.execute(insert(batches).values(_values(row)))
    except IntegrityError as error:
        raise BatchKeyTaken(row.idempotency_key) from error
    transaction.connection.execute(insert(batch_items), [_values(item) for item in items])


def find_batch(transaction: Transaction, batch_id: str, *, lock: bool = False) -> BatchRow | None:
    """The batch of that id; with ``lock`` other writers of it wait for this transaction."""
    query = select(batches).where(batches.c.id == batch_id)
    row = transaction.connection.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _batch(row)


def batch_of_key(transaction: Transaction, caller: str, idempotency_key: str) -> BatchRow | None:
    """The batch under a caller's idempotency key."""
    query = select(batches).where(batches.c.caller == caller, batches.c.idempotency_key == idempotency_key)
    row = transaction.connection.execute(query).one_or_none()
    return None if row is None else _batch(row)


def newest_batches(transaction: Transaction, agencies: frozenset[str] | None, limit: int) -> list[BatchRow]:
    """The newest first, of some agencies or (None) of all."""
    query = select(batches).order_by(batches.c.created_at.desc(), batches.c.id).limit(limit)
    if agencies is not None:
        query = query.where(batches.c.agency.in_(sorted(agencies)))
    return [_batch(row) for row in transaction.connection.execute(query)]


def change_batch(transaction: Transaction, batch_id: str, **values: Any) -> None:
    """Set columns of a batch."""
    plain = {name: value.value if isinstance(value, StrEnum) else value for name, value in values.items()}
    transaction.connection.execute(update(batches).where(batches.c.id == batch_id).values(plain))


def starters_of(transaction: Transaction, batch_ids: Collection[str]) -> dict[str, str | None]:
    """Who started each of the batches; None where nobody did yet."""
    query = select(batches.c.id, batches.c.started_by).where(batches.c.id.in_(batch_ids))
    return {row.id: row.started_by for row in transaction.connection.execute(query)}


def find_item(transaction: Transaction, batch_id: str, position: int) -> ItemRow | None:
    """One item; None where the batch has no such position, however large the number."""
    if position > MAX_POSITION:
        return None
    query = select(batch_items).where(batch_items.c.batch == batch_id, batch_items.c.position == position)
    row = transaction.connection.execute(query).one_or_none()
    return None if row is None else _item(row)


def items_after(
    transaction: Transaction, batch_id: str, after: int, limit: int, states: Sequence[ItemState] = ()
) -> list[ItemRow]:
    """Items with a higher position, in order; only those in certain states where any are named."""
    query = select(batch_items).where(batch_items.c.batch == batch_id, batch_items.c.position > after)
    if states:
        query = query.where(batch_items.c.state.in_([state.value for state in states]))
    rows = transaction.connection.execute(query.order_by(batch_items.c.position).limit(limit))
    return [_item(row) for row in rows]


def items_failed_check(transaction: Transaction, batch_id: str, limit: int) -> list[ItemRow]:
    """The first items that the dry run refused."""
    query = select(batch_items).where(
        batch_items.c.batch == batch_id, batch_items.c.checked == CheckState.REFUSED.value
    )
    return [_item(row) for row in transaction.connection.execute(query.order_by(batch_items.c.position).limit(limit))]


def count_states(transaction: Transaction, batch_id: str) -> dict[ItemState, int]:
    """How many items are in each state."""
    query = (
        select(batch_items.c.state, func.count()).where(batch_items.c.batch == batch_id).group_by(batch_items.c.state)
    )
    found = {ItemState(state): int(count) for state, count in transaction.connection.execute(query)}
    return {state: found.get(state, 0) for state in ItemState}


def count_checks(transaction: Transaction, batch_id: str) -> dict[CheckState, int]:
    """How many items the dry run has passed and refused."""
    query = (
        select(batch_items.c.checked, func.count())
        .where(batch_items.c.batch == batch_id, batch_items.c.checked.is_not(None))
        .group_by(batch_items.c.checked)
    )
    found = {CheckState(state): int(count) for state, count in transaction.connection.execute(query)}
    return {state: found.get(state, 0) for state in CheckState}


def count_held(transaction: Transaction, batch_id: str) -> int:
    """How many items somebody is at."""
    query = select(func.count()).where(batch_items.c.batch == batch_id, batch_items.c.lease.is_not(None))
    return int(transaction.connection.execute(query).scalar_one())


def missing_documents(transaction: Transaction, batch_id: str, limit: int) -> tuple[int, list[str]]:
    """How many different documents have not come yet, and the first of their digests."""
    where = and_(batch_items.c.batch == batch_id, batch_items.c.received.is_(False))
    digests = select(batch_items.c.document_sha256).where(where).distinct()
    count = int(transaction.connection.execute(select(func.count()).select_from(digests.subquery())).scalar_one())
    query = digests.order_by(batch_items.c.document_sha256).limit(limit)
    return count, list(transaction.connection.scalars(query))


def is_missing_any(transaction: Transaction, batch_id: str) -> bool:
    """Has a document not come yet."""
    query = select(batch_items.c.position).where(batch_items.c.batch == batch_id, batch_items.c.received.is_(False))
    return transaction.connection.execute(query.limit(1)).first() is not None


def names_document(transaction: Transaction, batch_id: str, sha256: str) -> bool:
    """Does an item of the batch name this document."""
    query = select(batch_items.c.position).where(
        batch_items.c.batch == batch_id, batch_items.c.document_sha256 == sha256
    )
    return transaction.connection.execute(query.limit(1)).first() is not None


def mark_received(transaction: Transaction, batch_id: str, sha256: str) -> bool:
    """Note that a document has come; False where it had come before."""
    change = update(batch_items).where(
        batch_items.c.batch == batch_id, batch_items.c.document_sha256 == sha256, batch_items.c.received.is_(False)
    )
    return transaction.connection.execute(change.values(received=True)).rowcount > 0


def active_batches(transaction: Transaction, now: datetime) -> list[BatchRow]:
    """Batches that have work for somebody now, oldest first."""
    query = select(batches).where(
        batches.c.state.in_(ACTIVE), or_(batches.c.waiting_until.is_(None), batches.c.waiting_until <= now)
    )
    return [_batch(row) for row in transaction.connection.execute(query.order_by(batches.c.created_at))]


def claim_item(transaction: Transaction, batch: BatchRow, lease: Lease, now: datetime) -> ItemRow | None:
    """Put a lease on the next item of an active batch: those tried least often first, so that one that is stuck
    holds up no other. On PostgreSQL rows that another worker is just claiming are passed over.
    """
    free = (
        batch_items.c.batch == batch.id,
        batch_items.c.lease.is_(None),
        or_(batch_items.c.not_before.is_(None), batch_items.c.not_before <= now),
    )
    if batch.state is BatchState.CHECKING:
        row = _first(transaction, *free, batch_items.c.checked.is_(None))
    else:  # one state after the other, so that the index gives the order
        row = _first(transaction, *free, batch_items.c.state == ItemState.PENDING.value)
        row = row or _first(transaction, *free, batch_items.c.state == ItemState.WAITING.value)
    if row is None:
        return None
    values = {
        "lease": lease.id,
        "lease_holder": lease.holder,
        "lease_until": lease.until,
        "attempts": row.attempts + 1,
        "changed_at": now,
    }
    change = update(batch_items).where(
        batch_items.c.batch == batch.id, batch_items.c.position == row.position, batch_items.c.lease.is_(None)
    )
    if transaction.connection.execute(change.values(values)).rowcount != 1:
        return None
    return find_item(transaction, batch.id, row.position)


def settle_item(transaction: Transaction, item: ItemRow, values: Mapping[str, Any]) -> bool:
    """Write what became of an item and give its lease back; False where the lease is no longer ours."""
    plain = {name: value.value if isinstance(value, StrEnum) else value for name, value in values.items()}
    change = update(batch_items).where(
        batch_items.c.batch == item.batch, batch_items.c.position == item.position, batch_items.c.lease == item.lease
    )
    values = {"lease": None, "lease_holder": None, "lease_until": None, **plain}
    return transaction.connection.execute(change.values(values)).rowcount == 1


def held_items(transaction: Transaction) -> list[ItemRow]:
    """Every item that carries a lease: as many as there are workers, and those whose worker died."""
    query = select(batch_items).where(batch_items.c.lease.is_not(None))
    return [_item(row) for row in transaction.connection.execute(query)]


def cancel_open_items(transaction: Transaction, batch_id: str, now: datetime) -> int:
    """Cancel what nobody is at; how many items."""
    change = update(batch_items).where(
        batch_items.c.batch == batch_id, batch_items.c.state.in_(OPEN), batch_items.c.lease.is_(None)
    )
    values: dict[str, Any] = {"state": ItemState.CANCELLED.value, "reason": None, "reason_data": {}, "changed_at": now}
    return transaction.connection.execute(change.values(values)).rowcount


def reopen_failed_items(transaction: Transaction, batch_id: str, now: datetime) -> int:
    """Make refused items pending again; how many."""
    change = update(batch_items).where(batch_items.c.batch == batch_id, batch_items.c.state == ItemState.REFUSED.value)
    values: dict[str, Any] = {
        "state": ItemState.PENDING.value,
        "reason": None,
        "reason_data": {},
        "attempts": 0,
        "deaths": 0,
    }
    values |= {"not_before": None, "changed_at": now}
    return transaction.connection.execute(change.values(values)).rowcount


def forget_checks(transaction: Transaction, batch_id: str) -> None:
    """Before a dry run: as if there had been none."""
    change = update(batch_items).where(batch_items.c.batch == batch_id)
    values: dict[str, Any] = {
        "checked": None,
        "check_reason": None,
        "check_data": {},
        "placements": [],
        "attempts": 0,
        "deaths": 0,
    }
    transaction.connection.execute(change.values(values | {"not_before": None}))


def is_number_taken(transaction: Transaction, dossier: str, number: int) -> bool:
    """Has the dossier a result, or an intent, of that number."""
    query = select(seal_intents.c.id).where(seal_intents.c.dossier == dossier, seal_intents.c.result_number == number)
    return transaction.connection.execute(query.limit(1)).first() is not None


def _first(transaction: Transaction, *conditions: Any) -> Row[Any] | None:
    """The row whose turn it is, locked."""
    query = select(batch_items).where(*conditions).order_by(batch_items.c.attempts, batch_items.c.position).limit(1)
    return transaction.connection.execute(query.with_for_update(skip_locked=True)).one_or_none()


def _values(row: BatchRow | ItemRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in type(row).__dataclass_fields__}
    return {name: value.value if isinstance(value, StrEnum) else value for name, value in values.items()}


def _batch(row: Row[Any]) -> BatchRow:
    values = {name: row._mapping[name] for name in BatchRow.__dataclass_fields__}
    return BatchRow(**(values | {"state": BatchState(row.state)}))


def _item(row: Row[Any]) -> ItemRow:
    values = {name: row._mapping[name] for name in ItemRow.__dataclass_fields__}
    checked = None if row.checked is None else CheckState(row.checked)
    return ItemRow(**(values | {"state": ItemState(row.state), "checked": checked}))
