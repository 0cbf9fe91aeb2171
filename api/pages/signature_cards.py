"""One card for each signature and time stamp, the course of events, and the technical facts. Pure, like report_view.

The rows are those that TT 15/2025 Phụ lục II wants shown: signer, organisation, issuer, period, time of signing,
integrity and validity when signing, in the words "hợp lệ" and "không hợp lệ".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.answers import CERTIFICATE_CODES, UNCHANGED_CODES, certificate, unchanged
from api.pages.local_time import say_date, say_second
from api.pages.report_view import INDICATION_TONES, SEVERITY_TONES, Line, Speaker, Tone
from verifier.changes.roles import Role, acts, role_of
from verifier.conformance import conformance
from verifier.report import (
    ChangesAfter,
    Finding,
    Indication,
    Severity,
    SignatureFacts,
    SignatureKind,
    SignatureVerdict,
    ValidationReport,
)


@dataclass(frozen=True)
class Row:
    """A label with its value; ``mono`` for digests and codes."""

    label: str
    value: str
    tone: Tone | None = None
    mono: bool = False


@dataclass(frozen=True)
class SignatureCard:
    """Everything on one signature; ``technical`` stands behind one click."""

    title: str
    tone: Tone
    word: str
    rows: list[Row]
    findings: list[Line]
    technical: list[Row]


@dataclass(frozen=True)
class Event:
    """One line of the course of events."""

    tone: Tone
    title: str
    note: str
    word: str


_LATER_CHANGES = frozenset(
    {
        "CHANGED-AFTER-SIGNING",
        "CHANGED-AFTER-SIGNING-FOR-OFFICER",
        "CHANGED-AFTER-SIGNING-INVISIBLE",
        "CHANGED-AFTER-SIGNING-NOT-COMPARED",
        "CHANGES-UNKNOWN",
    }
)


def verdict_tone(verdict: SignatureVerdict) -> Tone:
    """A verdict's tone: passed with a warning is not green."""
    tone = INDICATION_TONES[verdict.indication]
    warned = any(finding.severity is not Severity.INFO for finding in verdict.findings)
    return Tone.WARN if tone is Tone.OK and warned else tone


def verdict_word(verdict: SignatureVerdict, speaker: Speaker) -> str:
    """``hợp lệ``, ``không hợp lệ`` or that nothing can be concluded; an untrusted time stamp proves no time."""
    if verdict_tone(verdict) is Tone.WARN and verdict.indication is Indication.TOTAL_PASSED:
        return speaker("page.word.passed-warned")
    if verdict.facts.kind is SignatureKind.DOCUMENT_TIMESTAMP and verdict.indication is Indication.INDETERMINATE:
        return speaker("page.word.no-proof")
    return speaker(f"page.word.{verdict.indication.value}")


@dataclass(frozen=True)
class CardGroup:
    """Cards that are one act of a letter's clerk, under one title; else one card, without."""

    cards: list[SignatureCard]
    title: str = ""
    tone: Tone = Tone.OK
    word: str = ""


def card_groups(report: ValidationReport, speaker: Speaker) -> list[CardGroup]:
    """The cards in the order of the file, an agency's act as one."""
    groups: list[CardGroup] = []
    number = 1
    for act in acts(report.verdicts, report.findings):
        cards = [_card(number + n, verdict, speaker) for n, verdict in enumerate(act)]
        groups.append(CardGroup(cards) if len(act) == 1 else _act_group(number, act, cards, speaker))
        number += len(act)
    return groups


def _act_group(first: int, act: Sequence[SignatureVerdict], cards: list[SignatureCard], speaker: Speaker) -> CardGroup:
    worst = max(cards, key=lambda card: card.tone.weight)
    return CardGroup(cards, act_title(first, act, speaker), worst.tone, worst.word)


def act_title(first: int, act: Sequence[SignatureVerdict], speaker: Speaker) -> str:
    """The heading of one act: the numbers of its signatures, whose, and how many."""
    signer = speaker.name(act[0].facts)
    return speaker("page.card.act", first=first, last=first + len(act) - 1, signer=signer, count=len(act))


def signature_cards(report: ValidationReport, speaker: Speaker) -> list[SignatureCard]:
    """A card for each verdict, in the order of the file."""
    return [card for group in card_groups(report, speaker) for card in group.cards]


def is_one(act: Sequence[SignatureVerdict]) -> bool:
    """Whether several signatures of a clerk's act are by one certificate and have one verdict: told together."""
    return len(act) > 1 and len({(v.indication, v.sub_indication, v.facts.signer, verdict_tone(v)) for v in act}) == 1


def card_title(number: int, verdict: SignatureVerdict, speaker: Speaker) -> str:
    """Whose signature it is, and whether it is only initials."""
    kind = "initials" if role_of(verdict) is Role.INITIALS else verdict.facts.kind.value
    return speaker(f"page.card.{kind}", number=number, signer=speaker.name(verdict.facts))


