"""The OpenAPI 3.1 description: every route with its shapes, its problems and an example. Built once per application."""

from __future__ import annotations

from functools import cache
from typing import Any

from api.actions.events import MAX_EVENTS
from api.errors import Kind
from api.v1.batch_description import batch_paths
from api.v1.copy_description import copy_paths
from api.v1.examples import EXAMPLES
from api.v1.operations import ACCOUNT as _ACCOUNT
from api.v1.operations import UPLOAD as _UPLOAD
from api.v1.operations import Json
from api.v1.operations import answer as _answer
from api.v1.operations import binary as _binary
from api.v1.operations import form as _form
from api.v1.operations import header as _header
from api.v1.operations import operation_of as _operation_of
from api.v1.operations import path as _path
from api.v1.operations import query as _query
from api.v1.release_description import release_paths
from api.v1.scan_description import scan_paths
from api.v1.schema_parts import DOSSIER_CODE, ref
from api.v1.schemas import SCHEMAS
from api.v1.seal_description import result_paths, seal_paths
from api.v1.session_description import session_paths

VERSION = "1.0.0"
"""Of the description; grows with it (semantic versioning), while the addresses stay under ``/v1``."""

_NOBODY: list[Json] = []
_OFFICER: list[Json] = [{"officerSession": []}]

_EVIDENCE = (
    "A ZIP with manifest.json (format antin-evidence/1, document_sha256, content_sha256, policy, policy_sha256, "
    "trust_store_sha256, validation_time, received_at, conclusion, report_sha256, pieces: kind certificate, crl, ocsp, "
    "time-stamp or other, sha256, file), manifest.json.p7s (the service's seal on the manifest, a detached CMS "
    "signature, where a report key is configured), report.json (the verdict as it was given) and evidence/ with the "
    "pieces as DER, the anchors used included. `antin verify FILE --evidence BUNDLE` judges again from it, without "
    "network."
)

