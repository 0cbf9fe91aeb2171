"""Attachments in files of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "attachments",
        sa.Column("result_code", sa.String(length=80), nullable=False),
        sa.Column("main", sa.String(length=80), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("result_code", name=op.f("pk_attachments")),
        sa.ForeignKeyConstraint(
            ["result_code"], ["results.result_code"], name=op.f("fk_attachments_result_code_results")
        ),
        sa.ForeignKeyConstraint(["main"], ["results.result_code"], name=op.f("fk_attachments_main_results")),
    )
    op.create_index(op.f("ix_attachments_main"), "attachments", ["main"], unique=False)
