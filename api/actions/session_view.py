"""A signing session as its caller sees it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from api.actions.session_seals import SessionResult, result_of_session
from api.callers import Caller
from api.dossiers.signing_session import SessionState, state_at
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.database import Transaction
from api.storage.records import document_size, find_verification
from api.storage.signing_sessions import SessionRow, find_session


@dataclass(frozen=True)
class SigningSession:
    """Its state at the moment of asking; ``signed_*`` are set once it is signed; ``attributes`` is what to sign."""

    id: str
    state: SessionState
    document_sha256: str
    attributes: bytes
    algorithm: str
    match_code: str
    level: str
    wrong_values: int
    reason: str | None
    created_at: datetime
    expires_at: datetime
    dossier: str | None
    verification: str | None = None
    signed_sha256: str | None = None
    signed_bytes: int | None = None
    sealed: SessionResult | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of the signed attributes: what is signed."""
        return hashlib.sha256(self.attributes).digest()


def own_session(transaction: Transaction, caller: Caller, session_id: str) -> SessionRow:
    """The row of a session of this caller.

    Raises:
        Refused: UNKNOWN_SESSION, also for another caller's.
    """
    row = find_session(transaction, session_id)
    if row is None or row.caller != caller.id:
        raise Refused(RefusalKind.UNKNOWN_SESSION, session=session_id)
    return row


def shown_session(services: Services, transaction: Transaction, row: SessionRow) -> SigningSession:
    """The row with what became of it: whether it ended by now, what was signed, what the agency's seal came to."""
    session = SigningSession(
        id=row.id,
        state=state_at(row.state, row.expires_at, services.clock()),
        document_sha256=row.document_sha256,
        attributes=bytes.fromhex(row.prepared["attributes"]),
        algorithm=row.prepared["algorithm"],
        match_code=row.match_code,
        level=row.order["level"],
        wrong_values=row.wrong_values,
        reason=row.reason,
        created_at=row.created_at,
        expires_at=row.expires_at,
        dossier=row.order["dossier"],
    )
    found = None if row.verification is None else find_verification(transaction, row.verification)
    if row.order.get("seal") is not None:
        session = replace(session, sealed=result_of_session(transaction, row.caller, row.id))
    if found is None:
        return session
    sha256 = found.document_sha256
    size = document_size(transaction, sha256)
    return replace(session, verification=found.id, signed_sha256=sha256, signed_bytes=size)
