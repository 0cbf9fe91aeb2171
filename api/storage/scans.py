"""Scan checks, comparisons and decisions: rows in, plain values out. A decision is only ever added."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select

from api.storage.database import Transaction
from api.storage.scan_tables import scan_checks, scan_comparisons, scan_decisions, scan_pictures
from api.storage.tables import papers


@dataclass(frozen=True)
class CheckRow:
    """A scan check as stored; ``report`` is an encoded ``ScanReport``, ``paper`` the id of the paper it is about."""

    id: str
    caller: str
    created_at: datetime
    dossier: str
    paper: str | None
    document_sha256: str
    filename: str
    kind: str
    conforms: bool
    report: dict[str, Any]


@dataclass(frozen=True)
class PictureRow:
    """The pictures of one pair of pages, by their digests in the document store."""

    position: int
    width_pt: float
    height_pt: float
    aligned: bool
    copy_sha256: str | None
    original_sha256: str | None


@dataclass(frozen=True)
class DecisionRow:
    """One officer's word on a comparison; ``record_sha256`` binds it to what was seen."""

    number: int
    caller: str
    at: datetime
    decision: str
    note: str
    record_sha256: str


@dataclass(frozen=True)
class ComparisonRow:
    """A comparison as stored; ``pages`` are in the contract's shape, ``findings`` encoded."""

    id: str
    caller: str
    agency: str | None
    created_at: datetime
    dossier: str | None
    copy_sha256: str
    original_sha256: str
    copy_name: str
    original_name: str
    outcome: str
    pages: list[dict[str, Any]]
    findings: list[dict[str, Any]]


def insert_check(transaction: Transaction, row: CheckRow) -> None:
    """Store a check."""
    transaction.connection.execute(insert(scan_checks).values(asdict(row)))


def latest_check(transaction: Transaction, dossier: str, document_sha256: str) -> CheckRow | None:
    """The newest check of these bytes in a dossier."""
    query = (
        select(scan_checks)
        .where(scan_checks.c.dossier == dossier, scan_checks.c.document_sha256 == document_sha256)
        .order_by(scan_checks.c.created_at.desc())
        .limit(1)
    )
    row = transaction.connection.execute(query).one_or_none()
    return None if row is None else CheckRow(**row._mapping)


def insert_comparison(transaction: Transaction, row: ComparisonRow, pictures: list[PictureRow]) -> None:
    """Store a comparison with its pictures."""
    transaction.connection.execute(insert(scan_comparisons).values(asdict(row)))
    rows = [{"comparison": row.id, **asdict(picture)} for picture in pictures]
    if rows:
        transaction.connection.execute(insert(scan_pictures), rows)


def find_comparison(transaction: Transaction, comparison_id: str, *, lock: bool = False) -> ComparisonRow | None:
    """The comparison of that id; with ``lock`` other deciders wait for this transaction."""
    query = select(scan_comparisons).where(scan_comparisons.c.id == comparison_id)
    if lock:
        query = query.with_for_update()
    row = transaction.connection.execute(query).one_or_none()
    return None if row is None else _comparison(row)


def newest_comparisons(transaction: Transaction, limit: int) -> list[ComparisonRow]:
    """The newest first, whoever made them."""
    query = select(scan_comparisons).order_by(scan_comparisons.c.created_at.desc(), scan_comparisons.c.id).limit(limit)
    return [_comparison(row) for row in transaction.connection.execute(query)]


def pictures_of(transaction: Transaction, comparison_id: str) -> list[PictureRow]:
    """The pictures of a comparison, in the order of its pages."""
    query = select(scan_pictures).where(scan_pictures.c.comparison == comparison_id).order_by(scan_pictures.c.position)
    rows = transaction.connection.execute(query)
    return [PictureRow(**_without(row, "comparison")) for row in rows]


def decisions_of(transaction: Transaction, comparison_id: str) -> list[DecisionRow]:
    """What officers decided, the first one first."""
    query = select(scan_decisions).where(scan_decisions.c.comparison == comparison_id).order_by(scan_decisions.c.number)
    rows = transaction.connection.execute(query)
    return [DecisionRow(**_without(row, "comparison")) for row in rows]


def decision_count(transaction: Transaction, comparison_id: str) -> int:
    """How many decisions there are."""
    query = select(func.count()).where(scan_decisions.c.comparison == comparison_id)
    return int(transaction.connection.scalar(query) or 0)


def insert_decision(transaction: Transaction, comparison_id: str, row: DecisionRow) -> None:
    """Add a decision; the database refuses to change or delete it afterwards."""
    transaction.connection.execute(insert(scan_decisions).values(comparison=comparison_id, **asdict(row)))


def paper_bytes_of(transaction: Transaction, dossier: str, number: int) -> tuple[str, str, str] | None:
    """Id, name and document digest of a dossier's paper by its number."""
    query = select(papers.c.id, papers.c.name, papers.c.document_sha256)
    row = transaction.connection.execute(
        query.where(papers.c.dossier == dossier, papers.c.number == number)
    ).one_or_none()
    return None if row is None else (row.id, row.name, row.document_sha256)


def paper_with_bytes(transaction: Transaction, dossier: str, document_sha256: str) -> str | None:
    """Id of the dossier's first paper with these bytes."""
    query = (
        select(papers.c.id)
        .where(papers.c.dossier == dossier, papers.c.document_sha256 == document_sha256)
        .order_by(papers.c.number)
        .limit(1)
    )
    return transaction.connection.scalar(query)


def _comparison(row: Row[Any]) -> ComparisonRow:
    return ComparisonRow(**row._mapping)


def _without(row: Row[Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row._mapping.items() if key != name}
