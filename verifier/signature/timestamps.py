"""Time stamps (RFC 3161, EN 319 422): made by their authority, over these bytes, and may they be believed?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum, auto

from asn1crypto import tsp, x509

from certs.algorithms import Where, acceptable, acceptable_digest, acceptable_key
from certs.anchors import Purpose
from certs.identity import identify
from certs.profile import may_time_stamp
from verifier.cms.container import CmsSignature, named_by, read_cms
from verifier.cms.rules import (
    Content,
    IntegrityFacts,
    SigningCertificate,
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
    ``control_time``. Only then does ``generated_at`` prove anything. ``false``: it is no stamp of what it is attached
    to, whoever made it: its own signature or its imprint does not hold, or it cannot be read at all.
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
    false: bool = False
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
        parsed, until = read_cms(token), policy.sha1_imprint_until
        return judge_stamp(parsed, stamped, control_time, validation_time, judge, policy, until)

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
    sha1_imprint_until: datetime | None = None,
) -> StampFacts:
    """1 the token's own signature · 2 the imprint · 3 the authority's certificate at ``control_time`` · 4 believed?

    ``sha1_imprint_until``: a SHA-1 imprint in a token from before this counts; None for a document time stamp, whose
    bytes its maker could have chosen.
    """
    content = signature.encapsulated
    info = attempt("tst", lambda: _read_info(content))
    if content is None or isinstance(info, Failure):
        return _unreadable("no TSTInfo")
    candidates = signature.candidates or named_by(signature.signer_info, judge.known)  # RFC 3161: without certReq
    chosen = signing_certificate(signature, candidates)
    own = _of_its_type(signature, check_integrity(signature, chosen.certificate, [content], "tst_info"))
    imprint = _by_imprint(own, info, stamped)
    notes = () if chosen.certificate is None else chosen.findings
    findings = [*signature.findings, *own.findings, *notes, *imprint.findings]
    token = signature.token()
    evidence = {hashlib.sha256(token).hexdigest(): token}
    base = StampFacts(
        integrity=imprint.integrity,
        failure=imprint.failure,
        violations=own.violations,
        generated_at=info.generated_at,
        false=imprint.integrity is Integrity.BROKEN,
        findings=tuple(findings),
        evidence=evidence,
    )
    if chosen.certificate is None:
        absent = Finding("TIMESTAMP-CERTIFICATE-ABSENT", Severity.WARNING)
        return replace(base, findings=(*base.findings, absent))
    found = _Token(signature, info, chosen, chosen.certificate)
    return _with_authority(base, found, Times(control_time, validation_time), judge, policy, sha1_imprint_until)


@dataclass(frozen=True)
class _Token:
    """A token that could be read, and whose certificate it is."""

    signature: CmsSignature
    info: _Info
    chosen: SigningCertificate
    certificate: x509.Certificate


@dataclass(frozen=True)
class Times:
    """The time at which the authority's certificate must hold, and the one after which nothing is believed."""

    control: datetime
    validation: datetime


