"""The registers of outgoing letters: series, numbers, numbers used on paper, voids."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, jsonify

from api import current
from api.access import Rule, access
from api.actions import numbers
from api.actions.numbers import PaperNumber, RegisterPage, ShownSeries
from api.dossiers.numbering import paper_number
from api.report_json import time_to_json
from api.storage.numbers import NumberRow
from api.v1.reading import day_of, json_body, query_number

blueprint = Blueprint("v1-series", __name__, url_prefix="/v1/series")

Json = dict[str, Any]


@blueprint.get("")
@access(Rule.STAFF)
def show_all() -> Response:
    """The series of the caller's agencies."""
    found = numbers.list_series(current.services(), current.caller())
    return jsonify({"series": [_series_to_json(one) for one in found]})


@blueprint.get("/<agency>/<series>/<int:year>")
@access(Rule.STAFF)
def register(agency: str, series: str, year: int) -> Response:
    """A page of a register."""
    after = query_number("after", 0, least=0, most=2**31 - 1)
    limit = query_number("limit", 100, least=1, most=numbers.MAX_ENTRIES)
    page = numbers.read_register(current.services(), current.caller(), agency, series, year, after, limit)
    return jsonify(_page_to_json(page))


@blueprint.post("/<agency>/<series>/paper-numbers")
@access(Rule.STAFF)
def record_paper(agency: str, series: str) -> tuple[Response, int, dict[str, str]]:
    """Record a number that was used on paper."""
    body = json_body("PaperNumberOrder")
    paper = PaperNumber(
        agency=agency,
        series=series,
        number=body["number"],
        sign=body.get("sign"),
        dated_on=day_of(body, "dated_on"),
        title=body["title"],
        recipient=body.get("recipient", ""),
        signatory=body.get("signatory", ""),
        meant=body.get("meant", False),
    )
    row = numbers.record_paper_number(current.services(), current.caller(), paper)
    where = f"/v1/series/{quote(agency, safe='')}/{quote(series, safe='')}/{row.year}?after={row.number - 1}&limit=1"
    return jsonify(number_to_json(row)), 201, {"Location": where}


@blueprint.post("/<agency>/<series>/<int:year>/<int:number>/void")
@access(Rule.STAFF)
def void(agency: str, series: str, year: int, number: int) -> Response:
    """Void a number with a reason."""
    reason = json_body("VoidOrder")["reason"]
    services, caller = current.services(), current.caller()
    return jsonify(number_to_json(numbers.void_number(services, caller, agency, series, year, number, reason)))


def number_to_json(row: NumberRow) -> Json:
    """A number as everybody with an account of its agency sees it."""
    return {
        "agency": row.agency,
        "series": row.series,
        "year": row.year,
        "number": row.number,
        "sign": row.sign,
        "paper_number": paper_number(row.number, row.sign),
        "state": row.state.value,
        "origin": row.origin.value,
        "dated_on": None if row.dated_on is None else row.dated_on.isoformat(),
        "title": row.title,
        "recipient": row.recipient,
        "signatory": row.signatory,
        "dossier": row.dossier,
        "result_code": row.result_code,
        "given_at": time_to_json(row.given_at),
        "given_by": row.given_by,
        "voided_at": time_to_json(row.voided_at),
        "voided_by": row.voided_by,
        "void_reason": row.void_reason,
    }


def _series_to_json(series: ShownSeries) -> Json:
    return {**vars(series), "signs": list(series.signs), "years": list(series.years)}


def _page_to_json(page: RegisterPage) -> Json:
    return {
        "series": _series_to_json(page.series),
        "year": page.year,
        "first_number": page.first_number,
        "last_number": page.last_number,
        "entries": [number_to_json(row) for row in page.entries],
        "gaps": [{"from": first, "to": last} for first, last in page.gaps],
        "next_after": page.next_after,
    }
