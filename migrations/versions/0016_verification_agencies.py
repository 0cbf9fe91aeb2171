"""Whose a verification is, so that another agency's officers do not see it.

Verifications from before get the agencies that their caller has today; of one whose caller is no longer known only
its dossier tells who sees it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ROWS_A_STATEMENT = 1000


def upgrade() -> None:
    """Add the table and fill it."""
    op.create_table(
        "verification_agencies",
        sa.Column("verification", sa.String(length=36), nullable=False),
        sa.Column("agency", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("verification", "agency", name=op.f("pk_verification_agencies")),
        sa.ForeignKeyConstraint(
            ["verification"], ["verifications.id"], name=op.f("fk_verification_agencies_verification_verifications")
        ),
    )
    op.create_index(op.f("ix_verification_agencies_agency"), "verification_agencies", ["agency"], unique=False)
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    agencies = {f"{kind}:{row.id}": _read(row.agencies) for kind, row in _callers(connection)}
    sealed = sa.text("SELECT verification, agency FROM results")
    rows = [{"verification": row.verification, "agency": row.agency} for row in connection.execute(sealed)]
    known = {row["verification"] for row in rows}
    for row in connection.execute(sa.text("SELECT id, caller FROM verifications")):
        if row.id not in known:
            rows += [{"verification": row.id, "agency": agency} for agency in agencies.get(row.caller, ())]
    table = sa.table("verification_agencies", sa.column("verification"), sa.column("agency"))
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        connection.execute(sa.insert(table), rows[start : start + ROWS_A_STATEMENT])


def _callers(connection: sa.Connection) -> Iterable[tuple[str, sa.Row[tuple[str, object]]]]:
    for kind, name in (("portal", "api_keys"), ("officer", "officers")):
        for row in connection.execute(sa.text(f"SELECT id, agencies FROM {name}")):  # noqa: S608 - two fixed names
            yield kind, row


def _read(stored: object) -> list[str]:
    return list(json.loads(stored)) if isinstance(stored, str) else list(stored)  # type: ignore[call-overload]  # a JSON list
