"""An officer's pages: sign in, drop a paper, read the report."""

from __future__ import annotations

import math
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from api import current
from api.access import Rule, access
from api.actions import check_result, compare_with_signed, dossiers, identities, verify_document
from api.actions.recording import shown_name
from api.actions.verify_document import StoredVerification, Upload
from api.authentication import end_session, identify, session_token, start_session
from api.callers import Caller
from api.dossiers.outcomes import Applicant
from api.errors import Kind, RequestError
from api.file_answers import UNKNOWN_BYTES, download
from api.observability import metrics
from api.pages.citizen import TONES
from api.pages.language import page_language
from api.pages.letter_view import page_of_head
from api.pages.local_time import say_date, say_minute
from api.pages.next_step import Case, headline_in_case
from api.pages.report_page import ReportPage, report_page
from api.pages.report_view import Speaker
from api.pages.site import say_size
from api.pages.viewer import Comparison, Viewer, addresses_of, changed_signature, sheet_of, viewer_of
from api.problems import ProblemDocument
from api.refused import RefusalKind, Refused
from verifier.report import DocumentFormat

RECENT = 10
"""Papers listed under the desk's form."""
TOGETHER = 10
"""Papers of one form: a dossier's, each checked in turn while the officer waits; the list shows them all."""

PICTURE_PX = 1000
LARGE_PICTURE_PX = 2000
PICTURE_KEPT_S = 3600

blueprint = Blueprint("officer", __name__)


def _speaker() -> Speaker:
    return Speaker(current.texts(), page_language())


# --- signing in and out ------------------------------------------------------------------------------------------


@blueprint.get("/dang-nhap")
@access(Rule.PUBLIC)
def sign_in_form() -> ResponseReturnValue:
    """Ask for name and password."""
    return _sign_in_page(after=request.args.get("next", ""))


@blueprint.post("/dang-nhap")
@access(Rule.LIMITED)
def sign_in() -> ResponseReturnValue:
    """Open a session and go where the officer wanted to go."""
    name, password = request.form.get("name", ""), request.form.get("password", "")
    after = _local_path(request.form.get("next", ""))
    speaker = _speaker()
    try:
        session = identities.sign_in(current.services(), name, password, request.remote_addr or "unknown")
    except Refused as refused:
        if refused.kind is not RefusalKind.SIGN_IN_THROTTLED:
            raise
        minutes = math.ceil((refused.retry_after_s or 60) / 60)
        message = speaker("page.sign-in.throttled", minutes=minutes)
        response = _sign_in_page(message=message, name=name, after=after, failed=True, status=429)
        response.headers["Retry-After"] = str(refused.retry_after_s or 60)
        return response
    if session is None:
        return _sign_in_page(message=speaker("page.sign-in.failed"), name=name, after=after, failed=True, status=401)
    return start_session(make_response(redirect(after or url_for("officer.desk"), 303)), session)


@blueprint.post("/dang-xuat")
@access(Rule.OFFICER)
def sign_out() -> ResponseReturnValue:
    """End the session."""
    return end_session(make_response(redirect(url_for("officer.sign_in"), 303)))


def _sign_in_page(
    *, message: str = "", name: str = "", after: str = "", failed: bool = False, status: int = 200
) -> Response:
    tone = "warn" if failed else "idle"
    values = {"message": message, "name": name, "next": _local_path(after), "failed": failed, "tone": tone}
    return make_response(render_template("sign_in.html", **values), status)


def _local_path(text: str) -> str:
    """A path of this site, else nothing: a sign-in must not send anybody elsewhere (CWE-601)."""
    fine = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if fine else ""


# --- the desk ----------------------------------------------------------------------------------------------------


@blueprint.get("/can-bo")
@access(Rule.OFFICER)
def desk() -> ResponseReturnValue:
    """Drop a paper; what was checked lately stands below."""
    return _desk_page()


