"""The report as a page to be printed and put into the file: Vietnamese, with the seven fields of TT 15/2025.

Served beside the JSON and XML reports; here because its words are the officer's page's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from flask import Blueprint
from flask.typing import ResponseReturnValue

from api import current
from api.access import Rule, access
from api.actions import verify_document
from api.actions.verify_document import StoredVerification
from api.file_answers import PDF, shown_file
from api.i18n.texts import Language
from api.pages.answers import certificate, unchanged
from api.pages.letter_view import SHOWN_IN_HEAD, LetterView, letter_view
from api.pages.local_time import say_date, say_second
from api.pages.report_view import Speaker, headline
from api.pages.signature_cards import act_title, card_title, conformance_row, is_one, verdict_tone, verdict_word
from api.pages.signature_cards import told as told_of
from api.pages.signed_view import signed_view
from api.refused import RefusalKind, Refused
from signer.fonts import FontFiles
from signer.printed_report import Line, PrintedReport, Tone, print_report
from verifier.changes.roles import acts
from verifier.conformance import conformance
from verifier.report import SignatureVerdict, ValidationReport

HEADING_KEEP = 90.0
"""Points that must be left under a heading."""

blueprint = Blueprint("printed-report", __name__)


@blueprint.get("/v1/verifications/<verification_id>/report.pdf")
@access(Rule.STAFF)
def report_pdf(verification_id: str) -> ResponseReturnValue:
    """The report on paper."""
    stored = verify_document.get_verification(current.services(), current.caller(), verification_id)
    speaker = Speaker(current.texts(), Language.VI)
    try:
        fonts = FontFiles.installed()
    except FileNotFoundError as error:
        raise Refused(RefusalKind.TEMPORARILY_UNAVAILABLE, detail="fonts") from error
    data = print_report(printed_report(stored, speaker, current.services().settings.public_url), fonts)
    return shown_file(data, PDF, f"phieu-kiem-tra-{verification_id}.pdf")


def printed_report(stored: StoredVerification, speaker: Speaker, service: str) -> PrintedReport:
    """What stands on the pages, top to bottom."""
    report = stored.report
    found = headline(report, speaker)
    lines = [
        Line(speaker("page.print.title"), size=15, bold=True, centred=True),
        Line(speaker("page.print.service", service=service), size=10, centred=True),
        Line(stored.filename or speaker("page.unnamed-file"), speaker("page.print.file"), space_before=10, ruled=True),
        Line(report.sha256, "SHA-256"),
        Line(say_second(stored.created_at, speaker.language), speaker("page.print.checked-at")),
        *([Line(stored.dossier, speaker("page.print.dossier"))] if stored.dossier else []),
        Line(found.title, speaker("page.print.conclusion"), size=12, bold=True, tone=Tone(found.tone.value)),
        *([Line(found.detail, "")] if found.detail else []),
    ]
    letter = letter_view(report, speaker)
    lines += _letter(letter)
    number = 1
    for act in acts(report.verdicts, report.findings):
        lines += _act(number, act, speaker) if is_one(act) else _each(number, act, speaker)
        number += len(act)
    lines += _signed(report, speaker)
    said = {found.title, found.detail}
    notes = [
        finding
        for finding in report.findings
        if speaker.finding(finding) not in said and not (letter and finding.code.startswith(SHOWN_IN_HEAD))
    ]
    if notes:
        heading = speaker("page.report.notes")
        lines.append(Line(heading, size=12, bold=True, space_before=10, ruled=True, keep=HEADING_KEEP / 2))
        lines += [Line(f"• {speaker.finding(finding)}") for finding in notes]
    footer = [
        speaker("page.print.footer", verification=stored.id, policy=report.policy_id),
        speaker("page.print.digests", policy=report.policy_sha256[:16], trust=report.trust_store_sha256[:16]),
    ]
    return PrintedReport(speaker("page.print.title"), lines, footer, speaker.texts.say("page.print.page"))


def _letter(view: LetterView | None) -> list[Line]:
    """What a clerk looks for first: number, date, who signed, the agency, the time."""
    if view is None:
        return []
    heading = Line(view.title, size=12, bold=True, space_before=10, ruled=True, keep=HEADING_KEEP)
    rows = [Line(row.value, row.label, bold=True) for row in view.rows]
    return [heading, *rows, *(Line(note.text, "") for note in view.notes)]


def _each(first: int, act: Sequence[SignatureVerdict], speaker: Speaker) -> list[Line]:
    return [line for number, verdict in enumerate(act, first) for line in _signature(number, verdict, speaker)]


def _act(first: int, act: Sequence[SignatureVerdict], speaker: Speaker) -> list[Line]:
    """The seven fields once for all signatures of a clerk's act, as the weakest of them has them, with every time."""
    worst = max(act, key=lambda verdict: (verdict_tone(verdict).weight, unchanged(verdict, speaker).tone.weight))
    lines = _signature(first, worst, speaker)
    times = "; ".join(f"{number}. {_when(verdict, speaker)}" for number, verdict in enumerate(act, first))
    fields = speaker("page.print.time")
    told = {speaker.finding(f) for f in told_of(worst)}
    more = {
        f.code: Line(f"• {speaker.finding(f)}", "") for v in act for f in told_of(v) if speaker.finding(f) not in told
    }
    known = {finding.code for finding in told_of(worst)}
    title = dataclasses.replace(lines[0], text=act_title(first, act, speaker))
    body = [dataclasses.replace(line, text=times) if line.label == fields else line for line in lines[1:]]
    return [title, *body, *(line for code, line in more.items() if code not in known)]


