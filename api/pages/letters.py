"""The clerk's page: letters that the leader has signed, issued with one click each, or returned with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from api import current
from api.access import Rule, access
from api.actions import letters, numbers
from api.actions.letters import Issued, Letter
from api.actions.numbers import ShownSeries
from api.callers import Right
from api.dossiers.letter import LetterState
from api.dossiers.numbering import printed_number
from api.errors import Kind
from api.file_answers import UNKNOWN_BYTES, download
from api.pages.agency_names import agency_name, signatory_name
from api.pages.language import page_language
from api.pages.local_time import say_date, say_minute
from api.pages.report_view import Speaker
from api.problems import describe, reason_in_words
from api.refused import Refused

blueprint = Blueprint("letter-pages", __name__)


@dataclass(frozen=True)
class Line:
    """What became of the last act: a tone (ok, warn), words, and the result's code where there is one."""

    tone: str
    words: str
    code: str | None = None


@blueprint.app_context_processor
def _navigation() -> dict[str, bool]:
    """The pages are in the navigation only where an agency numbers its letters here."""
    sealing = current.services().sealing
    return {"letters_numbered": sealing is not None and any(agency.series for agency in sealing.agencies.values())}


@blueprint.get("/can-bo/van-ban-di")
@access(Rule.OFFICER)
def waiting() -> ResponseReturnValue:
    """What waits, and the registers."""
    return _page()


@blueprint.post("/can-bo/van-ban-di/<letter_id>/phat-hanh")
@access(Rule.OFFICER)
def issue(letter_id: str) -> ResponseReturnValue:
    """Number, date and seal, with one click."""
    speaker = _speaker()
    try:
        done = letters.issue(current.services(), current.caller(), letter_id)
    except Refused as refused:
        return _page(Line("warn", words_of(refused, speaker)))
    return _page(_outcome(done, speaker))


@blueprint.post("/can-bo/van-ban-di/<letter_id>/tra-lai")
@access(Rule.OFFICER)
def send_back(letter_id: str) -> ResponseReturnValue:
    """Back to whoever ordered it, with a reason."""
    speaker, reason = _speaker(), request.form.get("reason", "").strip()
    if not reason:
        return _page(Line("warn", speaker("page.outgoing.reason-missing")), status=400)
    try:
        returned = letters.send_back(current.services(), current.caller(), letter_id, reason)
    except Refused as refused:
        return _page(Line("warn", words_of(refused, speaker)))
    return _page(Line("ok", speaker("page.outgoing.returned", title=returned.title)))


@blueprint.get("/can-bo/van-ban-di/<letter_id>/tep")
@access(Rule.OFFICER)
def document(letter_id: str) -> ResponseReturnValue:
    """What the leader signed, as a download."""
    name, data = letters.letter_document(current.services(), current.caller(), letter_id)
    return download(data, UNKNOWN_BYTES, name)


def words_of(refused: Refused, speaker: Speaker) -> str:
    """A refusal as the officer reads it."""
    values = dict(refused.parameters)
    if refused.retry_after_s is not None:
        values.setdefault("seconds", str(refused.retry_after_s))
    if "refusal" in values:
        vi, en = reason_in_words(refused.kind.value, values, current.texts())
        return en if speaker.language == "en" else vi
    return describe(Kind(refused.kind.value), values, current.texts()).detail(speaker.language)


def _outcome(done: Issued, speaker: Speaker) -> Line:
    letter = done.letter
    if done.refusal is not None:
        told = words_of(done.refusal, speaker)
        if letter.number is None:
            return Line("warn", speaker("page.outgoing.not-issued", explanation=told))
        return Line("warn", speaker("page.outgoing.kept", number=letter.number, explanation=told))
    if letter.state is not LetterState.ISSUED or letter.number is None or letter.dated_on is None:
        return Line("ok", speaker("page.outgoing.called"))
    day = say_date(letter.dated_on, speaker.language)
    return Line("ok", speaker("page.outgoing.issued", number=letter.number, day=day), letter.result_code)


def _speaker() -> Speaker:
    return Speaker(current.texts(), page_language())


def _page(line: Line | None = None, *, status: int = 200) -> ResponseReturnValue:
    speaker, services, caller = _speaker(), current.services(), current.caller()
    series = numbers.list_series(services, caller)
    found = letters.waiting(services, caller)
    values = {
        "line": line,
        "may": Right.KEEP_NUMBERS in caller.rights,
        "waiting": [_row(letter, series, speaker) for letter in found],
        "series": [_series(one, speaker) for one in series],
    }
    return render_template("letters.html", **values), status


def _row(letter: Letter, series: list[ShownSeries], speaker: Speaker) -> dict[str, object]:
    mine = next((one for one in series if (one.agency, one.id) == (letter.agency, letter.series)), None)
    return {
        "id": letter.id,
        "title": letter.title,
        "holder": letter.holder_name,
        "dossier": letter.dossier,
        "agency": agency_name(letter.agency),
        "series": "" if mine is None else mine.name,
        "signed": speaker(
            "page.outgoing.signed",
            name=signatory_name(letter.agency, letter.signatory),
            time=say_minute(letter.signed_at, speaker.language),
        ),
        "kept": letter.number,
    }


def _series(one: ShownSeries, speaker: Speaker) -> dict[str, object]:
    coming = speaker("page.register.of-portal")
    if one.next_number is not None:
        coming = speaker("page.register.next", number=printed_number(one.next_number))
    return {
        "agency": one.agency,
        "agency_name": one.agency_name,
        "id": one.id,
        "name": one.name,
        "signs": ", ".join(one.signs),
        "coming": coming,
        "years": one.years,
    }
