"""What the officer does next, and the very sentence that the citizen gets. Pure.

With a dossier the province's regulation decides (``api.dossiers.outcomes``) and its article is named; without one the
report alone says what can be said.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.dossiers.officers import OfficerMatch, OfficerRegister
from api.dossiers.outcomes import (
    NOBODY,
    PAPERS_OF_ANOTHER,
    Applicant,
    Outcome,
    is_applicant,
    supplement_reason,
)
from api.dossiers.profiles import OutcomeCode
from api.pages.report_view import Headline, Line, Speaker, Tone, headline, signatures, weakest_verdict
from verifier.report import Conclusion, ValidationReport

_ASKS_NO_SIGNER = frozenset({"NOT-TRUSTED", "CHAIN-INVALID", "REVOCATION-UNKNOWN"})
"""Reasons whose step asks nobody to sign: it fits the papers of others as well."""


@dataclass(frozen=True)
class Case:
    """The dossier in which the paper is judged; ``regulation`` is its name, as ``Kon Tum 08/2018``."""

    dossier: str
    procedure: str
    regulation: str
    applicant: Applicant
    outcome: Outcome
    register: OfficerRegister = NOBODY


@dataclass(frozen=True)
class NextStep:
    """``officer`` does this, because of ``why`` (by ``article``); the citizen is told ``citizen``."""

    officer: str
    why: str | None = None
    article: str | None = None
    citizen: str | None = None
    citizen_other_language: str | None = None


def headline_in_case(report: ValidationReport, case: Case | None, speaker: Speaker) -> Headline:
    """The headline; a good signature that is not the applicant's is no good news for the dossier."""
    found = headline(report, speaker)
    reason = None if case is None else case.outcome.reason
    if report.conclusion is not Conclusion.TOTAL_PASSED or reason is None:
        return found
    code = reason if speaker.has(f"HEADLINE-{reason}") else "OFFICER-DECIDES"
    return Headline(Tone.WARN, reason, speaker(f"HEADLINE-{code}"), found.detail)


def applicant_line(report: ValidationReport, case: Case | None, speaker: Speaker) -> Line | None:
    """Is one of the signers the applicant, or a registered officer; None where that is no question."""
    if case is None or not signatures(report):
        return None
    if any(case.register.match(verdict) is OfficerMatch.REGISTERED for verdict in signatures(report)):
        return Line(Tone.OK, speaker("page.answer.is-officer"))
    if not case.applicant.has_number:
        return None
    signers = [verdict.facts.signer for verdict in signatures(report)]
    if any(signer is not None and is_applicant(signer, case.applicant) for signer in signers):
        return Line(Tone.OK, speaker("page.answer.is-applicant"))
    return Line(Tone.WARN, speaker("page.answer.is-not-applicant"))


def next_step(report: ValidationReport, case: Case | None, speaker: Speaker, file: str = "") -> NextStep:
    """The next step by the dossier's regulation, or by the report alone; the sentence names the ``file``."""
    if case is not None:
        return _by_regulation(report, case.outcome, speaker, file)
    found = headline(report, speaker)
    codes = [finding.code for finding in report.findings] if weakest_verdict(report) is None else []
    issued = [f"STEP-{code}-{report.conclusion.value}" for code in _issued_by_another(report)]
    issued = [] if found.code in _ASKS_NO_SIGNER else issued
    letter = ["STEP-LETTER-PASSED"] if _is_passed_letter(report) else []
    own = [f"STEP-{code}" for code in codes]
    candidates = [*issued, *letter, *own, f"STEP-{found.code}", f"STEP-{report.conclusion.value}"]
    officer = next(code for code in candidates if speaker.has(code))
    return NextStep(speaker(officer), **_told(_citizen_code(report, speaker), speaker, file))


def _is_passed_letter(report: ValidationReport) -> bool:
    """Whether an agency's letter passed: nobody who submits it has signed it."""
    written = any(finding.code.startswith("CLERK-") for finding in report.findings)
    return written and report.conclusion is Conclusion.TOTAL_PASSED


def _by_regulation(report: ValidationReport, outcome: Outcome, speaker: Speaker, file: str) -> NextStep:
    officer, reason = speaker(outcome.code.value), outcome.reason
    if reason is None:
        told = _citizen_code(report, speaker) if outcome.code is OutcomeCode.OFFICER_DECIDES else outcome.code.value
        told = f"CITIZEN-{told}" if speaker.has(f"CITIZEN-{told}") else told
        return NextStep(officer, None, outcome.article, **_told(told, speaker, file))
    if reason.startswith("OFFICER-"):
        told = _citizen_code(report, speaker)
        return NextStep(officer, speaker(reason), outcome.article, **_told(told, speaker, file))
    told = next((f"CITIZEN-{code}" for code in _issued_by_another(report)), reason)
    return NextStep(officer, None, outcome.article, **_told(told, speaker, file))


def _issued_by_another(report: ValidationReport) -> list[str]:
    """The finding that says whose paper it is, where an applicant is not the one to sign it."""
    return [finding.code for finding in report.findings if finding.code in PAPERS_OF_ANOTHER]


def _citizen_code(report: ValidationReport, speaker: Speaker) -> str:
    """A supplement's own sentence where something failed, else the sentence that fits the headline."""
    code = headline(report, speaker).code
    for issued in _issued_by_another(report) if code != "REVOCATION-UNKNOWN" else ():
        if report.conclusion is Conclusion.TOTAL_FAILED:
            return f"CITIZEN-{issued}"
        if report.conclusion is Conclusion.INDETERMINATE:
            return f"CITIZEN-{issued}-OPEN"
    candidates = [supplement_reason(report), f"CITIZEN-{code}", f"CITIZEN-{report.conclusion.value}"]
    return next((c for c in candidates if c is not None and speaker.has(c)), "CITIZEN-PASSED")


def _told(code: str, speaker: Speaker, file: str) -> dict[str, str]:
    """The citizen's sentence in both languages; a citizen knows the paper by the name of the file."""
    other = Speaker(speaker.texts, "vi" if speaker.language == "en" else "en")
    names = [f"“{file}”" if file else said("paper-default") for said in (speaker, other)]
    return {
        "citizen": speaker(code, paper=names[0]),
        "citizen_other_language": other(code, paper=names[1]),
    }
