"""Check one uploaded document, keep what the verdict rests on, and answer with the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.actions.dossier_access import visible_dossier, visible_verifications
from api.actions.recording import EventType, add_verdict_event, judge, keep_bytes, record_verification
from api.callers import ALL_AGENCIES, Caller, CallerKind
from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.database import Transaction
from api.storage.records import VerificationRow, find_verification, newest_verifications
from verifier.cms.inner import document_inside
from verifier.drawing.rendering import RenderingError
from verifier.process.workers import WorkerFailedError
from verifier.report import DocumentFormat, ValidationReport

MAX_LISTED = 100


@dataclass(frozen=True)
class Upload:
    """Bytes that came from outside, with the name the sender gave them (shown, never trusted)."""

    data: bytes
    filename: str = ""


@dataclass(frozen=True)
class StoredVerification:
    """A verification as kept: the report is never changed; a later look at the same bytes is a verification of its own.

    ``retry_at`` is set while an answer was missing (TRY_LATER) and the worker will ask again; ``replaced_by`` is the
    id of the later verification that the worker made.
    """

    id: str
    caller: str
    created_at: datetime
    document_sha256: str
    filename: str
    dossier: str | None
    report: ValidationReport
    retry_at: datetime | None = None
    replaced_by: str | None = None
    content_sha256: str | None = None


def verify_upload(
    services: Services,
    caller: Caller,
    upload: Upload,
    *,
    dossier: str | None = None,
    policy: str | None = None,
    content: bytes | None = None,
) -> StoredVerification:
    """Judge an upload and store document, report, evidence, act and event in one transaction.

    1 accept (size; dossier and policy known) · 2 judge in a worker process · 3 keep the bytes · 4 record.

    Args:
        services: the object graph.
        caller: who asks; stands in the record of acts.
        upload: the document.
        dossier: code of a dossier it belongs to, if any.
        policy: id of a validation policy; the configured one if None.
        content: the signed file of a detached CMS.

    Raises:
        Refused: UPLOAD_TOO_LARGE, UNKNOWN_DOSSIER, UNKNOWN_POLICY. Nothing is stored then.
    """
    at = services.clock()
    if dossier is not None:  # 1
        with services.database.reading() as transaction:
            visible_dossier(transaction, caller, dossier)
    judged = judge(services, upload.data, upload.filename, at, policy, content)  # 1, 2
    keep_bytes(services, judged)  # 3
    with services.database.writing() as transaction:  # 4
        row = record_verification(transaction, caller.id, judged, at, agencies=caller.agencies, dossier=dossier)
        add_verdict_event(transaction, EventType.VERIFICATION_COMPLETED, at, row)
    return stored_verification(row)


def get_verification(services: Services, caller: Caller, verification_id: str) -> StoredVerification:
    """Look up a verification that the caller may see (``api/actions/dossier_access.py``).

    Raises:
        Refused: UNKNOWN_VERIFICATION.
    """
    with services.database.reading() as transaction:
        return stored_verification(_visible(transaction, caller, verification_id))


def list_verifications(
    services: Services, caller: Caller, *, before: datetime | None = None, limit: int = 20
) -> list[StoredVerification]:
    """The newest verifications this caller may see, newest first."""
    bound = caller.kind is CallerKind.PORTAL or ALL_AGENCIES not in caller.agencies
    agencies = None if caller.kind is CallerKind.PORTAL or not bound else caller.agencies
    limit = min(max(limit, 1), MAX_LISTED)
    with services.database.reading() as transaction:
        rows = newest_verifications(transaction, caller.id if bound else None, agencies, before, limit)
    return [stored_verification(row) for row in rows]


def verification_document(services: Services, caller: Caller, verification_id: str) -> tuple[str, bytes]:
    """File name and bytes of a verified document.

    Raises:
        Refused: UNKNOWN_VERIFICATION.
    """
    with services.database.reading() as transaction:
        row = _visible(transaction, caller, verification_id)
    return row.filename, services.documents.get(row.document_sha256)


def page_pictures(services: Services, caller: Caller, verification_id: str, pages: range, width_px: int) -> list[bytes]:
    """PNG pictures of pages (numbered from 0) of a verified PDF, drawn in a worker process.

    Of a signature file with a PDF inside it is that PDF, never the file around it, that is drawn. Empty where there are
    no pages, or they cannot be drawn within the limits.

    Raises:
        Refused: UNKNOWN_VERIFICATION.
    """
    with services.database.reading() as transaction:
        row = _visible(transaction, caller, verification_id)
    if row.report.format not in (DocumentFormat.PDF, DocumentFormat.CMS) or not row.report.pages:
        return []
    wanted = range(max(pages.start, 0), min(pages.stop, row.report.pages))
    data = services.documents.get(row.document_sha256)
    workers = services.validation.workers
    try:
        shown = data if row.report.format is DocumentFormat.PDF else workers.run(document_inside, data)
        return workers.render_pages(shown, wanted, width_px)
    except (WorkerFailedError, RenderingError):
        return []


def stored_verification(row: VerificationRow) -> StoredVerification:
    """A stored row as the actions show it."""
    return StoredVerification(
        id=row.id,
        caller=row.caller,
        created_at=row.created_at,
        document_sha256=row.document_sha256,
        filename=row.filename,
        dossier=row.dossier,
        report=row.report,
        retry_at=row.retry_at,
        replaced_by=row.replaced_by,
        content_sha256=row.content_sha256,
    )


def _visible(transaction: Transaction, caller: Caller, verification_id: str) -> VerificationRow:
    row = find_verification(transaction, verification_id)
    if row is None or row.id not in visible_verifications(transaction, caller, [row.id]):
        raise Refused(RefusalKind.UNKNOWN_VERIFICATION, verification=verification_id)
    return row