@blueprint.post("/can-bo/kiem-tra")
@access(Rule.OFFICER)
def check_document() -> ResponseReturnValue:
    """Check the dropped papers: one is shown at once, several stand first in the list of the desk."""
    parts, dossier = _given(), request.form.get("dossier", "").strip()
    if not parts:
        return _desk_page("page.desk.missing", dossier=dossier, status=400)
    if len(parts) > TOGETHER:
        return _desk_page("page.desk.too-many", dossier=dossier, status=400)
    try:
        checked = [_checked(part, dossier or None) for part in parts]
    except Refused as refused:
        if refused.kind is RefusalKind.UNKNOWN_DOSSIER:
            return _desk_page("page.desk.unknown-dossier", dossier=dossier, dossier_wrong=True, status=404)
        if refused.kind is RefusalKind.UPLOAD_TOO_LARGE:
            return _desk_page("page.desk.too-large", dossier=dossier, status=413)
        raise
    if len(checked) > 1:
        return redirect(url_for("officer.desk", _anchor="gan-day"), 303)
    return redirect(url_for("officer.report", verification_id=checked[0].id), 303)


def _given() -> list[FileStorage]:
    """The files of the form, in their order; a browser sends a nameless part where none was chosen."""
    return [part for part in request.files.getlist("file") if part.filename]


def _checked(part: FileStorage, dossier: str | None) -> StoredVerification:
    upload = Upload(part.stream.read(), shown_name(part.filename or ""))
    stored = verify_document.verify_upload(current.services(), current.caller(), upload, dossier=dossier)
    metrics().judged(stored.report.conclusion)
    return stored


def _desk_page(
    message: str = "", *, dossier: str = "", dossier_wrong: bool = False, status: int = 200
) -> ResponseReturnValue:
    speaker = _speaker()
    limit = say_size(current.services().settings.max_upload_bytes)
    newest = verify_document.list_verifications(current.services(), current.caller(), limit=RECENT)
    values: dict[str, Any] = {
        "message": speaker(message, code=dossier, limit=limit, most=TOGETHER) if message else "",
        "most": TOGETHER,
        "dossier": dossier,
        "dossier_wrong": dossier_wrong,
        "recent": [_recent(stored, speaker) for stored in newest],
    }
    return render_template("desk.html", **values), status


def _recent(stored: StoredVerification, speaker: Speaker) -> dict[str, object]:
    found = headline_in_case(stored.report, None, speaker)
    return {
        "id": stored.id,
        "file": stored.filename or speaker("page.unnamed-file"),
        "tone": found.tone.value,
        "conclusion": found.title,
        "at": stored.created_at,
        "time": say_minute(stored.created_at, speaker.language),
    }


# --- the report --------------------------------------------------------------------------------------------------


@blueprint.get("/can-bo/kiem-tra/<verification_id>")
@access(Rule.OFFICER)
def report(verification_id: str) -> ResponseReturnValue:
    """One paper's report: the weakest finding first, what to do, the pages as pictures."""
    services, caller = current.services(), current.caller()
    stored = verify_document.get_verification(services, caller, verification_id)
    speaker = _speaker()
    page: ReportPage = report_page(stored, _case(stored), speaker)
    issued = _issued(stored, speaker)
    return render_template("report.html", page=page, viewer=_viewer(stored, speaker), id=stored.id, issued=issued)


def _issued(stored: StoredVerification, speaker: Speaker) -> dict[str, str] | None:
    """What the register says of the file now, where it is a result of this installation; else None.

    The signatures of a withdrawn result are as valid as ever: the report alone would not tell.
    """
    answer = check_result.public_by_digest(current.services(), stored.document_sha256)
    if answer.result is None:
        return None
    until = answer.result.valid_until
    values = {
        "agency": answer.result.agency,
        "valid_until": "" if until is None else say_date(until, speaker.language),
    }
    code = f"page.result.file-{answer.state.value}"
    text = speaker(f"{code}.text", **values)
    if answer.result.earlier_version:
        text = f"{text} {speaker('page.result.earlier-version')}"
    return {"tone": TONES[answer.state].value, "title": speaker(f"{code}.title", **values), "text": text}


def _case(stored: StoredVerification) -> Case | None:
    """The dossier in which the paper is judged, where one was named that the officer may see."""
    if stored.dossier is None:
        return None
    services = current.services()
    seen = dossiers.find_case(services, current.caller(), stored.dossier, stored)
    if seen is None:
        return None
    data = seen.data
    return Case(
        dossier=stored.dossier,
        procedure=data.procedure_name,
        regulation=services.profiles[data.regulation].name,
        applicant=Applicant(data.applicant_name, data.applicant_cccd, data.applicant_mst),
        outcome=seen.outcome,
        register=seen.register,
    )


