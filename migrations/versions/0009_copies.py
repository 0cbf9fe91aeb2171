"""The register of copies of each agency."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "copy_registers",
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "year", name=op.f("pk_copy_registers")),
    )
    op.create_table(
        "copies",
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("result_code", sa.String(length=80), nullable=False),
        sa.Column("form", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("certified", sa.Boolean(), nullable=False),
        sa.Column("signatory", sa.String(length=64), nullable=True),
        sa.Column("converter", sa.Text(), nullable=True),
        sa.Column("converted_on", sa.Date(), nullable=True),
        sa.Column("original_sha256", sa.String(length=64), nullable=False),
        sa.Column("entered_at", TIME, nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["original_sha256"], ["documents.sha256"], name=op.f("fk_copies_original_sha256_documents")
        ),
        sa.ForeignKeyConstraint(["result_code"], ["results.result_code"], name=op.f("fk_copies_result_code_results")),
        sa.PrimaryKeyConstraint("agency", "year", "number", name=op.f("pk_copies")),
        sa.UniqueConstraint("result_code", name=op.f("uq_copies_result_code")),
    )
