"""Everything on an officer's report page but the pictures, in one value. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from api.actions.verify_document import StoredVerification
from api.pages.answers import Answer, three_answers
from api.pages.letter_view import LetterView, letter_view
from api.pages.local_time import say_minute
from api.pages.next_step import Case, NextStep, applicant_line, headline_in_case, next_step
from api.pages.report_view import SEVERITY_TONES, Headline, Line, Speaker, warnings
from api.pages.signature_cards import (
    CardGroup,
    Event,
    Row,
    card_groups,
    course_of_events,
    document_rows,
)
from api.pages.signed_view import SignedView, signed_view
from verifier.report import Finding, ValidationReport


@dataclass(frozen=True)
class ReportPage:
    """What the template shows, top to bottom."""

    title: str
    context: str
    dossier: str | None
    replaced_by: str | None
    headline: Headline
    answers: list[Answer]
    applicant: Line | None
    step: NextStep
    regulation: str | None
    retry: str | None
    letter: LetterView | None
    signed: SignedView | None
    notes: list[Line]
    events: list[Event]
    cards: list[CardGroup]
    technical: list[Row]


def report_page(stored: StoredVerification, case: Case | None, speaker: Speaker) -> ReportPage:
    """Put the page together."""
    report = stored.report
    file = stored.filename or speaker("page.unnamed-file")
    context = [speaker("page.report.context", file=file, time=say_minute(stored.created_at, speaker.language))]
    if report.pages:
        context.append(speaker("page.report.pages-count", count=report.pages))
    step = next_step(report, case, speaker, stored.filename)
    found = headline_in_case(report, case, speaker)
    return ReportPage(
        title=speaker("page.report.title", file=file),
        context=" · ".join(context),
        dossier=_dossier(case, speaker),
        replaced_by=stored.replaced_by,
        headline=found,
        answers=three_answers(report, speaker),
        applicant=applicant_line(report, case, speaker),
        step=step,
        regulation=_regulation(case, step, speaker),
        retry=_retry(stored, speaker),
        letter=letter_view(report, speaker),
        signed=signed_view(report, speaker),
        notes=[Line(SEVERITY_TONES[note.severity], speaker.finding(note)) for note in _notes(report, found, speaker)],
        events=course_of_events(report, speaker),
        cards=card_groups(report, speaker),
        technical=document_rows(report, speaker),
    )


def _notes(report: ValidationReport, found: Headline, speaker: Speaker) -> list[Finding]:
    """The warnings without what the headline says already."""
    said = {found.title, found.detail}
    return [note for note in warnings(report) if note.code != found.code and speaker.finding(note) not in said]


def _dossier(case: Case | None, speaker: Speaker) -> str | None:
    return None if case is None else speaker("page.report.dossier", code=case.dossier, procedure=case.procedure)


def _regulation(case: Case | None, step: NextStep, speaker: Speaker) -> str | None:
    if case is None or step.article is None:
        return None
    return speaker("page.report.by-article", regulation=case.regulation, article=step.article)


def _retry(stored: StoredVerification, speaker: Speaker) -> str | None:
    if stored.retry_at is None or stored.replaced_by is not None:
        return None
    return speaker("page.report.will-retry", time=say_minute(stored.retry_at, speaker.language))
