"""What an OCSP response says of one certificate (RFC 6960), and the request that asks for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from asn1crypto import core, ocsp

from certs.certificate import MALFORMED, Certificate, der_of, fingerprint, kept_certificate
from certs.evidence import (
    CLOCK_TOLERANCE,
    CertStatus,
    DelegateStatus,
    Evidence,
    EvidenceKind,
    Judgement,
    Question,
    certified_by,
    delegate_problem,
    freshness_problem,
    statement_signed,
    unknown,
)
from certs.memo import BoundedMemo

MAX_RESPONDERS_TRIED = 8
"""Certificates that could be the responder's; a response may embed any number of them."""

_HASHES: dict[str, Callable[[bytes], Any]] = {
    "sha1": lambda data: hashlib.sha1(data, usedforsecurity=False),
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}


def ocsp_request(cert: Certificate, issuer: Certificate, nonce: bytes | None = None) -> bytes:
    """A request for one certificate, SHA-1 identifiers (RFC 5019 §2.1.1: what every responder takes).

    ``nonce`` (RFC 8954, 1 to 32 bytes) ties the answer to this question.
    """
    request = ocsp.Request({"req_cert": _cert_id(cert, issuer, "sha1")})
    tbs: dict[str, Any] = {"request_list": [request]}
    if nonce is not None:
        extension = {"extn_id": "nonce", "critical": False, "extn_value": core.OctetString(nonce)}
        tbs["request_extensions"] = [extension]
    return bytes(ocsp.OCSPRequest({"tbs_request": tbs}).dump())


def was_answered(data: bytes, nonce: bytes) -> bool:
    """Did the responder answer this very question, or at least no other: an echoed nonce must be ours.

    Most responders hand out answers made beforehand, without nonce (RFC 5019 §4): their age is judged then. False also
    where the responder refused the question.
    """
    echoed = _nonces(data)
    return echoed is not None and echoed in ([], [nonce])


def carries_no_nonce(data: bytes) -> bool:
    """Is it an answer to nobody's question in particular, or none at all (the judge says what is wrong with it)."""
    return not _nonces(data)


def _nonces(data: bytes) -> list[bytes] | None:
    """The nonces in a response; None where it is no successful response."""
    try:
        response = ocsp.OCSPResponse.load(data, strict=True)
        if response["response_status"].native != "successful":
            return None
        extensions = response.basic_ocsp_response["tbs_response_data"]["response_extensions"]
        return [e["extn_value"].parsed.native for e in extensions or () if e["extn_id"].native == "nonce"]
    except MALFORMED:
        return None


