"""The shapes of signing sessions: what is ordered, what is to be signed, what came of it."""

from __future__ import annotations

from api.actions.seal_order import SEAL_LEVELS
from api.actions.signing_sessions import MAX_REASON_CHARACTERS
from api.dossiers.signing_session import MAX_WRONG_VALUES, SessionState
from api.v1.schema_parts import (
    DOSSIER_CODE,
    SHA256,
    Schema,
    enum,
    list_of,
    maybe,
    named,
    object_of,
    ref,
    text,
    time,
)
from api.v1.seal_schemas import ISSUE, RESULT_FACTS

MAX_CERTIFICATE_CHARACTERS = 16 * 1024
MAX_CERTIFICATES = 6

_BASE64 = r"^[A-Za-z0-9+/]+={0,2}$"


def _base64(description: str, most: int) -> Schema:
    return text(f"{description} (Base64)", least=4, most=most, pattern=_BASE64)


SESSION_SCHEMAS: dict[str, Schema] = {
    "SigningSessionOrder": object_of(
        {
            "certificates": {
                **list_of(
                    _base64("DER certificate", MAX_CERTIFICATE_CHARACTERS),
                    "The signer's first, then issuers if known",
                ),
                "minItems": 1,
                "maxItems": MAX_CERTIFICATES,
            },
            "level": {
                "type": "string",
                "enum": list(SEAL_LEVELS),
                "description": "PAdES level; B-T if absent, B-LT where a seal follows",
            },
            "name": named("What the visible signature shows; the certificate's name if absent", 200),
            "title": named("The signer's title", 200),
            "dossier": {"type": "string", "pattern": DOSSIER_CODE, "description": "Dossier the document belongs to"},
            "seal": maybe(ref("SealAfterSession")),
        },
        optional=("level", "name", "title", "dossier", "seal"),
        closed=True,
    ),
    "SealAfterSession": object_of(
        {
            "agency": text("Key of the agency whose seal follows", least=1, most=64),
            "signatory": text("Key of the signatory whose token signs; its key is elsewhere", least=1, most=64),
            "level": {"type": "string", "enum": list(SEAL_LEVELS), "description": "Of the result; B-LTA if absent"},
            **RESULT_FACTS,
            "issue": ISSUE,
        },
        optional=("level", "number", "issued_on", "valid_until", "issue"),
        closed=True,
    ),
    "SealedAfterSession": object_of(
        {
            "result_code": maybe({"type": "string", "description": "Set once the agency's seal is on it"}),
            "release": maybe({"type": "string", "description": "The request, where a second person has to release it"}),
            "letter": maybe({"type": "string", "description": "The letter, where a clerk has to issue it"}),
        }
    ),
    "SigningSessionValue": object_of(
        {
            "value": _base64("The signature value: RSASSA-PKCS1-v1_5, or ECDSA as DER", 4096),
            "digest_sha256": {**SHA256, "description": "The digest that was signed, as the signing side was shown it"},
            "match_code": text("As the signing side was shown it", least=6, most=6, pattern="^[0-9]{6}$"),
        },
        closed=True,
    ),
    "SigningSessionRefusal": object_of(
        {"reason": named("Why it is not signed", MAX_REASON_CHARACTERS)},
        closed=True,
    ),
    "SigningSession": object_of(
        {
            "id": {"type": "string"},
            "state": enum(SessionState, "Where it stands"),
            "document_sha256": {**SHA256, "description": "The document as it came"},
            "signed_attributes": _base64("The DER that is to be signed (RFC 5652 §5.4)", 65536),
            "digest_sha256": {**SHA256, "description": "SHA-256 of the signed attributes: what a token is given"},
            "signature_algorithm": {"type": "string", "enum": ["sha256_rsa", "sha256_ecdsa"]},
            "match_code": text("Six digits that both sides show and compare", least=6, most=6),
            "level": {"type": "string", "enum": list(SEAL_LEVELS)},
            "dossier": maybe({"type": "string"}),
            "attempts_left": {"type": "integer", "minimum": 0, "maximum": MAX_WRONG_VALUES},
            "reason": maybe({"type": "string", "description": "Why it was refused"}),
            "created_at": time("When it was opened"),
            "expires_at": time("Until when a value is taken"),
            "result": maybe(ref("SignedInSession")),
            "seal": maybe(ref("SealedAfterSession")),
        }
    ),
    "SignedInSession": object_of(
        {
            "sha256": SHA256,
            "size_bytes": {"type": "integer", "minimum": 1},
            "document_url": {"type": "string"},
            "verification": {"type": "string", "description": "Id of the self-check's report"},
        }
    ),
}
