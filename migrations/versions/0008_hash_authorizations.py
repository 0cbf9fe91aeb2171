"""Authorisations to sign digests for other software (CSC API)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "hash_authorizations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sad_sha256", sa.String(length=64), nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("digests", sa.JSON(), nullable=False),
        sa.Column("algorithm", sa.String(length=10), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hash_authorizations")),
        sa.UniqueConstraint("sad_sha256", name=op.f("uq_hash_authorizations_sad_sha256")),
    )
    op.create_index(op.f("ix_hash_authorizations_expires_at"), "hash_authorizations", ["expires_at"], unique=False)
