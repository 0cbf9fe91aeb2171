"""An officer's pages of scanned papers: is it a proper scan; is the copy the same as the original, and the decision."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from api import current
from api.access import Rule, access
from api.actions.check_scan import check_file
from api.actions.comparisons import ComparisonRecord, compare_pair, get_comparison, list_comparisons
from api.actions.reconciliation import decide
from api.actions.recording import shown_name
from api.actions.scan_files import Side, StoredPaper
from api.actions.verify_document import Upload
from api.pages.language import page_language
from api.pages.local_time import say_minute
from api.pages.report_view import Speaker
from api.pages.scan_view import OUTCOME_TONES, comparison_page, scan_page
from api.pages.site import say_size
from api.refused import RefusalKind, Refused
from verifier.scans.compare import Outcome

RECENT = 10
MAX_PAPER_DIGITS = 6

blueprint = Blueprint("scan-pages", __name__)

_MESSAGES = {
    RefusalKind.UNKNOWN_DOSSIER: ("page.desk.unknown-dossier", 404),
    RefusalKind.UNKNOWN_PAPER: ("page.compare.unknown-paper", 404),
    RefusalKind.UPLOAD_TOO_LARGE: ("page.desk.too-large", 413),
}


def _speaker() -> Speaker:
    return Speaker(current.texts(), page_language())


# --- comparison ---


@blueprint.get("/can-bo/doi-chieu")
@access(Rule.OFFICER)
def compare_form() -> ResponseReturnValue:
    """Choose a copy and its original; what was compared lately stands below."""
    given = {"dossier": "ho-so", "copy_paper": "ban-chup", "original_paper": "ban-chinh"}
    return _compare_page(values={name: request.args.get(key, "") for name, key in given.items()})


@blueprint.post("/can-bo/doi-chieu")
@access(Rule.OFFICER)
def compare() -> ResponseReturnValue:
    """Compare, keep the record, and show it under an address of its own."""
    values = {name: request.form.get(name, "").strip() for name in ("dossier", "copy_paper", "original_paper")}
    copy, original = _side("copy", values["copy_paper"]), _side("original", values["original_paper"])
    if isinstance(copy, str) or isinstance(original, str):
        return _compare_page(
            next(side for side in (copy, original) if isinstance(side, str)), values=values, status=400
        )
    by_number = isinstance(copy, StoredPaper) or isinstance(original, StoredPaper)
    if by_number and not values["dossier"]:
        return _compare_page("page.compare.needs-dossier", values=values, status=400)
    try:
        made = compare_pair(current.services(), current.caller(), copy, original, dossier=values["dossier"] or None)
    except Refused as refused:
        message, status = _MESSAGES.get(refused.kind, ("", 0))
        if not message:
            raise
        return _compare_page(message, values=values, status=status)
    return redirect(url_for("scan-pages.comparison", comparison_id=made.id), 303)


@blueprint.get("/can-bo/doi-chieu/<comparison_id>")
@access(Rule.OFFICER)
def comparison(comparison_id: str) -> ResponseReturnValue:
    """A comparison: the pair laid over each other, the boxes, the decision."""
    return _comparison_page(get_comparison(current.services(), current.caller(), comparison_id))


@blueprint.post("/can-bo/doi-chieu/<comparison_id>/ket-luan")
@access(Rule.OFFICER)
def add_decision(comparison_id: str) -> ResponseReturnValue:
    """Record the officer's decision."""
    said, note, seen = (request.form.get(name, "") for name in ("decision", "note", "after"))
    services, caller = current.services(), current.caller()
    if said not in set(Outcome) or not _is_number(seen):
        record = get_comparison(services, caller, comparison_id)
        return _comparison_page(record, "page.compare.choose-decision", note=note, status=400)
    try:
        decide(services, caller, comparison_id, Outcome(said), note, after=int(seen))
    except Refused as refused:
        message, status = _refused_decision(refused)
        record = get_comparison(services, caller, comparison_id)
        return _comparison_page(record, message, note=note, said=said, status=status)
    return redirect(url_for("scan-pages.comparison", comparison_id=comparison_id, _anchor="ket-luan-can-bo"), 303)


