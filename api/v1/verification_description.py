"""The OpenAPI description of verifications: a document judged, its report as JSON, XML and PDF, its evidence."""

from __future__ import annotations

from api.errors import Kind
from api.v1.operations import ACCOUNT, FILE, UPLOAD, Json, answer, binary, form, operation_of, path

_EVIDENCE = (
    "A ZIP with manifest.json (format antin-evidence/1, document_sha256, content_sha256, policy, policy_sha256, "
    "trust_store_sha256, validation_time, received_at, conclusion, report_sha256, pieces: kind certificate, crl, ocsp, "
    "time-stamp or other, sha256, file), manifest.json.p7s (the service's seal on the manifest, a detached CMS "
    "signature, where a report key is configured), report.json (the verdict as it was given) and evidence/ with the "
    "pieces as DER, the anchors used included. `antin verify FILE --evidence BUNDLE` judges again from it, without "
    "network."
)

_ID = path("verification_id", "Id of a verification", {"type": "string"})
_KNOWN = (*ACCOUNT, Kind.UNKNOWN_VERIFICATION)


def verification_paths() -> Json:
    """The routes of verifications."""
    one = "/v1/verifications/{verification_id}"
    return {
        "/v1/verifications": {"post": _create()},
        one: {
            "get": operation_of(
                "getVerification",
                "verifications",
                "The report as it was given",
                {"200": answer("The report", "VerificationAnswer")},
                _KNOWN,
                parameters=(_ID,),
            )
        },
        f"{one}/report.xml": _file(
            "getVerificationReportXml",
            "The verdict as an ETSI TS 119 102-2 report",
            binary("ETSI report, sealed (XAdES) where a report key is configured", "application/xml"),
        ),
        f"{one}/report.pdf": _file(
            "getVerificationReportPdf",
            "The verdict on paper, in Vietnamese",
            binary("Pages with the seven fields of TT 15/2025 for each signature", "application/pdf"),
        ),
        f"{one}/evidence": _file(
            "getVerificationEvidence",
            "What the verdict rests on besides the document",
            binary(_EVIDENCE, "application/zip"),
            Kind.EVIDENCE_DESTROYED,
        ),
    }


def _create() -> Json:
    upload = form(
        {
            "file": {**FILE, "description": "The document: PDF, XML, CMS or whatever came"},
            "dossier": {"type": "string", "description": "Code of the dossier it belongs to"},
            "policy": {"type": "string", "description": "Validation policy; the configured one if absent"},
            "content": {**FILE, "description": "The signed file of a detached CMS"},
        },
        ["file"],
    )
    return operation_of(
        "createVerification",
        "verifications",
        "Check a document; 200 whatever the verdict",
        {"200": answer("The report", "VerificationAnswer")},
        (*ACCOUNT, *UPLOAD, Kind.UNKNOWN_POLICY, Kind.UNKNOWN_DOSSIER),
        body=upload,
    )


def _file(identifier: str, summary: str, found: Json, *more: Kind) -> Json:
    """A file made of a verification."""
    answers = {"200": found}
    return {
        "get": operation_of(identifier, "verifications", summary, answers, (*_KNOWN, *more), parameters=(_ID,)),
    }
