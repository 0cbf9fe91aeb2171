"""What a CRL says of one certificate (RFC 5280 §5, §6.3), by our own rules.

Headers are read with asn1crypto, entries with ``cryptography`` (which finds a serial among 100,000 in milliseconds).
A distribution point whose cRLIssuer is the certificate's own issuer is an ordinary, direct CRL; the engine drops it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from asn1crypto import algos, core, pem, x509
from asn1crypto import crl as asn1_crl
from cryptography import x509 as pyca

from certs.certificate import MALFORMED, Certificate, fingerprint
from certs.crl_index import RevokedEntries
from certs.evidence import (
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

MAX_SIGNERS_TRIED = 8
"""Certificates with the CRL issuer's name; a document may embed any number of them."""

PARSED_KEPT = 4
"""Parsed CRLs a process keeps: some 18 MB each for 500,000 entries, at most 64 MB (what is fetched or embedded)."""

_KNOWN_EXTENSIONS = frozenset(
    {
        "authority_key_identifier",
        "issuer_alt_name",
        "crl_number",
        "delta_crl_indicator",
        "issuing_distribution_point",
        "freshest_crl",
        "authority_information_access",
    }
)
ALL_REASONS = frozenset(
    {
        *("key_compromise", "ca_compromise", "affiliation_changed", "superseded"),
        *("cessation_of_operation", "certificate_hold", "privilege_withdrawn", "aa_compromise"),
    }
)
"""ReasonFlags of RFC 5280 4.2.1.13, by asn1crypto's names."""

_EXPIRED_CERTS_ON_CRL = "2.5.29.60"
_KNOWN_ENTRY_EXTENSIONS = (pyca.CRLReason, pyca.InvalidityDate, pyca.CertificateIssuer)


@dataclass(frozen=True)
class _Scope:
    """The issuing distribution point extension (RFC 5280 5.2.5); all absent where there is none."""

    names: tuple[x509.GeneralName, ...] = ()
    only_users: bool = False
    only_cas: bool = False
    only_attributes: bool = False
    reasons: frozenset[str] = ALL_REASONS
    indirect: bool = False


@dataclass(frozen=True)
class _List:
    """A CRL taken apart: header by asn1crypto, entries by cryptography. Kept for the next question (``_read``).

    ``algorithm`` is None where the one outside the signed part differs from the one inside. ``signed_by`` remembers
    which certificates' keys verified the signature, by fingerprint.
    """

    der: bytes
    evidence: Evidence
    algorithm: algos.SignedDigestAlgorithm | None
    signature: bytes
    entries: RevokedEntries
    signed_by: dict[str, bool]
    issuer: x509.Name
    this_update: datetime
    next_update: datetime | None
    scope: _Scope
    delta: bool
    kept_since: datetime | None


@dataclass(frozen=True)
class _Entry:
    """A revocation found in a CRL."""

    revoked_at: datetime
    reason: str | None


def judge_crl(data: bytes, question: Question, delegate_status: DelegateStatus) -> Judgement:
    """What this CRL (DER or PEM) says about ``question.cert`` at ``question.at``; UNKNOWN with the reason if nothing.

    1 parse · 2 does it cover this certificate · 3 who signed it, and were they authorised · 4 the entry · 5 does its
    silence speak for the time in question.
    """
    try:
        return _judge(_read(data), question, delegate_status)
    except MALFORMED as error:
        return unknown(f"unreadable CRL: {error}")


def _judge(crl: _List, question: Question, delegate_status: DelegateStatus) -> Judgement:
    problem = _coverage_problem(crl, question)
    if problem is not None:
        return unknown(f"CRL {problem}")
    signer, authority = _signer(crl, question)
    if signer is None:
        return unknown("CRL not signed by the certificate's issuer or anyone it authorised")
    evidence: tuple[Evidence, ...] = (crl.evidence,)
    if authority is not None:
        own = delegate_status(signer, authority, crl.this_update)
        problem = delegate_problem(own, signer)
        if problem is not None:
            return unknown(f"CRL signer, {problem}")
        evidence += own.evidence
    entry = _entry(crl, question)
    if entry is not None and entry.revoked_at <= question.at and not _may_be_lifted(entry, crl, question):
        detail = f"CRL of {crl.this_update:%Y-%m-%d %H:%M}Z: revoked"
        return Judgement(CertStatus.REVOKED, detail, entry.revoked_at, entry.reason, crl.this_update, evidence)
    silence = _silence_problem(crl, question)
    status = CertStatus.GOOD if silence is None else CertStatus.UNKNOWN
    detail = f"CRL of {crl.this_update:%Y-%m-%d %H:%M}Z: {silence or 'not revoked at that time'}"
    if entry is None or entry.revoked_at <= question.at:
        clear_of = _clear_of(crl, question) if entry is None else frozenset()
        return Judgement(status, detail, None, None, crl.this_update, evidence, clear_of)
    return Judgement(status, detail, entry.revoked_at, entry.reason, crl.this_update, evidence)


