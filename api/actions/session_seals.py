"""A session that is the first signature of a result: the person's token signs, then the agency's seal follows.

The signatory is one whose key is elsewhere (``kind = "elsewhere"`` in the agencies' file), and the session's
certificate is the one on record there. Whether the result can be sealed is asked before anybody is asked to sign. The
seal has an idempotency key that follows from the session, so the same value again finishes what a crash or a service
that was away left undone, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from api.actions.check_result import VIETNAM
from api.actions.issue_order import IssueWish, check_issue
from api.actions.letter_gate import read_head
from api.actions.seal_intents import SealDesk
from api.actions.seal_order import SealOrder, check_order
from api.actions.seals import seal
from api.callers import Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.codec import decode, encode
from api.storage.database import Transaction
from api.storage.letters import letter_of_key
from api.storage.releases import release_of_key
from api.storage.seals import find_intent, result_of_intent

if TYPE_CHECKING:
    from api.sealing import Sealing


@dataclass(frozen=True)
class SessionSeal:
    """The agency's seal that follows: what ``SealOrder`` asks for, but for document and dossier (the session's)."""

    agency: str
    signatory: str
    level: str
    title: str
    number: str
    holder_name: str
    issued_on: date | None
    valid_until: date | None = None
    issue: IssueWish | None = None


@dataclass(frozen=True)
class SessionResult:
    """What came of it: the result's code, or the request that waits for a second person or the letter that waits for
    a clerk; all None before.
    """

    result_code: str | None = None
    release: str | None = None
    letter: str | None = None


def seal_facts(wish: SessionSeal | None) -> dict[str, Any]:
    """The member of a session's order; nothing where no seal follows, as in sessions of the past."""
    if wish is None:
        return {}
    facts = encode(wish)
    if wish.issue is None:  # as sessions of the past
        del facts["issue"]
    return {"seal": facts}


def seal_of_facts(facts: dict[str, Any]) -> SessionSeal | None:
    """The wish that ``seal_facts`` was asked for."""
    return None if facts.get("seal") is None else decode(SessionSeal, facts["seal"])


def check_seal(services: Services, sealing: Sealing, caller: Caller, order: SealOrder, certificate: bytes) -> None:
    """Could the result be sealed once it is signed, and does the very signatory sign. Nothing is recorded.

    Raises:
        Refused: AGENCY_NOT_ALLOWED, INVALID_REQUEST, UNKNOWN_AGENCY, UNKNOWN_SIGNATORY, TEMPORARILY_UNAVAILABLE,
            UNKNOWN_SERIES,
            SEAL_REFUSED (SIGNATORY-NOT-THIS-CERTIFICATE, a rule of the agency's key, a head without blanks).
    """
    today = services.clock().astimezone(VIETNAM).date()
    check_order(caller, "session", order, services.settings.max_upload_bytes, today)
    sealing.outside.check_signatory(order.agency, order.signatory, certificate)
    sealing.open_keys(order.agency, order.signatory)
    sealing.check_rules(order, caller.id)
    check_issue(services, order, today)
    read_head(SealDesk(services, sealing, caller.id, "session", order))


def seal_order(wish: SessionSeal, document: bytes, dossier: str | None, filename: str) -> SealOrder:
    """The order for the agency's seal.

    Raises:
        Refused: INVALID_REQUEST: a result belongs to a dossier.
    """
    if dossier is None:
        raise Refused(RefusalKind.INVALID_REQUEST, field="dossier", reason="required")
    return SealOrder(document=document, dossier=dossier, filename=filename, **vars(wish))


def then_seal(services: Services, caller: Caller, session_id: str, order: SealOrder) -> None:
    """The agency's seal on what the session signed; an order that waits for a person is no failure.

    Raises:
        Refused: as ``seals.seal``; the person's signature is kept, the same value again tries once more.
    """
    try:
        seal(services, caller, session_key(session_id), order)
    except Refused as refused:
        if refused.kind not in (RefusalKind.SEAL_AWAITS_RELEASE, RefusalKind.LETTER_AWAITS_ISSUE):
            raise


def result_of_session(transaction: Transaction, caller: str, session_id: str) -> SessionResult:
    """What came of the seal that follows."""
    intent = find_intent(transaction, caller, session_key(session_id))
    row = None if intent is None else result_of_intent(transaction, intent.id)
    waits = release_of_key(transaction, caller, session_key(session_id))
    letter = letter_of_key(transaction, caller, session_key(session_id))
    return SessionResult(
        result_code=None if row is None else row.result_code,
        release=None if waits is None else waits.id,
        letter=None if letter is None else letter.id,
    )


def session_key(session_id: str) -> str:
    """The idempotency key of the seal that follows a session."""
    return f"session:{session_id}"