def _with_authority(
    base: StampFacts,
    token: _Token,
    times: Times,
    judge: CertificateJudge,
    policy: ValidationPolicy,
    sha1_imprint_until: datetime | None,
) -> StampFacts:
    """Steps 3 and 4: every reason why a stamp is not believed is a finding."""
    certificate, chosen = token.certificate, token.chosen
    facts = judge.judge(certificate, times.control, Purpose.TIME_STAMPING)
    allows = attempt("purpose", lambda: may_time_stamp(certificate)) is True
    strong = attempt("algorithms", lambda: _algorithms_hold(token, times.control)) is True
    accepted = _imprint_accepted(token.info, times.control, strong, sha1_imprint_until)
    strong = strong and accepted is not _Imprint.REFUSED and facts.algorithms_acceptable
    problem = _why_not_trusted(token.info, certificate, facts, times, policy)
    designated = chosen.designated and not chosen.mismatch
    believed = base.integrity is Integrity.INTACT and designated and not base.violations
    trusted = believed and allows and strong and problem is None
    known = {finding.code for finding in base.findings}
    service = attempt("service", lambda: judge.data_message_service(certificate))
    reasons = [] if problem is None else [problem]
    if isinstance(service, str) and facts.path is not PathOutcome.TRUSTED:
        reasons.append(Finding("TIMESTAMP-DATA-MESSAGE-SERVICE", Severity.INFO, (("service", service),)))
    if not allows:
        reasons.append(Finding("TIMESTAMP-PURPOSE", Severity.WARNING, (("authority", identify(certificate).name),)))
    if not strong:
        reasons.append(_weak(token, accepted))
    if trusted and accepted is _Imprint.SHA1:
        reasons.append(Finding("TIMESTAMP-IMPRINT-SHA1", Severity.WARNING))
    reasons += [Finding(code, Severity.WARNING) for _, code in base.violations if code not in known]
    return replace(
        base,
        certificate=certificate,
        certificate_facts=facts,
        purpose_allows=allows,
        algorithms_acceptable=strong,
        designated=designated,
        trusted=trusted,
        findings=(*base.findings, *reasons),
        evidence={**base.evidence, **facts.evidence},
    )


def _of_its_type(signature: CmsSignature, own: IntegrityFacts) -> IntegrityFacts:
    """A token says outside its signature too that it is one (RFC 3161 §2.4.2: id-ct-TSTInfo)."""
    if signature.content_type == "tst_info":
        return own
    wrong = (SubIndication.FORMAT_FAILURE, "CONTENT-TYPE-ATTRIBUTE")
    return replace(own, violations=tuple(dict.fromkeys([*own.violations, wrong])))


def _unreadable(detail: str) -> StampFacts:
    finding = Finding("TIMESTAMP-UNREADABLE", Severity.WARNING, (("detail", detail),))
    return StampFacts(Integrity.UNKNOWN, SubIndication.FORMAT_FAILURE, false=True, findings=(finding,))


@dataclass(frozen=True)
class _Info:
    generated_at: datetime
    imprint_algorithm: str
    imprint: bytes


def _read_info(content: bytes | None) -> _Info:
    info = tsp.TSTInfo.load(content or b"")
    imprint, made = info["message_imprint"], info["gen_time"].native
    if made.tzinfo is None:  # RFC 3161 §2.4.2: it ends with Z; else it would be the zone of this machine
        raise ValueError("a time without its zone")
    return _Info(
        generated_at=made.astimezone(UTC),
        imprint_algorithm=str(imprint["hash_algorithm"]["algorithm"].native).lower(),
        imprint=bytes(imprint["hashed_message"].native),
    )


def _by_imprint(own: IntegrityFacts, info: _Info, stamped: Content | None) -> IntegrityFacts:
    """The token's integrity together with that of what it stamps; ``findings`` are those of the two alone.

    The imprint is looked at where the token's own signature cannot be checked, too: a stamp of something else is one,
    whoever made it.
    """
    if own.integrity is Integrity.BROKEN:
        return replace(own, findings=(Finding("TIMESTAMP-BROKEN", Severity.WARNING),))
    if stamped is None:
        finding = Finding("TIMESTAMP-UNREADABLE", Severity.WARNING, (("detail", "what it is over is unknown"),))
        return replace(
            own, integrity=Integrity.UNKNOWN, failure=SubIndication.SIGNED_DATA_NOT_FOUND, findings=(finding,)
        )
    imprint = digest_of(info.imprint_algorithm, stamped)
    if imprint is not None and imprint != info.imprint:
        finding = Finding("TIMESTAMP-IMPRINT-WRONG", Severity.WARNING)
        return replace(own, integrity=Integrity.BROKEN, failure=SubIndication.HASH_FAILURE, findings=(finding,))
    if imprint is None:
        finding = Finding("DIGEST-UNKNOWN", Severity.WARNING, (("algorithm", info.imprint_algorithm),))
        return replace(
            own, integrity=Integrity.UNKNOWN, failure=SubIndication.POLICY_PROCESSING_ERROR, findings=(finding,)
        )
    return replace(own, findings=())


