"""The seal on an evidence bundle: who vouches for its times, which nothing else in it proves.

Certificates, CRLs, OCSP answers and time stamps prove themselves; the times of validation and of receipt are the word
of the service that made the bundle. Its seal is a detached CMS signature over the manifest.
"""

from __future__ import annotations

from certs.catalogue import Regime
from verifier.bundle.bundle import ATTESTED
from verifier.report import Finding, Integrity, PathOutcome, Severity, ValidationReport

BROKEN = "EVIDENCE-SEAL-BROKEN"


def seal_finding(report: ValidationReport | None) -> Finding | None:
    """What a verdict on the seal means for the bundle, None where it has none.

    The certificate may have expired since: what counts is that its key made the seal, by algorithms in force and a
    certificate that may sign, that it leads to an anchor of the official regime here, and that the time which the seal
    claims lies within its validity.
    """
    if report is None:
        return None
    if len(report.verdicts) != 1:
        return Finding(BROKEN, Severity.ERROR)
    facts = report.verdicts[0].facts
    if facts.integrity is not Integrity.INTACT or facts.signer is None or facts.violations:
        return Finding(BROKEN, Severity.ERROR)
    signer, claimed = facts.signer, facts.claimed_signing_time
    named = (("signer", signer.name),)
    in_force = claimed is not None and signer.valid_from <= claimed <= signer.valid_until
    sound = facts.algorithms_acceptable and facts.purpose_allows and in_force
    if facts.path is not PathOutcome.TRUSTED or facts.regime != Regime.OFFICIAL.value or not sound:
        return Finding("EVIDENCE-SEAL-NOT-RECOGNISED", Severity.WARNING, named)
    assert claimed is not None
    return Finding(ATTESTED, Severity.INFO, (*named, ("time", claimed.isoformat())))
