"""The transfer note as a page to be printed, or sealed with the copy: Vietnamese."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from api import current
from api.access import Rule, access
from api.actions.transfer_notes import TransferNote, get_note
from api.file_answers import PDF, shown_file
from api.i18n.texts import Language
from api.pages.local_time import say_second
from api.pages.report_view import Speaker
from api.refused import RefusalKind, Refused
from signer.fonts import FontFiles
from signer.printed_report import Line, PrintedReport, Tone, print_report

blueprint = Blueprint("printed-note", __name__)

_TONES = {True: Tone.OK, False: Tone.BAD, None: Tone.WARN}
_WORDS = {True: "passed", False: "failed", None: "unknown"}


@blueprint.get("/v1/scans/checks/<check_id>/transfer-note.pdf")
@access(Rule.STAFF)
def note_pdf(check_id: str) -> ResponseReturnValue:
    """The note on paper."""
    note = get_note(current.services(), current.caller(), check_id)
    try:
        fonts = FontFiles.installed()
    except FileNotFoundError as error:
        raise Refused(RefusalKind.TEMPORARILY_UNAVAILABLE, detail="fonts") from error
    data = printed_note(note, Speaker(current.texts(), Language.VI), current.services().settings.public_url, fonts)
    return shown_file(data, PDF, f"phieu-chuyen-doi-{note.id}.pdf")


def printed_note(note: TransferNote, speaker: Speaker, service: str, fonts: FontFiles) -> bytes:
    """The note as PDF."""
    transfer = note.transfer
    paper = note.filename if note.paper_number is None else f"{note.paper_number}: {note.filename}"
    lines = [
        Line(speaker("page.note.title"), size=15, bold=True, centred=True),
        Line(speaker("page.print.service", service=service), size=10, centred=True),
        Line(note.dossier, speaker("page.print.dossier"), space_before=10, ruled=True),
        Line(paper, speaker("page.note.paper")),
        Line(str(note.pages), speaker("page.note.pages")),
        Line(note.document_sha256, "SHA-256"),
        Line(speaker(f"page.note.source.{transfer.source.value}"), speaker("page.note.scanned-from"), ruled=True),
        Line(transfer.scanned_by, speaker("page.note.scanned-by")),
        Line(say_second(transfer.scanned_at, speaker.language), speaker("page.note.scanned-at")),
        Line(transfer.device, speaker("page.note.device")),
        Line(note.noted_by or speaker("page.compare.portal"), speaker("page.note.noted-by")),
        Line(say_second(note.noted_at, speaker.language), speaker("page.note.noted-at")),
        Line(speaker("page.note.checks"), size=12, bold=True, space_before=10, ruled=True, keep=60),
        Line(say_second(note.checked_at, speaker.language), speaker("page.print.checked-at")),
    ]
    lines += [
        Line(
            speaker(f"page.note.{_WORDS[passed]}"), speaker(f"page.note.check.{requirement.value}"), tone=_TONES[passed]
        )
        for requirement, passed in note.passed.items()
    ]
    footer = [speaker("page.note.footer", note=note.id), speaker("page.note.digest", digest=note.record_sha256)]
    report = PrintedReport(speaker("page.note.title"), lines, footer, speaker.texts.say("page.print.page"))
    return print_report(report, fonts)
