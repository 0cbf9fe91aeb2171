"""A document signed in two steps by a key that is elsewhere (a token on the desk, a citizen's remote certificate).

1 the document is judged, prepared and kept; the digest of its signed attributes goes out · 2 the value comes back, is
verified with the certificate, embedded, and the result judged as every seal is; one transaction records it. A session
is bound to its caller and to exactly one digest, ends after fifteen minutes, and can be refused. What was prepared and
never signed is nothing but bytes in the store: no verification, no result, no event.

Needs the package ``signer``, which comes through ``services.sealing``.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from api.actions.dossier_access import visible_dossier
from api.actions.recording import (
    EventType,
    Judged,
    add_verdict_event,
    keep_bytes,
    record_verification,
    refuse_too_large,
)
from api.actions.session_order import LETTER, SessionOrder, order_facts, order_of_row, signed_name, with_letter
from api.actions.session_seals import check_seal, seal_order, then_seal
from api.actions.session_view import SigningSession, own_session, shown_session
from api.callers import Caller
from api.dossiers.signing_session import LIFETIME as SESSION_LIFETIME
from api.dossiers.signing_session import SessionState, after_wrong_value, match_code
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.database import Transaction
from api.storage.journal import Plain, add_act
from api.storage.records import find_verification, record_document
from api.storage.signing_sessions import (
    SessionExists,
    SessionRow,
    change_session,
    insert_session,
    session_of_key,
)

if TYPE_CHECKING:
    from api.sealing import Sealing

MAX_REASON_CHARACTERS = 500


def open_session(services: Services, caller: Caller, key: str, order: SessionOrder) -> SigningSession:
    """First step; the same key and order again give the same session.

    Raises:
        Refused: SEALING_NOT_CONFIGURED, UPLOAD_TOO_LARGE, INVALID_REQUEST, UNKNOWN_DOSSIER, IDEMPOTENCY_KEY_REUSED,
            SEAL_REFUSED, TEMPORARILY_UNAVAILABLE.
    """
    sealing = _sealing(services)
    refuse_too_large(services, len(order.document))
    with services.database.reading() as transaction:
        if order.dossier is not None:
            visible_dossier(transaction, caller, order.dossier)
        known = session_of_key(transaction, caller.id, key)
        if known is not None:
            return _same(services, transaction, known, key, order)
    if order.seal is not None:
        _check_seal(services, sealing, caller, order)
    row = _prepared(services, sealing, caller, key, order)
    try:
        with services.database.writing() as transaction:
            record_document(transaction, row.document_sha256, len(order.document), row.created_at)
            record_document(transaction, row.prepared_sha256, row.prepared["size"], row.created_at)
            if LETTER in row.prepared:
                size = len(services.documents.get(row.prepared[LETTER]))
                record_document(transaction, row.prepared[LETTER], size, row.created_at)
            insert_session(transaction, row)
            _tell(transaction, caller, row, row.created_at)
            return shown_session(services, transaction, row)
    except SessionExists:  # the same request a moment ago: its session holds
        with services.database.reading() as transaction:
            other = session_of_key(transaction, caller.id, key)
            assert other is not None
            return _same(services, transaction, other, key, order)


def get_session(services: Services, caller: Caller, session_id: str) -> SigningSession:
    """A session of this caller.

    Raises:
        Refused: UNKNOWN_SESSION, also for another caller's.
    """
    with services.database.reading() as transaction:
        return shown_session(services, transaction, own_session(transaction, caller, session_id))


def sign_session(
    services: Services, caller: Caller, session_id: str, value: bytes, digest_sha256: str, code: str
) -> SigningSession:
    """Second step. The same value again gives the same signed document.

    ``digest_sha256`` and ``code`` are what whoever signs was shown: they name the digest that was meant.

    Raises:
        Refused: UNKNOWN_SESSION, SESSION_CLOSED, SIGNATURE_WRONG (the value, the digest or the code does not fit; the
            fifth time the session is over), SEAL_REFUSED, TEMPORARILY_UNAVAILABLE (then it stays open), and where the
            agency's seal is to follow as ``seals.seal``: the signature is kept, the same value again tries once more.
    """
    sealing = _sealing(services)
    at = services.clock()
    with services.database.reading() as transaction:
        row = own_session(transaction, caller, session_id)
        session = shown_session(services, transaction, row)
    if session.state is SessionState.SIGNED and row.prepared.get("value_sha256") == hashlib.sha256(value).hexdigest():
        return _then_sealed(services, caller, session, order_of_row(services, row))
    if session.state is not SessionState.WAITING:
        raise _closed(session)
    order, prepared = order_of_row(services, row), _plain_prepared(services, row)
    meant = (digest_sha256.lower(), code) == (session.digest.hex(), session.match_code)
    if not meant or not sealing.outside.value_fits(order.certificates[0], value, session.digest):
        _wrong_value(services, caller, row, at)
    signed = sealing.outside.finish(order, prepared, value, at)
    judged = Judged(signed.data, None, signed_name(order), signed.report)
    keep_bytes(services, judged)
    try:
        done = _record_signed(services, caller, session_id, judged, value, order.dossier, at)
        return _then_sealed(services, caller, done, order)
    except _QuickerElsewhere:  # theirs is the outcome; the same value gives it again
        return sign_session(services, caller, session_id, value, digest_sha256, code)


def _check_seal(services: Services, sealing: Sealing, caller: Caller, order: SessionOrder) -> None:
    """Before anybody is asked to sign: the seal that is to follow, and that the very signatory signs."""
    if order.seal is None:
        return
    if order.name is not None or order.title is not None:
        raise Refused(RefusalKind.INVALID_REQUEST, field="name", reason="told-by-agency")
    wanted = seal_order(order.seal, order.document, order.dossier, order.filename)
    check_seal(services, sealing, caller, wanted, order.certificates[0])


def _then_sealed(services: Services, caller: Caller, session: SigningSession, order: SessionOrder) -> SigningSession:
    """The agency's seal, where one is to follow."""
    if order.seal is None:
        return session
    _, data = signed_document(services, caller, session.id)
    then_seal(services, caller, session.id, seal_order(order.seal, data, order.dossier, order.filename))
    return get_session(services, caller, session.id)


