"""The shapes of batches: what is ordered, what stands where, what became of each result."""

from __future__ import annotations

from api.actions.batch_order import MAX_NAME_CHARACTERS, WhenComplete
from api.actions.batch_view import BatchState, CheckState, ItemState
from api.actions.seal_order import SEAL_LEVELS
from api.v1.schema_parts import (
    SHA256,
    Schema,
    enum,
    list_of,
    maybe,
    named,
    object_of,
    ref,
    text,
    time,
)
from api.v1.seal_schemas import DOSSIER, ISSUE, LEVEL, RESULT_FACTS, RESULT_NUMBER, WHO_SEALS

_WAITING = object_of(
    {
        "code": {"type": "string", "description": "Why, such as KEY-UNAVAILABLE or TIMESTAMP-UNAVAILABLE"},
        "text_vi": {"type": "string"},
        "text_en": {"type": "string"},
        "since": time("Since when"),
        "next_try": maybe(time("When it is asked again, at the latest")),
    }
)

_COUNTS = object_of(
    {state.value: {"type": "integer", "minimum": 0} for state in ItemState}
    | {"working": {"type": "integer", "minimum": 0, "description": "Of these, items that a worker is at"}}
)

BATCH_SCHEMAS: dict[str, Schema] = {
    "BatchItemOrder": object_of(
        {
            "dossier": DOSSIER,
            "document": {**SHA256, "description": "SHA-256 of the PDF, which is sent by itself"},
            **RESULT_FACTS,
            "filename": text("What officers are shown when the file fails", most=200),
            "result_number": RESULT_NUMBER,
            "issue": ISSUE,
        },
        optional=("number", "issued_on", "valid_until", "filename", "result_number", "issue"),
        closed=True,
    ),
    "BatchOrder": object_of(
        {
            "name": named("What officers call the batch", MAX_NAME_CHARACTERS),
            **WHO_SEALS,
            "level": LEVEL,
            "when_complete": enum(WhenComplete, "What happens when the last document has come; wait if absent"),
            "items": {
                "type": "array",
                "items": ref("BatchItemOrder"),
                "minItems": 1,
                "description": "The results, at most 10,000 (a setting), in the order in which they are sealed",
            },
        },
        optional=("level", "when_complete"),
        closed=True,
    ),
    "Batch": object_of(
        {
            "id": {"type": "string"},
            "name": {"type": "string"},
            "agency": {"type": "string"},
            "signatory": {"type": "string"},
            "level": {"type": "string", "enum": list(SEAL_LEVELS)},
            "when_complete": enum(WhenComplete, "What happens when the last document has come"),
            "state": enum(BatchState, "Where it stands"),
            "total": {"type": "integer", "minimum": 1},
            "counts": _COUNTS,
            "dry_run": object_of({state.value: {"type": "integer", "minimum": 0} for state in CheckState}),
            "missing": {"type": "integer", "minimum": 0, "description": "Documents that have not come yet"},
            "missing_documents": list_of(SHA256, "Their digests, the first thousand"),
            "waiting": {"anyOf": [_WAITING, {"type": "null"}], "description": "A service outside does not answer"},
            "paused_reason": maybe({"type": "string", "description": "Set where the service paused it by itself"}),
            "created_at": time("When it was recorded"),
            "changed_at": time("When it last changed state or took in a document"),
            "finished_at": maybe(time("When it was over")),
            "replayed": {"type": "boolean", "description": "The same request under the same key had been made before"},
        }
    ),
    "BatchItem": object_of(
        {
            "position": {"type": "integer", "minimum": 1, "description": "Counts from 1"},
            "dossier": {"type": "string"},
            "document": SHA256,
            "filename": {"type": "string"},
            "title": {"type": "string"},
            "number": {"type": "string"},
            "received": {"type": "boolean", "description": "Its document has come"},
            "state": enum(ItemState, "What became of it"),
            "working": {"type": "boolean", "description": "A worker is at it"},
            "reason": {"anyOf": [ref("Reason"), {"type": "null"}], "description": "Why it was refused, or waits"},
            "dry_run": {"anyOf": [enum(CheckState, "What the dry run said"), {"type": "null"}]},
            "dry_run_reason": {"anyOf": [ref("Reason"), {"type": "null"}]},
            "placements": list_of(
                object_of(
                    {
                        "what": {"type": "string", "enum": ["authorised-person", "agency"]},
                        "page": {"type": "integer", "minimum": 1},
                        "box_mm": list_of({"type": "number"}, "x0, y0, x1, y1 from the page's lower left corner"),
                    }
                ),
                "Where the dry run placed the visible signatures",
            ),
            "picture_url": {"type": "string", "description": "The page of the seals as it would look sealed, PNG"},
            "result_code": maybe({"type": "string", "description": "<dossier>-KQ<n>, once it is sealed"}),
            "changed_at": time("When it last changed"),
        }
    ),
    "BatchPage": object_of(
        {
            "batch": ref("Batch"),
            "items": list_of(ref("BatchItem"), "In the order of their positions"),
            "last": {"type": "integer", "minimum": 0, "description": "Ask after this position next"},
            "more": {"type": "boolean", "description": "There are more"},
        }
    ),
    "Batches": object_of({"batches": list_of(ref("Batch"), "Newest first")}),
    "BatchDocument": object_of(
        {
            "batch": {"type": "string"},
            "document": SHA256,
            "state": enum(BatchState, "Where the batch stands by now"),
        }
    ),
}