def may_be_about(data: bytes, cert: Certificate) -> bool:
    """False where no part of the response can name the certificate; found without parsing it.

    However a serial number is written, the bytes of its value are there.
    """
    serial: int = cert.serial_number
    return serial < 0 or serial.to_bytes(-(-serial.bit_length() // 8), "big") in data


def judge_ocsp(data: bytes, question: Question, delegate_status: DelegateStatus) -> Judgement:
    """What this response (OCSPResponse or BasicOCSPResponse, DER) says about ``question.cert`` at ``question.at``.

    1 parse · 2 find the single responses for this certificate · 3 who signed it, were they authorised · 4 the status ·
    5 does "good" speak for the time in question; of several answers the worst counts.
    """
    try:
        return _judge(_basic(data), data, question, delegate_status)
    except MALFORMED as error:
        return unknown(f"unreadable OCSP response: {error}")


_KEPT_BYTES = 1 << 18
"""Of responses, some hundred; each is asked about every certificate of a path, at every time in question."""
_kept: BoundedMemo[bytes, ocsp.BasicOCSPResponse] = BoundedMemo(_KEPT_BYTES)
_MAX_SIGNERS = 1024
_signed_by: BoundedMemo[tuple[bytes, str], bool] = BoundedMemo(_MAX_SIGNERS)
"""By SHA-256 of the response and the fingerprint of who may have signed it: of these the answer is always the same."""


def _basic(data: bytes) -> ocsp.BasicOCSPResponse:
    """The signed part of an OCSPResponse, or of a bare BasicOCSPResponse as some evidence stores keep it.

    One that reading leaves byte for byte as it came is kept, like a certificate (``certificate.kept_certificate``).
    """
    known = _kept.get(data)
    if known is None:
        known = _read(data)
        if _stays_itself(data):
            _kept.keep(data, known, len(data))
    return known


def _read(data: bytes) -> ocsp.BasicOCSPResponse:
    try:
        response = ocsp.OCSPResponse.load(data, strict=True)
        status = response["response_status"].native
    except MALFORMED:
        return ocsp.BasicOCSPResponse.load(data, strict=True)
    if status != "successful":
        raise ValueError(f"the responder answered {status}")
    if response["response_bytes"]["response_type"].native != "basic_ocsp_response":
        raise ValueError("not a basic response")
    return response.basic_ocsp_response


def _stays_itself(data: bytes) -> bool:
    """Whether the signed part says the same bytes before and after everything in it was looked at."""
    try:
        untouched, looked_into = _read(data), _read(data)
        looked_into.native  # noqa: B018 - parsing is the point
        return bool(untouched.dump() == looked_into.dump(force=True))
    except MALFORMED:
        return False


def _judge(basic: ocsp.BasicOCSPResponse, der: bytes, question: Question, delegate_status: DelegateStatus) -> Judgement:
    data = basic["tbs_response_data"]
    critical = [e["extn_id"].native for e in data["response_extensions"] or () if e["critical"].native]
    if critical:
        return unknown(f"OCSP response with unknown critical extensions {critical}")
    singles = [single for single in data["responses"] if _is_about(single["cert_id"], question)]
    if not singles:
        return unknown("OCSP response about another certificate")
    produced_at = data["produced_at"].native
    responder = _responder(basic, der, question, produced_at)
    if responder is None:
        return unknown("OCSP response not signed by the issuer or a responder it authorised")
    evidence: tuple[Evidence, ...] = (Evidence.of(EvidenceKind.OCSP, der),)
    if fingerprint(responder) != fingerprint(question.issuer) and responder.ocsp_no_check_value is None:
        own = delegate_status(responder, question.issuer, produced_at)
        problem = delegate_problem(own, responder)
        if problem is not None:
            return Judgement(CertStatus.UNKNOWN, f"OCSP responder, {problem}", evidence=evidence + own.evidence)
        evidence += own.evidence
    answers = [_read_single(single, produced_at, question, evidence) for single in singles]
    return min(answers, key=lambda answer: (_BADNESS.index(answer.status), answer.revoked_at is None))


_BADNESS = (CertStatus.REVOKED, CertStatus.UNKNOWN, CertStatus.GOOD)
"""Of two answers about one certificate in one response the worst counts: which of them is right nobody can say."""


def _read_single(
    single: ocsp.SingleResponse, produced_at: datetime, question: Question, evidence: tuple[Evidence, ...]
) -> Judgement:
    critical = [e["extn_id"].native for e in single["single_extensions"] or () if e["critical"].native]
    if critical:
        return unknown(f"OCSP answer with unknown critical extensions {critical}")
    this_update, next_update = single["this_update"].native, single["next_update"].native
    said = f"OCSP of {this_update:%Y-%m-%d %H:%M}Z"
    status = single["cert_status"]
    freshness = freshness_problem(question, this_update, next_update, _archive_cut_off(single))
    if produced_at > question.validation_time + CLOCK_TOLERANCE:
        freshness = freshness or "produced after the time of validation"
    if status.name == "unknown":
        return unknown(f"{said}: the responder does not know the certificate")
    if status.name == "good":
        if freshness is not None:
            return Judgement(CertStatus.UNKNOWN, f"{said}: {freshness}", this_update=this_update, evidence=evidence)
        return Judgement(CertStatus.GOOD, f"{said}: good", this_update=this_update, evidence=evidence)
    revoked_at = status.chosen["revocation_time"].native
    reason = status.chosen["revocation_reason"].native
    lifted = reason == "certificate_hold" and freshness is not None and this_update < question.at
    if revoked_at <= question.at and not lifted:
        return Judgement(CertStatus.REVOKED, f"{said}: revoked", revoked_at, _camel(reason), this_update, evidence)
    later = revoked_at if revoked_at > question.at else None
    outcome = CertStatus.GOOD if freshness is None else CertStatus.UNKNOWN
    detail = f"{said}: {freshness or 'revoked after that time'}"
    return Judgement(outcome, detail, later, _camel(reason), this_update, evidence)


def _cert_id(cert: Certificate, issuer: Certificate, algorithm: str) -> ocsp.CertId:
    digest = _HASHES[algorithm]
    return ocsp.CertId(
        {
            "hash_algorithm": {"algorithm": algorithm},
            "issuer_name_hash": digest(cert.issuer.dump()).digest(),
            "issuer_key_hash": digest(_key_bits(issuer)).digest(),
            "serial_number": cert.serial_number,
        }
    )


def _is_about(cert_id: ocsp.CertId, question: Question) -> bool:
    algorithm = cert_id["hash_algorithm"]["algorithm"].native
    if algorithm not in _HASHES or cert_id["serial_number"].native != question.cert.serial_number:
        return False
    digest = _HASHES[algorithm]
    names = {digest(question.cert.issuer.dump()).digest(), digest(question.issuer.subject.dump()).digest()}
    same_key = cert_id["issuer_key_hash"].native == digest(_key_bits(question.issuer)).digest()
    return same_key and cert_id["issuer_name_hash"].native in names


def _key_bits(certificate: Certificate) -> bytes:
    """The value of the subjectPublicKey BIT STRING, without tag, length and count of unused bits (RFC 6960 4.1.1)."""
    return bytes(certificate.public_key["public_key"].contents[1:])


def _responder(
    basic: ocsp.BasicOCSPResponse, der: bytes, question: Question, produced_at: datetime
) -> Certificate | None:
    """The signer of the response: the issuer itself, or a certificate it issued for OCSP signing (RFC 6960 4.2.2.2)."""
    data = basic["tbs_response_data"]
    present = [] if isinstance(basic["certs"], core.Void) else list(basic["certs"])
    embedded = [kept_certificate(der_of(one), Certificate.load) for one in present]
    tried = 0
    for candidate in (question.issuer, *embedded, *question.extra_certs):
        if not _is_named(data["responder_id"], candidate):
            continue
        tried += 1
        if tried > MAX_RESPONDERS_TRIED:
            return None
        if not _is_signed_by(basic, der, candidate):
            continue
        if fingerprint(candidate) == fingerprint(question.issuer) or _delegated(candidate, question, produced_at):
            return candidate
    return None


def _is_signed_by(basic: ocsp.BasicOCSPResponse, der: bytes, candidate: Certificate) -> bool:
    key = (hashlib.sha256(der).digest(), fingerprint(candidate))
    answer = _signed_by.get(key)
    if answer is None:
        signed = basic["tbs_response_data"].dump()
        answer = statement_signed(basic["signature_algorithm"], basic["signature"].native, signed, candidate)
        _signed_by.keep(key, answer, 1)
    return answer


def _is_named(responder_id: ocsp.ResponderId, candidate: Certificate) -> bool:
    try:
        if responder_id.name == "by_name":
            return bool(responder_id.chosen == candidate.subject)
        return bool(responder_id.native == hashlib.sha1(_key_bits(candidate), usedforsecurity=False).digest())
    except MALFORMED:  # a candidate that came along with a document
        return False


def _delegated(candidate: Certificate, question: Question, produced_at: datetime) -> bool:
    """Made for OCSP: as its one purpose, or marked as a responder's (RFC 6960 4.2.2.2.1).

    Some CAs write OCSP signing among a list of purposes into every signer's certificate: holders would otherwise vouch
    for themselves.
    """
    try:
        purposes = set(candidate.extended_key_usage_value.native) if candidate.extended_key_usage_value else set()
        made_for_it = purposes == {"ocsp_signing"} or candidate.ocsp_no_check_value is not None
        names_it = "ocsp_signing" in purposes and made_for_it and not candidate.ca
    except MALFORMED:
        return False
    return names_it and certified_by(candidate, question.issuer, produced_at)


def _archive_cut_off(single: ocsp.SingleResponse) -> datetime | None:
    for extension in single["single_extensions"] or ():
        if extension["extn_id"].native == "archive_cutoff":
            value: datetime = extension["extn_value"].parsed.native
            return value
    return None


def _camel(reason: str | None) -> str | None:
    """CRL reason in the spelling of RFC 5280 (``keyCompromise``)."""
    if reason is None:
        return None
    first, *rest = reason.split("_")
    return first + "".join(word.capitalize() for word in rest)
