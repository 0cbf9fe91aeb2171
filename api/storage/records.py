"""Documents and verifications: rows in, plain values out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, distinct, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from api.callers import ALL_AGENCIES
from api.storage.codec import decode_report, encode_report
from api.storage.database import Transaction
from api.storage.tables import documents, dossiers, verification_agencies, verification_evidence, verifications
from verifier.report import ValidationReport


@dataclass(frozen=True)
class VerificationRow:
    """A verification as stored; see ``api.actions.verify_document.StoredVerification``."""

    id: str
    caller: str
    created_at: datetime
    document_sha256: str
    content_sha256: str | None
    filename: str
    dossier: str | None
    report: ValidationReport
    retry_at: datetime | None
    retries: int
    replaced_by: str | None


def record_document(transaction: Transaction, sha256: str, size_bytes: int, received_at: datetime) -> datetime:
    """Record the receipt of bytes; the time of their first receipt, which a later one never changes."""
    first = first_receipt(transaction, sha256)
    if first is not None:
        return first
    row = {"sha256": sha256, "size_bytes": size_bytes, "first_received_at": received_at}
    try:
        with transaction.connection.begin_nested():
            transaction.connection.execute(insert(documents).values(row))
    except IntegrityError:  # the same bytes, received twice at once (PostgreSQL; SQLite has one writer)
        return first_receipt(transaction, sha256) or received_at
    return received_at


def first_receipt(transaction: Transaction, sha256: str) -> datetime | None:
    """When these bytes were first received, None where they never were."""
    return transaction.connection.scalar(select(documents.c.first_received_at).where(documents.c.sha256 == sha256))


def document_size(transaction: Transaction, sha256: str) -> int:
    """Size in bytes of a recorded document."""
    query = select(documents.c.size_bytes).where(documents.c.sha256 == sha256)
    return int(transaction.connection.execute(query).scalar_one())


@dataclass(frozen=True)
class Owners:
    """Whose a verification is: who asked, the agencies of who asked (``*``: the province), and its dossier."""

    caller: str
    agencies: frozenset[str]
    dossier: str | None


def insert_verification(transaction: Transaction, row: VerificationRow, agencies: Collection[str]) -> None:
    """Store a verification, whose it is and which evidence it rests on."""
    values = {
        "id": row.id,
        "caller": row.caller,
        "created_at": row.created_at,
        "document_sha256": row.document_sha256,
        "content_sha256": row.content_sha256,
        "filename": row.filename,
        "dossier": row.dossier,
        "policy_id": row.report.policy_id,
        "conclusion": row.report.conclusion.value,
        "report": encode_report(row.report),
        "retry_at": row.retry_at,
        "retries": row.retries,
        "replaced_by": row.replaced_by,
    }
    transaction.connection.execute(insert(verifications).values(values))
    owned = [{"verification": row.id, "agency": agency} for agency in sorted(agencies)]
    if owned:
        transaction.connection.execute(insert(verification_agencies), owned)
    links = [{"verification": row.id, "sha256": sha256} for sha256 in sorted(row.report.evidence)]
    if links:
        transaction.connection.execute(insert(verification_evidence), links)


def find_verification(transaction: Transaction, verification_id: str) -> VerificationRow | None:
    """The verification of that id."""
    query = select(verifications).where(verifications.c.id == verification_id)
    row = transaction.connection.execute(query).one_or_none()
    return None if row is None else _verification(row)


def owners_of(transaction: Transaction, ids: Collection[str]) -> dict[str, Owners]:
    """Whose the verifications of these ids are; an unknown id is left out."""
    query = select(verifications.c.id, verifications.c.caller, verifications.c.dossier)
    found = transaction.connection.execute(query.where(verifications.c.id.in_(ids))).all()
    owned = select(verification_agencies).where(verification_agencies.c.verification.in_(ids))
    agencies: dict[str, set[str]] = {}
    for row in transaction.connection.execute(owned):
        agencies.setdefault(row.verification, set()).add(row.agency)
    return {row.id: Owners(row.caller, frozenset(agencies.get(row.id, ())), row.dossier) for row in found}


def newest_verifications(
    transaction: Transaction,
    caller: str | None,
    agencies: Collection[str] | None,
    before: datetime | None,
    limit: int,
) -> list[VerificationRow]:
    """The newest first, of all (both None), of one caller, or of one caller and what an officer of agencies sees.

    The rule of ``api.actions.dossier_access`` as a query.
    """
    query = select(verifications).order_by(verifications.c.created_at.desc(), verifications.c.id).limit(limit)
    if caller is not None:
        mine = verifications.c.caller == caller
        query = query.where(mine if agencies is None else or_(mine, _of_agencies(caller, agencies)))
    if before is not None:
        query = query.where(verifications.c.created_at < before)
    return [_verification(row) for row in transaction.connection.execute(query)]


def _of_agencies(caller: str, agencies: Collection[str]) -> ColumnElement[bool]:
    """Of one of the agencies, or in their dossier; of the whole province, where no dossier says whose it is."""
    owned = select(verification_agencies.c.verification)
    theirs = owned.where(verification_agencies.c.agency.in_(agencies))
    everybodys = owned.where(verification_agencies.c.agency == ALL_AGENCIES)
    their_dossiers = select(dossiers.c.code).where(
        or_(dossiers.c.agency.in_(agencies), dossiers.c.created_by == caller)
    )
    nobodys = select(dossiers.c.code).where(dossiers.c.agency.is_(None))
    unclaimed = or_(verifications.c.dossier.is_(None), verifications.c.dossier.in_(nobodys))
    return or_(
        verifications.c.id.in_(theirs),
        verifications.c.dossier.in_(their_dossiers),
        and_(unclaimed, verifications.c.id.in_(everybodys)),
    )


def due_retries(transaction: Transaction, now: datetime, limit: int) -> list[VerificationRow]:
    """The verifications whose retry is due, longest due first."""
    query = select(verifications).where(verifications.c.retry_at <= now).order_by(verifications.c.retry_at).limit(limit)
    return [_verification(row) for row in transaction.connection.execute(query)]


def claim_retry(transaction: Transaction, seen: VerificationRow, next_at: datetime | None) -> bool:
    """Take on a retry that is due, with the time of the one after it; False where another worker was quicker."""
    change = update(verifications).where(verifications.c.id == seen.id, verifications.c.retries == seen.retries)
    values = {"retry_at": next_at, "retries": seen.retries + 1}
    return transaction.connection.execute(change.values(values)).rowcount == 1


def set_replacement(transaction: Transaction, verification_id: str, later_id: str) -> None:
    """Name the later verification that a retry led to; from now on that one is asked about."""
    change = update(verifications).where(verifications.c.id == verification_id)
    transaction.connection.execute(change.values(replaced_by=later_id, retry_at=None))


def cancel_retry(transaction: Transaction, verification_id: str) -> None:
    """Ask about it no more."""
    change = update(verifications).where(verifications.c.id == verification_id)
    transaction.connection.execute(change.values(retry_at=None))


def evidence_digests(transaction: Transaction, verification_id: str) -> list[str]:
    """The digests of the evidence a verification rests on."""
    query = select(verification_evidence.c.sha256).where(verification_evidence.c.verification == verification_id)
    return sorted(transaction.connection.scalars(query))


def evidence_recorded(transaction: Transaction, verification_id: str) -> int:
    """How many pieces a verification rested on when it was made, destroyed ones included."""
    report = transaction.connection.scalar(select(verifications.c.report).where(verifications.c.id == verification_id))
    return len((report or {}).get("evidence", ()))


def forget_evidence(transaction: Transaction, before: datetime) -> tuple[int, int]:
    """Unlink the evidence of all verifications made before a time; of how many, and how many links."""
    old = select(verifications.c.id).where(verifications.c.created_at < before)
    linked = verification_evidence.c.verification.in_(old)
    count = select(func.count(distinct(verification_evidence.c.verification))).where(linked)
    made = int(transaction.connection.scalar(count) or 0)
    return made, transaction.connection.execute(delete(verification_evidence).where(linked)).rowcount


def is_document_named(transaction: Transaction, sha256: str) -> bool:
    """Does a row name these bytes (else the file is an orphan)."""
    return first_receipt(transaction, sha256) is not None


def is_evidence_named(transaction: Transaction, sha256: str) -> bool:
    """Does a verification rest on this evidence (else the file is an orphan)."""
    query = select(verification_evidence.c.sha256).where(verification_evidence.c.sha256 == sha256).limit(1)
    return transaction.connection.scalar(query) is not None


def verifications_by_id(transaction: Transaction, ids: Collection[str]) -> dict[str, VerificationRow]:
    """Several verifications by their ids."""
    query = select(verifications).where(verifications.c.id.in_(ids))
    return {row.id: _verification(row) for row in transaction.connection.execute(query)}


def _verification(row: Row[Any]) -> VerificationRow:
    return VerificationRow(
        id=row.id,
        caller=row.caller,
        created_at=row.created_at,
        document_sha256=row.document_sha256,
        content_sha256=row.content_sha256,
        filename=row.filename,
        dossier=row.dossier,
        report=decode_report(row.report),
        retry_at=row.retry_at,
        retries=row.retries,
        replaced_by=row.replaced_by,
    )