def _algorithms_hold(token: _Token, at: datetime) -> bool:
    """Those of the token's own signature; the imprint's digest is judged apart."""
    algorithm, digest = effective_algorithm(token.signature)
    return bool(
        acceptable(algorithm, token.certificate.public_key, at, Where.DOCUMENT, digest=digest)
        and acceptable_digest(token.signature.digest_algorithm, at, Where.DOCUMENT)
    )


class _Imprint(Enum):
    """What the digest of the imprint is worth."""

    STRONG = auto()
    SHA1 = auto()
    REFUSED = auto()


def _imprint_accepted(info: _Info, at: datetime, strong: bool, sha1_until: datetime | None) -> _Imprint:
    """SHA-1 counts inside a token that is signed with a strong algorithm, up to a day that the policy names.

    A stamp is of a value that stands already, so what counts is that nobody finds a second value with the same digest;
    a collision needs both values to be chosen.
    """
    if acceptable_digest(info.imprint_algorithm, at, Where.DOCUMENT):
        return _Imprint.STRONG
    in_time = sha1_until is not None and info.generated_at < sha1_until
    return _Imprint.SHA1 if info.imprint_algorithm == "sha1" and strong and in_time else _Imprint.REFUSED


def _weak(token: _Token, imprint: _Imprint) -> Finding:
    """Names what is too weak in a token: its key, a digest of its signature, the imprint's, its certificate's."""
    at, key = token.info.generated_at, token.certificate.public_key
    digests = [effective_algorithm(token.signature)[1], token.signature.digest_algorithm]
    digests += [token.info.imprint_algorithm] if imprint is _Imprint.REFUSED else []
    weak = [one for one in digests if not acceptable_digest(one, at, Where.DOCUMENT)]
    named = weak[0] if weak else attempt("algorithm", lambda: str(token.certificate.hash_algo))
    if not acceptable_key(key):
        named = attempt("key", lambda: f"{key.algorithm} {key.bit_size}")
    shown = "—" if isinstance(named, Failure) else named.upper()
    return Finding("TIMESTAMP-ALGORITHM-WEAK", Severity.WARNING, (("algorithm", shown),))


def _why_not_trusted(
    info: _Info,
    certificate: x509.Certificate,
    facts: CertificateFacts,
    times: Times,
    policy: ValidationPolicy,
) -> Finding | None:
    """The first reason why the authority is not believed; each is a finding of its own code."""
    authority = (("authority", identify(certificate).name),)
    if facts.path is not PathOutcome.TRUSTED:
        known = facts.path in (PathOutcome.CHAIN_INVALID, PathOutcome.CHAIN_CONSTRAINTS, PathOutcome.CHAIN_WEAK)
        code = "TIMESTAMP-AUTHORITY-REFUSED" if known else "TIMESTAMP-NOT-TRUSTED"
        return Finding(code, Severity.WARNING, authority)
    if info.generated_at > times.validation + policy.future_claim_tolerance:
        return Finding("TIMESTAMP-FROM-FUTURE", Severity.WARNING)
    within = certificate.not_valid_before <= times.control <= certificate.not_valid_after
    if not within or facts.ca_valid_at_time is False or info.generated_at < certificate.not_valid_before:
        return Finding("TIMESTAMP-CERTIFICATE-EXPIRED", Severity.WARNING, authority)
    if facts.revocation is Revocation.REVOKED:
        return Finding("TIMESTAMP-CERTIFICATE-REVOKED", Severity.WARNING, authority)
    if facts.revocation is Revocation.UNKNOWN and policy.time_stamp_revocation_required:
        return Finding("TIMESTAMP-STATUS-UNKNOWN", Severity.WARNING, authority)
    return None
