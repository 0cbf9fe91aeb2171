"""The shapes of requests and answers, once: published in ``/v1/openapi.json`` and what requests are proven against.

JSON Schema 2020-12, which OpenAPI 3.1 speaks. Enumerations are the code's own, so they cannot drift apart.
"""

from __future__ import annotations

from api.actions.check_result import ResultState
from api.actions.seal_order import SEAL_LEVELS
from api.codes import MAX_RESULT_NUMBER
from api.dossiers.profiles import Column, OutcomeCode
from api.errors import Kind
from api.v1.batch_schemas import BATCH_SCHEMAS
from api.v1.copy_schemas import copy_schemas
from api.v1.living_schemas import LIVING_SCHEMAS
from api.v1.release_description import RELEASE_SCHEMAS
from api.v1.scan_schemas import SCAN_SCHEMAS
from api.v1.schema_parts import BOTH_TEXTS as _BOTH_TEXTS
from api.v1.schema_parts import DOSSIER_CODE, Schema, ref
from api.v1.schema_parts import SHA256 as _SHA256
from api.v1.schema_parts import day as _day
from api.v1.schema_parts import enum as _enum
from api.v1.schema_parts import list_of as _list
from api.v1.schema_parts import maybe as _maybe
from api.v1.schema_parts import named as _named
from api.v1.schema_parts import object_of as _object
from api.v1.schema_parts import text as _text
from api.v1.schema_parts import time as _time
from api.v1.session_schemas import SESSION_SCHEMAS
from certs.watch import Watched
from verifier.report import (
    ChangesAfter,
    Conclusion,
    Coverage,
    DocumentFormat,
    Indication,
    Integrity,
    Revocation,
    Severity,
    SignatureKind,
    SignatureLevel,
    SubIndication,
)

_CCCD = {"type": "string", "pattern": "^[0-9]{12}$", "description": "Citizen identity number: 12 digits"}
_MST = {
    "type": "string",
    "pattern": "^([0-9]{10}(-?[0-9]{3})?|[0-9]{12})$",
    "description": "Tax number: 10 digits, a branch with -NNN (kept with the dash), or 12 digits",
}

_FINDING = _object(
    {
        "code": {"type": "string", "description": "Stable code"},
        "severity": _enum(Severity, "How much it weighs"),
        **_BOTH_TEXTS,
    }
)

_SIGNER = _object(
    {
        "name": {"type": "string", "description": "Name in the certificate"},
        "organization": _maybe({"type": "string"}),
        "cccd": _maybe({"type": "string", "description": "Citizen identity number"}),
        "mst": _maybe({"type": "string", "description": "Tax number"}),
        "issuer": {"type": "string", "description": "The authority that issued the certificate"},
    }
)

_SIGNATURE = _object(
    {
        "kind": _enum(SignatureKind, "A signature, or a document time stamp"),
        "field": _maybe({"type": "string", "description": "Name of the signature's field"}),
        "indication": _enum(Indication, "EN 319 102-1"),
        "sub_indication": _maybe(_enum(SubIndication, "Why it is not passed (EN 319 102-1)")),
        "integrity": _enum(Integrity, "Is what was signed unchanged, and made by that key (no trust involved)"),
        "coverage": _enum(Coverage, "How much of the file the signature covers"),
        "changes_after": _enum(ChangesAfter, "What was added after the signature"),
        "level": _maybe(_enum(SignatureLevel, "Level reached")),
        "signer": {"anyOf": [ref("Signer"), {"type": "null"}]},
        "regime": {"type": "string", "enum": ["public", "official", "unknown"], "description": "Which infrastructure"},
        "trusted": {"type": ["boolean", "null"], "description": "Does its path lead to a recognised anchor"},
        "revocation": _enum(Revocation, "Status of the signer's path at the time that counts"),
        "claimed_signing_time": _maybe(_time("What the signer's computer said")),
        "best_signature_time": _maybe(_time("Earliest proof that the signature existed")),
        "findings": _list(ref("Finding"), "Worst first"),
    }
)