def _card(number: int, verdict: SignatureVerdict, speaker: Speaker) -> SignatureCard:
    title = card_title(number, verdict, speaker)
    return SignatureCard(
        title=title,
        tone=verdict_tone(verdict),
        word=verdict_word(verdict, speaker),
        rows=[*_signer_rows(verdict.facts, speaker), *_time_rows(verdict.facts, speaker), *_law_rows(verdict, speaker)],
        findings=[Line(SEVERITY_TONES[f.severity], speaker.finding(f)) for f in told(verdict)],
        technical=[*_technical(verdict, speaker), *_details(verdict, speaker)],
    )


_DETAILS = frozenset({"PATH-DETAIL", "STATUS-DETAIL"})
"""Findings that hold a library's English text: for whoever looks behind the click."""


def told(verdict: SignatureVerdict) -> list[Finding]:
    """The findings that are sentences for everybody."""
    return [finding for finding in verdict.findings if finding.code not in _DETAILS]


def _details(verdict: SignatureVerdict, speaker: Speaker) -> list[Row]:
    label = speaker("page.technical.detail")
    found = [dict(finding.parameters) for finding in verdict.findings if finding.code in _DETAILS]
    return [Row(label, values["detail"], mono=True) for values in found if "detail" in values]


def _signer_rows(facts: SignatureFacts, speaker: Speaker) -> list[Row]:
    signer = facts.signer
    if signer is None:
        return [Row(speaker("page.row.signer"), speaker("page.answer.who-unknown"), Tone.WARN)]
    values = {
        "signer": signer.called,
        "organization": signer.organization,
        "cccd": signer.cccd,
        "mst": signer.mst,
        "email": signer.email,
        "issuer": signer.issuer,
    }
    rows = [Row(speaker(f"page.row.{key}"), value) for key, value in values.items() if value]
    rows.append(Row(speaker("page.row.regime"), speaker(f"page.regime.{facts.regime}")))
    period = speaker(
        "page.row.period-value",
        start=say_date(signer.valid_from, speaker.language),
        end=say_date(signer.valid_until, speaker.language),
    )
    return [*rows, Row(speaker("page.row.period"), period)]


def _time_rows(facts: SignatureFacts, speaker: Speaker) -> list[Row]:
    rows = []
    if facts.best_signature_time is not None:
        label = "page.row.seen-time" if facts.proven_by_receipt else "page.row.proven-time"
        rows.append(Row(speaker(label), say_second(facts.best_signature_time, speaker.language)))
    if facts.claimed_signing_time is not None:
        rows.append(Row(speaker("page.row.claimed-time"), say_second(facts.claimed_signing_time, speaker.language)))
    if not rows:
        rows.append(Row(speaker("page.row.proven-time"), speaker("page.row.time-unknown")))
    return rows


def _law_rows(verdict: SignatureVerdict, speaker: Speaker) -> list[Row]:
    """Integrity and validity when signing, each in the law's words and then in plain ones."""
    rows = []
    for label, line in (
        ("page.row.integrity", unchanged(verdict, speaker)),
        ("page.row.validity", certificate(verdict, speaker)),
    ):
        word = speaker(f"page.law-word.{line.tone.value}")
        rows.append(Row(speaker(label), f"{word}. {line.text}", line.tone))
    return [*rows, Row(*conformance_row(verdict.facts, speaker))]


def conformance_row(facts: SignatureFacts, speaker: Speaker) -> tuple[str, str]:
    """Label and value: conformance to the list in force, told apart from validity."""
    found = conformance(facts)
    answer = speaker(f"page.conformance.{'null' if found.conforms is None else str(found.conforms).lower()}")
    reasons = " ".join(speaker(code) for code in found.reasons)
    value = f"{answer}. {reasons}" if reasons else answer
    return speaker("page.row.conformance", instrument=found.instrument), value


def _technical(verdict: SignatureVerdict, speaker: Speaker) -> list[Row]:
    facts = verdict.facts
    values: dict[str, str | None] = {
        "indication": verdict.indication.value,
        "sub-indication": None if verdict.sub_indication is None else verdict.sub_indication.value,
        "level": None if facts.level is None else facts.level.value,
        "made-with": _made_with(facts),
        "conformance": ", ".join(conformance(facts).reasons) or None,
        "field": facts.field,
        "coverage": facts.coverage.value,
        "changes-after": facts.changes_after.value,
        "path": facts.path.value,
        "revocation": facts.revocation.value,
        "revoked-at": None if facts.revoked_at is None else say_second(facts.revoked_at, speaker.language),
        "revocation-reason": facts.revocation_reason,
        "serial": None if facts.signer is None else facts.signer.serial_number,
        "certificate-sha256": None if facts.signer is None else facts.signer.certificate_sha256,
        "findings": ", ".join(finding.code for finding in verdict.findings) or None,
    }
    rows = [Row(speaker(f"page.technical.{key}"), value, mono=True) for key, value in values.items() if value]
    return [*rows, *(Row(speaker("page.technical.evidence"), digest, mono=True) for digest in facts.evidence)]


