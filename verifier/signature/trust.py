"""What a certificate is worth at a time: path, status, algorithms; every piece of evidence used is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from asn1crypto import x509

from certs.algorithms import acceptable_key, acceptable_leaf
from certs.anchors import Purpose
from certs.identity import identify
from certs.path import PathResult, PathStatus, find_path
from certs.revocation import CertStatus, EmbeddedSource, path_status, within_one_document
from verifier.cms.container import read_certificate
from verifier.guard import Failure, attempt, plain, step_failed
from verifier.inputs import Environment
from verifier.report import (
    ON_HOLD,
    About,
    Finding,
    PathOutcome,
    Revocation,
    Severity,
    SignatureFacts,
    SignatureKind,
    Signer,
)
from verifier.signature.claims import printed
from verifier.signature.embedded import EmbeddedEvidence

_OUTCOMES = {
    PathStatus.TRUSTED: PathOutcome.TRUSTED,
    PathStatus.NO_CHAIN: PathOutcome.NO_CHAIN,
    PathStatus.CHAIN_INVALID: PathOutcome.CHAIN_INVALID,
    PathStatus.CHAIN_CONSTRAINTS: PathOutcome.CHAIN_CONSTRAINTS,
    PathStatus.CHAIN_WEAK: PathOutcome.CHAIN_WEAK,
}
_STATUSES = {
    CertStatus.GOOD: Revocation.GOOD,
    CertStatus.REVOKED: Revocation.REVOKED,
    CertStatus.UNKNOWN: Revocation.UNKNOWN,
}


@dataclass(frozen=True)
class CertificateFacts:
    """Outcome for one certificate at one time; ``evidence`` maps hex SHA-256 to DER."""

    path: PathOutcome = PathOutcome.NOT_EVALUATED
    regime: str = "unknown"
    ca_valid_at_time: bool | None = None
    revocation: Revocation = Revocation.NOT_CHECKED
    revoked_at: datetime | None = None
    revocation_reason: str | None = None
    ca_revoked: bool = False
    algorithms_acceptable: bool = True
    chain: tuple[x509.Certificate, ...] = ()
    findings: tuple[Finding, ...] = ()
    evidence: Mapping[str, bytes] = field(default_factory=dict)


class CertificateJudge:
    """Judges certificates of one document; the same question is answered once.

    ``known``: where a certificate that a signature or a time stamp names but does not carry may be found.
    """

    def __init__(self, environment: Environment, evidence: EmbeddedEvidence, validation_time: datetime) -> None:
        self._environment = environment
        self._validation_time = validation_time
        embedded = EmbeddedSource(evidence.crls, evidence.ocsps)
        self._sources = (embedded, *within_one_document(environment.sources))
        self._certificates = [*evidence.certificates, *_archived(environment)]
        self.known = (*self._certificates, *environment.trust.intermediates)
        self._answers: dict[tuple[bytes, Purpose, datetime], CertificateFacts] = {}

    def judge(self, certificate: x509.Certificate, at: datetime, purpose: Purpose) -> CertificateFacts:
        """Path, status and algorithms of ``certificate`` at ``at``."""
        key = (bytes(certificate.dump()), purpose, at)
        if key not in self._answers:
            self._answers[key] = self._judge(certificate, at, purpose)
        return self._answers[key]

    def _judge(self, certificate: x509.Certificate, at: datetime, purpose: Purpose) -> CertificateFacts:
        store = self._environment.trust
        found = attempt("path", lambda: find_path(certificate, self._certificates, store, at, purpose))
        if isinstance(found, Failure):
            return CertificateFacts(findings=(step_failed(found),), chain=(certificate,))
        findings: list[Finding] = []
        if found.outcome is not PathStatus.TRUSTED and found.detail:
            findings.append(Finding("PATH-DETAIL", Severity.INFO, (("detail", plain(found.detail)[:400]),)))
            findings += self._known_issuer(found.path[-1])
        accepted = attempt("algorithms", lambda: _leaf_accepted(found))
        if accepted is not True:
            findings.append(Finding("CERTIFICATE-ALGORITHM-WEAK", Severity.WARNING))
        evidence = {_sha256(c): bytes(c.dump()) for c in found.path}
        facts = CertificateFacts(
            path=_OUTCOMES[found.outcome],
            regime=found.anchor.regime.value if found.anchor is not None else "unknown",
            ca_valid_at_time=found.ca_valid_at_time,
            algorithms_acceptable=accepted is True,
            chain=found.path,
            findings=tuple(findings),
            evidence=evidence,
        )
        if found.outcome is not PathStatus.TRUSTED:
            return replace(facts, revocation=Revocation.NOT_CHECKED if self._skipped else Revocation.UNKNOWN)
        return facts if self._skipped else self._with_status(facts, found, at)

    def _known_issuer(self, last: x509.Certificate) -> list[Finding]:
        """Which file the operator lacks, where the catalogue names the authority at which the path ends."""
        key = last.authority_key_identifier
        if key is None:
            return []
        issuer = attempt("issuer", lambda: identify(last).issuer)
        if isinstance(issuer, Failure):
            return []
        known = self._environment.catalogue.known_issuer(issuer, key.hex())
        if known is None or known.certificate is None:
            return []
        parameters = (("authority", known.name), ("address", known.certificate), ("key", key.hex()))
        return [Finding("ISSUER-KNOWN-NOT-IMPORTED", Severity.INFO, parameters)]

    def data_message_service(self, certificate: x509.Certificate) -> str | None:
        """The name of the licensed service for data messages whose certificate this is, None where it is none."""
        who = identify(certificate)
        names = (who.name, who.organization or "", *who.units)
        known = self._environment.catalogue.data_message_service(*names)
        return None if known is None else known.name

    @property
    def _skipped(self) -> bool:
        return self._environment.policy.revocation_skipped

    def _with_status(self, facts: CertificateFacts, found: PathResult, at: datetime) -> CertificateFacts:
        """Add the path's status at ``at``; a revocation after that time is said, not held against it."""
        extra = self._certificates
        answer = attempt("status", lambda: path_status(found.path, at, self._sources, extra, self._validation_time))
        if isinstance(answer, Failure):
            return replace(facts, revocation=Revocation.UNKNOWN, findings=(*facts.findings, step_failed(answer)))
        revocation = _STATUSES[answer.status]
        findings: list[Finding] = []
        revoked_at = answer.revoked_at
        if revocation is not Revocation.REVOKED and revoked_at is not None:
            code = "SUSPENDED-LATER" if answer.leaf.reason == ON_HOLD else "REVOKED-LATER"
            findings.append(Finding(code, Severity.INFO, (("revoked_at", printed(revoked_at)),)))
        if answer.ca_revoked_later is not None:
            parameters = (("revoked_at", printed(answer.ca_revoked_later)),)
            findings.append(Finding("CA-REVOKED-LATER", Severity.WARNING, parameters))
        if revocation is Revocation.UNKNOWN:
            findings.append(Finding("STATUS-DETAIL", Severity.INFO, (("detail", plain(answer.detail)[:400]),)))
        return replace(
            facts,
            revocation=revocation,
            revoked_at=revoked_at,
            revocation_reason=answer.leaf.reason,
            ca_revoked=answer.leaf.status is not CertStatus.REVOKED and answer.ca_revoked,
            findings=(*facts.findings, *findings),
            evidence={**facts.evidence, **{piece.sha256: piece.der for piece in answer.evidence}},
        )


