"""What the OpenAPI description says of copies."""

from __future__ import annotations

from api.actions.copies import MAX_ENTRIES
from api.errors import Kind
from api.v1.operations import ACCOUNT, UPLOAD, Json, answer, form, header, operation_of, path, query
from api.v1.schema_parts import ref

_REFUSED = (
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


def copy_paths() -> Json:
    """Paths of copies."""
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    body = form(
        {"file": {**file, "description": "The scan, or the extract; a PDF"}, "order": ref("CopyOrder")},
        ["file", "order"],
    )
    body["multipart/form-data"]["encoding"] = {"order": {"contentType": "application/json"}}
    key = header(
        "Idempotency-Key",
        "The same key and request again give the same answer and no second copy",
        {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
        required=True,
    )
    after = query("after", "Number of the last entry seen", {"type": "integer", "minimum": 0, "default": 0})
    limit = query("limit", "At most", {"type": "integer", "minimum": 1, "maximum": MAX_ENTRIES, "default": 100})
    return {
        "/v1/copies": {
            "post": operation_of(
                "createCopy",
                "copies",
                "Make a copy (SAO Y, SAO LỤC, TRÍCH SAO) or a certified one: text top right on the first page, signed, "
                "sealed, entered in the register",
                {
                    "201": {**answer("Made", "Copy"), "headers": {"Location": {"schema": {"type": "string"}}}},
                    "202": answer("Waits for a second person; send the same order again for the outcome", "Release"),
                },
                (*ACCOUNT, *UPLOAD, *_REFUSED),
                parameters=(key,),
                body=body,
            )
        },
        "/v1/copies/registers/{agency}/{year}": {
            "get": operation_of(
                "getCopyRegister",
                "copies",
                "The register of copies of an agency's year",
                {"200": answer("A page of the register", "CopyRegister")},
                (*ACCOUNT, Kind.INVALID_REQUEST, Kind.AGENCY_NOT_ALLOWED, Kind.NOT_FOUND),
                parameters=(
                    path("agency", "Key of the agency", {"type": "string"}),
                    path("year", "Year", {"type": "integer", "minimum": 0}),
                    after,
                    limit,
                ),
            )
        },
    }
