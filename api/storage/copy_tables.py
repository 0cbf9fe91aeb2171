"""Tables of copies (the register of each agency, with its running number of the year) and of attachments."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from api.storage.tables import UtcDateTime, metadata

copy_registers = Table(
    "copy_registers",  # the last number given in a year; the row stays locked until the intent that took it is recorded
    metadata,
    Column("agency", String(64), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last_number", Integer, nullable=False),
)

copies = Table(
    "copies",  # one row for each copy made
    metadata,
    Column("agency", String(64), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("result_code", String(80), ForeignKey("results.result_code"), nullable=False),
    Column("form", String(12), nullable=False),
    Column("source", String(12), nullable=False),
    Column("certified", Boolean, nullable=False),
    Column("signatory", String(64), nullable=True),
    Column("converter", Text, nullable=True),
    Column("converted_on", Date, nullable=True),
    Column("original_sha256", String(64), ForeignKey("documents.sha256"), nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("entered_by", String(80), nullable=False),
    Column("note_check", String(36), nullable=True),
    Column("note_sha256", String(64), nullable=True),
    UniqueConstraint("result_code"),
)

attachments = Table(
    "attachments",  # one row for each attachment in a file of its own, both results of this service
    metadata,
    Column("result_code", String(80), ForeignKey("results.result_code"), primary_key=True),
    Column("main", String(80), ForeignKey("results.result_code"), nullable=False, index=True),
    Column("entered_at", UtcDateTime, nullable=False),
)