def signer_of(certificate: x509.Certificate) -> Signer | Failure:
    """Whom the certificate names, in plain values."""

    def read() -> Signer:
        identity = identify(certificate)
        return Signer(
            name=identity.name,
            organization=identity.organization,
            cccd=identity.cccd,
            mst=identity.mst,
            email=identity.email,
            issuer=identity.issuer,
            certificate_sha256=_sha256(certificate),
            serial_number=f"{certificate.serial_number:x}",
            valid_from=certificate.not_valid_before.astimezone(UTC),
            valid_until=certificate.not_valid_after.astimezone(UTC),
            units=identity.units,
            numbers=tuple(sorted(identity.other.items())),
            mst_of_organization=identity.mst_of_organization,
            issuer_country=_country(certificate),
        )

    return attempt("identity", read)


def _country(certificate: x509.Certificate) -> str | None:
    """``C`` of the issuer's name, the first where there are several."""
    for rdn in certificate.issuer.chosen:
        for attribute in rdn:
            if attribute["type"].native == "country_name":
                return plain(str(attribute["value"].native)).strip().upper()[:2] or None
    return None


def with_certificate(facts: SignatureFacts, certificate: x509.Certificate, judged: CertificateFacts) -> SignatureFacts:
    """Write what is known of the signing certificate into the facts of its signature."""
    signer = signer_of(certificate)
    whose = About.SIGNER if facts.kind is SignatureKind.SIGNATURE else About.DOCUMENT_TIMESTAMP
    findings = (*facts.findings, *(replace(one, about=whose) for one in judged.findings))
    if isinstance(signer, Failure):
        findings = (*findings, step_failed(signer))
    return replace(
        facts,
        signer=None if isinstance(signer, Failure) else signer,
        regime=judged.regime,
        path=judged.path,
        ca_valid_at_time=judged.ca_valid_at_time,
        revocation=judged.revocation,
        revoked_at=judged.revoked_at,
        revocation_reason=judged.revocation_reason,
        ca_revoked=judged.ca_revoked,
        algorithms_acceptable=facts.algorithms_acceptable and judged.algorithms_acceptable,
        findings=findings,
    )


def _archived(environment: Environment) -> list[x509.Certificate]:
    read = [attempt("certificate", partial(read_certificate, der)) for der in environment.archived_certificates]
    return [certificate for certificate in read if not isinstance(certificate, Failure)]


def _leaf_accepted(found: PathResult) -> bool:
    leaf = found.path[0]
    return bool(acceptable_leaf(leaf, found.path[1]) if len(found.path) > 1 else acceptable_key(leaf.public_key))


def _sha256(certificate: x509.Certificate) -> str:
    return hashlib.sha256(certificate.dump()).hexdigest()
