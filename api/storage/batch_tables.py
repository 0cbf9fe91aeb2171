"""Tables of batches of seals. Beside ``tables.py`` and on its metadata, so that migrations and tests see one schema."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from api.storage.tables import UtcDateTime, metadata

batches = Table(
    "batches",  # up to 10,000 results to be sealed under one order; who may seal them is whoever recorded the batch
    metadata,
    Column("id", String(36), primary_key=True),
    Column("caller", String(80), nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("agency", String(64), nullable=False),
    Column("signatory", String(64), nullable=False),
    Column("level", String(8), nullable=False),
    Column("when_complete", String(8), nullable=False),
    Column("state", String(12), nullable=False),
    Column("total", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("waiting_reason", String(64), nullable=True),
    Column("waiting_data", JSON, nullable=False),
    Column("waiting_since", UtcDateTime, nullable=True),
    Column("waiting_until", UtcDateTime, nullable=True),
    Column("waiting_rounds", Integer, nullable=False),
    Column("paused_reason", String(64), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("started_by", String(80), nullable=True),
    Column("finished_at", UtcDateTime, nullable=True),
    Unique("caller", "idempotency_key"),
    Index(None, "state"),
    Index(None, "created_at"),
)

batch_items = Table(
    "batch_items",  # one result each; a row with a lease is being worked on
    metadata,
    Column("batch", String(36), ForeignKey("batches.id"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("order", JSON, nullable=False),
    Column("document_sha256", String(64), nullable=False),
    Column("received", Boolean, nullable=False),
    Column("dossier", String(64), nullable=False),
    Column("filename", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(64), nullable=True),
    Column("reason_data", JSON, nullable=False),
    Column("checked", String(10), nullable=True),
    Column("check_reason", String(64), nullable=True),
    Column("check_data", JSON, nullable=False),
    Column("placements", JSON, nullable=False),
    Column("result_code", String(80), nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("deaths", Integer, nullable=False),
    Column("not_before", UtcDateTime, nullable=True),
    Column("lease", String(36), nullable=True),
    Column("lease_holder", String(255), nullable=True),
    Column("lease_until", UtcDateTime, nullable=True),
    Column("changed_at", UtcDateTime, nullable=False),
    Index(None, "batch", "state", "attempts", "position"),
    Index(None, "batch", "document_sha256"),
    Index(None, "batch", "received"),
    Index(None, "lease"),
)