class _QuickerElsewhere(Exception):  # noqa: N818 - the answer to a question, not a fault
    """The session changed meanwhile; what was about to be stored is given up."""


def _record_signed(
    services: Services,
    caller: Caller,
    session_id: str,
    judged: Judged,
    value: bytes,
    dossier: str | None,
    at: datetime,
) -> SigningSession:
    """Session, verification, act and event in one transaction, or nothing."""
    with services.database.writing() as transaction:
        fresh = own_session(transaction, caller, session_id)
        verification = record_verification(
            transaction, caller.id, judged, at, agencies=caller.agencies, dossier=dossier
        )
        kept = {**fresh.prepared, "value_sha256": hashlib.sha256(value).hexdigest()}
        changes = {"state": SessionState.SIGNED, "verification": verification.id, "prepared": kept, "closed_at": at}
        changed = change_session(transaction, fresh, **changes)
        if changed is None:
            raise _QuickerElsewhere
        _tell(transaction, caller, changed, at)
        add_verdict_event(transaction, EventType.VERIFICATION_COMPLETED, at, verification)
        return shown_session(services, transaction, changed)


def refuse_session(services: Services, caller: Caller, session_id: str, reason: str) -> SigningSession:
    """Whoever was to sign does not want to; the same refusal again changes nothing.

    Raises:
        Refused: UNKNOWN_SESSION, SESSION_CLOSED, INVALID_REQUEST (``reason``).
    """
    if not 0 < len(reason.strip()) <= MAX_REASON_CHARACTERS:
        raise Refused(RefusalKind.INVALID_REQUEST, field="reason", reason="length")
    at = services.clock()
    with services.database.writing() as transaction:
        row = own_session(transaction, caller, session_id)
        session = shown_session(services, transaction, row)
        if session.state is SessionState.REFUSED:
            return session
        changed = None
        if session.state is SessionState.WAITING:
            changes = {"state": SessionState.REFUSED, "reason": reason.strip(), "closed_at": at}
            changed = change_session(transaction, row, **changes)
        if changed is None:
            raise _closed(session)
        _tell(transaction, caller, changed, at)
        return shown_session(services, transaction, changed)


