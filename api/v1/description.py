"""The OpenAPI 3.1 description: every route with its shapes, its problems and an example. Built once per application."""

from __future__ import annotations

from functools import cache
from typing import Any

from api.actions.events import MAX_EVENTS
from api.errors import Kind
from api.v1.batch_description import batch_paths
from api.v1.copy_description import copy_paths
from api.v1.dossier_description import dossier_paths
from api.v1.examples import EXAMPLES
from api.v1.letter_description import letter_paths
from api.v1.number_description import number_paths
from api.v1.operations import ACCOUNT, Json, answer, binary, header, json_of, operation_of, path, query
from api.v1.release_description import release_paths
from api.v1.scan_description import scan_paths
from api.v1.schemas import SCHEMAS
from api.v1.seal_description import result_paths, seal_paths
from api.v1.session_description import session_paths
from api.v1.verification_description import verification_paths

VERSION = "1.0.0"
"""Of the description; grows with it (semantic versioning), while the addresses stay under ``/v1``."""

_NOBODY: list[Json] = []


_TAGS = [
    {"name": "verifications", "description": "What is a document worth"},
    {"name": "dossiers", "description": "Submissions and what becomes of their papers"},
    {"name": "scans", "description": "Scanned papers"},
    {"name": "seals", "description": "Results signed, sealed and fetched"},
    {"name": "letters", "description": "Numbers and dates of outgoing letters, and letters that wait for them"},
    {"name": "copies", "description": "Copies and certified copies, and their register"},
    {"name": "batches", "description": "Up to 10,000 results sealed under one order, each with its outcome"},
    {"name": "events", "description": "The feed"},
    {"name": "public", "description": "The check that anybody can make"},
    {"name": "operation", "description": "For the machinery around the service"},
]


@cache
def openapi() -> Json:
    """The whole description, ready for ``json.dumps``."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ấn Tín",
            "version": VERSION,
            "summary": "Digital signatures checked, results sealed, and anyone can check them.",
            "description": (
                "Times are ISO 8601 with zone. Failures are RFC 9457 problem documents. "
                "A bad signature is no failure: the answer is 200 with the verdict. "
                "The CSC API, by which other software has digests signed, has descriptions of its own: "
                "/csc/v1/openapi.json and /csc/v2/openapi.json."
            ),
            "license": {"name": "Proprietary", "url": "/v1/docs"},
        },
        "servers": [{"url": "/"}],
        "tags": _TAGS,
        "paths": {
            **verification_paths(),
            **dossier_paths(),
            **scan_paths(),
            **seal_paths(),
            **copy_paths(),
            **release_paths(),
            **number_paths(),
            **letter_paths(),
            **session_paths(),
            **batch_paths(),
            **result_paths(),
            **_events(),
            **_public(),
            **_operation(),
            **_manual(),
        },
        "components": {
            "schemas": {name: _with_example(name, schema) for name, schema in SCHEMAS.items()},
            "parameters": {"AcceptLanguage": header("Accept-Language", "vi (default) or en", {"type": "string"})},
            "securitySchemes": _security_schemes(),
        },
    }


def _security_schemes() -> Json:
    return {
        "portalKey": {
            "type": "http",
            "scheme": "bearer",
            "description": "Portal key, made with `antin` on the machine",
        },
        "officerSession": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-antin_session",
            "description": "Officer's session; requests that change something also carry X-CSRF-Token",
        },
    }


def _with_example(name: str, schema: Json) -> Json:
    return {**schema, "examples": [EXAMPLES[name]]} if name in EXAMPLES else schema


def _events() -> Json:
    after = query("after", "Number of the last event seen", {"type": "integer", "minimum": 0, "default": 0})
    limit = query("limit", "At most", {"type": "integer", "minimum": 1, "maximum": MAX_EVENTS, "default": 100})
    return {
        "/v1/events": {
            "get": operation_of(
                "listEvents",
                "events",
                "Events after a number, oldest first; numbers have gaps where a dossier is not the caller's to see",
                {"200": answer("A page of the feed", "Events")},
                (*ACCOUNT, Kind.INVALID_REQUEST),
                parameters=(after, limit),
            )
        }
    }


def _public() -> Json:
    code = path("code", "Verification code, as typed from the paper", {"type": "string"})
    sha256 = path("sha256", "SHA-256 of the file", {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"})
    return {
        "/v1/public/results/{code}": {
            "get": operation_of(
                "checkByCode",
                "public",
                "What can be said of a verification code; 200 whatever the answer",
                {"200": answer("The answer", "PublicAnswer")},
                (Kind.RATE_LIMITED, Kind.NOT_FOUND),
                parameters=(code,),
                security=_NOBODY,
            )
        },
        "/v1/public/digests/{sha256}": {
            "get": operation_of(
                "checkByDigest",
                "public",
                "What can be said of a file, by its digest",
                {"200": answer("The answer", "PublicAnswer")},
                (Kind.RATE_LIMITED, Kind.INVALID_REQUEST, Kind.NOT_FOUND),
                parameters=(sha256,),
                security=_NOBODY,
            )
        },
    }


def _open(identifier: str, tag: str, summary: str, answers: Json, *more: Kind, **options: Any) -> Json:
    return {"get": operation_of(identifier, tag, summary, answers, more, security=_NOBODY, **options)}


def _operation() -> Json:
    not_ready = {"description": "Not ready", "content": json_of("Readiness")}
    ready = _open("getReadiness", "operation", "Can the service do its work", {"200": answer("Ready", "Readiness")})
    ready["get"]["responses"]["503"] = not_ready
    return {
        "/healthz": _open("getHealth", "operation", "The process answers", {"200": answer("Alive", "Health")}),
        "/readyz": ready,
        "/metrics": _open("getMetrics", "operation", "Counters", {"200": binary("Prometheus text", "text/plain")}),
    }


def _manual() -> Json:
    kind = path("kind", "Last segment of a problem's type", {"type": "string"})
    html = binary("A page", "text/html")
    return {
        "/v1/openapi.json": _open(
            "getDescription",
            "operation",
            "This description",
            {"200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}}},
        ),
        "/v1/docs": _open("getManual", "operation", "This description as a page", {"200": html}),
        "/v1/docs/manual.css": _open(
            "getManualStyle", "operation", "The page's style", {"200": binary("Style sheet", "text/css")}
        ),
        "/v1/problems/{kind}": _open(
            "getProblem", "operation", "What a problem means", {"200": html}, Kind.NOT_FOUND, parameters=(kind,)
        ),
    }
