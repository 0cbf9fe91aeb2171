"""What the OpenAPI description says of signing sessions."""

from __future__ import annotations

from api.errors import Kind
from api.v1.operations import ACCOUNT, UPLOAD, Json, answer, binary, form, header, operation_of, path
from api.v1.schema_parts import ref

_FLOW = (
    "For a key that is elsewhere: a token on the desk, a remote certificate. 1. Send the document and the signer's "
    "certificate. 2. Show `match_code` to whoever signs, and have the SHA-256 digest of `signed_attributes` signed "
    "(not the document's own). The code can be computed on the other side: the first 8 bytes of SHA-256 over "
    "`antin-match-code`, the session's id and the digest in hexadecimal, each followed by a line feed, as a number, "
    "modulo 1,000,000, six digits. 3. Send the value back: it is verified with the certificate before it is embedded, "
    "and the result is judged like every seal. With `seal` it is the first signature of a result: the agency's seal "
    "follows at once, without another request. Where that did not work (a problem is answered), the signature is kept, "
    "and the same value again tries once more; the result is sealed once."
)

_SEAL_FOLLOWS = (
    Kind.UNKNOWN_DOSSIER,
    Kind.UNKNOWN_AGENCY,
    Kind.UNKNOWN_SIGNATORY,
    Kind.AGENCY_NOT_ALLOWED,
    Kind.SEAL_IN_PROGRESS,
    Kind.RELEASE_REFUSED,
    Kind.IDEMPOTENCY_KEY_REUSED,
)


def session_paths() -> Json:
    """Paths of signing sessions."""
    session = path("session_id", "Id of a signing session", {"type": "string"})
    known = (*ACCOUNT, Kind.UNKNOWN_SESSION)
    body = (Kind.MALFORMED_REQUEST, Kind.INVALID_REQUEST, Kind.UPLOAD_TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE)
    one = {"200": answer("The session as it is now", "SigningSession")}
    return {
        "/v1/signing-sessions": {"post": _open()},
        "/v1/signing-sessions/{session_id}": {
            "get": operation_of("getSigningSession", "seals", "A signing session", one, known, parameters=(session,))
        },
        "/v1/signing-sessions/{session_id}/signature": {
            "put": operation_of(
                "putSignature",
                "seals",
                "The signature value; the same value again gives the same answer",
                one,
                (
                    *known,
                    *body,
                    Kind.SESSION_CLOSED,
                    Kind.SIGNATURE_WRONG,
                    Kind.SEAL_REFUSED,
                    Kind.SEALING_NOT_CONFIGURED,
                    *_SEAL_FOLLOWS,
                ),
                parameters=(session,),
                body={"application/json": {"schema": ref("SigningSessionValue")}},
            )
        },
        "/v1/signing-sessions/{session_id}/refusal": {
            "post": operation_of(
                "refuseSignature",
                "seals",
                "Whoever was to sign does not; the session is over",
                one,
                (*known, *body, Kind.SESSION_CLOSED),
                parameters=(session,),
                body={"application/json": {"schema": ref("SigningSessionRefusal")}},
            )
        },
        "/v1/signing-sessions/{session_id}/document": {
            "get": operation_of(
                "getSignedInSession",
                "seals",
                "The signed file",
                {"200": binary("The signed PDF", "application/pdf")},
                (*known, Kind.SESSION_CLOSED),
                parameters=(session,),
            )
        },
    }


def _open() -> Json:
    key = header(
        "Idempotency-Key",
        "The same key and request again give the same session",
        {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        required=True,
    )
    file = {"type": "string", "contentMediaType": "application/octet-stream", "description": "The document, a PDF"}
    body = form({"file": file, "order": ref("SigningSessionOrder")}, ["file", "order"])
    body["multipart/form-data"]["encoding"] = {"order": {"contentType": "application/json"}}
    opened = {**answer("Opened", "SigningSession"), "headers": {"Location": {"schema": {"type": "string"}}}}
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
        ),
        parameters=(key,),
        body=body,
    )
    return {**operation, "description": _FLOW}
