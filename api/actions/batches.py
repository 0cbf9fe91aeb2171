"""A batch recorded, and its documents taken in one by one, until it is complete."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from api.actions.batch_control import begin, begin_check, locked, require_beginning, tell, wrong_state
from api.actions.batch_order import BatchItem, BatchOrder, WhenComplete, check_batch_order, item_facts
from api.actions.batch_view import Batch, batch_of_row, visible_batch
from api.actions.recording import EventType, refuse_too_large, shown_name
from api.callers import Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage import batches as stored
from api.storage.batches import BatchRow, BatchState, ItemRow, ItemState
from api.storage.database import Transaction
from api.storage.records import record_document

MIB = 1024 * 1024


@dataclass(frozen=True)
class Received:
    """A document that was taken in, and where the batch stands by now."""

    batch: str
    document: str
    state: BatchState


def create_batch(services: Services, caller: Caller, idempotency_key: str, order: BatchOrder) -> Batch:
    """Record a batch; the same key and order again give the same batch. Nothing is sealed before it is started.

    Raises:
        Refused: SEALING_NOT_CONFIGURED, RIGHT_MISSING (it is to be sealed when complete), AGENCY_NOT_ALLOWED,
            UNKNOWN_AGENCY, UNKNOWN_SIGNATORY, BATCH_TOO_LARGE, INVALID_REQUEST, IDEMPOTENCY_KEY_REUSED (another
            order).
    """
    if services.sealing is None:
        raise Refused(RefusalKind.SEALING_NOT_CONFIGURED)
    if order.when_complete is WhenComplete.SEAL:
        require_beginning(caller)
    check_batch_order(caller, order, services.settings.max_batch_items)
    services.sealing.check_signatory(order.agency, order.signatory)
    row = _new_batch(caller, idempotency_key, order, services.clock())
    items = [_new_item(row.id, position, item, row.created_at) for position, item in enumerate(order.items, 1)]
    for _ in range(2):
        try:
            with services.database.writing() as transaction:
                known = stored.batch_of_key(transaction, caller.id, idempotency_key)
                if known is not None:
                    return _replayed(transaction, known, row)
                stored.insert_batch(transaction, row, items)
                tell(transaction, caller.id, EventType.BATCH_RECORDED, row, row.created_at, {"total": row.total})
                return batch_of_row(transaction, row)
        except stored.BatchKeyTaken:  # another process was quicker: find its batch
            continue
    raise Refused(RefusalKind.TEMPORARILY_UNAVAILABLE, retry_after_s=1)


def put_document(services: Services, caller: Caller, batch_id: str, sha256: str, data: bytes) -> Received:
    """Take in one document that an item names; the last one that was missing makes the batch ready.

    A document counts only when it was sent for this very batch: whoever knows no more than a digest gets nothing.

    Raises:
        Refused: UNKNOWN_BATCH, UPLOAD_TOO_LARGE, INVALID_REQUEST (other bytes, or a digest that no item names),
            BATCH_STATE (the batch is over), BATCH_TOO_LARGE (its documents together).
    """
    refuse_too_large(services, len(data))
    with services.database.reading() as transaction:
        _open_for(transaction, visible_batch(transaction, caller, batch_id), sha256)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Refused(RefusalKind.INVALID_REQUEST, field="document", reason="digest")
    services.documents.put(data)
    now = services.clock()
    with services.database.writing() as transaction:
        row = locked(transaction, batch_id)
        _open_for(transaction, row, sha256)
        record_document(transaction, sha256, len(data), now)
        if not stored.mark_received(transaction, batch_id, sha256):
            return Received(batch_id, sha256, row.state)
        _count_size(services, transaction, row, len(data), now)
        if row.state is BatchState.COLLECTING and not stored.is_missing_any(transaction, batch_id):
            _completed(transaction, caller, row, now)
        return Received(batch_id, sha256, locked(transaction, batch_id).state)


def _count_size(services: Services, transaction: Transaction, row: BatchRow, more_bytes: int, now: datetime) -> None:
    size, limit = row.size_bytes + more_bytes, services.settings.max_batch_bytes
    if size > limit:
        raise Refused(RefusalKind.BATCH_TOO_LARGE, items=f"{size // MIB} MiB", limit=f"{limit // MIB} MiB")
    stored.change_batch(transaction, row.id, size_bytes=size, changed_at=now)


def _completed(transaction: Transaction, caller: Caller, row: BatchRow, now: datetime) -> None:
    """The last document has come."""
    stored.change_batch(transaction, row.id, state=BatchState.READY, changed_at=now)
    tell(transaction, caller.id, EventType.BATCH_READY, row, now)
    match WhenComplete(row.when_complete):
        case WhenComplete.WAIT:
            pass
        case WhenComplete.CHECK:
            begin_check(transaction, caller, row, now)
        case WhenComplete.SEAL if caller.may_begin_batches:
            begin(transaction, caller, row, now)
        case WhenComplete.SEAL:
            pass  # an officer without the right brought the last document: it waits for somebody who has it


def _open_for(transaction: Transaction, row: BatchRow, sha256: str) -> None:
    if not stored.names_document(transaction, row.id, sha256):
        raise Refused(RefusalKind.INVALID_REQUEST, field="document", reason="unexpected")
    if row.state in (BatchState.CANCELLED, BatchState.FINISHED):
        raise wrong_state(row)


def _replayed(transaction: Transaction, known: BatchRow, asked: BatchRow) -> Batch:
    if known.request_sha256 != asked.request_sha256:
        raise Refused(RefusalKind.IDEMPOTENCY_KEY_REUSED, key=asked.idempotency_key)
    return batch_of_row(transaction, known, replayed=True)


def _new_batch(caller: Caller, key: str, order: BatchOrder, now: datetime) -> BatchRow:
    """Nothing has come yet."""
    return BatchRow(
        id=str(uuid.uuid4()),
        caller=caller.id,
        idempotency_key=key,
        request_sha256=order.sha256,
        name=order.name.strip(),
        agency=order.agency,
        signatory=order.signatory,
        level=order.level,
        when_complete=order.when_complete.value,
        state=BatchState.COLLECTING,
        total=len(order.items),
        size_bytes=0,
        waiting_reason=None,
        waiting_data={},
        waiting_since=None,
        waiting_until=None,
        waiting_rounds=0,
        paused_reason=None,
        created_at=now,
        changed_at=now,
        started_by=None,
        finished_at=None,
    )


def _new_item(batch: str, position: int, item: BatchItem, now: datetime) -> ItemRow:
    """Its document has not come, nobody has looked at it."""
    return ItemRow(
        batch=batch,
        position=position,
        order=item_facts(item),
        document_sha256=item.document,
        received=False,
        dossier=item.dossier,
        filename=shown_name(item.filename),
        state=ItemState.PENDING,
        reason=None,
        reason_data={},
        checked=None,
        check_reason=None,
        check_data={},
        placements=[],
        result_code=None,
        attempts=0,
        deaths=0,
        not_before=None,
        lease=None,
        lease_holder=None,
        lease_until=None,
        changed_at=now,
    )
