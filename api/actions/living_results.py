"""Withdraw, replace, correct a result: state, record, act and event in one transaction; nothing is deleted.

A sealed file is never touched by this: its signatures stay what they are, and every surface says beside them what the
agency has decided since (NĐ 45/2020 Đ.14: a cancelled result stays stored).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from api.actions.check_result import VIETNAM
from api.actions.decisions import Decision, check_decision
from api.actions.recording import EventType
from api.callers import Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.codec import encode
from api.storage.database import Transaction
from api.storage.journal import Plain, add_act, add_event
from api.storage.living import (
    ChangeKind,
    ChangeRow,
    KeyTaken,
    LegalState,
    StateRow,
    VersionRow,
    change_under_key,
    changes_of,
    insert_change,
    set_facts,
    set_state,
    state_of,
    states_of,
    versions_of,
)
from api.storage.seals import ResultRow, find_result

EVENTS = {
    ChangeKind.WITHDRAWAL: EventType.RESULT_WITHDRAWN,
    ChangeKind.REPLACEMENT: EventType.RESULT_REPLACED,
    ChangeKind.CORRECTION: EventType.RESULT_CORRECTED,
}

_AFTER = {
    ChangeKind.WITHDRAWAL: LegalState.WITHDRAWN,
    ChangeKind.REPLACEMENT: LegalState.REPLACED,
    ChangeKind.CORRECTION: LegalState.IN_FORCE,
}


@dataclass(frozen=True)
class LivingResult:
    """A result with all that became of it; oldest change and version first. ``replayed``: the key was used before."""

    row: ResultRow
    state: StateRow
    changes: tuple[ChangeRow, ...]
    versions: tuple[VersionRow, ...]
    replayed: bool = False


def change_result(services: Services, caller: Caller, idempotency_key: str, decision: Decision) -> LivingResult:
    """Carry a decision out, once: the same key and decision again give the same answer.

    1 one that can be carried out · 2 the result is the caller's · 3 the states of the result and its successor,
    locked · 4 done before? · 5 state, facts, record, act and event.

    Raises:
        Refused: RIGHT_MISSING, INVALID_REQUEST, UNKNOWN_RESULT, IDEMPOTENCY_KEY_REUSED, RESULT_NOT_IN_FORCE,
            SUCCESSOR_NOT_USABLE (``reason``).
    """
    now = services.clock()
    check_decision(caller, idempotency_key, decision, now.astimezone(VIETNAM).date())  # 1
    with services.database.writing() as transaction:
        visible_result(transaction, caller, decision.result_code)  # 2
        wanted = {decision.result_code} | ({decision.successor} if decision.successor else set())
        states = states_of(transaction, wanted, lock=True)  # 3
        # From here on nobody else decides: what is read now is what another decision, just waited for, left.
        row = visible_result(transaction, caller, decision.result_code)
        known = change_under_key(transaction, caller.id, idempotency_key)  # 4
        if known is not None:
            if known.request_sha256 != decision.sha256:
                raise Refused(RefusalKind.IDEMPOTENCY_KEY_REUSED, key=idempotency_key)
            return replace(_living(transaction, row), replayed=True)
        state = states[decision.result_code]
        if state.state is not LegalState.IN_FORCE:
            raise Refused(RefusalKind.RESULT_NOT_IN_FORCE, code=row.result_code, reason=state.state.value)
        if decision.successor is not None:
            _check_successor(transaction, caller, row, decision.successor, states)
        _record(transaction, caller, idempotency_key, decision, row, state, now)  # 5
        return _living(transaction, visible_result(transaction, caller, decision.result_code))


def get_result(services: Services, caller: Caller, result_code: str) -> LivingResult:
    """A result with its state, changes and versions.

    Raises:
        Refused: UNKNOWN_RESULT, also where the caller may not seal for its agency.
    """
    with services.database.reading() as transaction:
        return _living(transaction, visible_result(transaction, caller, result_code))


def visible_result(transaction: Transaction, caller: Caller, result_code: str) -> ResultRow:
    """A result of one of the caller's agencies.

    Raises:
        Refused: UNKNOWN_RESULT.
    """
    row = find_result(transaction, result_code)
    if row is None or not caller.may_seal_for(row.agency):
        raise Refused(RefusalKind.UNKNOWN_RESULT, code=result_code)
    return row


def _check_successor(
    transaction: Transaction, caller: Caller, row: ResultRow, successor: str, states: dict[str, StateRow]
) -> None:
    """It exists, is of the same agency and in force: so no chain of replacements ever closes to a circle."""
    found = find_result(transaction, successor)
    if found is None or not caller.may_seal_for(found.agency):
        raise Refused(RefusalKind.SUCCESSOR_NOT_USABLE, code=successor, reason="unknown")
    if found.agency != row.agency:
        raise Refused(RefusalKind.SUCCESSOR_NOT_USABLE, code=successor, reason="agency")
    if states[successor].state is not LegalState.IN_FORCE:
        raise Refused(RefusalKind.SUCCESSOR_NOT_USABLE, code=successor, reason="not-in-force")


def _record(
    transaction: Transaction,
    caller: Caller,
    key: str,
    decision: Decision,
    row: ResultRow,
    state: StateRow,
    now: datetime,
) -> None:
    after = decision.facts.given
    _check_dates(row, after)
    change = ChangeRow(
        result_code=row.result_code,
        number=state.changes + 1,
        kind=decision.kind,
        reason=decision.reason.value,
        note=decision.note,
        public_note=decision.public_note,
        decided_by=decision.authority.decided_by,
        decision_number=decision.authority.decision_number,
        decision_date=decision.authority.decision_date,
        successor=decision.successor,
        before={name: encode(getattr(row, name)) for name in after},
        after={name: encode(value) for name, value in after.items()},
        at=now,
        caller=caller.id,
        idempotency_key=key,
        request_sha256=decision.sha256,
    )
    try:
        insert_change(transaction, change)
    except KeyTaken:
        raise Refused(RefusalKind.IDEMPOTENCY_KEY_REUSED, key=key) from None
    if after:
        set_facts(transaction, row.result_code, after)
    changed = replace(state, state=_AFTER[decision.kind], successor=decision.successor, changes=change.number)
    set_state(transaction, replace(changed, changed_at=now))
    facts: dict[str, Plain] = {
        "result": row.result_code,
        "dossier": row.dossier,
        "agency": row.agency,
        "state": changed.state.value,
        "change": change.number,
        "reason": change.reason,
        "successor": change.successor,
        "decision_sha256": change.request_sha256,
    }
    event, subject = EVENTS[decision.kind].value, f"result:{row.result_code}"
    add_act(transaction, caller.id, event, now, subject, facts)
    add_event(transaction, event, now, subject, facts)


def _check_dates(row: ResultRow, after: dict[str, object]) -> None:
    issued_on, valid_until = after.get("issued_on", row.issued_on), after.get("valid_until", row.valid_until)
    if valid_until is not None and valid_until < issued_on:  # type: ignore[operator]  # both are dates
        raise Refused(RefusalKind.INVALID_REQUEST, field="facts.valid_until", reason="malformed")


def _living(transaction: Transaction, row: ResultRow) -> LivingResult:
    code = row.result_code
    changes, versions = changes_of(transaction, code), versions_of(transaction, code)
    return LivingResult(row, state_of(transaction, code), tuple(changes), tuple(versions))
