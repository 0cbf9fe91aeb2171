"""What a CRL or an OCSP response says of one certificate, and the bytes it rests on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from asn1crypto import algos

from certs.algorithms import Where, acceptable
from certs.certificate import MALFORMED, Certificate, valid_at
from certs.signed_bytes import issued_by, signature_holds

CLOCK_TOLERANCE = timedelta(minutes=5)
"""A responder's clock may run ahead of ours by this much before its answer counts as from the future."""

NO_NEXT_UPDATE_VALIDITY = timedelta(minutes=30)
"""RFC 6960 4.2.2.1: without nextUpdate newer information is always available; so it speaks for this long only."""


KEY_IS_SAFE = frozenset({"unspecified", "affiliationChanged", "superseded", "cessationOfOperation"})
"""Reasons for which what a key signed before its revocation stands (RFC 3161 §4); without a reason nothing does."""


class CertStatus(StrEnum):
    """Status of a certificate at a point in time. UNKNOWN is never valid (TT 15/2025 Đ.6)."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class EvidenceKind(StrEnum):
    """The two forms of revocation information."""

    CRL = "crl"
    OCSP = "ocsp"


@dataclass(frozen=True)
class Evidence:
    """The bytes an answer rests on, as DER, with their digest."""

    kind: EvidenceKind
    sha256: str
    der: bytes

    @classmethod
    def of(cls, kind: EvidenceKind, der: bytes) -> Evidence:
        """Evidence with its digest computed."""
        return cls(kind, hashlib.sha256(der).hexdigest(), der)


@dataclass(frozen=True)
class Question:
    """Which certificate, and for when. ``authorities`` are the CA certificates of the validated path, issuer first.

    ``at`` is the time that counts; ``validation_time`` the time from which the question is asked: nothing signed later
    is believed. ``extra_certs`` may hold a delegated signer of the answer.
    """

    cert: Certificate
    issuer: Certificate
    authorities: tuple[Certificate, ...]
    extra_certs: tuple[Certificate, ...]
    at: datetime
    validation_time: datetime


@dataclass(frozen=True)
class Judgement:
    """What one CRL or OCSP response says about one certificate.

    ``revoked_at`` stands for any revocation found, also one after the time asked for (then ``status`` is GOOD or
    UNKNOWN). ``this_update`` is when the issuer stated it. ``clear_of``: an UNKNOWN that rules out revocation for these
    reasons only (RFC 5280 5.2.5, onlySomeReasons); such statements can add up.
    """

    status: CertStatus
    detail: str
    revoked_at: datetime | None = None
    reason: str | None = None
    this_update: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    clear_of: frozenset[str] = frozenset()


def unknown(detail: str) -> Judgement:
    """No usable statement, and why."""
    return Judgement(CertStatus.UNKNOWN, detail)


DelegateStatus = Callable[[Certificate, Certificate, datetime], Judgement]
"""Asks for the status of a delegated signer's certificate, given that, its issuer's, and when it signed."""


def certified_by(delegate: Certificate, issuer: Certificate, signed_at: datetime) -> bool:
    """Did this CA itself issue the signer's certificate, by an acceptable algorithm, and was it valid when signing."""
    try:
        accepted = acceptable(delegate["signature_algorithm"], issuer.public_key, delegate.not_valid_before, Where.LEAF)
        return accepted.acceptable and valid_at(delegate, signed_at) and issued_by(delegate, issuer)
    except MALFORMED:  # it came along with a document
        return False


def delegate_problem(status: Judgement, delegate: Certificate) -> str | None:
    """Why a delegated signer of this status may not be relied on; None if it may.

    A certificate that says nothing about where its status is to be had is its issuer's choice (RFC 6960 4.2.2.2.1).
    One that was revoked later made nothing that can be believed, unless its key is known to be safe: who stole it
    writes any date into a statement, and nothing proves when that was made (RFC 3161 §4 says it of time stamps).
    """
    announced = delegate.crl_distribution_points_value is not None or bool(delegate.ocsp_urls)
    if status.status is not CertStatus.REVOKED and status.revoked_at and status.reason not in KEY_IS_SAFE:
        return f"its certificate: revoked since, and nothing proves that this was stated before ({status.detail})"
    if status.status is CertStatus.REVOKED or (status.status is CertStatus.UNKNOWN and announced):
        return f"its certificate: {status.status} ({status.detail})"
    return None


def freshness_problem(
    question: Question, this_update: datetime, next_update: datetime | None, kept_since: datetime | None
) -> str | None:
    """Why a statement that finds no revocation does not speak for ``question.at``; None if it does.

    EN 319 102-1 §5.2.5: it was issued after the time in question, or was still in force then. RFC 5280 §3.3: after a
    certificate's expiry its entry may be dropped, so a later statement is silent about it, unless the issuer says since
    when entries are kept (expiredCertsOnCRL, archive cut-off).
    """
    if this_update > question.validation_time + CLOCK_TOLERANCE:
        return f"issued {this_update:%Y-%m-%d %H:%M}Z, after the time of validation"
    until = in_force_until(this_update, next_update)
    if until < question.at:
        return f"out of date since {until:%Y-%m-%d %H:%M}Z"
    expired = question.cert.not_valid_after
    if this_update > expired and (kept_since is None or kept_since > expired):
        return f"issued after the certificate expired ({expired:%Y-%m-%d}): its entry may have been dropped"
    return None


def in_force_until(this_update: datetime, next_update: datetime | None) -> datetime:
    """Until when a statement is the newest there is, by its own word."""
    return next_update or this_update + NO_NEXT_UPDATE_VALIDITY


def statement_signed(
    algorithm: algos.SignedDigestAlgorithm, signature: bytes, signed: bytes, signer: Certificate
) -> bool:
    """Does the signer's key verify a CRL or OCSP response, by an acceptable algorithm.

    SHA-1 is accepted from a signer whose own certificate is SHA-1-signed: ``path.find_path`` lets such a certificate
    pass only where it is pinned in a tree of the catalogue.
    """
    try:
        old = signer.hash_algo == "sha1"
        allowed = acceptable(algorithm, signer.public_key, signer.not_valid_before, Where.CA, sha1_pinned=old)
    except MALFORMED:  # a signer that came along with a document
        return False
    return allowed.acceptable and signature_holds(signer.public_key, algorithm, signature, signed)