_REPORT = {
    "file": _maybe({"type": "string", "description": "Name the sender gave the document"}),
    "sha256": _SHA256,
    "format": _enum(DocumentFormat, "What the bytes are, by their content"),
    "conclusion": _enum(Conclusion, "The weakest verdict, or why there is none"),
    "findings": _list(ref("Finding"), "About the document as a whole, worst first"),
    "signatures": _list(ref("Signature"), "In the order of signing"),
}

_VERIFICATION = _object(
    {
        "id": {"type": "string", "description": "Where the report can be fetched again"},
        "created_at": _time("When it was checked"),
        "dossier": _maybe({"type": "string", "description": "Dossier it belongs to"}),
        "policy": {"type": "string", "description": "Validation policy"},
        "policy_sha256": {"type": "string", "description": "Digest of the policy"},
        "trust_store_sha256": {"type": "string", "description": "Digest of the trust store"},
        "validation_time": _time("The time for which the question was answered"),
        "size_bytes": {"type": "integer", "minimum": 0},
        "pages": {"type": ["integer", "null"], "description": "Number of pages, where it has some"},
        "retry_at": _maybe(_time("When the service itself will ask again, because an answer was missing")),
        "replaced_by": _maybe({"type": "string", "description": "Id of the later verification"}),
        **_REPORT,
    }
)

_VERIFICATION_ANSWER = {
    "allOf": [
        ref("Verification"),
        _object({"outcome": {"anyOf": [ref("Outcome"), {"type": "null"}]}}),
    ],
    "description": "The report with what the dossier's regulation makes of it (null without a dossier)",
}

_OUTCOME = _object(
    {
        "code": _enum(OutcomeCode, "What becomes of the paper under the dossier's regulation"),
        **_BOTH_TEXTS,
        "article": {"type": "string", "description": "The clause it rests on"},
        "column": _maybe(_enum(Column, "Column of the regulation's table; null where it does not come from there")),
        "retry": {"type": "boolean", "description": "The check is repeated, because an answer was missing"},
        "reason": {"anyOf": [ref("Reason"), {"type": "null"}]},
    }
)

_REASON = _object({"code": {"type": "string", "description": "Stable code"}, **_BOTH_TEXTS})

_APPLICANT = _object(
    {
        "name": _named("Name; a hint only, never proof"),
        "cccd": _maybe(_CCCD),
        "mst": _maybe(_MST),
    },
    optional=("cccd", "mst"),
    closed=True,
)

_DOSSIER_REQUEST = {
    **_object(
        {
            "regulation": _text("Key of the regulation, such as lao-cai-24-2021", least=1, most=64),
            "province": _text("Or the province: the regulation follows from the day of submission", least=1, most=64),
            "procedure": ref("Procedure"),
            "applicant": ref("Applicant"),
            "submitted_at": _time("When the dossier was submitted"),
        },
        optional=("regulation", "province"),
        closed=True,
    ),
    "anyOf": [{"required": ["regulation"]}, {"required": ["province"]}],
}

_PROCEDURE = _object(
    {
        "code": _named("Code of the procedure", 64),
        "name": _named("Name of the procedure"),
        "level": {"type": "integer", "enum": [3, 4], "description": "3: một phần (in part online), 4: toàn trình"},
        "signature_required": {
            "type": "boolean",
            "description": "Does the procedure ask for a digital signature on its papers (NĐ 45/2020 Đ.9)",
        },
    },
    closed=True,
)

_PAPER = _object(
    {
        "id": {"type": "string"},
        "number": {"type": "integer", "minimum": 1, "description": "Counts from 1 within the dossier"},
        "name": {"type": "string", "description": "What the dossier calls the paper"},
        "received_at": _time("When it was received"),
        "signed_by": {
            "type": "string",
            "enum": ["applicant", "officer"],
            "description": "Who is to sign it: the applicant, or the officer who scanned it at the counter",
        },
        "outcome": ref("Outcome"),
        "verification": ref("Verification"),
    }
)

