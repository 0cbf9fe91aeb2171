"""What the OpenAPI description says of copies."""

from __future__ import annotations

from api.actions.copies import MAX_ENTRIES
from api.errors import Kind
from api.v1.operations import (
    ACCOUNT,
    SEAL_CREATION,
    UPLOAD,
    Json,
    answer,
    created,
    idempotency_key,
    operation_of,
    order_form,
    path,
    query,
)


def copy_paths() -> Json:
    """Paths of copies."""
    key = idempotency_key("the same answer and no second copy")
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
                    "201": created("Made", "Copy"),
                    "202": answer("Waits for a second person; send the same order again for the outcome", "Release"),
                },
                (*ACCOUNT, *UPLOAD, *SEAL_CREATION),
                parameters=(key,),
                body=order_form("The scan, or the extract; a PDF", "CopyOrder"),
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
