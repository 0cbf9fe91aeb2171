"""Ask again where an answer was missing: re-verify from the stored bytes, tell when the verdict changed."""

from __future__ import annotations

from api.actions.dossiers import decide_anew
from api.actions.recording import (
    EventType,
    add_verdict_event,
    judge,
    keep_bytes,
    next_retry,
    record_verification,
)
from api.callers import WORKER
from api.services import Services
from api.storage.documents import DocumentMissing
from api.storage.dossiers import papers_with_verification
from api.storage.journal import add_act
from api.storage.records import VerificationRow, due_retries, set_replacement, set_retry
from verifier.report import Conclusion, SubIndication, ValidationReport


def retry_due(services: Services, limit: int = 20) -> int:
    """Re-verify the documents whose retry is due; the number that were looked at. Run by the worker."""
    with services.database.reading() as transaction:
        due = due_retries(transaction, services.clock(), limit)
    for row in due:
        _retry(services, row)
    return len(due)


def _retry(services: Services, row: VerificationRow) -> None:
    """Judge again; the report that was given out stays, a changed verdict is a verification of its own."""
    now, retries = services.clock(), row.retries + 1
    try:
        data = services.documents.get(row.document_sha256)
        content = None if row.content_sha256 is None else services.documents.get(row.content_sha256)
    except DocumentMissing:
        with services.database.writing() as transaction:
            set_retry(transaction, row, None)
            add_act(transaction, WORKER.id, "document.missing", now, f"verification:{row.id}")
        return
    judged = judge(services, data, row.filename, now, row.report.policy_id, content)
    if _essence(judged.report) == _essence(row.report):
        with services.database.writing() as transaction:
            set_retry(transaction, row, next_retry(judged.report, now, retries))
        return
    keep_bytes(services, judged)
    with services.database.writing() as transaction:
        if not set_retry(transaction, row, None):
            return  # another worker was quicker
        later = record_verification(
            transaction, WORKER.id, judged, now, dossier=row.dossier, owner=row.caller, retries=retries
        )
        set_replacement(transaction, row.id, later.id)
        add_verdict_event(transaction, EventType.VERIFICATION_CHANGED, now, later, {"replaces": row.id})
        for paper in papers_with_verification(transaction, row.id):
            decide_anew(services, transaction, paper, later.id, now)


def _essence(report: ValidationReport) -> tuple[Conclusion, tuple[SubIndication | None, ...]]:
    return report.conclusion, tuple(verdict.sub_indication for verdict in report.verdicts)
