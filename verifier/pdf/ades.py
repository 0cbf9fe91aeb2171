"""Step 4: the facts of every signature, after EN 319 102-1: integrity, signer, times, path, status.

Only facts: the verdict is ``conclude.py``'s. Each part of each signature fails by itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509

from certs.algorithms import Where, acceptable_digest
from certs.anchors import Purpose
from verifier.cms.container import CmsSignature, named_by, read_cms
from verifier.cms.rules import (
    Content,
    IntegrityFacts,
    SigningCertificate,
    attributes_sha256,
    check_integrity,
    digest_of,
    signing_certificate,
)
from verifier.guard import Failure, attempt
from verifier.inputs import Environment
from verifier.pdf.coverage import covered_bytes
from verifier.pdf.reading import OpenedPdf
from verifier.pdf.rsa_sha1 import RSA_SHA1, RsaSha1, read_rsa_sha1, rsa_sha1_holds
from verifier.pdf.signatures import ListedSignature
from verifier.report import (
    About,
    Coverage,
    Finding,
    Integrity,
    MadeWith,
    PathOutcome,
    Severity,
    SignatureFacts,
    SignatureKind,
    SubIndication,
)
from verifier.signature.assessment import (
    Assessor,
    Examined,
    cms_algorithms_hold,
    earliest_proof,
    readable_tokens,
    receipt,
    stamp_findings,
    stamp_violations,
    stamped_at,
    unexamined,
    untrusted_stamp,
)
from verifier.signature.claims import pdf_date
from verifier.signature.embedded import EmbeddedEvidence, collect_evidence
from verifier.signature.levels import Marks, StatusIndex, has_dss, level_of
from verifier.signature.made_with import cms_made_with, with_key
from verifier.signature.timestamps import StampFacts, judge_stamp, judge_token
from verifier.signature.trust import CertificateJudge, with_certificate

__all__ = ["AdesEngine", "Examined"]

PKCS7_SHA1 = "adbe.pkcs7.sha1"

_WHOLE = (Coverage.WHOLE_FILE, Coverage.WHOLE_REVISION)


@dataclass(frozen=True)
class _Proof:
    """A trusted document time stamp: everything that ends before ``revision_end`` existed at ``time``."""

    revision_end: int
    time: datetime


class AdesEngine:
    """Examines all signatures of one document; later document time stamps first, for they prove the earlier ones."""

    def __init__(
        self,
        opened: OpenedPdf,
        listed: Sequence[ListedSignature],
        environment: Environment,
        at: datetime,
        received_at: datetime | None,
    ) -> None:
        self._data = opened.data
        self._listed = listed
        self._environment = environment
        self._at = at
        self._received_at = receipt(received_at, at)
        self._parsed = [attempt("cms", lambda entry=entry: _parse(entry)) for entry in listed]  # type: ignore[misc]
        readable = [parsed for parsed in self._parsed if isinstance(parsed, CmsSignature)]
        tokens = [token for parsed in readable for token in readable_tokens(parsed.time_stamp_tokens())]
        self._evidence = collect_evidence(opened, [*readable, *tokens], environment.policy)
        self._judge = CertificateJudge(environment, self._evidence, at)
        self._assessor = Assessor(self._judge, environment, at)
        self._status_index = StatusIndex(self._evidence)
        self._proofs: list[_Proof] = []
        self._intact_stamps: dict[int, StampFacts] = {}

    @property
    def evidence(self) -> EmbeddedEvidence:
        """What the document brought along."""
        return self._evidence

    def examine(self) -> list[Examined]:
        """The facts of every listed signature, in the list's order; changes after signing are not looked at here."""
        results: dict[int, Examined] = {}
        indices = range(len(self._listed))
        stamps = [i for i in indices if self._listed[i].kind is SignatureKind.DOCUMENT_TIMESTAMP]
        for i in reversed(stamps):
            results[i] = self._guarded(i)
        for i in indices:
            if i not in results:
                results[i] = self._guarded(i)
        return [results[i] for i in indices]

    def _guarded(self, index: int) -> Examined:
        listed = self._listed[index]
        parsed = self._parsed[index]

        def work() -> Examined:
            if isinstance(parsed, Failure):
                return self._unreadable(listed, parsed)
            if isinstance(parsed, RsaSha1):
                return self._rsa_sha1(listed, parsed)
            if listed.kind is SignatureKind.DOCUMENT_TIMESTAMP:
                return self._document_time_stamp(listed, parsed)
            return self._signature(listed, parsed)

        examined = attempt("examine", work)
        return self._unreadable(listed, examined) if isinstance(examined, Failure) else examined

    def _base(self, listed: ListedSignature) -> SignatureFacts:
        policy = self._environment.policy
        return SignatureFacts(
            kind=listed.kind,
            field=listed.field,
            validation_time=self._at,
            coverage=listed.coverage,
            revocation_required=policy.revocation_required,
            findings=listed.findings,
        )

    def _unreadable(self, listed: ListedSignature, failure: Failure) -> Examined:
        return unexamined(self._base(listed), failure, "cms", "CMS-UNREADABLE")

    def _proven_before(self, listed: ListedSignature) -> datetime | None:
        """The earliest time at which these very bytes are proven to have existed, by later stamps or our receipt."""
        times = [proof.time for proof in self._proofs if proof.revision_end > listed.revision_end > 0]
        if self._received_at is not None:
            times.append(self._received_at)
        return min(times, default=None)

    def _document_time_stamp(self, listed: ListedSignature, parsed: CmsSignature) -> Examined:
        proven = self._proven_before(listed)
        content = _content(self._data, listed)
        policy = self._environment.policy
        stamp = judge_stamp(parsed, content, proven or self._at, self._at, self._judge, policy)
        if stamp.integrity is Integrity.INTACT and listed.coverage in _WHOLE:
            self._intact_stamps[listed.revision_end] = stamp
            if stamp.trusted and stamp.generated_at is not None:
                self._proofs.append(_Proof(listed.revision_end, stamp.generated_at))
        best = stamp.generated_at if stamp.trusted else proven
        facts = _stamp_facts(self._base(listed), stamp, best)
        made = cms_made_with(parsed)
        made = made if stamp.certificate is None else with_key(made, stamp.certificate)
        facts = dataclasses.replace(
            facts, evidence=tuple(stamp.evidence), signed_sha256=attributes_sha256(parsed), made_with=made
        )
        return Examined(facts, stamp.evidence)

    def _signature(self, listed: ListedSignature, parsed: CmsSignature) -> Examined:
        """1 certificate 2 integrity 3 times 4 path and status at the best time 5 claims 6 level."""
        candidates = parsed.candidates or tuple(named_by(parsed.signer_info, self._judge.known))
        chosen = signing_certificate(parsed, candidates)
        intact = self._integrity(listed, parsed, chosen)
        stamps = self._signature_time_stamps(listed, parsed)
        trusted = [stamp.generated_at for stamp in stamps if stamp.trusted and stamp.generated_at is not None]
        base = self._base(listed)
        facts = dataclasses.replace(
            base,
            integrity=intact.integrity,
            integrity_failure=intact.failure,
            violations=(*intact.violations, *stamp_violations(stamps), *self._order_violations(listed, trusted)),
            best_signature_time=earliest_proof(stamps, self._proven_before(listed)),
            signed_sha256=attributes_sha256(parsed),
            made_with=_made_with(listed, parsed),
            findings=(
                *base.findings,
                *parsed.findings,
                *intact.findings,
                *chosen.findings,
                *stamp_findings(stamps),
            ),
        )
        evidence = {digest: der for stamp in stamps for digest, der in stamp.evidence.items()}
        facts, chain = self._assessor.with_signer(
            facts, evidence, chosen, lambda certificate, at: _algorithms_hold(listed, parsed, certificate, at)
        )
        dictionary_time = pdf_date(listed.dictionary.get("M"))
        claimed = parsed.signing_time or dictionary_time
        facts = self._assessor.with_claim(facts, claimed, dictionary_time, stamped_at(stamps))
        marks = attempt("level", lambda: self._marks(listed, chosen, stamps, chain))
        level = None if isinstance(marks, Failure) else level_of(listed.subfilter, marks)
        return Examined(dataclasses.replace(facts, level=level, evidence=tuple(evidence)), evidence)

    def _integrity(self, listed: ListedSignature, parsed: CmsSignature, chosen: SigningCertificate) -> IntegrityFacts:
        content = _content(self._data, listed)
        if content is None:
            return IntegrityFacts(Integrity.UNKNOWN, SubIndication.SIGNED_DATA_NOT_FOUND)
        inside = parsed.encapsulated
        if listed.subfilter == PKCS7_SHA1:
            if inside is None:
                return IntegrityFacts(Integrity.UNKNOWN, SubIndication.FORMAT_FAILURE)
            if digest_of("sha1", content) != inside:
                return IntegrityFacts(Integrity.BROKEN, SubIndication.HASH_FAILURE)
            return check_integrity(parsed, chosen.certificate, [inside], "data")
        facts = check_integrity(parsed, chosen.certificate, content, "data")
        return facts if inside is None else _with_content_inside(facts, parsed.digest_algorithm, content, inside)

    def _signature_time_stamps(self, listed: ListedSignature, parsed: CmsSignature) -> list[StampFacts]:
        control = self._proven_before(listed) or self._at
        policy = self._environment.policy
        return [
            judge_token(token, [parsed.signature_value], control, self._at, self._judge, policy)
            for token in parsed.time_stamp_tokens()
        ]

    def _order_violations(
        self, listed: ListedSignature, trusted: Sequence[datetime]
    ) -> tuple[tuple[SubIndication, str], ...]:
        """A signature time stamp cannot be later than the archive stamp around it (EN 319 102-1 §5.6.2.4)."""
        later = [proof.time for proof in self._proofs if proof.revision_end > listed.revision_end]
        tolerance = self._environment.policy.claimed_after_proof_tolerance
        if trusted and later and min(trusted) > min(later) + tolerance:
            return ((SubIndication.TIMESTAMP_ORDER_FAILURE, "TIMESTAMP-ORDER"),)
        return ()

    def _marks(
        self,
        listed: ListedSignature,
        chosen: SigningCertificate,
        stamps: Sequence[StampFacts],
        chain: Sequence[x509.Certificate],
    ) -> Marks:
        """What the signature carries; the chains of the stamps that prove its time need their status as well."""
        intact = [stamp for stamp in stamps if stamp.integrity is Integrity.INTACT]
        later = sorted(end for end in self._intact_stamps if end > listed.revision_end > 0)
        proving = intact or [self._intact_stamps[end] for end in later[:1]]
        chains = [chain, *(stamp.certificate_facts.chain for stamp in proving)]
        archives = [entry for entry in self._listed if entry.revision_end in later]
        return Marks(
            has_signing_certificate_attribute=chosen.designated,
            is_stamped=bool(proving),
            has_status=all(self._status_index.covers(one) for one in chains),
            is_archived=any(has_dss(entry) for entry in archives),
        )

    def _rsa_sha1(self, listed: ListedSignature, parsed: RsaSha1) -> Examined:
        """adbe.x509.rsa_sha1: a bare PKCS#1 value over SHA-1 of the range, certificates in ``/Cert``."""
        base = self._base(listed)
        content = _content(self._data, listed)
        holds = attempt("verify", lambda: rsa_sha1_holds(parsed, content or []))
        integrity = (
            Integrity.UNKNOWN
            if isinstance(holds, Failure) or content is None
            else (Integrity.INTACT if holds else Integrity.BROKEN)
        )
        facts = dataclasses.replace(
            base,
            integrity=integrity,
            integrity_failure=SubIndication.SIG_CRYPTO_FAILURE if integrity is Integrity.BROKEN else None,
            claimed_signing_time=pdf_date(listed.dictionary.get("M")),
            best_signature_time=self._proven_before(listed),
            algorithms_acceptable=False,
            made_with=with_key(MadeWith("rsassa-pkcs1-v1_5", ("sha1",)), parsed.certificate),
        )
        judged = self._judge.judge(parsed.certificate, facts.best_signature_time or self._at, Purpose.SIGNING)
        facts = with_certificate(facts, parsed.certificate, judged)
        return Examined(dataclasses.replace(facts, evidence=tuple(judged.evidence)), judged.evidence)


