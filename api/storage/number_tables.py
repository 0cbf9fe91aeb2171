"""Tables of outgoing letters: the registers of numbers, each number once, and letters that wait to be issued."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from api.storage.tables import UtcDateTime, metadata

number_registers = Table(
    "number_registers",  # the highest number recorded; the row stays locked until whoever takes a number has committed
    metadata,
    Column("agency", String(64), primary_key=True),
    Column("series", String(40), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last_number", Integer, nullable=False),
)

document_numbers = Table(
    "document_numbers",  # one row for each number that was given, used on paper, or will never be used
    metadata,
    Column("agency", String(64), primary_key=True),
    Column("series", String(40), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("origin", String(10), nullable=False),
    Column("sign", String(60), nullable=False),
    Column("dated_on", Date, nullable=True),
    Column("title", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("signatory", Text, nullable=False),
    Column("dossier", String(64), nullable=True),
    Column("intent", String(36), nullable=True),
    Column("result_code", String(80), ForeignKey("results.result_code"), nullable=True),
    Column("given_at", UtcDateTime, nullable=False),
    Column("given_by", String(80), nullable=False),
    Column("voided_at", UtcDateTime, nullable=True),
    Column("voided_by", String(80), nullable=True),
    Column("void_reason", Text, nullable=True),
    Index(None, "intent"),
    UniqueConstraint("result_code"),
)

letters = Table(
    "letters",  # letters that the leader has signed and a clerk is to issue, and what became of each
    metadata,
    Column("id", String(36), primary_key=True),
    Column("caller", String(80), nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("order_sha256", String(64), nullable=False),
    Column("order", JSON, nullable=False),
    Column("document_sha256", String(64), ForeignKey("documents.sha256"), nullable=False),
    Column("signed_sha256", String(64), ForeignKey("documents.sha256"), nullable=False),
    Column("verification_code", String(32), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("series", String(40), nullable=False),
    Column("dossier", String(64), ForeignKey("dossiers.code"), nullable=False),
    Column("state", String(10), nullable=False),
    Column("signed_at", UtcDateTime, nullable=False),
    Column("decided_by", String(80), nullable=True),
    Column("decided_at", UtcDateTime, nullable=True),
    Column("reason", Text, nullable=True),
    UniqueConstraint("caller", "idempotency_key"),
    Index(None, "agency", "state"),
)
