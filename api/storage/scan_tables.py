"""Tables of scanned papers: checks, comparisons with the original, and what officers decided on them.

Beside ``tables.py`` and on its metadata, so that the migrations and their test see one schema.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from api.storage.tables import UtcDateTime, metadata

SHA256 = String(64)
CALLER = String(80)


def _document(name: str) -> Column[str]:
    return Column(name, SHA256, ForeignKey("documents.sha256"), nullable=False)


def _dossier() -> Column[str]:
    return Column("dossier", String(64), ForeignKey("dossiers.code"), nullable=True)


scan_checks = Table(
    "scan_checks",  # is a paper of a dossier a proper scan: the report as it was given
    metadata,
    Column("id", String(36), primary_key=True),
    Column("caller", CALLER, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    _dossier(),
    Column("paper", String(36), ForeignKey("papers.id"), nullable=True),
    _document("document_sha256"),
    Column("filename", Text, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("conforms", Boolean, nullable=False),
    Column("report", JSON, nullable=False),
    Index(None, "dossier"),
    Index(None, "document_sha256"),
)

scan_comparisons = Table(
    "scan_comparisons",  # a copy against its original: what was compared, what was found, which pictures were shown
    metadata,
    Column("id", String(36), primary_key=True),
    Column("caller", CALLER, nullable=False),
    Column("agency", String(64), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    _dossier(),
    _document("copy_sha256"),
    _document("original_sha256"),
    Column("copy_name", Text, nullable=False),
    Column("original_name", Text, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("pages", JSON, nullable=False),
    Column("findings", JSON, nullable=False),
    Index(None, "created_at"),
    Index(None, "dossier"),
)

scan_pictures = Table(
    "scan_pictures",  # one pair of pages as the officer saw it; ``position`` counts from 1 in the comparison
    metadata,
    Column("comparison", String(36), ForeignKey("scan_comparisons.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("width_pt", Float, nullable=False),
    Column("height_pt", Float, nullable=False),
    Column("aligned", Boolean, nullable=False),
    Column("copy_sha256", SHA256, ForeignKey("documents.sha256"), nullable=True),
    Column("original_sha256", SHA256, ForeignKey("documents.sha256"), nullable=True),
)

scan_decisions = Table(
    "scan_decisions",  # append-only (triggers): the officer's word; a later one stands beside the first
    metadata,
    Column("comparison", String(36), ForeignKey("scan_comparisons.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("caller", CALLER, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("decision", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("record_sha256", SHA256, nullable=False),
)

paper_prints = Table(
    "paper_prints",  # what the pages of a received paper look like: to recognise the same scan later
    metadata,
    Column("paper", String(36), ForeignKey("papers.id"), primary_key=True),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("raster_sha256", SHA256, nullable=False),
    Column("look", String(64), nullable=False),
    Index(None, "raster_sha256"),
)

transfer_notes = Table(
    "transfer_notes",  # who put a paper into electronic form, when and on what, and which checks the scan passed
    metadata,
    Column("id", String(36), primary_key=True),
    Column("scan_check", String(36), ForeignKey("scan_checks.id"), nullable=False),
    Column("dossier", String(64), ForeignKey("dossiers.code"), nullable=False),
    Column("paper", String(36), ForeignKey("papers.id"), nullable=True),
    Column("caller", CALLER, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("scanned_by", Text, nullable=False),
    Column("scanned_at", UtcDateTime, nullable=False),
    Column("device", Text, nullable=False),
    Column("source", String(20), nullable=False),
    Column("record_sha256", SHA256, nullable=False),
    UniqueConstraint("scan_check"),
    Index(None, "paper"),
)
