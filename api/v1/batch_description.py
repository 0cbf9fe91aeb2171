"""What the OpenAPI description says of batches."""

from __future__ import annotations

from api.actions.batch_view import MAX_ITEMS_A_PAGE, MAX_LISTED, ItemState
from api.errors import Kind
from api.v1.operations import (
    ACCOUNT,
    Json,
    answer,
    binary,
    created,
    idempotency_key,
    json_of,
    operation_of,
    path,
    query,
)

_FLOW = (
    "1. Record the batch with the SHA-256 of each document; nothing is sealed yet. 2. Send each document by itself, in "
    "any order, several at a time if you like; what had come before is taken again without harm, `missing_documents` "
    "says what is missing after a break. 3. `when_complete` says what follows the last document: wait, check (dry run) "
    "or seal. Items are sealed by `antin worker`, each exactly once, however often workers die; follow the events "
    "`batch.progressed`, `batch.item-failed`, `batch.waiting` and `batch.finished`. Two items with the same dossier "
    "and document, or the same result number, are refused as a whole; anything wrong with one result alone is that "
    "item's outcome, with its reason."
)

_CONTROLS = (
    ("check", "checkBatch", "Dry run: every check and placement for each item, nothing signed, no number claimed"),
    ("start", "startBatch", "Begin to seal a batch that is ready"),
    ("pause", "pauseBatch", "Take on no further items; those in work are finished"),
    ("resume", "resumeBatch", "Go on after a pause"),
    ("cancel", "cancelBatch", "Give up what is not sealed yet; sealed results stay, items in work are finished"),
    ("repeat", "repeatBatch", "Try the refused items once more, under their own keys"),
)


def batch_paths() -> Json:
    """Paths of batches."""
    batch = path("batch_id", "Id of a batch", {"type": "string"})
    known = (*ACCOUNT, Kind.UNKNOWN_BATCH)
    return {
        "/v1/batches": {"post": _create(), "get": _list()},
        "/v1/batches/{batch_id}": {
            "get": operation_of(
                "getBatch",
                "batches",
                "A batch with its counts and a page of its items",
                {"200": answer("The batch", "BatchPage")},
                (*known, Kind.INVALID_REQUEST),
                parameters=(batch, *_paging()),
            )
        },
        "/v1/batches/{batch_id}/documents/{sha256}": {"put": _document(batch)},
        "/v1/batches/{batch_id}/items/{position}/picture.png": {"get": _picture(batch)},
        **{
            f"/v1/batches/{{batch_id}}/{name}": {
                "post": operation_of(
                    identifier,
                    "batches",
                    summary,
                    {"200": answer("The batch as it is now", "Batch")},
                    (*known, Kind.RIGHT_MISSING, Kind.BATCH_STATE),
                    parameters=(batch,),
                )
            }
            for name, identifier, summary in _CONTROLS
        },
    }


def _create() -> Json:
    key = idempotency_key("the same batch")
    problems = (
        Kind.MALFORMED_REQUEST,
        Kind.INVALID_REQUEST,
        Kind.IDEMPOTENCY_KEY_MISSING,
        Kind.IDEMPOTENCY_KEY_REUSED,
        Kind.UNKNOWN_AGENCY,
        Kind.UNKNOWN_SIGNATORY,
        Kind.AGENCY_NOT_ALLOWED,
        Kind.RIGHT_MISSING,
        Kind.BATCH_TOO_LARGE,
        Kind.UPLOAD_TOO_LARGE,
        Kind.UNSUPPORTED_MEDIA_TYPE,
        Kind.SEALING_NOT_CONFIGURED,
    )
    recorded = created("Recorded", "Batch")
    operation = operation_of(
        "createBatch",
        "batches",
        "Record a batch of results to be sealed",
        {"201": recorded},
        (*ACCOUNT, *problems),
        parameters=(key,),
        body=json_of("BatchOrder"),
    )
    return {**operation, "description": _FLOW}


def _list() -> Json:
    limit = query("limit", "At most", {"type": "integer", "minimum": 1, "maximum": MAX_LISTED, "default": 20})
    return operation_of(
        "listBatches",
        "batches",
        "The newest batches of the agencies that the caller may seal for",
        {"200": answer("Batches", "Batches")},
        (*ACCOUNT, Kind.INVALID_REQUEST),
        parameters=(limit,),
    )


def _paging() -> tuple[Json, ...]:
    states = {"type": "string", "enum": [state.value for state in ItemState]}
    return (
        query("after", "Position of the last item seen", {"type": "integer", "minimum": 0, "default": 0}),
        query("limit", "Items at most", {"type": "integer", "minimum": 1, "maximum": MAX_ITEMS_A_PAGE, "default": 100}),
        query("state", "Only items in this state", states),
    )


def _document(batch: Json) -> Json:
    sha256 = path("sha256", "SHA-256 of the document, as the batch names it", {"type": "string"})
    problems = (Kind.UNKNOWN_BATCH, Kind.INVALID_REQUEST, Kind.UPLOAD_TOO_LARGE, Kind.BATCH_TOO_LARGE, Kind.BATCH_STATE)
    return operation_of(
        "putBatchDocument",
        "batches",
        "Send one document of a batch; the same again does no harm",
        {"200": answer("Taken in", "BatchDocument")},
        (*ACCOUNT, *problems, Kind.UNSUPPORTED_MEDIA_TYPE),
        parameters=(batch, sha256),
        body={"application/pdf": {"schema": {"type": "string", "contentMediaType": "application/pdf"}}},
    )


def _picture(batch: Json) -> Json:
    position = path("position", "Position of an item", {"type": "integer", "minimum": 1})
    return operation_of(
        "getBatchItemPicture",
        "batches",
        "How the page with the seals would look, under a specimen code; nothing is signed",
        {"200": binary("PNG", "image/png")},
        (
            *ACCOUNT,
            Kind.UNKNOWN_BATCH,
            Kind.NOT_FOUND,
            Kind.INVALID_REQUEST,
            Kind.SEAL_REFUSED,
            Kind.UNKNOWN_DOSSIER,
            Kind.RESULT_CODE_TAKEN,
            Kind.AGENCY_NOT_ALLOWED,
            Kind.UNKNOWN_AGENCY,
            Kind.UNKNOWN_SIGNATORY,
            Kind.SEALING_NOT_CONFIGURED,
        ),
        parameters=(batch, position),
    )
