"""Prints of received papers' pages, and the notes of who put a paper into electronic form."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "paper_prints",
        sa.Column("paper", sa.String(length=36), nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("raster_sha256", sa.String(length=64), nullable=False),
        sa.Column("look", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"], name="fk_paper_prints_paper_papers"),
        sa.PrimaryKeyConstraint("paper", "page", name="pk_paper_prints"),
    )
    op.create_index("ix_paper_prints_raster_sha256", "paper_prints", ["raster_sha256"])
    op.create_table(
        "transfer_notes",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("scan_check", sa.String(length=36), nullable=False),
        sa.Column("dossier", sa.String(length=64), nullable=False),
        sa.Column("paper", sa.String(length=36), nullable=True),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("scanned_by", sa.Text(), nullable=False),
        sa.Column("scanned_at", TIME, nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["scan_check"], ["scan_checks.id"], name="fk_transfer_notes_scan_check_scan_checks"),
        sa.ForeignKeyConstraint(["dossier"], ["dossiers.code"], name="fk_transfer_notes_dossier_dossiers"),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"], name="fk_transfer_notes_paper_papers"),
        sa.PrimaryKeyConstraint("id", name="pk_transfer_notes"),
        sa.UniqueConstraint("scan_check", name="uq_transfer_notes_scan_check"),
    )
    op.create_index("ix_transfer_notes_paper", "transfer_notes", ["paper"])
