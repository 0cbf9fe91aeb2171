"""What a CRL says of one certificate (RFC 5280 §5, §6.3), by our own rules.

A distribution point whose cRLIssuer is the certificate's own issuer is an ordinary, direct CRL; the engine drops it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from asn1crypto import core, x509
from asn1crypto import crl as asn1_crl

from certs.certificate import MALFORMED, Certificate, fingerprint
from certs.crl_delta import MAX_DELTAS, amended, updates
from certs.crl_entry import Entry, find_entry
from certs.crl_list import ALL_REASONS, ParsedCrl, point_names, read_crl
from certs.evidence import (
    CertStatus,
    DelegateStatus,
    Evidence,
    Judgement,
    Question,
    certified_by,
    delegate_problem,
    freshness_problem,
    in_force_until,
    statement_signed,
    unknown,
)

MAX_SIGNERS_TRIED = 8
"""Certificates with the CRL issuer's name; a document may embed any number of them."""


Deltas = Callable[[ParsedCrl], Iterable[bytes]]
"""Finds the delta CRLs that may bring a complete CRL up to date; asked only where that CRL is about the certificate."""


@dataclass(frozen=True)
class _Standing:
    """What a CRL says of a certificate, brought up to date where that could be done; ``statement`` has the times."""

    statement: ParsedCrl
    entry: Entry | None
    evidence: tuple[Evidence, ...]


def judge_crl(
    data: bytes, question: Question, delegate_status: DelegateStatus, deltas: Deltas = lambda base: ()
) -> Judgement:
    """What this CRL (DER or PEM) says about ``question.cert`` at ``question.at``; UNKNOWN with the reason if nothing.

    1 parse · 2 does it cover this certificate · 3 who signed it, and were they authorised · 4 the entry, brought up to
    date by the newest delta CRL · 5 does its silence speak for the time in question.
    """
    try:
        return _judge(read_crl(data), question, delegate_status, deltas)
    except MALFORMED as error:
        return unknown(f"unreadable CRL: {error}")


def _judge(crl: ParsedCrl, question: Question, delegate_status: DelegateStatus, deltas: Deltas) -> Judgement:
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
            return Judgement(CertStatus.UNKNOWN, f"CRL signer, {problem}", evidence=evidence + own.evidence)
        evidence += own.evidence
    standing = _standing(crl, question, signer, deltas)
    foreign = authority is not None and _is_another_generation(signer, authority, question)
    return _said(standing.statement, standing.entry, question, evidence + standing.evidence, foreign)


def _standing(crl: ParsedCrl, question: Question, signer: Certificate, deltas: Deltas) -> _Standing:
    """Step 4: the entry in the CRL itself, or as the newest delta that speaks for the time in question changes it."""
    entry = _listed(find_entry(crl, question), crl)
    usable = () if crl.delta else (_read_delta(data) for data in islice(deltas(crl), MAX_DELTAS))
    newest: ParsedCrl | None = None
    for delta in usable:
        if delta is None or not updates(delta, crl) or _coverage_problem(delta, question) is not None:
            continue
        fresh = freshness_problem(question, delta.this_update, delta.next_update, crl.kept_since) is None
        newer = newest is None or (delta.number or 0) > (newest.number or 0)
        if fresh and newer and _signature_holds(delta, signer):
            newest = delta
    if newest is None:
        return _Standing(crl, entry, ())
    changed = find_entry(newest, question)
    stated = replace(crl, this_update=newest.this_update, next_update=newest.next_update)
    return _Standing(stated, amended(entry, crl, changed, newest, question.at), (newest.evidence,))


def _read_delta(data: bytes) -> ParsedCrl | None:
    try:
        return read_crl(data)
    except MALFORMED:
        return None


def _listed(entry: Entry | None, crl: ParsedCrl) -> Entry | None:
    """An entry that removes says nothing by itself; it means something to the delta's base only."""
    return None if entry is not None and entry.removed else entry


