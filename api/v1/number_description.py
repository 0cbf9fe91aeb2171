"""What the OpenAPI description says of the registers of outgoing letters."""

from __future__ import annotations

from api.actions.numbers import MAX_ENTRIES
from api.errors import Kind
from api.v1.operations import ACCOUNT, BODY, Json, answer, created, json_of, operation_of, path, query

_AGENCY = path("agency", "Key of the agency", {"type": "string"})
_SERIES = path("series", "Key of the series", {"type": "string"})
_YEAR = path("year", "Year of the register", {"type": "integer", "minimum": 0})
_NUMBER = path("number", "The number", {"type": "integer", "minimum": 0})
_KNOWN = (*ACCOUNT, Kind.AGENCY_NOT_ALLOWED, Kind.UNKNOWN_SERIES, Kind.INVALID_REQUEST, Kind.NOT_FOUND)


def number_paths() -> Json:
    """Paths of the registers."""
    after = query("after", "Number of the last entry seen", {"type": "integer", "minimum": 0, "default": 0})
    limit = query("limit", "At most", {"type": "integer", "minimum": 1, "maximum": MAX_ENTRIES, "default": 100})
    return {
        "/v1/series": {
            "get": operation_of(
                "listSeries",
                "letters",
                "The series in which the caller's agencies number their letters (NĐ 30/2020 Đ.15.1)",
                {"200": answer("The series", "SeriesList")},
                ACCOUNT,
            )
        },
        "/v1/series/{agency}/{series}/{year}": {
            "get": operation_of(
                "getNumberRegister",
                "letters",
                "The register of outgoing letters of a series' year, with the numbers that nobody has explained",
                {"200": answer("A page of the register", "NumberRegister")},
                _KNOWN,
                parameters=(_AGENCY, _SERIES, _YEAR, after, limit),
            )
        },
        "/v1/series/{agency}/{series}/paper-numbers": {
            "post": operation_of(
                "recordPaperNumber",
                "letters",
                "Record a number that was used on paper: it is never given again; the same once more changes nothing",
                {"201": created("Recorded", "RegisterNumber")},
                (*_KNOWN, *BODY, Kind.RIGHT_MISSING, Kind.NUMBER_TAKEN),
                parameters=(_AGENCY, _SERIES),
                body=json_of("PaperNumberOrder"),
            )
        },
        "/v1/series/{agency}/{series}/{year}/{number}/void": {
            "post": operation_of(
                "voidNumber",
                "letters",
                "Void a number with a reason; it is never given again, and its letter waits for another one",
                {"200": answer("The number as it is now", "RegisterNumber")},
                (*_KNOWN, *BODY, Kind.RIGHT_MISSING, Kind.UNKNOWN_NUMBER, Kind.NUMBER_NOT_VOIDABLE),
                parameters=(_AGENCY, _SERIES, _YEAR, _NUMBER),
                body=json_of("VoidOrder"),
            )
        },
    }
