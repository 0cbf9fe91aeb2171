"""The OpenAPI description of scans: checks, transfer notes, comparisons with the original."""

from __future__ import annotations

from api.errors import Kind
from api.v1.operations import ACCOUNT as _ACCOUNT
from api.v1.operations import UPLOAD as _UPLOAD
from api.v1.operations import Json
from api.v1.operations import answer as _answer
from api.v1.operations import binary as _binary
from api.v1.operations import form as _form
from api.v1.operations import operation_of as _operation_of
from api.v1.operations import path as _path
from api.v1.schema_parts import ref

_FILE: Json = {"type": "string", "contentMediaType": "application/octet-stream"}
_OFFICER: list[Json] = [{"officerSession": []}]


_DOSSIER: Json = {"type": "string", "description": "Code of the dossier; its check is kept"}
_PAPER: Json = {"type": "string", "pattern": "^[0-9]{1,6}$", "description": "Or a paper of the dossier, by its number"}
_NAMED = (Kind.UNKNOWN_DOSSIER, Kind.UNKNOWN_PAPER, Kind.INVALID_REQUEST)


def scan_paths() -> Json:
    """The routes of scans."""
    return {**_checks(), **_transfer_notes(), **_comparisons(), **_comparison()}


def _checks() -> Json:
    check = {"file": {**_FILE, "description": "The scan: PDF, JPEG, PNG, TIFF or HEIC"}}
    return {
        "/v1/scans/checks": {
            "post": _operation_of(
                "checkScan",
                "scans",
                "Is a file a scan as required, and what does not belong to it; kept only where a dossier is named",
                {"200": _answer("What was found", "ScanCheck")},
                (*_ACCOUNT, *_UPLOAD, *_NAMED),
                body=_form({**check, "paper": _PAPER, "dossier": _DOSSIER}, []),
            )
        },
    }


def _transfer_notes() -> Json:
    checked = _path("check_id", "Id of a kept scan check", {"type": "string"})
    return {
        "/v1/scans/checks/{check_id}/transfer-note": {
            "post": _operation_of(
                "makeTransferNote",
                "scans",
                "Who scanned the paper, when and on what: kept with the check, once",
                {"201": _answer("The note", "TransferNote")},
                (
                    *_ACCOUNT,
                    Kind.MALFORMED_REQUEST,
                    Kind.INVALID_REQUEST,
                    Kind.UNSUPPORTED_MEDIA_TYPE,
                    Kind.UPLOAD_TOO_LARGE,
                    Kind.UNKNOWN_SCAN_CHECK,
                    Kind.NOTE_EXISTS,
                ),
                parameters=(checked,),
                body={"application/json": {"schema": ref("TransferNoteRequest")}},
            ),
            "get": _operation_of(
                "getTransferNote",
                "scans",
                "The note on a check",
                {"200": _answer("The note", "TransferNote")},
                (*_ACCOUNT, Kind.UNKNOWN_SCAN_CHECK),
                parameters=(checked,),
            ),
        },
        "/v1/scans/checks/{check_id}/transfer-note.pdf": {
            "get": _operation_of(
                "getTransferNotePdf",
                "scans",
                "The note on paper, in Vietnamese, to be sealed with the copy",
                {"200": _binary("One page", "application/pdf")},
                (*_ACCOUNT, Kind.UNKNOWN_SCAN_CHECK),
                parameters=(checked,),
            )
        },
    }


def _comparisons() -> Json:
    pair = {
        "copy": {**_FILE, "description": "The copy: PDF, JPEG, PNG, TIFF or HEIC"},
        "original": {**_FILE, "description": "The original, likewise"},
        "copy_paper": _PAPER,
        "original_paper": _PAPER,
        "dossier": {"type": "string", "description": "Code of the dossier it belongs to"},
    }
    return {
        "/v1/scans/comparisons": {
            "post": _operation_of(
                "compareScans",
                "scans",
                "Is a copy the same as its original; 200 whatever was found, kept with its pictures",
                {"200": _answer("The record", "ScanComparison")},
                (*_ACCOUNT, *_UPLOAD, *_NAMED),
                body=_form(pair, []),
            )
        },
    }


def _comparison() -> Json:
    identifier = _path("comparison_id", "Id of a comparison", {"type": "string"})
    return {
        "/v1/scans/comparisons/{comparison_id}": {
            "get": _operation_of(
                "getComparison",
                "scans",
                "A comparison as it was made, and every decision on it",
                {"200": _answer("The record", "ScanComparison")},
                (*_ACCOUNT, Kind.UNKNOWN_COMPARISON),
                parameters=(identifier,),
            )
        },
        "/v1/scans/comparisons/{comparison_id}/pages/{position}/{side}.jpg": {
            "get": _operation_of(
                "getComparisonPicture",
                "scans",
                "The copy's page, or the original's laid over it, as it was shown",
                {"200": _binary("The picture", "image/jpeg")},
                (*_ACCOUNT, Kind.UNKNOWN_COMPARISON),
                parameters=(
                    identifier,
                    _path("position", "Of the pair in pages, from 1", {"type": "integer", "minimum": 1}),
                    _path("side", "Which picture", {"type": "string", "enum": ["copy", "original"]}),
                ),
            )
        },
        "/v1/scans/comparisons/{comparison_id}/decisions": {
            "post": _operation_of(
                "decideComparison",
                "scans",
                "An officer's decision; a later one is added beside the first",
                {"201": _answer("The record with the decision", "ScanComparison")},
                (
                    *_ACCOUNT,
                    Kind.MALFORMED_REQUEST,
                    Kind.INVALID_REQUEST,
                    Kind.UNSUPPORTED_MEDIA_TYPE,
                    Kind.UPLOAD_TOO_LARGE,
                    Kind.UNKNOWN_COMPARISON,
                    Kind.DECISION_MEANWHILE,
                ),
                security=_OFFICER,
                parameters=(identifier,),
                body={"application/json": {"schema": ref("ScanDecisionRequest")}},
            )
        },
    }
