"""The OpenAPI description of scans: checks, transfer notes, comparisons with the original."""

from __future__ import annotations

from api.errors import Kind
from api.v1.operations import (
    ACCOUNT,
    BODY,
    FILE,
    OFFICER,
    UPLOAD,
    Json,
    answer,
    binary,
    form,
    json_of,
    operation_of,
    path,
)

_DOSSIER: Json = {"type": "string", "description": "Code of the dossier; its check is kept"}
_PAPER: Json = {"type": "string", "pattern": "^[0-9]{1,6}$", "description": "Or a paper of the dossier, by its number"}
_NAMED = (Kind.UNKNOWN_DOSSIER, Kind.UNKNOWN_PAPER, Kind.INVALID_REQUEST)


def scan_paths() -> Json:
    """The routes of scans."""
    return {**_checks(), **_transfer_notes(), **_comparisons(), **_comparison()}


def _checks() -> Json:
    check = {"file": {**FILE, "description": "The scan: PDF, JPEG, PNG, TIFF or HEIC"}}
    return {
        "/v1/scans/checks": {
            "post": operation_of(
                "checkScan",
                "scans",
                "Is a file a scan as required, and what does not belong to it; kept only where a dossier is named",
                {"200": answer("What was found", "ScanCheck")},
                (*ACCOUNT, *UPLOAD, *_NAMED),
                body=form({**check, "paper": _PAPER, "dossier": _DOSSIER}, []),
            )
        },
    }


def _transfer_notes() -> Json:
    checked = path("check_id", "Id of a kept scan check", {"type": "string"})
    return {
        "/v1/scans/checks/{check_id}/transfer-note": {
            "post": operation_of(
                "makeTransferNote",
                "scans",
                "Who scanned the paper, when and on what: kept with the check, once",
                {"201": answer("The note", "TransferNote")},
                (
                    *ACCOUNT,
                    *BODY,
                    Kind.UNKNOWN_SCAN_CHECK,
                    Kind.NOTE_EXISTS,
                ),
                parameters=(checked,),
                body=json_of("TransferNoteRequest"),
            ),
            "get": operation_of(
                "getTransferNote",
                "scans",
                "The note on a check",
                {"200": answer("The note", "TransferNote")},
                (*ACCOUNT, Kind.UNKNOWN_SCAN_CHECK),
                parameters=(checked,),
            ),
        },
        "/v1/scans/checks/{check_id}/transfer-note.pdf": {
            "get": operation_of(
                "getTransferNotePdf",
                "scans",
                "The note on paper, in Vietnamese, to be sealed with the copy",
                {"200": binary("One page", "application/pdf")},
                (*ACCOUNT, Kind.UNKNOWN_SCAN_CHECK),
                parameters=(checked,),
            )
        },
    }


def _comparisons() -> Json:
    pair = {
        "copy": {**FILE, "description": "The copy: PDF, JPEG, PNG, TIFF or HEIC"},
        "original": {**FILE, "description": "The original, likewise"},
        "copy_paper": _PAPER,
        "original_paper": _PAPER,
        "dossier": {"type": "string", "description": "Code of the dossier it belongs to"},
    }
    return {
        "/v1/scans/comparisons": {
            "post": operation_of(
                "compareScans",
                "scans",
                "Is a copy the same as its original; 200 whatever was found, kept with its pictures",
                {"200": answer("The record", "ScanComparison")},
                (*ACCOUNT, *UPLOAD, *_NAMED),
                body=form(pair, []),
            )
        },
    }


def _comparison() -> Json:
    identifier = path("comparison_id", "Id of a comparison", {"type": "string"})
    return {
        "/v1/scans/comparisons/{comparison_id}": {
            "get": operation_of(
                "getComparison",
                "scans",
                "A comparison as it was made, and every decision on it",
                {"200": answer("The record", "ScanComparison")},
                (*ACCOUNT, Kind.UNKNOWN_COMPARISON),
                parameters=(identifier,),
            )
        },
        "/v1/scans/comparisons/{comparison_id}/pages/{position}/{side}.jpg": {
            "get": operation_of(
                "getComparisonPicture",
                "scans",
                "The copy's page, or the original's laid over it, as it was shown",
                {"200": binary("The picture", "image/jpeg")},
                (*ACCOUNT, Kind.UNKNOWN_COMPARISON),
                parameters=(
                    identifier,
                    path("position", "Of the pair in pages, from 1", {"type": "integer", "minimum": 1}),
                    path("side", "Which picture", {"type": "string", "enum": ["copy", "original"]}),
                ),
            )
        },
        "/v1/scans/comparisons/{comparison_id}/decisions": {
            "post": operation_of(
                "decideComparison",
                "scans",
                "An officer's decision; a later one is added beside the first",
                {"201": answer("The record with the decision", "ScanComparison")},
                (
                    *ACCOUNT,
                    *BODY,
                    Kind.UNKNOWN_COMPARISON,
                    Kind.DECISION_MEANWHILE,
                ),
                security=OFFICER,
                parameters=(identifier,),
                body=json_of("ScanDecisionRequest"),
            )
        },
    }
