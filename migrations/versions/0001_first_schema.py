"""The first schema: documents, dossiers, verifications, seals, events, the record of acts, keys and officers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create every table, the counters at nought and the triggers that keep the record of acts append-only."""
    _acts()
    _api_keys()
    _counters()
    _documents()
    _dossiers()
    _events()
    _officers()
    _sign_in_failures()
    _seal_intents()
    _sessions()
    _verifications()
    _papers()
    _results()
    _verification_evidence()
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    op.bulk_insert(counters, [{"name": "events", "value": 0}, {"name": "acts", "value": 0}])
    _append_only("acts")
    _append_only("events")


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


def _acts() -> None:
    op.create_table(
        "acts",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_acts")),
    )


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("agencies", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("first_received_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_documents")),
    )


def _dossiers() -> None:
    op.create_table(
        "dossiers",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("regulation", sa.String(length=64), nullable=False),
        sa.Column("procedure_code", sa.String(length=64), nullable=False),
        sa.Column("procedure_name", sa.Text(), nullable=False),
        sa.Column("signature_required", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("applicant_name", sa.Text(), nullable=False),
        sa.Column("applicant_cccd", sa.String(length=12), nullable=True),
        sa.Column("applicant_mst", sa.String(length=14), nullable=True),
        sa.Column("submitted_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("last_paper_number", sa.Integer(), nullable=False),
        sa.Column("last_result_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_dossiers")),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_events")),
    )


def _officers() -> None:
    op.create_table(
        "officers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sign_in_name", sa.String(length=120), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_argon2", sa.String(length=255), nullable=False),
        sa.Column("agencies", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("disabled_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_officers")),
        sa.UniqueConstraint("sign_in_name", name=op.f("uq_officers_sign_in_name")),
    )


def _sign_in_failures() -> None:
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failures")),
    )
    op.create_index(op.f("ix_sign_in_failures_subject_at"), "sign_in_failures", ["subject", "at"], unique=False)


def _seal_intents() -> None:
    op.create_table(
        "seal_intents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        sa.Column("plan_sha256", sa.String(length=64), nullable=False),
        sa.Column("order", sa.JSON(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("dossier", sa.String(length=64), nullable=False),
        sa.Column("result_number", sa.Integer(), nullable=True),
        sa.Column("verification_code", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("refusal", sa.String(length=64), nullable=True),
        sa.Column("lease", sa.String(length=36), nullable=True),
        sa.Column("lease_holder", sa.String(length=255), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_sha256"], ["documents.sha256"], name=op.f("fk_seal_intents_document_sha256_documents")
        ),
        sa.ForeignKeyConstraint(["dossier"], ["dossiers.code"], name=op.f("fk_seal_intents_dossier_dossiers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_intents")),
        sa.UniqueConstraint("caller", "idempotency_key", name=op.f("uq_seal_intents_caller_idempotency_key")),
        sa.UniqueConstraint("dossier", "result_number", name=op.f("uq_seal_intents_dossier_result_number")),
        sa.UniqueConstraint("verification_code", name=op.f("uq_seal_intents_verification_code")),
    )
    op.create_index(op.f("ix_seal_intents_state"), "seal_intents", ["state"], unique=False)


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("officer", sa.String(length=36), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_seen_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["officer"], ["officers.id"], name=op.f("fk_sessions_officer_officers")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_officer"), "sessions", ["officer"], unique=False)


def _verifications() -> None:
    op.create_table(
        "verifications",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("dossier", sa.String(length=64), nullable=True),
        sa.Column("policy_id", sa.String(length=64), nullable=False),
        sa.Column("conclusion", sa.String(length=20), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("retry_at", TIME, nullable=True),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("replaced_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["content_sha256"], ["documents.sha256"], name=op.f("fk_verifications_content_sha256_documents")
        ),
        sa.ForeignKeyConstraint(
            ["document_sha256"], ["documents.sha256"], name=op.f("fk_verifications_document_sha256_documents")
        ),
        sa.ForeignKeyConstraint(["dossier"], ["dossiers.code"], name=op.f("fk_verifications_dossier_dossiers")),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["verifications.id"], name=op.f("fk_verifications_replaced_by_verifications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
    op.create_index(op.f("ix_verifications_created_at"), "verifications", ["created_at"], unique=False)
    op.create_index(op.f("ix_verifications_document_sha256"), "verifications", ["document_sha256"], unique=False)
    op.create_index(op.f("ix_verifications_retry_at"), "verifications", ["retry_at"], unique=False)


def _papers() -> None:
    op.create_table(
        "papers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("dossier", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("verification", sa.String(length=36), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_sha256"], ["documents.sha256"], name=op.f("fk_papers_document_sha256_documents")
        ),
        sa.ForeignKeyConstraint(["dossier"], ["dossiers.code"], name=op.f("fk_papers_dossier_dossiers")),
        sa.ForeignKeyConstraint(
            ["verification"], ["verifications.id"], name=op.f("fk_papers_verification_verifications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.UniqueConstraint("dossier", "name", "document_sha256", name=op.f("uq_papers_dossier_name_document_sha256")),
        sa.UniqueConstraint("dossier", "number", name=op.f("uq_papers_dossier_number")),
    )
    op.create_index(op.f("ix_papers_verification"), "papers", ["verification"], unique=False)


def _results() -> None:
    op.create_table(
        "results",
        sa.Column("result_code", sa.String(length=80), nullable=False),
        sa.Column("dossier", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verification_code", sa.String(length=32), nullable=False),
        sa.Column("intent", sa.String(length=36), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("verification", sa.String(length=36), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("agency_name", sa.Text(), nullable=False),
        sa.Column("signatory", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("paper_number", sa.Text(), nullable=False),
        sa.Column("holder_name", sa.Text(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sealed_at", TIME, nullable=False),
        sa.Column("sealed_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_sha256"], ["documents.sha256"], name=op.f("fk_results_document_sha256_documents")
        ),
        sa.ForeignKeyConstraint(["dossier"], ["dossiers.code"], name=op.f("fk_results_dossier_dossiers")),
        sa.ForeignKeyConstraint(["intent"], ["seal_intents.id"], name=op.f("fk_results_intent_seal_intents")),
        sa.ForeignKeyConstraint(
            ["verification"], ["verifications.id"], name=op.f("fk_results_verification_verifications")
        ),
        sa.PrimaryKeyConstraint("result_code", name=op.f("pk_results")),
        sa.UniqueConstraint("document_sha256", name=op.f("uq_results_document_sha256")),
        sa.UniqueConstraint("dossier", "number", name=op.f("uq_results_dossier_number")),
        sa.UniqueConstraint("intent", name=op.f("uq_results_intent")),
        sa.UniqueConstraint("verification_code", name=op.f("uq_results_verification_code")),
    )


def _verification_evidence() -> None:
    op.create_table(
        "verification_evidence",
        sa.Column("verification", sa.String(length=36), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["verification"], ["verifications.id"], name=op.f("fk_verification_evidence_verification_verifications")
        ),
        sa.PrimaryKeyConstraint("verification", "sha256", name=op.f("pk_verification_evidence")),
    )
