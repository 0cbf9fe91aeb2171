"""From a ValidationReport to what an officer's page shows. Pure: no Flask, no clock, no storage.

The decision stays with ``verifier.conclude``: everything here is chosen by the codes it set. Two rules hold for every
report (tested): green only where nothing warns, and "not valid" only where the conclusion is TOTAL-FAILED.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from api.i18n.texts import Texts
from api.pages.local_time import say_date, say_minute
from api.pages.told_as import told_as
from verifier.changes.roles import Role, role_of
from verifier.report import (
    Conclusion,
    Finding,
    Indication,
    Severity,
    SignatureFacts,
    SignatureKind,
    SignatureVerdict,
    ValidationReport,
)


class Tone(StrEnum):
    """How a piece of the page looks; the value is its CSS class. Each tone has its own shape and word too."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    IDLE = "idle"

    @property
    def weight(self) -> int:
        """How weak: the headline takes the heaviest."""
        return _TONE_WEIGHTS[self]


_TONE_WEIGHTS = {Tone.OK: 0, Tone.IDLE: 1, Tone.WARN: 2, Tone.BAD: 3}

INDICATION_TONES = {
    Indication.TOTAL_PASSED: Tone.OK,
    Indication.INDETERMINATE: Tone.WARN,
    Indication.TOTAL_FAILED: Tone.BAD,
}

_CONCLUSION_TONES = {
    Conclusion.TOTAL_PASSED: Tone.OK,
    Conclusion.INDETERMINATE: Tone.WARN,
    Conclusion.TOTAL_FAILED: Tone.BAD,
    Conclusion.NO_SIGNATURE: Tone.IDLE,
    Conclusion.UNREADABLE: Tone.WARN,
    Conclusion.UNSUPPORTED_FORMAT: Tone.IDLE,
}

SEVERITY_TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WARN, Severity.INFO: Tone.IDLE}


@dataclass(frozen=True)
class Line:
    """A sentence with its tone."""

    tone: Tone
    text: str


@dataclass(frozen=True)
class Headline:
    """The weakest finding, first and largest. ``code`` is the finding or conclusion that it speaks of."""

    tone: Tone
    code: str
    title: str
    detail: str


class Speaker:
    """Sentences in one language, with the names and dates of a signature filled in."""

    def __init__(self, texts: Texts, language: str) -> None:
        self.texts = texts
        self.language = language

    def __call__(self, code: str, /, **parameters: object) -> str:
        """The sentence of ``code``."""
        return self.texts.say(code, self.language, **parameters)

    def has(self, code: str) -> bool:
        """Is there a sentence for ``code``."""
        return code in self.texts

    def finding(self, finding: Finding) -> str:
        """The sentence of a finding."""
        return self.texts.finding(finding, self.language)

    def name(self, facts: SignatureFacts) -> str:
        """Whom the certificate names, or "the signer" where it names nobody."""
        return facts.signer.called if facts.signer is not None else self("page.report.nameless")

    def revocation_reason(self, facts: SignatureFacts) -> str:
        """Why the certificate was revoked, as far as its issuer says."""
        code = f"page.revocation-reason.{facts.revocation_reason}"
        return self(code if self.has(code) else "page.revocation-reason.none")

    def about(self, facts: SignatureFacts) -> dict[str, str]:
        """The placeholders that sentences on one signature may use."""
        time = facts.claimed_signing_time if facts.proven_by_receipt else facts.best_signature_time
        time = time or facts.best_signature_time or facts.claimed_signing_time
        known = {"signer": self.name(facts), "issuer": "?", "valid_from": "?", "valid_until": "?", "country": "?"}
        known["when"] = "?" if time is None else say_minute(time, self.language)
        known["revoked_at"] = "?" if facts.revoked_at is None else say_minute(facts.revoked_at, self.language)
        known["reason"] = self.revocation_reason(facts)
        if facts.signer is not None:
            known["issuer"] = facts.signer.issuer
            known["country"] = facts.signer.issuer_country or "?"
            known["valid_from"] = say_date(facts.signer.valid_from, self.language)
            known["valid_until"] = say_date(facts.signer.valid_until, self.language)
        return known