_DOSSIER = _object(
    {
        "code": {"type": "string"},
        "regulation": {"type": "string", "description": "Key of the regulation"},
        "procedure": ref("Procedure"),
        "applicant": ref("Applicant"),
        "submitted_at": _time("When the dossier was submitted"),
        "created_at": _time("When it was recorded here"),
        "changed_at": _time("When it was last changed"),
        "papers": _list(ref("Paper"), "In the order of receipt"),
        "results": _list({"type": "string"}, "Result codes sealed for the dossier"),
    }
)

_SEAL_ORDER = _object(
    {
        "agency": _text("Key of the agency that seals", least=1, most=64),
        "signatory": _text("Key of the authorised person who signs first", least=1, most=64),
        "dossier": {"type": "string", "pattern": DOSSIER_CODE, "description": "Code of the dossier"},
        "level": {"type": "string", "enum": list(SEAL_LEVELS), "description": "PAdES baseline level; B-LTA if absent"},
        "title": _named("What kind of paper it is, as printed on it"),
        "number": _named("Its number, as printed on it", 100),
        "holder_name": _named("To whom it was given; the public sees it masked"),
        "issued_on": _day("Day of issue"),
        "valid_until": _maybe(_day("Last day of validity; null: without limit")),
        "result_number": _maybe(
            {"type": "integer", "minimum": 1, "maximum": MAX_RESULT_NUMBER, "description": "n of -KQ<n>"}
        ),
        "attachment_of": _maybe(
            _text("Result code of the main document that this is an attachment of", least=1, most=80)
        ),
    },
    optional=("level", "valid_until", "result_number", "attachment_of"),
    closed=True,
)

_PREVIEW_ORDER = _object(
    {
        "agency": _text("Key of the agency that seals", least=1, most=64),
        "signatory": _text("Key of the authorised person who signs first", least=1, most=64),
        "width_px": {
            "type": "integer",
            "minimum": 200,
            "maximum": 2400,
            "description": "Width of the picture; 1000 if absent",
        },
    },
    optional=("width_px",),
    closed=True,
)

_BOX_MM = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 4,
    "maxItems": 4,
    "description": "Left, bottom, right, top in mm on the displayed page, origin bottom left",
}

_SEAL_PREVIEW = _object(
    {
        "page": {"type": "integer", "minimum": 1, "description": "The page that carries the seals, from 1"},
        "pages": {"type": "integer", "minimum": 1},
        "size_mm": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        "method": {
            "type": "string",
            "enum": ["text", "field", "corner", "free-space", "margin"],
            "description": "How the place was found: between the signer's title and name (text), or a way to fall back",
        },
        "seals": {
            "type": "array",
            "items": _object(
                {
                    "role": {"type": "string", "enum": ["authorised-person", "agency"]},
                    "page": {"type": "integer", "minimum": 1},
                    "box_mm": _BOX_MM,
                }
            ),
        },
        "picture": {"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"},
    }
)

_SEAL = _object(
    {
        "result_code": {"type": "string", "description": "<dossier>-KQ<n>; can be guessed, needs access control"},
        "verification_code": {"type": "string", "description": "Random, printed on the result, for the public check"},
        "check_url": {"type": "string", "description": "What the QR code on the paper carries"},
        "document_url": {"type": "string", "description": "Where the sealed file is fetched"},
        "sha256": _SHA256,
        "size_bytes": {"type": "integer", "minimum": 1},
        "dossier": {"type": "string"},
        "agency": {"type": "string"},
        "signatory": {"type": "string"},
        "level": {"type": "string", "enum": list(SEAL_LEVELS), "description": "Level that the file has now"},
        "wished_level": {
            "type": "string",
            "enum": list(SEAL_LEVELS),
            "description": "Level asked for; above `level` while time stamps are still to be had: the worker raises it",
        },
        "title": {"type": "string"},
        "number": {"type": "string"},
        "issued_on": _day("Day of issue"),
        "valid_until": _maybe(_day("Last day of validity")),
        "sealed_at": _time("When it was sealed"),
        "verification": {"type": "string", "description": "Id of the self-check's report"},
        "attachment_of": _maybe({"type": "string", "description": "Result code of its main document"}),
        "replayed": {"type": "boolean", "description": "The same request under the same key had been done before"},
    }
)

