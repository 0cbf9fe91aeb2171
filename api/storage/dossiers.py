"""Dossiers and papers: rows in, plain values out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from api.storage.database import Transaction
from api.storage.tables import dossiers, papers, results


@dataclass(frozen=True)
class DossierRow:
    """A dossier as stored; ``facts`` are the columns that the portal tells (``DossierData``).

    ``agency`` is whose it is, None where it belongs to no single agency.
    """

    code: str
    facts: dict[str, Any]
    created_at: datetime
    changed_at: datetime
    created_by: str
    agency: str | None


@dataclass(frozen=True)
class PaperRow:
    """A paper as stored; ``outcome`` is an encoded ``Outcome``, ``signed_by`` who is to sign it (``PaperSigner``)."""

    id: str
    dossier: str
    number: int
    name: str
    document_sha256: str
    received_at: datetime
    caller: str
    verification: str
    outcome: dict[str, Any]
    signed_by: str


_FACTS = (
    "regulation",
    "procedure_code",
    "procedure_name",
    "signature_required",
    "level",
    "applicant_name",
    "applicant_cccd",
    "applicant_mst",
    "submitted_at",
)


def find_dossier(transaction: Transaction, code: str, *, lock: bool = False) -> DossierRow | None:
    """The dossier of that code; with ``lock`` other writers of it wait for this transaction."""
    query = select(dossiers).where(dossiers.c.code == code)
    if lock:
        query = query.with_for_update()
    row = transaction.connection.execute(query).one_or_none()
    if row is None:
        return None
    facts = {name: row._mapping[name] for name in _FACTS}
    return DossierRow(row.code, facts, row.created_at, row.changed_at, row.created_by, row.agency)


def find_owners(transaction: Transaction, codes: Collection[str]) -> dict[str, tuple[str | None, str]]:
    """Dossier code to its agency and the id of the caller that recorded it; unknown codes are left out."""
    query = select(dossiers.c.code, dossiers.c.agency, dossiers.c.created_by).where(dossiers.c.code.in_(codes))
    return {row.code: (row.agency, row.created_by) for row in transaction.connection.execute(query)}


def insert_dossier(
    transaction: Transaction, code: str, facts: Mapping[str, Any], caller: str, agency: str | None, at: datetime
) -> None:
    """Record a new dossier of an agency, or of none."""
    values = {"code": code, **facts, "created_by": caller, "agency": agency, "created_at": at, "changed_at": at}
    transaction.connection.execute(insert(dossiers).values(**values, last_paper_number=0, last_result_number=0))


def update_dossier(transaction: Transaction, code: str, facts: Mapping[str, Any], at: datetime) -> None:
    """Replace what is known of a dossier."""
    change = update(dossiers).where(dossiers.c.code == code).values(**facts, changed_at=at)
    transaction.connection.execute(change)


def result_codes(transaction: Transaction, code: str) -> list[str]:
    """The result codes sealed for a dossier, in their order."""
    query = select(results.c.result_code).where(results.c.dossier == code).order_by(results.c.number)
    return list(transaction.connection.scalars(query))


def insert_paper(transaction: Transaction, row: PaperRow) -> None:
    """Record a paper; ``row.number`` comes from ``next_paper_number``."""
    values = {name: getattr(row, name) for name in PaperRow.__dataclass_fields__}
    transaction.connection.execute(insert(papers).values(values))


def next_paper_number(transaction: Transaction, code: str) -> int:
    """Take the dossier's next paper number; others wait for this transaction."""
    take = (
        update(dossiers)
        .where(dossiers.c.code == code)
        .values(last_paper_number=dossiers.c.last_paper_number + 1)
        .returning(dossiers.c.last_paper_number)
    )
    return int(transaction.connection.execute(take).scalar_one())


def papers_of(transaction: Transaction, code: str) -> list[PaperRow]:
    """The papers of a dossier in the order of receipt."""
    query = select(papers).where(papers.c.dossier == code).order_by(papers.c.number)
    return [_paper(row) for row in transaction.connection.execute(query)]


def find_paper(transaction: Transaction, code: str, name: str, document_sha256: str) -> PaperRow | None:
    """The paper of that name with these bytes."""
    query = select(papers).where(
        papers.c.dossier == code, papers.c.name == name, papers.c.document_sha256 == document_sha256
    )
    row = transaction.connection.execute(query).one_or_none()
    return None if row is None else _paper(row)


def papers_with_verification(transaction: Transaction, verification_id: str) -> list[PaperRow]:
    """The papers whose present verification this is."""
    query = select(papers).where(papers.c.verification == verification_id).order_by(papers.c.number)
    return [_paper(row) for row in transaction.connection.execute(query)]


def update_paper(transaction: Transaction, paper_id: str, verification: str, outcome: Mapping[str, Any]) -> None:
    """Give a paper a later verification and its outcome."""
    change = update(papers).where(papers.c.id == paper_id)
    transaction.connection.execute(change.values(verification=verification, outcome=dict(outcome)))


def _paper(row: Row[Any]) -> PaperRow:
    return PaperRow(
        id=row.id,
        dossier=row.dossier,
        number=row.number,
        name=row.name,
        document_sha256=row.document_sha256,
        received_at=row.received_at,
        caller=row.caller,
        verification=row.verification,
        outcome=row.outcome,
        signed_by=row.signed_by,
    )
