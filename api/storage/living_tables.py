"""Tables of living results: what is in force, what was decided about it, every version of its file, its upkeep."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from api.storage.tables import UtcDateTime, metadata


def _result(name: str = "result_code", **options: Any) -> Column[str]:
    return Column(name, String(80), ForeignKey("results.result_code"), **options)


result_states = Table(
    "result_states",  # one row a result: the legal state that every surface reads
    metadata,
    _result(primary_key=True),
    Column("state", String(12), nullable=False),
    _result("successor", nullable=True),
    Column("changes", Integer, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index(None, "successor"),
)

result_changes = Table(
    "result_changes",  # append-only (triggers refuse UPDATE and DELETE): withdrawal, replacement, correction
    metadata,
    _result(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(12), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("note", Text, nullable=True),
    Column("public_note", Text, nullable=True),
    Column("decided_by", Text, nullable=False),
    Column("decision_number", Text, nullable=False),
    Column("decision_date", Date, nullable=False),
    _result("successor", nullable=True),
    Column("before", JSON, nullable=False),
    Column("after", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("caller", String(80), nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_sha256", String(64), nullable=False),
    UniqueConstraint("caller", "idempotency_key"),
)

result_versions = Table(
    "result_versions",  # append-only: each file that ever was this result; the newest is the one that results names
    metadata,
    _result(primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document_sha256", String(64), ForeignKey("documents.sha256"), nullable=False),
    Column("verification", String(36), ForeignKey("verifications.id"), nullable=False),
    Column("level", String(8), nullable=False),
    Column("cause", String(10), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    UniqueConstraint("document_sha256"),
)

result_upkeep = Table(
    "result_upkeep",  # one row a result: until when its evidence holds, and what the worker has to do next, and when
    metadata,
    _result(primary_key=True),
    Column("agency", String(64), nullable=False),
    Column("wished_level", String(8), nullable=False),
    Column("level", String(8), nullable=False),
    Column("expires_at", UtcDateTime, nullable=True),
    Column("expires_with", Text, nullable=True),
    Column("task", String(8), nullable=True),
    Column("next_at", UtcDateTime, nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("failure", String(64), nullable=True),
    Column("lease", String(36), nullable=True),
    Column("lease_holder", String(255), nullable=True),
    Column("lease_until", UtcDateTime, nullable=True),
    Index(None, "task", "next_at"),
    Index(None, "expires_at"),
)

caller_rights = Table(
    "caller_rights",  # what an officer or a portal key may do beyond its agencies
    metadata,
    Column("holder", String(80), primary_key=True),
    Column("right", String(32), primary_key=True),
)

time_stamp_counts = Table(
    "time_stamp_counts",  # how often each time stamp authority was asked in an hour or a day, over all processes
    metadata,
    Column("address", String(255), primary_key=True),
    Column("period", String(16), primary_key=True),
    Column("count", Integer, nullable=False),
)