_FILE: Json = {"type": "string", "contentMediaType": "application/octet-stream"}


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
        "tags": [
            {"name": "verifications", "description": "What is a document worth"},
            {"name": "dossiers", "description": "Submissions and what becomes of their papers"},
            {"name": "scans", "description": "Scanned papers"},
            {"name": "seals", "description": "Results signed, sealed and fetched"},
            {"name": "copies", "description": "Copies and certified copies, and their register"},
            {"name": "batches", "description": "Up to 10,000 results sealed under one order, each with its outcome"},
            {"name": "events", "description": "The feed"},
            {"name": "public", "description": "The check that anybody can make"},
            {"name": "operation", "description": "For the machinery around the service"},
        ],
        "paths": {
            **_verifications(),
            **_dossiers(),
            **scan_paths(),
            **seal_paths(),
            **copy_paths(),
            **release_paths(),
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
            "parameters": {"AcceptLanguage": _header("Accept-Language", "vi (default) or en", {"type": "string"})},
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


def _verifications() -> Json:
    form = _form(
        {
            "file": {**_FILE, "description": "The document: PDF, XML, CMS or whatever came"},
            "dossier": {"type": "string", "description": "Code of the dossier it belongs to"},
            "policy": {"type": "string", "description": "Validation policy; the configured one if absent"},
            "content": {**_FILE, "description": "The signed file of a detached CMS"},
        },
        ["file"],
    )
    identifier = _path("verification_id", "Id of a verification", {"type": "string"})
    return {
        "/v1/verifications": {
            "post": _operation_of(
                "createVerification",
                "verifications",
                "Check a document; 200 whatever the verdict",
                {"200": _answer("The report", "VerificationAnswer")},
                (*_ACCOUNT, *_UPLOAD, Kind.UNKNOWN_POLICY, Kind.UNKNOWN_DOSSIER),
                body=form,
            )
        },
        "/v1/verifications/{verification_id}": {
            "get": _operation_of(
                "getVerification",
                "verifications",
                "The report as it was given",
                {"200": _answer("The report", "VerificationAnswer")},
                (*_ACCOUNT, Kind.UNKNOWN_VERIFICATION),
                parameters=(identifier,),
            )
        },
        "/v1/verifications/{verification_id}/report.xml": {
            "get": _operation_of(
                "getVerificationReportXml",
                "verifications",
                "The verdict as an ETSI TS 119 102-2 report",
                {"200": _binary("ETSI report, sealed (XAdES) where a report key is configured", "application/xml")},
                (*_ACCOUNT, Kind.UNKNOWN_VERIFICATION),
                parameters=(identifier,),
            )
        },
        "/v1/verifications/{verification_id}/report.pdf": {
            "get": _operation_of(
                "getVerificationReportPdf",
                "verifications",
                "The verdict on paper, in Vietnamese",
                {"200": _binary("Pages with the seven fields of TT 15/2025 for each signature", "application/pdf")},
                (*_ACCOUNT, Kind.UNKNOWN_VERIFICATION),
                parameters=(identifier,),
            )
        },
        "/v1/verifications/{verification_id}/evidence": {
            "get": _operation_of(
                "getVerificationEvidence",
                "verifications",
                "What the verdict rests on besides the document",
                {"200": _binary(_EVIDENCE, "application/zip")},
                (*_ACCOUNT, Kind.UNKNOWN_VERIFICATION, Kind.EVIDENCE_DESTROYED),
                parameters=(identifier,),
            )
        },
    }


def _dossiers() -> Json:
    code = _path("code", "Dossier code, at most 64 visible characters", {"type": "string", "pattern": DOSSIER_CODE})
    form = _form(
        {
            "file": {**_FILE, "description": "The paper"},
            "name": {"type": "string", "description": "What the dossier calls it, such as Tờ khai"},
            "content": {**_FILE, "description": "The signed file of a detached CMS"},
            "signed_by": {
                "type": "string",
                "enum": ["applicant", "officer"],
                "description": "Who is to sign it: the applicant (if absent), or the officer who scanned it at the "
                "counter, whose certificate is registered with the service. As first said of the same bytes and name",
            },
        },
        ["file"],
    )
    body_problems = (Kind.MALFORMED_REQUEST, Kind.INVALID_REQUEST, Kind.UPLOAD_TOO_LARGE, Kind.UNSUPPORTED_MEDIA_TYPE)
    return {
        "/v1/dossiers/{code}": {
            "put": _operation_of(
                "putDossier",
                "dossiers",
                "Record a dossier, or change what is known of it",
                {"201": _answer("Recorded", "Dossier"), "200": _answer("Was there already", "Dossier")},
                (
                    *_ACCOUNT,
                    *body_problems,
                    Kind.UNKNOWN_PROFILE,
                    Kind.AMBIGUOUS_PROFILE,
                    Kind.UNKNOWN_DOSSIER,
                    Kind.NOT_FOUND,
                ),
                parameters=(code,),
                body={"application/json": {"schema": ref("DossierRequest")}},
            ),
            "get": _operation_of(
                "getDossier",
                "dossiers",
                "A dossier with its papers and results",
                {"200": _answer("The dossier", "Dossier")},
                (*_ACCOUNT, Kind.UNKNOWN_DOSSIER),
                parameters=(code,),
            ),
        },
        "/v1/dossiers/{code}/papers": {
            "post": _operation_of(
                "addPaper",
                "dossiers",
                "Take in a paper, judge it, and say what becomes of it",
                {
                    "201": _answer("The paper with its outcome", "Paper"),
                    "200": _answer("The same paper was there already", "Paper"),
                },
                (*_ACCOUNT, *_UPLOAD, Kind.UNKNOWN_DOSSIER),
                parameters=(code,),
                body=form,
            )
        },
    }


def _events() -> Json:
    after = _query("after", "Number of the last event seen", {"type": "integer", "minimum": 0, "default": 0})
    limit = _query("limit", "At most", {"type": "integer", "minimum": 1, "maximum": MAX_EVENTS, "default": 100})
    return {
        "/v1/events": {
            "get": _operation_of(
                "listEvents",
                "events",
                "Events after a number, oldest first; numbers have gaps where a dossier is not the caller's to see",
                {"200": _answer("A page of the feed", "Events")},
                (*_ACCOUNT, Kind.INVALID_REQUEST),
                parameters=(after, limit),
            )
        }
    }


def _public() -> Json:
    code = _path("code", "Verification code, as typed from the paper", {"type": "string"})
    sha256 = _path("sha256", "SHA-256 of the file", {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"})
    return {
        "/v1/public/results/{code}": {
            "get": _operation_of(
                "checkByCode",
                "public",
                "What can be said of a verification code; 200 whatever the answer",
                {"200": _answer("The answer", "PublicAnswer")},
                (Kind.RATE_LIMITED, Kind.NOT_FOUND),
                parameters=(code,),
                security=_NOBODY,
            )
        },
        "/v1/public/digests/{sha256}": {
            "get": _operation_of(
                "checkByDigest",
                "public",
                "What can be said of a file, by its digest",
                {"200": _answer("The answer", "PublicAnswer")},
                (Kind.RATE_LIMITED, Kind.INVALID_REQUEST, Kind.NOT_FOUND),
                parameters=(sha256,),
                security=_NOBODY,
            )
        },
    }


def _open(identifier: str, tag: str, summary: str, answers: Json, *more: Kind, **options: Any) -> Json:
    return {"get": _operation_of(identifier, tag, summary, answers, more, security=_NOBODY, **options)}


def _operation() -> Json:
    not_ready = {"description": "Not ready", "content": {"application/json": {"schema": ref("Readiness")}}}
    ready = _open("getReadiness", "operation", "Can the service do its work", {"200": _answer("Ready", "Readiness")})
    ready["get"]["responses"]["503"] = not_ready
    return {
        "/healthz": _open("getHealth", "operation", "The process answers", {"200": _answer("Alive", "Health")}),
        "/readyz": ready,
        "/metrics": _open("getMetrics", "operation", "Counters", {"200": _binary("Prometheus text", "text/plain")}),
    }


def _manual() -> Json:
    kind = _path("kind", "Last segment of a problem's type", {"type": "string"})
    html = _binary("A page", "text/html")
    return {
        "/v1/openapi.json": _open(
            "getDescription",
            "operation",
            "This description",
            {"200": {"description": "OpenAPI 3.1", "content": {"application/json": {"schema": {"type": "object"}}}}},
        ),
        "/v1/docs": _open("getManual", "operation", "This description as a page", {"200": html}),
        "/v1/docs/manual.css": _open(
            "getManualStyle", "operation", "The page's style", {"200": _binary("Style sheet", "text/css")}
        ),
        "/v1/problems/{kind}": _open(
            "getProblem", "operation", "What a problem means", {"200": html}, Kind.NOT_FOUND, parameters=(kind,)
        ),
    }
