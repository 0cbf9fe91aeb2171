"""The clerk's side: letters that the leader has signed, issued one by one, or returned with a reason.

Issuing is one act of the agency: the next number of the series and today's date are written into the blanks, and the
seal is set. It is done as ordered by whoever ordered it, once, however often it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from api.actions.identities import present_caller
from api.actions.letter_gate import tell
from api.actions.recording import EventType, shown_name
from api.actions.seal_order import BATCH_PREFIX, order_of_facts
from api.actions.seals import seal
from api.callers import Caller, Right
from api.dossiers.letter import OPEN, LetterState, may_issue
from api.dossiers.numbering import paper_number
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.database import Transaction
from api.storage.letters import LetterRow, change_letter, find_letter, letters_open
from api.storage.numbers import NumberRow, number_of_intent
from api.storage.seals import IntentState, find_intent, result_of_intent

MAX_LISTED = 500
MAX_REASON_CHARACTERS = 500


@dataclass(frozen=True)
class Letter:
    """A letter as those who may seal for its agency see it.

    ``series`` is None where the portal numbers in a series of its own. ``number`` and ``dated_on`` are set once they
    were given: also for a letter that could not be issued, which keeps them; ``refusal`` is then why, as a code.
    """

    id: str
    state: LetterState
    agency: str
    series: str | None
    sign: str | None
    dossier: str
    title: str
    holder_name: str
    signatory: str
    valid_until: date | None
    document_sha256: str
    signed_sha256: str
    requested_by: str
    signed_at: datetime
    number: str | None = None
    dated_on: date | None = None
    refusal: str | None = None
    result_code: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Issued:
    """What became of a clerk's act: the letter as it is now, and why it is not out where it is not."""

    letter: Letter
    refusal: Refused | None = None


def waiting(services: Services, caller: Caller) -> list[Letter]:
    """The letters of the caller's agencies that are not out yet, oldest first."""
    agencies = {} if services.sealing is None else services.sealing.agencies
    mine = [name for name in agencies if caller.may_seal_for(name)]
    with services.database.reading() as transaction:
        return [_shown(transaction, row) for row in letters_open(transaction, mine, MAX_LISTED)]


def get_letter(services: Services, caller: Caller, letter_id: str) -> Letter:
    """One letter.

    Raises:
        Refused: UNKNOWN_LETTER, also where its agency is not the caller's.
    """
    with services.database.reading() as transaction:
        return _shown(transaction, _visible(transaction, caller, letter_id))


def letter_document(services: Services, caller: Caller, letter_id: str) -> tuple[str, bytes]:
    """File name and bytes of what the leader signed: who issues it reads it first.

    Raises:
        Refused: UNKNOWN_LETTER.
    """
    with services.database.reading() as transaction:
        row = _visible(transaction, caller, letter_id)
    name = shown_name(str(row.order.get("filename", "")))
    return name or "van-ban.pdf", services.documents.get(row.signed_sha256)


def issue(services: Services, caller: Caller, letter_id: str) -> Issued:
    """Issue one letter: number, date and seal. Asked again it is the same letter under the same number.

    Raises:
        Refused: UNKNOWN_LETTER, RIGHT_MISSING, LETTER_CLOSED (it was returned).
    """
    row = _call(services, caller, letter_id)
    if row.state is LetterState.ISSUED or row.idempotency_key.startswith(BATCH_PREFIX):
        return Issued(get_letter(services, caller, letter_id))  # the batch's worker comes for its own within a minute
    with services.database.reading() as transaction:
        orderer = present_caller(transaction, row.caller)
    if orderer is None:
        refused: Refused | None = Refused(RefusalKind.AGENCY_NOT_ALLOWED, agency=row.agency)
    else:
        refused = _sealed(services, orderer, row)
    return Issued(get_letter(services, caller, letter_id), refused)