def weakest_verdict(report: ValidationReport) -> SignatureVerdict | None:
    """The verdict that the document's conclusion rests on; None where nothing was signed.

    A time stamp counts only where the conclusion took it into account: when no signature is as weak.
    """
    level = next((i for i in Indication if i.value == report.conclusion.value), None)
    if level is None:
        return None
    equal = [verdict for verdict in report.verdicts if verdict.indication is level]
    return min(equal, key=lambda verdict: verdict.facts.kind is SignatureKind.DOCUMENT_TIMESTAMP, default=None)


def decisive_code(verdict: SignatureVerdict) -> str | None:
    """The finding that explains the verdict: the first of its weight that the decider added or that says a broken rule.

    What was merely noticed explains nothing; ``conclude`` sorts.
    """
    wanted = {Indication.TOTAL_FAILED: Severity.ERROR, Indication.INDETERMINATE: Severity.WARNING}
    severity = wanted.get(verdict.indication)
    noticed = {finding.code for finding in verdict.facts.findings} - {code for _, code in verdict.facts.violations}
    codes = [finding.code for finding in verdict.findings if finding.severity is severity]
    return next((code for code in codes if code not in noticed), codes[0] if codes else None)


def headline(report: ValidationReport, speaker: Speaker) -> Headline:
    """The weakest finding as the page's first words."""
    tone = _CONCLUSION_TONES[report.conclusion]
    verdict = weakest_verdict(report)
    if report.conclusion is Conclusion.TOTAL_PASSED:
        return _passed(report, speaker)
    if verdict is None:
        return _without_verdict(report, tone, speaker)
    code = decisive_code(verdict) or report.conclusion.value
    found = {f.code: f for f in (*reversed(report.findings), *reversed(verdict.findings))}
    told = "TWO-FORMATS" if code == "COVERAGE-PARTIAL" and "TWO-FORMATS" in found else told_as(code, verdict)
    finding = found.get(told) or found.get(code)
    values = {**speaker.about(verdict.facts), **(dict(finding.parameters) if finding is not None else {})}
    code = told
    title = speaker(_known(speaker, "HEADLINE", code, report.conclusion.value), **values)
    if speaker.has(f"DETAIL-{code}"):
        return Headline(tone, code, title, speaker(f"DETAIL-{code}", **values))
    return Headline(tone, code, title, speaker.finding(finding) if finding is not None else "")


def _passed(report: ValidationReport, speaker: Speaker) -> Headline:
    notes = warnings(report)
    if notes:
        detail = speaker.finding(notes[0])
        return Headline(Tone.WARN, "PASSED-WARNINGS", speaker("HEADLINE-PASSED-WARNINGS"), detail)
    signed = [v for v in signatures(report) if role_of(v) is not Role.INITIALS] or signatures(report)
    names = list(dict.fromkeys(speaker.name(v.facts) for v in signed))
    detail = speaker("DETAIL-PASSED", signers=", ".join(names))
    return Headline(Tone.OK, "PASSED", speaker("HEADLINE-PASSED"), detail)


def _without_verdict(report: ValidationReport, tone: Tone, speaker: Speaker) -> Headline:
    """Nothing to judge: no signature, unreadable, unsupported; the reason found is the detail where there is one."""
    code = report.conclusion.value
    reason = next((f for f in report.findings if f.severity is not Severity.INFO), None)
    detail = speaker(f"DETAIL-{code}") if reason is None else speaker.finding(reason)
    if tone is Tone.IDLE and reason is not None:
        tone = Tone.WARN
    return Headline(tone, code, speaker(f"HEADLINE-{code}"), detail)


def _known(speaker: Speaker, family: str, code: str, fallback: str) -> str:
    exact = f"{family}-{code}"
    return exact if speaker.has(exact) else f"{family}-{fallback}"


def signatures(report: ValidationReport) -> list[SignatureVerdict]:
    """The signatures without the document time stamps."""
    return [verdict for verdict in report.verdicts if verdict.facts.kind is SignatureKind.SIGNATURE]


def warnings(report: ValidationReport) -> list[Finding]:
    """Everything that must keep the page from being green, worst first, each sentence once."""
    found = [*report.findings, *(finding for verdict in report.verdicts for finding in verdict.findings)]
    serious = [finding for finding in found if finding.severity is not Severity.INFO]
    return sorted(dict.fromkeys(serious), key=lambda finding: finding.severity is not Severity.ERROR)
