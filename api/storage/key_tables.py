"""Tables about the use of keys: each use that was asked for. Beside ``tables.py`` and on its metadata."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from api.storage.tables import UtcDateTime, metadata

key_uses = Table(
    "key_uses",  # recorded before the key is used; quotas count these rows, over all processes
    metadata,
    Column("id", String(36), primary_key=True),
    Column("key", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("caller", String(80), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("digest_sha256", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    Column("refusal", String(64), nullable=True),
    Column("closed_at", UtcDateTime, nullable=True),
    Index(None, "key", "at"),
)

hash_authorizations = Table(
    "hash_authorizations",  # signature activation data (SAD) of the CSC API, as digests; each is used once
    metadata,
    Column("id", String(36), primary_key=True),
    Column("sad_sha256", String(64), nullable=False),
    Column("caller", String(80), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("digests", JSON, nullable=False),
    Column("algorithm", String(10), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=True),
    UniqueConstraint("sad_sha256"),
    Index(None, "expires_at"),
)

signing_sessions = Table(
    "signing_sessions",  # a document that waits for a signature made elsewhere; certificates and public values only
    metadata,
    Column("id", String(36), primary_key=True),
    Column("caller", String(80), nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("request_sha256", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    Column("order", JSON, nullable=False),
    Column("document_sha256", String(64), ForeignKey("documents.sha256"), nullable=False),
    Column("prepared_sha256", String(64), ForeignKey("documents.sha256"), nullable=False),
    Column("prepared", JSON, nullable=False),
    Column("match_code", String(6), nullable=False),
    Column("wrong_values", Integer, nullable=False),
    Column("reason", Text, nullable=True),
    Column("verification", String(36), ForeignKey("verifications.id"), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime, nullable=True),
    UniqueConstraint("caller", "idempotency_key"),
)

seal_releases = Table(
    "seal_releases",  # seals that wait for a second person, and what became of each
    metadata,
    Column("id", String(36), primary_key=True),
    Column("caller", String(80), nullable=False),
    Column("idempotency_key", String(255), nullable=False),
    Column("order_sha256", String(64), nullable=False),
    Column("order", JSON, nullable=False),
    Column("document_sha256", String(64), ForeignKey("documents.sha256"), nullable=False),
    Column("agency", String(64), nullable=False),
    Column("dossier", String(64), ForeignKey("dossiers.code"), nullable=False),
    Column("state", String(10), nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("decided_by", String(80), nullable=True),
    Column("decided_at", UtcDateTime, nullable=True),
    Column("reason", Text, nullable=True),
    UniqueConstraint("caller", "idempotency_key"),
    Index(None, "agency", "state"),
)
