"""May this document be signed: the verifier opens it in its limited process, and its earlier signatures pass."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from signer.environment import SigningEnvironment
from signer.refusal import RefusalCode, SealRefused
from verifier.inputs import VerificationInput
from verifier.report import Conclusion, DocumentFormat, Indication, SignatureVerdict, ValidationReport


def judge_input(document: bytes, environment: SigningEnvironment, at: datetime) -> ValidationReport:
    """What the verifier says of a document that is to be signed.

    Raises:
        SealRefused: NOT-A-PDF, DOCUMENT-UNREADABLE, EARLIER-SIGNATURE-NOT-PASSED.
    """
    report = environment.verify(VerificationInput(document), environment.verification, at)
    codes = ", ".join(finding.code for finding in report.findings)
    if report.format is not DocumentFormat.PDF:
        raise SealRefused(RefusalCode.NOT_A_PDF)
    match report.conclusion:
        case Conclusion.NO_SIGNATURE | Conclusion.TOTAL_PASSED:
            pass
        case Conclusion.UNREADABLE:
            raise SealRefused(RefusalCode.DOCUMENT_UNREADABLE, (("findings", codes),))
        case Conclusion.UNSUPPORTED_FORMAT:
            raise SealRefused(RefusalCode.NOT_A_PDF)
        case Conclusion.INDETERMINATE | Conclusion.TOTAL_FAILED:
            raise SealRefused(RefusalCode.EARLIER_SIGNATURE_NOT_PASSED, (("signatures", weak_ones(report.verdicts)),))
    return report


def weak_ones(verdicts: Sequence[SignatureVerdict]) -> str:
    """The signatures that are not passed, with the reason in the standard's words."""
    return "; ".join(
        f"{verdict.facts.field}: {verdict.sub_indication}"
        for verdict in verdicts
        if verdict.indication is not Indication.TOTAL_PASSED
    )
