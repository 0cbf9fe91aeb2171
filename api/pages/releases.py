"""The second person's page: papers that wait to be sealed, released one by one or as a list, or refused."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from api import current
from api.access import Rule, access
from api.actions import releases
from api.actions.releases import Release
from api.callers import Right
from api.errors import Kind
from api.file_answers import UNKNOWN_BYTES, download
from api.pages.language import page_language
from api.pages.local_time import say_date, say_minute
from api.pages.report_view import Speaker
from api.problems import describe
from api.refused import Refused

blueprint = Blueprint("release-pages", __name__)


@dataclass(frozen=True)
class _Line:
    """What became of one paper of the last decision: its number, a tone (ok, warn), words."""

    number: str
    tone: str
    words: str


@blueprint.app_context_processor
def _navigation() -> dict[str, bool]:
    """The page is in the navigation only where an agency asks for two people."""
    sealing = current.services().sealing
    asked = sealing is not None and any(agency.release_within is not None for agency in sealing.agencies.values())
    return {"releases_asked": asked}


@blueprint.get("/can-bo/duyet-dong-dau")
@access(Rule.OFFICER)
def waiting() -> ResponseReturnValue:
    """What waits."""
    return _page()


@blueprint.post("/can-bo/duyet-dong-dau")
@access(Rule.OFFICER)
def decide() -> ResponseReturnValue:
    """Release the chosen papers, or the whole list as it was shown, or refuse the chosen ones; one outcome for each."""
    action = request.form.get("action", "")
    shown = request.form.getlist("shown")
    chosen = shown if action == "release-all" else [one for one in request.form.getlist("chosen") if one in shown]
    reason = request.form.get("reason", "").strip()
    if not chosen or action not in ("release", "release-all", "refuse"):
        return _page("page.release.nothing-chosen", status=400)
    if action == "refuse" and not reason:
        return _page("page.release.reason-missing", chosen=chosen, status=400)
    speaker = Speaker(current.texts(), page_language())
    return _page(lines=[_outcome(one, action, reason, speaker) for one in chosen[: releases.MAX_LISTED]])


@blueprint.get("/can-bo/duyet-dong-dau/<release_id>/tep")
@access(Rule.OFFICER)
def document(release_id: str) -> ResponseReturnValue:
    """The paper itself, as a download."""
    name, data = releases.release_document(current.services(), current.caller(), release_id)
    return download(data, UNKNOWN_BYTES, name)


def _outcome(release_id: str, action: str, reason: str, speaker: Speaker) -> _Line:
    services, caller = current.services(), current.caller()
    number = "–"
    try:
        number = releases.get_release(services, caller, release_id).number or number
        if action == "refuse":
            releases.refuse(services, caller, release_id, reason)
            return _Line(number, "ok", speaker("page.release.refused"))
        done = releases.release(services, caller, release_id)
    except Refused as refused:
        return _Line(number, "warn", _words(refused, speaker))
    if done.result_code is not None:
        return _Line(number, "ok", speaker("page.release.sealed", code=done.result_code))
    if done.refusal is not None:
        return _Line(number, "warn", speaker("page.release.not-sealed", explanation=_words(done.refusal, speaker)))
    return _Line(number, "ok", speaker("page.release.released"))


def _words(refused: Refused, speaker: Speaker) -> str:
    values = dict(refused.parameters)
    if refused.retry_after_s is not None:
        values.setdefault("seconds", str(refused.retry_after_s))
    return describe(Kind(refused.kind.value), values, current.texts()).detail(speaker.language)


def _page(
    message: str = "", *, lines: list[_Line] | None = None, chosen: list[str] | None = None, status: int = 200
) -> ResponseReturnValue:
    speaker = Speaker(current.texts(), page_language())
    caller = current.caller()
    found = releases.waiting(current.services(), caller)
    values = {
        "message": speaker(message) if message else "",
        "lines": lines or [],
        "chosen": chosen or [],
        "may": Right.RELEASE_SEALS in caller.rights,
        "waiting": [_row(release, speaker) for release in found],
    }
    return render_template("releases.html", **values), status


def _facts(release: Release, speaker: Speaker) -> str:
    """What the register will say of the paper, and that it is to be a copy: the paper itself need not say it."""
    until = release.valid_until
    limit = speaker("page.result.no-limit") if until is None else say_date(until, speaker.language)
    dated = release.issued_on
    issued = speaker("page.letter.at-issue") if dated is None else say_date(dated, speaker.language)
    said = [
        f"{speaker('page.results.issued-on')}: {issued}",
        f"{speaker('page.results.valid-until')}: {limit}",
    ]
    if release.attachment_of is not None:
        said.insert(0, speaker("page.result.attachment", main=release.attachment_of))
    if release.copy_form is not None:
        said.insert(0, speaker(f"seal.copy.{release.copy_form}"))
    return " · ".join(said)


def _row(release: Release, speaker: Speaker) -> dict[str, object]:
    sealing = current.services().sealing
    agency = None if sealing is None else sealing.agencies.get(release.agency)
    named = "" if agency is None else next((p.name for p in agency.signatories if p.id == release.signatory), "")
    return {
        "id": release.id,
        "number": release.number or speaker("page.letter.no-number"),
        "title": release.title,
        "holder": release.holder_name,
        "dossier": release.dossier,
        "facts": _facts(release, speaker),
        "agency": release.agency if agency is None else agency.name,
        "signatory": named or release.signatory,
        "until": say_minute(release.expires_at, speaker.language),
        "expires_at": release.expires_at,
        "own": release.own,
    }
