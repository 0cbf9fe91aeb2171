"""The transfer note that a certified copy was sealed with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("copies", sa.Column("note_check", sa.String(length=36), nullable=True))
    op.add_column("copies", sa.Column("note_sha256", sa.String(length=64), nullable=True))