def _signature(number: int, verdict: SignatureVerdict, speaker: Speaker) -> list[Line]:
    """Verdict, and the seven fields of TT 15/2025 Phụ lục II in their order."""
    facts, signer = verdict.facts, verdict.facts.signer
    title = card_title(number, verdict, speaker)
    none = speaker("page.print.not-stated")
    issuer = period = unit = none
    named = speaker.name(facts)
    if signer is not None:
        numbers = [f"CCCD {signer.cccd}" if signer.cccd else None, f"MST {signer.mst}" if signer.mst else None]
        named = " · ".join(part for part in (signer.called, *numbers, signer.email) if part)
        issuer = f"{signer.issuer} ({speaker(f'page.regime.{facts.regime}')})"
        unit = signer.organization or none
        start, end = (say_date(day, speaker.language) for day in (signer.valid_from, signer.valid_until))
        period = speaker("page.row.period-value", start=start, end=end)
    intact, valid = unchanged(verdict, speaker), certificate(verdict, speaker)
    tone = Tone(verdict_tone(verdict).value)
    _, listed = conformance_row(facts, speaker)
    return [
        Line(title, size=12, bold=True, space_before=10, ruled=True, keep=HEADING_KEEP),
        Line(verdict_word(verdict, speaker), speaker("page.print.verdict"), bold=True, tone=tone),
        Line(issuer, speaker("page.print.issuer")),
        Line(named, speaker("page.print.signer")),
        Line(unit, speaker("page.print.unit")),
        Line(_when(verdict, speaker), speaker("page.print.time")),
        Line(
            _in_law(intact.tone.value, intact.text, speaker),
            speaker("page.row.integrity"),
            tone=Tone(intact.tone.value),
        ),
        Line(_in_law(valid.tone.value, valid.text, speaker), speaker("page.row.validity"), tone=Tone(valid.tone.value)),
        Line(period, speaker("page.row.period")),
        Line(listed, speaker("page.print.conformance", instrument=conformance(facts).instrument)),
        *(Line(f"• {speaker.finding(finding)}", "") for finding in told_of(verdict)),
    ]


def _signed(report: ValidationReport, speaker: Speaker) -> list[Line]:
    """What was signed of an XML document: its fields, and each of its lines as one paragraph."""
    view = signed_view(report, speaker)
    if view is None:
        return []
    heading = Line(speaker("signed.section"), size=12, bold=True, space_before=10, ruled=True, keep=HEADING_KEEP)
    rows = [Line(row.value, row.label) for row in view.rows]
    names = [column.label for column in view.columns]
    details = ["; ".join(f"{n}: {v}" for n, v in zip(names, line, strict=True) if v) for line in view.lines]
    return [
        heading,
        Line(view.note, size=9),
        Line(view.title, bold=True),
        *rows,
        *(Line(text, speaker("signed.lines") if number == 0 else "") for number, text in enumerate(details)),
    ]


def _in_law(tone: str, text: str, speaker: Speaker) -> str:
    """``hợp lệ`` or ``không hợp lệ``, then why."""
    return f"{speaker(f'page.law-word.{tone}')}. {text}"


def _when(verdict: SignatureVerdict, speaker: Speaker) -> str:
    """The time that is proven (time stamp, receipt), and the one that the signer claims."""
    facts = verdict.facts
    parts = []
    if facts.best_signature_time is not None:
        proven = say_second(facts.best_signature_time, speaker.language)
        label = "page.row.seen-time" if facts.proven_by_receipt else "page.row.proven-time"
        parts.append(f"{speaker(label)}: {proven}")
    if facts.claimed_signing_time is not None:
        claimed = say_second(facts.claimed_signing_time, speaker.language)
        parts.append(f"{speaker('page.row.claimed-time')}: {claimed}")
    return "; ".join(parts) or speaker("page.row.time-unknown")
