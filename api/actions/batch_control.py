"""A batch started, tried out, paused, resumed, cancelled, its failed items repeated.

``collecting`` → (all documents have come) ``ready`` → ``checking`` (dry run) → ``ready`` → ``running`` ⇄ ``paused`` →
``finished``; ``cancelled`` from any of them but the last. The work itself is done by ``batch_work``, in the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from api.actions.batch_view import Batch, batch_of_row, visible_batch
from api.actions.recording import EventType
from api.callers import Caller, Right
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage import batches as stored
from api.storage.batches import BatchRow, BatchState
from api.storage.database import Transaction
from api.storage.journal import Plain, add_act, add_event


def check(services: Services, caller: Caller, batch_id: str) -> Batch:
    """Start a dry run: every check and placement for each item, nothing signed and no number claimed.

    Raises:
        Refused: UNKNOWN_BATCH, BATCH_STATE.
    """

    def try_out(transaction: Transaction, row: BatchRow, now: datetime) -> None:
        begin_check(transaction, caller, row, now)

    return _control(services, caller, batch_id, (BatchState.READY,), try_out)


def start(services: Services, caller: Caller, batch_id: str) -> Batch:
    """Begin to seal.

    Raises:
        Refused: UNKNOWN_BATCH, RIGHT_MISSING, BATCH_STATE.
    """

    def go(transaction: Transaction, row: BatchRow, now: datetime) -> None:
        begin(transaction, caller, row, now)

    return _control(services, caller, batch_id, (BatchState.READY,), go, signs=True)


def pause(services: Services, caller: Caller, batch_id: str) -> Batch:
    """Take on no further items; those that somebody is at are finished.

    Raises:
        Refused: UNKNOWN_BATCH, BATCH_STATE.
    """

    def stop(transaction: Transaction, row: BatchRow, now: datetime) -> None:
        halt(transaction, row, caller.id, now, None)

    return _control(services, caller, batch_id, (BatchState.RUNNING, BatchState.CHECKING), stop)


def resume(services: Services, caller: Caller, batch_id: str) -> Batch:
    """Go on.

    Raises:
        Refused: UNKNOWN_BATCH, RIGHT_MISSING, BATCH_STATE.
    """

    def go_on(transaction: Transaction, row: BatchRow, now: datetime) -> None:
        values = no_waiting() | {"state": BatchState.RUNNING, "paused_reason": None, "changed_at": now}
        stored.change_batch(transaction, row.id, **values)
        tell(transaction, caller.id, EventType.BATCH_STARTED, row, now)

    return _control(services, caller, batch_id, (BatchState.PAUSED,), go_on, signs=True)


def cancel(services: Services, caller: Caller, batch_id: str) -> Batch:
    """Give up what is not sealed yet. Results that are sealed stay; what somebody is at this moment is finished.

    Raises:
        Refused: UNKNOWN_BATCH, BATCH_STATE (it is over).
    """

    def give_up(transaction: Transaction, row: BatchRow, now: datetime) -> None:
        stored.cancel_open_items(transaction, row.id, now)
        values = no_waiting() | {"state": BatchState.CANCELLED, "changed_at": now, "finished_at": now}
        stored.change_batch(transaction, row.id, **values)
        counts: dict[str, Plain] = {
            state.value: count for state, count in stored.count_states(transaction, row.id).items()
        }
        tell(transaction, caller.id, EventType.BATCH_CANCELLED, row, now, counts)

    unfinished = tuple(state for state in BatchState if state not in (BatchState.FINISHED, BatchState.CANCELLED))
    return _control(services, caller, batch_id, unfinished, give_up)


def repeat_failed(services: Services, caller: Caller, batch_id: str) -> Batch:
    """Try the refused items once more, each still under its own key.

    Raises:
        Refused: UNKNOWN_BATCH, RIGHT_MISSING, BATCH_STATE (also where nothing was refused).
    """

    def again(transaction: Transaction, row: BatchRow, now: datetime) -> None:
        if not stored.reopen_failed_items(transaction, row.id, now):
            raise wrong_state(row)
        values = no_waiting() | {"changed_at": now, "finished_at": None}
        if row.state is BatchState.FINISHED:
            values["state"] = BatchState.RUNNING
        stored.change_batch(transaction, row.id, **values)
        tell(transaction, caller.id, EventType.BATCH_STARTED, row, now)

    states = (BatchState.RUNNING, BatchState.PAUSED, BatchState.FINISHED)
    return _control(services, caller, batch_id, states, again, signs=True)


def halt(transaction: Transaction, row: BatchRow, actor: str, now: datetime, reason: str | None) -> None:
    """Pause a batch; ``reason`` is set where the worker did it."""
    after = BatchState.READY if row.state is BatchState.CHECKING else BatchState.PAUSED
    values = no_waiting() | {"state": after, "paused_reason": reason, "changed_at": now}
    stored.change_batch(transaction, row.id, **values)
    tell(transaction, actor, EventType.BATCH_PAUSED, row, now, {"reason": reason})


def tell(
    transaction: Transaction,
    actor: str,
    kind: EventType,
    row: BatchRow,
    at: datetime,
    data: Mapping[str, Plain] | None = None,
) -> None:
    """Tell the feed and the record of acts what happened to a batch: ids and numbers, nobody's name."""
    facts: dict[str, Plain] = {"batch": row.id, "agency": row.agency, **(data or {})}
    add_act(transaction, actor, kind.value, at, f"batch:{row.id}", facts)
    add_event(transaction, kind.value, at, f"batch:{row.id}", facts)