def signed_document(services: Services, caller: Caller, session_id: str) -> tuple[str, bytes]:
    """File name and bytes of what a session signed.

    Raises:
        Refused: UNKNOWN_SESSION; SESSION_CLOSED where nothing was signed.
    """
    with services.database.reading() as transaction:
        session = shown_session(services, transaction, own_session(transaction, caller, session_id))
        found = None if session.verification is None else find_verification(transaction, session.verification)
    if found is None:
        raise _closed(session)
    return found.filename, services.documents.get(found.document_sha256)


def _prepared(services: Services, sealing: Sealing, caller: Caller, key: str, order: SessionOrder) -> SessionRow:
    now = services.clock()
    asked, order = order, with_letter(sealing, order, now)
    prepared = sealing.outside.prepare(order, now)
    session_id = str(uuid.uuid4())
    return SessionRow(
        id=session_id,
        caller=caller.id,
        idempotency_key=key,
        request_sha256=asked.sha256,
        state=SessionState.WAITING,
        order=order_facts(order),
        document_sha256=services.documents.put(asked.document),
        prepared_sha256=services.documents.put(prepared.data),
        prepared={
            "size": len(prepared.data),
            "start": prepared.start,
            "end": prepared.end,
            "field": prepared.field,
            "attributes": prepared.attributes.hex(),
            "algorithm": prepared.algorithm,
            **({} if order is asked else {LETTER: services.documents.put(order.document)}),
        },
        match_code=match_code(session_id, prepared.digest),
        wrong_values=0,
        reason=None,
        verification=None,
        created_at=now,
        expires_at=now + SESSION_LIFETIME,
        closed_at=None,
    )


def _wrong_value(services: Services, caller: Caller, row: SessionRow, at: datetime) -> NoReturn:
    """Count it and refuse."""
    with services.database.writing() as transaction:
        fresh = own_session(transaction, caller, row.id)
        count = fresh.wrong_values + 1
        state = after_wrong_value(count)
        closed_at = None if state is SessionState.WAITING else at
        changed = change_session(transaction, fresh, wrong_values=count, state=state, closed_at=closed_at)
        if changed is not None:
            _tell(transaction, caller, changed, at, "signing-session.wrong-value")
    raise Refused(RefusalKind.SIGNATURE_WRONG)


def _same(
    services: Services, transaction: Transaction, row: SessionRow, key: str, order: SessionOrder
) -> SigningSession:
    if row.request_sha256 != order.sha256:
        raise Refused(RefusalKind.IDEMPOTENCY_KEY_REUSED, key=key)
    return shown_session(services, transaction, row)


def _plain_prepared(services: Services, row: SessionRow) -> dict[str, Any]:
    names = ("start", "end", "field", "algorithm")
    attributes = bytes.fromhex(row.prepared["attributes"])
    data = services.documents.get(row.prepared_sha256)
    return {**{name: row.prepared[name] for name in names}, "attributes": attributes, "data": data}


def _closed(session: SigningSession) -> Refused:
    return Refused(RefusalKind.SESSION_CLOSED, state=session.state.value)


def _sealing(services: Services) -> Sealing:
    if services.sealing is None:
        raise Refused(RefusalKind.SEALING_NOT_CONFIGURED)
    return services.sealing


def _tell(transaction: Transaction, caller: Caller, row: SessionRow, at: datetime, act: str | None = None) -> None:
    facts: dict[str, Plain] = {
        "document": row.document_sha256,
        "sha256": hashlib.sha256(bytes.fromhex(row.prepared["attributes"])).hexdigest(),
        "verification": row.verification,
        "wrong_values": row.wrong_values,
    }
    name = act or f"signing-session.{row.state.value}"
    add_act(transaction, caller.id, name, at, f"signing-session:{row.id}", facts)
