"""Seal a result exactly once: intent first, then the signature, then everything else in one transaction.

Transaction 1 records the intent: key, order, the codes to be printed, the digest of the plan, and a lease that says who
is at it. Then the document is signed outside any transaction. Transaction 2 stores document, result, act and event, and
succeeds only for the holder of the lease while the intent is pending. A crash leaves a pending intent: the same order
again, or the worker, takes the lease over and signs with the same codes. What was signed but not recorded was never
handed out.

Needs the package ``signer``, which comes through ``services.sealing``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from api.actions.attachments import check_attachment
from api.actions.check_result import VIETNAM
from api.actions.copy_order import CopyWish
from api.actions.copy_originals import check_original
from api.actions.dossier_access import visible_dossier
from api.actions.issue_order import check_issue
from api.actions.letter_gate import letter_is_out, pass_clerk, read_head
from api.actions.recording import EventType, Judged, keep_bytes, record_verification
from api.actions.release_requests import require_release
from api.actions.seal_intents import (
    SealDesk,
    as_intended,
    close_refused,
    codes,
    find_same,
    in_progress,
    is_held,
    start,
    take_over,
)
from api.actions.seal_order import BATCH_PREFIX, SEAL_LEVELS, Seal, SealOrder, check_order, order_of_facts
from api.actions.upkeep_schedule import first_upkeep
from api.callers import WORKER, Caller
from api.codes import VerificationCode, check_url
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.attachments import insert_attachment, main_of
from api.storage.copies import CopyRow, insert_copy
from api.storage.database import DatabaseUnavailable, Transaction
from api.storage.documents import DocumentMissing
from api.storage.journal import Plain, add_act, add_event
from api.storage.records import document_size
from api.storage.seals import (
    IntentRow,
    IntentState,
    ResultRow,
    find_intent,
    find_result,
    finish_intent,
    insert_result,
    pending_intents,
    release_lease,
    result_of_intent,
)
from api.storage.upkeep import upkeep_of

if TYPE_CHECKING:
    from api.sealing import Sealing

__all__ = [
    "SEAL_LEVELS",
    "Seal",
    "SealOrder",
    "abandon",
    "get_seal",
    "resolve_intents",
    "seal",
    "seal_item",
    "sealed_document",
]

MAX_ATTEMPTS = 5
"""Deaths in the middle of one sealing after which the worker leaves it alone; the same order again starts anew."""

GAVE_UP = "GAVE-UP"
DOCUMENT_MISSING = "DOCUMENT-MISSING"
"""Why the worker closed an intent; in the record of acts only, for the same order again starts anew."""

Checkpoint = Callable[[str], None]
"""Told the name of each step of sealing as it is reached; tests kill the process there."""


def seal(
    services: Services,
    caller: Caller,
    idempotency_key: str,
    order: SealOrder,
    *,
    checkpoint: Checkpoint = lambda step: None,
) -> Seal:
    """Sign, seal and register a result; the same key and order again give the same seal.

    1 the order is one that can be carried out · 2 transaction 1: intent · 3 sign, with the signer's own check of the
    outcome · 4 keep the sealed bytes · 5 transaction 2: everything else. ``checkpoint`` is told ``accepted``,
    ``intended``, the signer's steps, ``signed``, ``kept`` and ``recorded``.

    Raises:
        Refused: SEALING_NOT_CONFIGURED, UPLOAD_TOO_LARGE, INVALID_REQUEST, UNKNOWN_DOSSIER, UNKNOWN_AGENCY,
            UNKNOWN_SIGNATORY, AGENCY_NOT_ALLOWED, IDEMPOTENCY_KEY_REUSED (another order), SEAL_IN_PROGRESS
            (``retry_after_s``), RESULT_CODE_TAKEN, SEAL_AWAITS_RELEASE, RELEASE_REFUSED,
            LETTER_AWAITS_ISSUE, LETTER_RETURNED, NUMBER_TAKEN, UNKNOWN_SERIES,
            SEAL_REFUSED (``refusal``: the signer's code),
            TEMPORARILY_UNAVAILABLE (time stamps, keys, certificate status; nothing was handed out).
    """
    if idempotency_key.startswith(BATCH_PREFIX):
        raise Refused(RefusalKind.INVALID_REQUEST, field="idempotency_key", reason="malformed")
    return _sealed_once(services, caller, idempotency_key, order, checkpoint)


def seal_item(services: Services, caller: Caller, item_key: str, order: SealOrder) -> Seal:
    """The same for an item of a batch, whose key no other order can have.

    Raises:
        Refused: as ``seal``.
    """
    return _sealed_once(services, caller, item_key, order, lambda step: None)


def _sealed_once(
    services: Services, caller: Caller, idempotency_key: str, order: SealOrder, checkpoint: Checkpoint
) -> Seal:
    if services.sealing is None:
        raise Refused(RefusalKind.SEALING_NOT_CONFIGURED)
    today = services.clock().astimezone(VIETNAM).date()
    check_order(caller, idempotency_key, order, services.settings.max_upload_bytes, today)  # 1
    desk = SealDesk(services, services.sealing, caller.id, idempotency_key, order)
    done = _done_before(desk, caller)
    if done is not None:
        return done
    check_attachment(services, desk.sealing, order)
    check_original(services, desk.sealing, order)
    check_issue(services, order, today)
    require_release(desk)
    desk.sealing.open_keys(order.agency, order.signatory)
    desk.sealing.check_rules(order, caller.id)
    desk.sealing.check_copy(order)
    read_head(desk)
    desk = pass_clerk(desk)
    services.documents.put(order.document)
    checkpoint("accepted")
    intent = start(desk)  # 2
    if intent.state is IntentState.DONE:
        with services.database.reading() as transaction:
            return _replay(services, transaction, intent)
    return _carry_out(desk, intent, checkpoint)


def get_seal(services: Services, caller: Caller, result_code: str) -> Seal:
    """The seal of a result.

    Raises:
        Refused: UNKNOWN_RESULT, also where the caller may not seal for its agency.
    """
    with services.database.reading() as transaction:
        return _seal(services, transaction, _visible(transaction, caller, result_code))


def sealed_document(services: Services, caller: Caller, result_code: str) -> tuple[str, bytes]:
    """File name and bytes of a sealed result.

    Raises:
        Refused: UNKNOWN_RESULT.
    """
    with services.database.reading() as transaction:
        row = _visible(transaction, caller, result_code)
    return row.filename, services.documents.get(row.document_sha256)


def resolve_intents(services: Services, limit: int = 20) -> int:
    """Finish the sealings whose process died; the number of intents that were resolved. Run by the worker."""
    if services.sealing is None:
        return 0
    with services.database.reading() as transaction:
        left = [row for row in pending_intents(transaction, limit, BATCH_PREFIX) if not is_held(row, services.clock())]
    return sum(_resolve(services, services.sealing, row) for row in left)


def abandon(transaction: Transaction, caller: str, idempotency_key: str, now: datetime) -> str | None:
    """Close the intent of a sealing whose process died and that nobody wants any more.

    Returns:
        The code of the result, where it had been sealed after all; None where nothing comes of it.
    """
    intent = find_intent(transaction, caller, idempotency_key)
    if intent is None:
        return None
    if intent.state is IntentState.PENDING:
        close_refused(transaction, intent, GAVE_UP, WORKER.id, now)
    row = result_of_intent(transaction, intent.id)
    return None if row is None else row.result_code


def _resolve(services: Services, sealing: Sealing, row: IntentRow) -> bool:
    """Carry out or give up one intent that nobody is at; False where it could not be done now."""
    if row.attempts >= MAX_ATTEMPTS:
        return _give_up(services, row, GAVE_UP)
    try:
        order = order_of_facts(row.order, services.documents.get(row.document_sha256))
        desk = SealDesk(services, sealing, row.caller, row.idempotency_key, order)
        sealing.open_keys(order.agency, order.signatory)
        with services.database.writing() as transaction:
            intent = take_over(transaction, desk, row, WORKER.id)
        _carry_out(desk, intent, lambda step: None)
    except DocumentMissing:
        return _give_up(services, row, DOCUMENT_MISSING)
    except Refused as refused:
        return refused.kind is RefusalKind.SEAL_REFUSED
    return True


def _give_up(services: Services, row: IntentRow, reason: str) -> bool:
    with services.database.writing() as transaction:
        return close_refused(transaction, row, reason, WORKER.id, services.clock())


def _done_before(desk: SealDesk, caller: Caller) -> Seal | None:
    """The seal, where this very order was carried out before; needs no key and no agency.

    Raises:
        Refused: UNKNOWN_DOSSIER, IDEMPOTENCY_KEY_REUSED.
    """
    with desk.services.database.reading() as transaction:
        visible_dossier(transaction, caller, desk.order.dossier)
        known = find_same(transaction, desk)
        if known is None or known.state is not IntentState.DONE:
            return None
        return _replay(desk.services, transaction, known)


def _carry_out(desk: SealDesk, intent: IntentRow, checkpoint: Checkpoint) -> Seal:
    """Steps 3 to 5 under a lease that is ours. Whatever fails, the lease is given back."""
    database, at = desk.services.database, desk.services.clock()
    desk = as_intended(desk, intent)
    result_code, code = codes(intent)
    try:
        checkpoint("intended")
        request = desk.sealing.request(desk.order, result_code, code)
        use = desk.sealing.use(desk.caller, desk.order.agency, str(result_code))
        signed = desk.sealing.sign(request, use, at, checkpoint, of_batch=desk.of_batch)  # 3
        checkpoint("signed")
        judged = Judged(signed.data, None, f"{result_code}.pdf", signed.report)
        keep_bytes(desk.services, judged)  # 4
        checkpoint("kept")
        with database.writing() as transaction:  # 5
            seal = _record(transaction, desk, intent, judged, signed.level, at)
        checkpoint("recorded")
    except Refused as refused:
        refusal = refused.parameters.get("refusal", refused.kind.value)
        with database.writing() as transaction:
            close_refused(transaction, intent, refusal, desk.caller, desk.services.clock())
        raise
    except BaseException:  # the outcome is open: the intent stays, for the same order again or the worker
        with suppress(DatabaseUnavailable), database.writing() as transaction:
            release_lease(transaction, intent, desk.services.clock())
        raise
    return seal


def _record(
    transaction: Transaction, desk: SealDesk, intent: IntentRow, judged: Judged, level: str, at: datetime
) -> Seal:
    """Transaction 2; somebody who took the lease over may have been quicker, then theirs is the seal."""
    if not finish_intent(transaction, intent, IntentState.DONE, desk.services.clock()):
        return _replay(desk.services, transaction, intent)
    order = desk.order
    verification = record_verification(
        transaction, desk.caller, judged, at, agencies=(order.agency,), dossier=order.dossier
    )
    result_code, code = codes(intent)
    row = ResultRow(
        result_code=str(result_code),
        dossier=order.dossier,
        number=result_code.number,
        verification_code=code.text,
        intent=intent.id,
        document_sha256=judged.report.sha256,
        verification=verification.id,
        agency=order.agency,
        agency_name=desk.sealing.agencies[order.agency].name,
        signatory=order.signatory,
        level=level,
        title=order.title,
        paper_number=order.number,
        holder_name=order.holder_name,
        issued_on=order.day_of_issue,
        valid_until=order.valid_until,
        filename=judged.filename,
        sealed_at=at,
        sealed_by=desk.caller,
    )
    insert_result(transaction, row, first_upkeep(row, order.level, judged.report, desk.services.clock()))
    letter_is_out(transaction, intent, order, row.result_code)
    if order.copy is not None:
        insert_copy(transaction, _register_entry(order, order.copy, row, desk.caller, at))
    if order.attachment_of is not None:
        insert_attachment(transaction, row.result_code, order.attachment_of, at)
    _tell_sealed(transaction, row, order.level)
    return _seal(desk.services, transaction, row)


def _tell_sealed(transaction: Transaction, row: ResultRow, wished_level: str) -> None:
    """The act and the event of a result that was sealed."""
    facts: dict[str, Plain] = {
        "result": row.result_code,
        "dossier": row.dossier,
        "agency": row.agency,
        "signatory": row.signatory,
        "level": row.level,
        "wished_level": wished_level,
        "sha256": row.document_sha256,
        "verification": row.verification,
    }
    about = f"result:{row.result_code}"
    add_act(transaction, row.sealed_by, EventType.RESULT_SEALED.value, row.sealed_at, about, facts)
    add_event(transaction, EventType.RESULT_SEALED.value, row.sealed_at, about, facts)


def _register_entry(order: SealOrder, copy: CopyWish, row: ResultRow, caller: str, at: datetime) -> CopyRow:
    """The entry in the register of copies, under the number that the intent was allotted."""
    if copy.register_number is None or copy.register_year is None:
        raise RuntimeError(f"{row.result_code}: a copy without a register number")
    return CopyRow(
        agency=order.agency,
        year=copy.register_year,
        number=copy.register_number,
        result_code=row.result_code,
        form=copy.form,
        source=copy.source,
        certified=copy.certified,
        signatory=order.signatory if copy.certified else None,
        converter=copy.converter,
        converted_on=copy.converted_on,
        original_sha256=copy.original_sha256 or order.document_sha256,
        entered_at=at,
        entered_by=caller,
        note_check=copy.note_check,
        note_sha256=copy.note_sha256,
    )


def _replay(services: Services, transaction: Transaction, intent: IntentRow) -> Seal:
    """The seal that came of an intent.

    Raises:
        Refused: SEAL_IN_PROGRESS, where it has not come yet.
    """
    row = result_of_intent(transaction, intent.id)
    if row is None:
        raise in_progress()
    return replace(_seal(services, transaction, row), replayed=True)


def _seal(services: Services, transaction: Transaction, row: ResultRow) -> Seal:
    code = VerificationCode(row.verification_code)
    return Seal(
        result_code=row.result_code,
        verification_code=str(code),
        check_url=check_url(services.settings.public_url, code),
        sha256=row.document_sha256,
        size_bytes=document_size(transaction, row.document_sha256),
        dossier=row.dossier,
        agency=row.agency,
        signatory=row.signatory,
        level=row.level,
        wished_level=upkeep_of(transaction, row.result_code).wished_level,
        title=row.title,
        number=row.paper_number,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        sealed_at=row.sealed_at,
        verification_id=row.verification,
        attachment_of=main_of(transaction, row.result_code),
    )


def _visible(transaction: Transaction, caller: Caller, result_code: str) -> ResultRow:
    row = find_result(transaction, result_code)
    if row is None or not caller.may_seal_for(row.agency):
        raise Refused(RefusalKind.UNKNOWN_RESULT, code=result_code)
    return row
