"""What an officer decides on a comparison: the reconciliation record. Added, never changed (a trigger refuses it).

The record's digest covers the files, the boxes, the pictures that were shown, the decision, and the record before.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from api.actions.comparisons import ComparisonRecord, comparison_facts, record_of, visible_comparison
from api.actions.recording import EventType
from api.callers import Caller, CallerKind
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage import scans as stored
from api.storage.codec import encode
from api.storage.database import Transaction
from api.storage.journal import Plain, add_act, add_event
from verifier.scans.compare import Outcome

MAX_NOTE_CHARACTERS = 2000


def decide(
    services: Services, caller: Caller, comparison_id: str, decision: Outcome, note: str, *, after: int
) -> ComparisonRecord:
    """Record an officer's decision.

    Args:
        services: of this process.
        caller: an officer; no program decides.
        comparison_id: what was looked at.
        decision: in the officer's words: match, differences, not comparable.
        note: why, where that is not plain.
        after: how many decisions the officer had seen. Two who decide at once do not pass over each other's word.

    Raises:
        Refused: UNKNOWN_COMPARISON, DECISION_MEANWHILE, INVALID_REQUEST (the note is too long; or none says why the
            officer decides otherwise than the comparison).
    """
    note = _plain(note)
    if caller.kind is not CallerKind.OFFICER:
        raise Refused(RefusalKind.UNKNOWN_COMPARISON)
    if len(note) > MAX_NOTE_CHARACTERS:
        raise Refused(RefusalKind.INVALID_REQUEST, field="note", reason="length")
    now = services.clock()
    with services.database.writing() as transaction:
        row = visible_comparison(transaction, caller, comparison_id, lock=True)
        earlier = stored.decisions_of(transaction, row.id)
        if len(earlier) != after:
            raise Refused(RefusalKind.DECISION_MEANWHILE)
        if not note and (decision.value != row.outcome or earlier):
            raise Refused(RefusalKind.INVALID_REQUEST, field="note", reason="required")
        values: dict[str, Any] = {
            "number": after + 1,
            "caller": caller.id,
            "at": now,
            "decision": decision.value,
            "note": note,
        }
        previous = earlier[-1].record_sha256 if earlier else None
        sha256 = _record_sha256(transaction, row, values, previous)
        stored.insert_decision(transaction, row.id, stored.DecisionRow(**values, record_sha256=sha256))
        facts: dict[str, Plain] = comparison_facts(row) | {
            "number": after + 1,
            "decision": decision.value,
            "record_sha256": sha256,
        }
        add_act(transaction, caller.id, EventType.SCAN_DECIDED.value, now, f"comparison:{row.id}", facts)
        add_event(transaction, EventType.SCAN_DECIDED.value, now, f"comparison:{row.id}", facts)
        return record_of(transaction, row)


def _record_sha256(
    transaction: Transaction, row: stored.ComparisonRow, values: dict[str, Any], previous: str | None
) -> str:
    """SHA-256 of the canonical JSON of everything the decision rests on."""
    record = {
        "comparison": row.id,
        "copy_sha256": row.copy_sha256,
        "original_sha256": row.original_sha256,
        "outcome": row.outcome,
        "pages": row.pages,
        "findings": row.findings,
        "pictures": [encode(picture) for picture in stored.pictures_of(transaction, row.id)],
        "decision": {name: encode(value) for name, value in values.items()},
        "previous": previous,
    }
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(note: str) -> str:
    """Lines of visible text: no control characters but the line break."""
    lines = note.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(letter for letter in line if letter.isprintable()) for line in lines).strip()