def _is_another_generation(signer: Certificate, authority: Certificate, question: Question) -> bool:
    """Is the signer a CA of the issuer's name with a key and certificates of its own.

    CAs re-key under one name and publish one list for each key: what is not in the list of one generation may well be
    revoked by another. A key for lists alone speaks for its CA, and so does a next key that the issuer certified.
    """
    if signer.subject != question.cert.issuer or fingerprint(authority) == fingerprint(question.issuer):
        return False
    usage = signer.key_usage_value
    return usage is None or "key_cert_sign" in usage.native


def _said(
    crl: ParsedCrl, entry: Entry | None, question: Question, evidence: tuple[Evidence, ...], foreign: bool
) -> Judgement:
    """Step 5, and the answer; of a list of another generation only what it names counts."""
    if entry is not None and entry.revoked_at <= question.at and not _may_be_lifted(entry, crl, question):
        detail = f"CRL of {crl.this_update:%Y-%m-%d %H:%M}Z: revoked"
        return Judgement(CertStatus.REVOKED, detail, entry.revoked_at, entry.reason, crl.this_update, evidence)
    silence = "of another generation of the CA: silent about this one's" if foreign else _silence_problem(crl, question)
    status = CertStatus.GOOD if silence is None else CertStatus.UNKNOWN
    detail = f"CRL of {crl.this_update:%Y-%m-%d %H:%M}Z: {silence or 'not revoked at that time'}"
    if entry is None or entry.revoked_at <= question.at:
        clear_of = _clear_of(crl, question) if entry is None and not foreign else frozenset()
        return Judgement(status, detail, None, None, crl.this_update, evidence, clear_of)
    return Judgement(status, detail, entry.revoked_at, entry.reason, crl.this_update, evidence)


def _coverage_problem(crl: ParsedCrl, question: Question) -> str | None:
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
        own = point_names(point["distribution_point"], crl_issuer)
        names.extend(own or (point["crl_issuer"] if point["crl_issuer"].native else ()))
    return names or [x509.GeneralName(name="directory_name", value=cert.issuer)]


def _same_name(one: x509.GeneralName, other: x509.GeneralName) -> bool:
    if one.name != other.name:
        return False
    try:
        return bool(one.chosen == other.chosen) or one.chosen.native == other.chosen.native
    except MALFORMED:
        return False


def _signer(crl: ParsedCrl, question: Question) -> tuple[Certificate | None, Certificate | None]:
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


def _signature_holds(crl: ParsedCrl, signer: Certificate) -> bool:
    known = crl.signed_by.get(fingerprint(signer))
    if known is None and crl.algorithm is not None:
        signed = asn1_crl.CertificateList.load(crl.der)["tbs_cert_list"].dump()
        known = statement_signed(crl.algorithm, crl.signature, signed, signer)
        crl.signed_by[fingerprint(signer)] = known
    return bool(known)


def _may_be_lifted(entry: Entry, crl: ParsedCrl, question: Question) -> bool:
    """A suspension can end, so an outdated CRL proves none at ``at``; a revocation is for good (RFC 5280 5.3.1)."""
    if not entry.suspension:
        return False
    return crl.this_update < question.at and in_force_until(crl.this_update, crl.next_update) < question.at


def _silence_problem(crl: ParsedCrl, question: Question) -> str | None:
    """Why "not in the list" means nothing here; None if it means not revoked."""
    if crl.delta:
        return "a delta CRL is silent about what stands in its base"
    if not crl.scope.reasons >= ALL_REASONS:
        return "lists revocations for some reasons only"
    return freshness_problem(question, crl.this_update, crl.next_update, crl.kept_since)


def _clear_of(crl: ParsedCrl, question: Question) -> frozenset[str]:
    """For which reasons this CRL rules out a revocation at the time in question, if not for all."""
    if crl.delta or freshness_problem(question, crl.this_update, crl.next_update, crl.kept_since) is not None:
        return frozenset()
    return crl.scope.reasons