@lru_cache(maxsize=PARSED_KEPT)
def _read(data: bytes) -> _List:
    """Parse a CRL once in a process: a list of 500,000 entries costs 100 ms and more each time otherwise.

    Raises:
        ValueError: not a CRL, or one with unknown critical extensions; so MALFORMED in general.
    """
    der = data
    if pem.detect(data):
        _kind, _headers, der = pem.unarmor(data)
    header = asn1_crl.CertificateList.load(der, strict=True)
    tbs = header["tbs_cert_list"]
    extensions = {ext["extn_id"].native: ext for ext in tbs["crl_extensions"] or ()}
    unknown_critical = [
        name
        for name, ext in extensions.items()
        if ext["critical"].native and name not in _KNOWN_EXTENSIONS and name != _EXPIRED_CERTS_ON_CRL
    ]
    if unknown_critical:
        raise ValueError(f"unknown critical extensions {unknown_critical}")
    algorithm = algos.SignedDigestAlgorithm.load(header["signature_algorithm"].dump())
    idp = extensions.get("issuing_distribution_point")
    kept = extensions.get(_EXPIRED_CERTS_ON_CRL)
    return _List(
        der=der,
        evidence=Evidence.of(EvidenceKind.CRL, der),
        algorithm=algorithm if tbs["signature"].native == algorithm.native else None,
        signature=header["signature"].native,
        entries=RevokedEntries(der),
        signed_by={},
        issuer=tbs["issuer"],
        this_update=tbs["this_update"].native,
        next_update=tbs["next_update"].native,
        scope=_Scope() if idp is None else _scope(idp["extn_value"].parsed, tbs["issuer"]),
        delta="delta_crl_indicator" in extensions,
        kept_since=None if kept is None else core.GeneralizedTime.load(kept["extn_value"].native).native,
    )


def _scope(idp: asn1_crl.IssuingDistributionPoint, crl_issuer: x509.Name) -> _Scope:
    return _Scope(
        names=_point_names(idp["distribution_point"], crl_issuer),
        only_users=bool(idp["only_contains_user_certs"].native),
        only_cas=bool(idp["only_contains_ca_certs"].native),
        only_attributes=bool(idp["only_contains_attribute_certs"].native),
        reasons=ALL_REASONS if idp["only_some_reasons"].native is None else frozenset(idp["only_some_reasons"].native),
        indirect=bool(idp["indirect_crl"].native),
    )


def _point_names(point: Any, issuer: x509.Name) -> tuple[x509.GeneralName, ...]:
    """The names of a distribution point; a name relative to the CRL issuer is completed (RFC 5280 4.2.1.13)."""
    if isinstance(point, core.Void) or point.native is None:
        return ()
    if point.name == "full_name":
        return tuple(point.chosen)
    rdns = [*issuer.chosen, point.chosen]
    full = x509.Name(name="", value=x509.RDNSequence(rdns))
    return (x509.GeneralName(name="directory_name", value=full),)


def _coverage_problem(crl: _List, question: Question) -> str | None:
    """Why this CRL does not speak about this certificate (RFC 5280 6.3.3 b); None if it does."""
    cert, scope = question.cert, crl.scope
    if scope.only_attributes or (scope.only_users and cert.ca) or (scope.only_cas and not cert.ca):
        return "is for another kind of certificate"
    points = list(cert.crl_distribution_points_value or ())
    direct = bool(crl.issuer == cert.issuer)
    named = [point for point in points if _names_issuer(point, crl.issuer)]
    if not direct and not (scope.indirect and named):
        return "of another issuer"
    if scope.names:
        plain = [point for point in points if direct and not point["crl_issuer"].native]
        wanted = _expected_names([*named, *plain], cert, crl.issuer)
        if not any(_same_name(name, other) for name in scope.names for other in wanted):
            return "of another distribution point"
    return None


def _names_issuer(point: x509.DistributionPoint, issuer: x509.Name) -> bool:
    """Does the point's cRLIssuer name this CRL issuer."""
    names = point["crl_issuer"]
    if isinstance(names, core.Void) or names.native is None:
        return False
    return any(name.name == "directory_name" and name.chosen == issuer for name in names)


def _expected_names(
    points: list[x509.DistributionPoint], cert: Certificate, crl_issuer: x509.Name
) -> list[x509.GeneralName]:
    """The names under which the certificate announces its CRLs; its issuer's name where it announces none."""
    names: list[x509.GeneralName] = []
    for point in points:
        own = _point_names(point["distribution_point"], crl_issuer)
        names.extend(own or (point["crl_issuer"] if point["crl_issuer"].native else ()))
    return names or [x509.GeneralName(name="directory_name", value=cert.issuer)]


