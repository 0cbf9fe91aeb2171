"""The three plain answers: unchanged? by whom? certificate when signing? Each is the weakest over all signatures.

Bad news comes from the codes that ``verifier.conclude`` set; good news must be positively known from the facts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from api.pages.report_view import Line, Speaker, Tone, signatures
from verifier.report import (
    ON_HOLD,
    ChangesAfter,
    Coverage,
    Integrity,
    PathOutcome,
    Revocation,
    SignatureFacts,
    SignatureVerdict,
    ValidationReport,
)


@dataclass(frozen=True)
class Answer:
    """One of the three boxes."""

    question: str
    tone: Tone
    text: str


UNCHANGED_CODES = {
    "INTEGRITY-BROKEN": Tone.BAD,
    "RESAVED-AFTER-SIGNING": Tone.BAD,
    "COVERAGE-PARTIAL": Tone.BAD,
    "CHANGED-AFTER-SIGNING": Tone.BAD,
    "SIGNATURE-VALUE-WRONG": Tone.BAD,
    "SIGNED-ATTRIBUTES-NOT-DER": Tone.BAD,
    "CHANGED-AFTER-SIGNING-INVISIBLE": Tone.WARN,
    "CHANGED-AFTER-SIGNING-FOR-OFFICER": Tone.WARN,
    "CHANGED-AFTER-SIGNING-NOT-COMPARED": Tone.WARN,
    "CHANGES-UNKNOWN": Tone.WARN,
    "INTEGRITY-UNKNOWN": Tone.WARN,
}

CERTIFICATE_CODES = {
    "REVOKED": Tone.BAD,
    "SUSPENDED": Tone.BAD,
    "EXPIRED-WHEN-SIGNED": Tone.BAD,
    "NOT-YET-VALID": Tone.BAD,
    "NO-SIGNING-CERTIFICATE": Tone.WARN,
    "NOT-TRUSTED": Tone.WARN,
    "CHAIN-INVALID": Tone.WARN,
    "CHAIN-CONSTRAINTS": Tone.WARN,
    "CA-ALGORITHM-WEAK": Tone.WARN,
    "PATH-NOT-EVALUATED": Tone.WARN,
    "CA-REVOKED": Tone.WARN,
    "REVOKED-NO-PROOF-OF-TIME": Tone.WARN,
    "SUSPENDED-NO-PROOF-OF-TIME": Tone.WARN,
    "EXPIRED-NO-PROOF-OF-TIME": Tone.WARN,
    "CA-OUT-OF-BOUNDS": Tone.WARN,
    "ALGORITHM-NOT-ACCEPTABLE": Tone.WARN,
    "PURPOSE-NOT-ALLOWED": Tone.WARN,
    "REVOCATION-UNKNOWN": Tone.WARN,
    "REVOCATION-NOT-CHECKED": Tone.WARN,
}

_KEY_IN_DOUBT = frozenset(
    {"REVOKED", "SUSPENDED", "CA-REVOKED", "REVOKED-NO-PROOF-OF-TIME", "SUSPENDED-NO-PROOF-OF-TIME"}
)
"""Somebody else may have used the key: the name in the certificate is no answer to "who"."""


def three_answers(report: ValidationReport, speaker: Speaker) -> list[Answer]:
    """The three boxes; none where nothing was signed."""
    judged = signatures(report)
    if not judged:
        return []
    return [
        Answer(speaker("page.answer.unchanged"), *_weakest(judged, unchanged, speaker)),
        Answer(speaker("page.answer.who"), *_weakest(judged, who, speaker)),
        Answer(speaker("page.answer.certificate"), *_weakest(judged, certificate, speaker)),
    ]


def _weakest(
    judged: list[SignatureVerdict], ask: Callable[[SignatureVerdict, Speaker], Line], speaker: Speaker
) -> tuple[Tone, str]:
    """The weakest answer, with the names where several signed and they differ."""
    lines = [ask(verdict, speaker) for verdict in judged]
    worst = max(lines, key=lambda line: line.tone.weight)
    if ask is who:
        said = [line.text for line in lines if line.tone is worst.tone]
        return worst.tone, "; ".join(dict.fromkeys(said))
    if len(judged) > 1 and any(line.tone is not worst.tone for line in lines):
        name = speaker.name(judged[lines.index(worst)].facts)
        return worst.tone, speaker("page.answer.of-one", signer=name, text=worst.text)
    return worst.tone, worst.text


def unchanged(verdict: SignatureVerdict, speaker: Speaker) -> Line:
    """Is what is seen what was signed?"""
    found = _by_code(verdict, UNCHANGED_CODES, speaker)
    if found is not None:
        return found
    facts = verdict.facts
    whole = facts.coverage in (Coverage.WHOLE_FILE, Coverage.WHOLE_REVISION)
    if facts.integrity is not Integrity.INTACT or not whole:
        return Line(Tone.WARN, speaker("page.answer.INTEGRITY-UNKNOWN"))
    match facts.changes_after:
        case ChangesAfter.NONE:
            return Line(Tone.OK, speaker("page.answer.unchanged-none"))
        case ChangesAfter.EXTENSION:
            return Line(Tone.OK, speaker("page.answer.unchanged-extension"))
        case ChangesAfter.PERMITTED:
            return Line(Tone.OK, speaker("page.answer.unchanged-permitted"))
        case ChangesAfter.SUSPICIOUS | ChangesAfter.UNKNOWN:
            return Line(Tone.WARN, speaker("page.answer.CHANGES-UNKNOWN"))


def who(verdict: SignatureVerdict, speaker: Speaker) -> Line:
    """Who signed, as far as that is known: a name in a certificate is worth what its issuer is worth."""
    facts = verdict.facts
    if facts.signer is None:
        return Line(Tone.WARN, speaker("page.answer.who-unknown"))
    about = speaker.about(facts)
    if facts.integrity is not Integrity.INTACT:
        return Line(Tone.WARN, speaker("page.answer.who-not-proven", **about))
    if facts.path is not PathOutcome.TRUSTED or any(finding.code in _KEY_IN_DOUBT for finding in verdict.findings):
        return Line(Tone.WARN, speaker("page.answer.who-not-recognised", **about))
    if facts.signer.body is not None:
        return Line(Tone.OK, speaker("page.answer.who-of", organization=facts.signer.body, **about))
    return Line(Tone.OK, facts.signer.called)


def certificate(verdict: SignatureVerdict, speaker: Speaker) -> Line:
    """Was the certificate good when signing, and its issuer recognised by the State?"""
    found = _by_code(verdict, CERTIFICATE_CODES, speaker)
    if found is not None:
        return found
    facts = verdict.facts
    known = facts.path is PathOutcome.TRUSTED and facts.signer is not None
    if not known or facts.revocation not in (Revocation.GOOD, Revocation.REVOKED):
        return Line(Tone.WARN, speaker("page.answer.certificate-unknown"))
    return Line(Tone.OK, speaker(_good(facts), **speaker.about(facts)))


def _good(facts: SignatureFacts) -> str:
    if facts.revocation is not Revocation.REVOKED:
        return "page.answer.good"
    return f"page.answer.certificate-then-{'suspended' if facts.revocation_reason == ON_HOLD else 'revoked'}"


def _by_code(verdict: SignatureVerdict, codes: dict[str, Tone], speaker: Speaker) -> Line | None:
    """The worst of the findings that this answer is about."""
    found = [finding.code for finding in verdict.findings if finding.code in codes]
    if not found:
        return None
    code = max(found, key=lambda code: codes[code].weight)
    return Line(codes[code], speaker(f"page.answer.{code}", **speaker.about(verdict.facts)))
