"""The transfer note: who put a paper into electronic form, when, on what, and which checks the scan passed.

``transfer_note`` gives a paper's note to whoever certifies a copy; ``api/pages/printed_note.py`` prints it.
A note is made once for each kept check and never changed; a scan that was put right has a check and a note of its own.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from api.actions.comparisons import name_of
from api.actions.dossier_access import visible_codes
from api.actions.recording import EventType
from api.callers import Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage import transfer_notes as stored
from api.storage.codec import decode
from api.storage.database import Transaction
from api.storage.journal import Plain, add_act, add_event
from verifier.report import Severity
from verifier.scans.report import SCANS, ScanReport


class Source(StrEnum):
    """From which paper the scan was made."""

    ORIGINAL = "original"
    CERTIFIED_COPY = "certified-copy"
    OTHER = "other"


class Requirement(StrEnum):
    """What a scan is checked for."""

    FORMAT = "format"
    COLOUR = "colour"
    RESOLUTION = "resolution"
    SIZE = "size"
    NOTHING_ADDED = "nothing-added"
    NOT_EDITED = "not-edited"
    NO_ACTIVE_CONTENT = "no-active-content"
    LEGIBLE = "legible"
    COMPLETE = "complete"


VIOLATIONS: Mapping[Requirement, frozenset[str]] = MappingProxyType(
    {
        Requirement.FORMAT: frozenset(
            {"SCAN-NOT-PDF", "SCAN-PDF-VERSION", "SCAN-DIGITAL", "SCAN-PHOTO", "SCAN-ORIGIN-UNKNOWN"}
        ),
        Requirement.COLOUR: frozenset({"SCAN-NOT-COLOUR", "SCAN-BILEVEL"}),
        Requirement.RESOLUTION: frozenset({"SCAN-RESOLUTION-LOW", "SCAN-SCALE-UNKNOWN"}),
        Requirement.SIZE: frozenset({"SCAN-SIZE-SCALED", "SCAN-SIZE-OTHER", "SCAN-SCALE-UNKNOWN"}),
        Requirement.NOTHING_ADDED: frozenset(
            {
                "SCAN-TEXT-ADDED",
                "SCAN-DRAWING-ADDED",
                "SCAN-PICTURE-ADDED",
                "SCAN-LAYER-ADDED",
                "SCAN-AS-PATTERN",
                "SCAN-PAINTED-OVER",
                "SCAN-ANNOTATION",
                "SCAN-HIDDEN-LAYER",
                "SCAN-SWITCHABLE-LAYER",
                "SCAN-CONTENT-DAMAGED",
            }
        ),
        Requirement.NOT_EDITED: frozenset({"SCAN-REVISED", "SCAN-SEEN-ELSEWHERE-CHANGED"}),
        Requirement.NO_ACTIVE_CONTENT: frozenset(
            {"SCAN-SCRIPT", "SCAN-ACTION", "SCAN-LINK", "SCAN-ATTACHMENT", "SCAN-FORM", "SCAN-XFA"}
            | {"SCAN-STRUCTURE-DAMAGED", "SCAN-TOO-MANY-OBJECTS"}
        ),
        Requirement.LEGIBLE: frozenset(
            {"SCAN-SKEWED", "SCAN-BLURRED", "SCAN-BLANK", "SCAN-EDGE-CUT", "SCAN-QUALITY-UNKNOWN"}
            | {"SCAN-UPSIDE-DOWN", "SCAN-GLARE"}
        ),
        Requirement.COMPLETE: frozenset(
            {"SCAN-NOT-EXAMINED", "SCAN-FORMAT", "SCAN-DAMAGED", "SCAN-PICTURE-DAMAGED", "SCAN-PICTURE-TOO-LARGE"}
            | {"SCAN-PAGE-TOO-LARGE", "SCAN-NO-PAGES", "SCAN-TOO-MANY-PAGES", "SCAN-PAGE-DAMAGED"}
            | {"SCAN-PAGE-NOT-DRAWN", "SCAN-PAGE-TOO-COSTLY", "SCAN-PAGE-CRASHED"}
        ),
    }
)
"""Which findings speak against which requirement; a test holds every finding of a scan against it."""
NEUTRAL = frozenset({"SCAN-SIGNATURE-SHOWN", "SCAN-ONE-PAPER-PER-FILE", "SCAN-REVISED-SIGNED", "SCAN-SEEN-ELSEWHERE"})


@dataclass(frozen=True)
class Transfer:
    """What the person at the scanner says."""

    scanned_by: str
    scanned_at: datetime
    device: str
    source: Source


@dataclass(frozen=True)
class TransferNote:
    """A note with everything that stands on it. ``passed``: per requirement, None where the file could not be read."""

    id: str
    check: str
    dossier: str
    paper_number: int | None
    filename: str
    document_sha256: str
    pages: int
    transfer: Transfer
    checked_at: datetime
    noted_by: str
    noted_at: datetime
    passed: Mapping[Requirement, bool | None]
    record_sha256: str


def make_note(services: Services, caller: Caller, check_id: str, transfer: Transfer) -> TransferNote:
    """Make the note on a kept check; the same again gives the note that is there.

    Raises:
        Refused: UNKNOWN_SCAN_CHECK, NOTE_EXISTS (with other words), INVALID_REQUEST (scanned after now).
    """
    now = services.clock()
    transfer = replace(transfer, scanned_at=transfer.scanned_at.astimezone(UTC))
    if transfer.scanned_at > now:
        raise Refused(RefusalKind.INVALID_REQUEST, field="scanned_at", reason="time")
    with services.database.writing() as transaction:
        check = _visible(transaction, caller, check_id, lock=True)
        known = stored.find_note(transaction, check.id)
        if known is not None:
            if _said(known) != transfer:
                raise Refused(RefusalKind.NOTE_EXISTS)
            return _note(transaction, check, known)
        row = stored.NoteRow(
            id=str(uuid.uuid4()),
            scan_check=check.id,
            dossier=check.dossier,
            paper=check.paper,
            caller=caller.id,
            created_at=now,
            scanned_by=transfer.scanned_by,
            scanned_at=transfer.scanned_at,
            device=transfer.device,
            source=transfer.source.value,
            record_sha256=_digest(check, transfer),
        )
        stored.insert_note(transaction, row)
        facts: dict[str, Plain] = {"check": check.id, "sha256": check.document_sha256, "dossier": check.dossier}
        facts["record_sha256"] = row.record_sha256
        add_act(transaction, caller.id, EventType.SCAN_NOTED.value, now, f"transfer-note:{row.id}", facts)
        add_event(transaction, EventType.SCAN_NOTED.value, now, f"transfer-note:{row.id}", facts)
        return _note(transaction, check, row)


def get_note(services: Services, caller: Caller, check_id: str) -> TransferNote:
    """The note on a check.

    Raises:
        Refused: UNKNOWN_SCAN_CHECK, also where there is no note or the caller may not see it.
    """
    with services.database.reading() as transaction:
        check = _visible(transaction, caller, check_id)
        row = stored.find_note(transaction, check.id)
        if row is None:
            raise Refused(RefusalKind.UNKNOWN_SCAN_CHECK)
        return _note(transaction, check, row)


def transfer_note(transaction: Transaction, dossier: str, document_sha256: str) -> TransferNote | None:
    """The newest note on a dossier's paper with these bytes: what a certified copy of it goes out with."""
    found = stored.latest_note(transaction, dossier, document_sha256)
    return None if found is None else _note(transaction, *found)