def _made_with(facts: SignatureFacts) -> str | None:
    """``rsassa-pss · sha256 · 3072 bit``, as far as it is known."""
    made = facts.made_with
    parts = [made.scheme, *made.digests, f"{made.key_bits} bit" if made.key_bits else None]
    return " · ".join(part for part in parts if part) or None


def document_rows(report: ValidationReport, speaker: Speaker) -> list[Row]:
    """What the whole verdict rests on."""
    values = {
        "conclusion": report.conclusion.value,
        "validation-time": say_second(report.validation_time, speaker.language),
        "policy": f"{report.policy_id} · {report.policy_sha256}",
        "trust-store": report.trust_store_sha256,
        "document-sha256": report.sha256,
        "size": str(report.size_bytes),
        "findings": ", ".join(finding.code for finding in report.findings),
    }
    rows = [Row(speaker(f"page.technical.{key}"), value, mono=True) for key, value in values.items() if value]
    return [*rows, *(Row(speaker("page.technical.evidence"), digest, mono=True) for digest in sorted(report.evidence))]


def course_of_events(report: ValidationReport, speaker: Speaker) -> list[Event]:
    """Signatures, time stamps and what was added after them, in the order of the file."""
    events: list[Event] = []
    for act in acts(report.verdicts, report.findings):
        if is_one(act):
            told = [_acted(act, speaker), _changed(act[-1], speaker)]
        else:
            told = [event for verdict in act for event in (_signed(verdict, speaker), _changed(verdict, speaker))]
        events.extend(event for event in told if event is not None)
    return events


def _acted(act: Sequence[SignatureVerdict], speaker: Speaker) -> Event:
    """An agency's signatures within minutes as one event, at the time of the last."""
    worst = max(act, key=lambda verdict: verdict_tone(verdict).weight)
    title = speaker("page.event.act", signer=speaker.name(act[0].facts), count=len(act))
    return Event(verdict_tone(worst), title, _when(act[-1].facts, speaker), verdict_word(worst, speaker))


def _signed(verdict: SignatureVerdict, speaker: Speaker) -> Event:
    facts = verdict.facts
    kind = "initials" if role_of(verdict) is Role.INITIALS else facts.kind.value
    title = speaker(f"page.event.{kind}", signer=speaker.name(facts))
    note = _when(facts, speaker)
    if _only_changed_later(verdict):  # the change is an event of its own, right below
        return Event(Tone.OK, title, note, speaker("page.word.right-when-signed"))
    return Event(verdict_tone(verdict), title, note, verdict_word(verdict, speaker))


def _when(facts: SignatureFacts, speaker: Speaker) -> str:
    """The proven time leads; our own receipt comes last, for it is long after the act as a rule."""
    said = (
        ("proven", None if facts.proven_by_receipt else facts.best_signature_time),
        ("claimed", facts.claimed_signing_time),
        ("seen", facts.best_signature_time),
    )
    for key, time in said:
        if time is not None:
            return speaker(f"page.event.{key}", time=say_second(time, speaker.language))
    return speaker("page.row.time-unknown")


def _only_changed_later(verdict: SignatureVerdict) -> bool:
    """Nothing counts against the signature but what came after it."""
    reasons = {finding.code for finding in verdict.findings} & (UNCHANGED_CODES.keys() | CERTIFICATE_CODES.keys())
    return bool(reasons) and reasons <= _LATER_CHANGES


def _unclear(speaker: Speaker) -> tuple[str, str]:
    return speaker("page.event.unclear-note"), speaker("page.event.unclear-word")


def _changed(verdict: SignatureVerdict, speaker: Speaker) -> Event | None:
    codes = {finding.code for finding in verdict.findings}
    match verdict.facts.changes_after:
        case ChangesAfter.SUSPICIOUS if "CHANGED-AFTER-SIGNING" in codes:
            tone, key = Tone.BAD, "suspicious"
        case ChangesAfter.SUSPICIOUS:
            tone, key = Tone.WARN, "unclear"
        case ChangesAfter.UNKNOWN:
            if "RESAVED-AFTER-SIGNING" in codes:
                return None
            return Event(Tone.WARN, speaker("page.event.unknown"), *_unclear(speaker))
        case ChangesAfter.PERMITTED:
            tone, key = Tone.IDLE, "permitted"
        case ChangesAfter.EXTENSION:
            tone, key = Tone.IDLE, "extension"
        case ChangesAfter.NONE:
            return None
    return Event(
        tone, speaker(f"page.event.{key}"), speaker(f"page.event.{key}-note"), speaker(f"page.event.{key}-word")
    )
