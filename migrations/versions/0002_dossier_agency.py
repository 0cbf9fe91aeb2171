"""Whose a dossier is: the agency that recorded it; those that are there already belong to none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("dossiers", sa.Column("agency", sa.String(length=64), nullable=True))
