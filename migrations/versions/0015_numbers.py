"""Registers of the numbers of outgoing letters, and letters that wait to be issued."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "number_registers",
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "series", "year", name="pk_number_registers"),
    )
    _create_numbers()
    _create_letters()


def _create_numbers() -> None:
    op.create_table(
        "document_numbers",
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("sign", sa.String(length=60), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("dossier", sa.String(length=64), nullable=True),
        sa.Column("intent", sa.String(length=36), nullable=True),
        sa.Column("result_code", sa.String(length=80), nullable=True),
        sa.Column("given_at", TIME, nullable=False),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.Column("voided_at", TIME, nullable=True),
        sa.Column("voided_by", sa.String(length=80), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["result_code"], ["results.result_code"], name="fk_document_numbers_result_code_results"
        ),
        sa.PrimaryKeyConstraint("agency", "series", "year", "number", name="pk_document_numbers"),
        sa.UniqueConstraint("result_code", name="uq_document_numbers_result_code"),
    )
    op.create_index("ix_document_numbers_intent", "document_numbers", ["intent"])


def _create_letters() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("order_sha256", sa.String(length=64), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_sha256", sa.String(length=64), nullable=False),
        sa.Column("verification_code", sa.String(length=32), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("dossier", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("signed_at", TIME, nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["document_sha256"], ["documents.sha256"], name="fk_letters_document_sha256_documents"),
        sa.ForeignKeyConstraint(["signed_sha256"], ["documents.sha256"], name="fk_letters_signed_sha256_documents"),
        sa.ForeignKeyConstraint(["dossier"], ["dossiers.code"], name="fk_letters_dossier_dossiers"),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
        sa.UniqueConstraint("caller", "idempotency_key", name="uq_letters_caller_idempotency_key"),
    )
    op.create_index("ix_letters_agency_state", "letters", ["agency", "state"])
