"""The pieces of which the description is put together: an operation, its answers, its problems, its parameters."""

from __future__ import annotations

from typing import Any

from api.errors import PROBLEMS, Kind
from api.v1.schema_parts import ref

Json = dict[str, Any]

STAFF: list[Json] = [{"portalKey": []}, {"officerSession": []}]

ACCOUNT = (Kind.AUTHENTICATION_REQUIRED, Kind.FORBIDDEN, Kind.FORM_EXPIRED)
UPLOAD = (Kind.MISSING_FILE, Kind.MALFORMED_REQUEST, Kind.UPLOAD_TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE)
ALWAYS = (Kind.INTERNAL, Kind.TEMPORARILY_UNAVAILABLE)

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
            "content": {"application/problem+json": {"schema": ref("Problem")}},
        }
        for status, found in sorted(by_status.items())
    }


def answer(description: str, schema: str) -> Json:
    """A JSON answer of a published schema."""
    return {"description": description, "content": {"application/json": {"schema": ref(schema)}}}


def binary(description: str, media_type: str) -> Json:
    """An answer that is no JSON."""
    return {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}


def path(name: str, description: str, schema: Json) -> Json:
    """A parameter in the path."""
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def header(name: str, description: str, schema: Json, *, required: bool = False) -> Json:
    """A header."""
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def query(name: str, description: str, schema: Json) -> Json:
    """A parameter of the query."""
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def form(properties: Json, required: list[str]) -> Json:
    """A multipart form."""
    return {"multipart/form-data": {"schema": {"type": "object", "properties": properties, "required": required}}}
