"""The gate before a letter's number: it fits into its blanks, the leader has signed, and the clerk has called it.

A letter ``by_clerk`` is prepared and signed by the leader as soon as it is ordered, and waits. Called by a clerk it
passes, and goes the way of every seal: its number in transaction 1, the agency's act, the result in transaction 2.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.actions.dossier_access import require_dossier
from api.actions.issue_order import IssueWish, check_symbol
from api.actions.number_giving import issue_number, likely_number
from api.actions.numbers import find_series
from api.actions.recording import EventType, Judged, keep_bytes, record_verification
from api.actions.seal_intents import SealDesk
from api.actions.seal_order import SealOrder, order_facts
from api.codes import VerificationCode
from api.dossiers.letter import LetterState
from api.refused import RefusalKind, Refused
from api.sealing_values import Signed
from api.services import Services
from api.storage.database import Transaction
from api.storage.journal import Plain, add_act, add_event
from api.storage.letters import LetterExists, LetterRow, change_letter, insert_letter, letter_of_key
from api.storage.records import record_document
from api.storage.seals import IntentRow

RETRY_AFTER_S = 60
"""A person decides; asking every minute is enough."""


@dataclass(frozen=True)
class _FirstSigned:
    """A letter as the leader signed it; ``judged`` where that was done here."""

    data: bytes
    code: VerificationCode
    judged: Judged | None = None


def read_head(desk: SealDesk) -> None:
    """Before a number is given: number and date fit into the letter's blanks, and the printed sign is the series's.

    Raises:
        Refused: SEAL_REFUSED with HEAD-…, INVALID_REQUEST (``issue.sign``), UNKNOWN_SERIES, TEMPORARILY_UNAVAILABLE.
    """
    order, services = desk.order, desk.services
    if order.issue is None:
        return
    with services.database.reading() as transaction:
        number, day = likely_number(transaction, services, order)
    printed = desk.sealing.letters.read(order.document, number, day)
    check_symbol(printed, _signs(services, order, order.issue, day.year))


def pass_clerk(desk: SealDesk) -> SealDesk:
    """Let an order pass that no clerk has to issue, or that one has called; have it signed and let it wait otherwise.

    Raises:
        Refused: LETTER_AWAITS_ISSUE (``letter``), LETTER_RETURNED (``explanation``), IDEMPOTENCY_KEY_REUSED,
            UNKNOWN_DOSSIER, and what the leader's signature may be refused for (as ``seals.seal``).
    """
    issue = desk.order.issue
    if issue is None or not issue.by_clerk:
        return desk
    with desk.services.database.reading() as transaction:
        row = letter_of_key(transaction, desk.caller, desk.key)
    if row is None:
        row = _let_wait(desk, issue)
    if row.order_sha256 != desk.order.sha256:
        raise Refused(RefusalKind.IDEMPOTENCY_KEY_REUSED, key=desk.key)
    match row.state:
        case LetterState.WAITING:
            raise Refused(RefusalKind.LETTER_AWAITS_ISSUE, retry_after_s=RETRY_AFTER_S, letter=row.id)
        case LetterState.RETURNED:
            raise Refused(RefusalKind.LETTER_RETURNED, explanation=row.reason or "")
        case LetterState.CALLED | LetterState.ISSUED:
            allotted = replace(issue, verification_code=row.verification_code, signed_sha256=row.signed_sha256)
            return replace(desk, order=replace(desk.order, issue=allotted))


def letter_is_out(transaction: Transaction, intent: IntentRow, order: SealOrder, result_code: str) -> None:
    """In the transaction that records the result: the number is issued, and the letter waits no longer."""
    issue = order.issue
    if issue is None:
        return
    if issue.series is not None:
        issue_number(transaction, intent.id, result_code)
    if issue.by_clerk:
        row = letter_of_key(transaction, intent.caller, intent.idempotency_key)
        if row is None or change_letter(transaction, row, state=LetterState.ISSUED) is None:
            raise RuntimeError(f"intent {intent.id}: its letter is not there")


def tell(transaction: Transaction, actor: str, row: LetterRow, kind: EventType) -> None:
    """Act and event of a letter; the reason of a return may name persons and stays in its row."""
    facts: dict[str, Plain] = {
        "letter": row.id,
        "dossier": row.dossier,
        "agency": row.agency,
        "series": row.series,
        "sha256": row.document_sha256,
        "signed_sha256": row.signed_sha256,
        "requested_by": row.caller,
    }
    at = row.decided_at or row.signed_at
    add_act(transaction, actor, kind.value, at, f"letter:{row.id}", facts)
    add_event(transaction, kind.value, at, f"letter:{row.id}", facts)


def _signs(services: Services, order: SealOrder, issue: IssueWish, year: int) -> Sequence[str]:
    if issue.sign is not None:
        return (issue.sign,)
    return find_series(services, order.agency, issue.series or "").signs_of(year)


def _let_wait(desk: SealDesk, issue: IssueWish) -> LetterRow:
    """The leader's signature, and the letter's record; where the same order was quicker, theirs is the letter."""
    letter_id = str(uuid.uuid4())
    signed = _signed_before(desk, issue) or _sign(desk, letter_id)
    if signed.judged is not None:
        keep_bytes(desk.services, signed.judged)
    desk.services.documents.put(desk.order.document)
    try:
        with desk.services.database.writing() as transaction:
            return _record(transaction, desk, issue, letter_id, signed)
    except LetterExists:
        raise Refused(RefusalKind.LETTER_AWAITS_ISSUE, retry_after_s=RETRY_AFTER_S, letter="") from None


def _signed_before(desk: SealDesk, issue: IssueWish) -> _FirstSigned | None:
    """A letter whose leader signs elsewhere comes signed: in a session of this service, or by a program of theirs."""
    order = desk.order
    if desk.sealing.agencies[order.agency].signatory(order.signatory).signs_here:
        return None
    printed = issue.verification_code
    return _FirstSigned(order.document, VerificationCode.random() if printed is None else VerificationCode(printed))


def _sign(desk: SealDesk, letter_id: str) -> _FirstSigned:
    order, sealing, at = desk.order, desk.sealing, desk.services.clock()
    code = VerificationCode.random()
    prepared = sealing.letters.prepare(order.document, order, code, at)
    request = sealing.letters.first_signature(order, prepared, code)
    use = sealing.use(desk.caller, order.agency, f"letter:{letter_id}")
    signed: Signed = sealing.sign(request, use, at, lambda step: None)
    judged = Judged(signed.data, None, order.filename or "van-ban.pdf", signed.report)
    return _FirstSigned(signed.data, code, judged)


def _record(
    transaction: Transaction, desk: SealDesk, issue: IssueWish, letter_id: str, signed: _FirstSigned
) -> LetterRow:
    now, order = desk.services.clock(), desk.order
    require_dossier(transaction, order.dossier)
    record_document(transaction, order.document_sha256, len(order.document), now)
    signed_sha256 = order.document_sha256
    if signed.judged is not None:
        signed_sha256 = signed.judged.report.sha256
        record_verification(
            transaction, desk.caller, signed.judged, now, agencies=(order.agency,), dossier=order.dossier
        )
    row = LetterRow(
        id=letter_id,
        caller=desk.caller,
        idempotency_key=desk.key,
        order_sha256=order.sha256,
        order=order_facts(order),
        document_sha256=order.document_sha256,
        signed_sha256=signed_sha256,
        verification_code=signed.code.text,
        agency=order.agency,
        series=issue.series or "",
        dossier=order.dossier,
        state=LetterState.WAITING,
        signed_at=now,
    )
    insert_letter(transaction, row)
    tell(transaction, desk.caller, row, EventType.LETTER_WAITING)
    return row
