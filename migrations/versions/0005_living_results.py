"""Living results: states, changes, versions, upkeep; rights of callers; counts of time stamps.

Results that are there already are in force, in their first version; the worker finds out how long their evidence holds.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, fill them from the results, keep the history append-only."""
    _states()
    _changes()
    _versions()
    _upkeep()
    op.create_table(
        "caller_rights",
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("right", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("holder", "right", name=op.f("pk_caller_rights")),
    )
    op.create_table(
        "time_stamp_counts",
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("address", "period", name=op.f("pk_time_stamp_counts")),
    )
    op.execute(
        "INSERT INTO result_states (result_code, state, successor, changes, changed_at) "
        "SELECT result_code, 'in-force', NULL, 0, sealed_at FROM results"
    )
    op.execute(
        "INSERT INTO result_versions (result_code, number, document_sha256, verification, level, cause, made_at) "
        "SELECT result_code, 1, document_sha256, verification, level, 'sealed', sealed_at FROM results"
    )
    op.execute(
        "INSERT INTO result_upkeep (result_code, agency, wished_level, level, task, next_at, attempts) "
        "SELECT result_code, agency, level, level, 'assess', sealed_at, 0 FROM results"
    )
    for table in ("result_changes", "result_versions"):
        _append_only(table)


def _append_only(table: str) -> None:
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


def _refers(table: str, column: str, target: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.{key}"], name=op.f(f"fk_{table}_{column}_{target}"))


def _states() -> None:
    op.create_table(
        "result_states",
        sa.Column("result_code", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("successor", sa.String(length=80), nullable=True),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        _refers("result_states", "result_code", "results", "result_code"),
        _refers("result_states", "successor", "results", "result_code"),
        sa.PrimaryKeyConstraint("result_code", name=op.f("pk_result_states")),
    )
    op.create_index(op.f("ix_result_states_successor"), "result_states", ["successor"])


def _changes() -> None:
    op.create_table(
        "result_changes",
        sa.Column("result_code", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("public_note", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decision_number", sa.Text(), nullable=False),
        sa.Column("decision_date", sa.Date(), nullable=False),
        sa.Column("successor", sa.String(length=80), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("caller", sa.String(length=80), nullable=False),
        sa.Column("idempotency_key", sa.String(length=255), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False),
        _refers("result_changes", "result_code", "results", "result_code"),
        _refers("result_changes", "successor", "results", "result_code"),
        sa.PrimaryKeyConstraint("result_code", "number", name=op.f("pk_result_changes")),
        sa.UniqueConstraint("caller", "idempotency_key", name=op.f("uq_result_changes_caller_idempotency_key")),
    )


def _versions() -> None:
    op.create_table(
        "result_versions",
        sa.Column("result_code", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("verification", sa.String(length=36), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        _refers("result_versions", "result_code", "results", "result_code"),
        _refers("result_versions", "document_sha256", "documents", "sha256"),
        _refers("result_versions", "verification", "verifications", "id"),
        sa.PrimaryKeyConstraint("result_code", "number", name=op.f("pk_result_versions")),
        sa.UniqueConstraint("document_sha256", name=op.f("uq_result_versions_document_sha256")),
    )


def _upkeep() -> None:
    op.create_table(
        "result_upkeep",
        sa.Column("result_code", sa.String(length=80), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.Column("wished_level", sa.String(length=8), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("expires_with", sa.Text(), nullable=True),
        sa.Column("task", sa.String(length=8), nullable=True),
        sa.Column("next_at", TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failure", sa.String(length=64), nullable=True),
        sa.Column("lease", sa.String(length=36), nullable=True),
        sa.Column("lease_holder", sa.String(length=255), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        _refers("result_upkeep", "result_code", "results", "result_code"),
        sa.PrimaryKeyConstraint("result_code", name=op.f("pk_result_upkeep")),
    )
    op.create_index(op.f("ix_result_upkeep_task_next_at"), "result_upkeep", ["task", "next_at"])
    op.create_index(op.f("ix_result_upkeep_expires_at"), "result_upkeep", ["expires_at"])