def requirements_of(report: ScanReport) -> dict[Requirement, bool | None]:
    """What the report says of each requirement; nothing is said to hold of a file that is no scan."""
    found = [*report.findings, *(finding for page in report.pages for finding in page.findings)]
    codes = {
        finding.code for finding in found if finding.severity is not Severity.INFO or finding.code == "SCAN-DIGITAL"
    }
    readable = report.kind in SCANS or bool(report.pages)
    return {
        requirement: False if codes & violations else (True if readable else None)
        for requirement, violations in VIOLATIONS.items()
    }


def _visible(transaction: Transaction, caller: Caller, check_id: str, *, lock: bool = False) -> stored.CheckFacts:
    check = stored.find_check(transaction, check_id, lock=lock)
    if check is None or check.dossier not in visible_codes(transaction, caller, [check.dossier]):
        raise Refused(RefusalKind.UNKNOWN_SCAN_CHECK)
    return check


def _said(row: stored.NoteRow) -> Transfer:
    return Transfer(row.scanned_by, row.scanned_at, row.device, Source(row.source))


def _note(transaction: Transaction, check: stored.CheckFacts, row: stored.NoteRow) -> TransferNote:
    report = decode(ScanReport, check.report)
    return TransferNote(
        id=row.id,
        check=check.id,
        dossier=check.dossier,
        paper_number=check.paper_number,
        filename=check.filename,
        document_sha256=check.document_sha256,
        pages=len(report.pages),
        transfer=_said(row),
        checked_at=check.created_at,
        noted_by=name_of(transaction, row.caller),
        noted_at=row.created_at,
        passed=requirements_of(report),
        record_sha256=row.record_sha256,
    )


def _digest(check: stored.CheckFacts, transfer: Transfer) -> str:
    """SHA-256 of the canonical JSON of what the note says and of the report that it rests on."""
    record: dict[str, Any] = {
        "check": check.id,
        "sha256": check.document_sha256,
        "report": check.report,
        "scanned_by": transfer.scanned_by,
        "scanned_at": transfer.scanned_at.isoformat(),
        "device": transfer.device,
        "source": transfer.source.value,
    }
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
