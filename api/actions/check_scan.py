"""Check whether a file is a proper scan; kept with the dossier's paper where a dossier is named, else nothing is."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from api.actions.dossier_access import visible_dossier
from api.actions.paper_prints import seen_elsewhere
from api.actions.recording import EventType, refuse_too_large, shown_name
from api.actions.scan_files import Side, file_of
from api.callers import Caller
from api.i18n.texts import Texts
from api.report_json import finding_to_json
from api.services import Services
from api.storage import scans as stored
from api.storage.codec import encode
from api.storage.journal import Plain, add_act, add_event
from api.storage.records import record_document
from verifier.report import Finding, Severity
from verifier.scans.check import check_scan
from verifier.scans.report import PageScan, ScanReport

SIZE_STEP_MM = 15.0
"""Pages that differ by more are of several sizes."""


@dataclass(frozen=True)
class ScanCheck:
    """A report on a file; ``id`` is None where nothing was kept."""

    report: ScanReport
    filename: str
    at: datetime
    id: str | None = None
    dossier: str | None = None


def check_file(services: Services, caller: Caller, side: Side, *, dossier: str | None = None) -> ScanCheck:
    """Report on a file, made in worker processes; with a dossier the check is kept, beside its paper of these bytes.

    Raises:
        Refused: UPLOAD_TOO_LARGE, UNKNOWN_DOSSIER, UNKNOWN_PAPER, INVALID_REQUEST (a stored paper without its dossier).
    """
    now = services.clock()
    upload = file_of(services, caller, side, dossier, "paper")
    refuse_too_large(services, len(upload.data))
    report = check_scan(services.validation.workers, upload.data)
    if dossier is not None:
        said = (
            *_of_regulation(services, caller, dossier, report),
            *seen_elsewhere(services, caller, dossier, upload.data),
        )
        report = replace(report, findings=(*report.findings, *said))
    name = shown_name(upload.filename)
    if dossier is None:
        return ScanCheck(report, name, now)
    sha256 = services.documents.put(upload.data)
    with services.database.writing() as transaction:
        visible_dossier(transaction, caller, dossier)
        record_document(transaction, sha256, len(upload.data), now)
        row = stored.CheckRow(
            id=str(uuid.uuid4()),
            caller=caller.id,
            created_at=now,
            dossier=dossier,
            paper=stored.paper_with_bytes(transaction, dossier, sha256),
            document_sha256=sha256,
            filename=name,
            kind=report.kind.value,
            conforms=report.conforms,
            report=encode(report),
        )
        stored.insert_check(transaction, row)
        facts: dict[str, Plain] = {
            "sha256": sha256,
            "dossier": dossier,
            "kind": row.kind,
            "conforms": "yes" if report.conforms else "no",
        }
        add_act(transaction, caller.id, EventType.SCAN_CHECKED.value, now, f"scan-check:{row.id}", facts)
        add_event(transaction, EventType.SCAN_CHECKED.value, now, f"scan-check:{row.id}", facts)
    return ScanCheck(report, name, now, row.id, dossier)


def _of_regulation(services: Services, caller: Caller, dossier: str, report: ScanReport) -> tuple[Finding, ...]:
    """What the dossier's regulation asks of a file: each paper in one of its own."""
    with services.database.reading() as transaction:
        key = str(visible_dossier(transaction, caller, dossier).facts["regulation"])
    article = services.profiles[key].one_paper_per_file if key in services.profiles else None
    if article is None or len(report.pages) < 2:
        return ()
    parameters = (("article", article), ("pages", str(len(report.pages))))
    return (Finding("SCAN-ONE-PAPER-PER-FILE", _how_likely(report), parameters),)


def _how_likely(report: ScanReport) -> Severity:
    """Pages of several sizes, or a blank one between others, look like several papers; else it is only said."""
    sizes = {tuple(sorted(round(side / SIZE_STEP_MM) for side in page.size_mm)) for page in report.pages}
    between = any(finding.code == "SCAN-BLANK" for page in report.pages[1:-1] for finding in page.findings)
    return Severity.WARNING if len(sizes) > 1 or between else Severity.INFO


def scan_to_json(report: ScanReport, texts: Texts) -> dict[str, Any]:
    """The contract's object for one file."""
    return {
        "kind": report.kind.value,
        "conforms": report.conforms,
        "pages": [_page(page, texts) for page in report.pages],
        "findings": [finding_to_json(finding, texts) for finding in report.findings],
    }


def _page(page: PageScan, texts: Texts) -> dict[str, Any]:
    return {
        "dpi": None if page.dpi is None else [round(value, 1) for value in page.dpi],
        "colour": page.colour.value,
        "size_mm": [round(value, 1) for value in page.size_mm],
        "skew_degrees": page.skew_degrees,
        "findings": [finding_to_json(finding, texts) for finding in page.findings],
    }
