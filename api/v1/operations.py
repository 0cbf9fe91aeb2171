"""The pieces of which the description is put together: an operation, its answers, its problems, its parameters."""

from __future__ import annotations

from typing import Any

from api.errors import PROBLEMS, Kind
from api.v1.schema_parts import ref

Json = dict[str, Any]

STAFF: list[Json] = [{"portalKey": []}, {"officerSession": []}]
OFFICER: list[Json] = [{"officerSession": []}]

ACCOUNT = (Kind.AUTHENTICATION_REQUIRED, Kind.FORBIDDEN, Kind.FORM_EXPIRED)
UPLOAD = (Kind.MISSING_FILE, Kind.MALFORMED_REQUEST, Kind.UPLOAD_TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE)
BODY = (Kind.MALFORMED_REQUEST, Kind.INVALID_REQUEST, Kind.UPLOAD_TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE)
SEAL_CREATION = (
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
    Kind.LETTER_AWAITS_ISSUE,
    Kind.LETTER_RETURNED,
    Kind.UNKNOWN_SERIES,
    Kind.NUMBER_TAKEN,
    Kind.IDEMPOTENCY_KEY_REUSED,
    Kind.SEAL_REFUSED,
    Kind.SEALING_NOT_CONFIGURED,
)
"""Why a result or a copy is not sealed."""
ALWAYS = (Kind.INTERNAL, Kind.TEMPORARILY_UNAVAILABLE, Kind.BUSY)

RETRIED = frozenset(
    {
        Kind.BUSY,
        Kind.TEMPORARILY_UNAVAILABLE,
        Kind.SEAL_IN_PROGRESS,
        Kind.SEAL_AWAITS_RELEASE,
        Kind.LETTER_AWAITS_ISSUE,
        Kind.RATE_LIMITED,
        Kind.SIGN_IN_THROTTLED,
    }
)
"""Problems that pass: the same request, sent again after ``Retry-After``, is answered."""
RETRY_AFTER: Json = {
    "description": "Seconds after which the same request may be sent again. On 503 busy all workers are in use and "
    "nothing was done; on 409 seal-in-progress the same request with the same Idempotency-Key asks how it went",
    "schema": {"type": "integer", "minimum": 1},
}

FILE: Json = {"type": "string", "contentMediaType": "application/octet-stream"}
LANGUAGE: Json = {"$ref": "#/components/parameters/AcceptLanguage"}


def operation_of(
    identifier: str,
    tag: str,
    summary: str,
    answers: Json,
    problems: tuple[Kind, ...] = (),
    *,
    security: list[Json] | None = None,
    parameters: tuple[Json, ...] = (),
    body: Json | None = None,
) -> Json:
    """One operation; ``problems`` are grouped by status into problem responses."""
    operation: Json = {
        "operationId": identifier,
        "tags": [tag],
        "summary": summary,
        "security": STAFF if security is None else security,
        "parameters": [*parameters, LANGUAGE],
        "responses": {**answers, **problems_of((*problems, *ALWAYS))},
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def problems_of(kinds: tuple[Kind, ...]) -> Json:
    """The answers of refusals, by status."""
    by_status: dict[int, list[Kind]] = {}
    for kind in kinds:
        by_status.setdefault(PROBLEMS[kind].status, []).append(kind)
    return {
        str(status): {
            "description": " · ".join(kind.value for kind in sorted(set(found))),
            **({"headers": {"Retry-After": RETRY_AFTER}} if RETRIED & set(found) else {}),
            "content": {"application/problem+json": {"schema": ref("Problem")}},
        }
        for status, found in sorted(by_status.items())
    }


def answer(description: str, schema: str) -> Json:
    """A JSON answer of a published schema."""
    return {"description": description, "content": {"application/json": {"schema": ref(schema)}}}


def created(description: str, schema: str) -> Json:
    """A JSON answer that says in Location where what was made is."""
    return {**answer(description, schema), "headers": {"Location": {"schema": {"type": "string"}}}}


def waits() -> Json:
    """The answer to an order that waits for a person: a second one who releases it, or the clerk who issues it."""
    said = "Waits for a second person (Release) or for the clerk (Letter); send the same order again for the outcome"
    schema = {"anyOf": [ref("Release"), ref("Letter")]}
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def binary(description: str, media_type: str) -> Json:
    """An answer that is no JSON."""
    return {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}


def path(name: str, description: str, schema: Json) -> Json:
    """A parameter in the path."""
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def header(name: str, description: str, schema: Json, *, required: bool = False) -> Json:
    """A header."""
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def idempotency_key(outcome: str) -> Json:
    """The header by which a request may be sent twice; ``outcome`` is what comes of it once."""
    said = f"The same key and request again give {outcome}"
    schema = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"}
    return header("Idempotency-Key", said, schema, required=True)


def query(name: str, description: str, schema: Json) -> Json:
    """A parameter of the query."""
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def form(properties: Json, required: list[str]) -> Json:
    """A multipart form."""
    return {"multipart/form-data": {"schema": {"type": "object", "properties": properties, "required": required}}}


def order_form(document: str, order: str) -> Json:
    """A multipart form of a file (``document`` describes it) and an order, which is JSON of a published schema."""
    body = form({"file": {**FILE, "description": document}, "order": ref(order)}, ["file", "order"])
    body["multipart/form-data"]["encoding"] = {"order": {"contentType": "application/json"}}
    return body


def json_of(schema: str) -> Json:
    """A JSON body of a published schema."""
    return {"application/json": {"schema": ref(schema)}}