def _parse(listed: ListedSignature) -> CmsSignature | RsaSha1:
    return read_rsa_sha1(listed) if listed.subfilter == RSA_SHA1 else read_cms(listed.contents)


def _made_with(listed: ListedSignature, parsed: CmsSignature) -> MadeWith:
    """Under adbe.pkcs7.sha1 the document is bound by SHA-1 as well."""
    made = cms_made_with(parsed)
    return dataclasses.replace(made, digests=(*made.digests, "sha1")) if listed.subfilter == PKCS7_SHA1 else made


def _content(data: bytes, listed: ListedSignature) -> Content | None:
    try:
        return covered_bytes(data, listed.byte_range)
    except ValueError:
        return None


def _algorithms_hold(
    listed: ListedSignature, parsed: CmsSignature, certificate: x509.Certificate, at: datetime
) -> bool:
    """Under adbe.pkcs7.sha1 the document itself is bound by SHA-1, whatever the CMS around that digest works with."""
    if listed.subfilter == PKCS7_SHA1 and not acceptable_digest("sha1", at, Where.DOCUMENT):
        return False
    return cms_algorithms_hold(parsed, certificate, at)


def _with_content_inside(facts: IntegrityFacts, digest: str, content: Content, inside: bytes) -> IntegrityFacts:
    """A detached signature must carry no content (ISO 32000-2 §12.8.3.3.1); where it does, RFC 5652 §5.4 digests that.

    One digest stands in the signature, so what it carries must be what it covers; anything else is broken for one of
    the two readings.
    """
    facts = dataclasses.replace(facts, findings=(*facts.findings, Finding("CONTENT-ENCAPSULATED", Severity.WARNING)))
    if facts.integrity is Integrity.INTACT and digest_of(digest, [inside]) != digest_of(digest, content):
        return dataclasses.replace(facts, integrity=Integrity.BROKEN, failure=SubIndication.HASH_FAILURE)
    return facts


def _stamp_facts(base: SignatureFacts, stamp: StampFacts, best: datetime | None) -> SignatureFacts:
    """A document time stamp in the same terms as a signature; its own time counts only if it is believed.

    Of one whose certificate nobody knows nothing is said of its algorithms and purpose: nobody looked at them.
    """
    unknown = stamp.certificate is None
    said = [*stamp.findings, *(() if stamp.trusted else (untrusted_stamp(stamp),))]
    facts = dataclasses.replace(
        base,
        integrity=stamp.integrity,
        integrity_failure=stamp.failure,
        violations=stamp.violations,
        algorithms_acceptable=stamp.algorithms_acceptable or unknown,
        purpose_allows=stamp.purpose_allows or unknown,
        claimed_signing_time=stamp.generated_at,
        best_signature_time=best,
        findings=(*base.findings, *(dataclasses.replace(one, about=About.DOCUMENT_TIMESTAMP) for one in said)),
    )
    if stamp.certificate is not None:
        facts = with_certificate(facts, stamp.certificate, stamp.certificate_facts)
    return facts if stamp.designated else dataclasses.replace(facts, path=PathOutcome.NO_SIGNING_CERTIFICATE)
