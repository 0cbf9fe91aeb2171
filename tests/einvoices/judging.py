"""Is the answer to a paper, honest or altered, the right one."""

from __future__ import annotations

from tests.einvoices.alterations import Altered, Answer
from tests.einvoices.making import Paper
from verifier.report import Conclusion, Integrity, ValidationReport

_RIGHT = {
    Answer.FAILED: {Conclusion.TOTAL_FAILED},
    Answer.OFFICER: {Conclusion.INDETERMINATE},
    Answer.EITHER: {Conclusion.TOTAL_FAILED, Conclusion.INDETERMINATE},
    Answer.PASSED: {Conclusion.TOTAL_PASSED},
}


def words(report: ValidationReport) -> str:
    """All that the report says was signed."""
    content = report.signed_content
    if content is None:
        return ""
    cells = [cell for line in content.lines for cell in line]
    return " ".join([content.title, *(value for _, value in content.fields), *cells])


def faults_of_honest(paper: Paper, report: ValidationReport) -> list[str]:
    """What is wrong with the answer to an honest paper: it passes, with its time, its words and nothing unsigned."""
    told = [finding.code for verdict in report.verdicts for finding in verdict.findings]
    faults = [code for code in told if code.startswith(("EINVOICE-", "DECLARED-"))]
    faults += [finding.code for finding in report.findings if finding.code == "XML-OUTSIDE-CONTRADICTS"]
    if report.conclusion is not Conclusion.TOTAL_PASSED:
        faults.append(report.conclusion.value)
    if any(verdict.facts.integrity is not Integrity.INTACT for verdict in report.verdicts):
        faults.append("not intact")
    if len(report.verdicts) != len(paper.signers):
        faults.append(f"{len(report.verdicts)} signatures")
    if any(verdict.facts.claimed_signing_time is None for verdict in report.verdicts):
        faults.append("no time")
    faults += [f"not read out: {name}" for name, value in paper.values.items() if value not in words(report)]
    faults += [f"read out: {word}" for word in paper.unsigned if word in words(report)]
    return faults


def faults_of_altered(case: Altered, report: ValidationReport) -> list[str]:
    """What is wrong with the answer to an altered paper."""
    faults = [] if report.conclusion in _RIGHT[case.right] else [f"{report.conclusion.value}, not {case.right.value}"]
    faults += [f"read out: {word}" for word in case.unseen if word in words(report)]
    if case.unseen and not any(f.code == "XML-OUTSIDE-BY-DESIGN" for v in report.verdicts for f in v.findings):
        faults.append("not named as unsigned")
    return faults
