"""Are the certificates still good before we sign, and the evidence for it, kept with the operation and in the document.

TT 15/2025 Đ.5, NĐ 23/2025 Đ.15: before signing, check the signer's certificate and the issuing CA's; if either is not
good, refuse; keep the certificate, the CRL or OCSP answer and the result.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import x509

from certs.anchors import Purpose, TrustStore
from certs.certificate import display_name, valid_at
from certs.path import PathStatus, find_path
from certs.profile import may_sign
from certs.revocation import CertStatus, Evidence, EvidenceKind, PathStatusAnswer, RevocationSource, path_status
from signer.keys import SigningKey
from signer.refusal import RefusalCode, SealRefused

KEPT_FOR = timedelta(seconds=30)
"""How long a signer that was found good is not asked about again within a batch."""


@dataclass(frozen=True)
class CheckedPath:
    """A certificate found good at a time: its path (leaf → anchor) and what shows that nothing in it is revoked."""

    path: tuple[x509.Certificate, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class EvidenceBundle:
    """DER of everything that a later check needs, each piece once."""

    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]


def check_signer(key: SigningKey, trust: TrustStore, sources: Sequence[RevocationSource], at: datetime) -> CheckedPath:
    """Find a signer's certificate and its CAs good at ``at``.

    1 may it sign · 2 does it lead to an anchor · 3 validity periods · 4 revocation of the certificate and its CAs.

    Raises:
        SealRefused: CERTIFICATE-… or CA-CERTIFICATE-…, with the certificate's name.
    """
    certificate = key.certificate
    who = ("certificate", display_name(certificate))
    if not may_sign(certificate):
        raise SealRefused(RefusalCode.CERTIFICATE_PURPOSE, (who,))
    found = find_path(certificate, key.chain, trust, at, Purpose.SIGNING)
    if found.outcome is not PathStatus.TRUSTED:
        raise SealRefused(RefusalCode.CERTIFICATE_NOT_TRUSTED, (who, ("detail", found.detail)))
    if not valid_at(certificate, at):
        period = (("from", _day(certificate.not_valid_before)), ("until", _day(certificate.not_valid_after)))
        raise SealRefused(RefusalCode.CERTIFICATE_OUT_OF_PERIOD, (who, *period))
    if found.ca_valid_at_time is False:
        raise SealRefused(RefusalCode.CA_CERTIFICATE_OUT_OF_PERIOD, (who,))
    answer = path_status(found.path, at, sources, key.chain)
    _refuse_unless_good(answer, who)
    return CheckedPath(found.path, answer.evidence)


class RecentChecks:
    """Signers found good a moment ago, for the items of a batch: one question for all that are sealed within it.

    A status is what the authority last published, for hours (CRL) or days; asking a hundred times a second brings no
    newer one. Good answers alone are kept, for ``KEPT_FOR``, under the trust store and certificate they were given
    for. Thread-safe: the worst that two threads do is to ask twice.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[bytes, str], tuple[datetime, CheckedPath]] = {}

    def check(
        self, key: SigningKey, trust: TrustStore, sources: Sequence[RevocationSource], at: datetime
    ) -> CheckedPath:
        """``check_signer``, or what it said less than ``KEPT_FOR`` before ``at``.

        Raises:
            SealRefused: as ``check_signer``.
        """
        name = (key.certificate.sha256, trust.sha256)
        known = self._kept.get(name)
        if known is not None and timedelta(0) <= at - known[0] < KEPT_FOR and valid_at(key.certificate, at):
            return known[1]
        checked = check_signer(key, trust, sources, at)
        self._kept[name] = (at, checked)
        return checked


def check_stamp(path: tuple[x509.Certificate, ...], sources: Sequence[RevocationSource], time: datetime) -> CheckedPath:
    """The evidence that a time-stamp authority's path was good when it stamped.

    Raises:
        SealRefused: EVIDENCE-INCOMPLETE, its status is not known to be good.
    """
    answer = path_status(path, time, sources, path)
    if answer.status is not CertStatus.GOOD:
        name = display_name(path[0])
        raise SealRefused(RefusalCode.EVIDENCE_INCOMPLETE, (("certificate", name), ("detail", answer.detail)))
    return CheckedPath(path, answer.evidence)


def bundle(checked: Iterable[CheckedPath]) -> EvidenceBundle:
    """Gather the certificates and the evidence of several paths."""
    certificates: dict[bytes, None] = {}
    pieces: dict[str, Evidence] = {}
    for one in checked:
        certificates.update(dict.fromkeys(certificate.dump() for certificate in one.path))
        pieces.update({piece.sha256: piece for piece in one.evidence})
    crls = tuple(piece.der for piece in pieces.values() if piece.kind is EvidenceKind.CRL)
    ocsps = tuple(piece.der for piece in pieces.values() if piece.kind is EvidenceKind.OCSP)
    return EvidenceBundle(tuple(certificates), crls, ocsps)


def _refuse_unless_good(answer: PathStatusAnswer, who: tuple[str, str]) -> None:
    if answer.leaf.status is CertStatus.REVOKED:
        raise SealRefused(RefusalCode.CERTIFICATE_REVOKED, (who, ("detail", answer.leaf.detail)))
    if answer.ca_revoked:
        raise SealRefused(RefusalCode.CA_CERTIFICATE_REVOKED, (who, ("detail", answer.detail)))
    if answer.status is not CertStatus.GOOD:
        raise SealRefused(RefusalCode.CERTIFICATE_STATUS_UNKNOWN, (who, ("detail", answer.detail)))


def _day(time: datetime) -> str:
    return f"{time:%d.%m.%Y}"
