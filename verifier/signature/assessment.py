"""What every format shares once integrity is known: the signer's certificate at the best time, and the claims.

PDF (``ades``), bare CMS (``cms``) and XML (``xml``) differ in how they bind content; from here on they are the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import x509

from certs.algorithms import Where, acceptable, acceptable_digest
from certs.anchors import Purpose
from certs.profile import may_sign
from verifier.cms.container import CmsSignature, read_cms
from verifier.cms.rules import SigningCertificate, effective_algorithm
from verifier.guard import Failure, attempt, step_failed
from verifier.inputs import Environment
from verifier.report import (
    About,
    Finding,
    Integrity,
    PathOutcome,
    Severity,
    SignatureFacts,
    SignedContent,
    SubIndication,
)
from verifier.signature.claims import Claim, claim_violations, printed, weigh_claim
from verifier.signature.levels import StatusIndex
from verifier.signature.made_with import with_key
from verifier.signature.timestamps import StampFacts
from verifier.signature.trust import CertificateJudge, with_certificate

AlgorithmRule = Callable[[x509.Certificate, datetime], bool]
"""Are the signature's own algorithms acceptable with this key at this time."""


@dataclass(frozen=True)
class Examined:
    """Facts of one signature, and the evidence they rest on (hex SHA-256 → DER)."""

    facts: SignatureFacts
    evidence: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class ExaminedFile:
    """Every signature of a file that is not a PDF, and what there is to say of the file itself.

    ``content`` is the document inside an attached CMS; None where the signed document is this file or beside it.
    """

    examined: tuple[Examined, ...]
    findings: tuple[Finding, ...] = ()
    content: bytes | None = None
    signed_content: SignedContent | None = None


@dataclass(frozen=True)
class Assessor:
    """Judges the signer of one document's signatures, whatever the format."""

    judge: CertificateJudge
    environment: Environment
    at: datetime

    def with_signer(
        self, facts: SignatureFacts, evidence: dict[str, bytes], chosen: SigningCertificate, strong: AlgorithmRule
    ) -> tuple[SignatureFacts, tuple[x509.Certificate, ...]]:
        """Signer, path, status and algorithms at the best time, else at the time of validation; the chain beside."""
        certificate = chosen.certificate
        if certificate is None or chosen.mismatch:
            return dataclasses.replace(facts, path=PathOutcome.NO_SIGNING_CERTIFICATE), ()
        at = facts.best_signature_time or self.at
        judged = self.judge.judge(certificate, at, Purpose.SIGNING)
        evidence.update(judged.evidence)
        facts = dataclasses.replace(
            facts,
            made_with=with_key(facts.made_with, certificate),
            algorithms_acceptable=attempt("algorithms", lambda: strong(certificate, at)) is True,
            purpose_allows=attempt("purpose", lambda: may_sign(certificate)) is True,
        )
        return with_certificate(facts, certificate, judged), judged.chain

    def with_claim(
        self,
        facts: SignatureFacts,
        claimed: datetime | None,
        zoned: datetime | None = None,
        stamped: datetime | None = None,
    ) -> SignatureFacts:
        """The claimed time as it most likely is, and what contradicts it.

        Args:
            facts: of the signature, its best time included.
            claimed: the time as it is written.
            zoned: a second claim that carries its own zone.
            stamped: of the signature's own time stamp, where one is trusted: made when the signature was.
        """
        policy = self.environment.policy
        likely, odd = weigh_claim(Claim(claimed, zoned, facts.best_signature_time, stamped), self.at, policy)
        violations = facts.violations
        if facts.signer is not None:
            violations += claim_violations(likely, facts.best_signature_time, facts.signer, policy)
        return dataclasses.replace(
            facts, claimed_signing_time=likely, findings=(*facts.findings, *odd), violations=violations
        )


