"""Sessions in which a document waits for a signature made elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "signing_sessions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("prepared_sha256", sa.String(length=64), nullable=False),
        sa.Column("prepared", sa.JSON(), nullable=False),
        sa.Column("match_code", sa.String(length=6), nullable=False),
        sa.Column("wrong_values", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("verification", sa.String(length=36), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_sessions")),
        sa.ForeignKeyConstraint(
            ["document_sha256"], ["documents.sha256"], name=op.f("fk_signing_sessions_document_sha256_documents")
        ),
        sa.ForeignKeyConstraint(
            ["prepared_sha256"], ["documents.sha256"], name=op.f("fk_signing_sessions_prepared_sha256_documents")
        ),
        sa.ForeignKeyConstraint(
            ["verification"], ["verifications.id"], name=op.f("fk_signing_sessions_verification_verifications")
        ),
        sa.UniqueConstraint("caller", "idempotency_key", name=op.f("uq_signing_sessions_caller_idempotency_key")),
    )
