"""The worker's side of batches: items claimed with a lease, sealed under their own key, settled with a reason.

An item is sealed by ``seals.seal_item`` under an idempotency key that follows from batch and position, so whoever
takes it over after a death gets the seal that was made, or makes it with the same codes: never two, never none. The
lease only saves work. When a service outside does not answer, the whole batch waits and is tried again with one item
at a time, ever more seldom, until it answers.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from api.actions import leases
from api.actions.batch_control import halt, locked, no_waiting, tell
from api.actions.batch_order import item_key, item_of_facts, seal_order_of
from api.actions.batch_rehearsal import rehearse
from api.actions.identities import present_caller
from api.actions.recording import EventType
from api.actions.seals import abandon, seal_item
from api.callers import WORKER, Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage import batches as stored
from api.storage.batches import BatchRow, BatchState, CheckState, ItemRow, ItemState, Lease
from api.storage.database import DatabaseUnavailable, Transaction
from api.storage.documents import DocumentMissing
from api.storage.journal import Plain

MAX_DEATHS = 5
"""Workers that died on one item; then it is refused, for it may be the item that kills them."""

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
"""A service that is away is asked again after 2, 4, 8 … seconds, in the end every five minutes."""

HELD_ELSEWHERE = timedelta(seconds=2)

_PERSONS = (RefusalKind.SEAL_AWAITS_RELEASE, RefusalKind.LETTER_AWAITS_ISSUE)

PROGRESS_STEPS = 20
"""``batch.progressed`` is told at every twentieth of a batch."""

MEMBER_GAVE_UP = "gave-up"
MEMBER_DOCUMENT_MISSING = "document-missing"
MEMBER_INTERNAL = "internal"
CALLER_GONE = "caller-gone"
"""Reasons of our own beside the kinds of refusal (``batch.reason.…``)."""

Stopped = Callable[[], bool]

log = structlog.get_logger("antin.batches")


@dataclass(frozen=True)
class _Outcome:
    """What is written of an item; ``wait`` where a service outside did not answer."""

    values: dict[str, object]
    wait: Refused | None = None
    failed: bool = False


def work_on_batches(services: Services, stopped: Stopped) -> int:
    """Work on every batch that has something to do until nothing is left or ``stopped``; how many items were handled.

    Batches take turns item by item, so that a small one does not wait for a large one. As many items at once as
    there are processes for documents (setting ``verify_workers``).
    """
    if services.sealing is None:
        return 0
    recover_items(services)
    at_once = services.settings.verify_workers
    if at_once == 1:
        return _work_until_done(services, stopped)
    with ThreadPoolExecutor(at_once, thread_name_prefix="batch") as threads:
        return sum(threads.map(lambda _: _work_until_done(services, stopped), range(at_once)))


def _work_until_done(services: Services, stopped: Stopped) -> int:
    handled = 0
    while not stopped():
        with services.database.reading() as transaction:
            active = stored.active_batches(transaction, services.clock())
        done = sum(not stopped() and _work_on_one(services, batch.id) for batch in active)
        if not done:
            break
        handled += done
    return handled


def recover_items(services: Services) -> int:
    """Take back the leases of workers that died, and close what a cancelled batch had begun; how many items."""
    now = services.clock()
    with services.database.reading() as transaction:
        dead = [item for item in stored.held_items(transaction) if not _is_held(item, now)]
    return sum(_recover(services, item) for item in dead)


def _work_on_one(services: Services, batch_id: str) -> bool:
    """Claim an item of a batch and handle it; False where there is none to be had now."""
    now = services.clock()
    lease = Lease(str(uuid.uuid4()), leases.this_process(), now + leases.LEASE)
    with services.database.writing() as transaction:
        batch = stored.find_batch(transaction, batch_id)
        if batch is not None and batch.waiting_reason is not None:  # one item asks for all
            batch = locked(transaction, batch_id)
        if batch is None or not _is_active(batch, now):
            return False
        caller = present_caller(transaction, batch.caller)
        if caller is None:
            halt(transaction, locked(transaction, batch_id), WORKER.id, now, CALLER_GONE)
            return False
        item = stored.claim_item(transaction, batch, lease, now)
        if item is None:
            _finish_if_over(transaction, locked(transaction, batch_id), now)
            return False
        if batch.waiting_reason is not None:  # the others wait for what it finds
            stored.change_batch(transaction, batch_id, waiting_until=now + leases.LEASE)
    checking = batch.state is BatchState.CHECKING
    outcome = _attempt(services, caller, batch, item, _check if checking else _seal)
    with services.database.writing() as transaction:
        _settle(transaction, services.clock(), item, outcome)
    return True


def _attempt(
    services: Services,
    caller: Caller,
    batch: BatchRow,
    item: ItemRow,
    work: Callable[[Services, Caller, BatchRow, ItemRow], _Outcome],
) -> _Outcome:
    """Do the work on an item; whatever goes wrong becomes its reason, but for the database, which ends the round."""
    try:
        return work(services, caller, batch, item)
    except Refused as refused:
        if refused.kind is RefusalKind.SEAL_IN_PROGRESS:  # under the same key: a worker whose lease we were given
            return _Outcome({"not_before": services.clock() + HELD_ELSEWHERE})
        if refused.kind in _PERSONS:  # somebody has to release it, or to issue it: asked again later
            return _Outcome({"not_before": services.clock() + timedelta(seconds=refused.retry_after_s or 60)})
        if refused.kind is RefusalKind.TEMPORARILY_UNAVAILABLE:
            reason, data = refused.kind.value, refused.parameters
            if batch.state is BatchState.CHECKING:
                return _Outcome({}, wait=refused)
            return _Outcome({"state": ItemState.WAITING, "reason": reason, "reason_data": data}, wait=refused)
        return _refusal(batch, refused.kind.value, refused.parameters)
    except DocumentMissing:
        return _refusal(batch, MEMBER_DOCUMENT_MISSING, {})
    except DatabaseUnavailable:
        _give_back(services, item)
        raise
    except Exception as error:
        log.error("batch item failed", batch=item.batch, item=item.position, error=type(error).__name__, exc_info=error)
        return _refusal(batch, MEMBER_INTERNAL, {})


def _seal(services: Services, caller: Caller, batch: BatchRow, item: ItemRow) -> _Outcome:
    document = services.documents.get(item.document_sha256)
    order = seal_order_of(item_of_facts(item.order), batch.agency, batch.signatory, batch.level, document)
    made = seal_item(services, caller, item_key(batch.id, item.position), order)
    values: dict[str, object] = {"state": ItemState.SEALED, "result_code": made.result_code}
    return _Outcome(values | {"reason": None, "reason_data": {}})


def _check(services: Services, caller: Caller, batch: BatchRow, item: ItemRow) -> _Outcome:
    document = services.documents.get(item.document_sha256)
    order = seal_order_of(item_of_facts(item.order), batch.agency, batch.signatory, batch.level, document)
    places = rehearse(services, caller, order)
    return _Outcome({"checked": CheckState.PASSED, "placements": places})


def _refusal(batch: BatchRow, reason: str, data: dict[str, str]) -> _Outcome:
    if batch.state is BatchState.CHECKING:
        return _Outcome({"checked": CheckState.REFUSED, "check_reason": reason, "check_data": data}, failed=True)
    return _Outcome({"state": ItemState.REFUSED, "reason": reason, "reason_data": data}, failed=True)


def _settle(transaction: Transaction, now: datetime, item: ItemRow, outcome: _Outcome) -> None:
    """Write an outcome, and what follows from it for the batch. The batch first: the order in which all lock."""
    batch = locked(transaction, item.batch)
    if not stored.settle_item(transaction, item, outcome.values | {"changed_at": now}):
        return  # the lease had ended and somebody else has the item: the key makes their outcome the same
    if outcome.wait is not None:
        _begin_waiting(transaction, batch, outcome.wait, now)
    elif "not_before" not in outcome.values and batch.waiting_reason is not None and not outcome.failed:
        stored.change_batch(transaction, batch.id, **no_waiting())
        tell(transaction, WORKER.id, EventType.BATCH_STARTED, batch, now)
    if outcome.failed and outcome.values.get("state") is ItemState.REFUSED:
        facts: dict[str, Plain] = {"item": item.position, "dossier": item.dossier}
        facts |= {"reason": str(outcome.values["reason"]), "sha256": item.document_sha256}
        tell(transaction, WORKER.id, EventType.BATCH_ITEM_FAILED, batch, now, facts)
    _progress(transaction, batch, now, settled="state" in outcome.values and outcome.wait is None)


def _begin_waiting(transaction: Transaction, batch: BatchRow, refused: Refused, now: datetime) -> None:
    """The batch waits, visibly; what is asked again is one item."""
    if batch.state.value not in stored.ACTIVE:
        return
    reason = refused.parameters.get("refusal", refused.kind.value)
    if batch.waiting_reason is None:
        tell(transaction, WORKER.id, EventType.BATCH_WAITING, batch, now, {"reason": reason})
    stored.change_batch(
        transaction,
        batch.id,
        waiting_reason=reason,
        waiting_data=dict(refused.parameters),
        waiting_since=batch.waiting_since or now,
        waiting_until=now + _wait(batch.waiting_rounds),
        waiting_rounds=batch.waiting_rounds + 1,
        changed_at=now,
    )


def _progress(transaction: Transaction, batch: BatchRow, now: datetime, *, settled: bool) -> None:
    """Tell of a further twentieth, and of the end."""
    if batch.state is BatchState.RUNNING and settled:
        counts = stored.count_states(transaction, batch.id)
        done = batch.total - counts[ItemState.PENDING] - counts[ItemState.WAITING]
        if done * PROGRESS_STEPS // batch.total > (done - 1) * PROGRESS_STEPS // batch.total:
            facts: dict[str, Plain] = {state.value: count for state, count in counts.items()}
            tell(transaction, WORKER.id, EventType.BATCH_PROGRESSED, batch, now, facts | {"total": batch.total})
    _finish_if_over(transaction, batch, now)


def _finish_if_over(transaction: Transaction, batch: BatchRow, now: datetime) -> None:
    if stored.count_held(transaction, batch.id):
        return
    if batch.state is BatchState.RUNNING:
        counts = stored.count_states(transaction, batch.id)
        if counts[ItemState.PENDING] or counts[ItemState.WAITING]:
            return
        values = no_waiting() | {"state": BatchState.FINISHED, "changed_at": now, "finished_at": now}
        facts: dict[str, Plain] = {state.value: count for state, count in counts.items()}
        stored.change_batch(transaction, batch.id, **values)
        tell(transaction, WORKER.id, EventType.BATCH_FINISHED, batch, now, facts | {"total": batch.total})
    elif batch.state is BatchState.CHECKING:
        checks = stored.count_checks(transaction, batch.id)
        if sum(checks.values()) < batch.total:
            return
        facts = {state.value: count for state, count in checks.items()}
        stored.change_batch(transaction, batch.id, **(no_waiting() | {"state": BatchState.READY, "changed_at": now}))
        tell(transaction, WORKER.id, EventType.BATCH_CHECKED, batch, now, facts | {"total": batch.total})


def _recover(services: Services, item: ItemRow) -> bool:
    """An item whose worker died: free again, refused after too many deaths, or closed where its batch is over."""
    now = services.clock()
    with services.database.writing() as transaction:
        batch = locked(transaction, item.batch)
        values: dict[str, object] = {"deaths": item.deaths + 1, "changed_at": now}
        if batch.state is BatchState.CANCELLED:
            row = abandon(transaction, batch.caller, item_key(batch.id, item.position), now)
            state = ItemState.CANCELLED if row is None else ItemState.SEALED
            return stored.settle_item(transaction, item, values | {"state": state, "result_code": row})
        if item.deaths + 1 < MAX_DEATHS:
            return stored.settle_item(transaction, item, values)
        outcome = _refusal(batch, MEMBER_GAVE_UP, {"deaths": str(item.deaths + 1)})
        made = abandon(transaction, batch.caller, item_key(batch.id, item.position), now)
        if made is not None:
            outcome = _Outcome({"state": ItemState.SEALED, "result_code": made})
        _settle(transaction, now, item, _Outcome(outcome.values | values, failed=outcome.failed))
        return True


def _give_back(services: Services, item: ItemRow) -> None:
    """Free an item where the database answers again; else its lease ends with this process."""
    try:
        with services.database.writing() as transaction:
            stored.settle_item(transaction, item, {"changed_at": services.clock()})
    except DatabaseUnavailable:
        log.warning("lease kept", batch=item.batch, item=item.position)


def _is_active(batch: BatchRow, now: datetime) -> bool:
    waits = batch.waiting_until is not None and batch.waiting_until > now
    return batch.state.value in stored.ACTIVE and not waits


def _is_held(item: ItemRow, now: datetime) -> bool:
    if item.lease_until is None or item.lease_until <= now:
        return False
    return not leases.is_gone(item.lease_holder or "")


def _wait(rounds: int) -> timedelta:
    return min(FIRST_WAIT * (1 << min(rounds, 16)), LONGEST_WAIT)
