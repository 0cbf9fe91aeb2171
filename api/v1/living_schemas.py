"""Shapes around living results: decisions as they are asked for, results as agencies and as the public see them."""

from __future__ import annotations

from api.actions.check_result import ResultState
from api.actions.decisions import MAX_NOTE_CHARACTERS, MAX_PUBLIC_NOTE_CHARACTERS, Reason
from api.actions.seal_order import SEAL_LEVELS
from api.storage.living import Cause, ChangeKind
from api.storage.upkeep import Task
from api.v1.schema_parts import SHA256, Schema, day, enum, list_of, maybe, named, object_of, ref, text, time

_FORCES = (ResultState.IN_FORCE, ResultState.EXPIRED, ResultState.WITHDRAWN, ResultState.REPLACED)
_LEVEL = {"type": "string", "enum": list(SEAL_LEVELS), "description": "PAdES baseline level reached"}

_AUTHORITY = object_of(
    {
        "decided_by": named("Who decided: the office or the person, as the decision names them", 500),
        "decision_number": named("Number of the decision", 500),
        "decision_date": day("Day of the decision, not in the future"),
    },
    closed=True,
)
_WHY = {
    "reason": enum(Reason, "Why; the public sees it"),
    "authority": ref("Authority"),
    "note": maybe(text("For the agency, never public; required with the reason other", most=MAX_NOTE_CHARACTERS)),
}
_FACTS = object_of(
    {
        "title": named("What kind of paper it is", 500),
        "number": named("Its number", 500),
        "holder_name": named("To whom it was given", 500),
        "issued_on": day("Day of issue"),
        "valid_until": maybe(day("Last day of validity; null: without limit")),
    },
    optional=("title", "number", "holder_name", "issued_on", "valid_until"),
    closed=True,
)
_CHANGE = object_of(
    {
        "number": {"type": "integer", "minimum": 1, "description": "Counts from 1 within the result"},
        "kind": enum(ChangeKind, "What was decided"),
        "reason": ref("Reason"),
        "note": maybe({"type": "string"}),
        "public_note": maybe({"type": "string"}),
        "authority": ref("Authority"),
        "successor": maybe({"type": "string", "description": "Result code that replaced it"}),
        "before": {"type": "object", "description": "Corrected facts as they were"},
        "after": {"type": "object", "description": "Corrected facts as they are"},
        "at": time("When it was recorded; it holds from then on"),
        "caller": {"type": "string", "description": "Which account or key recorded it"},
    }
)
_VERSION = object_of(
    {
        "number": {"type": "integer", "minimum": 1, "description": "Counts from 1; the last one is the result's file"},
        "sha256": SHA256,
        "level": _LEVEL,
        "cause": enum(Cause, "Sealed, raised to a higher level, or its archive time stamp renewed"),
        "made_at": time("When it was made"),
        "verification": {"type": "string", "description": "Id of the self-check's report"},
    }
)
_PUBLIC_CHANGE = object_of(
    {
        "kind": enum(ChangeKind, "What was decided"),
        "reason": ref("Reason"),
        "decided_by": {"type": "string"},
        "decision_number": {"type": "string"},
        "decision_date": day("Day of the decision"),
        "at": time("Since when it holds"),
        "note": maybe({"type": "string", "description": "What was corrected"}),
    }
)

