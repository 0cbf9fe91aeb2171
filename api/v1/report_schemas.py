"""The shapes of a verification: the report, its signatures and findings, what a regulation makes of it."""

from __future__ import annotations

from api.dossiers.profiles import Column, OutcomeCode
from api.v1.schema_parts import BOTH_TEXTS, SHA256, Schema, enum, list_of, maybe, object_of, ref, time
from verifier.conformance import REASONS as CONFORMANCE_REASONS
from verifier.report import (
    About,
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

_FINDING = object_of(
    {
        "code": {"type": "string", "description": "Stable code"},
        "severity": enum(Severity, "How much it weighs"),
        **BOTH_TEXTS,
        "about": enum(About, "Whose it is; absent: the document's, or the signature's as a whole"),
    },
    optional=("about",),
)

_SIGNER = object_of(
    {
        "name": {"type": "string", "description": "Name in the certificate"},
        "organization": maybe({"type": "string"}),
        "cccd": maybe({"type": "string", "description": "Citizen identity number"}),
        "mst": maybe({"type": "string", "description": "Tax number"}),
        "issuer": {"type": "string", "description": "The authority that issued the certificate"},
    }
)

_CONFORMANCE = object_of(
    {
        "instrument": {"type": "string", "description": "The instrument whose list it is"},
        "conforms": {"type": ["boolean", "null"], "description": "Null where the algorithms could not be read"},
        "reasons": list_of(
            {"type": "string", "enum": list(CONFORMANCE_REASONS)}, "Why it does not conform, or is not known"
        ),
    }
)

_SIGNATURE = object_of(
    {
        "kind": enum(SignatureKind, "A signature, or a document time stamp"),
        "field": maybe({"type": "string", "description": "Name of the signature's field"}),
        "indication": enum(Indication, "EN 319 102-1"),
        "sub_indication": maybe(enum(SubIndication, "Why it is not passed (EN 319 102-1)")),
        "integrity": enum(Integrity, "Is what was signed unchanged, and made by that key (no trust involved)"),
        "coverage": enum(Coverage, "How much of the file the signature covers"),
        "changes_after": enum(ChangesAfter, "What was added after the signature"),
        "level": maybe(enum(SignatureLevel, "Level reached")),
        "signer": {"anyOf": [ref("Signer"), {"type": "null"}]},
        "regime": {"type": "string", "enum": ["public", "official", "unknown"], "description": "Which infrastructure"},
        "trusted": {"type": ["boolean", "null"], "description": "Does its path lead to a recognised anchor"},
        "revocation": enum(Revocation, "Status of the signer's path at the time that counts"),
        "claimed_signing_time": maybe(time("What the signer's computer said")),
        "best_signature_time": maybe(time("Earliest proof that the signature existed")),
        "conformance": ref("Conformance"),
        "findings": list_of(ref("Finding"), "Worst first"),
    }
)

_CONTENT_NAMES = {
    "name_vi": {"type": "string", "description": "What it is called, in Vietnamese"},
    "name_en": {"type": "string", "description": "In English"},
}

_SIGNED_CONTENT = object_of(
    {
        "type": {"type": "string", "description": "The root of a known type (HDon, TBao, …), else XML"},
        "title": {"type": "string", "description": "The document's own title, else its type's name"},
        "fields": list_of(
            object_of({**_CONTENT_NAMES, "value": {"type": "string", "description": "As it is written"}}),
            "What the signed elements say, never what nobody signed",
        ),
        "columns": list_of(object_of(_CONTENT_NAMES), "What stands in each place of a line"),
        "lines": list_of(list_of({"type": "string"}, "One line"), "The lines of an invoice, and the like"),
    }
)

_REPORT = {
    "file": maybe({"type": "string", "description": "Name the sender gave the document"}),
    "sha256": SHA256,
    "format": enum(DocumentFormat, "What the bytes are, by their content"),
    "conclusion": enum(Conclusion, "The weakest verdict, or why there is none"),
    "findings": list_of(ref("Finding"), "About the document as a whole, worst first"),
    "signatures": list_of(ref("Signature"), "In the order of signing"),
    "signed_content": {
        "anyOf": [ref("SignedContent"), {"type": "null"}],
        "description": "Of an XML document: what was signed; absent in every other report",
    },
}

_VERIFICATION = object_of(
    {
        "id": {"type": "string", "description": "Where the report can be fetched again"},
        "created_at": time("When it was checked"),
        "dossier": maybe({"type": "string", "description": "Dossier it belongs to"}),
        "policy": {"type": "string", "description": "Validation policy"},
        "policy_sha256": {"type": "string", "description": "Digest of the policy"},
        "trust_store_sha256": {"type": "string", "description": "Digest of the trust store"},
        "validation_time": time("The time for which the question was answered"),
        "size_bytes": {"type": "integer", "minimum": 0},
        "pages": {"type": ["integer", "null"], "description": "Number of pages, where it has some"},
        "retry_at": maybe(time("When the service itself will ask again, because an answer was missing")),
        "replaced_by": maybe({"type": "string", "description": "Id of the later verification"}),
        **_REPORT,
    },
    optional=("signed_content",),
)

_VERIFICATION_ANSWER = {
    "allOf": [
        ref("Verification"),
        object_of({"outcome": {"anyOf": [ref("Outcome"), {"type": "null"}]}}),
    ],
    "description": "The report with what the dossier's regulation makes of it (null without a dossier)",
}

_OUTCOME = object_of(
    {
        "code": enum(OutcomeCode, "What becomes of the paper under the dossier's regulation"),
        **BOTH_TEXTS,
        "article": {"type": "string", "description": "The clause it rests on"},
        "column": maybe(enum(Column, "Column of the regulation's table; null where it does not come from there")),
        "retry": {"type": "boolean", "description": "The check is repeated, because an answer was missing"},
        "reason": {"anyOf": [ref("Reason"), {"type": "null"}]},
    }
)

_REASON = object_of({"code": {"type": "string", "description": "Stable code"}, **BOTH_TEXTS})

REPORT_SCHEMAS: dict[str, Schema] = {
    "Finding": _FINDING,
    "Signer": _SIGNER,
    "Conformance": _CONFORMANCE,
    "Signature": _SIGNATURE,
    "SignedContent": _SIGNED_CONTENT,
    "Verification": _VERIFICATION,
    "VerificationAnswer": _VERIFICATION_ANSWER,
    "Reason": _REASON,
    "Outcome": _OUTCOME,
}