def cms_algorithms_hold(parsed: CmsSignature, certificate: x509.Certificate, at: datetime) -> bool:
    """The rule for a CMS signature: its own algorithm with this key, and the digest of the content."""
    algorithm, digest = effective_algorithm(parsed)
    return bool(
        acceptable(algorithm, certificate.public_key, at, Where.DOCUMENT, digest=digest)
        and acceptable_digest(parsed.digest_algorithm, at, Where.DOCUMENT)
    )


def readable_tokens(tokens: Sequence[bytes]) -> list[CmsSignature]:
    """The time stamps among these that can be parsed: their certificates and status are evidence too."""
    read = [attempt("token", lambda token=token: read_cms(token)) for token in tokens]  # type: ignore[misc]
    return [token for token in read if isinstance(token, CmsSignature)]


def earliest_proof(stamps: Sequence[StampFacts], proven: datetime | None) -> datetime | None:
    """The best signature time: the earliest trusted stamp, or what else proves that the signature existed."""
    trusted = [stamp.generated_at for stamp in stamps if stamp.trusted and stamp.generated_at is not None]
    return min([*trusted, *([proven] if proven is not None else [])], default=None)


def stamped_at(stamps: Sequence[StampFacts]) -> datetime | None:
    """The time of the earliest trusted stamp of the signature itself; None where it has none."""
    return earliest_proof(stamps, None)


def stamp_findings(stamps: Sequence[StampFacts]) -> tuple[Finding, ...]:
    """What there is to say of the signature's time stamps."""
    said = [finding for stamp in stamps for finding in stamp.findings]
    said += [untrusted_stamp(stamp) for stamp in stamps if not stamp.trusted]
    return tuple(dataclasses.replace(finding, about=About.SIGNATURE_TIMESTAMP) for finding in said)


def stamp_violations(stamps: Sequence[StampFacts]) -> tuple[tuple[SubIndication, str], ...]:
    """A stamp attached to the signature that is none of it: somebody's mistake or somebody's work, for an officer.

    One that holds and whose authority is unknown proves no time and lowers nothing.
    """
    false = any(stamp.false for stamp in stamps)
    return ((SubIndication.SIG_CONSTRAINTS_FAILURE, "TIMESTAMP-FALSE"),) if false else ()


def untrusted_stamp(stamp: StampFacts) -> Finding:
    """The time of a stamp that is not believed."""
    time = printed(stamp.generated_at) if stamp.generated_at else "—"
    return Finding("TIMESTAMP-PROVES-NOTHING", Severity.WARNING, (("time", time),))


def status_complete(
    index: StatusIndex, chain: Sequence[x509.Certificate], stamps: Sequence[StampFacts]
) -> tuple[bool, bool]:
    """Is there an intact stamp, and does the document hold status for the signer's chain and those of its stamps."""
    intact = [stamp for stamp in stamps if stamp.integrity is Integrity.INTACT]
    chains = [chain, *(stamp.certificate_facts.chain for stamp in intact)]
    return bool(intact), all(index.covers(one) for one in chains)


def receipt(received_at: datetime | None, at: datetime) -> datetime | None:
    """Our own first receipt as a proof of existence, unless it lies after the time asked for."""
    return received_at if received_at is not None and received_at <= at else None


def unexamined(base: SignatureFacts, failure: Failure, reading: str, unreadable: str) -> Examined:
    """A signature of which ``base`` is all that is known; FORMAT_FAILURE where the step ``reading`` is what failed.

    Args:
        base: the facts that need no examination.
        failure: the step that could not be done.
        reading: name of the step that parses the signature.
        unreadable: code of the finding where that step failed.
    """
    finding, reason = step_failed(failure, Severity.ERROR), None
    if failure.step == reading:
        finding, reason = dataclasses.replace(finding, code=unreadable), SubIndication.FORMAT_FAILURE
    return Examined(dataclasses.replace(base, integrity_failure=reason, findings=(*base.findings, finding)))
