"""The OpenAPI description of seals, their previews, and what becomes of results."""

from __future__ import annotations

from api.errors import Kind
from api.v1.operations import (
    ACCOUNT,
    BODY,
    SEAL_CREATION,
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
    waits,
)

_PREVIEW_REFUSED = (
    Kind.INVALID_REQUEST,
    Kind.UNKNOWN_AGENCY,
    Kind.UNKNOWN_SIGNATORY,
    Kind.AGENCY_NOT_ALLOWED,
    Kind.SEAL_REFUSED,
    Kind.SEALING_NOT_CONFIGURED,
)
_CODE = path("result_code", "Result code <dossier>-KQ<n>", {"type": "string"})
_KEY = idempotency_key("the same answer and no second seal")


def seal_paths() -> Json:
    """The routes of seals."""
    return {
        "/v1/seals": {
            "post": operation_of(
                "createSeal",
                "seals",
                "Sign a result with the authorised person's key and seal it with the agency's; an attachment of "
                "one with the agency's alone",
                {
                    "201": created("Sealed", "Seal"),
                    "202": waits(),
                },
                (*ACCOUNT, *UPLOAD, *SEAL_CREATION),
                parameters=(_KEY,),
                body=order_form("The result, a PDF", "SealOrder"),
            )
        },
        "/v1/seals/previews": {
            "post": operation_of(
                "previewSeal",
                "seals",
                "Show how a result would look when sealed, or why it cannot be; nothing is signed, no code claimed",
                {"200": answer("The page with its seals", "SealPreview")},
                (*ACCOUNT, *UPLOAD, *_PREVIEW_REFUSED),
                body=order_form("The result, a PDF", "SealPreviewOrder"),
            )
        },
        "/v1/seals/{result_code}": {
            "get": operation_of(
                "getSeal",
                "seals",
                "The record of a sealed result",
                {"200": answer("The record", "Seal")},
                (*ACCOUNT, Kind.UNKNOWN_RESULT),
                parameters=(_CODE,),
            )
        },
        "/v1/results/{result_code}/document": {
            "get": operation_of(
                "getResultDocument",
                "seals",
                "The sealed file",
                {"200": binary("The sealed PDF", "application/pdf")},
                (*ACCOUNT, Kind.UNKNOWN_RESULT),
                parameters=(_CODE,),
            )
        },
    }


def result_paths() -> Json:
    """The routes of results."""
    return {
        "/v1/results/{result_code}": {
            "get": operation_of(
                "getResult",
                "seals",
                "A result with its state, its decisions and every version of its file",
                {"200": answer("The result", "Result")},
                (*ACCOUNT, Kind.UNKNOWN_RESULT),
                parameters=(_CODE,),
            )
        },
        "/v1/evidence-health": {
            "get": operation_of(
                "getEvidenceHealth",
                "seals",
                "Until when the evidence of the caller's results holds, what is due, what is stuck and why",
                {"200": answer("The state of the evidence", "EvidenceHealth")},
                ACCOUNT,
            )
        },
        "/v1/results/{result_code}/withdrawal": _decision(
            "withdrawResult", "Withdraw a result: signatures valid, no longer in force", "WithdrawalRequest"
        ),
        "/v1/results/{result_code}/replacement": _decision(
            "replaceResult", "Name the result that holds in its place", "ReplacementRequest"
        ),
        "/v1/results/{result_code}/correction": _decision(
            "correctResult", "Correct the register's facts, with a note for everybody", "CorrectionRequest"
        ),
    }


def _decision(identifier: str, summary: str, schema: str) -> Json:
    key = idempotency_key("the same answer and no second decision")
    refused = (
        *(Kind.IDEMPOTENCY_KEY_MISSING, Kind.RIGHT_MISSING, Kind.UNKNOWN_RESULT, Kind.RESULT_NOT_IN_FORCE),
        *(Kind.IDEMPOTENCY_KEY_REUSED, Kind.SUCCESSOR_NOT_USABLE),
    )
    operation = operation_of(
        identifier,
        "seals",
        summary,
        {"201": answer("The result as it is from now on", "Result")},
        (*ACCOUNT, *BODY, *refused),
        parameters=(_CODE, key),
        body=json_of(schema),
    )
    return {"post": operation}
