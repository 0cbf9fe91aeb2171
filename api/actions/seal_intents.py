"""Transaction 1 of a sealing: what is about to be signed, by whom it is being done, and what became of it.

An intent is pending until it is done or refused. A pending one has a lease while somebody is at it; one whose process
died, or that nobody is at, is taken over with the codes it was allotted.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from api.actions import leases
from api.actions.check_result import VIETNAM
from api.actions.copy_order import CopyWish
from api.actions.dossier_access import require_dossier
from api.actions.number_giving import give_number
from api.actions.seal_order import BATCH_PREFIX, SealOrder, order_facts, order_of_facts
from api.actions.transfer_notes import transfer_note
from api.codes import MAX_RESULT_NUMBER, ResultCode, VerificationCode
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.copies import give_back_register_number, next_register_number
from api.storage.database import Transaction
from api.storage.journal import Plain, add_act
from api.storage.records import record_document
from api.storage.seals import (
    IntentRow,
    IntentState,
    NumberTaken,
    claim_result_number,
    find_intent,
    finish_intent,
    give_back_result_number,
    insert_intent,
    next_result_number,
    restart_intent,
)

if TYPE_CHECKING:
    from api.sealing import Sealing

RETRY_AFTER_S = 2
"""How soon to ask again while the same order is being sealed: a seal takes about a second."""


@dataclass(frozen=True)
class SealDesk:
    """What the steps of one sealing share; ``caller`` is the id of who ordered."""

    services: Services
    sealing: Sealing
    caller: str
    key: str
    order: SealOrder

    @property
    def of_batch(self) -> bool:
        """Is it an item of a batch."""
        return self.key.startswith(BATCH_PREFIX)

    @property
    def signatory_name(self) -> str:
        """The authorised person as registers name them."""
        return self.sealing.agencies[self.order.agency].signatory(self.order.signatory).name


def start(desk: SealDesk) -> IntentRow:
    """Transaction 1: the intent with our lease on it, or the one that is done already.

    Two first requests at once are told apart by the database: the second finds the intent of the first.

    Raises:
        Refused: UNKNOWN_DOSSIER, IDEMPOTENCY_KEY_REUSED, SEAL_IN_PROGRESS, RESULT_CODE_TAKEN,
            INVALID_REQUEST (the dossier has no automatic number left).
    """
    for _ in range(2):
        try:
            with desk.services.database.writing() as transaction:
                return _start_in(transaction, desk)
        except NumberTaken:
            continue
    code = ResultCode(desk.order.dossier, desk.order.result_number or 0)
    raise Refused(RefusalKind.RESULT_CODE_TAKEN, code=str(code))


def find_same(transaction: Transaction, desk: SealDesk) -> IntentRow | None:
    """The intent of this very order.

    Raises:
        Refused: IDEMPOTENCY_KEY_REUSED, where the key stands for another order.
    """
    known = find_intent(transaction, desk.caller, desk.key)
    if known is not None and known.request_sha256 != desk.order.sha256:
        raise Refused(RefusalKind.IDEMPOTENCY_KEY_REUSED, key=desk.key)
    return known


def take_over(transaction: Transaction, desk: SealDesk, left: IntentRow, actor: str) -> IntentRow:
    """Put our lease on an intent that nobody is at; the codes stay as they were allotted.

    Raises:
        Refused: SEAL_IN_PROGRESS, where somebody else was quicker.
    """
    now, desk = desk.services.clock(), as_intended(desk, left)
    plan = desk.sealing.plan_sha256(desk.sealing.request(desk.order, *codes(left)))
    intent = _leased(replace(left, plan_sha256=plan, attempts=left.attempts + 1), now)
    if not restart_intent(transaction, left, intent):
        raise in_progress()
    _tell(transaction, actor, "seal.taken-over", intent, now)
    return intent


def close_refused(transaction: Transaction, intent: IntentRow, refusal: str, actor: str, now: datetime) -> bool:
    """Close an intent of which nothing was handed out; its number is free again. False where it is not ours."""
    if not finish_intent(transaction, intent, IntentState.REFUSED, now, refusal):
        return False
    if intent.result_number is not None:
        give_back_result_number(transaction, intent.dossier, intent.result_number)
    copy = intent.order.get("copy")
    if copy is not None:
        agency, year, number = intent.order["agency"], copy["register_year"], copy["register_number"]
        give_back_register_number(transaction, agency, year, number)
    facts: dict[str, Plain] = {"dossier": intent.dossier, "refusal": refusal}
    add_act(transaction, actor, "seal.refused", now, f"seal-intent:{intent.id}", facts)
    return True


def is_held(row: IntentRow, now: datetime) -> bool:
    """Is somebody at it: a lease that has not ended, of a process that is not known to be dead."""
    if row.lease is None or row.lease_until is None or row.lease_until <= now:
        return False
    return not leases.is_gone(row.lease_holder or "")


def codes(intent: IntentRow) -> tuple[ResultCode, VerificationCode]:
    """The two codes that an intent was allotted."""
    if intent.result_number is None:
        raise RuntimeError(f"intent {intent.id} has no result number")
    return ResultCode(intent.dossier, intent.result_number), VerificationCode(intent.verification_code)


def as_intended(desk: SealDesk, intent: IntentRow) -> SealDesk:
    """The order as the intent holds it: with what it was allotted, and the document that the agency signs."""
    order = order_of_facts(intent.order, desk.order.document)
    return replace(desk, order=to_be_signed(desk.services, order))


def to_be_signed(services: Services, order: SealOrder) -> SealOrder:
    """The order with the document that the leader has signed before, where it waited to be issued."""
    signed = None if order.issue is None else order.issue.signed_sha256
    return order if signed is None else replace(order, document=services.documents.get(signed))


def in_progress() -> Refused:
    """Somebody is at this very order."""
    return Refused(RefusalKind.SEAL_IN_PROGRESS, retry_after_s=RETRY_AFTER_S)


def _start_in(transaction: Transaction, desk: SealDesk) -> IntentRow:
    known = find_same(transaction, desk)
    if known is None:
        intent = _allot(transaction, desk, str(uuid.uuid4()))
        insert_intent(transaction, intent)
    elif known.state is IntentState.REFUSED:  # nothing came of it: start anew
        intent = replace(_allot(transaction, desk, known.id), created_at=known.created_at)
        if not restart_intent(transaction, known, intent):
            raise in_progress()
    elif known.state is IntentState.DONE:
        return known
    elif is_held(known, desk.services.clock()):
        raise in_progress()
    else:
        return take_over(transaction, desk, known, desk.caller)
    _tell(transaction, desk.caller, "seal.intended", intent, intent.changed_at)
    return intent


def _allot(transaction: Transaction, desk: SealDesk, intent_id: str) -> IntentRow:
    """A new intent with the codes to be printed and the digest of what will be signed."""
    now, order = desk.services.clock(), desk.order
    require_dossier(transaction, order.dossier)
    number, code = order.result_number, _code(order)
    if number is None:
        number = next_result_number(transaction, order.dossier)
        if number > MAX_RESULT_NUMBER:
            raise Refused(RefusalKind.INVALID_REQUEST, field="result_number", reason="none left")
    else:
        claim_result_number(transaction, order.dossier, number)
    record_document(transaction, order.document_sha256, len(order.document), now)
    asked = order.sha256
    if order.copy is not None:
        year = now.astimezone(VIETNAM).year
        entry = next_register_number(transaction, order.agency, year)
        order = replace(
            order, copy=replace(_with_note(transaction, order, order.copy), register_number=entry, register_year=year)
        )
    order = give_number(transaction, desk.services, desk.caller, intent_id, order, desk.signatory_name)
    signing = to_be_signed(desk.services, order)
    intent = IntentRow(
        id=intent_id,
        caller=desk.caller,
        idempotency_key=desk.key,
        request_sha256=asked,
        plan_sha256=desk.sealing.plan_sha256(desk.sealing.request(signing, ResultCode(order.dossier, number), code)),
        order=order_facts(order),
        document_sha256=order.document_sha256,
        dossier=order.dossier,
        result_number=number,
        verification_code=code.text,
        state=IntentState.PENDING,
        refusal=None,
        lease=None,
        lease_holder=None,
        lease_until=None,
        attempts=1,
        created_at=now,
        changed_at=now,
    )
    return _leased(intent, now)


def _code(order: SealOrder) -> VerificationCode:
    """A new verification code, or the one that was printed on the letter before the leader signed it."""
    printed = None if order.issue is None else order.issue.verification_code
    return VerificationCode.random() if printed is None else VerificationCode(printed)


def _with_note(transaction: Transaction, order: SealOrder, copy: CopyWish) -> CopyWish:
    """The copy with the newest transfer note of its scan: what the agency certifies, it seals together with that."""
    note = transfer_note(transaction, order.dossier, order.document_sha256) if copy.takes_note else None
    return copy if note is None else replace(copy, note_check=note.check, note_sha256=note.record_sha256)


def _leased(intent: IntentRow, now: datetime) -> IntentRow:
    """The intent with a new lease of this process."""
    return replace(
        intent,
        lease=str(uuid.uuid4()),
        lease_holder=leases.this_process(),
        lease_until=now + leases.LEASE,
        changed_at=now,
    )


def _tell(transaction: Transaction, actor: str, act: str, intent: IntentRow, now: datetime) -> None:
    result_code, _ = codes(intent)
    facts: dict[str, Plain] = {
        "result": str(result_code),
        "sha256": intent.document_sha256,
        "plan_sha256": intent.plan_sha256,
        "attempt": intent.attempts,
    }
    add_act(transaction, actor, act, now, f"seal-intent:{intent.id}", facts)