_EVENT = _object(
    {
        "number": {"type": "integer", "minimum": 1, "description": "Sequential, without gaps"},
        "type": {"type": "string"},
        "at": _time("When it happened"),
        "subject": {"type": "string", "description": "Code or id of what it is about"},
        "data": {"type": "object", "description": "Codes and digests, no personal data"},
    }
)

_EVENTS = _object(
    {
        "events": _list(ref("Event"), "Oldest first"),
        "last": {"type": "integer", "minimum": 0, "description": "Ask after this number next"},
        "more": {"type": "boolean", "description": "There are more already: ask again at once"},
    }
)

_PUBLIC_ANSWER = _object(
    {
        "state": _enum(ResultState, "What can be said of the code or the file"),
        **_BOTH_TEXTS,
        "answered_at": _time("The state is that of this moment"),
        "result": {"anyOf": [ref("PublicResult"), {"type": "null"}]},
        "not_checked": _list(ref("Reason"), "What the answer says nothing about"),
    }
)

_PROBLEM = {
    **_object(
        {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "enum": [f"/v1/problems/{kind.value}" for kind in Kind],
                "description": "Stable; the address explains it",
            },
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "title": {"type": "string", "description": "In the language of Accept-Language"},
            "detail": {"type": "string", "description": "In the language of Accept-Language"},
            **_BOTH_TEXTS,
            "code": {"type": "string", "description": "Why a seal was refused"},
            "field": {"type": "string", "description": "Which value is not valid"},
            "incident": {"type": "string", "description": "Only where it is our fault: quote it to the operator"},
        },
        optional=("code", "field", "incident"),
    ),
    "description": "RFC 9457 problem document",
}

_HEALTH = _object({"status": {"type": "string", "enum": ["ok"]}})

_READINESS = _object(
    {
        "status": {"type": "string", "enum": ["ready", "not-ready"]},
        "checks": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "warnings": {
            "type": "array",
            "description": "What of the trust store, and of the CRLs last fetched, expires soon",
            "items": _object(
                {
                    "kind": {"type": "string", "enum": [kind.value for kind in Watched]},
                    "name": {"type": "string"},
                    "until": {"type": "string", "format": "date-time"},
                    "expired": {"type": "boolean"},
                    "text_vi": {"type": "string"},
                    "text_en": {"type": "string"},
                }
            ),
        },
    }
)

__all__ = ["DOSSIER_CODE", "SCHEMAS", "Schema", "ref"]

SCHEMAS: dict[str, Schema] = {
    "Finding": _FINDING,
    "Signer": _SIGNER,
    "Signature": _SIGNATURE,
    "Verification": _VERIFICATION,
    "VerificationAnswer": _VERIFICATION_ANSWER,
    "Reason": _REASON,
    "Outcome": _OUTCOME,
    "Applicant": _APPLICANT,
    "Procedure": _PROCEDURE,
    "DossierRequest": _DOSSIER_REQUEST,
    "Paper": _PAPER,
    "Dossier": _DOSSIER,
    **SCAN_SCHEMAS,
    "SealOrder": _SEAL_ORDER,
    "Seal": _SEAL,
    "SealPreviewOrder": _PREVIEW_ORDER,
    "SealPreview": _SEAL_PREVIEW,
    "Event": _EVENT,
    "Events": _EVENTS,
    **LIVING_SCHEMAS,
    **copy_schemas(_SEAL),
    **BATCH_SCHEMAS,
    **SESSION_SCHEMAS,
    **RELEASE_SCHEMAS,
    "PublicAnswer": _PUBLIC_ANSWER,
    "Problem": _PROBLEM,
    "Health": _HEALTH,
    "Readiness": _READINESS,
}