def _viewer(stored: StoredVerification, speaker: Speaker) -> Viewer | None:
    asked = request.args.get("trang", "")
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else None
    pages = stored.report.pages if stored.report.format in (DocumentFormat.PDF, DocumentFormat.CMS) else None
    if not pages:
        return None
    compared = _comparison(stored, speaker)
    if wanted is None and compared is None:
        wanted = page_of_head(stored.report)
    comparison, end = (None, 0) if compared is None else compared
    viewed = url_for("officer.page_picture", verification_id=stored.id, number=0)
    signed = url_for("officer.signed_picture", verification_id=stored.id, revision_end=end, number=0)
    return viewer_of(pages, wanted, comparison, addresses_of(viewed, signed), speaker)


def _comparison(stored: StoredVerification, speaker: Speaker) -> tuple[Comparison, int] | None:
    """The signed version beside the seen one, where something was changed after signing."""
    changed = changed_signature(stored.report)
    if changed is None:
        return None
    version = compare_with_signed.signed_version(current.services(), current.caller(), stored.id, changed)
    if version is None:
        return None
    about = speaker.about(stored.report.verdicts[changed].facts)
    sheets = {
        difference.page + 1: sheet_of(size, difference.boxes)
        for difference, size in zip(version.differences, version.sizes, strict=True)
    }
    signer = speaker("page.viewer.signed-by", **about)
    return Comparison(signer, version.signed_pages, version.viewed_pages, sheets), version.revision_end


@blueprint.get("/can-bo/kiem-tra/<verification_id>/tep")
@access(Rule.OFFICER)
def document(verification_id: str) -> ResponseReturnValue:
    """The paper itself, always as a download: a browser must not run what a stranger sent."""
    name, data = verify_document.verification_document(current.services(), current.caller(), verification_id)
    return download(data, UNKNOWN_BYTES, name or "giay-to.pdf")


@blueprint.get("/can-bo/kiem-tra/<verification_id>/trang/<int:number>.png")
@access(Rule.OFFICER)
def page_picture(verification_id: str, number: int) -> ResponseReturnValue:
    """One page of the paper as it is seen now."""
    pages = range(number - 1, number)
    drawn = verify_document.page_pictures(current.services(), current.caller(), verification_id, pages, _width())
    return _picture(drawn[0] if drawn else None)


@blueprint.get("/can-bo/kiem-tra/<verification_id>/ban-da-ky/<int:revision_end>/<int:number>.png")
@access(Rule.OFFICER)
def signed_picture(verification_id: str, revision_end: int, number: int) -> ResponseReturnValue:
    """One page of the version that was signed: the file's first ``revision_end`` bytes."""
    services, caller = current.services(), current.caller()
    return _picture(
        compare_with_signed.signed_page_picture(services, caller, verification_id, revision_end, number - 1, _width())
    )


def _width() -> int:
    return LARGE_PICTURE_PX if request.args.get("lon") == "1" else PICTURE_PX


def _picture(drawn: bytes | None) -> ResponseReturnValue:
    if drawn is None:
        raise Refused(RefusalKind.UNKNOWN_VERIFICATION)
    response = Response(drawn, mimetype="image/png")
    response.headers["Cache-Control"] = f"private, max-age={PICTURE_KEPT_S}"
    return response


# --- when a request fails ----------------------------------------------------------------------------------------


def error_page(problem: ProblemDocument) -> Response:
    """What a browser is shown instead of a problem document; whoever must sign in gets the form at once."""
    speaker = _speaker()
    if problem.kind is Kind.AUTHENTICATION_REQUIRED:
        after = request.full_path.rstrip("?") if request.method == "GET" else url_for("officer.desk")
        return _sign_in_page(message=speaker("page.sign-in.needed"), after=after)
    if problem.kind is Kind.FORM_EXPIRED:
        return _sign_in_page(message=speaker("page.sign-in.form-expired"), after=url_for("officer.desk"))
    busy = problem.kind is Kind.BUSY
    title, detail = problem.title(speaker.language), problem.detail(speaker.language)
    if busy:
        detail = speaker("page.busy.sent" if request.method == "POST" else "page.busy.asked")
    visitor = current.maybe_caller() or (_signed_in() if problem.kind is Kind.NOT_FOUND else None)
    values = {"title": title, "detail": detail, "incident": problem.incident, "busy": busy, "caller": visitor}
    return make_response(render_template("error.html", **values))


def _signed_in() -> Caller | None:
    """Who is signed in, at an address that is no route: an officer stays in the officers' frame."""
    try:
        return identify() if session_token() else None
    except RequestError:
        return None