def begin(transaction: Transaction, caller: Caller, row: BatchRow, now: datetime) -> None:
    """A complete batch is sealed from now on."""
    values = no_waiting() | {"state": BatchState.RUNNING, "started_by": caller.id, "changed_at": now}
    stored.change_batch(transaction, row.id, **values)
    tell(transaction, caller.id, EventType.BATCH_STARTED, row, now)


def begin_check(transaction: Transaction, caller: Caller, row: BatchRow, now: datetime) -> None:
    """A complete batch is tried out."""
    stored.forget_checks(transaction, row.id)
    stored.change_batch(transaction, row.id, **(no_waiting() | {"state": BatchState.CHECKING, "changed_at": now}))
    add_act(transaction, caller.id, "batch.check-started", now, f"batch:{row.id}", {"batch": row.id})


def _control(
    services: Services,
    caller: Caller,
    batch_id: str,
    allowed: tuple[BatchState, ...],
    change: Callable[[Transaction, BatchRow, datetime], None],
    *,
    signs: bool = False,
) -> Batch:
    """Change a batch that is in one of the allowed states, while nobody else does; ``signs``: keys are used then."""
    with services.database.writing() as transaction:
        visible_batch(transaction, caller, batch_id)
        if signs:
            require_beginning(caller)
        row = locked(transaction, batch_id)
        if row.state not in allowed:
            raise wrong_state(row)
        change(transaction, row, services.clock())
        return batch_of_row(transaction, locked(transaction, batch_id))


def require_beginning(caller: Caller) -> None:
    """Hold an officer against the right to have a batch sealed.

    Raises:
        Refused: RIGHT_MISSING.
    """
    if not caller.may_begin_batches:
        raise Refused(RefusalKind.RIGHT_MISSING, right=Right.RELEASE_SEALS.value)


def locked(transaction: Transaction, batch_id: str) -> BatchRow:
    """A batch that is known to exist; other writers of it wait for this transaction."""
    row = stored.find_batch(transaction, batch_id, lock=True)
    assert row is not None, "batches are never deleted"
    return row


def wrong_state(row: BatchRow) -> Refused:
    """What was asked cannot be done with a batch in this state."""
    return Refused(RefusalKind.BATCH_STATE, state=row.state.value)


def no_waiting() -> dict[str, Any]:
    """Columns of a batch that waits for nothing."""
    return {
        "waiting_reason": None,
        "waiting_data": {},
        "waiting_since": None,
        "waiting_until": None,
        "waiting_rounds": 0,
    }
