"""What every action that judges a document does around it: keep the bytes, record the verdict, act and event together.

Files are kept before the transaction that names them (``api/storage/documents.py``); rows, act and event are one
transaction.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from api.refused import RefusalKind, Refused
from api.services import Services
from api.storage.database import Transaction
from api.storage.journal import Plain, add_act, add_event
from api.storage.records import VerificationRow, first_receipt, insert_verification, record_document
from verifier.policy import UnknownPolicyError
from verifier.report import Conclusion, SubIndication, ValidationReport
from verifier.verify import VerificationInput

RETRY_AFTER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(days=1),
    timedelta(days=2),
)
"""When a missing answer is asked for again, counted from the last attempt: four days in all, then it is left."""

MAX_FILENAME_CHARACTERS = 200

_LATE = frozenset({SubIndication.REVOKED, SubIndication.EXPIRED})

_RETRIED = frozenset({SubIndication.TRY_LATER, SubIndication.REVOCATION_OUT_OF_BOUNDS_NO_POE})


class EventType(StrEnum):
    """Every type of event in the feed."""

    VERIFICATION_COMPLETED = "verification.completed"
    VERIFICATION_CHANGED = "verification.changed"
    DOSSIER_RECORDED = "dossier.recorded"
    DOSSIER_CHANGED = "dossier.changed"
    PAPER_RECEIVED = "paper.received"
    PAPER_OUTCOME_CHANGED = "paper.outcome-changed"
    RESULT_SEALED = "result.sealed"
    RELEASE_REQUESTED = "seal.release-requested"
    RELEASE_GIVEN = "seal.released"
    RELEASE_REFUSED = "seal.release-refused"
    NUMBER_GIVEN = "number.given"
    NUMBER_ON_PAPER = "number.on-paper"
    NUMBER_VOIDED = "number.voided"
    LETTER_WAITING = "letter.waiting"
    LETTER_CALLED = "letter.called"
    LETTER_RETURNED = "letter.returned"
    SCAN_CHECKED = "scan.checked"
    SCAN_COMPARED = "scan.compared"
    SCAN_DECIDED = "scan.decided"
    SCAN_NOTED = "scan.noted"
    RESULT_WITHDRAWN = "result.withdrawn"
    RESULT_REPLACED = "result.replaced"
    RESULT_CORRECTED = "result.corrected"
    BATCH_RECORDED = "batch.recorded"
    BATCH_READY = "batch.ready"
    BATCH_CHECKED = "batch.checked"
    BATCH_STARTED = "batch.started"
    BATCH_PROGRESSED = "batch.progressed"
    BATCH_ITEM_FAILED = "batch.item-failed"
    BATCH_WAITING = "batch.waiting"
    BATCH_PAUSED = "batch.paused"
    BATCH_FINISHED = "batch.finished"
    BATCH_CANCELLED = "batch.cancelled"
    RESULT_RAISED = "result.raised"
    RESULT_RENEWED = "result.renewed"


@dataclass(frozen=True)
class Judged:
    """A document with its report, before anything is stored."""

    data: bytes
    content: bytes | None
    filename: str
    report: ValidationReport


def judge(
    services: Services, data: bytes, filename: str, at: datetime, policy: str | None, content: bytes | None
) -> Judged:
    """Judge bytes within the limits; what was received before counts as proof that it existed then.

    Raises:
        Refused: UPLOAD_TOO_LARGE, UNKNOWN_POLICY.
    """
    refuse_too_large(services, len(data) + len(content or b""))
    with services.database.reading() as transaction:
        received_at = first_receipt(transaction, hashlib.sha256(data).hexdigest())
    document = VerificationInput(data=data, content=content, received_at=received_at)
    try:
        report = services.validation.judge(document, at, policy)
        if received_at is not None and _convicts(report, received_at):
            report = services.validation.judge(replace(document, received_at=None), at, policy)
    except UnknownPolicyError:
        raise Refused(RefusalKind.UNKNOWN_POLICY, policy=policy or "") from None
    return Judged(data, content, filename, report)


def _convicts(report: ValidationReport, received_at: datetime) -> bool:
    """Does a signature fail only because we received it late?

    Our receipt proves that a signature was there by then, not that it was made then: it can excuse a certificate that
    expired or was revoked later, and it convicts nobody. Else the same paper, sent again, would get a harder answer.
    """
    return any(
        verdict.sub_indication in _LATE and verdict.facts.best_signature_time == received_at
        for verdict in report.verdicts
    )


def refuse_too_large(services: Services, size_bytes: int) -> None:
    """Hold an upload against the limit.

    Raises:
        Refused: UPLOAD_TOO_LARGE.
    """
    limit = services.settings.max_upload_bytes
    if size_bytes > limit:
        raise Refused(RefusalKind.UPLOAD_TOO_LARGE, limit_bytes=str(limit))


def keep_bytes(services: Services, judged: Judged) -> None:
    """Write the document, its detached content and the evidence to their stores."""
    services.documents.put(judged.data)
    if judged.content is not None:
        services.documents.put(judged.content)
    for digest, der in judged.report.evidence.items():
        services.evidence.put_known(digest, der)


def record_verification(
    transaction: Transaction,
    caller: str,
    judged: Judged,
    at: datetime,
    *,
    agencies: Collection[str],
    dossier: str | None = None,
    owner: str | None = None,
    retries: int = 0,
) -> VerificationRow:
    """Store document and verification; the act is written here, the event by the action, which knows what it is.

    ``caller`` is the id of who asks, ``owner`` of who may look at it where that is somebody else (the worker asks),
    ``agencies`` whose it is.
    """
    sha256 = judged.report.sha256
    record_document(transaction, sha256, len(judged.data), at)
    content_sha256 = None
    if judged.content is not None:
        content_sha256 = hashlib.sha256(judged.content).hexdigest()
        record_document(transaction, content_sha256, len(judged.content), at)
    row = VerificationRow(
        id=str(uuid.uuid4()),
        caller=owner or caller,
        created_at=at,
        document_sha256=sha256,
        content_sha256=content_sha256,
        filename=shown_name(judged.filename),
        dossier=dossier,
        report=judged.report,
        retry_at=next_retry(judged.report, at, retries),
        retries=retries,
        replaced_by=None,
    )
    insert_verification(transaction, row, agencies)
    add_act(transaction, caller, "document.verified", at, f"verification:{row.id}", verdict_data(row))
    return row


def shown_name(filename: str) -> str:
    """A file name from outside without folders and control characters, at most 200 characters."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[-MAX_FILENAME_CHARACTERS:]


def verdict_data(row: VerificationRow) -> dict[str, Plain]:
    """What an act or event says of a verification: digests and codes, nobody's name."""
    return {
        "verification": row.id,
        "sha256": row.document_sha256,
        "conclusion": row.report.conclusion.value,
        "policy": row.report.policy_id,
        "dossier": row.dossier,
    }


def add_verdict_event(
    transaction: Transaction, kind: EventType, at: datetime, row: VerificationRow, extra: dict[str, Plain] | None = None
) -> None:
    """Tell the feed of a verification."""
    add_event(transaction, kind.value, at, f"verification:{row.id}", verdict_data(row) | (extra or {}))


def next_retry(report: ValidationReport, at: datetime, retries: int) -> datetime | None:
    """When to ask again, None where no answer is missing or it was asked for often enough."""
    if report.conclusion is not Conclusion.INDETERMINATE or retries >= len(RETRY_AFTER):
        return None
    if not any(verdict.sub_indication in _RETRIED for verdict in report.verdicts):
        return None
    return at + RETRY_AFTER[retries]
