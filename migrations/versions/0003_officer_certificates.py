"""The register of officers' signing certificates, and who is to sign a paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table and the column; papers that are there already are the applicant's to sign."""
    op.create_table(
        "officer_certificates",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("organization", sa.Text(), nullable=True),
        sa.Column("units", sa.JSON(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=True),
        sa.Column("valid_from", TIME, nullable=False),
        sa.Column("valid_until", TIME, nullable=False),
        sa.Column("registered_at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officer_certificates")),
    )
    for column in ("certificate_sha256", "email"):
        op.create_index(op.f(f"ix_officer_certificates_{column}"), "officer_certificates", [column], unique=False)
    op.add_column("papers", sa.Column("signed_by", sa.String(length=16), nullable=False, server_default="applicant"))
