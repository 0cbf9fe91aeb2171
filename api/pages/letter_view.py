"""A state letter as a clerk looks at it: number, date, who signed, which agency, when. Pure, like report_view.

Shown where something was told of a letter (``verifier/changes/clerk_act.py``) and nothing failed; each name is worth
what its certificate is worth, and says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.answers import who
from api.pages.local_time import say_second
from api.pages.report_view import Line, Speaker, Tone, signatures
from api.pages.signature_cards import Row
from verifier.changes.roles import Role, role_of
from verifier.report import Conclusion, Finding, Indication, SignatureFacts, SignatureVerdict, ValidationReport

DATE_DOUBTS = ("CLERK-DATE-IS-NONE", "CLERK-DATE-OTHER-YEAR", "CLERK-DATE-AFTER-SIGNING")
SHOWN_IN_HEAD = ("LETTER-NUMBER", "LETTER-DATE", "CLERK-WROTE-", "CLERK-ACT", "CLERK-NO-SEAL-PICTURE", "PUBLISHED-COPY")
"""Findings that say what the rows and their notes say."""
_OF_LETTERS = ("CLERK-", "LETTER-", "PUBLISHED-COPY")
_WROTE = "CLERK-WROTE-"


@dataclass(frozen=True)
class LetterView:
    """The rows, and sentences on what is no fault but asked for."""

    title: str
    rows: list[Row]
    notes: list[Line]
    page: int | None = None
    """Of the number and the date that the clerk wrote, where it is not the first."""


def letter_view(report: ValidationReport, speaker: Speaker) -> LetterView | None:
    """The letter's rows; None where the document is none, or failed."""
    if report.conclusion is Conclusion.TOTAL_FAILED or not _is_letter(report):
        return None
    judged = signatures(report)
    published = _of(report, "PUBLISHED-COPY")
    rows = [*_head_rows(report, speaker)]
    if published is None:
        rows.append(_people(judged, Role.PERSON, "signed", speaker))
        if any(role_of(one) is Role.INITIALS for one in judged):
            rows.append(_people(judged, Role.INITIALS, "initials", speaker))
    rows.append(_agency(judged, "publisher" if published is not None else "agency", speaker))
    rows.append(_time(judged, speaker))
    notes = [finding for code in ("PUBLISHED-COPY", "CLERK-NO-SEAL-PICTURE") if (finding := _of(report, code))]
    title = speaker("page.letter.title-published" if published is not None else "page.letter.title")
    page = page_of_head(report) or 1
    told = [Line(Tone.IDLE, speaker.finding(note)) for note in notes]
    return LetterView(title, rows, told, page if page > 1 else None)


def page_of_head(report: ValidationReport) -> int | None:
    """The page, counted from 1, on which the clerk wrote number or date."""
    page = _wrote(report).get("page", "")
    return int(page) if page.isascii() and page.isdigit() else None


def _is_letter(report: ValidationReport) -> bool:
    told = [*report.findings, *(finding for verdict in report.verdicts for finding in verdict.findings)]
    return any(finding.code.startswith(_OF_LETTERS) or finding.code == "DRAFTERS-INITIALS" for finding in told)


def _of(report: ValidationReport, code: str) -> Finding | None:
    return next((finding for finding in report.findings if finding.code == code), None)


def _head_rows(report: ValidationReport, speaker: Speaker) -> list[Row]:
    """Number and date, as the clerk wrote or the letter prints them; where neither is read, where to look."""
    wrote = _wrote(report)
    number, date = _of(report, "LETTER-NUMBER"), _of(report, "LETTER-DATE")
    rows = []
    said = dict(number.parameters)["number"] if number is not None else wrote.get("number", "")
    if said or "pages" in wrote:
        key = "written" if "number" in wrote else "printed" if said else "unread"
        told = speaker(f"page.letter.{key}", value=said, pages=wrote.get("pages", ""))
        rows.append(Row(speaker("page.letter.number"), told))
    day = dict(date.parameters)["date"] if date is not None else _day_and_month(wrote, speaker)
    if day or "pages" in wrote:
        key = "written" if {"day", "month"} & wrote.keys() else "printed" if day else "unread"
        told = speaker(f"page.letter.{key}", value=day, pages=wrote.get("pages", ""))
        doubt = any(_of(report, code) is not None for code in DATE_DOUBTS)
        rows.append(Row(speaker("page.letter.date"), told, Tone.WARN if doubt else None))
    return rows


def _wrote(report: ValidationReport) -> dict[str, str]:
    """What is told of the clerk's writing: number, day, month, year, its page, the pages of what cannot be read."""
    told = [finding for finding in report.findings if finding.code.startswith(_WROTE)]
    return {key: value for finding in told for key, value in finding.parameters}


def _day_and_month(wrote: dict[str, str], speaker: Speaker) -> str:
    known = [key for key in ("day", "month") if key in wrote]
    return speaker(f"page.letter.{'-'.join(known)}", **wrote) if known else ""


def _people(judged: Sequence[SignatureVerdict], role: Role, label: str, speaker: Speaker) -> Row:
    """Who of these signed; the weakest answer colours the row."""
    lines = [_named(verdict, speaker) for verdict in judged if role_of(verdict) is role]
    if not lines:
        return Row(speaker(f"page.letter.{label}"), speaker("page.letter.nobody"))
    worst = max((line.tone for line in lines), key=lambda tone: tone.weight)
    return Row(speaker(f"page.letter.{label}"), "; ".join(dict.fromkeys(line.text for line in lines)), worst)


def _named(verdict: SignatureVerdict, speaker: Speaker) -> Line:
    """Who signed, with the unit where the name counts; plain, where the signature has not passed."""
    line, signer = who(verdict, speaker), verdict.facts.signer
    if signer is None or line.tone is not Tone.OK:
        return line
    unit = ", ".join(signer.units) or signer.body
    text = speaker("page.answer.who-of", signer=signer.called, organization=unit) if unit else signer.called
    return Line(Tone.OK if verdict.indication is Indication.TOTAL_PASSED else Tone.IDLE, text)


def _agency(judged: Sequence[SignatureVerdict], label: str, speaker: Speaker) -> Row:
    """Which agency signed, and how often: one errand of its clerk, not so many signers."""
    ours = [verdict for verdict in judged if role_of(verdict) is Role.AGENCY]
    if not ours:
        return Row(speaker(f"page.letter.{label}"), speaker("page.letter.no-agency"))
    names = "; ".join(dict.fromkeys(speaker.name(verdict.facts) for verdict in ours))
    tone = max((_named(verdict, speaker).tone for verdict in ours), key=lambda tone: tone.weight)
    told = names if len(ours) == 1 else speaker("page.letter.of-agency", agency=names, count=len(ours))
    return Row(speaker(f"page.letter.{label}"), told, tone)


def _time(judged: Sequence[SignatureVerdict], speaker: Speaker) -> Row:
    """When the letter was issued: the last of its agency's signatures, else the last of all."""
    ours = [verdict for verdict in judged if role_of(verdict) is Role.AGENCY] or list(judged)
    facts: SignatureFacts = ours[-1].facts
    label = speaker("page.letter.time" if role_of(ours[-1]) is Role.AGENCY else "page.letter.time-signed")
    if facts.best_signature_time is not None and not facts.proven_by_receipt:
        proven = say_second(facts.best_signature_time, speaker.language)
        return Row(label, speaker("page.letter.proven", time=proven))
    if facts.claimed_signing_time is not None:
        return Row(label, speaker("page.letter.claimed", time=say_second(facts.claimed_signing_time, speaker.language)))
    return Row(label, speaker("page.row.time-unknown"))
