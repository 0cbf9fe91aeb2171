"""The shapes of scan checks, transfer notes and comparisons."""

from __future__ import annotations

from api.actions.transfer_notes import Requirement, Source
from api.v1.schema_parts import SHA256 as _SHA256
from api.v1.schema_parts import Schema, ref
from api.v1.schema_parts import enum as _enum
from api.v1.schema_parts import list_of as _list
from api.v1.schema_parts import maybe as _maybe
from api.v1.schema_parts import named as _named
from api.v1.schema_parts import object_of as _object
from api.v1.schema_parts import text as _text
from api.v1.schema_parts import time as _time
from verifier.scans.compare import Outcome as ScanOutcome
from verifier.scans.differences import Kind as DifferenceKind
from verifier.scans.report import Colour, ScanKind

_SCAN_PAGE = _object(
    {
        "dpi": {
            "anyOf": [_list({"type": "number"}, "horizontal, vertical"), {"type": "null"}],
            "description": "Resolution as displayed, of the coarsest layer; null where the scale is unknown",
        },
        "colour": _enum(Colour, "By the colour space of the page's pictures"),
        "size_mm": _list({"type": "number"}, "Displayed width and height; at 72 dpi where the scale is unknown"),
        "skew_degrees": {"type": "number", "description": "Positive where lines fall to the right"},
        "findings": _list(ref("Finding"), "What was found on the page, and how it is put right"),
    }
)

_SCAN_CHECK = _object(
    {
        "kind": _enum(ScanKind, "What the file is"),
        "conforms": {
            "type": "boolean",
            "description": "A scan as the law asks for, and nothing in it that does not belong",
        },
        "pages": _list(ref("ScanPage"), "In order"),
        "findings": _list(ref("Finding"), "What was found in the file as a whole"),
        "id": {"type": "string", "description": "Of the kept check, where a dossier was named"},
    },
    optional=("id",),
)

_TRANSFER = {
    "scanned_by": _named("Who scanned it: name and unit"),
    "scanned_at": _time("When it was scanned"),
    "device": _named("On what: make and model of the scanner"),
    "source": _enum(Source, "From which paper"),
}

_TRANSFER_NOTE = _object(
    {
        "id": {"type": "string"},
        "check": {"type": "string", "description": "Id of the scan check it rests on"},
        "dossier": {"type": "string"},
        "paper": _maybe({"type": "integer", "minimum": 1, "description": "Number of the paper in its dossier"}),
        "sha256": _SHA256,
        "pages": {"type": "integer", "minimum": 0},
        **_TRANSFER,
        "checked_at": _time("When the scan was checked"),
        "noted_at": _time("When the note was made"),
        "passed": {
            "type": "object",
            "properties": {requirement.value: {"type": ["boolean", "null"]} for requirement in Requirement},
            "description": "What the scan was checked for; null where it could not be",
        },
        "record_sha256": {**_SHA256, "description": "Digest over the note and the check's report; also in the log"},
    }
)

_BOX = {
    **_list({"type": "number"}, "left, top, right, bottom in points on the copy's page as displayed"),
    "minItems": 4,
    "maxItems": 4,
}

_PAGE_PAIR = _object(
    {
        "copy_page": _maybe({"type": "integer", "minimum": 1, "description": "null: missing from the copy"}),
        "original_page": _maybe({"type": "integer", "minimum": 1, "description": "null: not in the original"}),
        "differences": _list(
            _object(
                {
                    "box": _BOX,
                    "kind": _enum(DifferenceKind, "What the difference looks like"),
                    "score": {"type": "number", "description": "Times the page's usual difference"},
                }
            ),
            "Places that show something else",
        ),
        "not_compared": _list(_BOX, "Places that were not laid over each other: compare them by eye"),
        "quality": {"type": "object", "description": "Measures of the registration"},
    }
)

_SCAN_PICTURE = _object(
    {
        "url": {"type": "string", "format": "uri-reference", "description": "JPEG"},
        "sha256": _SHA256,
    }
)

_SCAN_DECISION = _object(
    {
        "number": {"type": "integer", "minimum": 1},
        "decision": _enum(ScanOutcome, "The officer's word"),
        "note": {"type": "string"},
        "by": {"type": "string", "description": "The officer's stable identifier, no name"},
        "at": _time("When"),
        "record_sha256": {
            **_SHA256,
            "description": "Digest over files, boxes, pictures, decision and the record before; also in the log",
        },
    }
)

_SCAN_DECISION_REQUEST = _object(
    {
        "decision": _enum(ScanOutcome, "match, differences or not-comparable"),
        "note": _text("Why; required where it departs from the comparison or from an earlier decision", most=2000),
        "after": {
            "type": "integer",
            "minimum": 0,
            "maximum": 10000,
            "description": "How many decisions the officer has seen; 409 where there are others by now",
        },
    },
    optional=("note",),
    closed=True,
)

_SCAN_COMPARISON = _object(
    {
        "id": {"type": "string"},
        "created_at": _time("When it was compared"),
        "dossier": _maybe({"type": "string"}),
        "copy_sha256": _SHA256,
        "original_sha256": _SHA256,
        "outcome": _enum(ScanOutcome, "What the comparison says; the officer decides"),
        "pages": _list(ref("ScanPagePair"), "Pairs of pages in the order of the copy, missing pages last"),
        "findings": _list(ref("Finding"), "What is to be looked at, in words"),
        "pictures": _list(
            _object(
                {
                    "position": {"type": "integer", "minimum": 1, "description": "Of the pair in pages"},
                    "size": _list({"type": "number"}, "Width and height in points, as the boxes are counted"),
                    "aligned": {"type": "boolean", "description": "The original's picture lies over the copy's"},
                    "copy": {"anyOf": [ref("ScanPicture"), {"type": "null"}]},
                    "original": {"anyOf": [ref("ScanPicture"), {"type": "null"}]},
                }
            ),
            "What the officer is shown",
        ),
        "decisions": _list(ref("ScanDecision"), "Every decision, the first one first; none is ever changed"),
    }
)

SCAN_SCHEMAS: dict[str, Schema] = {
    "ScanPage": _SCAN_PAGE,
    "ScanCheck": _SCAN_CHECK,
    "TransferNoteRequest": _object(_TRANSFER, closed=True),
    "TransferNote": _TRANSFER_NOTE,
    "ScanPagePair": _PAGE_PAIR,
    "ScanPicture": _SCAN_PICTURE,
    "ScanDecision": _SCAN_DECISION,
    "ScanDecisionRequest": _SCAN_DECISION_REQUEST,
    "ScanComparison": _SCAN_COMPARISON,
}
