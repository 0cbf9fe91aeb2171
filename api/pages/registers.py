"""The register of outgoing letters as a page: the year's numbers, what nobody explained, paper numbers, voids.

Its columns are those of the form in NĐ 30/2020 Phụ lục IV (sổ đăng ký văn bản đi) that an electronic letter can have.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from api import current
from api.access import Rule, access
from api.actions import numbers
from api.actions.numbers import PaperNumber, RegisterPage
from api.callers import Right
from api.dossiers.numbering import NumberState, paper_number
from api.errors import PROBLEMS, Kind
from api.pages.agency_names import agency_name
from api.pages.language import page_language
from api.pages.letters import Line, words_of
from api.pages.local_time import say_date
from api.pages.report_view import Speaker
from api.refused import RefusalKind, Refused
from api.storage.numbers import NumberRow

blueprint = Blueprint("register-pages", __name__)

_GONE = (RefusalKind.UNKNOWN_SERIES, RefusalKind.AGENCY_NOT_ALLOWED)
FIELDS = ("number", "sign", "dated_on", "title", "recipient", "signatory", "meant")


@blueprint.get("/can-bo/so-van-ban/<agency>/<series>/<int:year>")
@access(Rule.OFFICER)
def register(agency: str, series: str, year: int) -> ResponseReturnValue:
    """A year's register."""
    return _page(agency, series, year)


@blueprint.post("/can-bo/so-van-ban/<agency>/<series>/<int:year>/so-giay")
@access(Rule.OFFICER)
def record_paper(agency: str, series: str, year: int) -> ResponseReturnValue:
    """A number that was used on paper."""
    speaker = Speaker(current.texts(), page_language())
    typed = {name: request.form.get(name, "").strip() for name in FIELDS}
    try:
        row = numbers.record_paper_number(current.services(), current.caller(), _paper(agency, series, typed))
    except Refused as refused:
        return _refused(refused, agency, series, year, typed)
    said = speaker("page.register.recorded", number=paper_number(row.number, row.sign))
    return _page(agency, series, row.year, Line("ok", said))


@blueprint.post("/can-bo/so-van-ban/<agency>/<series>/<int:year>/huy")
@access(Rule.OFFICER)
def void(agency: str, series: str, year: int) -> ResponseReturnValue:
    """A number that will not be used, with the reason."""
    speaker = Speaker(current.texts(), page_language())
    number, reason = request.form.get("number", ""), request.form.get("reason", "")
    digits = int(number) if number.isascii() and number.isdigit() and len(number) <= 6 else 0
    try:
        row = numbers.void_number(current.services(), current.caller(), agency, series, year, digits, reason)
    except Refused as refused:
        return _refused(refused, agency, series, year, {"void_number": number, "reason": reason})
    return _page(
        agency, series, year, Line("ok", speaker("page.register.voided", number=paper_number(row.number, row.sign)))
    )


def _paper(agency: str, series: str, typed: dict[str, str]) -> PaperNumber:
    number, dated = typed["number"], typed["dated_on"]
    try:
        dated_on = date.fromisoformat(dated)
    except ValueError as error:
        raise Refused(RefusalKind.INVALID_REQUEST, field="dated_on", reason="date") from error
    return PaperNumber(
        agency=agency,
        series=series,
        number=int(number) if number.isascii() and number.isdigit() and len(number) <= 6 else 0,
        sign=typed["sign"] or None,
        dated_on=dated_on,
        title=typed["title"],
        recipient=typed["recipient"],
        signatory=typed["signatory"],
        meant=typed["meant"] == "yes",
    )


def _refused(refused: Refused, agency: str, series: str, year: int, typed: dict[str, str]) -> ResponseReturnValue:
    """The page again, with what was typed and why it was not taken."""
    if refused.kind in _GONE:
        raise refused
    speaker = Speaker(current.texts(), page_language())
    values = typed | ({"far": "yes"} if refused.parameters.get("reason") == "far-ahead" else {})
    told = Line("warn", _words(refused, speaker))
    return _page(agency, series, year, told, values, PROBLEMS[Kind(refused.kind.value)].status)


def _words(refused: Refused, speaker: Speaker) -> str:
    """A member of the form is called as the form calls it."""
    field = refused.parameters.get("field")
    code = f"page.register.field-{field}"
    if field is not None and code in current.texts():
        refused.parameters["field"] = speaker(code)
    return words_of(refused, speaker)


def _page(
    agency: str,
    series: str,
    year: int,
    line: Line | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    services, caller = current.services(), current.caller()
    speaker = Speaker(current.texts(), page_language())
    page, rows = _whole(agency, series, year)
    names = numbers.names_of(services, {row.voided_by for row in rows if row.voided_by is not None})
    values = {
        "agency": agency,
        "agency_name": agency_name(agency),
        "series": page.series,
        "year": year,
        "line": line,
        "typed": typed or {},
        "may": Right.KEEP_NUMBERS in caller.rights,
        "rows": [_row(row, names, speaker) for row in rows],
        "gaps": [str(low) if low == high else f"{low}–{high}" for low, high in page.gaps],
        "first_gap": page.gaps[0][0] if page.gaps else "",
        "today": say_date(services.clock(), speaker.language),
    }
    return render_template("register.html", **values), status


def _whole(agency: str, series: str, year: int) -> tuple[RegisterPage, list[NumberRow]]:
    """The register with all its entries: it is printed as a whole."""
    services, caller = current.services(), current.caller()
    page = numbers.read_register(services, caller, agency, series, year)
    rows, after = list(page.entries), page.next_after
    while after is not None:
        more = numbers.read_register(services, caller, agency, series, year, after)
        rows += more.entries
        after = more.next_after
    return page, rows


def _row(row: NumberRow, names: Mapping[str, str], speaker: Speaker) -> dict[str, object]:
    notes = {
        NumberState.ISSUED: row.result_code or "",
        NumberState.GIVEN: speaker("page.register.kept-for", dossier=row.dossier or ""),
        NumberState.PAPER: speaker("number.state.paper"),
        NumberState.VOID: speaker(
            "page.register.void-note",
            reason=row.void_reason or "",
            day="" if row.voided_at is None else say_date(row.voided_at, speaker.language),
            who=names.get(row.voided_by or "", row.voided_by or ""),
        ),
    }
    return {
        "number": row.number,
        "paper_number": paper_number(row.number, row.sign),
        "day": "" if row.dated_on is None else say_date(row.dated_on, speaker.language),
        "title": row.title,
        "signatory": row.signatory,
        "recipient": row.recipient,
        "state": row.state.value,
        "note": notes[row.state],
        "result_code": row.result_code if row.state is NumberState.ISSUED else None,
        "voidable": row.state in (NumberState.GIVEN, NumberState.PAPER),
    }
