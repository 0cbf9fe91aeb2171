"""Make a sealed document provable for longer: raise it to a higher level, or renew its archive time stamp.

No key is used: the signed bytes stay an exact prefix, and what is added is evidence and document time stamps.

A signature without a time stamp cannot get a signature-time-stamp attribute any more, because the attribute would stand
inside bytes that a later signature covers. EN 319 142-1 §6.3 lets a document time stamp take its place: it proves at
B-T that the signature existed, and after evidence was added another one makes it B-LTA (§5.5).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from signer.archive import add_evidence
from signer.environment import SigningEnvironment
from signer.evidence import EvidenceBundle
from signer.fields import prepare_timestamp
from signer.refusal import RefusalCode, SealRefused
from signer.request import SealLevel
from signer.sign import LEVELS, TIMESTAMP_FIELD, SignedDocument
from signer.timestamp import CheckedStamp, PoolTimeStamper
from verifier.bundle.bundle import PieceKind, kind_of
from verifier.inputs import VerificationInput
from verifier.report import (
    Conclusion,
    Indication,
    SignatureKind,
    SignatureLevel,
    SignatureVerdict,
    ValidationReport,
)

TOKEN_SLACK_BYTES = 512
"""Beyond what a token turned out to need, where more room had to be made."""


@dataclass
class _Preserving:
    """One document on its way; ``at`` moves on with the stamps."""

    environment: SigningEnvironment
    stamper: PoolTimeStamper
    data: bytes
    at: datetime

    def judge(self) -> ValidationReport:
        """What the verifier says of the document as it is now."""
        return self.environment.verify(VerificationInput(self.data), self.environment.verification, self.at)

    def extended(self, data: bytes) -> bytes:
        """What a worker made of the document, if all that was there before is its exact beginning.

        Raises:
            SealRefused: PREFIX-CHANGED.
        """
        if not data.startswith(self.data):
            raise SealRefused(RefusalCode.PREFIX_CHANGED)
        return data

    def stamp(self) -> CheckedStamp:
        """A document time stamp over all that is there (ISO 32000-2 12.8.5); once more with more room if need be."""
        work, room = self.environment.work, self.stamper.pool.token_bytes
        for _ in range(2):
            prepared = work(prepare_timestamp, self.data, TIMESTAMP_FIELD, room)
            self.extended(prepared.data)
            stamp = self.stamper.stamp(prepared.digest)
            der = bytes(stamp.token.dump())
            if len(der) <= prepared.room:
                self.data = self.extended(prepared.fill(der))
                self.at = max(self.at, stamp.time)
                return stamp
            room = len(der) + TOKEN_SLACK_BYTES
        raise SealRefused(RefusalCode.TIMESTAMP_REJECTED, (("detail", "tokens of changing size"),))

    def add_evidence(self) -> EvidenceBundle:
        """What the verifier used to pass the document, put into its security store (only what is not there yet)."""
        report = self.judge()
        _require_passed(report, RefusalCode.EVIDENCE_INCOMPLETE)
        found = evidence_of(report)
        work = self.environment.work
        self.data = self.extended(work(add_evidence, self.data, found.certificates, found.crls, found.ocsps))
        return found


def preserve_document(
    document: bytes,
    level: SealLevel,
    environment: SigningEnvironment,
    at: datetime,
    checkpoint: Callable[[str], None] = lambda name: None,
) -> SignedDocument:
    """Bring every signature of a document to ``level``; one that is there already gets fresh evidence and a new stamp.

    1 the verifier passes the document as it is · 2 a document time stamp, where a signature has none · 3 from B-LT on
    evidence · 4 at B-LTA a document time stamp over the evidence · 5 the document is an exact prefix, no verdict got
    weaker, the level is reached. ``checkpoint`` is told judged, stamped, evidence-added, archived, self-checked.

    Raises:
        SealRefused: with the reason; nothing is handed out. EARLIER-SIGNATURE-NOT-PASSED: it is too late.
    """
    if environment.timestamps is None:
        raise SealRefused(RefusalCode.TIMESTAMP_NOT_CONFIGURED, (("level", level),))
    at = at.replace(microsecond=0)
    stamper = PoolTimeStamper(environment.timestamps, at)
    work = _Preserving(environment, stamper, document, at)
    before = work.judge()  # 1
    _require_passed(before, RefusalCode.EARLIER_SIGNATURE_NOT_PASSED)
    checkpoint("judged")
    if any(verdict.facts.level is SignatureLevel.PADES_B for verdict in _signatures(before)):  # 2
        work.stamp()
        checkpoint("stamped")
    found = EvidenceBundle((), (), ())
    if level.long_term:  # 3
        found = work.add_evidence()
        checkpoint("evidence-added")
    if level is SealLevel.B_LTA:  # 4
        stamp = work.stamp()
        if stamp.path[0].dump() not in found.certificates:  # an authority that the evidence does not cover yet
            work.add_evidence()
        checkpoint("archived")
    report = work.judge()  # 5
    _check_outcome(before, report, level)
    checkpoint("self-checked")
    stamped_at = tuple(stamp.time for stamp in stamper.stamps)
    sha256 = hashlib.sha256(work.data).hexdigest()
    return SignedDocument(work.data, sha256, report, found, stamped_at, level)


def evidence_of(report: ValidationReport) -> EvidenceBundle:
    """The certificates, CRLs and OCSP responses that a verdict rests on."""
    kinds: dict[PieceKind, list[bytes]] = {}
    for der in report.evidence.values():
        kinds.setdefault(kind_of(der), []).append(der)
    certificates, crls, ocsps = (
        tuple(kinds.get(kind, ())) for kind in (PieceKind.CERTIFICATE, PieceKind.CRL, PieceKind.OCSP)
    )
    return EvidenceBundle(certificates, crls, ocsps)


def _require_passed(report: ValidationReport, code: RefusalCode) -> None:
    if report.conclusion is Conclusion.TOTAL_PASSED:
        return
    weak = "; ".join(
        f"{verdict.facts.field}: {verdict.sub_indication}"
        for verdict in report.verdicts
        if verdict.indication is not Indication.TOTAL_PASSED
    )
    detail = weak or str(report.conclusion)
    raise SealRefused(code, (("signatures", detail), ("certificate", detail), ("detail", detail)))


def _signatures(report: ValidationReport) -> list[SignatureVerdict]:
    return [one for one in report.verdicts if one.facts.kind is SignatureKind.SIGNATURE]


def _check_outcome(before: ValidationReport, after: ValidationReport, level: SealLevel) -> None:
    """Whatever passed before still passes, the document passes, all signatures have the level.

    A stamp that had lost its force before stays lost: the new one proves from now on.
    """
    now = {verdict.facts.field: verdict for verdict in after.verdicts}
    for earlier in before.verdicts:
        later = now.get(earlier.facts.field)
        lost = (
            earlier.indication is Indication.TOTAL_PASSED
            and later is not None
            and later.indication is not earlier.indication
        )
        if later is None or lost:
            raise SealRefused(RefusalCode.EARLIER_SIGNATURE_HARMED, (("signatures", str(earlier.facts.field)),))
    _require_passed(after, RefusalCode.SELF_CHECK_FAILED)
    reached = list(LEVELS.values())
    for verdict in _signatures(after):
        found = verdict.facts.level
        if found in reached and reached.index(found) < reached.index(LEVELS[level]):
            raise SealRefused(RefusalCode.SELF_CHECK_FAILED, (("detail", f"{verdict.facts.field}: level {found}"),))