def send_back(services: Services, caller: Caller, letter_id: str, reason: str) -> Letter:
    """Return one letter, with the reason that whoever ordered it will read; a number that it had is to be voided.

    Raises:
        Refused: as ``issue``; INVALID_REQUEST (``reason``), SEAL_IN_PROGRESS (it is being issued right now).
    """
    words = reason.strip()
    if not 0 < len(words) <= MAX_REASON_CHARACTERS:
        raise Refused(RefusalKind.INVALID_REQUEST, field="reason", reason="length")
    now = services.clock()
    with services.database.writing() as transaction:
        row = _open_for_clerk(transaction, caller, letter_id)
        intent = find_intent(transaction, row.caller, row.idempotency_key)
        if intent is not None and intent.state is not IntentState.REFUSED:
            raise Refused(RefusalKind.SEAL_IN_PROGRESS, retry_after_s=2)
        changes = {"state": LetterState.RETURNED, "decided_by": caller.id, "decided_at": now, "reason": words}
        returned = change_letter(transaction, row, **changes)
        if returned is None:
            raise Refused(RefusalKind.LETTER_CLOSED)
        tell(transaction, caller.id, returned, EventType.LETTER_RETURNED)
        return _shown(transaction, returned)


def _call(services: Services, caller: Caller, letter_id: str) -> LetterRow:
    """Write down that the clerk called it: from now on its order passes the gate."""
    now = services.clock()
    with services.database.writing() as transaction:
        row = _visible(transaction, caller, letter_id)
        if row.state is LetterState.ISSUED and may_issue(caller, row.agency):
            return row
        row = _open_for_clerk(transaction, caller, letter_id)
        if row.state is LetterState.CALLED:
            return row
        called = change_letter(transaction, row, state=LetterState.CALLED, decided_by=caller.id, decided_at=now)
        if called is None:
            raise Refused(RefusalKind.LETTER_CLOSED)
        tell(transaction, caller.id, called, EventType.LETTER_CALLED)
        return called


def _sealed(services: Services, orderer: Caller, row: LetterRow) -> Refused | None:
    """Why it is not sealed; None where it is."""
    order = order_of_facts(row.order, services.documents.get(row.document_sha256))
    try:
        seal(services, orderer, row.idempotency_key, order)
    except Refused as refused:
        return refused
    return None


def _open_for_clerk(transaction: Transaction, caller: Caller, letter_id: str) -> LetterRow:
    row = _visible(transaction, caller, letter_id)
    if not may_issue(caller, row.agency):
        raise Refused(RefusalKind.RIGHT_MISSING, right=Right.KEEP_NUMBERS.value)
    if row.state not in OPEN:
        raise Refused(RefusalKind.LETTER_CLOSED)
    return row


def _visible(transaction: Transaction, caller: Caller, letter_id: str) -> LetterRow:
    row = find_letter(transaction, letter_id)
    if row is None or not caller.may_seal_for(row.agency):
        raise Refused(RefusalKind.UNKNOWN_LETTER, letter=letter_id)
    return row


def _shown(transaction: Transaction, row: LetterRow) -> Letter:
    intent = find_intent(transaction, row.caller, row.idempotency_key)
    result = None if intent is None else result_of_intent(transaction, intent.id)
    given = None if intent is None else number_of_intent(transaction, intent.id)
    until, issue = row.order["valid_until"], row.order["issue"]
    letter = Letter(
        id=row.id,
        state=row.state,
        agency=row.agency,
        series=row.series or None,
        sign=issue["sign"],
        dossier=row.dossier,
        title=row.order["title"],
        holder_name=row.order["holder_name"],
        signatory=row.order["signatory"],
        valid_until=None if until is None else date.fromisoformat(until),
        document_sha256=row.document_sha256,
        signed_sha256=row.signed_sha256,
        requested_by=row.caller,
        signed_at=row.signed_at,
        refusal=None if intent is None else intent.refusal,
        result_code=None if result is None else result.result_code,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
    )
    return letter if given is None else _numbered(letter, given)


def _numbered(letter: Letter, given: NumberRow) -> Letter:
    return replace(letter, number=paper_number(given.number, given.sign), dated_on=given.dated_on)
