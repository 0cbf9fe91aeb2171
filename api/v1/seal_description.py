"""The OpenAPI description of seals, their previews, and what becomes of results."""

from __future__ import annotations

from api.errors import Kind
from api.v1.operations import ACCOUNT as _ACCOUNT
from api.v1.operations import UPLOAD as _UPLOAD
from api.v1.operations import Json
from api.v1.operations import answer as _answer
from api.v1.operations import binary as _binary
from api.v1.operations import form as _form
from api.v1.operations import header as _header
from api.v1.operations import operation_of as _operation_of
from api.v1.operations import path as _path
from api.v1.schema_parts import ref

_FILE: Json = {"type": "string", "contentMediaType": "application/octet-stream"}
_OFFICER: list[Json] = [{"officerSession": []}]


def _preview_refused() -> tuple[Kind, ...]:
    return (
        Kind.INVALID_REQUEST,
        Kind.UNKNOWN_AGENCY,
        Kind.UNKNOWN_SIGNATORY,
        Kind.AGENCY_NOT_ALLOWED,
        Kind.SEAL_REFUSED,
        Kind.SEALING_NOT_CONFIGURED,
    )


_CREATION_REFUSED = (
    Kind.IDEMPOTENCY_KEY_MISSING,
    Kind.INVALID_REQUEST,
    Kind.UNKNOWN_AGENCY,
    Kind.UNKNOWN_SIGNATORY,
    Kind.AGENCY_NOT_ALLOWED,
    Kind.UNKNOWN_DOSSIER,
    Kind.RESULT_CODE_TAKEN,
    Kind.SEAL_IN_PROGRESS,
    Kind.SEAL_AWAITS_RELEASE,
    Kind.RELEASE_REFUSED,
    Kind.IDEMPOTENCY_KEY_REUSED,
    Kind.SEAL_REFUSED,
    Kind.SEALING_NOT_CONFIGURED,
)
_KEY = _header(
    "Idempotency-Key",
    "The same key and request again give the same answer and no second seal",
    {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    required=True,
)


def _order_form(order: str) -> Json:
    file = {**_FILE, "description": "The result, a PDF"}
    body = _form({"file": file, "order": ref(order)}, ["file", "order"])
    body["multipart/form-data"]["encoding"] = {"order": {"contentType": "application/json"}}
    return body


def seal_paths() -> Json:
    """The routes of seals."""
    code = _path("result_code", "Result code <dossier>-KQ<n>", {"type": "string"})
    return {
        "/v1/seals": {
            "post": _operation_of(
                "createSeal",
                "seals",
                "Sign a result with the authorised person's key and seal it with the agency's; an attachment of "
                "one with the agency's alone",
                {
                    "201": {**_answer("Sealed", "Seal"), "headers": {"Location": {"schema": {"type": "string"}}}},
                    "202": _answer("Waits for a second person; send the same order again for the outcome", "Release"),
                },
                (*_ACCOUNT, *_UPLOAD, *_CREATION_REFUSED),
                parameters=(_KEY,),
                body=_order_form("SealOrder"),
            )
        },
        "/v1/seals/previews": {
            "post": _operation_of(
                "previewSeal",
                "seals",
                "Show how a result would look when sealed, or why it cannot be; nothing is signed, no code claimed",
                {"200": _answer("The page with its seals", "SealPreview")},
                (*_ACCOUNT, *_UPLOAD, *_preview_refused()),
                body=_order_form("SealPreviewOrder"),
            )
        },
        "/v1/seals/{result_code}": {
            "get": _operation_of(
                "getSeal",
                "seals",
                "The record of a sealed result",
                {"200": _answer("The record", "Seal")},
                (*_ACCOUNT, Kind.UNKNOWN_RESULT),
                parameters=(code,),
            )
        },
        "/v1/results/{result_code}/document": {
            "get": _operation_of(
                "getResultDocument",
                "seals",
                "The sealed file",
                {"200": _binary("The sealed PDF", "application/pdf")},
                (*_ACCOUNT, Kind.UNKNOWN_RESULT),
                parameters=(code,),
            )
        },
    }


def result_paths() -> Json:
    """The routes of results."""
    code = _path("result_code", "Result code <dossier>-KQ<n>", {"type": "string"})
    key = _header(
        "Idempotency-Key",
        "The same key and request again give the same answer and no second decision",
        {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        required=True,
    )
    refused = (
        *(Kind.IDEMPOTENCY_KEY_MISSING, Kind.INVALID_REQUEST, Kind.MALFORMED_REQUEST, Kind.UPLOAD_TOO_LARGE),
        *(Kind.UNSUPPORTED_MEDIA_TYPE, Kind.RIGHT_MISSING, Kind.UNKNOWN_RESULT, Kind.RESULT_NOT_IN_FORCE),
        *(Kind.IDEMPOTENCY_KEY_REUSED, Kind.SUCCESSOR_NOT_USABLE),
    )

    def decision(identifier: str, summary: str, schema: str) -> Json:
        body = {"application/json": {"schema": ref(schema)}}
        answers = {"201": _answer("The result as it is from now on", "Result")}
        options: Json = {"parameters": (code, key), "body": body}
        return {"post": _operation_of(identifier, "seals", summary, answers, (*_ACCOUNT, *refused), **options)}

    return {
        "/v1/results/{result_code}": {
            "get": _operation_of(
                "getResult",
                "seals",
                "A result with its state, its decisions and every version of its file",
                {"200": _answer("The result", "Result")},
                (*_ACCOUNT, Kind.UNKNOWN_RESULT),
                parameters=(code,),
            )
        },
        "/v1/evidence-health": {
            "get": _operation_of(
                "getEvidenceHealth",
                "seals",
                "Until when the evidence of the caller's results holds, what is due, what is stuck and why",
                {"200": _answer("The state of the evidence", "EvidenceHealth")},
                _ACCOUNT,
            )
        },
        "/v1/results/{result_code}/withdrawal": decision(
            "withdrawResult", "Withdraw a result: signatures valid, no longer in force", "WithdrawalRequest"
        ),
        "/v1/results/{result_code}/replacement": decision(
            "replaceResult", "Name the result that holds in its place", "ReplacementRequest"
        ),
        "/v1/results/{result_code}/correction": decision(
            "correctResult", "Correct the register's facts, with a note for everybody", "CorrectionRequest"
        ),
    }
