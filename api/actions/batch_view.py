"""What callers see of batches and their items; another agency's batch is unknown to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.actions.batch_order import WhenComplete
from api.callers import ALL_AGENCIES, Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage import batches as stored
from api.storage.batches import BatchRow, BatchState, CheckState, ItemRow, ItemState
from api.storage.database import Transaction

__all__ = ["Batch", "BatchState", "CheckState", "Item", "ItemPage", "ItemState"]

MAX_ITEMS_A_PAGE = 500
MAX_MISSING_NAMED = 1000
MAX_LISTED = 100


@dataclass(frozen=True)
class Batch:
    """A batch as its caller sees it.

    ``working`` counts the items that somebody is at. ``missing`` names the first documents that have not come yet.
    ``waiting_reason`` is set while a service outside (key, time stamp, certificate status) does not answer.
    """

    id: str
    name: str
    agency: str
    signatory: str
    level: str
    when_complete: WhenComplete
    state: BatchState
    total: int
    counts: Mapping[ItemState, int]
    checks: Mapping[CheckState, int]
    working: int
    missing_count: int
    missing: tuple[str, ...]
    waiting_reason: str | None
    waiting_data: Mapping[str, str]
    waiting_since: datetime | None
    waiting_until: datetime | None
    paused_reason: str | None
    created_at: datetime
    changed_at: datetime
    finished_at: datetime | None
    replayed: bool = False

    @property
    def settled(self) -> int:
        """How many items have an outcome."""
        return self.total - self.counts[ItemState.PENDING] - self.counts[ItemState.WAITING]


@dataclass(frozen=True)
class Item:
    """One result of a batch; ``reason`` and ``check_reason`` are kinds of refusal with the values of their sentence."""

    position: int
    dossier: str
    document: str
    filename: str
    title: str
    number: str
    holder_name: str
    state: ItemState
    working: bool
    reason: str | None
    reason_data: Mapping[str, str]
    checked: CheckState | None
    check_reason: str | None
    check_data: Mapping[str, str]
    placements: tuple[Mapping[str, object], ...]
    result_code: str | None
    received: bool
    changed_at: datetime


@dataclass(frozen=True)
class ItemPage:
    """Items in the order of their positions. ``last`` is the position to ask after next; ``more``: there are."""

    items: tuple[Item, ...]
    last: int
    more: bool


def get_batch(services: Services, caller: Caller, batch_id: str) -> Batch:
    """A batch with its counts.

    Raises:
        Refused: UNKNOWN_BATCH, also where the caller may not seal for its agency.
    """
    with services.database.reading() as transaction:
        return batch_of_row(transaction, visible_batch(transaction, caller, batch_id))


def list_batches(services: Services, caller: Caller, limit: int = 20) -> list[Batch]:
    """The newest batches of the agencies that the caller may seal for."""
    agencies = None if ALL_AGENCIES in caller.agencies else caller.agencies
    with services.database.reading() as transaction:
        rows = stored.newest_batches(transaction, agencies, min(max(limit, 1), MAX_LISTED))
        return [batch_of_row(transaction, row) for row in rows]


def list_items(
    services: Services,
    caller: Caller,
    batch_id: str,
    after: int = 0,
    limit: int = 100,
    states: Sequence[ItemState] = (),
) -> ItemPage:
    """The items with a position above ``after``, at most ``limit`` (1 to 500).

    Raises:
        Refused: UNKNOWN_BATCH.
    """
    limit = min(max(limit, 1), MAX_ITEMS_A_PAGE)
    with services.database.reading() as transaction:
        visible_batch(transaction, caller, batch_id)
        rows = stored.items_after(transaction, batch_id, max(after, 0), limit + 1, states)
    shown = rows[:limit]
    return ItemPage(tuple(map(_item, shown)), shown[-1].position if shown else after, len(rows) > limit)


def items_failed_check(services: Services, caller: Caller, batch_id: str, limit: int = 100) -> tuple[Item, ...]:
    """The first items that the dry run refused.

    Raises:
        Refused: UNKNOWN_BATCH.
    """
    with services.database.reading() as transaction:
        visible_batch(transaction, caller, batch_id)
        return tuple(map(_item, stored.items_failed_check(transaction, batch_id, limit)))


def get_item(services: Services, caller: Caller, batch_id: str, position: int) -> Item:
    """One item.

    Raises:
        Refused: UNKNOWN_BATCH, also where it has no such item.
    """
    with services.database.reading() as transaction:
        visible_batch(transaction, caller, batch_id)
        return _item(_known_item(transaction, batch_id, position))


def visible_batch(transaction: Transaction, caller: Caller, batch_id: str) -> BatchRow:
    """The batch, for a caller that may seal for its agency.

    Raises:
        Refused: UNKNOWN_BATCH.
    """
    row = stored.find_batch(transaction, batch_id)
    if row is None or not caller.may_seal_for(row.agency):
        raise Refused(RefusalKind.UNKNOWN_BATCH)
    return row


def _known_item(transaction: Transaction, batch_id: str, position: int) -> ItemRow:
    item = stored.find_item(transaction, batch_id, position)
    if item is None:
        raise Refused(RefusalKind.UNKNOWN_BATCH)
    return item


def batch_of_row(transaction: Transaction, row: BatchRow, *, replayed: bool = False) -> Batch:
    """A stored batch with its counts."""
    missing_count, missing = stored.missing_documents(transaction, row.id, MAX_MISSING_NAMED)
    return Batch(
        id=row.id,
        name=row.name,
        agency=row.agency,
        signatory=row.signatory,
        level=row.level,
        when_complete=WhenComplete(row.when_complete),
        state=row.state,
        total=row.total,
        counts=stored.count_states(transaction, row.id),
        checks=stored.count_checks(transaction, row.id),
        working=stored.count_held(transaction, row.id),
        missing_count=missing_count,
        missing=tuple(missing),
        waiting_reason=row.waiting_reason,
        waiting_data=row.waiting_data,
        waiting_since=row.waiting_since,
        waiting_until=row.waiting_until,
        paused_reason=row.paused_reason,
        created_at=row.created_at,
        changed_at=row.changed_at,
        finished_at=row.finished_at,
        replayed=replayed,
    )


def _item(row: ItemRow) -> Item:
    return Item(
        position=row.position,
        dossier=row.dossier,
        document=row.document_sha256,
        filename=row.filename,
        title=row.order["title"],
        number=row.order["number"],
        holder_name=row.order["holder_name"],
        state=row.state,
        working=row.lease is not None,
        reason=row.reason,
        reason_data=row.reason_data,
        checked=row.checked,
        check_reason=row.check_reason,
        check_data=row.check_data,
        placements=tuple(row.placements),
        result_code=row.result_code,
        received=row.received,
        changed_at=row.changed_at,
    )
