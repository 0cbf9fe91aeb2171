"""What the OpenAPI description says of signing sessions."""

from __future__ import annotations

from api.errors import Kind
from api.v1.operations import (
    ACCOUNT,
    BODY,
    UPLOAD,
    Json,
    answer,
    binary,
    created,
    idempotency_key,
    json_of,
    operation_of,
    order_form,
    path,
)

_FLOW = (
    "For a key that is elsewhere: a token on the desk, a remote certificate. 1. Send the document and the signer's "
    "certificate. 2. Show `match_code` to whoever signs, and have the SHA-256 digest of `signed_attributes` signed "
    "(not the document's own). The code can be computed on the other side: the first 8 bytes of SHA-256 over "
    "`antin-match-code`, the session's id and the digest in hexadecimal, each followed by a line feed, as a number, "
    "modulo 1,000,000, six digits. 3. Send the value back: it is verified with the certificate before it is embedded, "
    "and the result is judged like every seal. With `seal` it is the first signature of a result: the agency's seal "
    "follows at once, without another request. With `issue` number and date are written in with the seal, into blanks "
    "that were prepared before the leader signed; `by_clerk` leaves that to an officer. Where that did not work (a "
    "problem is answered), the signature is kept, and the same value again tries once more; the result is sealed once."
)

_SEAL_FOLLOWS = (
    Kind.UNKNOWN_DOSSIER,
    Kind.UNKNOWN_AGENCY,
    Kind.UNKNOWN_SIGNATORY,
    Kind.AGENCY_NOT_ALLOWED,
    Kind.SEAL_IN_PROGRESS,
    Kind.RELEASE_REFUSED,
    Kind.LETTER_RETURNED,
    Kind.UNKNOWN_SERIES,
    Kind.NUMBER_TAKEN,
    Kind.IDEMPOTENCY_KEY_REUSED,
)


_ID = path("session_id", "Id of a signing session", {"type": "string"})
_KNOWN = (*ACCOUNT, Kind.UNKNOWN_SESSION)
_ONE = {"200": answer("The session as it is now", "SigningSession")}


def session_paths() -> Json:
    """Paths of signing sessions."""
    return {
        "/v1/signing-sessions": {"post": _open()},
        "/v1/signing-sessions/{session_id}": {
            "get": operation_of("getSigningSession", "seals", "A signing session", _ONE, _KNOWN, parameters=(_ID,))
        },
        "/v1/signing-sessions/{session_id}/signature": {"put": _sign()},
        "/v1/signing-sessions/{session_id}/refusal": {
            "post": operation_of(
                "refuseSignature",
                "seals",
                "Whoever was to sign does not; the session is over",
                _ONE,
                (*_KNOWN, *BODY, Kind.SESSION_CLOSED),
                parameters=(_ID,),
                body=json_of("SigningSessionRefusal"),
            )
        },
        "/v1/signing-sessions/{session_id}/document": {
            "get": operation_of(
                "getSignedInSession",
                "seals",
                "The signed file",
                {"200": binary("The signed PDF", "application/pdf")},
                (*_KNOWN, Kind.SESSION_CLOSED),
                parameters=(_ID,),
            )
        },
    }


def _open() -> Json:
    key = idempotency_key("the same session")
    opened = created("Opened", "SigningSession")
    operation = operation_of(
        "openSigningSession",
        "seals",
        "Prepare a document to be signed by a key that is elsewhere",
        {"201": opened},
        (
            *ACCOUNT,
            *UPLOAD,
            Kind.IDEMPOTENCY_KEY_MISSING,
            Kind.INVALID_REQUEST,
            Kind.UNKNOWN_DOSSIER,
            Kind.IDEMPOTENCY_KEY_REUSED,
            Kind.SEAL_REFUSED,
            Kind.SEALING_NOT_CONFIGURED,
            Kind.AGENCY_NOT_ALLOWED,
            Kind.UNKNOWN_AGENCY,
            Kind.UNKNOWN_SIGNATORY,
            Kind.UNKNOWN_SERIES,
        ),
        parameters=(key,),
        body=order_form("The document, a PDF", "SigningSessionOrder"),
    )
    return {**operation, "description": _FLOW}


def _sign() -> Json:
    refused = (Kind.SESSION_CLOSED, Kind.SIGNATURE_WRONG, Kind.SEAL_REFUSED, Kind.SEALING_NOT_CONFIGURED)
    return operation_of(
        "putSignature",
        "seals",
        "The signature value; the same value again gives the same answer",
        _ONE,
        (*_KNOWN, *BODY, *refused, *_SEAL_FOLLOWS),
        parameters=(_ID,),
        body=json_of("SigningSessionValue"),
    )
