"""Seals that wait for a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "seal_releases",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("order_sha256", sa.String(length=64), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("dossier", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_releases")),
        sa.ForeignKeyConstraint(
            ["document_sha256"], ["documents.sha256"], name=op.f("fk_seal_releases_document_sha256_documents")
        ),
        sa.ForeignKeyConstraint(["dossier"], ["dossiers.code"], name=op.f("fk_seal_releases_dossier_dossiers")),
        sa.UniqueConstraint("caller", "idempotency_key", name=op.f("uq_seal_releases_caller_idempotency_key")),
    )
    op.create_index(op.f("ix_seal_releases_agency_state"), "seal_releases", ["agency", "state"], unique=False)