def _refused_decision(refused: Refused) -> tuple[str, int]:
    if refused.kind is RefusalKind.DECISION_MEANWHILE:
        return "page.compare.meanwhile", 409
    if refused.kind is not RefusalKind.INVALID_REQUEST:
        raise refused
    too_long = refused.parameters.get("reason") == "length"
    return ("page.compare.note-too-long" if too_long else "page.compare.note-required"), 400


def _comparison_page(
    record: ComparisonRecord, message: str = "", *, note: str = "", said: str = "", status: int = 200
) -> ResponseReturnValue:
    speaker = _speaker()
    asked = request.args.get("cap", "")
    address = url_for("v1-scans.picture", comparison_id=record.id, position=0, side="copy")
    address = address.removesuffix("0/copy.jpg") + "{position}/{side}.jpg"
    page = comparison_page(record, int(asked) if _is_number(asked) else None, address, speaker)
    values: dict[str, Any] = {"message": speaker(message) if message else "", "note": note, "said": said}
    outcomes = [(each.value, speaker(f"comparison.outcome.{each.value}")) for each in Outcome]
    return render_template("comparison.html", page=page, outcomes=outcomes, **values), status


def _compare_page(message: str = "", *, values: dict[str, str], status: int = 200) -> ResponseReturnValue:
    speaker = _speaker()
    recent = [
        {
            "id": record.id,
            "files": " ↔ ".join(
                name or speaker("page.unnamed-file") for name in (record.copy_name, record.original_name)
            ),
            "tone": OUTCOME_TONES[record.outcome].value,
            "outcome": speaker(f"comparison.outcome.{record.outcome.value}"),
            "state": _state(record, speaker),
            "at": record.created_at,
            "time": say_minute(record.created_at, speaker.language),
        }
        for record in list_comparisons(current.services(), current.caller(), RECENT)
    ]
    return render_template("compare.html", recent=recent, message=_said(message, values), values=values), status


def _state(record: ComparisonRecord, speaker: Speaker) -> str:
    if not record.decisions:
        return speaker("page.compare.recent-undecided")
    last = record.decisions[-1].decision.value
    return speaker("page.compare.recent-decided", decision=speaker(f"comparison.outcome.{last}").lower())


# --- check of a scan ---


@blueprint.get("/can-bo/ban-quet")
@access(Rule.OFFICER)
def scan_form() -> ResponseReturnValue:
    """Choose a scan."""
    return _scan_page(values={"dossier": request.args.get("ho-so", ""), "paper": request.args.get("giay-to", "")})


@blueprint.post("/can-bo/ban-quet")
@access(Rule.OFFICER)
def check_scan() -> ResponseReturnValue:
    """Check the scan and show the report above the form."""
    values = {name: request.form.get(name, "").strip() for name in ("dossier", "paper")}
    side = _side("file", values["paper"])
    if isinstance(side, str):
        message = "page.scan.missing" if side == "page.compare.missing" else side
        return _scan_page(message, values=values, status=400)
    if isinstance(side, StoredPaper) and not values["dossier"]:
        return _scan_page("page.compare.needs-dossier", values=values, status=400)
    try:
        found = check_file(current.services(), current.caller(), side, dossier=values["dossier"] or None)
    except Refused as refused:
        message, status = _MESSAGES.get(refused.kind, ("", 0))
        if not message:
            raise
        return _scan_page(message, values=values, status=status)
    return render_template("scan.html", page=scan_page(found, _speaker()), message="", values=values)


def _scan_page(message: str = "", *, values: dict[str, str], status: int = 200) -> ResponseReturnValue:
    return render_template("scan.html", page=None, message=_said(message, values), values=values), status


# --- both ---


def _said(message: str, values: dict[str, str]) -> str:
    limit = say_size(current.services().settings.max_upload_bytes)
    return _speaker()(message, code=values["dossier"], limit=limit) if message else ""


def _side(field: str, number: str) -> Side | str:
    """The file or the paper of one side; else the message that says what is wrong."""
    part = request.files.get(field)
    if part is not None and part.filename:
        return "page.compare.bad-number" if number else Upload(part.stream.read(), shown_name(part.filename))
    if not number:
        return "page.compare.missing"
    return StoredPaper(int(number)) if _is_number(number) else "page.compare.bad-number"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_PAPER_DIGITS
