"""Every table, once: the metadata that the migrations must arrive at (a test compares them)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

SCHEMA_REVISION = "0016"
"""The newest migration; a test holds it against ``migrations/versions``."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key() -> Column[str]:
    return Column("id", String(36), primary_key=True)


def _refers(name: str, target: str, length: int, *, nullable: bool = False) -> Column[str]:
    return Column(name, String(length), ForeignKey(target), nullable=nullable)


def _document(name: str = "document_sha256", *, nullable: bool = False) -> Column[str]:
    """A hexadecimal SHA-256 of bytes in the document store."""
    return _refers(name, "documents.sha256", 64, nullable=nullable)


def _text(name: str, length: int | None = None, *, nullable: bool = False, **options: Any) -> Column[str]:
    return Column(name, String(length) if length else Text, nullable=nullable, **options)


def _time(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=nullable)


def _caller(name: str = "caller") -> Column[str]:
    return _text(name, 80)


counters = Table(
    "counters",  # numbers without gaps: a row stays locked until the transaction that took the next number is over
    metadata,
    Column("name", String(20), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

documents = Table(
    "documents",  # bytes in the document store; the first receipt is a proof of existence and never changes
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    _time("first_received_at"),
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("code", String(64), primary_key=True),
    _text("regulation", 64),
    _text("procedure_code", 64),
    _text("procedure_name"),
    Column("signature_required", Boolean, nullable=False),
    Column("level", Integer, nullable=False),
    _text("applicant_name"),
    _text("applicant_cccd", 12, nullable=True),
    _text("applicant_mst", 14, nullable=True),
    _time("submitted_at"),
    _time("created_at"),
    _caller("created_by"),
    _time("changed_at"),
    Column("last_paper_number", Integer, nullable=False),
    Column("last_result_number", Integer, nullable=False),
    _text("agency", 64, nullable=True),
)

verifications = Table(
    "verifications",
    metadata,
    _key(),
    _caller(),
    _time("created_at"),
    _document(),
    _document("content_sha256", nullable=True),
    _text("filename"),
    _refers("dossier", "dossiers.code", 64, nullable=True),
    _text("policy_id", 64),
    _text("conclusion", 20),
    Column("report", JSON, nullable=False),
    _time("retry_at", nullable=True),
    Column("retries", Integer, nullable=False),
    _refers("replaced_by", "verifications.id", 36, nullable=True),
    Index(None, "created_at"),
    Index(None, "document_sha256"),
    Index(None, "retry_at"),
)

verification_evidence = Table(
    "verification_evidence",  # which certificates, CRLs and OCSP answers (in the evidence store) a verdict rests on
    metadata,
    Column("verification", String(36), ForeignKey("verifications.id"), primary_key=True),
    Column("sha256", String(64), primary_key=True),
)

verification_agencies = Table(
    "verification_agencies",  # whose a verification is: the agencies of who asked, "*" for the whole province
    metadata,
    Column("verification", String(36), ForeignKey("verifications.id"), primary_key=True),
    Column("agency", String(64), primary_key=True),
    Index(None, "agency"),
)

papers = Table(
    "papers",
    metadata,
    _key(),
    _refers("dossier", "dossiers.code", 64),
    Column("number", Integer, nullable=False),
    _text("name"),
    _document(),
    _time("received_at"),
    _caller(),
    _refers("verification", "verifications.id", 36),
    Column("outcome", JSON, nullable=False),
    _text("signed_by", 16, server_default="applicant"),
    UniqueConstraint("dossier", "number"),
    UniqueConstraint("dossier", "name", "document_sha256"),
    Index(None, "verification"),
)

seal_intents = Table(
    "seal_intents",  # what is about to be signed, recorded before it is; a crash leaves one in state "pending"
    metadata,
    _key(),
    _caller(),
    _text("idempotency_key", 255),
    _text("request_sha256", 64),
    _text("plan_sha256", 64),
    Column("order", JSON, nullable=False),
    _document(),
    _refers("dossier", "dossiers.code", 64),
    Column("result_number", Integer),
    _text("verification_code", 32),
    _text("state", 10),
    _text("refusal", 64, nullable=True),
    _text("lease", 36, nullable=True),
    _text("lease_holder", 255, nullable=True),
    _time("lease_until", nullable=True),
    Column("attempts", Integer, nullable=False),
    _time("created_at"),
    _time("changed_at"),
    UniqueConstraint("caller", "idempotency_key"),
    UniqueConstraint("dossier", "result_number"),
    UniqueConstraint("verification_code"),
    Index(None, "state"),
)

results = Table(
    "results",
    metadata,
    Column("result_code", String(80), primary_key=True),
    _refers("dossier", "dossiers.code", 64),
    Column("number", Integer, nullable=False),
    _text("verification_code", 32),
    _refers("intent", "seal_intents.id", 36),
    _document(),
    _refers("verification", "verifications.id", 36),
    _text("agency", 64),
    _text("agency_name"),
    _text("signatory", 64),
    _text("level", 8),
    _text("title"),
    _text("paper_number"),
    _text("holder_name"),
    Column("issued_on", Date, nullable=False),
    Column("valid_until", Date),
    _text("filename"),
    _time("sealed_at"),
    _caller("sealed_by"),
    UniqueConstraint("dossier", "number"),
    UniqueConstraint("verification_code"),
    UniqueConstraint("intent"),
    UniqueConstraint("document_sha256"),
)

events = Table(
    "events",  # the outbox: numbered without gaps in the order of commits
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _text("type", 64),
    _time("at"),
    _text("subject", 160),
    Column("data", JSON, nullable=False),
)

acts = Table(
    "acts",  # append-only (triggers refuse UPDATE and DELETE); each row holds the hash of the one before
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _time("at"),
    _caller(),
    _text("act", 64),
    _text("subject", 160),
    _text("data"),
    _text("previous_sha256", 64),
    _text("sha256", 64),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(16), primary_key=True),
    _text("name"),
    _text("secret_sha256", 64),
    Column("agencies", JSON, nullable=False),
    _time("created_at"),
    _time("revoked_at", nullable=True),
)

officers = Table(
    "officers",
    metadata,
    _key(),
    _text("sign_in_name", 120, unique=True),
    _text("name"),
    _text("password_argon2", 255),
    Column("agencies", JSON, nullable=False),
    _time("created_at"),
    _time("disabled_at", nullable=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    _refers("officer", "officers.id", 36),
    _time("created_at"),
    _time("last_seen_at"),
    _time("expires_at"),
    Index(None, "officer"),
)

sign_in_failures = Table(
    "sign_in_failures",  # throttling; subject is a keyed digest of a name or an address
    metadata,
    Column("id", Integer, primary_key=True),
    _text("subject", 80),
    _time("at"),
    Index(None, "subject", "at"),
)
