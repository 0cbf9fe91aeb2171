"""Prints of papers' pages: kept at receipt, found again among the papers of the same agency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select

from api.storage.database import Transaction
from api.storage.scan_tables import paper_prints
from api.storage.tables import dossiers, papers
from verifier.scans.fingerprint import PagePrint

NEWEST = 20_000
"""Pages of an agency whose looks are gone through: 20 ms."""


@dataclass(frozen=True)
class SeenPage:
    """A page of another dossier's paper; ``page`` counts from 1."""

    dossier: str
    paper: str
    document_sha256: str
    page: int
    raster_sha256: str
    look: str


def insert_prints(transaction: Transaction, paper: str, prints: Sequence[PagePrint]) -> None:
    """Keep the prints of a paper's pages."""
    rows = [
        {"paper": paper, "page": page, "raster_sha256": each.sha256, "look": each.look}
        for page, each in enumerate(prints, 1)
    ]
    if rows:
        transaction.connection.execute(insert(paper_prints), rows)


def pages_of_agency(transaction: Transaction, agency: str | None, besides: str) -> list[SeenPage]:
    """The newest pages in dossiers of one agency (None: of those that belong to none), one dossier left out."""
    owned = dossiers.c.agency.is_(None) if agency is None else dossiers.c.agency == agency
    query = (
        select(papers.c.dossier, paper_prints.c.paper, papers.c.document_sha256, paper_prints)
        .join(papers, papers.c.id == paper_prints.c.paper)
        .join(dossiers, dossiers.c.code == papers.c.dossier)
        .where(owned, papers.c.dossier != besides)
        .order_by(papers.c.received_at.desc())
        .limit(NEWEST)
    )
    return [
        SeenPage(row.dossier, row.paper, row.document_sha256, row.page, row.raster_sha256, row.look)
        for row in transaction.connection.execute(query)
    ]
