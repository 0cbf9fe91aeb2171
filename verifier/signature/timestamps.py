"""Time stamps (RFC 3161, EN 319 422): made by their authority, over these bytes, and may they be believed?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from asn1crypto import tsp, x509

from certs.algorithms import Where, acceptable, acceptable_digest
from certs.anchors import Purpose
from certs.identity import identify
from certs.profile import may_time_stamp
from verifier.cms.container import CmsSignature, named_by, read_cms
from verifier.cms.rules import (
    Content,
    IntegrityFacts,
    check_integrity,
    digest_of,
    effective_algorithm,
    signing_certificate,
)
from verifier.guard import Failure, attempt
from verifier.policy import ValidationPolicy
from verifier.report import Finding, Integrity, PathOutcome, Revocation, Severity, SubIndication
from verifier.signature.trust import CertificateFacts, CertificateJudge


@dataclass(frozen=True)
class StampFacts:
    """One time stamp, judged at ``control_time``: the earliest time at which its existence is proven otherwise.

    ``trusted``: intact, over the right bytes, by an authority that is recognised and was in good standing at
    ``control_time``. Only then does ``generated_at`` prove anything.
    """

    integrity: Integrity
    failure: SubIndication | None = None
    violations: tuple[tuple[SubIndication, str], ...] = ()
    generated_at: datetime | None = None
    certificate: x509.Certificate | None = None
    certificate_facts: CertificateFacts = field(default_factory=CertificateFacts)
    purpose_allows: bool = False
    algorithms_acceptable: bool = False
    designated: bool = True
    trusted: bool = False
    findings: tuple[Finding, ...] = ()
    evidence: Mapping[str, bytes] = field(default_factory=dict)


def judge_token(
    token: bytes,
    stamped: Content | None,
    control_time: datetime,
    validation_time: datetime,
    judge: CertificateJudge,
    policy: ValidationPolicy,
) -> StampFacts:
    """Judge an encoded token; one that cannot be read is a fact with a finding.

    Args:
        token: DER of the ContentInfo, zero padding allowed.
        stamped: the bytes that the imprint must be of; None where nobody can say which they are, and then the token
            stamps nothing (not "no bytes": a stamp of the empty string is to be had by anybody, at any time).
        control_time: at which the authority's certificate must hold.
        validation_time: a token from later than this proves nothing.
        judge: judges the authority's certificate.
        policy: what is required of an authority's status.
    """

    def work() -> StampFacts:
        return judge_stamp(read_cms(token), stamped, control_time, validation_time, judge, policy)

    judged = attempt(
        "time stamp", work
    )  # a garbled stamp that anybody added must not spoil the signature's own verdict
    if not isinstance(judged, Failure):
        return judged
    return _unreadable(judged.detail)


def judge_stamp(
    signature: CmsSignature,
    stamped: Content | None,
    control_time: datetime,
    validation_time: datetime,
    judge: CertificateJudge,
    policy: ValidationPolicy,
) -> StampFacts:
    """1 the token's own signature · 2 the imprint · 3 the authority's certificate at ``control_time`` · 4 believed?"""
    content = signature.encapsulated
    info = attempt("tst", lambda: _read_info(content))
    if content is None or isinstance(info, Failure):
        return _unreadable("no TSTInfo")
    candidates = signature.candidates or named_by(signature.signer_info, judge.known)  # RFC 3161: without certReq
    chosen = signing_certificate(signature, candidates)
    own = check_integrity(signature, chosen.certificate, [content], "tst_info")
    imprint = _by_imprint(own, info, stamped)
    integrity, failure = imprint.integrity, imprint.failure
    findings = [*signature.findings, *own.findings, *chosen.findings, *imprint.findings]
    token = signature.token()
    evidence = {hashlib.sha256(token).hexdigest(): token}
    if chosen.certificate is None:
        return StampFacts(
            integrity, failure, own.violations, info.generated_at, findings=tuple(findings), evidence=evidence
        )
    certificate = chosen.certificate
    facts = judge.judge(certificate, control_time, Purpose.TIME_STAMPING)
    allows = attempt("purpose", lambda: may_time_stamp(certificate)) is True
    strong = attempt("algorithms", lambda: _algorithms_hold(signature, certificate, info, control_time)) is True
    problem = _why_not_trusted(info, certificate, facts, control_time, validation_time, policy)
    designated = chosen.designated and not chosen.mismatch
    believed = integrity is Integrity.INTACT and designated and allows and strong and not own.violations
    if problem is not None:
        findings.append(problem)
    return StampFacts(
        integrity=integrity,
        failure=failure,
        violations=own.violations,
        generated_at=info.generated_at,
        certificate=certificate,
        certificate_facts=facts,
        purpose_allows=allows,
        algorithms_acceptable=strong and facts.algorithms_acceptable,
        designated=designated,
        trusted=believed and facts.algorithms_acceptable and problem is None,
        findings=tuple(findings),
        evidence={**evidence, **facts.evidence},
    )


def _unreadable(detail: str) -> StampFacts:
    finding = Finding("TIMESTAMP-UNREADABLE", Severity.WARNING, (("detail", detail),))
    return StampFacts(Integrity.UNKNOWN, SubIndication.FORMAT_FAILURE, findings=(finding,))


@dataclass(frozen=True)
class _Info:
    generated_at: datetime
    imprint_algorithm: str
    imprint: bytes


def _read_info(content: bytes | None) -> _Info:
    info = tsp.TSTInfo.load(content or b"")
    imprint = info["message_imprint"]
    return _Info(
        generated_at=info["gen_time"].native.astimezone(UTC),
        imprint_algorithm=str(imprint["hash_algorithm"]["algorithm"].native).lower(),
        imprint=bytes(imprint["hashed_message"].native),
    )


def _by_imprint(own: IntegrityFacts, info: _Info, stamped: Content | None) -> IntegrityFacts:
    """The token's integrity together with that of what it stamps; ``findings`` are the imprint's alone."""
    if own.integrity is not Integrity.INTACT:
        return replace(own, findings=())
    if stamped is None:
        finding = Finding("TIMESTAMP-UNREADABLE", Severity.WARNING, (("detail", "what it is over is unknown"),))
        return replace(
            own, integrity=Integrity.UNKNOWN, failure=SubIndication.SIGNED_DATA_NOT_FOUND, findings=(finding,)
        )
    if digest_of(info.imprint_algorithm, stamped) != info.imprint:
        finding = Finding("TIMESTAMP-IMPRINT-WRONG", Severity.WARNING)
        return replace(own, integrity=Integrity.BROKEN, failure=SubIndication.HASH_FAILURE, findings=(finding,))
    return replace(own, findings=())


def _algorithms_hold(signature: CmsSignature, certificate: x509.Certificate, info: _Info, at: datetime) -> bool:
    algorithm, digest = effective_algorithm(signature)
    return bool(
        acceptable(algorithm, certificate.public_key, at, Where.DOCUMENT, digest=digest)
        and acceptable_digest(signature.digest_algorithm, at, Where.DOCUMENT)
        and acceptable_digest(info.imprint_algorithm, at, Where.DOCUMENT)
    )


def _why_not_trusted(
    info: _Info,
    certificate: x509.Certificate,
    facts: CertificateFacts,
    control_time: datetime,
    validation_time: datetime,
    policy: ValidationPolicy,
) -> Finding | None:
    """The first reason why the authority is not believed; each is a finding of its own code."""
    authority = (("authority", identify(certificate).name),)
    if facts.path is not PathOutcome.TRUSTED:
        return Finding("TIMESTAMP-NOT-TRUSTED", Severity.WARNING, authority)
    if info.generated_at > validation_time + policy.future_claim_tolerance:
        return Finding("TIMESTAMP-FROM-FUTURE", Severity.WARNING)
    within = certificate.not_valid_before <= control_time <= certificate.not_valid_after
    if not within or facts.ca_valid_at_time is False or info.generated_at < certificate.not_valid_before:
        return Finding("TIMESTAMP-CERTIFICATE-EXPIRED", Severity.WARNING, authority)
    if facts.revocation is Revocation.REVOKED:
        return Finding("TIMESTAMP-CERTIFICATE-REVOKED", Severity.WARNING, authority)
    if facts.revocation is Revocation.UNKNOWN and policy.time_stamp_revocation_required:
        return Finding("TIMESTAMP-STATUS-UNKNOWN", Severity.WARNING, authority)
    return None
