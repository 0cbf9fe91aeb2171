"""What a signing session is ordered to do, and how that is kept: as JSON values, the document's bytes in the store."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from api.actions.recording import shown_name
from api.actions.session_seals import SessionSeal, seal_facts, seal_of_facts
from api.codes import VerificationCode
from api.services import Services
from api.storage.signing_sessions import SessionRow

if TYPE_CHECKING:
    from api.sealing import Sealing

LETTER = "letter_sha256"
"""In what a session has prepared: the digest of the letter with its blanks, which the leader signs in place of what
came.
"""


@dataclass(frozen=True)
class SessionOrder:
    """Who signs what, and how: ``certificates`` are DER, the signer's first, then its issuers (possibly none).

    ``name`` and ``title`` are what the visible signature shows; the certificate's own name where None. With ``seal`` it
    is the first signature of a result, shows what the agencies' file says, and the agency's seal follows.
    """

    document: bytes
    certificates: tuple[bytes, ...]
    level: str
    name: str | None = None
    title: str | None = None
    dossier: str | None = None
    filename: str = ""
    seal: SessionSeal | None = None

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of the whole order: the same under one idempotency key, or the key is reused."""
        facts = order_facts(self) | {"document": hashlib.sha256(self.document).hexdigest()}
        return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def with_letter(sealing: Sealing, order: SessionOrder, at: datetime) -> SessionOrder:
    """The order with the letter that the leader signs: its blanks found, its verification code printed on it, and all
    later fields in their places. Any other order stays as it is.

    Raises:
        Refused: SEAL_REFUSED with HEAD-…, TEMPORARILY_UNAVAILABLE.
    """
    seal = order.seal
    if seal is None or seal.issue is None:
        return order
    code = VerificationCode.random()
    document = sealing.letters.prepare(order.document, seal, code, at)
    return replace(order, document=document, seal=replace(seal, issue=replace(seal.issue, verification_code=code.text)))


def order_facts(order: SessionOrder) -> dict[str, Any]:
    """An order as JSON values, without the document's bytes."""
    facts = asdict(replace(order, seal=None)) | {"certificates": [der.hex() for der in order.certificates]}
    del facts["document"], facts["seal"]
    return facts | seal_facts(order.seal)


def order_of_row(services: Services, row: SessionRow) -> SessionOrder:
    """The order that ``order_facts`` was asked for, with its document."""
    certificates = tuple(bytes.fromhex(der) for der in row.order["certificates"])
    document = services.documents.get(row.prepared.get(LETTER, row.document_sha256))
    more = {"certificates": certificates, "document": document, "seal": seal_of_facts(row.order)}
    return SessionOrder(**{**row.order, **more})


def signed_name(order: SessionOrder) -> str:
    """File name of what a session signs."""
    stem = shown_name(order.filename).removesuffix(".pdf") or "van-ban"
    return f"{stem}-da-ky.pdf"