def _same_name(one: x509.GeneralName, other: x509.GeneralName) -> bool:
    if one.name != other.name:
        return False
    try:
        return bool(one.chosen == other.chosen) or one.chosen.native == other.chosen.native
    except MALFORMED:
        return False


def _signer(crl: _List, question: Question) -> tuple[Certificate | None, Certificate | None]:
    """Who signed the CRL, and who authorised them: the certificate's issuer (nobody need), or a delegate of the path.

    A delegate is what a CA of the validated path issued itself: a CA's next key under the same name, or the CRL
    issuer that the certificate's own distribution point names (RFC 5280 6.3.3 f).
    """
    trusted = (question.issuer, *question.authorities)
    tried = 0
    for signer in (*trusted, *question.extra_certs):
        if not _may_sign_crls(signer, crl.issuer):
            continue
        tried += 1
        if tried > MAX_SIGNERS_TRIED:
            break
        if not _signature_holds(crl, signer):
            continue
        if any(fingerprint(signer) == fingerprint(authority) for authority in trusted):
            return signer, None
        authority = next((a for a in trusted if certified_by(signer, a, crl.this_update)), None)
        if authority is not None:
            return signer, authority
    return None, None


def _may_sign_crls(certificate: Certificate, issuer: x509.Name) -> bool:
    """Does it bear the CRL issuer's name and may it sign CRLs; an unreadable one that came along may nothing."""
    try:
        usage = certificate.key_usage_value
        return bool(certificate.subject == issuer) and (usage is None or "crl_sign" in usage.native)
    except MALFORMED:
        return False


def _signature_holds(crl: _List, signer: Certificate) -> bool:
    known = crl.signed_by.get(fingerprint(signer))
    if known is None and crl.algorithm is not None:
        signed = asn1_crl.CertificateList.load(crl.der)["tbs_cert_list"].dump()
        known = statement_signed(crl.algorithm, crl.signature, signed, signer)
        crl.signed_by[fingerprint(signer)] = known
    return bool(known)


def _entry(crl: _List, question: Question) -> _Entry | None:
    """The certificate's entry, or None. An entry with an unknown critical extension raises ValueError."""
    serial = question.cert.serial_number
    if crl.scope.indirect:
        found = next(
            (
                e
                for e, issuer in _with_issuers(crl.entries.all(), crl)
                if e.serial_number == serial and issuer == question.cert.issuer
            ),
            None,
        )
    else:
        found = crl.entries.find(serial)
    if found is None:
        return None
    reason = None
    for extension in found.extensions:
        if extension.critical and not isinstance(extension.value, _KNOWN_ENTRY_EXTENSIONS):
            raise ValueError(f"unknown critical entry extension {extension.oid.dotted_string}")
        if isinstance(extension.value, pyca.CRLReason):
            reason = extension.value.reason
    if reason is pyca.ReasonFlags.remove_from_crl:
        return None
    return _Entry(found.revocation_date_utc, None if reason is None else reason.value)


def _with_issuers(
    entries: pyca.CertificateRevocationList, crl: _List
) -> Iterator[tuple[pyca.RevokedCertificate, x509.Name]]:
    """Entries of an indirect CRL with the issuer each belongs to: named once, then inherited (RFC 5280 5.3.3)."""
    issuer = crl.issuer
    for entry in entries:
        try:
            named = entry.extensions.get_extension_for_class(pyca.CertificateIssuer).value
        except pyca.ExtensionNotFound:
            pass
        else:
            names = named.get_values_for_type(pyca.DirectoryName)
            issuer = x509.Name.load(names[0].public_bytes()) if names else x509.Name.build({})
        yield entry, issuer


def _may_be_lifted(entry: _Entry, crl: _List, question: Question) -> bool:
    """A suspension can end, so an outdated CRL proves none at ``at``; a revocation is for good (RFC 5280 5.3.1)."""
    if entry.reason != pyca.ReasonFlags.certificate_hold.value:
        return False
    return crl.this_update < question.at and (crl.next_update is None or crl.next_update < question.at)


def _silence_problem(crl: _List, question: Question) -> str | None:
    """Why "not in the list" means nothing here; None if it means not revoked."""
    if crl.delta:
        return "a delta CRL is silent about what stands in its base"
    if not crl.scope.reasons >= ALL_REASONS:
        return "lists revocations for some reasons only"
    return freshness_problem(question, crl.this_update, crl.next_update, crl.kept_since)


def _clear_of(crl: _List, question: Question) -> frozenset[str]:
    """For which reasons this CRL rules out a revocation at the time in question, if not for all."""
    if crl.delta or freshness_problem(question, crl.this_update, crl.next_update, crl.kept_since) is not None:
        return frozenset()
    return crl.scope.reasons
