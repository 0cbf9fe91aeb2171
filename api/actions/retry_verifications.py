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
from api.refused import Refused
from api.services import Services
from api.storage.documents import DocumentMissing
from api.storage.dossiers import papers_with_verification
from api.storage.journal import Plain, add_act
from api.storage.records import (
    VerificationRow,
    cancel_retry,
    claim_retry,
    due_retries,
    owners_of,
    set_replacement,
)
from verifier.report import Conclusion, SubIndication, ValidationReport


def retry_due(services: Services, limit: int = 20) -> int:
    """Re-verify the documents whose retry is due; the number that were looked at. Run by the worker."""
    with services.database.reading() as transaction:
        due = due_retries(transaction, services.clock(), limit)
    for row in due:
        _retry(services, row)
    return len(due)


def _retry(services: Services, row: VerificationRow) -> None:
    """Judge again; the report that was given out stays, a changed verdict is a verification of its own.

    The retry is claimed first, with the time of the next: a document that ends the worker is not the first one it meets
    again.
    """
    now, retries = services.clock(), row.retries + 1
    with services.database.writing() as transaction:
        if not claim_retry(transaction, row, next_retry(row.report, now, retries)):
            return
    try:
        data = services.documents.get(row.document_sha256)
        content = None if row.content_sha256 is None else services.documents.get(row.content_sha256)
        judged = judge(services, data, row.filename, now, row.report.policy_id, content)
    except (DocumentMissing, Refused) as error:  # gone, or its policy is no longer known
        with services.database.writing() as transaction:
            cancel_retry(transaction, row.id)
            facts: dict[str, Plain] = {"reason": type(error).__name__}
            add_act(transaction, WORKER.id, "verification.retry-impossible", now, f"verification:{row.id}", facts)
        return
    if _essence(judged.report) == _essence(row.report):
        return
    keep_bytes(services, judged)
    with services.database.writing() as transaction:
        later = record_verification(
            transaction,
            WORKER.id,
            judged,
            now,
            agencies=owners_of(transaction, [row.id])[row.id].agencies,
            dossier=row.dossier,
            owner=row.caller,
            retries=retries,
        )
        set_replacement(transaction, row.id, later.id)
        add_verdict_event(transaction, EventType.VERIFICATION_CHANGED, now, later, {"replaces": row.id})
        for paper in papers_with_verification(transaction, row.id):
            decide_anew(services, transaction, paper, later.id, now)


def _essence(report: ValidationReport) -> tuple[Conclusion, tuple[SubIndication | None, ...]]:
    return report.conclusion, tuple(verdict.sub_indication for verdict in report.verdicts)