LIVING_SCHEMAS: dict[str, Schema] = {
    "Authority": _AUTHORITY,
    "WithdrawalRequest": object_of(_WHY, optional=("note",), closed=True),
    "ReplacementRequest": object_of(
        {**_WHY, "successor": text("Result code of the same agency, in force", least=1, most=80)},
        optional=("note",),
        closed=True,
    ),
    "CorrectionRequest": object_of(
        {
            **_WHY,
            "public_note": text(
                "What was wrong and what is right, for everybody to read; no personal data",
                least=1,
                most=MAX_PUBLIC_NOTE_CHARACTERS,
            ),
            "facts": _FACTS,
        },
        optional=("note", "facts"),
        closed=True,
    ),
    "ResultChange": _CHANGE,
    "ResultVersion": _VERSION,
    "Result": object_of(
        {
            "result_code": {"type": "string"},
            "dossier": {"type": "string"},
            "agency": {"type": "string"},
            "title": {"type": "string"},
            "number": {"type": "string"},
            "holder_name": {"type": "string"},
            "issued_on": day("Day of issue"),
            "valid_until": maybe(day("Last day of validity")),
            "state": enum(_FORCES, "What is to be said of it now"),
            "successor": maybe({"type": "string", "description": "Result code that replaced it"}),
            "verification_code": {"type": "string"},
            "sha256": SHA256,
            "level": _LEVEL,
            "sealed_at": time("When it was sealed"),
            "changes": list_of(ref("ResultChange"), "Decisions, oldest first"),
            "versions": list_of(ref("ResultVersion"), "Every file that was this result, oldest first"),
            "replayed": {"type": "boolean", "description": "The same request under the same key had been done before"},
        }
    ),
    "PublicChange": _PUBLIC_CHANGE,
    "PublicSuccessor": object_of(
        {
            "title": {"type": "string"},
            "number": {"type": "string"},
            "issued_on": day("Day of issue"),
            "state": enum(_FORCES, "What is to be said of it now"),
        }
    ),
    "PublicResult": object_of(
        {
            "title": {"type": "string"},
            "number": {"type": "string"},
            "issued_on": day("Day of issue"),
            "agency": {"type": "string", "description": "Name of the agency that sealed it"},
            "holder": {"type": "string", "description": "Masked"},
            "valid_until": maybe(day("Last day of validity")),
            "verification_code": {"type": "string"},
            "sealed_at": time("When it was sealed"),
            "earlier_version": {
                "type": "boolean",
                "description": "The file is this result in an earlier state of its evidence, with the same content",
            },
            "change": {"anyOf": [ref("PublicChange"), {"type": "null"}], "description": "Withdrawal or replacement"},
            "successor": {
                "anyOf": [ref("PublicSuccessor"), {"type": "null"}],
                "description": "What holds in its place, at the end of the chain of replacements",
            },
            "corrections": list_of(ref("PublicChange"), "Corrections, oldest first"),
            "main": {
                "anyOf": [ref("PublicSuccessor"), {"type": "null"}],
                "description": "The main document, where this is an attachment; it holds as long as that does",
            },
        }
    ),
    "StuckEvidence": object_of(
        {
            "result_code": {"type": "string"},
            "agency": {"type": "string"},
            "task": maybe(enum(Task, "What is to be done")),
            "level": _LEVEL,
            "wished_level": {"type": "string", "enum": list(SEAL_LEVELS)},
            "expires_at": maybe(time("When the evidence ends")),
            "expires_with": maybe({"type": "string", "description": "Certificate or algorithm that ends it"}),
            "next_at": maybe(time("When it is tried again")),
            "attempts": {"type": "integer", "minimum": 0},
            "reason": ref("Reason"),
        }
    ),
    "EvidenceHealth": object_of(
        {
            "at": time("When this was asked"),
            "due": object_of({task.value: {"type": "integer", "minimum": 0} for task in Task}),
            "next_due": maybe(time("When the next task falls due")),
            "months": list_of(
                object_of({"month": {"type": "string"}, "count": {"type": "integer", "minimum": 1}}),
                "How many results' evidence ends in each month, soonest first",
            ),
            "stuck": list_of(ref("StuckEvidence"), "Whose last attempt came to nothing, ending soonest first"),
            "quotas": list_of(
                object_of(
                    {
                        "address": {"type": "string"},
                        "period": {"type": "string", "description": "An hour or a day, UTC"},
                        "used": {"type": "integer", "minimum": 0},
                        "limit": {"type": "integer", "minimum": 0},
                    }
                ),
                "Time stamp authorities with quotas",
            ),
        }
    ),
}
