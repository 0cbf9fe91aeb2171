"""Scanned papers: checks, comparisons with their pictures, and what officers decided on them (append-only)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the four tables and the triggers that let nobody change a decision."""
    _checks()
    _comparisons()
    _pictures()
    _decisions()
    _append_only("scan_decisions")


def _checks() -> None:
    op.create_table(
        "scan_checks",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("dossier", sa.String(length=64), nullable=True),
        sa.Column("paper", sa.String(length=36), nullable=True),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("conforms", sa.Boolean(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["dossier"], ["dossiers.code"], name="fk_scan_checks_dossier_dossiers"),
        sa.ForeignKeyConstraint(["paper"], ["papers.id"], name="fk_scan_checks_paper_papers"),
        sa.ForeignKeyConstraint(
            ["document_sha256"], ["documents.sha256"], name="fk_scan_checks_document_sha256_documents"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_scan_checks"),
    )
    op.create_index("ix_scan_checks_dossier", "scan_checks", ["dossier"])
    op.create_index("ix_scan_checks_document_sha256", "scan_checks", ["document_sha256"])


def _comparisons() -> None:
    op.create_table(
        "scan_comparisons",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("dossier", sa.String(length=64), nullable=True),
        sa.Column("copy_sha256", sa.String(length=64), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=False),
        sa.Column("copy_name", sa.Text(), nullable=False),
        sa.Column("original_name", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["dossier"], ["dossiers.code"], name="fk_scan_comparisons_dossier_dossiers"),
        sa.ForeignKeyConstraint(
            ["copy_sha256"], ["documents.sha256"], name="fk_scan_comparisons_copy_sha256_documents"
        ),
        sa.ForeignKeyConstraint(
            ["original_sha256"], ["documents.sha256"], name="fk_scan_comparisons_original_sha256_documents"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_scan_comparisons"),
    )
    op.create_index("ix_scan_comparisons_created_at", "scan_comparisons", ["created_at"])
    op.create_index("ix_scan_comparisons_dossier", "scan_comparisons", ["dossier"])


def _pictures() -> None:
    op.create_table(
        "scan_pictures",
        sa.Column("comparison", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("width_pt", sa.Float(), nullable=False),
        sa.Column("height_pt", sa.Float(), nullable=False),
        sa.Column("aligned", sa.Boolean(), nullable=False),
        sa.Column("copy_sha256", sa.String(length=64), nullable=True),
        sa.Column("original_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["comparison"], ["scan_comparisons.id"], name="fk_scan_pictures_comparison_scan_comparisons"
        ),
        sa.ForeignKeyConstraint(["copy_sha256"], ["documents.sha256"], name="fk_scan_pictures_copy_sha256_documents"),
        sa.ForeignKeyConstraint(
            ["original_sha256"], ["documents.sha256"], name="fk_scan_pictures_original_sha256_documents"
        ),
        sa.PrimaryKeyConstraint("comparison", "position", name="pk_scan_pictures"),
    )


def _decisions() -> None:
    op.create_table(
        "scan_decisions",
        sa.Column("comparison", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["comparison"], ["scan_comparisons.id"], name="fk_scan_decisions_comparison_scan_comparisons"
        ),
        sa.PrimaryKeyConstraint("comparison", "number", name="pk_scan_decisions"),
    )


def _append_only(table: str) -> None:
    """Let the database itself refuse to change or delete what was recorded."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
