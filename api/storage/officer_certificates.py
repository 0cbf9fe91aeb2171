"""The register of officers' signing certificates: its table, rows in, plain values out. A row is never deleted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Row, String, Table, Text, insert, or_, select, update

from api.storage.database import Transaction
from api.storage.tables import UtcDateTime, metadata

officer_certificates = Table(
    "officer_certificates",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("certificate_sha256", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=True),
    Column("organization", Text, nullable=True),
    Column("units", JSON, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("agency", String(64), nullable=True),
    Column("valid_from", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime, nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    Column("withdrawn_at", UtcDateTime, nullable=True),
    Index(None, "certificate_sha256"),
    Index(None, "email"),
)


@dataclass(frozen=True)
class OfficerCertificateRow:
    """A registered certificate as stored; ``email`` in lower case; ``agency`` None stands for all."""

    id: str
    certificate_sha256: str
    name: str
    email: str | None
    organization: str | None
    units: tuple[str, ...]
    issuer: str
    agency: str | None
    valid_from: datetime
    valid_until: datetime
    registered_at: datetime
    withdrawn_at: datetime | None


def insert_officer_certificate(transaction: Transaction, row: OfficerCertificateRow) -> None:
    """Store a new entry."""
    values = {name: getattr(row, name) for name in OfficerCertificateRow.__dataclass_fields__}
    transaction.connection.execute(insert(officer_certificates).values(values | {"units": list(row.units)}))


def all_officer_certificates(transaction: Transaction) -> list[OfficerCertificateRow]:
    """Every entry, withdrawn ones too, by name and time."""
    query = select(officer_certificates).order_by(officer_certificates.c.name, officer_certificates.c.registered_at)
    return [_row(row) for row in transaction.connection.execute(query)]


def officer_certificates_like(
    transaction: Transaction, certificates: Collection[str], emails: Collection[str]
) -> list[OfficerCertificateRow]:
    """Entries of these certificates (hex SHA-256) or of these addresses (lower case), withdrawn ones too."""
    columns = officer_certificates.c
    query = select(officer_certificates).where(
        or_(columns.certificate_sha256.in_(certificates), columns.email.in_(emails))
    )
    return [_row(row) for row in transaction.connection.execute(query.order_by(columns.registered_at, columns.id))]


def set_officer_certificate_withdrawn(transaction: Transaction, certificate_sha256: str, at: datetime) -> int:
    """End the entries of a certificate that are not ended yet; how many there were."""
    columns = officer_certificates.c
    change = update(officer_certificates).where(
        columns.certificate_sha256 == certificate_sha256, columns.withdrawn_at.is_(None)
    )
    return transaction.connection.execute(change.values(withdrawn_at=at)).rowcount


def _row(row: Row[Any]) -> OfficerCertificateRow:
    return OfficerCertificateRow(**{**row._mapping, "units": tuple(row.units)})
