"""Transfer notes: rows in, plain values out."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, insert, select

from api.storage.database import Transaction
from api.storage.scan_tables import scan_checks, transfer_notes
from api.storage.tables import papers


@dataclass(frozen=True)
class CheckFacts:
    """A kept scan check with the number of the paper it is about."""

    id: str
    created_at: datetime
    dossier: str
    paper: str | None
    paper_number: int | None
    document_sha256: str
    filename: str
    report: dict[str, Any]


@dataclass(frozen=True)
class NoteRow:
    """A note as stored."""

    id: str
    scan_check: str
    dossier: str
    paper: str | None
    caller: str
    created_at: datetime
    scanned_by: str
    scanned_at: datetime
    device: str
    source: str
    record_sha256: str


def find_check(transaction: Transaction, check_id: str, *, lock: bool = False) -> CheckFacts | None:
    """The kept check of that id; with ``lock`` others who want to note something on it wait for this transaction."""
    query = _checks().where(scan_checks.c.id == check_id)
    row = transaction.connection.execute(query.with_for_update(of=scan_checks) if lock else query).one_or_none()
    return None if row is None else _check(row)


def find_note(transaction: Transaction, check_id: str) -> NoteRow | None:
    """The note on a check."""
    query = select(transfer_notes).where(transfer_notes.c.scan_check == check_id)
    row = transaction.connection.execute(query).one_or_none()
    return None if row is None else NoteRow(**row._mapping)


def latest_note(transaction: Transaction, dossier: str, document_sha256: str) -> tuple[CheckFacts, NoteRow] | None:
    """The newest note in a dossier on a file, with its check."""
    query = (
        select(transfer_notes)
        .join(scan_checks, scan_checks.c.id == transfer_notes.c.scan_check)
        .where(scan_checks.c.dossier == dossier, scan_checks.c.document_sha256 == document_sha256)
        .order_by(transfer_notes.c.created_at.desc())
        .limit(1)
    )
    row = transaction.connection.execute(query).one_or_none()
    check = None if row is None else find_check(transaction, row.scan_check)
    return None if row is None or check is None else (check, NoteRow(**row._mapping))


def insert_note(transaction: Transaction, row: NoteRow) -> None:
    """Store a note."""
    transaction.connection.execute(insert(transfer_notes).values(asdict(row)))


def _checks() -> Select[Any]:
    columns = scan_checks.c
    return select(
        columns.id,
        columns.created_at,
        columns.dossier,
        columns.paper,
        papers.c.number.label("paper_number"),
        columns.document_sha256,
        columns.filename,
        columns.report,
    ).join(papers, papers.c.id == columns.paper, isouter=True)


def _check(row: Row[Any]) -> CheckFacts:
    return CheckFacts(**row._mapping)
