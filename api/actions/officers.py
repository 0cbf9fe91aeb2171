"""The register of officers' signing certificates: who signs the scans that are made at the counter."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from api.callers import Caller
from api.dossiers.officers import OfficerRegister, RegisteredOfficer
from api.services import Services
from api.storage.database import Transaction
from api.storage.journal import Plain, add_act
from api.storage.officer_certificates import (
    OfficerCertificateRow,
    all_officer_certificates,
    insert_officer_certificate,
    officer_certificates_like,
    set_officer_certificate_withdrawn,
)
from certs.anchors import Purpose, TrustStore
from certs.catalogue import Regime
from certs.certificate import Certificate, fingerprint, read_certificates
from certs.identity import identify
from certs.path import PathStatus, find_path
from verifier.report import SignatureKind, ValidationReport


class CertificateFault(StrEnum):
    """Why a certificate is not taken into the register."""

    UNREADABLE = "unreadable"
    NO_HOLDER = "no-holder"
    """The file holds certificates of authorities only, or of several holders: whose is meant cannot be told."""
    NOT_OFFICIAL = "not-official"
    """It does not lead to the root of the official regime in the trust store of this installation."""
    REGISTERED = "registered"


class CertificateRefused(Exception):  # noqa: N818 - the answer to a request, not a fault of the program
    """The certificate is not taken in; ``fault`` says why."""

    def __init__(self, fault: CertificateFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class OfficerCertificate:
    """A registered certificate as listed."""

    certificate_sha256: str
    name: str
    email: str | None
    organization: str | None
    agency: str | None
    valid_until: datetime
    registered_at: datetime
    withdrawn_at: datetime | None


def register_certificate(
    services: Services, caller: Caller, data: bytes, store: TrustStore, agency: str | None = None
) -> OfficerCertificate:
    """Take an officer's certificate (PEM, DER or PKCS#7) into the register, for one agency or for all.

    Raises:
        CertificateRefused: it cannot be read, is nobody's or several people's, does not lead to the official root (an
            expired one may), or is registered for that agency already.
    """
    certificate, embedded = _holder(data)
    now = services.clock()
    found = find_path(certificate, embedded, store, now, Purpose.SIGNING)
    if found.outcome is not PathStatus.TRUSTED or found.anchor is None or found.anchor.regime is not Regime.OFFICIAL:
        raise CertificateRefused(CertificateFault.NOT_OFFICIAL)
    identity, sha256 = identify(certificate), fingerprint(certificate)
    row = OfficerCertificateRow(
        id=str(uuid.uuid4()),
        certificate_sha256=sha256,
        name=identity.name,
        email=None if identity.email is None else identity.email.lower(),
        organization=identity.organization,
        units=identity.units,
        issuer=identity.issuer,
        agency=agency,
        valid_from=certificate.not_valid_before.astimezone(UTC),
        valid_until=certificate.not_valid_after.astimezone(UTC),
        registered_at=now,
        withdrawn_at=None,
    )
    with services.database.writing() as transaction:
        known = officer_certificates_like(transaction, [sha256], [])
        if any(one.withdrawn_at is None and one.agency in (agency, None) for one in known):
            raise CertificateRefused(CertificateFault.REGISTERED)
        insert_officer_certificate(transaction, row)
        facts: dict[str, Plain] = {"certificate_sha256": sha256, "agency": agency}
        add_act(transaction, caller.id, "officer-certificate.registered", now, f"certificate:{sha256}", facts)
    return _listed(row)


def withdraw_certificate(services: Services, caller: Caller, certificate_sha256: str) -> bool:
    """End a registration; False where there is none. What was provably signed before stays the officer's."""
    now = services.clock()
    with services.database.writing() as transaction:
        ended = set_officer_certificate_withdrawn(transaction, certificate_sha256, now)
        if ended:
            add_act(
                transaction, caller.id, "officer-certificate.withdrawn", now, f"certificate:{certificate_sha256}", {}
            )
    return ended > 0


def list_certificates(services: Services, caller: Caller) -> list[OfficerCertificate]:
    """Every entry of the register, withdrawn ones too."""
    with services.database.reading() as transaction:
        return [_listed(row) for row in all_officer_certificates(transaction)]


def register_for(transaction: Transaction, report: ValidationReport, agency: str | None) -> OfficerRegister:
    """The part of the register that can concern the signers of a report, seen from a dossier of that agency."""
    signers = [v.facts.signer for v in report.verdicts if v.facts.kind is SignatureKind.SIGNATURE and v.facts.signer]
    if not signers:
        return OfficerRegister(agency=agency)
    certificates = {signer.certificate_sha256 for signer in signers}
    emails = {signer.email.lower() for signer in signers if signer.email}
    rows = officer_certificates_like(transaction, certificates, emails)
    return OfficerRegister(tuple(_officer(row) for row in rows), agency)


def _holder(data: bytes) -> tuple[Certificate, list[Certificate]]:
    try:
        certificates = read_certificates(data)
    except ValueError as error:
        raise CertificateRefused(CertificateFault.UNREADABLE) from error
    holders = [certificate for certificate in certificates if not certificate.ca]
    if len(holders) != 1:
        raise CertificateRefused(CertificateFault.NO_HOLDER)
    return holders[0], certificates


def _officer(row: OfficerCertificateRow) -> RegisteredOfficer:
    return RegisteredOfficer(
        row.certificate_sha256, row.name, row.email, row.organization, row.units, row.agency, row.withdrawn_at
    )


def _listed(row: OfficerCertificateRow) -> OfficerCertificate:
    return OfficerCertificate(
        row.certificate_sha256,
        row.name,
        row.email,
        row.organization,
        row.agency,
        row.valid_until,
        row.registered_at,
        row.withdrawn_at,
    )
